"""API clients: an organization's programs, what each may do, and the secrets that they prove themselves with.

All are in memory: finding one is a look-up, never a query. Whoever makes or changes one gives only what he has
himself, and gets a new secret only of one that may do no more than he may.
"""

import threading
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from prorata.access.permissions import Grant
from prorata.control.api_clients.addresses import Network, is_within, networks_from
from prorata.control.api_clients.tables import api_client_secrets, api_clients
from prorata.control.database import Database
from prorata.control.organizations.rights import rights_in, text_of
from prorata.control.organizations.tables import organizations
from prorata.control.secrets import Secret, digest_of, fits, new_secret
from prorata.units.numbers import Moment

CLIENTS_MAX = 200
"""of one organization"""
NETWORKS_MAX = 50
USED_EVERY_MS = 60_000
"""how coarse `ApiClient.used_at` is"""


class UnknownClient(Exception):
    """The organization has no such client."""


class NotHeld(Exception):
    """Somebody would give permissions or platforms that he does not have himself."""


class TooManyClients(Exception):
    """The organization has `CLIENTS_MAX`."""


class ApiClient(msgspec.Struct, frozen=True, kw_only=True):
    """A client. `networks` empty: it may call from anywhere. `secrets`: newest first. Moments; 0 is never."""

    client_id: str
    organization_uuid: str
    name: str
    grant: Grant
    networks: tuple[Network, ...]
    secrets: tuple[Secret, ...]
    created_at: Moment
    used_at: Moment
    disabled_at: Moment

    def allows(self, address: str) -> bool:
        """Say whether the client may call from an address."""
        return is_within(self.networks, address)


class NewApiClient(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    permissions: frozenset[str]
    platforms: frozenset[str] | None = None
    addresses: tuple[str, ...] = ()


class ApiClientChange(msgspec.Struct, frozen=True, kw_only=True):
    """UNSET stays as it is."""

    name: str | msgspec.UnsetType = msgspec.UNSET
    permissions: frozenset[str] | msgspec.UnsetType = msgspec.UNSET
    platforms: frozenset[str] | msgspec.UnsetType | None = msgspec.UNSET
    addresses: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET

    def gives(self) -> bool:
        """Say whether what the client may do would change."""
        return self.permissions is not msgspec.UNSET or self.platforms is not msgspec.UNSET


class ApiClients:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, ApiClient] = {}
        self._noted: dict[str, Moment] = {}
        self._used: dict[str, Moment] = {}
        self._loading = threading.Lock()

    # In memory.

    def find(self, client_id: str) -> ApiClient | None:
        """Return a client, also a disabled one; looks into memory alone."""
        return self._known.get(client_id)

    def proved(self, client_id: str, secret: str) -> ApiClient | None:
        """Return the client whose secret it is, if it may sign in; looks into memory alone."""
        client = self._known.get(client_id)
        if client is None or client.disabled_at or not fits(client.secrets, secret, self._database.now()):
            return None
        return client

    def note_use(self, client_id: str) -> None:
        """Note that a client calls; written down with the next refresh."""
        now = self._database.now()
        if now - self._noted.get(client_id, 0) >= USED_EVERY_MS:
            self._noted[client_id] = now
            self._used[client_id] = now

    def all(self, organization_id: int) -> list[ApiClient]:
        """Return an organization's clients, oldest first; looks into memory alone."""
        mine = [client for client in self._known.values() if client.grant.organization_id == organization_id]
        return [self._with_use(client) for client in mine]

    def get(self, organization_id: int, client_id: str) -> ApiClient:
        """Return a client of an organization; looks into memory alone. Raises `UnknownClient`."""
        client = self._known.get(client_id)
        if client is None or client.grant.organization_id != organization_id:
            raise UnknownClient(client_id)
        return self._with_use(client)

    def _with_use(self, client: ApiClient) -> ApiClient:
        noted = self._noted.get(client.client_id, 0)
        return msgspec.structs.replace(client, used_at=noted) if noted > client.used_at else client

    # Changes.

    def add(self, new: NewApiClient, *, maker: Grant) -> tuple[ApiClient, str]:
        """Make a client of the maker's organization; return it and its secret, which cannot be shown again.

        Raises:
            NotHeld: the maker would give what he lacks.
            BadNetwork: one of the addresses is none.
            TooManyClients: see there.
        """
        grant = Grant(maker.organization_id, new.permissions, new.platforms)
        if not maker.may_give(grant):
            raise NotHeld
        secret, now, client_id = new_secret(), self._database.now(), str(uuid.uuid4())
        row = {
            "client_id": client_id, "organization_id": grant.organization_id, "name": new.name, **_given(grant),
            "addresses": _addresses_text(new.addresses), "created_at": now, "used_at": 0, "disabled_at": 0, "deleted_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            self._check_room(connection, grant.organization_id)
            made = connection.execute(insert(api_clients).values(row)).inserted_primary_key
            assert made is not None
            _add_secret(connection, made[0], secret, now)
            self._database.note_change(connection)
        self.load()
        return self.get(grant.organization_id, client_id), secret

    def change(self, client_id: str, change: ApiClientChange, *, changer: Grant) -> ApiClient:
        """Change a client of the changer's organization. Raises `UnknownClient`, `NotHeld`, `BadNetwork`."""
        client = self.get(changer.organization_id, client_id)
        values: dict[str, Any] = {}
        if change.gives():
            grant = Grant(
                client.grant.organization_id,
                client.grant.permissions if change.permissions is msgspec.UNSET else change.permissions,
                client.grant.platforms if change.platforms is msgspec.UNSET else change.platforms,
            )
            if not changer.may_give(grant):
                raise NotHeld
            values |= _given(grant)
        if change.name is not msgspec.UNSET:
            values["name"] = change.name
        if change.addresses is not msgspec.UNSET:
            values["addresses"] = _addresses_text(change.addresses)
        if change.disabled is not msgspec.UNSET and change.disabled != bool(client.disabled_at):
            values["disabled_at"] = self._database.now() if change.disabled else 0
        if values:
            self._write(client_id, values)
        return self.get(changer.organization_id, client_id)

    def rotate(self, client_id: str, *, overlap_ms: int, changer: Grant) -> tuple[ApiClient, str]:
        """Give a client a new secret; the older ones end `overlap_ms` from now, or when they would have ended before.

        Raises `UnknownClient`, `NotHeld`: the client may do more than whoever would get its secret.
        """
        client = self.get(changer.organization_id, client_id)
        if not changer.may_give(client.grant):
            raise NotHeld
        secret, now = new_secret(), self._database.now()
        until = now + overlap_ms
        with self._database.writing() as connection:
            number = connection.execute(select(api_clients.c.id).where(api_clients.c.client_id == client_id)).scalar_one()
            mine = api_client_secrets.c.api_client_id == number
            longer = (api_client_secrets.c.expires_at == 0) | (api_client_secrets.c.expires_at > until)
            connection.execute(update(api_client_secrets).where(mine, longer).values(expires_at=until))
            _add_secret(connection, number, secret, now)
            self._database.note_change(connection)
        self.load()
        return self.get(changer.organization_id, client_id), secret

    def remove(self, organization_id: int, client_id: str) -> None:
        """End a client for good: its tokens are worth nothing from now on. Raises `UnknownClient`."""
        self.get(organization_id, client_id)
        self._write(client_id, {"deleted_at": self._database.now()})

    def _write(self, client_id: str, values: dict[str, Any]) -> None:
        with self._database.writing() as connection:
            connection.execute(update(api_clients).where(api_clients.c.client_id == client_id).values(values))
            self._database.note_change(connection)
        self.load()

    def _check_room(self, connection: Connection, organization_id: int) -> None:
        mine = (api_clients.c.organization_id == organization_id) & (api_clients.c.deleted_at == 0)
        count = connection.execute(select(func.count()).select_from(api_clients).where(mine)).scalar_one()
        if count >= CLIENTS_MAX:
            raise TooManyClients

    # What other processes do.

    def load(self) -> None:
        """Take over what the database has."""
        alive = (api_clients.c.deleted_at == 0) & (organizations.c.closed_at == 0)
        joined = api_clients.join(organizations, organizations.c.id == api_clients.c.organization_id)
        query = select(api_clients, organizations.c.uuid.label("organization_uuid")).select_from(joined).where(alive)
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(query.order_by(api_clients.c.id)).mappings().all()
                kept = _secrets(connection)
            self._known = {row["client_id"]: _client_from(row, kept.get(row["id"], ())) for row in rows}

    def write_use(self) -> None:
        """Write down which clients called."""
        if not self._used:
            return
        used, self._used = self._used, {}
        with self._database.writing() as connection:
            for client_id, moment in used.items():
                later = (api_clients.c.client_id == client_id) & (api_clients.c.used_at < moment)
                connection.execute(update(api_clients).where(later).values(used_at=moment))

    def sweep(self) -> None:
        """Forget secrets that have ended, and those of deleted clients."""
        now = self._database.now()
        gone = select(api_clients.c.id).where(api_clients.c.deleted_at > 0)
        ended = (api_client_secrets.c.expires_at > 0) & (api_client_secrets.c.expires_at <= now)
        with self._database.writing() as connection:
            connection.execute(delete(api_client_secrets).where(ended | api_client_secrets.c.api_client_id.in_(gone)))


def _given(grant: Grant) -> dict[str, str | None]:
    return {
        "permissions": text_of(grant.permissions),
        "platforms": None if grant.platforms is None else text_of(grant.platforms),
    }


def _addresses_text(addresses: Sequence[str]) -> str:
    return " ".join(map(str, networks_from(addresses)))


def _add_secret(connection: Connection, number: int, secret: str, now: Moment) -> None:
    row = {"digest": digest_of(secret), "api_client_id": number, "created_at": now, "expires_at": 0}
    connection.execute(insert(api_client_secrets).values(row))


def _secrets(connection: Connection) -> dict[int, tuple[Secret, ...]]:
    """Read the secrets of all clients by the client's number, newest first."""
    found: dict[int, tuple[Secret, ...]] = {}
    for row in connection.execute(select(api_client_secrets).order_by(api_client_secrets.c.id)).mappings():
        number = row["api_client_id"]
        found[number] = (Secret(row["digest"], row["expires_at"]), *found.get(number, ()))
    return found


def _client_from(row: RowMapping, secrets: tuple[Secret, ...]) -> ApiClient:
    narrowed = None if row["platforms"] is None else frozenset(row["platforms"].split())
    return ApiClient(
        client_id=row["client_id"],
        organization_uuid=row["organization_uuid"],
        name=row["name"],
        grant=Grant(row["organization_id"], rights_in(row["permissions"]), narrowed),
        networks=networks_from(row["addresses"].split()),
        secrets=secrets,
        created_at=row["created_at"],
        used_at=row["used_at"],
        disabled_at=row["disabled_at"],
    )
