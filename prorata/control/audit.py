"""Who did what, from where, when, and how it came out. Each row carries the hash of the one before it.

Secrets are taken out of a request before it comes here or anywhere else: see `without_secrets`.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, text

from prorata.control.database import Database
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
    """`actor`: "manager 5", "client 17", "command line", ...; `outcome`: "ok" or the code of the error."""

    at: Moment
    company_id: int
    actor: str
    method: str
    address: str
    request: str
    outcome: str


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

    def rows(self, company_id: int | None = None, *, after: int = 0, limit: int = 1_000) -> list[AuditRow]:
        """Return rows above a number, of one company or of all."""
        query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(limit)
        if company_id is not None:
            query = query.where(audit.c.company_id == company_id)
        with self._database.reading() as connection:
            found = connection.execute(query).mappings().all()
        return [AuditRow(number=row["number"], action=_action_from(row), hash=row["hash"]) for row in found]

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
