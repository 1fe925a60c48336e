"""Orders over the socket: from a wish to a command, and from its answer to a message."""

from collections.abc import Callable
from typing import Any

import msgspec

from prorata.access.callers import Caller, NotFound, SignInDisabled, account_for
from prorata.messages.commands import (
    CancelOrder,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OrderType,
    PlaceOrder,
    ReversePosition,
    Side,
)
from prorata.messages.events import Dealt, Event, OrderPlaced
from prorata.messages.refusals import Refusal
from prorata.server.writer import Answer
from prorata.stream import messages
from prorata.stream.ring import Ring
from prorata.trading.desk import Desk
from prorata.trading.state import Account
from prorata.units.numbers import Login, Points
from prorata.views.answers import Rejected
from prorata.views.events import HOUSE, event_json, login_of
from prorata.views.names import code_of
from prorata.views.numbers import read_moment, read_price, read_volume
from prorata.views.texts import moment_text


def account_of(caller: Caller, desk: Desk, login: Login) -> Account:
    """Return an account within the caller's reach. Raises `Rejected`."""
    try:
        return account_for(caller, desk.state, login)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_ACCOUNT) from None
    except SignInDisabled:
        raise Rejected(Refusal.LOGIN_DISABLED) from None


def _digits(desk: Desk, symbol: str) -> int:
    spec = desk.state.symbols.get(symbol)
    if spec is None:
        raise Rejected(Refusal.UNKNOWN_SYMBOL, f"symbol: {symbol}")
    return spec.digits


# From wish to command. The account is the caller's by then.


def _place(desk: Desk, _account: Account, wish: messages.Place) -> Command:
    digits = _digits(desk, wish.symbol)
    return PlaceOrder(
        wish.login,
        wish.symbol,
        Side.BUY if wish.side == "buy" else Side.SELL,
        read_volume(wish.volume, "volume"),
        OrderType.MARKET if wish.type == "market" else code_of(OrderType, wish.type),
        read_price(wish.price, digits, "price"),
        read_price(wish.limit_price, digits, "limit_price"),
        -1 if wish.deviation_points is None else wish.deviation_points,
        read_price(wish.stop_loss, digits, "stop_loss"),
        read_price(wish.take_profit, digits, "take_profit"),
        wish.trailing_points or 0,
        read_moment(wish.expires_at, "expires_at"),
        wish.comment,
    )


def _modify(desk: Desk, account: Account, wish: messages.Modify) -> Command:
    order = account.orders.get(wish.ticket)
    # An order that is gone is the engine's to refuse: a repeated wish must find its first answer.
    if order is not None and order.symbol != wish.symbol:
        raise Rejected(Refusal.UNKNOWN_ORDER, f"the order is not in {wish.symbol}")
    digits = _digits(desk, wish.symbol)
    return ModifyOrder(
        wish.login,
        wish.ticket,
        read_price(wish.price, digits, "price"),
        read_price(wish.limit_price, digits, "limit_price"),
        read_price(wish.stop_loss, digits, "stop_loss"),
        read_price(wish.take_profit, digits, "take_profit"),
        wish.trailing_points or 0,
        read_moment(wish.expires_at, "expires_at"),
    )


def _cancel(_desk: Desk, _account: Account, wish: messages.Cancel) -> Command:
    return CancelOrder(wish.login, wish.ticket)


def _position_digits(desk: Desk, account: Account, ticket: int, symbol: str) -> int:
    position = account.positions.get(ticket)
    if position is not None and position.symbol != symbol:
        raise Rejected(Refusal.UNKNOWN_POSITION, f"the position is not in {symbol}")
    return _digits(desk, symbol)


def _set_stops(desk: Desk, account: Account, wish: messages.SetStops) -> Command:
    digits = _position_digits(desk, account, wish.ticket, wish.symbol)
    return ModifyPosition(
        wish.login,
        wish.ticket,
        read_price(wish.stop_loss, digits, "stop_loss"),
        read_price(wish.take_profit, digits, "take_profit"),
        wish.trailing_points or 0,
    )


def _close(desk: Desk, account: Account, wish: messages.Close) -> Command:
    volume = read_volume(wish.volume, "volume")
    if wish.volume is not None and not volume:
        raise Rejected(Refusal.VOLUME_TOO_SMALL)
    price: Points = 0
    if wish.price is not None:
        if wish.symbol is None:
            raise Rejected(Refusal.MALFORMED, "symbol: needed with a price, to know its decimals")
        price = read_price(wish.price, _position_digits(desk, account, wish.ticket, wish.symbol), "price")
    deviation = -1 if wish.deviation_points is None else wish.deviation_points
    return ClosePosition(wish.login, wish.ticket, volume, price, deviation)


def _close_by(_desk: Desk, _account: Account, wish: messages.CloseBoth) -> Command:
    return CloseBy(wish.login, wish.ticket, wish.by_ticket)


def _close_all(desk: Desk, _account: Account, wish: messages.CloseEvery) -> Command:
    if wish.symbol is not None:
        _digits(desk, wish.symbol)
    return CloseAll(wish.login, wish.symbol or "")


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


def done_message(number: int, answer: Answer, ring: Ring, desk: Desk) -> bytes:
    """Return the answer to wish `number`: it is done, and these events happened."""
    return b'{"id":%d,"result":{"number":%d,"at":"%b","repeated":%b,"ticket":%b,"events":[%b]}}' % (
        number,
        answer.number,
        moment_text(answer.at).encode(),
        b"true" if answer.repeated else b"false",
        _ticket_of(answer.events),
        b",".join(_events(answer, ring, desk)),
    )


def _events(answer: Answer, ring: Ring, desk: Desk) -> list[bytes]:
    """Return the events of an answer; what the house did about it (hedging) is its own business.

    The ring has just rendered them for the subscribers, or keeps them for these; a repeated answer has no numbers.
    """
    shown = [place for place, event in enumerate(answer.events) if login_of(event) != HOUSE]
    batch = ring.batch_of(answer.first) if answer.first else None
    if batch is None:
        return [event_json(desk, answer.events[place], None, None) for place in shown]
    start = answer.first - batch.first
    return [b"{" + batch.tail(start + place) for place in shown]


def _ticket_of(events: tuple[Event, ...]) -> bytes:
    """Return the ticket of the order that was placed or executed, as JSON."""
    for event in events:
        if type(event) is Dealt:
            return b"%d" % event.order
        if type(event) is OrderPlaced:
            return b"%d" % event.ticket
    return b"null"
