"""News, mail and notifications of a trade platform, as they were sent. Everything here blocks; call it from a thread."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, insert, select

from prorata.control.database import Database
from prorata.control.server_settings.tables import messages
from prorata.units.numbers import DAY_MS, Login, Moment

KEPT = 1_000
"""of each kind; the oldest are forgotten"""


class MessageKind(IntEnum):
    NEWS = 0
    MAIL = 1
    NOTIFICATION = 2


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """`sender`: as the audit knows him. `logins`: whom it is for; none: everybody. `number` and `at` are given when sent."""

    sender: str
    sender_login: Login = 0
    sender_name: str = ""
    topic: str = ""
    category: str = ""
    priority: int = 0
    body: str
    logins: tuple[Login, ...] = ()
    number: int = 0
    at: Moment = 0


class Messages:
    def __init__(self, database: Database) -> None:
        self._database = database

    def send(self, platform: str, kind: MessageKind, message: Message, *, at: Moment, keep_days: int = 0) -> int:
        """Keep a message and return its number. `keep_days`: older ones of the kind are forgotten; 0 is no limit."""
        row = msgspec.structs.asdict(message) | {
            "platform": platform, "kind": kind, "at": at, "logins": " ".join(map(str, message.logins)),
        }  # fmt: skip
        del row["number"]
        with self._database.writing() as connection:
            number: int = connection.execute(insert(messages).values(row).returning(messages.c.id)).scalar_one()
            mine = _of(platform, kind)
            oldest = select(messages.c.id).where(mine).order_by(messages.c.id.desc()).offset(KEPT).limit(1)
            connection.execute(delete(messages).where(mine, messages.c.id <= oldest.scalar_subquery()))
            if keep_days:
                connection.execute(delete(messages).where(mine, messages.c.at < at - keep_days * DAY_MS))
        return number

    def count(self, platform: str, kind: MessageKind) -> int:
        with self._database.reading() as connection:
            found: int = connection.execute(select(func.count()).select_from(messages).where(_of(platform, kind))).scalar_one()
        return found

    def all(self, platform: str, kind: MessageKind, *, bodies: bool = True) -> list[Message]:
        """Return the messages, oldest first; without `bodies` these are empty."""
        columns = [column for column in messages.c if bodies or column is not messages.c.body]
        query = select(*columns).where(_of(platform, kind)).order_by(messages.c.id)
        with self._database.reading() as connection:
            return [_message({"body": "", **row}) for row in connection.execute(query).mappings()]

    def at_place(self, platform: str, kind: MessageKind, place: int) -> Message | None:
        """Return the message at a place of the list, 0 the oldest and -1 the newest; None if it is not so long."""
        order = messages.c.id if place >= 0 else messages.c.id.desc()
        offset = place if place >= 0 else -place - 1
        return self._one(select(messages).where(_of(platform, kind)).order_by(order).offset(offset).limit(1))

    def get(self, platform: str, kind: MessageKind, number: int) -> Message | None:
        return self._one(select(messages).where(_of(platform, kind), messages.c.id == number))

    def _one(self, query: Any) -> Message | None:
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _message(row)


def _of(platform: str, kind: MessageKind) -> ColumnElement[bool]:
    return (messages.c.platform == platform) & (messages.c.kind == kind)


def _message(row: Mapping[Any, Any]) -> Message:
    fields = {name: row[name] for name in Message.__struct_fields__ if name not in ("number", "logins")}
    return Message(**fields, number=row["id"], logins=tuple(int(login) for login in row["logins"].split()))
