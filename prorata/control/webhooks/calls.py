"""Changes that are asked for under an idempotency key: repeated, they are answered as they were and not made again."""

from collections.abc import Callable

import msgspec
from sqlalchemy import Connection, delete, insert, select

from prorata.control.webhooks.store import WebhookStore
from prorata.control.webhooks.tables import calls
from prorata.units.numbers import DAY_MS, Moment


class KeyReused(Exception):
    """The idempotency key came before with another call."""


class Call(msgspec.Struct, frozen=True):
    """Who asks for a change. `key` "": it is made however often it is asked for. `digest` tells calls apart."""

    caller: str = ""
    key: str = ""
    digest: str = ""


def once(store: WebhookStore, call: Call, work: Callable[[Connection], str]) -> str:
    """Do `work` in a durable transaction and return what it says; what it said if the call came before.

    Raises:
        KeyReused: the key came before with another call. Whatever `work` raises undoes all of it.
    """
    with store.writing(durable=True) as connection:
        before = _answer_before(connection, store, call)
        if before is not None:
            return before
        answer = work(connection)
        if call.key:
            row = {"platform": store.platform, "caller": call.caller, "key": call.key, "digest": call.digest}
            connection.execute(insert(calls).values(**row, answer=answer, at=store.now()))
    store.on_change()
    return answer


def _answer_before(connection: Connection, store: WebhookStore, call: Call) -> str | None:
    if not call.key:
        return None
    same = (calls.c.platform == store.platform) & (calls.c.caller == call.caller) & (calls.c.key == call.key)
    row = connection.execute(select(calls.c.digest, calls.c.answer).where(same)).one_or_none()
    if row is None:
        return None
    if row.digest != call.digest:
        raise KeyReused
    return str(row.answer)


def forget_calls(connection: Connection, platform: str, now: Moment) -> None:
    """Forget keys that are older than a day."""
    connection.execute(delete(calls).where(calls.c.platform == platform, calls.c.at < now - DAY_MS))
