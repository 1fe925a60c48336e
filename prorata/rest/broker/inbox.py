"""Messages in the inbox of accounts."""

from typing import Annotated

from msgspec import Meta

from prorata.access.permissions import Permission
from prorata.crm.letters.inbox import RECIPIENTS_MAX, Message
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, LongText, Record, ShortText, Uuid, time_of
from prorata.rest.broker.registry import operation


class NewMessage(Given, frozen=True):
    """`notify_by_email`: a letter tells each of it."""

    account_uuids: Annotated[list[Uuid], Meta(min_length=1, max_length=RECIPIENTS_MAX)]
    title: ShortText
    content: LongText
    notify_by_email: bool = True


class MessageView(Record, frozen=True):
    uuid: str
    created: str | None
    created_by: str
    title: str
    content: str
    read: str | None


class SentMessages(Record, frozen=True):
    """`uuids`: in the order of the accounts."""

    uuids: list[str]


class InboxMessages(Record, frozen=True):
    unread: int
    inbox_messages: list[MessageView]


@operation("POST", "/v1/inbox-message", needs=Permission.MESSAGES_SEND, ours=True)
async def send_message(call: Call, given: NewMessage) -> SentMessages:
    """Send a message to the inbox of accounts, of all or none."""
    send = call.crm.letter_desk.inbox.send
    uuids = [one.lower() for one in given.account_uuids]
    sent = await call.sql(
        send, call.organization_id, uuids, given.title, given.content, mail=given.notify_by_email, by=call.by
    )  # fmt: skip
    return SentMessages(uuids=[one.uuid for one in sent])


@operation("GET", "/v1/accounts/{accountUuid}/inbox-messages", needs=Permission.CLIENTS_READ, personal=True, ours=True)
async def inbox_messages(call: Call, account_uuid: str) -> InboxMessages:
    """The newest 500 messages of an account, and how many it has not read."""
    account = await call.account(account_uuid)
    inbox = call.crm.letter_desk.inbox
    found = await call.sql(inbox.of_account, account.id)
    return InboxMessages(
        unread=await call.sql(inbox.unread, account.id), inbox_messages=[message_view(one) for one in found]
    )  # fmt: skip


def message_view(message: Message) -> MessageView:
    return MessageView(
        uuid=message.uuid, created=time_of(message.created_at), created_by=message.created_by, title=message.title,
        content=message.body, read=time_of(message.read_at),
    )  # fmt: skip
