"""News, mail and notifications."""

from datetime import datetime

from prorata.rest.webapi.schemas.kinds import NO_TIME, Int32, Record


class MT4NewsTopic(Record):
    """The head of a news item."""

    key: Int32 = 0
    time: datetime = NO_TIME
    topic: str | None = None
    category: str | None = None
    keywords: str | None = None
    priority: Int32 = 0
    lang_id: Int32 = 0


class MT4NewsSendRequest(Record):
    """A news item for everybody."""

    topic: str | None = None
    category: str | None = None
    body: str | None = None
    high_priority: bool = False


class MT4MailSendRequest(Record):
    """A mail to some accounts' owners."""

    sender_login: Int32 = 0
    sender_name: str | None = None
    subject: str | None = None
    body: str | None = None
    logins: tuple[Int32, ...] | None = None


class MT4MailBox(Record):
    """A mail that came."""

    time: datetime = NO_TIME
    sender_login: Int32 = 0
    sender_name: str | None = None
    subject: str | None = None
    body: str | None = None


class MT4NotificationsSendRequest(Record):
    """A message to the phones of some accounts' owners."""

    logins: tuple[Int32, ...] | None = None
    message: str | None = None
