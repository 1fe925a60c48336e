"""What happens around an account: notes, tasks, and the timeline, which has everything in order."""

import uuid
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from prorata.control.database import Database
from prorata.crm.events import emit
from prorata.crm.holding import hold_person
from prorata.crm.letters.tables import timeline_letters
from prorata.crm.tables import TEXT_LENGTH_MAX, notes, tasks, timeline
from prorata.units.numbers import SECOND_MS, Moment

CONTENT_LENGTH_MAX = 10_000
TIMELINE_MAX = 5_000
"""newest events that a list has at most"""


class TimelineEvent(StrEnum):
    """Kinds of events. Beyond the published ones: those of accounts, of payments that ended otherwise, and of prop trading."""

    VOIP_CALL = "VOIP_CALL"
    NOTE = "NOTE"
    TASK_CALL = "TASK_CALL"
    TASK = "TASK"
    LEAD_ASSIGNMENT = "LEAD_ASSIGNMENT"
    FAILED_DEPOSIT = "FAILED_DEPOSIT"
    SUCCESSFUL_DEPOSIT = "SUCCESSFUL_DEPOSIT"
    WITHDRAWAL_TO_CONFIRM = "WITHDRAWAL_TO_CONFIRM"
    STOP_LOSS = "STOP_LOSS"
    TAKE_PROFIT = "TAKE_PROFIT"
    ORDER_ACTIVATION = "ORDER_ACTIVATION"
    STOP_OUT = "STOP_OUT"
    MARGIN_CALL = "MARGIN_CALL"
    LOGIN = "LOGIN"
    ACCOUNT_CREATED = "ACCOUNT_CREATED"
    ACCOUNT_CHANGED = "ACCOUNT_CHANGED"
    TRADING_ACCOUNT_OPENED = "TRADING_ACCOUNT_OPENED"
    OFFER_CHANGED = "OFFER_CHANGED"
    BECAME_CLIENT = "BECAME_CLIENT"
    SUCCESSFUL_WITHDRAWAL = "SUCCESSFUL_WITHDRAWAL"
    FAILED_WITHDRAWAL = "FAILED_WITHDRAWAL"
    PASSWORD_CHANGED = "PASSWORD_CHANGED"  # noqa: S105
    VERIFICATION = "VERIFICATION"
    DOCUMENT = "DOCUMENT"
    CONSENT = "CONSENT"
    DUPLICATE = "DUPLICATE"
    SUCCESSFUL_TRANSFER = "SUCCESSFUL_TRANSFER"
    FAILED_TRANSFER = "FAILED_TRANSFER"
    CHARGEBACK = "CHARGEBACK"
    PROP_ACCOUNT_OPENED = "PROP_ACCOUNT_OPENED"
    PROP_FAILED = "PROP_FAILED"
    PROP_PASSED = "PROP_PASSED"
    PROP_WITHDRAWAL = "PROP_WITHDRAWAL"


class NoteType(StrEnum):
    NOTE = "NOTE"
    CALL = "CALL"


class TaskType(StrEnum):
    TASK = "TASK"
    CALL_ASSIGNMENT = "CALL_ASSIGNMENT"


class TaskStatus(StrEnum):
    TODO = "TODO"
    IN_PROGRESS = "IN_PROGRESS"
    DONE = "DONE"


class Happening(msgspec.Struct, frozen=True, kw_only=True):
    event: TimelineEvent
    details: str
    created_by: str
    created_at: Moment


class Note(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    type: NoteType
    content: str
    created_by: str
    created_at: Moment


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """`manager_id`: the person who is to do it, None for whoever does."""

    uuid: str
    type: TaskType
    status: TaskStatus
    manager_id: int | None
    comment: str
    created_by: str
    starts_at: Moment
    created_at: Moment


_NOTED = {NoteType.NOTE: TimelineEvent.NOTE, NoteType.CALL: TimelineEvent.VOIP_CALL}
_SET = {TaskType.TASK: TimelineEvent.TASK, TaskType.CALL_ASSIGNMENT: TimelineEvent.TASK_CALL}


TOLD_BY_LETTER = frozenset(
    {
        TimelineEvent.ACCOUNT_CREATED, TimelineEvent.ACCOUNT_CHANGED, TimelineEvent.PASSWORD_CHANGED,
        TimelineEvent.TRADING_ACCOUNT_OPENED, TimelineEvent.SUCCESSFUL_DEPOSIT, TimelineEvent.FAILED_DEPOSIT,
        TimelineEvent.WITHDRAWAL_TO_CONFIRM, TimelineEvent.SUCCESSFUL_WITHDRAWAL, TimelineEvent.FAILED_WITHDRAWAL,
    }
)  # fmt: skip
"""What the person may be told of by a letter; `letters.scribe` looks at it."""
WELCOME_AFTER_MS = 15 * SECOND_MS
"""An account whose trading account cannot be opened is taken back at once, and nobody is welcomed to it."""


def tell(connection: Connection, account_id: int, event: TimelineEvent, details: str, by: str, now: Moment) -> None:
    """Add to an account's timeline."""
    made = connection.execute(
        insert(timeline).values(
            account_id=account_id, event=event.value, details=details, created_by=by[:TEXT_LENGTH_MAX], created_at=now
        )
    ).inserted_primary_key
    assert made is not None
    if event in TOLD_BY_LETTER:
        due = now + (WELCOME_AFTER_MS if event is TimelineEvent.ACCOUNT_CREATED else 0)
        connection.execute(insert(timeline_letters).values(timeline_id=made[0], tries=0, next_at=due))


class Activity:
    """Blocks on the database. `by`: who does it, as the timeline shows it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_note(self, account_id: int, type: NoteType, content: str, *, by: str) -> Note:
        note = Note(uuid=str(uuid.uuid4()), type=type, content=content, created_by=by, created_at=self._database.now())
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            connection.execute(insert(notes).values(account_id=account_id, **msgspec.structs.asdict(note)))
            tell(connection, account_id, _NOTED[type], content, by, note.created_at)
            told = {"note": {"uuid": note.uuid, "type": type}, "by": by}
            emit(connection, account_id, "note_added", told, note.created_at)
        return note

    def add_task(self, account_id: int, type: TaskType, status: TaskStatus, *, by: str, **more: Any) -> Task:
        """`more`: manager_id, comment, starts_at."""
        now = self._database.now()
        task = Task(uuid=str(uuid.uuid4()), type=type, status=status, created_by=by, created_at=now, **more)
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            connection.execute(insert(tasks).values(account_id=account_id, **msgspec.structs.asdict(task)))
            tell(connection, account_id, _SET[type], task.comment, by, now)
            told = {"task": {"uuid": task.uuid, "type": type, "status": status}, "by": by}
            emit(connection, account_id, "task_added", told, now)
        return task

    def note_login(self, account_id: int, address: str, *, by: str) -> None:
        """Write down that a person has signed in, and from where."""
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            tell(connection, account_id, TimelineEvent.LOGIN, address, by, self._database.now())

    def timeline(
        self,
        account_id: int,
        *,
        event: TimelineEvent | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
        newest_first: bool = True,
    ) -> list[Happening]:
        """Return what happened from `since` to before `until`, at most `TIMELINE_MAX` events."""
        query = select(timeline).where(timeline.c.account_id == account_id)
        if event is not None:
            query = query.where(timeline.c.event == event.value)
        if since is not None:
            query = query.where(timeline.c.created_at >= since)
        if until is not None:
            query = query.where(timeline.c.created_at < until)
        order = [timeline.c.created_at, timeline.c.id]
        query = query.order_by(*(column.desc() for column in order) if newest_first else order).limit(TIMELINE_MAX)
        with self._database.reading() as connection:
            return [
                Happening(
                    event=TimelineEvent(row.event), details=row.details, created_by=row.created_by, created_at=row.created_at
                )
                for row in connection.execute(query)
            ]
