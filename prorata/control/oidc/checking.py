"""Access tokens checked: who calls, for which organization, and what he may do.

A token's signature is verified when it comes for the first time. What it says is kept under its digest until it
expires, so that each further check is a hash and a few look-ups in memory. What may change meanwhile is looked at each
time: whether the token or its authorization is revoked, whether the client is enabled, what the grant is now.
"""

import threading
from collections.abc import Callable
from hashlib import sha256

import msgspec
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.control.api_clients.store import ApiClient, ApiClients
from prorata.control.database import Database
from prorata.control.oidc.applications import Applications
from prorata.control.oidc.keys import Algorithm, SigningKeys
from prorata.control.oidc.revocations import Revocations
from prorata.control.oidc.scopes import Surface, TokenScope, narrowed, scopes_in
from prorata.control.oidc.tokens import ACCESS_TYPE
from prorata.control.people.tables import people
from prorata.units.numbers import Moment

TOKEN_LENGTH_MAX = 4_096
KEPT_MAX = 50_000
"""verified tokens that are kept; with more, all are verified anew"""

GrantOf = Callable[[int, str], Grant]
"""the grant of a person (by number) in an organization (by uuid); raises `NotFound`"""


class TokenClaims(msgspec.Struct, frozen=True, gc=False):
    """What an access token of ours says, if it is sound. `expires_at` is a moment."""

    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[TokenScope]
    id: str
    authorization: str
    tenant: str
    issued_at: Moment
    expires_at: Moment


class TokenCaller(msgspec.Struct, frozen=True, gc=False):
    """Who calls with a token. `subject`: a person's uuid, or the client's id where a program acts for itself.

    `grant` is what the caller may do on the surface that was asked for. `client` None: an application that a person uses.
    """

    client_id: str
    subject: str
    organization_uuid: str
    grant: Grant
    scopes: frozenset[TokenScope]
    client: ApiClient | None

    def allows(self, address: str) -> bool:
        """Say whether the caller may call from an address."""
        return self.client is None or self.client.allows(address)


class _Said(msgspec.Struct, frozen=True):
    """The claims of an access token, as they are in it."""

    iss: str
    sub: str
    client_id: str
    scope: str
    jti: str
    iat: int
    exp: int
    tenant: str = ""
    authorization: str = ""


class _Kept:
    """A verified token, and the callers that it last meant, each with the grant that it was made of."""

    __slots__ = ("callers", "claims", "kid")

    def __init__(self, claims: TokenClaims, kid: str) -> None:
        self.claims = claims
        self.kid = kid
        self.callers: dict[Surface, tuple[Grant, TokenCaller]] = {}


class TokenChecker:
    """`issuer` "": tokens of whichever address this installation was asked at."""

    def __init__(
        self,
        database: Database,
        keys: SigningKeys,
        clients: ApiClients,
        applications: Applications,
        revocations: Revocations,
        grant_of: GrantOf,
    ) -> None:
        self.issuer = ""
        self._database = database
        self._keys = keys
        self._clients = clients
        self._applications = applications
        self._revocations = revocations
        self._grant_of = grant_of
        self._kept: dict[bytes, _Kept] = {}
        self._people: dict[str, int] = {}
        self._loading = threading.Lock()

    def check(self, token: bytes, surface: Surface = Surface.WEBAPI) -> TokenCaller | None:
        """Return who calls a surface with a token; None if it is not good for it. Looks into memory alone.

        The address from which the call comes is checked by whoever knows it, see `TokenCaller.allows`.
        """
        kept = self._verified(token)
        return None if kept is None else self._caller(kept, surface)

    def read(self, token: bytes) -> TokenClaims | None:
        """Return what a token says, if it is good for anything."""
        kept = self._verified(token)
        if kept is None:
            return None
        claims = kept.claims
        client = None if claims.authorization else self._clients.find(claims.client_id)
        good = self._is_enabled(claims) if not claims.tenant else self._grant(claims, client) is not None
        return claims if good else None

    def forget(self) -> None:
        """Verify all tokens anew when they come next."""
        self._kept = {}

    def _verified(self, token: bytes) -> _Kept | None:
        if len(token) > TOKEN_LENGTH_MAX:
            return None
        digest = sha256(token).digest()
        kept = self._kept.get(digest)
        if kept is None:
            kept = self._verify(token)
            if kept is None:
                return None
            if len(self._kept) >= KEPT_MAX:
                self.forget()
            self._kept[digest] = kept
        claims = kept.claims
        if self._database.now() >= claims.expires_at or self._revocations.has(claims.id, claims.authorization):
            return None
        return kept

    def _verify(self, token: bytes) -> _Kept | None:
        """Return what the token says if a key of ours signed it as an access token."""
        try:
            decoded = jwt.decode(token, self.key_of, algorithms=[algorithm.value for algorithm in Algorithm])
            said = msgspec.convert(decoded.claims, _Said)
            scopes = scopes_in(said.scope)
        except (JoseError, msgspec.ValidationError, ValueError):
            return None
        if decoded.header.get("typ") != ACCESS_TYPE:
            return None
        if self.issuer and said.iss != self.issuer:
            return None
        claims = TokenClaims(
            issuer=said.iss,
            subject=said.sub,
            client_id=said.client_id,
            scopes=scopes,
            id=said.jti,
            authorization=said.authorization,
            tenant=said.tenant,
            issued_at=said.iat * 1_000,
            expires_at=said.exp * 1_000,
        )
        return _Kept(claims, decoded.header["kid"])

    def key_of(self, signed: jwk.GuestProtocol) -> RSAKey | ECKey:
        """Return the key that a token names. It knows the one algorithm that it is for, and verifies no other."""
        key = self._keys.find(str(signed.headers().get("kid")))
        if key is None:
            raise ValueError("no key of ours")
        return key.private

    def _caller(self, kept: _Kept, surface: Surface) -> TokenCaller | None:
        claims = kept.claims
        client = None if claims.authorization else self._clients.find(claims.client_id)
        grant = self._grant(claims, client)
        if grant is None:
            return None
        known = kept.callers.get(surface)
        if known is not None and known[0] is grant and known[1].client is client:
            return known[1]
        left = narrowed(grant, claims.scopes, surface)
        if left is None:
            return None
        caller = TokenCaller(claims.client_id, claims.subject, claims.tenant, left, claims.scopes, client)
        kept.callers[surface] = (grant, caller)
        return caller

    def _grant(self, claims: TokenClaims, client: ApiClient | None) -> Grant | None:
        """Return what the caller may do now, before the scopes are looked at."""
        if not claims.authorization:
            if client is None or client.disabled_at:
                return None
            self._clients.note_use(claims.client_id)
            return client.grant
        person_id = self._people.get(claims.subject)
        if person_id is None or not self._is_enabled(claims):
            return None
        try:
            return self._grant_of(person_id, claims.tenant)
        except NotFound:
            return None

    def person_of(self, subject: str) -> int | None:
        """Return the number of a person, None if he is not there or disabled; looks into memory alone."""
        return self._people.get(subject)

    def _is_enabled(self, claims: TokenClaims) -> bool:
        """Say whether person and application may go on, of a token that an application was given."""
        application = self._applications.find(claims.client_id)
        return application is not None and not application.disabled_at and claims.subject in self._people

    def load(self) -> None:
        """Take over what the database has: who may still act; and forget what has expired, or dropped keys signed."""
        query = select(people.c.uuid, people.c.id).where(people.c.disabled_at == 0)
        with self._loading:
            with self._database.reading() as connection:
                self._people = {row.uuid: row.id for row in connection.execute(query)}
            now, kids = self._database.now(), {key.kid for key in self._keys.all()}
            self._kept = {
                digest: kept for digest, kept in list(self._kept.items()) if kept.kid in kids and now < kept.claims.expires_at
            }
