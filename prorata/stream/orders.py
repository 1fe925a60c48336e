"""Orders over the socket: from a wish to a command, and from its answer to a message."""

from collections.abc import Callable
from typing import Any

import msgspec

from prorata.copying.engine import Engine
from prorata.messages.commands import CancelOrder, CloseBy, Command, ReversePosition
from prorata.messages.refusals import Refusal
from prorata.server.writer import Answer
from prorata.stream import messages
from prorata.stream.ring import Ring
from prorata.trading.desk import Desk
from prorata.trading.state import Account
from prorata.views import commands
from prorata.views.events import event_json
from prorata.views.outcomes import shown_places, ticket_of
from prorata.views.texts import moment_text

# From wish to command. The account is the caller's by then.


def _place(desk: Desk, _account: Account, wish: messages.Place) -> Command:
    return commands.place_order(desk, wish)


def _modify(desk: Desk, account: Account, wish: messages.Modify) -> Command:
    return commands.modify_order(desk, account, wish.ticket, wish)


def _cancel(_desk: Desk, _account: Account, wish: messages.Cancel) -> Command:
    return CancelOrder(wish.login, wish.ticket)


def _set_stops(desk: Desk, account: Account, wish: messages.SetStops) -> Command:
    return commands.modify_position(desk, account, wish.ticket, wish)


def _close(desk: Desk, account: Account, wish: messages.Close) -> Command:
    return commands.close_position(desk, account, wish.ticket, wish)


def _close_by(_desk: Desk, _account: Account, wish: messages.CloseBoth) -> Command:
    return CloseBy(wish.login, wish.ticket, wish.by_ticket)


def _close_all(desk: Desk, account: Account, wish: messages.CloseEvery) -> Command:
    return commands.close_all(desk, account, wish)


def _reverse(_desk: Desk, _account: Account, wish: messages.Reverse) -> Command:
    return ReversePosition(wish.login, wish.ticket)


COMMANDS: dict[type, Callable[[Desk, Account, Any], Command]] = {
    messages.Place: _place,
    messages.Modify: _modify,
    messages.Cancel: _cancel,
    messages.SetStops: _set_stops,
    messages.Close: _close,
    messages.CloseBoth: _close_by,
    messages.CloseEvery: _close_all,
    messages.Reverse: _reverse,
}
assert COMMANDS.keys() == messages.TRADES


# From answer to message.


class _Error(msgspec.Struct, frozen=True, gc=False):
    code: int
    refusal: str
    detail: str


_encode = msgspec.json.Encoder().encode


def refusal_message(number: int | None, code: Refusal, detail: str = "", *, sub: int | None = None) -> bytes:
    """Return the answer to wish `number` (None: it could not be read) that it is refused."""
    error = _encode(_Error(code.value, code.name, detail))
    about = b"" if sub is None else b'"sub":%d,' % sub
    return b'{%b"id":%b,"error":%b}' % (about, b"null" if number is None else b"%d" % number, error)


def done_message(number: int, answer: Answer, ring: Ring, engine: Engine) -> bytes:
    """Return the answer to wish `number`: it is done, and these events happened."""
    return b'{"id":%d,"result":{"number":%d,"at":"%b","repeated":%b,"ticket":%b,"events":[%b]}}' % (
        number,
        answer.number,
        moment_text(answer.at).encode(),
        b"true" if answer.repeated else b"false",
        _encode(ticket_of(answer.events)),
        b",".join(_events(answer, ring, engine)),
    )


def _events(answer: Answer, ring: Ring, engine: Engine) -> list[bytes]:
    """Return the events of an answer.

    The ring has just rendered them for the subscribers, or keeps them for these; a repeated answer has no numbers.
    """
    shown = shown_places(answer.events)
    batch = ring.batch_of(answer.first) if answer.first else None
    if batch is None:
        return [event_json(engine, answer.events[place], None, None) for place in shown]
    start = answer.first - batch.first
    return [b"{" + batch.tail(start + place) for place in shown]
