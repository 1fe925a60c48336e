"""The service that delivers what is in the outbox. A mail may come twice after a crash, but is never lost."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import NamedTuple, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.mail.outbox import Mail, Outbox
from prorata.control.mail.smtp import MailFailed, MailRefused, Post, SmtpPost
from prorata.control.mail.terms import MailTerms
from prorata.control.people.addresses import mailbox_of

POLL_SECONDS = 1.0

_log = structlog.get_logger("mail")


class Attachment(NamedTuple):
    """`type`: "application/pdf"."""

    name: str
    type: str
    content: bytes


class Route(NamedTuple):
    """A mail server and the address that mails by it come from."""

    post: Post
    sender: str


class Writers(Protocol):
    """Who writes mails that need more than the outbox keeps. The methods block."""

    def route(self, name: str) -> Route | None:
        """Return the mail server of a route; None if it has none of its own any more."""

    def attachments(self, name: str) -> list[Attachment]: ...


class MailDelivery:
    """`sender`: the address that mails come from. `post` None: the installation has no mail server of its own.

    `at_once`: so many mails are sent at the same time, each to somebody else.
    """

    def __init__(
        self, outbox: Outbox, post: Post | None, *, sender: str, writers: Writers | None = None, at_once: int = 1
    ) -> None:
        self._outbox = outbox
        self._own = None if post is None else Route(post, sender)
        self._writers = writers
        self._gate = asyncio.Semaphore(at_once)

    async def run(self) -> None:
        """Deliver for ever. While the database is away nothing is delivered, and nothing lost."""
        while True:
            try:
                delivered = await self.deliver()
            except SQLAlchemyError as problem:
                _log.warning("the outbox cannot be read", problem=type(problem).__name__)
                delivered = 0
            except Exception as problem:
                # A fault of ours with one mail: those after it shall go, and it is tried again when its claim is over.
                _log.error("a mail could not be tried", exc_info=problem)
                delivered = 0
            if not delivered:
                await asyncio.sleep(POLL_SECONDS)

    async def deliver(self) -> int:
        """Try the mails that are due, and return how many they were. Those to one person go one after another, oldest first."""
        due = await asyncio.to_thread(self._outbox.claim, routed=self._own is None)
        of_person: dict[str, list[Mail]] = {}
        for mail in due:
            of_person.setdefault(mail.recipient, []).append(mail)
        tried = await asyncio.gather(*map(self._try_all, of_person.values()), return_exceptions=True)
        # What is the matter with one person's mail is told when the others' have gone.
        for problem in tried:
            if problem is not None:
                raise problem
        return len(due)

    async def _try_all(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            async with self._gate:
                await self._try(mail)

    async def _try(self, mail: Mail) -> None:
        try:
            await self._send(mail)
        except MailRefused as problem:
            _log.warning("a mail was refused", mail=mail.id, problem=str(problem))
            await asyncio.to_thread(self._outbox.refused, mail, str(problem))
        except MailFailed as problem:
            _log.warning("a mail is tried again later", mail=mail.id, problem=str(problem))
            await asyncio.to_thread(self._outbox.failed, mail, str(problem))
        else:
            await asyncio.to_thread(self._outbox.sent, mail)

    async def _send(self, mail: Mail) -> None:
        """Raises `MailRefused`, `MailFailed`."""
        route, attachments = self._own, []
        if self._writers is not None:
            if mail.route:
                route = await asyncio.to_thread(self._writers.route, mail.route) or self._own
            if mail.attachment:
                attachments = await asyncio.to_thread(self._writers.attachments, mail.attachment)
        if route is None:
            raise MailFailed("there is no mail server")
        await route.post.send(message_of(mail, route.sender, attachments))


@asynccontextmanager
async def delivering(outbox: Outbox, terms: MailTerms, writers: Writers | None = None) -> AsyncIterator[None]:
    """Deliver what is in the outbox meanwhile. Without a mail server, only what goes by the servers of `writers`."""
    post = SmtpPost(terms) if terms.host else None
    if post is None and writers is None:
        yield
        return
    delivery = MailDelivery(outbox, post, sender=terms.sender, writers=writers, at_once=terms.at_once)
    running = asyncio.create_task(delivery.run(), name="mail")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def message_of(mail: Mail, sender: str, attachments: Sequence[Attachment] = ()) -> EmailMessage:
    """Return a mail as it goes over the wire. The same mail has the same Message-ID whenever it is tried."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mailbox_of(mail.recipient)
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.created_at / 1000, UTC))
    message["Message-ID"] = f"<{mail.created_at}.{mail.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for name, kind, content in attachments:
        message.add_attachment(content, maintype=kind.partition("/")[0], subtype=kind.partition("/")[2], filename=name)
    return message
