"""Notes, tasks and the timeline of an account."""

from datetime import datetime

from prorata.access.permissions import Permission
from prorata.crm.accounts import manager_number
from prorata.crm.activity import NoteType, TaskStatus, TaskType, TimelineEvent
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, LongText, Record, Uuid, time_of
from prorata.rest.broker.paging import Span
from prorata.rest.broker.registry import operation
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment


class HappeningView(Record, frozen=True):
    details: str
    event: TimelineEvent
    created_by: str
    created: str | None


class Timeline(Record, frozen=True):
    timeline_events: list[HappeningView]


class NewNote(Given, frozen=True):
    account_uuid: Uuid
    content: LongText
    type: NoteType = NoteType.NOTE


class NoteView(Record, frozen=True):
    uuid: str
    created: str | None
    created_by: str
    account_uuid: str
    type: NoteType
    content: str


class NewTask(Given, frozen=True):
    account_uuid: Uuid
    type: TaskType = TaskType.TASK
    start_date: datetime | None = None
    status: TaskStatus = TaskStatus.TODO
    account_manager_uuid: Uuid | None = None
    comment: LongText | None = None


class TaskView(Record, frozen=True):
    uuid: str
    account_uuid: str
    type: TaskType
    start_date: str | None
    status: TaskStatus
    account_manager_uuid: str | None
    comment: str
    created: str | None
    created_by: str


@operation("GET", "/v1/accounts/{accountUuid}/timeline-events", needs=Permission.CLIENTS_READ, personal=True)
async def timeline_events(call: Call, span: Span, account_uuid: str, event_type: TimelineEvent | None = None) -> Timeline:
    """What happened around an account."""
    account = await call.account(account_uuid)
    found = await call.sql(
        call.crm.activity.timeline, account.id, event=event_type, since=span.since, until=span.until,
        newest_first=span.descending,
    )  # fmt: skip
    return Timeline(
        timeline_events=[
            HappeningView(
                details=one.details, event=one.event, created_by=one.created_by, created=time_of(one.created_at)
            )
            for one in found
        ]
    )  # fmt: skip


@operation("POST", "/v1/note", needs=Permission.CLIENTS_WRITE)
async def new_note(call: Call, given: NewNote) -> NoteView:
    """Write a note about an account, or what was said in a call."""
    account = await call.account(given.account_uuid)
    note = await call.sql(call.crm.activity.add_note, account.id, given.type, given.content, by=call.by)
    return NoteView(
        uuid=note.uuid, created=time_of(note.created_at), created_by=note.created_by, account_uuid=account.uuid,
        type=note.type, content=note.content,
    )  # fmt: skip


@operation("POST", "/v1/task", needs=Permission.CLIENTS_WRITE)
async def new_task(call: Call, given: NewTask) -> TaskView:
    """Set a task about an account, for a manager or for whoever does it."""
    account = await call.account(given.account_uuid)
    manager_id = None
    if given.account_manager_uuid is not None:
        manager_id = await call.sql(_manager_of, call, given.account_manager_uuid)
    task = await call.sql(
        call.crm.activity.add_task, account.id, given.type, given.status, by=call.by, manager_id=manager_id,
        comment=given.comment or "", starts_at=_moment(given.start_date),
    )  # fmt: skip
    return TaskView(
        uuid=task.uuid, account_uuid=account.uuid, type=task.type, start_date=time_of(task.starts_at), status=task.status,
        account_manager_uuid=given.account_manager_uuid, comment=task.comment, created=time_of(task.created_at),
        created_by=task.created_by,
    )  # fmt: skip


def _manager_of(call: Call, person_uuid: str) -> int:
    with call.control.database.reading() as connection:
        return manager_number(connection, call.organization_id, person_uuid)


def _moment(time: datetime | None) -> int:
    if time is None:
        return 0
    if time.tzinfo is None:
        raise Rejected(Refusal.MALFORMED, "startDate: has no offset from UTC")
    return read_moment(time.isoformat(timespec="milliseconds"), "startDate")
