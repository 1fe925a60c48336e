"""The trade platforms of all organizations, by uuid in memory."""

import threading
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.tables import organizations
from prorata.control.platforms.records import (
    ApiAccess,
    DatabaseAccess,
    Hosting,
    PlatformKind,
    PlatformRecord,
    hosting_text,
    record_from,
)
from prorata.control.platforms.tables import platforms
from prorata.control.platforms.terms import HostingTerms
from prorata.control.seals import Seals
from prorata.control.tables import clients, companies
from prorata.units.numbers import Moment

FOREIGN_MAX = 100
"""MetaTrader servers of one organization"""
PROBLEM_LENGTH_MAX = 300


class TooManyPlatforms(Exception):
    """The organization, or the whole installation, has as many platforms as it may."""


class PasswordMissing(Exception):
    """Another address or login needs its password: the one that is kept was given for the old one."""


class EngineTaken(Exception):
    """The platform belongs to an organization already."""


class PlatformInUse(Exception):
    """Companies of copy trading are on the platform."""


class Platforms:
    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals
        self._known: Mapping[str, PlatformRecord] = {}
        self._loading = threading.Lock()

    # In memory.

    @property
    def by_uuid(self) -> Mapping[str, PlatformRecord]:
        """All platforms, archived ones too; looks into memory alone. For `access.platforms`."""
        return self._known

    def all(self) -> list[PlatformRecord]:
        """Return all platforms, oldest first, archived ones too; looks into memory alone."""
        return list(self._known.values())

    def of_organization(self, organization_id: int) -> list[PlatformRecord]:
        """Return an organization's platforms, oldest first, archived ones too; looks into memory alone."""
        return [record for record in self._known.values() if record.organization_id == organization_id]

    def of_engine(self, engine: str) -> PlatformRecord | None:
        """Return the platform that is hosted under a name; looks into memory alone."""
        return next((one for one in self._known.values() if one.engine == engine and not one.archived_at), None)

    # Adding.

    def add_foreign(self, organization_id: int, name: str, kind: PlatformKind) -> PlatformRecord:
        """Add somebody else's platform. Raises `NotFound` if the organization is closed, `TooManyPlatforms`."""
        assert kind != PlatformKind.PRORATA
        with self._database.writing() as connection:
            _lock_organization(connection, organization_id)
            foreign = _of(organization_id) & (platforms.c.kind != PlatformKind.PRORATA.value)
            if _count(connection, foreign) >= FOREIGN_MAX:
                raise TooManyPlatforms(f"an organization has at most {FOREIGN_MAX} servers of others")
            record = self._insert(connection, organization_id, name, kind)
        self.load()
        return record

    def add_hosted(
        self, organization_id: int, name: str, hosting: Hosting, *, host: str, terms: HostingTerms
    ) -> PlatformRecord:
        """Add a platform of ours; the server of `host` starts it. Raises as `add_foreign` does."""
        hosted = platforms.c.kind == PlatformKind.PRORATA.value
        with self._database.writing() as connection:
            _lock_organization(connection, organization_id)
            if _count(connection, _of(organization_id) & hosted) >= terms.per_organization:
                raise TooManyPlatforms(f"an organization has at most {terms.per_organization} platforms hosted here")
            if _count(connection, hosted) >= terms.total:
                raise TooManyPlatforms("no more platforms can be hosted here")
            record = self._insert(connection, organization_id, name, PlatformKind.PRORATA, host=host, hosting=hosting)
        self.load()
        return record

    def adopt(self, organization_id: int, name: str, engine: str, *, host: str) -> PlatformRecord:
        """Give a platform of the settings file to an organization. Raises `NotFound` if that is closed, `EngineTaken`."""
        try:
            with self._database.writing() as connection:
                _lock_organization(connection, organization_id)
                record = self._insert(connection, organization_id, name, PlatformKind.PRORATA, host=host, engine=engine)
        except IntegrityError:
            raise EngineTaken(engine) from None
        self.load()
        return record

    def _insert(
        self, connection: Connection, organization_id: int, name: str, kind: PlatformKind, *, host: str = "",
        hosting: Hosting | None = None, engine: str = "",
    ) -> PlatformRecord:  # fmt: skip
        made = uuid.uuid4()
        row: dict[str, Any] = dict.fromkeys(PlatformRecord.__struct_fields__, "")
        row |= {
            "uuid": str(made), "organization_id": organization_id, "name": name, "kind": kind.value,
            "engine": made.hex if hosting is not None else engine, "host": host, "hosting": hosting_text(hosting),
            "manager_password_at": 0, "database_password_at": 0, "created_at": self._database.now(), "archived_at": 0,
        }  # fmt: skip
        del row["id"]
        key = connection.execute(insert(platforms).values(row)).inserted_primary_key
        assert key is not None
        self._database.note_change(connection)
        return record_from(row | {"id": key[0]})

    # Changing. All of these return the platform as it is then, and raise `NotFound` if it was archived meanwhile.

    def rename(self, record: PlatformRecord, name: str) -> PlatformRecord:
        return self._change(record, name=name)

    def set_api(self, record: PlatformRecord, api: ApiAccess, password: str | None) -> PlatformRecord:
        """Say where the server is. `password` None: the one that is kept. Raises `PasswordMissing`."""
        values = {"address": api.address, "manager_login": api.login, "certificate": api.certificate}
        return self._set_access(record, "manager_password", values, password)

    def set_database(self, record: PlatformRecord, database: DatabaseAccess, password: str | None) -> PlatformRecord:
        """Say where the report database is. `password` None: the one that is kept. Raises `PasswordMissing`."""
        address, name, login = database.address, database.name, database.login
        values = {"database_address": address, "database_name": name, "database_login": login}
        return self._set_access(record, "database_password", values, password)

    def forget_api(self, record: PlatformRecord) -> PlatformRecord:
        return self._change(record, **_NO_API)

    def forget_database(self, record: PlatformRecord) -> PlatformRecord:
        return self._change(record, **_NO_DATABASE)

    def archive(self, record: PlatformRecord) -> PlatformRecord:
        """End a platform: nobody finds it any more, and its passwords are forgotten. Raises `PlatformInUse`."""
        return self._change(record, check=_check_unused, archived_at=self._database.now(), **_NO_API, **_NO_DATABASE)

    def note_problem(self, record: PlatformRecord, problem: str) -> None:
        """Write down why a platform does not run, or is not put away; "": it is."""
        self._note(record, problem=problem[:PROBLEM_LENGTH_MAX])

    def note_archive(self, record: PlatformRecord, place: str) -> None:
        """Write down where the journal of an archived platform was put."""
        self._note(record, archive=place, problem="")

    def _set_access(self, record: PlatformRecord, column: str, values: dict[str, str], password: str | None) -> PlatformRecord:
        """A password is for the address and the login that it was given for: it must not be sent to another one."""
        same = all(getattr(record, name) == value for name, value in values.items())
        if password is None and not (same and getattr(record, f"{column}_at")):
            raise PasswordMissing
        if password is None:
            return record
        changes: dict[str, Any] = {**values, f"{column}_at": self._database.now()}
        return self._change(record, secret=(column, password), **changes)

    def _change(
        self, record: PlatformRecord, *, secret: tuple[str, str] | None = None,
        check: Callable[[Connection, PlatformRecord], None] | None = None, **changes: Any,
    ) -> PlatformRecord:  # fmt: skip
        mine = (platforms.c.id == record.id) & (platforms.c.archived_at == 0)
        with self._database.writing() as connection:
            if check is not None:
                check(connection, record)
            if not connection.execute(update(platforms).where(mine).values(changes)).rowcount:
                raise NotFound
            if secret is not None:
                self._seals.put(connection, platforms.c[secret[0]], record.id, secret[1])
            self._database.note_change(connection)
        self.load()
        return self._known[record.uuid]

    def _note(self, record: PlatformRecord, **changes: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(platforms).where(platforms.c.id == record.id).values(changes))
            self._database.note_change(connection)
        self.load()

    # Secrets.

    def manager_password(self, record: PlatformRecord) -> str | None:
        """Return the password of the manager's login; None if there is none. Raises `Unopenable`."""
        return self._seals.read(platforms.c.manager_password, record.id)

    def database_password(self, record: PlatformRecord) -> str | None:
        """Return the password of the report database; None if there is none. Raises `Unopenable`."""
        return self._seals.read(platforms.c.database_password, record.id)

    def load(self) -> None:
        """Take over what the database has."""
        columns = [platforms.c[name] for name in PlatformRecord.__struct_fields__]
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(*columns).order_by(platforms.c.id)).mappings().all()
            self._known = {row["uuid"]: record_from(row) for row in rows}


_NO_API: dict[str, Any] = {
    "address": "", "certificate": "", "manager_login": "", "manager_password": None, "manager_password_at": 0,
}  # fmt: skip
_NO_DATABASE: dict[str, Any] = {
    "database_address": "", "database_name": "", "database_login": "", "database_password": None, "database_password_at": 0,
}  # fmt: skip


def _lock_organization(connection: Connection, organization_id: int) -> None:
    """Let nobody else count its platforms, or close it, meanwhile. Raises `NotFound` if it is closed."""
    mine = (organizations.c.id == organization_id) & (organizations.c.closed_at == 0)
    if connection.execute(select(organizations.c.id).where(mine).with_for_update()).first() is None:
        raise NotFound


def _check_unused(connection: Connection, record: PlatformRecord) -> None:
    has_clients = select(clients.c.id).where(clients.c.company_id == companies.c.id).exists()
    # The organization's own company, if nobody trades with it yet, is no reason: it could not be closed either.
    holds = (companies.c.id != record.organization_id) | has_clients
    here = (companies.c.platform == record.engine) & (organizations.c.closed_at == 0) & holds
    query = select(organizations.c.name).join(companies, companies.c.id == organizations.c.id).where(here)
    company = connection.execute(query.order_by(companies.c.id)).scalar()
    if record.is_hosted and company is not None:
        raise PlatformInUse(f"companies are on it, such as {company}")


def _of(organization_id: int) -> ColumnElement[bool]:
    return platforms.c.organization_id == organization_id


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    query = select(func.count()).select_from(platforms).where(which, platforms.c.archived_at == 0)
    found: int = connection.execute(query).scalar_one()
    return found


def archive_foreign(connection: Connection, organization_id: int, now: Moment) -> None:
    """End the platforms that others run for an organization that closes: we keep no password of theirs."""
    theirs = (platforms.c.organization_id == organization_id) & (platforms.c.engine == "") & (platforms.c.archived_at == 0)
    connection.execute(update(platforms).where(theirs).values(archived_at=now, **_NO_API, **_NO_DATABASE))
