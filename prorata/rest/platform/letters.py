"""What the broker writes to whoever is signed in: messages in his inbox, his statements, and which letters he does without."""

from datetime import date

from prorata.access.callers import NotFound
from prorata.control.paging import Slice
from prorata.crm.letters.inbox import Message
from prorata.crm.letters.kinds import OPTIONAL, LetterKind
from prorata.crm.letters.statements.figures import Period
from prorata.crm.letters.statements.keeping import FORMS, Form, KeptStatement, StatementFilter
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, Uuid, time_of
from prorata.rest.platform.api_keys import own_trading_account
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.registry import Download, door
from prorata.views.answers import Rejected

LISTED_MAX = 500
_EPOCH = date(1970, 1, 1).toordinal()


class MessageView(Record, frozen=True):
    uuid: str
    created: str | None
    title: str
    content: str
    read: str | None


class InboxView(Record, frozen=True):
    unread: int
    messages: list[MessageView]


class UnreadView(Record, frozen=True):
    unread: int


class InboxQuery(Given, frozen=True):
    unread: bool = False


class LettersView(Record, frozen=True):
    """`optional`: kinds that a person may do without; `refused`: those that this one does without."""

    optional: list[LetterKind]
    refused: list[LetterKind]


class RefusedGiven(Given, frozen=True):
    refused: list[LetterKind]


class StatementQuery(Given, frozen=True):
    trading_account_uuid: Uuid | None = None
    period: Period | None = None


class StatementGiven(Given, frozen=True):
    """`day`: the day, or one of the month."""

    trading_account_uuid: Uuid
    period: Period
    day: date


class StatementView(Record, frozen=True):
    uuid: str
    system_uuid: str
    login: str
    period: Period
    first_day: str
    last_day: str
    created: str | None


class StatementsView(Record, frozen=True):
    statements: list[StatementView]


class FileQuery(Given, frozen=True):
    language: str = ""


@door("GET", "/client/messages", signed_in=True)
async def messages(call: DoorCall, given: InboxQuery) -> InboxView:
    """The newest messages, newest first; with `unread` the unread ones alone."""
    inbox, account_id = call.house.crm.letter_desk.inbox, call.signed_in.person_id
    found = await call.sql(inbox.of_account, account_id, unread=given.unread)
    return InboxView(unread=await call.sql(inbox.unread, account_id), messages=[_message_view(one) for one in found])


@door("GET", "/client/messages/unread", signed_in=True)
async def unread_messages(call: DoorCall) -> UnreadView:
    """How many messages have not been read."""
    return UnreadView(unread=await call.sql(call.house.crm.letter_desk.inbox.unread, call.signed_in.person_id))


@door("POST", "/client/messages/read", signed_in=True)
async def read_all_messages(call: DoorCall) -> None:
    """All messages are read."""
    await call.sql(call.house.crm.letter_desk.inbox.read_all, call.signed_in.person_id)


@door("POST", "/client/messages/{uuid}/read", signed_in=True)
async def read_message(call: DoorCall, uuid: str) -> MessageView:
    """A message, which is read from now on."""
    return _message_view(await call.sql(call.house.crm.letter_desk.inbox.read, call.signed_in.person_id, uuid.lower()))


@door("GET", "/client/letters", signed_in=True)
async def letters(call: DoorCall) -> LettersView:
    """Which letters the person does without, and which he may do without."""
    refused = await call.sql(call.house.crm.letters.refused_by, call.signed_in.person_id)
    return LettersView(optional=sorted(OPTIONAL), refused=refused)


@door("PUT", "/client/letters", signed_in=True)
async def refuse_letters(call: DoorCall, given: RefusedGiven) -> LettersView:
    """Set which letters the person does without."""
    await call.sql(call.house.crm.letters.refuse, call.signed_in.person_id, given.refused)
    return await letters(call)


@door("GET", "/client/statements", signed_in=True)
async def statements(call: DoorCall, given: StatementQuery) -> StatementsView:
    """The newest statements of the person's trading accounts, or of one of them."""
    person = await call.person()
    number = None
    if given.trading_account_uuid is not None:
        number = (await own_trading_account(call, given.trading_account_uuid)).id
    wanted = StatementFilter(account_id=person.id, trading_account_id=number, period=given.period, differing=False)
    search = call.house.crm.letter_desk.statements.search
    found, _ = await call.sql(search, person.organization_id, wanted, Slice("day", True, 0, LISTED_MAX))
    return StatementsView(statements=[_statement_view(one) for one in found])


@door("POST", "/client/statements", signed_in=True)
async def make_statement(call: DoorCall, given: StatementGiven) -> StatementView:
    """Have the statement of a day or a month made that has ended."""
    found = await own_trading_account(call, given.trading_account_uuid)
    make = call.house.crm.letter_desk.statements.make_now
    kept = await call.sql(make, found.organization_id, found.id, given.period, given.day.toordinal() - _EPOCH)
    if kept.differences:
        raise Rejected(Refusal.STATEMENT_NOT_READY, "the broker must look at it first")
    return _statement_view(kept)


@door("GET", "/client/statements/{uuid}/{form}", signed_in=True)
async def statement(call: DoorCall, uuid: str, form: str, given: FileQuery) -> Download:
    """A statement as a file: html, pdf or csv."""
    person = await call.person()
    kept = await call.sql(call.house.crm.letter_desk.statements.find, person.organization_id, uuid.lower())
    if kept.account_id != person.id or kept.differences or form not in FORMS:
        raise NotFound
    name, content = await call.sql(call.house.crm.letter_desk.statements.rendered, kept, Form(form), given.language)
    return Download(FORMS[Form(form)], name, content)


def _message_view(message: Message) -> MessageView:
    return MessageView(
        uuid=message.uuid, created=time_of(message.created_at), title=message.title, content=message.body,
        read=time_of(message.read_at),
    )  # fmt: skip


def _statement_view(kept: KeptStatement) -> StatementView:
    first, last = (date.fromordinal(_EPOCH + day).isoformat() for day in (kept.first_day, kept.last_day))
    return StatementView(
        uuid=kept.uuid, system_uuid=kept.platform_uuid, login=str(kept.login), period=kept.period, first_day=first,
        last_day=last, created=time_of(kept.created_at),
    )  # fmt: skip
