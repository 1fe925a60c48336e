"""What is sent about letters, messages and statements, and what is shown."""

from datetime import date
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from prorata.crm.letters.inbox import BODY_LENGTH_MAX, RECIPIENTS_MAX, Message
from prorata.crm.letters.kinds import OPTIONAL, Field, LetterKind, fields_of
from prorata.crm.letters.letters import Letter, LetterStatus
from prorata.crm.letters.mailing import Mailing
from prorata.crm.letters.rendering import SOURCE_MAX
from prorata.crm.letters.statements.figures import Period
from prorata.crm.letters.statements.keeping import KeptStatement
from prorata.crm.letters.templates import Template
from prorata.rest.workspace.organizations.shapes import Uuid
from prorata.units.numbers import LOGIN_MAX, Login
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import show_moment, show_moment_or_none

Source: TypeAlias = Annotated[str, Meta(max_length=SOURCE_MAX)]
Language: TypeAlias = Literal["en", "de", "es", "pl", "ru"]
Sender: TypeAlias = Annotated[str, Meta(max_length=256, pattern=NO_CONTROLS, examples=["Desk <desk@example.com>"])]
_EPOCH = date(1970, 1, 1).toordinal()


class LetterSettingsBody(Body, frozen=True, kw_only=True):
    """`language`: of people of whom none is known here. `sender`: whom people answer to. `unsent`: kinds not written."""

    language: Language = "en"
    sender: Sender = ""
    unsent: Annotated[tuple[LetterKind, ...], Meta(max_length=50)] = ()
    confirmations: bool = False
    daily_statements: bool = True
    monthly_statements: bool = True


class MailingBody(Body, frozen=True, kw_only=True):
    """A branch's mail server. `email_password` left out: it stays; "": there is none."""

    email_host: Annotated[str, Meta(max_length=253, pattern=NO_CONTROLS, examples=["mail.example.com"])] = ""
    email_port: Annotated[int, Meta(ge=0, le=65_535, examples=[587])] = 0
    email_tls: bool = False
    email_ssl: bool = False
    email_user: Annotated[str, Meta(max_length=128, pattern=NO_CONTROLS)] = ""
    email_password: Annotated[str, Meta(max_length=512)] | UnsetType = UNSET
    sender: Sender = ""
    confirmations: bool = False


class TextBody(Body, frozen=True, kw_only=True):
    """Templates. `html` "": the HTML part is made of the body."""

    subject: Source
    body: Source
    html: Source = ""


class MessageBody(Body, frozen=True, kw_only=True):
    """`mail`: tell them by a letter, too."""

    accounts: Annotated[tuple[Uuid, ...], Meta(min_length=1, max_length=RECIPIENTS_MAX)]
    title: Annotated[str, Meta(min_length=1, max_length=256, pattern=NO_CONTROLS)]
    body: Annotated[str, Meta(min_length=1, max_length=BODY_LENGTH_MAX)]
    mail: bool = True


class RefusedKinds(Body, frozen=True, kw_only=True):
    """Kinds of letters that a person does without."""

    kinds: Annotated[tuple[LetterKind, ...], Meta(max_length=50)]


class StatementWish(Body, frozen=True, kw_only=True):
    """`day`: the day, or one of the month."""

    platform: Uuid
    login: Annotated[Login, Meta(ge=1, le=LOGIN_MAX)]
    period: Period
    day: date


class MailingView(msgspec.Struct, frozen=True, kw_only=True):
    """`has_password`: the password itself is never shown."""

    branch: str
    email_host: str
    email_port: int
    email_tls: bool
    email_ssl: bool
    email_user: str
    has_password: bool
    sender: str
    confirmations: bool


class FieldView(msgspec.Struct, frozen=True, kw_only=True):
    """`columns`: of rows, what each has."""

    name: str
    kind: str
    columns: tuple[str, ...]


class KindView(msgspec.Struct, frozen=True, kw_only=True):
    """`optional`: a person may do without letters of this kind."""

    kind: LetterKind
    optional: bool
    fields: tuple[FieldView, ...]


class TextView(msgspec.Struct, frozen=True, kw_only=True):
    """`version` 0: our own text."""

    kind: LetterKind
    language: str
    version: int
    subject: str
    body: str
    html: str
    created_by: str
    created_at: str | None


class TextsView(msgspec.Struct, frozen=True, kw_only=True):
    """`versions`: the organization's own, newest first."""

    in_force: TextView
    versions: tuple[TextView, ...]


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    subject: str
    body: str
    html: str


class LetterView(msgspec.Struct, frozen=True, kw_only=True):
    """`problem`: why it was not sent yet, or at all. `version`: of the organization's text, 0 for ours."""

    uuid: str
    account: str
    kind: LetterKind
    language: str
    version: int
    recipient: str
    subject: str
    status: LetterStatus
    tries: int
    problem: str
    created_at: str
    ended_at: str | None


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    title: str
    body: str
    created_by: str
    created_at: str
    read_at: str | None


class SentView(msgspec.Struct, frozen=True, kw_only=True):
    """The uuids of the messages, in the order of the accounts."""

    messages: tuple[str, ...]


class StatementView(msgspec.Struct, frozen=True, kw_only=True):
    """`problem`: which sums do not agree; it is then sent to nobody."""

    uuid: str
    account: str
    platform: str
    login: Login
    period: Period
    first_day: str
    last_day: str
    agrees: bool
    problem: str
    created_at: str


def mailing_view(mailing: Mailing) -> MailingView:
    return MailingView(
        branch=mailing.branch_uuid, email_host=mailing.host, email_port=mailing.port, email_tls=mailing.tls,
        email_ssl=mailing.ssl, email_user=mailing.login, has_password=mailing.has_password, sender=mailing.sender,
        confirmations=mailing.confirmations,
    )  # fmt: skip


def kind_view(kind: LetterKind) -> KindView:
    fields = tuple(_field_view(name, field) for name, field in fields_of(kind).items())
    return KindView(kind=kind, optional=kind in OPTIONAL, fields=fields)


def _field_view(name: str, field: Field) -> FieldView:
    return FieldView(name=name, kind=field.kind.value, columns=tuple(field.columns))


def text_view(template: Template) -> TextView:
    same: dict[str, Any] = {name: getattr(template, name) for name in TextView.__struct_fields__ if name != "created_at"}
    return TextView(**same, created_at=show_moment_or_none(template.created_at))


def letter_view(letter: Letter) -> LetterView:
    made = ("account", "created_at", "ended_at")
    same: dict[str, Any] = {name: getattr(letter, name) for name in LetterView.__struct_fields__ if name not in made}
    return LetterView(
        **same, account=letter.account_uuid, created_at=show_moment(letter.created_at),
        ended_at=show_moment_or_none(letter.ended_at),
    )  # fmt: skip


def message_view(message: Message) -> MessageView:
    return MessageView(
        uuid=message.uuid, title=message.title, body=message.body, created_by=message.created_by,
        created_at=show_moment(message.created_at), read_at=show_moment_or_none(message.read_at),
    )  # fmt: skip


def statement_view(kept: KeptStatement) -> StatementView:
    return StatementView(
        uuid=kept.uuid, account=kept.account_uuid, platform=kept.platform_uuid, login=kept.login, period=kept.period,
        first_day=show_day(kept.first_day), last_day=show_day(kept.last_day), agrees=not kept.differences,
        problem=kept.problem, created_at=show_moment(kept.created_at),
    )  # fmt: skip


def show_day(number: int) -> str:
    """Return a day, counted from 1970-01-01, as "2026-03-02"."""
    return date.fromordinal(_EPOCH + number).isoformat()


def read_day(day: date) -> int:
    return day.toordinal() - _EPOCH
