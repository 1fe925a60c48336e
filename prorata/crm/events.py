"""What happened in the CRM, for programs that want to be told: an outbox, written in the transactions that change something.

    change + row (`emit`) -> numbered (`Events.number`) -> a notice for each subscription -> sent

Rows are numbered afterwards, by the one who delivers: numbers that were given within the transactions could become
visible out of order, and one that was passed over would be lost; and a counter would make all changes wait for each other. What
concerns one account is numbered as it was committed.

A notice says what happened to what, by uuids and statuses. Who wants names and addresses asks for them, as far as he may.
"""

import uuid
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, get_args

import msgspec
from sqlalchemy import Column, Connection, Index, String, Table, Text, delete, insert, literal, select, update
from sqlalchemy import text as sql

from prorata.control.columns import WHOLE, metadata, number, of, text, whole
from prorata.control.database import Database
from prorata.control.organizations.tables import organizations
from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.crm.tables import accounts, crm_table, outside_id
from prorata.storage.database import insert_into
from prorata.units.numbers import Moment

CrmEventType: TypeAlias = Literal[
    "account_created",
    "account_changed",
    "account_deleted",
    "verification_changed",
    "lead_became_client",
    "trading_account_opened",
    "trading_account_moved",
    "payment_changed",
    "transfer_changed",
    "chargeback_changed",
    "prop_account_changed",
    "note_added",
    "task_added",
]
CRM_EVENT_TYPES: frozenset[str] = frozenset(get_args(CrmEventType))

AT_ONCE = 500
_UNNUMBERED = sql("sequence IS NULL")

events = crm_table(
    "events",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("account_uuid", 36),
    text("type", 32),
    Column("data", Text, nullable=False),
    whole("at"),
    Column("sequence", WHOLE, nullable=True, unique=True),
    Index("ix_crm_events_unnumbered", "id", sqlite_where=_UNNUMBERED, postgresql_where=_UNNUMBERED),
    Index("ix_crm_events_at", "at"),
)
"""`data`: JSON. `sequence`: NULL until it is numbered."""

marks = Table("crm_event_marks", metadata, Column("name", String(16), primary_key=True), whole("last"))
"""The last number, which stays when what had it is forgotten."""
_MARK = "events"


def emit(connection: Connection, account_id: int, type: CrmEventType, data: Mapping[str, Any], now: Moment) -> None:
    """Tell subscribers what happened to an account, if the transaction is committed."""
    row = {
        "uuid": str(uuid.uuid4()), "type": type, "data": msgspec.json.encode(data).decode(), "at": now,
    }  # fmt: skip
    values = (literal(value, events.c[name].type) for name, value in row.items())
    owner = select(*values, accounts.c.organization_id, accounts.c.uuid).where(accounts.c.id == account_id)
    connection.execute(insert(events).from_select([*row, "organization_id", "account_uuid"], owner))


class Events:
    """The outbox. Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last(self) -> int:
        """Return the last number that was given, 0 for none."""
        with self._database.reading() as connection:
            return _last(connection) or 0

    def number(self) -> int:
        """Number all that has happened, and return the last number."""
        while self._number_some():
            pass
        return self.last()

    def _number_some(self) -> bool:
        with self._database.reading() as connection:
            if connection.execute(select(events.c.id).where(_UNNUMBERED).limit(1)).first() is None:
                return False
        with self._database.writing() as connection:
            connection.execute(insert_into(connection.dialect, marks).values(name=_MARK, last=0).on_conflict_do_nothing())
            # Whoever else would number waits here, and finds these numbered.
            connection.execute(update(marks).where(marks.c.name == _MARK).values(last=marks.c.last))
            last = _last(connection) or 0
            query = select(events.c.id).where(_UNNUMBERED).order_by(events.c.id).limit(AT_ONCE)
            numbers = connection.execute(query).scalars().all()
            for place, row in enumerate(numbers, last + 1):
                connection.execute(update(events).where(events.c.id == row).values(sequence=place))
            connection.execute(update(marks).where(marks.c.name == _MARK).values(last=last + len(numbers)))
        return True

    def after(self, sequence: int) -> NoticeBatch:
        """Return some of what has a number beyond this one, without gap; what is forgotten is passed over."""
        with self._database.reading() as connection:
            last = _last(connection) or 0
            query = select(events, organizations.c.uuid.label("organization_uuid")).join(
                organizations, organizations.c.id == events.c.organization_id
            )
            query = query.where(events.c.sequence > sequence).order_by(events.c.sequence).limit(AT_ONCE)
            rows = connection.execute(query).mappings().all()
        notices = tuple(
            Notice(
                sequence=row["sequence"], at=row["at"], order_key=f"account/{row['account_uuid']}", type=row["type"],
                uuid=row["uuid"], company=row["organization_uuid"],
                data={"account": {"uuid": row["account_uuid"]}, **msgspec.json.decode(row["data"])},
            )
            for row in rows
        )  # fmt: skip
        return NoticeBatch(sequence + 1, notices[-1].sequence if len(notices) == AT_ONCE else last, notices)

    def forget(self, before: Moment) -> None:
        """Forget what has been numbered and happened before then."""
        with self._database.writing() as connection:
            connection.execute(delete(events).where(events.c.at < before, events.c.sequence.is_not(None)))


def _last(connection: Connection) -> int | None:
    found: int | None = connection.execute(select(marks.c.last).where(marks.c.name == _MARK)).scalar()
    return found
