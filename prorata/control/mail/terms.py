"""How a mail server is reached: the section [mail] of the settings."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class MailTerms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    host: str = ""
    """of the mail server; "": mails stay in the outbox"""
    port: Annotated[int, Meta(ge=0, le=65_535)] = 0
    """0: 587, with `security` "tls" 465, with "none" 25"""
    security: Literal["starttls", "tls", "none"] = "starttls"
    login: str = ""
    password: str = ""
    sender: str = msgspec.field(default="", name="from")
    """address that mails come from"""
    at_once: Annotated[int, Meta(ge=1, le=50)] = 5
    """so many mails are sent at the same time, each to somebody else"""
    shown: bool = False
    """show the outbox to anybody at /api/v1/outbox while there is no mail server; for demonstrations alone"""
