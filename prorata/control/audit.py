"""Who did what, from where, when, and how it came out. Each row carries the hash of the one before it.

Secrets are taken out of a request before it comes here or anywhere else: see `without_secrets`.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, text

from prorata.control.database import Database
from prorata.control.paging import contains
from prorata.control.tables import audit
from prorata.units.numbers import Moment

REQUEST_LENGTH_MAX = 4_096
SECRET = frozenset(
    {
        "password",
        "oldpassword",
        "newpassword",
        "otp",
        "token",
        "apptoken",
        "pushtoken",
        "settings",
        "code",
        "ticket",
        "credential",
        "secret",
    }
)
"""Fields, in small letters, whose values are nobody else's business."""
HIDDEN = "***"

_LOCK = 7_016_996_767
"""An advisory lock of PostgreSQL: rows of several processes form one chain."""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """`actor`: "manager 5", "client 17", "person <uuid>", "command line", ...; `outcome`: "ok" or the code of the error.

    `organization_id`: the organization that it was about (a company of the RAMM APIs is one), 0 if none. `before`, `after`:
    what was changed, as JSON; "": not told.
    """

    at: Moment
    organization_id: int = 0
    actor: str
    method: str
    address: str
    request: str
    outcome: str
    before: str = ""
    after: str = ""


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for; None: anything. `text`: inside request, before or after. `since` is within, `until` is not."""

    actor: str | None = None
    method: str | None = None
    address: str | None = None
    outcome: str | None = None
    text: str | None = None
    since: Moment | None = None
    until: Moment | None = None


class AuditRow(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    action: Action
    hash: bytes


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, actions: Sequence[Action]) -> None:
        """Add actions to the chain."""
        if not actions:
            return
        with self._database.writing() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            number, hash_before = _last(connection)
            rows = []
            for action in actions:
                number += 1
                hash_before = hash_of(number, action, hash_before)
                rows.append({"number": number, **msgspec.structs.asdict(action), "hash": hash_before})
            connection.execute(insert(audit), rows)

    def rows(self, organization_id: int | None = None, *, after: int = 0, limit: int = 1_000) -> list[AuditRow]:
        """Return rows above a number, of one organization or of all."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        if organization_id is not None:
            query = query.where(audit.c.organization_id == organization_id)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [_row_from(row) for row in found]

    def search(self, organization_id: int, wanted: AuditFilter, *, before: int | None = None, limit: int) -> list[AuditRow]:
        """Return rows of an organization, newest first: those below the number `before`."""
        query = select(audit).where(audit.c.organization_id == organization_id, *_conditions(wanted))
        if before is not None:
            query = query.where(audit.c.number < before)
        with self._database.reading() as connection:
            found = connection.execute(query.order_by(audit.c.number.desc()).limit(limit)).mappings().all()
        return [_row_from(row) for row in found]

    def every(self, organization_id: int, wanted: AuditFilter) -> Iterator[AuditRow]:
        """Give all rows of an organization, oldest first, as they were when the first was asked for."""
        last, number = self._last_number(), 0
        while True:
            query = select(audit).where(audit.c.organization_id == organization_id, *_conditions(wanted))
            query = query.where(audit.c.number > number, audit.c.number <= last).order_by(audit.c.number).limit(_SLICE)
            with self._database.reading() as connection:
                found = connection.execute(query).mappings().all()
            if not found:
                return
            yield from map(_row_from, found)
            number = found[-1]["number"]

    def _last_number(self) -> int:
        with self._database.reading() as connection:
            return _last(connection)[0]

    def between(self, begin: Moment, end: Moment, *, method: str, about: str, limit: int) -> list[Action]:
        """Return what was done from `begin` to `end`, both of them included, by methods that begin so, oldest first.

        `about`: what the request names.
        """
        named = audit.c.method.startswith(method, autoescape=True) & audit.c.request.contains(about, autoescape=True)
        query = select(audit).where(audit.c.at.between(begin, end), named).order_by(audit.c.number).limit(limit)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [_action_from(row) for row in found]

    def first_bad(self) -> int | None:
        """Return the number of the first row that does not fit the chain; None if it is whole."""
        number, hash_before = 0, b""
        while True:
            rows = self.rows(after=number)
            for row in rows:
                number += 1
                hash_before = hash_of(number, row.action, hash_before)
                if row.number != number or row.hash != hash_before:
                    return row.number
            if not rows:
                return None


_FIELDS = Action.__struct_fields__
_SLICE = 1_000


def _row_from(row: RowMapping) -> AuditRow:
    return AuditRow(number=row["number"], action=_action_from(row), hash=row["hash"])


def _conditions(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    conditions = []
    for name in ("actor", "method", "address", "outcome"):
        value = getattr(wanted, name)
        if value is not None:
            conditions.append(contains(audit.c[name], value))
    if wanted.text is not None:
        conditions.append(or_(*(contains(audit.c[name], wanted.text) for name in ("request", "before", "after"))))
    if wanted.since is not None:
        conditions.append(audit.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(audit.c.at < wanted.until)
    return conditions


def _action_from(row: RowMapping) -> Action:
    return Action(**{name: row[name] for name in _FIELDS})


def hash_of(number: int, action: Action, hash_before: bytes) -> bytes:
    """Return the SHA-256 of the hash before, and the row's fields in the order of `Action`, as msgpack."""
    return sha256(hash_before + msgspec.msgpack.encode((number, *msgspec.structs.astuple(action)))).digest()


def without_secrets(value: Any) -> Any:
    """Return a decoded request with the values of secret fields hidden, at any depth."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if str(name).lower() in SECRET and inner is not None else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(inner) for inner in value]
    return value


def shown(values: Iterable[tuple[str, Any]]) -> str:
    """Return a request as the audit keeps it: JSON without secrets, or its size if it is long."""
    text_of = msgspec.json.encode(without_secrets(dict(values))).decode()
    if len(text_of) <= REQUEST_LENGTH_MAX:
        return text_of
    return msgspec.json.encode({"characters": len(text_of), "sha256": sha256(text_of.encode()).hexdigest()}).decode()


def _last(connection: Connection) -> tuple[int, bytes]:
    row = connection.execute(select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)).first()
    return (0, b"") if row is None else (row.number, row.hash)
