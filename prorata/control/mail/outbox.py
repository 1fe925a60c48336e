"""Mails that wait to be delivered. Their bodies hold links and passwords: they are sealed, and gone once they are sent."""

from collections.abc import Callable, Collection
from typing import TypeAlias

import msgspec
from sqlalchemy import Column, ColumnElement, Connection, RowMapping, delete, insert, select, update

from prorata.control.database import Database
from prorata.control.mail.tables import mails
from prorata.control.mail.texts import MailKind, text_of
from prorata.control.seals import Seals
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment

CLAIM_MS = 5 * MINUTE_MS
"""for so long nobody else tries a mail that somebody tries"""
FIRST_DELAY_MS = MINUTE_MS // 2
DELAY_MAX_MS = 60 * MINUTE_MS
GIVE_UP_MS = 3 * DAY_MS
KEPT_MS = 30 * DAY_MS
PROBLEM_LENGTH_MAX = 300


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """`body` "": it was sent, or given up. `html` "": it has text alone. `sent_at`, `given_up_at` 0: not.

    `route`: by whose mail server, "" for the installation's. `attachment`: what is made when it is sent, "" for nothing.
    """

    id: int
    recipient: str
    kind: str
    subject: str
    body: str
    html: str
    route: str
    attachment: str
    reply_to: str
    created_at: Moment
    sent_at: Moment
    given_up_at: Moment
    tries: int
    problem: str


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a mail. `sent_at`, `given_up_at` 0: not; both 0: it is tried again."""

    id: int
    tries: int
    sent_at: Moment = 0
    given_up_at: Moment = 0
    problem: str = ""


Listener: TypeAlias = Callable[[Connection, Fate], None]


class Outbox:
    """`listeners` are told what becomes of mails, each time within the transaction that writes it down."""

    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals
        self.listeners: list[Listener] = []

    def post(self, connection: Connection, recipient: str, kind: MailKind, language: str = "en", **values: object) -> None:
        """Put a mail in line within a transaction. `values`: what its text speaks of."""
        text = text_of(kind, language, **values)
        self.put(connection, recipient, kind.value, text.subject, text.body)

    def put(
        self, connection: Connection, recipient: str, kind: str, subject: str, body: str, *, html: str = "", route: str = "",
        attachment: str = "", reply_to: str = "",
    ) -> int:  # fmt: skip
        """Put a mail that is written already in line within a transaction, and return its number."""
        now = self._database.now()
        row = {
            "recipient": recipient, "kind": kind, "subject": subject, "body": None, "html": None, "route": route,
            "attachment": attachment, "reply_to": reply_to, "created_at": now, "sent_at": 0, "given_up_at": 0, "tries": 0,
            "next_at": now, "problem": "",
        }  # fmt: skip
        made = connection.execute(insert(mails).values(row)).inserted_primary_key
        assert made is not None
        number: int = made[0]
        self._seals.put(connection, mails.c.body, number, body)
        if html:
            self._seals.put(connection, mails.c.html, number, html)
        return number

    def newest(self, limit: int = 100, *, waiting: bool = False) -> list[Mail]:
        """Return mails, newest first; with `waiting` only those that are neither sent nor given up."""
        query = select(mails).order_by(mails.c.id.desc()).limit(limit)
        if waiting:
            query = query.where(_WAITING)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [self._mail_from(row) for row in rows]

    def claim(self, limit: int = 10, *, routed: bool = False) -> list[Mail]:
        """Return mails that are due; nobody else gets them for `CLAIM_MS`. Those that are too old are given up.

        `routed`: only those that go by another mail server than the installation's.
        """
        now = self._database.now()
        mine = _WAITING & (mails.c.route != "") if routed else _WAITING
        with self._database.reading() as connection:
            if connection.execute(select(mails.c.id).where(mine, mails.c.next_at <= now).limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            self._give_up_old(connection, mine & (mails.c.created_at <= now - GIVE_UP_MS), now)
            due = select(mails).where(mine, mails.c.next_at <= now).order_by(mails.c.id).limit(limit)
            rows = connection.execute(due.with_for_update(skip_locked=True)).mappings().all()
            taken = mails.c.id.in_([row["id"] for row in rows])
            connection.execute(update(mails).where(taken).values(next_at=now + CLAIM_MS, tries=mails.c.tries + 1))
        return [self._mail_from(row) for row in rows]

    def sent(self, mail: Mail) -> None:
        self._close(Fate(id=mail.id, tries=mail.tries + 1, sent_at=self._database.now()))

    def refused(self, mail: Mail, problem: str) -> None:
        """It will never be taken."""
        now = self._database.now()
        self._close(Fate(id=mail.id, tries=mail.tries + 1, given_up_at=now, problem=problem[:PROBLEM_LENGTH_MAX]))

    def failed(self, mail: Mail, problem: str) -> None:
        """It is tried again after half a minute, then after twice as long each time, an hour at most."""
        delay = min(FIRST_DELAY_MS << min(mail.tries, 16), DELAY_MAX_MS)
        values = {"next_at": self._database.now() + delay, "problem": problem[:PROBLEM_LENGTH_MAX]}
        with self._database.writing() as connection:
            if connection.execute(update(mails).where(_known(mail.id)).values(values)).rowcount:
                self._tell(connection, Fate(id=mail.id, tries=mail.tries + 1, problem=problem[:PROBLEM_LENGTH_MAX]))

    def forget(self, connection: Connection, numbers: Collection[int]) -> None:
        """Blank mails, whom they went to and what they said; those that wait are not sent."""
        mine = mails.c.id.in_(numbers)
        connection.execute(update(mails).where(mine, _WAITING).values(given_up_at=self._database.now()))
        connection.execute(update(mails).where(mine).values(recipient="", subject="", body=None, html=None, problem=""))

    def sweep(self) -> None:
        """Forget mails of long ago."""
        with self._database.writing() as connection:
            connection.execute(delete(mails).where(mails.c.created_at <= self._database.now() - KEPT_MS))

    def _give_up_old(self, connection: Connection, old: ColumnElement[bool], now: Moment) -> None:
        rows = connection.execute(select(mails.c.id, mails.c.tries, mails.c.problem).where(old)).all()
        connection.execute(update(mails).where(old).values(given_up_at=now, body=None, html=None))
        for number, tries, problem in rows:
            self._tell(connection, Fate(id=number, tries=tries, given_up_at=now, problem=problem))

    def _close(self, fate: Fate) -> None:
        values = {"sent_at": fate.sent_at, "given_up_at": fate.given_up_at, "problem": fate.problem}
        with self._database.writing() as connection:
            if connection.execute(update(mails).where(_known(fate.id)).values(body=None, html=None, **values)).rowcount:
                self._tell(connection, fate)

    def _tell(self, connection: Connection, fate: Fate) -> None:
        for listener in self.listeners:
            listener(connection, fate)

    def _mail_from(self, row: RowMapping) -> Mail:
        kept = {name: row[name] for name in Mail.__struct_fields__ if name not in ("body", "html")}
        return Mail(body=self._opened(mails.c.body, row), html=self._opened(mails.c.html, row), **kept)

    def _opened(self, column: Column[bytes], row: RowMapping) -> str:
        """Return a sealed text of a mail, "" if it has none."""
        return "" if row[column.name] is None else self._seals.read(column, row["id"]) or ""


def _known(number: int) -> ColumnElement[bool]:
    """Return the condition for a mail, unless it was forgotten: what a mail server says of it may name whom it went to."""
    return (mails.c.id == number) & (mails.c.recipient != "")


_WAITING: ColumnElement[bool] = (mails.c.sent_at == 0) & (mails.c.given_up_at == 0)
