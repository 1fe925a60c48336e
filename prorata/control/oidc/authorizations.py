"""What a person gave an application when he signed in to it: a code, good once, and the refresh tokens after it.

A code that comes a second time, or a refresh token that was used before, is in the hands of a second party: then
everything that the authorization gave is revoked (RFC 6749, 10.5; RFC 9700, 4.14).
"""

import hmac
import re
import secrets
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, or_, select, update

from prorata.control.database import Database
from prorata.control.oidc.revocations import Revocations
from prorata.control.oidc.scopes import TokenScope, scopes_in, text_of
from prorata.control.oidc.tables import authorizations, refresh_tokens
from prorata.control.organizations.tables import organizations
from prorata.control.people.tables import people
from prorata.units.numbers import DAY_MS, Moment

CODE_LIFE_MS = 60_000
REFRESH_LIFE_MS = 30 * DAY_MS
"""of one refresh token, which gives the next"""
AUTHORIZATION_LIFE_MS = 180 * DAY_MS
"""how long refresh tokens follow each other before the person has to sign in again"""

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class BadGrant(Exception):
    """A code or refresh token that is unknown, expired, used, revoked, or somebody else's. The text is for the caller."""


class NewAuthorization(msgspec.Struct, frozen=True, kw_only=True):
    """`organization_id` None: the person is in none. `challenge`: PKCE, S256. `proved_at`: when he last proved who he is."""

    client_id: str
    person_id: int
    organization_id: int | None
    sign_in: str
    redirect: str
    scopes: frozenset[TokenScope]
    nonce: str
    challenge: str
    methods: tuple[str, ...]
    proved_at: Moment


class Authorization(msgspec.Struct, frozen=True, kw_only=True):
    """`organization_uuid` "": of a person who is in none."""

    uuid: str
    client_id: str
    person_id: int
    person_uuid: str
    organization_uuid: str
    sign_in: str
    scopes: frozenset[TokenScope]
    nonce: str
    methods: tuple[str, ...]
    proved_at: Moment
    created_at: Moment


class Authorizations:
    def __init__(self, database: Database, revocations: Revocations) -> None:
        self._database = database
        self._revocations = revocations

    def begin(self, new: NewAuthorization) -> str:
        """Write down what a person gives; return the code for it."""
        code = secrets.token_urlsafe(32)
        row = {
            **msgspec.structs.asdict(new), "digest": _digest(code), "uuid": str(uuid.uuid4()), "scopes": text_of(new.scopes),
            "methods": " ".join(new.methods), "created_at": self._database.now(), "redeemed_at": 0, "revoked_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(insert(authorizations).values(row))
        return code

    def redeem(self, code: str, *, client_id: str, redirect: str, verifier: str) -> Authorization:
        """Take a code, once. Raises `BadGrant`."""
        now = self._database.now()
        with self._database.writing() as connection:
            mine = authorizations.c.digest == _digest(code)
            row = connection.execute(_query().where(mine).with_for_update(of=authorizations)).mappings().first()
            if row is None or row["client_id"] != client_id:
                raise BadGrant("the code is unknown")
            replayed = row["redeemed_at"] > 0
            if replayed:
                self._revoke(connection, row)
            else:
                _check_code(row, redirect, verifier, now)
                connection.execute(update(authorizations).where(mine).values(redeemed_at=now))
        if replayed:
            self._revocations.load()
            raise BadGrant("the code was used before; what it gave is revoked")
        return _authorization_from(row)

    def issue_refresh(self, authorization: Authorization) -> str:
        """Return a refresh token, the first of an authorization."""
        token = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            number = select(authorizations.c.id).where(authorizations.c.uuid == authorization.uuid)
            self._add_refresh(connection, connection.execute(number).scalar_one(), token)
        return token

    def refresh(self, token: str, *, client_id: str, wanted: frozenset[TokenScope] | None = None) -> tuple[Authorization, str]:
        """Take a refresh token, once; return its authorization and the next token.

        Raises `BadGrant`; `UnknownScope`: one of the `wanted` was not given, and the token stays good.
        """
        now = self._database.now()
        following = secrets.token_urlsafe(32)
        with self._database.writing() as connection:
            query = _of_refresh(token).with_for_update(of=(authorizations, refresh_tokens))
            row = connection.execute(query).mappings().first()
            if row is None or row["client_id"] != client_id or row["revoked_at"]:
                raise BadGrant("the refresh token is unknown or revoked")
            reused = row["used_at"] > 0
            if reused:
                self._revoke(connection, row)
            else:
                if now >= row["expires_at"] or now >= row["created_at"] + AUTHORIZATION_LIFE_MS:
                    raise BadGrant("the refresh token has expired")
                if wanted is not None:
                    scopes_in(text_of(wanted), scopes_in(row["scopes"]))
                mine = refresh_tokens.c.digest == _digest(token)
                connection.execute(update(refresh_tokens).where(mine).values(used_at=now))
                self._add_refresh(connection, row["id"], following)
        if reused:
            self._revocations.load()
            raise BadGrant("the refresh token was used before; all that came of it is revoked")
        return _authorization_from(row), following

    def find_refresh(self, token: str) -> tuple[Authorization, Moment] | None:
        """Return the authorization of a refresh token that is good, and when it expires."""
        with self._database.reading() as connection:
            row = connection.execute(_of_refresh(token)).mappings().first()
        if row is None or row["revoked_at"] or row["used_at"] or self._database.now() >= row["expires_at"]:
            return None
        return _authorization_from(row), row["expires_at"]

    def revoke(self, authorization_uuid: str) -> None:
        """End everything that an authorization gave."""
        self._revoke_where(authorizations.c.uuid == authorization_uuid)

    def revoke_of_sign_in(self, sign_in: str) -> None:
        """The person has signed out: end what was given meanwhile, but for what may be used in his absence."""
        online = ~authorizations.c.scopes.contains(TokenScope.OFFLINE_ACCESS.value)
        self._revoke_where((authorizations.c.sign_in == sign_in) & online)

    def revoke_of_person(self, person_id: int, *, but: str = "") -> None:
        """End everything that a person gave, `but` for what he gave in one sign-in."""
        self._revoke_where((authorizations.c.person_id == person_id) & (authorizations.c.sign_in != but))

    def _revoke_where(self, which: ColumnElement[bool]) -> None:
        with self._database.writing() as connection:
            query = select(authorizations).where(which, authorizations.c.revoked_at == 0)
            for row in connection.execute(query).mappings().all():
                self._revoke(connection, row)
        self._revocations.load()

    def _revoke(self, connection: Connection, row: RowMapping) -> None:
        now = self._database.now()
        connection.execute(update(authorizations).where(authorizations.c.uuid == row["uuid"]).values(revoked_at=now))
        self._revocations.write(connection, row["uuid"])

    def _add_refresh(self, connection: Connection, number: int, token: str) -> None:
        now = self._database.now()
        row = {
            "digest": _digest(token), "authorization_id": number, "created_at": now, "expires_at": now + REFRESH_LIFE_MS,
            "used_at": 0,
        }  # fmt: skip
        connection.execute(insert(refresh_tokens).values(row))

    def sweep(self) -> None:
        """Forget authorizations of which nothing is good any more. A used refresh token is kept as long as it would be good."""
        now = self._database.now()
        alive = select(refresh_tokens.c.authorization_id).where(refresh_tokens.c.expires_at > now)
        old = (authorizations.c.created_at <= now - DAY_MS) & authorizations.c.id.not_in(alive)
        with self._database.writing() as connection:
            gone = connection.execute(select(authorizations.c.id).where(old)).scalars().all()
            over = or_(refresh_tokens.c.expires_at <= now, refresh_tokens.c.authorization_id.in_(gone))
            connection.execute(delete(refresh_tokens).where(over))
            connection.execute(delete(authorizations).where(authorizations.c.id.in_(gone)))


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a PKCE verifier (RFC 7636, 4.2)."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _check_code(row: RowMapping, redirect: str, verifier: str, now: Moment) -> None:
    """Raise `BadGrant` for a code that cannot be taken; it stays good for whom it is."""
    if row["revoked_at"] or now >= row["created_at"] + CODE_LIFE_MS:
        raise BadGrant("the code has expired")
    if redirect != row["redirect"]:
        raise BadGrant("redirect_uri: not the one that the code was sent to")
    if _VERIFIER.fullmatch(verifier) is None or not hmac.compare_digest(challenge_of(verifier), row["challenge"]):
        raise BadGrant("code_verifier: does not fit the challenge")


def _query() -> Select[Any]:
    """Read authorizations with whom and for which organization they are."""
    joined = authorizations.join(people, people.c.id == authorizations.c.person_id).outerjoin(
        organizations, organizations.c.id == authorizations.c.organization_id
    )
    query = select(authorizations, people.c.uuid.label("person_uuid"), organizations.c.uuid.label("organization_uuid"))
    return query.select_from(joined)


def _of_refresh(token: str) -> Select[Any]:
    """Read a refresh token with its authorization; `id` and `created_at` are the authorization's."""
    query = _query().add_columns(refresh_tokens.c.used_at, refresh_tokens.c.expires_at)
    query = query.join(refresh_tokens, refresh_tokens.c.authorization_id == authorizations.c.id)
    return query.where(refresh_tokens.c.digest == _digest(token))


def _authorization_from(row: RowMapping) -> Authorization:
    return Authorization(
        uuid=row["uuid"],
        client_id=row["client_id"],
        person_id=row["person_id"],
        person_uuid=row["person_uuid"],
        organization_uuid=row["organization_uuid"] or "",
        sign_in=row["sign_in"],
        scopes=scopes_in(row["scopes"]),
        nonce=row["nonce"],
        methods=tuple(row["methods"].split()),
        proved_at=row["proved_at"],
        created_at=row["created_at"],
    )
