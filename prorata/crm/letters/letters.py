"""Letters: each is written once, in the transaction of what it tells, and its row says what became of it.

A letter is known by person, kind and what it is about. Written again, nothing happens. It is a mail in the outbox from then on;
the outbox tells its fate here, so that the row stays when the mail is forgotten.
"""

import uuid
from collections.abc import Callable, Collection
from enum import StrEnum
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, select, update

from prorata.control.database import Database
from prorata.control.mail.delivery import Attachment, Route
from prorata.control.mail.outbox import Fate, Outbox
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.tables import organizations
from prorata.control.paging import Slice
from prorata.control.tables import clients
from prorata.crm.holding import hold_person
from prorata.crm.letters.kinds import OPTIONAL, LetterKind, Value
from prorata.crm.letters.mailing import ROUTE, Mailings
from prorata.crm.letters.rendering import BadTemplate
from prorata.crm.letters.tables import KEY_LENGTH_MAX, letter_refusals, letter_settings, letters, mailings
from prorata.crm.letters.templates import Rendered, Template, our_template, rendered, template_in
from prorata.crm.letters.tongues import Tongue, tongue_of
from prorata.crm.listing import Listing
from prorata.crm.tables import accounts, branches
from prorata.messages.refusals import Refusal
from prorata.storage.database import insert_into
from prorata.units.numbers import Moment


class LetterStatus(StrEnum):
    QUEUED = "QUEUED"
    """waits to be sent; with `tries` it was tried, and is tried again"""
    SENT = "SENT"
    FAILED = "FAILED"
    """will not be sent: `problem` says why"""
    DECLINED = "DECLINED"
    """the person does without letters of this kind"""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`about`: what it tells of. `version`: of the organization's text, 0 for ours.

    `problem`: why it was not sent yet, or at all.
    """

    id: int
    uuid: str
    account_id: int
    account_uuid: str
    kind: LetterKind
    about: str
    language: str
    version: int
    recipient: str
    subject: str
    status: LetterStatus
    tries: int
    problem: str
    created_at: Moment
    ended_at: Moment


class LetterFilter(msgspec.Struct, frozen=True, kw_only=True):
    account_id: int | None = None
    kind: LetterKind | None = None
    status: LetterStatus | None = None


_JOINED = letters.join(accounts, accounts.c.id == letters.c.account_id)
_READ: Select[Any] = select(letters, accounts.c.uuid.label("account_uuid")).select_from(_JOINED)
ORDERS = {"created": letters.c.id}
_LISTING = Listing(table=letters, joined=_JOINED, read=_READ, orders=ORDERS, client=letters.c.account_id)
_OWNERS = select(
    accounts, clients.c.email, clients.c.first_name, clients.c.last_name, branches.c.name.label("branch"),
    organizations.c.name.label("broker"), letter_settings.c.language.label("house_language"),
    letter_settings.c.sender.label("house_sender"), letter_settings.c.unsent, mailings.c.host, mailings.c.sender,
).select_from(
    accounts.join(clients, clients.c.id == accounts.c.id)
    .join(branches, branches.c.id == accounts.c.branch_id)
    .join(organizations, organizations.c.id == accounts.c.organization_id)
    .outerjoin(letter_settings, letter_settings.c.organization_id == accounts.c.organization_id)
    .outerjoin(mailings, mailings.c.branch_id == accounts.c.branch_id)
)  # fmt: skip

_log = structlog.get_logger("letters")


class Letters:
    """Blocks on the database. `attached`: what makes attachments, by the first word of their name."""

    def __init__(self, database: Database, outbox: Outbox, mailings: Mailings) -> None:
        self._database = database
        self._outbox = outbox
        self._mailings = mailings
        self.attached: dict[str, Callable[[str], list[Attachment]]] = {}
        outbox.listeners.append(self._note_fate)

    # Written.

    def write(
        self, connection: Connection, account_id: int, kind: LetterKind, about: str, *, attachment: str = "", **values: Value
    ) -> bool:  # fmt: skip
        """Write a letter to a person within a transaction; say whether one was. Of one thing there is one letter of a kind.

        `about`: what it tells of, such as a row's uuid. `values`: its own fields, as `kinds.OWN` has them.
        """
        assert len(about) <= KEY_LENGTH_MAX, f"{about} is too long to tell letters apart"
        mine = _OWNERS.where(accounts.c.id == account_id).with_for_update(key_share=True, of=accounts)
        owner = connection.execute(mine).mappings().first()
        if owner is None or owner["deleted_at"] or kind in (owner["unsent"] or "").split():
            return False
        tongue = tongue_of(owner["locale"], owner["house_language"] or "")
        number = self._begin(connection, owner, kind, about, tongue)
        if number is None:
            return False
        if kind in OPTIONAL and _is_refused(connection, account_id, kind):
            self._set(connection, number, status=LetterStatus.DECLINED, ended_at=self._database.now())
            return True
        name = f"{owner['first_name']} {owner['last_name']}".strip() or owner["email"]
        common: dict[str, Value] = {
            "name": name, "first_name": owner["first_name"] or name, "broker": owner["broker"], "branch": owner["branch"],
        }  # fmt: skip
        template = template_in(connection, owner["organization_id"], kind, tongue.code)
        text, problem = _filled(template, tongue, {**common, **values})
        mail_id = self._outbox.put(
            connection, owner["email"], f"letter {kind.value.lower()}"[:32], text.subject, text.body, html=text.html,
            route=f"{ROUTE}{owner['branch_id']}" if owner["host"] else "", attachment=attachment,
            reply_to="" if owner["host"] else owner["sender"] or owner["house_sender"] or "",
        )  # fmt: skip
        version = 0 if problem else template.version
        self._set(connection, number, mail_id=mail_id, subject=text.subject, version=version, problem=problem)
        return True

    def _begin(
        self, connection: Connection, owner: RowMapping, kind: LetterKind, about: str, tongue: Tongue
    ) -> int | None:  # fmt: skip
        """Make the row of a letter; None if there is one."""
        row = {
            "uuid": str(uuid.uuid4()), "organization_id": owner["organization_id"], "account_id": owner["id"],
            "kind": kind.value, "about": about, "language": tongue.code, "version": 0, "recipient": owner["email"],
            "subject": "", "status": LetterStatus.QUEUED.value, "tries": 0, "problem": "", "mail_id": None,
            "created_at": self._database.now(), "ended_at": 0,
        }  # fmt: skip
        made = connection.execute(
            insert_into(connection.dialect, letters).values(row).on_conflict_do_nothing().returning(letters.c.id)
        ).scalar()
        return None if made is None else int(made)

    def _set(self, connection: Connection, number: int, **values: Any) -> None:
        connection.execute(update(letters).where(letters.c.id == number).values(values))

    # What becomes of them.

    def _note_fate(self, connection: Connection, fate: Fate) -> None:
        status = LetterStatus.SENT if fate.sent_at else LetterStatus.FAILED if fate.given_up_at else LetterStatus.QUEUED
        values = {
            "status": status.value, "tries": fate.tries, "problem": fate.problem,
            "ended_at": fate.sent_at or fate.given_up_at,
        }  # fmt: skip
        connection.execute(update(letters).where(letters.c.mail_id == fate.id).values(values))

    def search(self, organization_id: int, wanted: LetterFilter, part: Slice) -> tuple[list[Letter], int]:
        """Return a part of the letters, and how many there are. `part.field`: "created"."""
        own: list[ColumnElement[bool]] = []
        if wanted.account_id is not None:
            own.append(letters.c.account_id == wanted.account_id)
        if wanted.kind is not None:
            own.append(letters.c.kind == wanted.kind.value)
        if wanted.status is not None:
            own.append(letters.c.status == wanted.status.value)
        with self._database.reading() as connection:
            rows, total = _LISTING.part(connection, organization_id, own, (), part)
        return [_letter_from(row) for row in rows], total

    # What a person does without.

    def refused_by(self, account_id: int) -> list[LetterKind]:
        with self._database.reading() as connection:
            query = select(letter_refusals.c.kind).where(letter_refusals.c.account_id == account_id)
            return sorted(LetterKind(kind) for kind in connection.execute(query).scalars())

    def refuse(self, account_id: int, kinds: Collection[LetterKind]) -> None:
        """Let a person do without these kinds of letters, and have all others. Raises `Declined`: one of them is owed."""
        owed = sorted(kind for kind in kinds if kind not in OPTIONAL)
        if owed:
            raise Declined(Refusal.LETTER_OWED, f"{owed[0]}: is sent to everybody")
        now = self._database.now()
        with self._database.writing() as connection:
            hold_person(connection, account_id)
            connection.execute(delete(letter_refusals).where(letter_refusals.c.account_id == account_id))
            rows = [{"account_id": account_id, "kind": kind.value, "created_at": now} for kind in set(kinds)]
            if rows:
                connection.execute(insert(letter_refusals), rows)

    # As `control.mail.delivery.Writers`.

    def route(self, name: str) -> Route | None:
        return self._mailings.route(name)

    def attachments(self, name: str) -> list[Attachment]:
        kind, _, rest = name.partition(" ")
        return self.attached[kind](rest)


def _filled(template: Template, tongue: Tongue, values: dict[str, Value]) -> tuple[Rendered, str]:
    """Fill in a text, or ours if that fails with these values; then the second says why."""
    try:
        return rendered(template.kind, tongue, template.text, values), ""
    except BadTemplate as problem:
        _log.error("a text could not be filled in; ours was sent", kind=template.kind, version=template.version)
        ours = our_template(template.kind, tongue.code)
        return rendered(ours.kind, tongue, ours.text, values), f"version {template.version} could not be filled in: {problem}"


def _is_refused(connection: Connection, account_id: int, kind: LetterKind) -> bool:
    mine = (letter_refusals.c.account_id == account_id) & (letter_refusals.c.kind == kind.value)
    return connection.execute(select(letter_refusals).where(mine)).first() is not None


def _letter_from(row: RowMapping) -> Letter:
    same = {name: row[name] for name in Letter.__struct_fields__ if name not in ("kind", "status")}
    return Letter(**same, kind=LetterKind(row["kind"]), status=LetterStatus(row["status"]))
