"""The port to a mail server, and SMTP behind it."""

from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from prorata.control.mail.terms import MailTerms

PORTS = {"starttls": 587, "tls": 465, "none": 25}
TIMEOUT_SECONDS = 30.0
_PERMANENT = 500


class MailRefused(Exception):
    """The server will not take this mail, however often it is tried."""


class MailFailed(Exception):
    """The mail was not taken this time."""


class Post(Protocol):
    async def send(self, message: EmailMessage) -> None:
        """Hand a mail over. Raises `MailRefused`, `MailFailed`."""


class SmtpPost:
    def __init__(self, terms: MailTerms) -> None:
        self._terms = terms

    async def send(self, message: EmailMessage) -> None:
        terms = self._terms
        try:
            await aiosmtplib.send(
                message, hostname=terms.host, port=terms.port or PORTS[terms.security], username=terms.login or None,
                password=terms.password or None, use_tls=terms.security == "tls", start_tls=terms.security == "starttls",
                timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [recipient.code for recipient in refused.recipients]
            raise _problem(min(codes, default=0), str(refused)) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _problem(refused.code, refused.message) from None
        except (aiosmtplib.SMTPException, OSError) as problem:
            raise MailFailed(f"{type(problem).__name__}: {problem}") from None


def _problem(code: int, text: str) -> Exception:
    return MailRefused(f"{code} {text}") if code >= _PERMANENT else MailFailed(f"{code} {text}")
