"""The service that delivers what is in the outbox. A mail may come twice after a crash, but is never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.mail.outbox import Mail, Outbox
from prorata.control.mail.smtp import MailFailed, MailRefused, Post, SmtpPost
from prorata.control.mail.terms import MailTerms
from prorata.control.people.addresses import mailbox_of

POLL_SECONDS = 1.0

_log = structlog.get_logger("mail")


class MailDelivery:
    """`sender`: the address that mails come from."""

    def __init__(self, outbox: Outbox, post: Post, *, sender: str) -> None:
        self._outbox = outbox
        self._post = post
        self._sender = sender

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
        """Try the mails that are due, and return how many they were."""
        due = await asyncio.to_thread(self._outbox.claim)
        for mail in due:
            try:
                await self._post.send(message_of(mail, self._sender))
            except MailRefused as problem:
                _log.warning("a mail was refused", mail=mail.id, problem=str(problem))
                await asyncio.to_thread(self._outbox.refused, mail, str(problem))
            except MailFailed as problem:
                _log.warning("a mail is tried again later", mail=mail.id, problem=str(problem))
                await asyncio.to_thread(self._outbox.failed, mail, str(problem))
            else:
                await asyncio.to_thread(self._outbox.sent, mail)
        return len(due)


@asynccontextmanager
async def delivering(outbox: Outbox, terms: MailTerms) -> AsyncIterator[None]:
    """Deliver what is in the outbox meanwhile. Without a mail server it stays there."""
    if not terms.host:
        yield
        return
    running = asyncio.create_task(MailDelivery(outbox, SmtpPost(terms), sender=terms.sender).run(), name="mail")
    try:
        yield
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail as it goes over the wire. The same mail has the same Message-ID whenever it is tried."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mailbox_of(mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.created_at / 1000, UTC))
    message["Message-ID"] = f"<{mail.created_at}.{mail.id}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body)
    return message
