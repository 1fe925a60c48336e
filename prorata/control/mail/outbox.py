"""Mails that wait to be delivered. Their bodies hold links and passwords: they are sealed, and gone once they are sent."""

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, delete, insert, select, update

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
    """`body` "": it was sent, or given up. `sent_at`, `given_up_at` 0: not."""

    id: int
    recipient: str
    kind: str
    subject: str
    body: str
    created_at: Moment
    sent_at: Moment
    given_up_at: Moment
    tries: int
    problem: str


class Outbox:
    def __init__(self, database: Database, seals: Seals) -> None:
        self._database = database
        self._seals = seals

    def post(self, connection: Connection, recipient: str, kind: MailKind, language: str = "en", **values: object) -> None:
        """Put a mail in line within a transaction. `values`: what its text speaks of."""
        text = text_of(kind, language, **values)
        now = self._database.now()
        row = {
            "recipient": recipient, "kind": kind.value, "subject": text.subject, "body": None, "created_at": now, "sent_at": 0,
            "given_up_at": 0, "tries": 0, "next_at": now, "problem": "",
        }  # fmt: skip
        made = connection.execute(insert(mails).values(row)).inserted_primary_key
        assert made is not None
        self._seals.put(connection, mails.c.body, made[0], text.body)

    def newest(self, limit: int = 100, *, waiting: bool = False) -> list[Mail]:
        """Return mails, newest first; with `waiting` only those that are neither sent nor given up."""
        query = select(mails).order_by(mails.c.id.desc()).limit(limit)
        if waiting:
            query = query.where(_WAITING)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [self._mail_from(row) for row in rows]

    def claim(self, limit: int = 10) -> list[Mail]:
        """Return mails that are due; nobody else gets them for `CLAIM_MS`. Those that are too old are given up."""
        now = self._database.now()
        with self._database.reading() as connection:
            if connection.execute(select(mails.c.id).where(_WAITING, mails.c.next_at <= now).limit(1)).first() is None:
                return []
        with self._database.writing() as connection:
            old = _WAITING & (mails.c.created_at <= now - GIVE_UP_MS)
            connection.execute(update(mails).where(old).values(given_up_at=now, body=None))
            due = select(mails).where(_WAITING, mails.c.next_at <= now).order_by(mails.c.id).limit(limit)
            rows = connection.execute(due.with_for_update(skip_locked=True)).mappings().all()
            mine = mails.c.id.in_([row["id"] for row in rows])
            connection.execute(update(mails).where(mine).values(next_at=now + CLAIM_MS, tries=mails.c.tries + 1))
        return [self._mail_from(row) for row in rows]

    def sent(self, mail: Mail) -> None:
        self._close(mail, sent_at=self._database.now(), problem="")

    def refused(self, mail: Mail, problem: str) -> None:
        """It will never be taken."""
        self._close(mail, given_up_at=self._database.now(), problem=problem[:PROBLEM_LENGTH_MAX])

    def failed(self, mail: Mail, problem: str) -> None:
        """It is tried again after half a minute, then after twice as long each time, an hour at most."""
        delay = min(FIRST_DELAY_MS << min(mail.tries, 16), DELAY_MAX_MS)
        values = {"next_at": self._database.now() + delay, "problem": problem[:PROBLEM_LENGTH_MAX]}
        with self._database.writing() as connection:
            connection.execute(update(mails).where(mails.c.id == mail.id).values(values))

    def sweep(self) -> None:
        """Forget mails of long ago."""
        with self._database.writing() as connection:
            connection.execute(delete(mails).where(mails.c.created_at <= self._database.now() - KEPT_MS))

    def _close(self, mail: Mail, **values: object) -> None:
        with self._database.writing() as connection:
            connection.execute(update(mails).where(mails.c.id == mail.id).values(body=None, **values))

    def _mail_from(self, row: RowMapping) -> Mail:
        body = self._seals.read(mails.c.body, row["id"]) if row["body"] is not None else None
        return Mail(body=body or "", **{name: row[name] for name in Mail.__struct_fields__ if name != "body"})


_WAITING: ColumnElement[bool] = (mails.c.sent_at == 0) & (mails.c.given_up_at == 0)
