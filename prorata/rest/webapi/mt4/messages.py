"""News, mail and notifications. They are kept as they were sent, and read back; traders' programs read them from here."""

from collections.abc import Sequence

from prorata.access.permissions import Permission
from prorata.control.server_settings.messages import Message, MessageKind
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.mt4.server_config import common_settings_of
from prorata.rest.webapi.registry import HISTORY_SECONDS, MT4, How
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_messages import (
    MT4MailBox,
    MT4MailSendRequest,
    MT4NewsSendRequest,
    MT4NewsTopic,
    MT4NotificationsSendRequest,
)
from prorata.rest.webapi.values import time_of

TOPIC_LENGTH_MAX = 256
CATEGORY_LENGTH_MAX = 64
SUBJECT_LENGTH_MAX = 128
SENDER_LENGTH_MAX = 64
BODY_LENGTH_MAX = 20_000
NOTIFICATION_LENGTH_MAX = 1_024
LOGINS_MAX = 10_000

NEWS, MAIL, NOTIFICATION = MessageKind.NEWS, MessageKind.MAIL, MessageKind.NOTIFICATION


async def _send(call: Call, kind: MessageKind, message: Message, keep_days: int = 0) -> bool:
    await call.sql(call.control.messages.send, call.trade_platform.uuid, kind, message, at=call.now(), keep_days=keep_days)
    return True


def _text(field: str, text: str | None, most: int, *, required: bool = False) -> str:
    """Return a text that was sent. Raises `Failure`."""
    if required and not (text or "").strip():
        raise invalid(field, "must be given")
    if len(text or "") > most:
        raise invalid(field, f"has more than {most} characters")
    return text or ""


def _recipients(call: Call, logins: Sequence[int] | None) -> tuple[int, ...]:
    """Return whom a message is for, each once. Raises `Failure`: nobody, too many, or somebody who is not there."""
    if not logins:
        raise invalid("logins", "must name at least one account")
    if len(logins) > LOGINS_MAX:
        raise invalid("logins", f"has more than {LOGINS_MAX} accounts")
    for login in logins:
        call.account(login)
    return tuple(dict.fromkeys(logins))


# News.


def _topic_of(news: Message) -> MT4NewsTopic:
    return MT4NewsTopic(
        key=news.number, time=time_of(news.at), topic=news.topic, category=news.category, keywords="", priority=news.priority
    )


@MT4.post("NewsSend", needs=Permission.MESSAGES_SEND, how=How.STORED)
async def news_send(call: Call, given: MT4NewsSendRequest) -> bool:
    """Publish a news item for everybody."""
    news = Message(
        sender=call.caller.client_id,
        topic=_text("topic", given.topic, TOPIC_LENGTH_MAX, required=True),
        category=_text("category", given.category, CATEGORY_LENGTH_MAX),
        body=_text("body", given.body, BODY_LENGTH_MAX, required=True),
        priority=int(given.high_priority),
    )
    return await _send(call, NEWS, news)


@MT4.get("NewsTotal", needs=Permission.MARKET_READ, how=How.STORED)
async def news_total(call: Call) -> Int32:
    """How many news items there are."""
    return await call.sql(call.control.messages.count, call.trade_platform.uuid, NEWS)


@MT4.get("NewsGet", needs=Permission.MARKET_READ, how=How.STORED)
async def news_get(call: Call) -> list[MT4NewsTopic]:
    """The heads of all news items, oldest first."""
    found = await call.sql(call.control.messages.all, call.trade_platform.uuid, NEWS, bodies=False)
    return [_topic_of(news) for news in found]


@MT4.get("NewsTopicGet/{pos}", needs=Permission.MARKET_READ, how=How.STORED)
async def news_topic_get(call: Call, pos: Int32) -> MT4NewsTopic:
    """The head of the news item at a place of the list, from 0."""
    if pos < 0:
        raise not_found("news item")
    news = await call.sql(call.control.messages.at_place, call.trade_platform.uuid, NEWS, pos)
    if news is None:
        raise not_found("news item")
    return _topic_of(news)


@MT4.get("NewsBodyGet/{key}", needs=Permission.MARKET_READ, how=How.STORED)
async def news_body_get(call: Call, key: Int32) -> str:
    """The text of a news item."""
    news = await call.sql(call.control.messages.get, call.trade_platform.uuid, NEWS, key)
    if news is None:
        raise not_found("news item")
    return news.body


@MT4.post("NewsBodyRequest/{key}", needs=Permission.MARKET_READ, reads=True, how=How.STORED)
async def news_body_request(call: Call, key: Int32) -> bool:
    """Have the text of a news item fetched: here it always is."""
    return True


# Mail.


@MT4.post("MailSend", needs=Permission.MESSAGES_SEND, secret=True, how=How.STORED)
async def mail_send(call: Call, given: MT4MailSendRequest) -> bool:
    """Send a mail to the owners of accounts."""
    if given.sender_login < 0:
        raise invalid("senderLogin", "must be 0 or more")
    mail = Message(
        sender=call.caller.client_id,
        sender_login=given.sender_login,
        sender_name=_text("senderName", given.sender_name, SENDER_LENGTH_MAX),
        topic=_text("subject", given.subject, SUBJECT_LENGTH_MAX),
        body=_text("body", given.body, BODY_LENGTH_MAX, required=True),
        logins=_recipients(call, given.logins),
    )
    return await _send(call, MAIL, mail, keep_days=common_settings_of(call).keep_emails)


@MT4.get("MailLast", needs=Permission.MESSAGES_SEND, how=How.STORED)
async def mail_last(call: Call) -> str:
    """The number of the newest mail; empty if there is none."""
    mail = await call.sql(call.control.messages.at_place, call.trade_platform.uuid, MAIL, -1)
    return "" if mail is None else str(mail.number)


@MT4.get("MailsRequest", needs=Permission.MESSAGES_SEND, seconds=HISTORY_SECONDS, how=How.STORED)
async def mails_request(call: Call) -> list[MT4MailBox]:
    """All mail that is kept, oldest first."""
    return [
        MT4MailBox(
            time=time_of(mail.at),
            sender_login=mail.sender_login,
            sender_name=mail.sender_name,
            subject=mail.topic,
            body=mail.body,
        )
        for mail in await call.sql(call.control.messages.all, call.trade_platform.uuid, MAIL)
    ]


# Notifications.


@MT4.post("NotificationsSend", needs=Permission.MESSAGES_SEND, secret=True, how=How.STORED)
async def notifications_send(call: Call, given: MT4NotificationsSendRequest) -> bool:
    """Send a line of text to the owners of accounts."""
    text = _text("message", given.message, NOTIFICATION_LENGTH_MAX, required=True)
    if not text.isprintable():
        raise invalid("message", "must be a single line of printable characters")
    message = Message(sender=call.caller.client_id, body=text, logins=_recipients(call, given.logins))
    return await _send(call, NOTIFICATION, message)
