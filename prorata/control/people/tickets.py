"""Tickets for a single use: the links in mails, and the steps of signing in. Kept as SHA-256."""

import secrets
from enum import StrEnum
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from prorata.control.database import Database
from prorata.control.people.tables import tickets
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment


class Purpose(StrEnum):
    VERIFY = "verify"
    """confirm the address"""
    RESET = "reset"
    """set a new password"""
    EMAIL = "email"
    """take another address; `content`: which"""
    SECOND_STEP = "second_step"
    """the password was right, a code is missing"""
    NEW_PASSKEY = "new_passkey"
    """`content`: the challenge"""
    PASSKEY = "passkey"
    """`content`: the challenge"""


LIFE_MS = {
    Purpose.VERIFY: 7 * DAY_MS,
    Purpose.RESET: 2 * 60 * MINUTE_MS,
    Purpose.EMAIL: 24 * 60 * MINUTE_MS,
    Purpose.SECOND_STEP: 10 * MINUTE_MS,
    Purpose.NEW_PASSKEY: 10 * MINUTE_MS,
    Purpose.PASSKEY: 10 * MINUTE_MS,
}


class TicketSpent(Exception):
    """The ticket is unknown, was used, or has expired."""


class Ticket(msgspec.Struct, frozen=True):
    """`person_id` None: nobody's yet."""

    id: int
    person_id: int | None
    content: str

    @property
    def owner(self) -> int:
        """Return whose ticket it is. Those of most purposes are somebody's."""
        assert self.person_id is not None
        return self.person_id


class Tickets:
    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(self, purpose: Purpose, person_id: int | None = None, content: str = "") -> str:
        with self._database.writing() as connection:
            return issue_ticket(connection, purpose, self._database.now(), person_id, content)

    def look(self, purpose: Purpose, token: str) -> Ticket:
        """Return a good ticket without spending it. Raises `TicketSpent`."""
        with self._database.reading() as connection:
            return _read(connection, _good(purpose, token, self._database.now()))

    def spend(self, purpose: Purpose, token: str) -> Ticket:
        """Spend a ticket. Raises `TicketSpent`."""
        with self._database.writing() as connection:
            return spend_ticket(connection, purpose, token, self._database.now())

    def sweep(self) -> None:
        with self._database.writing() as connection:
            connection.execute(delete(tickets).where(tickets.c.expires_at <= self._database.now()))


def issue_ticket(connection: Connection, purpose: Purpose, now: Moment, person_id: int | None = None, content: str = "") -> str:
    """Make a ticket within a transaction; it cannot be shown again."""
    token = secrets.token_urlsafe(32)
    row = {
        "digest": _digest(token), "purpose": purpose.value, "person_id": person_id, "content": content, "created_at": now,
        "expires_at": now + LIFE_MS[purpose], "used_at": 0,
    }  # fmt: skip
    connection.execute(insert(tickets).values(row))
    return token


def spend_ticket(connection: Connection, purpose: Purpose, token: str, now: Moment) -> Ticket:
    """Spend a ticket within a transaction: if that is undone, it is good again. Raises `TicketSpent`."""
    if not connection.execute(update(tickets).where(_good(purpose, token, now)).values(used_at=now)).rowcount:
        raise TicketSpent
    return _read(connection, tickets.c.digest == _digest(token))


def void_tickets(connection: Connection, person_id: int, *purposes: Purpose) -> None:
    """Take tickets of a person back within a transaction."""
    mine = (tickets.c.person_id == person_id) & tickets.c.purpose.in_([purpose.value for purpose in purposes])
    connection.execute(delete(tickets).where(mine))


def _good(purpose: Purpose, token: str, now: Moment) -> ColumnElement[bool]:
    mine = (tickets.c.digest == _digest(token)) & (tickets.c.purpose == purpose.value)
    return mine & (tickets.c.used_at == 0) & (tickets.c.expires_at > now)


def _read(connection: Connection, which: ColumnElement[bool]) -> Ticket:
    row = connection.execute(select(tickets.c.id, tickets.c.person_id, tickets.c.content).where(which)).first()
    if row is None:
        raise TicketSpent
    return Ticket(*row)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()
