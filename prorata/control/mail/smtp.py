"""The port to a mail server, and SMTP behind it."""

import asyncio
import socket
from email.message import EmailMessage
from typing import Protocol

import aiosmtplib

from prorata.control.mail.terms import MailTerms
from prorata.control.webhooks.targets import BadTarget, addresses_of

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
    """`private`: the server may be in a network that is not public. One that somebody else has named may not."""

    def __init__(self, terms: MailTerms, *, private: bool = True) -> None:
        self._terms = terms
        self._private = private

    async def send(self, message: EmailMessage) -> None:
        terms = self._terms
        port = terms.port or PORTS[terms.security]
        try:
            line = None if self._private else await asyncio.to_thread(_line_to, terms.host, port)
            await aiosmtplib.send(
                message, hostname=terms.host, port=port if line is None else None, sock=line, username=terms.login or None,
                password=terms.password or None, use_tls=terms.security == "tls", start_tls=terms.security == "starttls",
                timeout=TIMEOUT_SECONDS,
            )  # fmt: skip
        except aiosmtplib.SMTPRecipientsRefused as refused:
            codes = [recipient.code for recipient in refused.recipients]
            raise _problem(min(codes, default=0), str(refused)) from None
        except aiosmtplib.SMTPDataError as refused:
            raise _problem(refused.code, refused.message) from None
        except (aiosmtplib.SMTPException, OSError, BadTarget) as problem:
            raise MailFailed(f"{type(problem).__name__}: {problem}") from None


def _line_to(host: str, port: int) -> socket.socket:
    """Connect to a public address of a host: the one that was looked at, and not what its name leads to a moment later."""
    (address, *_) = addresses_of(host, port, private=False)
    return socket.create_connection((address, port), TIMEOUT_SECONDS)


def _problem(code: int, text: str) -> Exception:
    return MailRefused(f"{code} {text}") if code >= _PERMANENT else MailFailed(f"{code} {text}")
