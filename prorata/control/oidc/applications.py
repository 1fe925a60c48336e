"""Applications that people sign in to: an organization's, and the broker's own (first-party, from the settings).

All are in memory. A redirect address is compared as a whole, letter by letter.
"""

import re
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.database import Database
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.scopes import TokenScope, scopes_in, text_of
from prorata.control.oidc.tables import application_secrets, applications
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.inside import open_inside
from prorata.control.organizations.tables import organizations
from prorata.control.secrets import KeptSecrets, Secret, fits, new_secret
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

APPLICATIONS_MAX = 200
"""of one organization"""
REDIRECTS_MAX = 20
REDIRECT_LENGTH_MAX = 1_024
_secrets = KeptSecrets(application_secrets, "application_id")

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_ADDRESS = re.compile(r"[!-~]+")


class BadRedirect(Exception):
    """Not an address that a browser may be sent back to."""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """`organization_id` 0, `organization_uuid` "": first-party, for the people of all organizations.

    `public`: it can keep no secret (a page, a program on a desk), and proves by PKCE alone that a code is its own.
    """

    client_id: str
    organization_id: int
    organization_uuid: str
    name: str
    public: bool
    redirects: tuple[str, ...]
    logout_redirects: tuple[str, ...]
    scopes: frozenset[TokenScope]
    algorithm: Algorithm
    secrets: tuple[Secret, ...]
    created_at: Moment
    disabled_at: Moment


class NewApplication(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    public: bool
    redirects: tuple[str, ...]
    logout_redirects: tuple[str, ...] = ()
    scopes: frozenset[TokenScope]
    algorithm: Algorithm = Algorithm.ES256


class ApplicationChange(msgspec.Struct, frozen=True, kw_only=True):
    """UNSET stays as it is."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    redirects: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    logout_redirects: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    scopes: frozenset[TokenScope] | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET


class Applications:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._own: dict[str, Application] = {}
        self._known: dict[str, Application] = {}
        self._loading = threading.Lock()

    def set_first_party(self, own: Iterable[Application]) -> None:
        """Tell which applications are the broker's own. Raises `BadRedirect`."""
        self._own = {application.client_id: application for application in own}
        for application in self._own.values():
            check_redirects((*application.redirects, *application.logout_redirects))

    # In memory.

    def find(self, client_id: str) -> Application | None:
        """Return an application, also a disabled one; looks into memory alone."""
        return self._own.get(client_id) or self._known.get(client_id)

    def proved(self, client_id: str, secret: str) -> Application | None:
        """Return the confidential application whose secret it is, if it may sign in; looks into memory alone."""
        found = self.find(client_id)
        if found is None or found.public or found.disabled_at or not fits(found.secrets, secret, self._database.now()):
            return None
        return found

    def all(self, organization_id: int) -> list[Application]:
        """Return an organization's applications, oldest first; looks into memory alone."""
        return [application for application in self._known.values() if application.organization_id == organization_id]

    def get(self, organization_id: int, client_id: str) -> Application:
        """Return an application of an organization; looks into memory alone. Raises `UnknownApplication`."""
        found = self._known.get(client_id)
        if found is None or found.organization_id != organization_id:
            raise NotFound
        return found

    # Changes. `by`: the number of the person who makes them.

    def add(self, organization_id: int, new: NewApplication, *, by: int) -> tuple[Application, str]:
        """Register an application; return it and its secret, shown once ("" for a public one).

        Raises:
            NotFound: the organization is not his, or closed.
            Declined: he may not, an address is none, there are too many.
        """
        _check((*new.redirects, *new.logout_redirects))
        secret, now, client_id = "" if new.public else new_secret(), self._database.now(), str(uuid.uuid4())
        row = {
            "client_id": client_id, "organization_id": organization_id, "name": new.name, "public": new.public,
            "redirects": " ".join(new.redirects), "logout_redirects": " ".join(new.logout_redirects),
            "scopes": text_of(new.scopes), "algorithm": new.algorithm.value, "created_at": now, "disabled_at": 0,
            "deleted_at": 0,
        }  # fmt: skip
        with self._changing(organization_id, by) as connection:
            _check_room(connection, organization_id)
            made = connection.execute(insert(applications).values(row)).inserted_primary_key
            assert made is not None
            if secret:
                _secrets.add(connection, made[0], secret, now)
        return self.get(organization_id, client_id), secret

    def change(
        self, organization_id: int, client_id: str, change: ApplicationChange, *, by: int
    ) -> tuple[Application, Application]:
        """Change an application; return it before and after. Raises as `add` does."""
        before = self.get(organization_id, client_id)
        values: dict[str, Any] = {}
        if change.name is not msgspec.UNSET:
            values["name"] = change.name
        if change.redirects is not msgspec.UNSET:
            _check(change.redirects)
            values["redirects"] = " ".join(change.redirects)
        if change.logout_redirects is not msgspec.UNSET:
            _check(change.logout_redirects)
            values["logout_redirects"] = " ".join(change.logout_redirects)
        if change.scopes is not msgspec.UNSET:
            values["scopes"] = text_of(change.scopes)
        if change.disabled is not msgspec.UNSET and change.disabled != bool(before.disabled_at):
            values["disabled_at"] = self._database.now() if change.disabled else 0
        with self._changing(organization_id, by) as connection:
            if values:
                connection.execute(update(applications).where(applications.c.client_id == client_id).values(values))
        return before, self.get(organization_id, client_id)

    def rotate(self, organization_id: int, client_id: str, *, overlap_ms: int, by: int) -> tuple[Application, str]:
        """Give a confidential application a new secret and return it; older ones end `overlap_ms` from now.

        Raises as `add` does; `NotFound` also for a public one, which has no secret.
        """
        if self.get(organization_id, client_id).public:
            raise NotFound
        with self._changing(organization_id, by) as connection:
            number = connection.execute(select(applications.c.id).where(applications.c.client_id == client_id)).scalar_one()
            secret = _secrets.rotate(connection, number, self._database.now(), overlap_ms=overlap_ms)
        return self.get(organization_id, client_id), secret

    def remove(self, organization_id: int, client_id: str, *, by: int) -> Application:
        """End an application for good. Raises as `add` does."""
        removed = self.get(organization_id, client_id)
        with self._changing(organization_id, by) as connection:
            mine = applications.c.client_id == client_id
            connection.execute(update(applications).where(mine).values(deleted_at=self._database.now()))
        return removed

    @contextmanager
    def _changing(self, organization_id: int, by: int) -> Iterator[Connection]:
        """Open a transaction that changes an organization's applications: it holds here at once, elsewhere after a refresh."""
        with self._database.writing() as connection:
            open_inside(connection, organization_id).check_may(by, Permission.API_CLIENTS_MANAGE)
            yield connection
            self._database.note_change(connection)
        self.load()

    # What other processes do.

    def load(self) -> None:
        """Take over what the database has."""
        alive = (applications.c.deleted_at == 0) & (organizations.c.closed_at == 0)
        joined = applications.join(organizations, organizations.c.id == applications.c.organization_id)
        query = select(applications, organizations.c.uuid.label("organization_uuid")).select_from(joined).where(alive)
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(query.order_by(applications.c.id)).mappings().all()
                kept = _secrets.all(connection)
            self._known = {row["client_id"]: _application_from(row, kept.get(row["id"], ())) for row in rows}

    def sweep(self) -> None:
        """Forget secrets that have ended, and those of deleted applications."""
        gone = select(applications.c.id).where(applications.c.deleted_at > 0)
        with self._database.writing() as connection:
            _secrets.sweep(connection, gone, self._database.now())


def check_redirects(addresses: Iterable[str]) -> None:
    """Refuse addresses that a code must not be sent to. Raises `BadRedirect`.

    Allowed are https; http on this machine (RFC 8252, 7.3); and a scheme of the application's own, which has a dot in
    it (7.1). None has a fragment, a user or blanks.
    """
    for address in addresses:
        if len(address) > REDIRECT_LENGTH_MAX or _ADDRESS.fullmatch(address) is None:
            raise BadRedirect(f"{address[:60]!r}: expected an address of {REDIRECT_LENGTH_MAX} visible characters at most")
        try:
            parts = urlsplit(address)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise BadRedirect(f"{address[:60]}: not an address") from None
        if "#" in address or parts.username is not None or "\\" in address:
            raise BadRedirect(f"{address[:60]}: an address has no fragment and no user")
        secure = parts.scheme == "https" and bool(host)
        here = parts.scheme == "http" and host in _LOOPBACK
        if not secure and not here and _PRIVATE_SCHEME.fullmatch(parts.scheme) is None:
            raise BadRedirect(
                f"{address[:60]}: expected https://, http:// on this machine, or a scheme such as com.example.app:"
            )


def _check(addresses: Iterable[str]) -> None:
    try:
        check_redirects(addresses)
    except BadRedirect as problem:
        raise Declined(Refusal.MALFORMED, f"redirects: {problem}"[:300]) from None


def _check_room(connection: Connection, organization_id: int) -> None:
    mine = (applications.c.organization_id == organization_id) & (applications.c.deleted_at == 0)
    if connection.execute(select(func.count()).select_from(applications).where(mine)).scalar_one() >= APPLICATIONS_MAX:
        raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {APPLICATIONS_MAX} applications")


def _application_from(row: RowMapping, secrets: tuple[Secret, ...]) -> Application:
    return Application(
        client_id=row["client_id"],
        organization_id=row["organization_id"],
        organization_uuid=row["organization_uuid"],
        name=row["name"],
        public=row["public"],
        redirects=tuple(row["redirects"].split()),
        logout_redirects=tuple(row["logout_redirects"].split()),
        scopes=scopes_in(row["scopes"]),
        algorithm=Algorithm(row["algorithm"]),
        secrets=secrets,
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
    )
