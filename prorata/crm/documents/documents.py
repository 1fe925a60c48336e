"""Documents: handed in by a person or for him, looked at by people, good until they expire."""

import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any

import msgspec
import structlog
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.seals import Seals
from prorata.control.tables import clients
from prorata.control.vault import Unopenable
from prorata.crm.accounts import CrmAccount
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.documents.kinds import MEDIA, SIZE_MAX, DocumentKind, media_of
from prorata.crm.documents.objects import ObjectMissing, Objects, StoreAway
from prorata.crm.documents.sealing import Damaged, new_key, opened, sealed
from prorata.crm.documents.tables import documents
from prorata.crm.holding import hold_person
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts
from prorata.messages.refusals import Refusal
from prorata.units.numbers import SECOND_MS, Moment

PER_PERSON_MAX = 200
LISTED_MAX = 500

_log = structlog.get_logger("documents")


class DocumentStatus(StrEnum):
    UPLOADED = "UPLOADED"
    """nobody has looked at it yet"""
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    """was accepted, and its last day is over"""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """`status` is that of now. `size`: bytes of the content. `expires_on`: the last day that it is good, "" for none."""

    id: int
    uuid: str
    organization_id: int
    account_id: int
    account_uuid: str
    email: str
    kind: DocumentKind
    name: str
    media: str
    size: int
    status: DocumentStatus
    reason: str
    expires_on: str
    reviewed_by: str
    reviewed_at: Moment
    created_by: str
    created_at: Moment


_JOINED = documents.join(accounts, accounts.c.id == documents.c.account_id).join(clients, clients.c.id == accounts.c.id)
_READ: Select[Any] = select(documents, accounts.c.uuid.label("account_uuid"), clients.c.email).select_from(_JOINED)
_THERE = documents.c.removed_at == 0


class Documents:
    """Blocks on the database and the store. `by`: who does it."""

    def __init__(self, database: Database, seals: Seals, objects: Objects) -> None:
        self._database = database
        self._seals = seals
        self._objects = objects

    def find(self, organization_id: int, document_uuid: str) -> Document:
        """Raises `NotFound`."""
        return self._one((documents.c.organization_id == organization_id) & (documents.c.uuid == document_uuid))

    def mine(self, account: CrmAccount, document_uuid: str) -> Document:
        """Return a document of a person's own. Raises `NotFound`."""
        return self._one((documents.c.account_id == account.id) & (documents.c.uuid == document_uuid))

    def of_account(self, account_id: int) -> list[Document]:
        """Return a person's documents, newest first."""
        return self._many(documents.c.account_id == account_id)

    def all(self, organization_id: int, status: DocumentStatus | None = None) -> list[Document]:
        """Return the newest documents of an organization, of one status as it is written down, or of all."""
        mine = documents.c.organization_id == organization_id
        return self._many(mine if status is None else mine & (documents.c.status == status.value))

    def _one(self, which: ColumnElement[bool]) -> Document:
        found = self._many(which)
        if not found:
            raise NotFound
        return found[0]

    def _many(self, which: ColumnElement[bool]) -> list[Document]:
        query = _READ.where(which, _THERE).order_by(documents.c.id.desc()).limit(LISTED_MAX)
        today = _day_of(self._database.now())
        with self._database.reading() as connection:
            return [_document_from(row, today) for row in connection.execute(query).mappings()]

    # In and out.

    def add(
        self, account: CrmAccount, kind: DocumentKind, name: str, media: str, content: bytes, *, by: str
    ) -> Document:  # fmt: skip
        """Take a document. Raises `Declined`: it is too large, or not what it says it is; or the store is away."""
        _check(name, media, content)
        now, key = self._database.now(), new_key()
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": account.organization_id, "account_id": account.id,
            "kind": kind.value, "name": PurePath(name.replace("\\", "/")).name.strip(), "media": media, "size": len(content),
            "data_key": None, "status": DocumentStatus.UPLOADED.value, "reason": "", "expires_on": "", "reviewed_by": "",
            "reviewed_at": 0, "created_by": by, "created_at": now, "removed_at": 0,
        }  # fmt: skip
        # The content first: what is in the table is there. Without its row nobody has the key to what was put.
        try:
            self._objects.put(row["uuid"], sealed(content, key, row["uuid"]))
        except StoreAway:
            raise Declined(Refusal.NOT_READY, "documents cannot be kept now", retry_after=5) from None
        try:
            with self._database.writing() as connection:
                hold_person(connection, account.id)
                self._insert(connection, row, key)
                tell(connection, account.id, TimelineEvent.DOCUMENT, f"{kind} handed in", by, now)
        except (Declined, NotFound):
            self._take_back(row["uuid"])
            raise
        return self.find(account.organization_id, row["uuid"])

    def _insert(self, connection: Connection, row: dict[str, Any], key: str) -> None:
        """Raises `Declined`: there are too many."""
        mine = (documents.c.account_id == row["account_id"]) & _THERE
        if connection.execute(select(func.count()).select_from(documents).where(mine)).scalar_one() >= PER_PERSON_MAX:
            raise Declined(Refusal.DOCUMENT_UNFIT, f"a person has at most {PER_PERSON_MAX} documents")
        made = connection.execute(insert(documents).values(row)).inserted_primary_key
        assert made is not None
        self._seals.put(connection, documents.c.data_key, made[0], key)

    def _take_back(self, name: str) -> None:
        """Delete a content that has no row."""
        try:
            self._objects.delete(name)
        except StoreAway:
            _log.warning("a document that was not taken is still in its store", document=name)

    def content(self, document: Document) -> bytes:
        """Raises `Declined`: it is not what was handed in, or the store is away."""
        try:
            key = self._seals.read(documents.c.data_key, document.id)
            if key is None:
                raise Declined(Refusal.NOT_FOUND)
            return opened(self._objects.get(document.uuid), key, document.uuid)
        except StoreAway:
            raise Declined(Refusal.NOT_READY, "documents cannot be read now", retry_after=5) from None
        except (ObjectMissing, Damaged, Unopenable) as problem:
            _log.error("a document is not what was handed in", document=document.uuid, problem=type(problem).__name__)
            raise Declined(Refusal.DOCUMENT_DAMAGED) from None

    # Looked at.

    def review(self, document: Document, *, accepted: bool, reason: str = "", expires_on: str = "", by: str) -> Document:
        """Accept a document, or reject it, one that was accepted too. Raises `Declined`.

        `expires_on`: the last day that it is good, "2030-12-31".
        """
        if not accepted and not reason.strip():
            raise Declined(Refusal.CHECK_INCOMPLETE, "reason: is missing")
        _check_day(expires_on)
        now = self._database.now()
        before = [DocumentStatus.UPLOADED.value, *([] if accepted else [DocumentStatus.ACCEPTED.value])]
        there = (documents.c.id == document.id) & documents.c.status.in_(before) & _THERE
        status = DocumentStatus.ACCEPTED if accepted else DocumentStatus.REJECTED
        values = {
            "status": status.value, "reason": reason[:TEXT_LENGTH_MAX], "expires_on": expires_on if accepted else "",
            "reviewed_by": by, "reviewed_at": now,
        }  # fmt: skip
        with self._database.writing() as connection:
            hold_person(connection, document.account_id)
            if not connection.execute(update(documents).where(there).values(values)).rowcount:
                raise Declined(Refusal.CHECK_STATE, "the document has been looked at already")
            told = f"{document.kind} {status.lower()} {reason}".strip()
            tell(connection, document.account_id, TimelineEvent.DOCUMENT, told, by, now)
        return self.find(document.organization_id, document.uuid)

    # Away.

    def shred(self, connection: Connection, account_id: int) -> None:
        """Forget the keys of a person's documents: from then on nobody can read them, wherever copies lie."""
        mine = (documents.c.account_id == account_id) & _THERE
        gone = {"data_key": None, "removed_at": self._database.now()}
        connection.execute(update(documents).where(mine).values(gone))

    def sweep(self, account_id: int) -> None:
        """Delete what is left of shredded documents of a person. Raises `StoreAway`: what is left stays unreadable."""
        mine = (documents.c.account_id == account_id) & (documents.c.removed_at > 0)
        with self._database.reading() as connection:
            names = connection.execute(select(documents.c.uuid).where(mine)).scalars().all()
        for name in names:
            self._objects.delete(name)


def check_handed_in(
    connection: Connection, account_id: int, kinds: Iterable[DocumentKind], now: Moment, *, accepted: bool
) -> Moment:
    """Return when the first of the documents that are asked for expires, 0 for never. Raises `Declined`: one is missing.

    Of each kind the one counts that is good for longest. `accepted`: one that nobody has looked at is as good as none.
    """
    good = (DocumentStatus.ACCEPTED, *(() if accepted else (DocumentStatus.UPLOADED,)))
    mine = (documents.c.account_id == account_id) & _THERE & documents.c.status.in_([status.value for status in good])
    query = select(documents.c.kind, documents.c.expires_on).where(mine)
    last: dict[str, Moment] = {}
    for kind, day in connection.execute(query):
        end = _end_of(day) if day else 0
        if end == 0 or now < end:
            last[kind] = 0 if 0 in (end, last.get(kind, end)) else max(end, last.get(kind, end))
    missing = sorted(kind for kind in kinds if kind not in last)
    if missing:
        word = "accepted" if accepted else "handed in"
        raise Declined(Refusal.CHECK_INCOMPLETE, f"no document of the kind {missing[0]} is {word}, or it has expired")
    return min((last[kind] for kind in kinds if last[kind]), default=0)


def _check(name: str, media: str, content: bytes) -> None:
    """Raise `Declined` unless it is a document of a bearable size that is what it says."""
    if not 0 < len(content) <= SIZE_MAX:
        raise Declined(Refusal.DOCUMENT_UNFIT, f"the content must have from 1 to {SIZE_MAX} bytes")
    if media not in MEDIA:
        raise Declined(Refusal.DOCUMENT_UNFIT, f"the content must be one of: {', '.join(MEDIA)}")
    if media_of(content) != media:
        raise Declined(Refusal.DOCUMENT_UNFIT, f"the content is not {media}")
    if not name.strip() or len(name) > TEXT_LENGTH_MAX or not name.isprintable():
        raise Declined(Refusal.DOCUMENT_UNFIT, f"name: must have from 1 to {TEXT_LENGTH_MAX} characters")


def _check_day(day: str) -> None:
    try:
        if day and date.fromisoformat(day).isoformat() != day:
            raise ValueError
    except ValueError:
        raise Declined(Refusal.DOCUMENT_UNFIT, "expires_on: expected a day such as 2030-12-31") from None


def _day_of(now: Moment) -> str:
    return datetime.fromtimestamp(now // SECOND_MS, UTC).date().isoformat()


def _end_of(day: str) -> Moment:
    """Return when a day is over."""
    after = date.fromisoformat(day) + timedelta(days=1)
    return int(datetime(after.year, after.month, after.day, tzinfo=UTC).timestamp()) * SECOND_MS


def _document_from(row: RowMapping, today: str) -> Document:
    status = DocumentStatus(row["status"])
    if status == DocumentStatus.ACCEPTED and row["expires_on"] and row["expires_on"] < today:
        status = DocumentStatus.EXPIRED
    same = {name: row[name] for name in Document.__struct_fields__ if name not in ("kind", "status")}
    return Document(**same, kind=DocumentKind(row["kind"]), status=status)
