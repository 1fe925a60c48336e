"""What the workspace answers about people and their signing in."""

from typing import Any, TypeAlias

import msgspec

from prorata.control.companies import Company
from prorata.control.mail.outbox import Mail
from prorata.control.people.passkeys import Passkey
from prorata.control.people.people import Person
from prorata.control.people.sign_ins import SignIn
from prorata.control.sessions import Session
from prorata.units.numbers import MINUTE_MS
from prorata.views.numbers import show_moment, show_moment_or_none


class Done(msgspec.Struct, frozen=True):
    done: bool = True


class Accepted(msgspec.Struct, frozen=True):
    """What becomes of it is told by mail."""

    accepted: bool = True


class SignedInView(msgspec.Struct, frozen=True, kw_only=True, tag_field="state", tag="signed_in"):
    """`token` null: it is in the cookie."""

    person: str
    expires_at: str
    token: str | None = None


class CodeNeededView(msgspec.Struct, frozen=True, kw_only=True, tag_field="state", tag="code_needed"):
    """The password was right. Within ten minutes the ticket and a code sign the person in."""

    ticket: str


LoginAnswer: TypeAlias = SignedInView | CodeNeededView


class QuestionView(msgspec.Struct, frozen=True):
    """`options`: the argument `publicKey` of navigator.credentials.create() or get(), in JSON."""

    ticket: str
    options: dict[str, Any]


class Myself(msgspec.Struct, frozen=True, kw_only=True):
    """`second_step`: a code is asked for after the password. `proved_at`: when the person last proved who he is."""

    uuid: str
    email: str
    verified: bool
    first_name: str
    last_name: str
    language: str
    second_step: bool
    recovery_codes_left: int
    created_at: str
    sign_in: str
    proved_at: str


class SignInView(msgspec.Struct, frozen=True, kw_only=True):
    """`methods`: how the person proved who he is, as RFC 8176 names it."""

    uuid: str
    current: bool
    methods: tuple[str, ...]
    address: str
    agent: str
    created_at: str
    active_at: str
    expires_at: str


class Ended(msgspec.Struct, frozen=True):
    ended: int


class NewTotpView(msgspec.Struct, frozen=True):
    """`otpauth`: the same as an address, for a QR code."""

    secret: str
    otpauth: str


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each signs in once in place of a one-time code. They are not shown again."""

    recovery_codes: list[str]


class PasskeyView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    name: str
    created_at: str
    used_at: str | None


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    recipient: str
    subject: str
    body: str
    created_at: str


def myself_view(person: Person, sign_in: SignIn, *, second_step: bool, codes_left: int) -> Myself:
    return Myself(
        uuid=person.uuid, email=person.email, verified=person.verified_at > 0, first_name=person.first_name,
        last_name=person.last_name, language=person.language, second_step=second_step, recovery_codes_left=codes_left,
        created_at=show_moment(person.created_at), sign_in=sign_in.uuid, proved_at=show_moment(sign_in.proved_at),
    )  # fmt: skip


def sign_in_view(sign_in: SignIn, current: SignIn) -> SignInView:
    return SignInView(
        uuid=sign_in.uuid, current=sign_in.id == current.id, methods=sign_in.methods, address=sign_in.address,
        agent=sign_in.agent, created_at=show_moment(sign_in.created_at), active_at=show_moment(sign_in.active_at),
        expires_at=show_moment(sign_in.expires_at),
    )  # fmt: skip


def manager_session_view(session: Session, company: Company | None) -> SignInView:
    """Return a session of the RAMM Manager API: it ends when it was idle for a while, and tells no address."""
    return SignInView(
        uuid=session.uuid, current=False, methods=("pwd",), address="",
        agent=f"RAMM Manager API: {company.name if company else ''}", created_at=show_moment(session.created_at),
        active_at=show_moment(session.active_at), expires_at=show_moment(session.active_at + session.minutes * MINUTE_MS),
    )  # fmt: skip


def passkey_view(passkey: Passkey) -> PasskeyView:
    return PasskeyView(
        uuid=passkey.uuid, name=passkey.name, created_at=show_moment(passkey.created_at),
        used_at=show_moment_or_none(passkey.used_at),
    )  # fmt: skip


def mail_view(mail: Mail) -> MailView:
    return MailView(
        id=mail.id, recipient=mail.recipient, subject=mail.subject, body=mail.body, created_at=show_moment(mail.created_at)
    )
