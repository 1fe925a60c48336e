"""API clients: an organization's programs, what each may do, and the secrets that they prove themselves with.

All are in memory: finding one is a look-up, never a query. Whoever makes or changes one gives only what he has
himself, and gets a new secret only of one that may do no more than he may.
"""

import threading
import uuid
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.api_clients.addresses import BadNetwork, Network, is_within, networks_from
from prorata.control.api_clients.tables import api_client_secrets, api_clients
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.inside import Inside, open_inside
from prorata.control.organizations.rights import Rights, rights_in, text_of
from prorata.control.organizations.tables import organizations
from prorata.control.secrets import KeptSecrets, Secret, digest_of, fits, new_secret
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

CLIENTS_MAX = 200
"""of one organization"""
USED_EVERY_MS = 60_000
"""how coarse `ApiClient.used_at` is"""

_secrets = KeptSecrets(api_client_secrets, "api_client_id")


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


class ApiClients:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, ApiClient] = {}
        self._holders: dict[bytes, str] = {}
        """digest of a secret -> client_id"""
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

    def holder(self, secret: str) -> ApiClient | None:
        """Return the client that a secret alone is the key of, if it may sign in; looks into memory alone."""
        client_id = self._holders.get(digest_of(secret))
        return None if client_id is None else self.proved(client_id, secret)

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
            raise NotFound
        return self._with_use(client)

    def _with_use(self, client: ApiClient) -> ApiClient:
        noted = self._noted.get(client.client_id, 0)
        return msgspec.structs.replace(client, used_at=noted) if noted > client.used_at else client

    # Changes. `by`: the number of the person who makes them.

    def add(self, organization_id: int, new: NewApiClient, *, by: int) -> tuple[ApiClient, str]:
        """Make a client; return it and its secret, which cannot be shown again.

        Raises:
            NotFound: the organization is not his, or closed.
            Declined: he may not, lacks what he would give, an address is none, there are too many.
        """
        secret, now, client_id = new_secret(), self._database.now(), str(uuid.uuid4())
        row = {
            "client_id": client_id, "organization_id": organization_id, "name": new.name,
            **_given(new.permissions, new.platforms), "addresses": _addresses_text(new.addresses), "created_at": now,
            "used_at": 0, "disabled_at": 0, "deleted_at": 0,
        }  # fmt: skip
        with self._database.writing() as connection:
            _check_may_give(open_inside(connection, organization_id), by, new.permissions, new.platforms)
            _check_room(connection, organization_id)
            made = connection.execute(insert(api_clients).values(row)).inserted_primary_key
            assert made is not None
            _secrets.add(connection, made[0], secret, now)
            self._database.note_change(connection)
        self.load()
        return self.get(organization_id, client_id), secret

    def change(self, organization_id: int, client_id: str, change: ApiClientChange, *, by: int) -> tuple[ApiClient, ApiClient]:
        """Change a client; return it before and after. Raises as `add` does."""
        before = self.get(organization_id, client_id)
        values: dict[str, Any] = {}
        if change.name is not msgspec.UNSET:
            values["name"] = change.name
        if change.addresses is not msgspec.UNSET:
            values["addresses"] = _addresses_text(change.addresses)
        if change.disabled is not msgspec.UNSET and change.disabled != bool(before.disabled_at):
            values["disabled_at"] = self._database.now() if change.disabled else 0
        with self._database.writing() as connection:
            inside = open_inside(connection, organization_id)
            inside.check_may(by, Permission.API_CLIENTS_MANAGE)
            number, held, platforms = _held(connection, client_id)
            if change.permissions is not msgspec.UNSET or change.platforms is not msgspec.UNSET:
                held = held if change.permissions is msgspec.UNSET else change.permissions
                platforms = platforms if change.platforms is msgspec.UNSET else change.platforms
                _check_may_give(inside, by, held, platforms)
                values |= _given(held, platforms)
            if values:
                connection.execute(update(api_clients).where(api_clients.c.id == number).values(values))
            self._database.note_change(connection)
        self.load()
        return before, self.get(organization_id, client_id)

    def rotate(self, organization_id: int, client_id: str, *, overlap_ms: int, by: int) -> tuple[ApiClient, str]:
        """Give a client a new secret and return it; the older ones end `overlap_ms` from now, or when they would have anyway.

        Raises as `add` does: whoever gets the secret may do all that the client may.
        """
        now = self._database.now()
        with self._database.writing() as connection:
            inside = open_inside(connection, organization_id)
            self.get(organization_id, client_id)
            number, held, platforms = _held(connection, client_id)
            _check_may_give(inside, by, held, platforms)
            secret = _secrets.rotate(connection, number, now, overlap_ms=overlap_ms)
            self._database.note_change(connection)
        self.load()
        return self.get(organization_id, client_id), secret

    def remove(self, organization_id: int, client_id: str, *, by: int) -> ApiClient:
        """End a client for good: its tokens are worth nothing from now on. Raises as `add` does."""
        with self._database.writing() as connection:
            open_inside(connection, organization_id).check_may(by, Permission.API_CLIENTS_MANAGE)
            removed = self.get(organization_id, client_id)
            mine = api_clients.c.client_id == client_id
            connection.execute(update(api_clients).where(mine).values(deleted_at=self._database.now()))
            self._database.note_change(connection)
        self.load()
        return removed

    # What other processes do.

    def load(self) -> None:
        """Take over what the database has."""
        alive = (api_clients.c.deleted_at == 0) & (organizations.c.closed_at == 0)
        joined = api_clients.join(organizations, organizations.c.id == api_clients.c.organization_id)
        query = select(api_clients, organizations.c.uuid.label("organization_uuid")).select_from(joined).where(alive)
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(query.order_by(api_clients.c.id)).mappings().all()
                kept = _secrets.all(connection)
            self._known = {row["client_id"]: _client_from(row, kept.get(row["id"], ())) for row in rows}
            self._holders = {secret.digest: client.client_id for client in self._known.values() for secret in client.secrets}

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
        gone = select(api_clients.c.id).where(api_clients.c.deleted_at > 0)
        with self._database.writing() as connection:
            _secrets.sweep(connection, gone, self._database.now())


def _check_may_give(inside: Inside, by: int, permissions: frozenset[str], platforms: frozenset[str] | None) -> None:
    """Raise `Declined` unless the rights are there, and all of them his who gives them."""
    giver = inside.check_may(by, Permission.API_CLIENTS_MANAGE)
    rights = Rights(permissions=permissions, platforms=platforms)
    inside.check_rights(rights)
    inside.check_may_give(giver, rights)


def _check_room(connection: Connection, organization_id: int) -> None:
    mine = (api_clients.c.organization_id == organization_id) & (api_clients.c.deleted_at == 0)
    if connection.execute(select(func.count()).select_from(api_clients).where(mine)).scalar_one() >= CLIENTS_MAX:
        raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {CLIENTS_MAX} API clients")


def _held(connection: Connection, client_id: str) -> tuple[int, frozenset[str], frozenset[str] | None]:
    """Return a client's number in the table, its permissions and platforms. Raises `NotFound`: it was deleted just now."""
    mine = (api_clients.c.client_id == client_id) & (api_clients.c.deleted_at == 0)
    row = connection.execute(select(api_clients).where(mine)).mappings().first()
    if row is None:
        raise NotFound
    return row["id"], rights_in(row["permissions"]), _platforms_in(row)


def _platforms_in(row: RowMapping) -> frozenset[str] | None:
    return None if row["platforms"] is None else frozenset(row["platforms"].split())


def _given(permissions: frozenset[str], platforms: frozenset[str] | None) -> dict[str, str | None]:
    return {"permissions": text_of(permissions), "platforms": None if platforms is None else text_of(platforms)}


def _addresses_text(addresses: Sequence[str]) -> str:
    try:
        return " ".join(map(str, networks_from(addresses)))
    except BadNetwork as problem:
        raise Declined(Refusal.MALFORMED, f"addresses: {problem}") from None


def _client_from(row: RowMapping, secrets: tuple[Secret, ...]) -> ApiClient:
    return ApiClient(
        client_id=row["client_id"],
        organization_uuid=row["organization_uuid"],
        name=row["name"],
        grant=Grant(row["organization_id"], rights_in(row["permissions"]), _platforms_in(row)),
        networks=networks_from(row["addresses"].split()),
        secrets=secrets,
        created_at=row["created_at"],
        used_at=row["used_at"],
        disabled_at=row["disabled_at"],
    )
