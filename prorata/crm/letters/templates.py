"""The texts that an organization writes in place of ours, in versions, of which the newest is in force."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.letters.kinds import LetterKind, fields_of, samples_of, written
from prorata.crm.letters.layout import page_of
from prorata.crm.letters.rendering import BadTemplate, check_template, paragraphs_of, render, render_line
from prorata.crm.letters.tables import letter_templates
from prorata.crm.letters.texts import TEXTS, Text
from prorata.crm.letters.tongues import TONGUES, Tongue
from prorata.crm.tables import TEXT_LENGTH_MAX
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

OURS = 0
"""the version of our own texts"""


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """`html` "": the HTML part is made of the text. `version` 0: it is ours."""

    kind: LetterKind
    language: str
    version: int
    subject: str
    body: str
    html: str
    created_by: str = ""
    created_at: Moment = 0

    @property
    def text(self) -> Text:
        return Text(self.subject, self.body, self.html)


class Rendered(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as it is sent: `html` is a whole page."""

    subject: str
    body: str
    html: str


class Templates:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Template]:
        """Return what is in force for every kind and language."""
        with self._database.reading() as connection:
            return [
                template_in(connection, organization_id, kind, language) for kind in LetterKind for language in TONGUES
            ]  # fmt: skip

    def in_force(self, organization_id: int, kind: LetterKind, language: str) -> Template:
        with self._database.reading() as connection:
            return template_in(connection, organization_id, kind, language)

    def versions(self, organization_id: int, kind: LetterKind, language: str) -> list[Template]:
        """Return an organization's own versions of a text, newest first; ours is not among them."""
        table = letter_templates
        mine = (table.c.organization_id == organization_id) & (table.c.kind == kind.value) & (table.c.language == language)
        with self._database.reading() as connection:
            rows = connection.execute(select(table).where(mine, ~table.c.withdrawn).order_by(table.c.version.desc())).mappings()
            return [_template_from(row) for row in rows]

    def write(self, organization_id: int, kind: LetterKind, language: str, text: Text, *, by: str) -> Template:
        """Put a new version in force. Raises `Declined`: it cannot be filled in; the detail says where."""
        preview(kind, TONGUES[language], text)
        try:
            with self._database.writing() as connection:
                return self._add(connection, organization_id, kind, language, text, by, withdrawn=False)
        except IntegrityError:
            raise Declined(Refusal.CHANGE_UNDER_WAY, "somebody else has just written a version") from None

    def withdraw(self, organization_id: int, kind: LetterKind, language: str, *, by: str) -> None:
        """Let our own text be in force again; the versions stay to be looked at."""
        with self._database.writing() as connection:
            if template_in(connection, organization_id, kind, language).version != OURS:
                self._add(connection, organization_id, kind, language, Text("", ""), by, withdrawn=True)

    def _add(
        self, connection: Connection, organization_id: int, kind: LetterKind, language: str, text: Text, by: str, *,
        withdrawn: bool,
    ) -> Template:  # fmt: skip
        table = letter_templates
        mine = (table.c.organization_id == organization_id) & (table.c.kind == kind.value) & (table.c.language == language)
        newest = connection.execute(select(func.max(table.c.version)).where(mine)).scalar() or OURS
        row = {
            "kind": kind.value, "language": language, "version": newest + 1, "subject": text.subject, "body": text.body,
            "html": text.html, "created_by": by[:TEXT_LENGTH_MAX], "created_at": self._database.now(),
        }  # fmt: skip
        connection.execute(insert(table).values({**row, "organization_id": organization_id, "withdrawn": withdrawn}))
        return _template_from(row)


def template_in(connection: Connection, organization_id: int, kind: LetterKind, language: str) -> Template:
    """Return the text in force: the organization's newest, or ours."""
    table = letter_templates
    mine = (table.c.organization_id == organization_id) & (table.c.kind == kind.value) & (table.c.language == language)
    query = select(table).where(mine).order_by(table.c.version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return our_template(kind, language) if row is None or row["withdrawn"] else _template_from(row)


def our_template(kind: LetterKind, language: str) -> Template:
    text = TEXTS[language][kind]
    return Template(
        kind=kind, language=language, version=OURS, subject=text.subject, body=text.body, html=text.html
    )  # fmt: skip


def preview(kind: LetterKind, tongue: Tongue, text: Text) -> Rendered:
    """Fill in a text with examples. Raises `Declined`: the detail says what is wrong, and in which line."""
    fields = fields_of(kind)
    for part, source in zip(Text._fields, text, strict=True):
        try:
            check_template(source, fields, html=part == "html")
        except BadTemplate as problem:
            raise Declined(Refusal.TEMPLATE_UNFIT, f"{part}, {problem}") from None
    if not text.subject.strip() or not text.body.strip():
        raise Declined(Refusal.TEMPLATE_UNFIT, "subject and body must not be empty")
    try:
        return rendered(kind, tongue, text, samples_of(kind))
    except BadTemplate as problem:
        raise Declined(Refusal.TEMPLATE_UNFIT, str(problem)) from None


def rendered(kind: LetterKind, tongue: Tongue, text: Text, values: Mapping[str, Any]) -> Rendered:
    """Fill in a text. `values`: as `kinds` has the fields. Raises `BadTemplate`."""
    fields = fields_of(kind)
    shown = written(fields, values, tongue)
    body = render(text.body, fields, shown, html=False)
    inside = render(text.html, fields, shown, html=True) if text.html else str(paragraphs_of(body))
    subject = render_line(text.subject, fields, shown)
    page = page_of(tongue.code, title=subject, broker=shown["broker"], inside=inside)
    return Rendered(subject=subject, body=body, html=page)


def _template_from(row: Mapping[Any, Any]) -> Template:
    same = {name: row[name] for name in Template.__struct_fields__ if name != "kind"}
    return Template(**same, kind=LetterKind(row["kind"]))
