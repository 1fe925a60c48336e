"""Who did what, from where, when, and how it came out. Each row carries the hash of the one before it.

The chain is over digests of what was told, so that it can be erased when a person has a right to that, and everything else
stays proved: see `erase`.

Secrets are taken out of a request before it comes here or anywhere else: see `without_secrets`.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, insert, or_, select, text, update

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
ERASURE = "erase person"
"""the method of rows that tell what was erased"""

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
    """`erased_by`: number of the row that tells who has erased what this one told; 0: it is there."""

    number: int
    action: Action
    hash: bytes
    erased_by: int = 0
    digests: bytes | None = None


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, actions: Sequence[Action]) -> None:
        """Add actions to the chain."""
        if not actions:
            return
        with self._database.writing() as connection:
            _append(connection, actions)

    def erase(self, action: Action, person: str, needles: Sequence[str]) -> int:
        """Erase what rows of an organization tell about a person; return how many. Their digests stay in the chain.

        `action`: who does it and where; its request becomes the person and the number of rows, which `first_bad` counts.
        `person`: how he is called without a name. `needles`: what rows about him have in them.
        """
        about = or_(*(contains(audit.c[name], needle) for name in _TOLD for needle in needles))
        mine = (audit.c.organization_id == action.organization_id) & (audit.c.erased_by == 0) & (audit.c.method != ERASURE)
        with self._database.writing() as connection:
            _lock(connection)
            found = [_row_from(row) for row in connection.execute(select(audit).where(mine, about)).mappings()]
            request = shown([("person", person), ("rows", len(found))])
            number = _append(connection, [msgspec.structs.replace(action, method=ERASURE, request=request)])
            for row in found:
                erased = {**dict.fromkeys(_TOLD, ""), "digests": digests_of(row.action), "erased_by": number}
                connection.execute(update(audit).where(audit.c.number == row.number).values(erased))
        return len(found)

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
        """Return the number of the first row that does not fit the chain; None if it is whole.

        What was erased must be told of by a later row, which counts as many.
        """
        number, hash_before = 0, b""
        erased: dict[int, list[int]] = {}
        while True:
            rows = self.rows(after=number)
            for row in rows:
                number += 1
                hash_before = hash_of(number, row.action, hash_before, row.digests)
                if row.number != number or row.hash != hash_before or not _is_sound(row):
                    return row.number
                if row.erased_by:
                    erased.setdefault(row.erased_by, []).append(number)
                missing = erased.pop(number, [])
                if (row.action.method == ERASURE or missing) and _counted_in(row) != len(missing):
                    return min([number, *missing])
            if not rows:
                return min(min(numbers) for numbers in erased.values()) if erased else None


_FIELDS = Action.__struct_fields__
_TOLD = ("request", "before", "after")
"""what may name people"""
_DIGESTS_LENGTH = 96
_SLICE = 1_000


def _row_from(row: RowMapping) -> AuditRow:
    return AuditRow(
        number=row["number"], action=_action_from(row), hash=row["hash"], erased_by=row["erased_by"], digests=row["digests"]
    )


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


def hash_of(number: int, action: Action, hash_before: bytes, digests: bytes | None = None) -> bytes:
    """Return the SHA-256 of the hash before, and the row as msgpack: number, the fields of `Action` in their order without
    what was told, and the digests of that, which are given if it was erased."""
    kept = [value for name, value in zip(_FIELDS, msgspec.structs.astuple(action), strict=True) if name not in _TOLD]
    return sha256(hash_before + msgspec.msgpack.encode((number, *kept, digests or digests_of(action)))).digest()


def digests_of(action: Action) -> bytes:
    """Return the SHA-256 of each text that an action tells, in order."""
    return b"".join(sha256(getattr(action, name).encode()).digest() for name in _TOLD)


def _is_sound(row: AuditRow) -> bool:
    """Say whether a row is either as it was written, or erased as a whole by a later one."""
    told = any(getattr(row.action, name) for name in _TOLD)
    if row.digests is None:
        return row.erased_by == 0
    return row.erased_by > row.number and not told and len(row.digests) == _DIGESTS_LENGTH


def _counted_in(row: AuditRow) -> int:
    """Return how many rows an erasure says that it has erased; -1 for a row that is none."""
    if row.action.method != ERASURE:
        return -1
    return int(msgspec.json.decode(row.action.request)["rows"])


def _append(connection: Connection, actions: Sequence[Action]) -> int:
    """Add actions to the chain; return the number of the last."""
    _lock(connection)
    number, hash_before = _last(connection)
    rows = []
    for action in actions:
        number += 1
        hash_before = hash_of(number, action, hash_before)
        values = msgspec.structs.asdict(action)
        rows.append({"number": number, **values, "erased_by": 0, "digests": None, "hash": hash_before})
    connection.execute(insert(audit), rows)
    return number


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


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
