"""From what is asked of us to a command: the one way for REST and for the stream.

Accounts are within the caller's reach before their orders and positions are looked at. An order or position that is
gone is the engine's to refuse: a repeated call must find its first answer. Everything here raises `Rejected`.
"""

from prorata.access.callers import Caller, NotFound, SignInDisabled, account_for
from prorata.messages.commands import CloseAll, ClosePosition, ModifyOrder, ModifyPosition, OrderType, PlaceOrder, Side
from prorata.messages.refusals import Refusal
from prorata.trading.desk import Desk
from prorata.trading.state import Account
from prorata.units.numbers import Login, Points, Ticket
from prorata.views.answers import Rejected
from prorata.views.bodies import AccountCloseAll, NewOrder, OrderChange, PositionChange, PositionClose
from prorata.views.names import code_of
from prorata.views.numbers import read_moment, read_price, read_volume

ANY_DEVIATION = -1
"""The order is done at any price."""


def account_of(caller: Caller, desk: Desk, login: Login) -> Account:
    """Return an account within the caller's reach."""
    try:
        return account_for(caller, desk.state, login)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_ACCOUNT) from None
    except SignInDisabled:
        raise Rejected(Refusal.LOGIN_DISABLED) from None


def digits_for(desk: Desk, symbol: str) -> int:
    """Return the decimals in which prices of a symbol are written."""
    spec = desk.state.symbols.get(symbol)
    if spec is None:
        raise Rejected(Refusal.UNKNOWN_SYMBOL, f"symbol: {symbol}")
    return spec.digits


def place_order(desk: Desk, order: NewOrder) -> PlaceOrder:
    digits = digits_for(desk, order.symbol)
    return PlaceOrder(
        order.login,
        order.symbol,
        code_of(Side, order.side),
        read_volume(order.volume, "volume"),
        code_of(OrderType, order.type),
        read_price(order.price, digits, "price"),
        read_price(order.limit_price, digits, "limit_price"),
        ANY_DEVIATION if order.deviation_points is None else order.deviation_points,
        read_price(order.stop_loss, digits, "stop_loss"),
        read_price(order.take_profit, digits, "take_profit"),
        order.trailing_points or 0,
        read_moment(order.expires_at, "expires_at"),
        order.comment,
    )


def modify_order(desk: Desk, account: Account, ticket: Ticket, change: OrderChange) -> ModifyOrder:
    order = account.orders.get(ticket)
    if order is not None and order.symbol != change.symbol:
        raise Rejected(Refusal.UNKNOWN_ORDER, f"the order is not in {change.symbol}")
    digits = digits_for(desk, change.symbol)
    return ModifyOrder(
        account.login,
        ticket,
        read_price(change.price, digits, "price"),
        read_price(change.limit_price, digits, "limit_price"),
        read_price(change.stop_loss, digits, "stop_loss"),
        read_price(change.take_profit, digits, "take_profit"),
        change.trailing_points or 0,
        read_moment(change.expires_at, "expires_at"),
    )


def modify_position(desk: Desk, account: Account, ticket: Ticket, change: PositionChange) -> ModifyPosition:
    digits = _position_digits(desk, account, ticket, change.symbol)
    return ModifyPosition(
        account.login,
        ticket,
        read_price(change.stop_loss, digits, "stop_loss"),
        read_price(change.take_profit, digits, "take_profit"),
        change.trailing_points or 0,
    )


def close_position(desk: Desk, account: Account, ticket: Ticket, close: PositionClose) -> ClosePosition:
    volume = read_volume(close.volume, "volume")
    if close.volume is not None and not volume:
        raise Rejected(Refusal.VOLUME_TOO_SMALL)
    price: Points = 0
    if close.price is not None:
        if close.symbol is None:
            raise Rejected(Refusal.MALFORMED, "symbol: needed with a price, to know its decimals")
        price = read_price(close.price, _position_digits(desk, account, ticket, close.symbol), "price")
    deviation = ANY_DEVIATION if close.deviation_points is None else close.deviation_points
    return ClosePosition(account.login, ticket, volume, price, deviation)


def close_all(desk: Desk, account: Account, close: AccountCloseAll) -> CloseAll:
    if close.symbol is not None:
        digits_for(desk, close.symbol)
    return CloseAll(account.login, close.symbol or "")


def _position_digits(desk: Desk, account: Account, ticket: Ticket, symbol: str) -> int:
    position = account.positions.get(ticket)
    if position is not None and position.symbol != symbol:
        raise Rejected(Refusal.UNKNOWN_POSITION, f"the position is not in {symbol}")
    return digits_for(desk, symbol)
