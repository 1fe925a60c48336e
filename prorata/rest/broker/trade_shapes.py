"""Positions, orders and movements of money as records. Prices and amounts are exact decimals; a stop that is not there is 0.

netProfit = profit + swap + commission; of an open position `commission` is what opening it has cost, paid already.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

import msgspec

from prorata.messages.commands import OrderType, Side
from prorata.messages.events import Dealt, Entry, PostingKind, Reason
from prorata.projections.rows import DayRow, OrderOutcome, OrderRow
from prorata.projections.trade_history import Closing
from prorata.rest.broker.kinds import Record, money_of, time_of
from prorata.rest.broker.trade_values import SIDE_NAMES, OrderSide, lots_of, order_id
from prorata.trading.desk import Desk
from prorata.trading.equity import profit_now
from prorata.trading.levels import margin_share
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.units.numbers import Login, Minor, Moment

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
"""Days of the history are counted from there."""


class PartialView(Record, frozen=True):
    """A part of a position. Here a position is of one piece: its only part is itself."""

    id: str
    symbol: str
    alias: str
    volume: Decimal
    old_partial_volume: Decimal
    side: OrderSide
    open_time: str | None
    open_price: Decimal
    swap: Decimal
    profit: Decimal
    net_profit: Decimal
    current_price: Decimal
    commission: Decimal


class OpenPosition(Record, frozen=True):
    id: str
    symbol: str
    alias: str
    volume: Decimal
    side: OrderSide
    open_time: str | None
    open_price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    swap: Decimal
    profit: Decimal
    net_profit: Decimal
    current_price: Decimal
    commission: Decimal
    margin: Decimal
    positions: list[PartialView]


class CloseReason(StrEnum):
    USER = "CLOSE_REASON_USER"
    PARTIAL = "CLOSE_REASON_PARTIAL"
    STOP_LOSS = "CLOSE_REASON_STOP_LOSS"
    TAKE_PROFIT = "CLOSE_REASON_TAKE_PROFIT"
    STOP_OUT = "CLOSE_REASON_STOP_OUT"
    CLOSE_BY = "CLOSE_REASON_CLOSE_BY"
    DEALER = "CLOSE_REASON_DEALER"


_REASONS = {
    Reason.CLIENT: CloseReason.USER, Reason.PENDING: CloseReason.USER, Reason.STOP_LOSS: CloseReason.STOP_LOSS,
    Reason.TAKE_PROFIT: CloseReason.TAKE_PROFIT, Reason.STOP_OUT: CloseReason.STOP_OUT,
    Reason.CLOSE_BY: CloseReason.CLOSE_BY, Reason.DEALER: CloseReason.DEALER, Reason.GUARD: CloseReason.STOP_OUT,
}  # fmt: skip


class ClosedPosition(Record, frozen=True):
    """`uid`: of this closing, of which a position that is closed in parts has several."""

    login: int
    id: str
    uid: str
    symbol: str
    alias: str
    volume: Decimal
    side: OrderSide
    open_time: str | None
    open_price: Decimal
    stop_loss: Decimal
    take_profit: Decimal
    time: str | None
    close_price: Decimal
    commission: Decimal
    swap: Decimal
    profit: Decimal
    net_profit: Decimal
    closing_order_id: str = msgspec.field(name="closingOrderID")
    reason: CloseReason
    comment: str


class OrderTypeName(StrEnum):
    LIMIT = "LIMIT"
    STOP = "STOP"
    UNTYPE = "UNTYPE"


ORDER_TYPES = {OrderType.LIMIT: OrderTypeName.LIMIT, OrderType.STOP: OrderTypeName.STOP}
"""Others, a stop-limit among them, are UNTYPE."""


class ActiveOrder(Record, frozen=True):
    id: str
    symbol: str
    alias: str
    volume: Decimal
    type: OrderTypeName
    creation_time: str | None
    activation_price: Decimal
    side: OrderSide
    stop_loss: Decimal
    take_profit: Decimal
    comment: str


class OrderStatus(StrEnum):
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    ADDED = "ADDED"
    ACTIVE_ORDER_PRICE_EDITED = "ACTIVE_ORDER_PRICE_EDITED"


ORDER_OUTCOMES = {
    OrderOutcome.FILLED: OrderStatus.FILLED, OrderOutcome.CANCELLED: OrderStatus.CANCELLED,
    OrderOutcome.EXPIRED: OrderStatus.REJECTED, OrderOutcome.REFUSED: OrderStatus.REJECTED,
    OrderOutcome.VENUE: OrderStatus.REJECTED,
}  # fmt: skip


class HistoricalOrder(Record, frozen=True):
    """`closing_order_id`: the position that the order closes, null if it opens one. `limit`, `stop`: its price, else 0."""

    order_id: str
    created: str | None
    updated: str | None
    status: OrderStatus
    symbol: str
    side: OrderSide
    volume: Decimal
    closing_order_id: str | None
    take_profit: Decimal
    stop_loss: Decimal
    limit: Decimal
    stop: Decimal


class LedgerType(StrEnum):
    DEPOSIT = "DEPOSIT"
    WITHDRAWAL = "WITHDRAWAL"
    CREDIT_IN = "CREDIT_IN"
    CREDIT_OUT = "CREDIT_OUT"
    AGENT_COMMISSION = "AGENT_COMMISSION"
    COMMISSIONS = "COMMISSIONS"
    SWAPS = "SWAPS"
    CLOSED_POSITION = "CLOSED_POSITION"
    OTHER = "OTHER"


_NAMED_KINDS = {
    PostingKind.DEPOSIT: LedgerType.DEPOSIT, PostingKind.WITHDRAWAL: LedgerType.WITHDRAWAL,
    PostingKind.COMMISSION: LedgerType.COMMISSIONS, PostingKind.SWAP: LedgerType.SWAPS,
    PostingKind.PROFIT: LedgerType.CLOSED_POSITION, PostingKind.PAYOUT: LedgerType.AGENT_COMMISSION,
}  # fmt: skip
LEDGER_KINDS = {kind: _NAMED_KINDS.get(kind, LedgerType.OTHER) for kind in PostingKind if kind != PostingKind.CREDIT}
"""Credit is told apart by whether it is given or taken back."""


class Posted(Protocol):
    """A posting, and where it stands among the events: a row of the ledger, or what has just happened."""

    @property
    def sequence(self) -> int: ...
    @property
    def part(self) -> int: ...
    @property
    def at(self) -> Moment: ...
    @property
    def credit(self) -> str: ...
    @property
    def amount(self) -> Minor: ...
    @property
    def kind(self) -> PostingKind: ...


class LedgerView(Record, frozen=True):
    """`profit`: the amount, below 0 if it left the account."""

    id: str
    type: LedgerType
    time: str | None
    profit: Decimal
    comment: str


class SnapshotView(Record, frozen=True):
    """An account at the end of a trading day. equity = balance + credit + profit + swap."""

    day: str
    time: str | None
    balance: Decimal
    credit: Decimal
    equity: Decimal
    profit: Decimal
    swap: Decimal
    margin: Decimal


def snapshot_view(row: DayRow, money: int) -> SnapshotView:
    return SnapshotView(
        day=date.fromordinal(EPOCH_ORDINAL + row.day).isoformat(), time=time_of(row.at), balance=money_of(row.balance, money),
        credit=money_of(row.credit, money), equity=money_of(row.equity, money), profit=money_of(row.floating, money),
        swap=money_of(row.swap, money), margin=money_of(row.margin, money),
    )  # fmt: skip


def money_digits(desk: Desk, account: Account) -> int:
    return desk.groups[account.group].currency_digits


def open_positions(desk: Desk, account: Account) -> list[OpenPosition]:
    """Return an account's positions, oldest first."""
    return [open_position(desk, account, position) for position in account.positions.values()]


def open_position(desk: Desk, account: Account, position: Position) -> OpenPosition:
    """Return a position as it is now."""
    terms, money = desk.terms_of(account, position.symbol), money_digits(desk, account)
    digits, profit = terms.spec.digits, profit_now(terms, position)
    part = PartialView(
        id=order_id(position.ticket), symbol=position.symbol, alias=position.symbol, volume=lots_of(position.volume),
        old_partial_volume=lots_of(position.volume), side=SIDE_NAMES[position.side], open_time=time_of(position.opened_at),
        open_price=money_of(position.open_price, digits), swap=money_of(position.swap, money), profit=money_of(profit, money),
        net_profit=money_of(profit + position.swap + position.commission, money),
        current_price=money_of(terms.bid if position.side == Side.BUY else terms.ask, digits),
        commission=money_of(position.commission, money),
    )  # fmt: skip
    margin = money_of(margin_share(account, position), money)
    return _whole(part, money_of(position.stop_loss, digits), money_of(position.take_profit, digits), margin)


def dealt_position(desk: Desk, deal: Dealt, opened_at: Moment, commission: Minor) -> OpenPosition:
    """Return a position as one of its deals left it, or closed it: then `volume` and the money are of what was closed last.

    `commission`: what opening it has cost.
    """
    account, closing = desk.state.accounts[deal.login], deal.entry == Entry.OUT
    digits, money = desk.state.symbols[deal.symbol].digits, money_digits(desk, account)
    closed = closing and not deal.position_volume
    volume = lots_of(deal.volume if closed else deal.position_volume)
    side = deal.side if not closing else Side.SELL if deal.side == Side.BUY else Side.BUY
    profit, swap = (deal.profit, deal.swap) if closed else (0, 0)
    paid = commission + deal.commission if closed else commission
    part = PartialView(
        id=order_id(deal.position), symbol=deal.symbol, alias=deal.symbol, volume=volume, old_partial_volume=volume,
        side=SIDE_NAMES[side], open_time=time_of(opened_at), open_price=money_of(deal.open_price, digits),
        swap=money_of(swap, money), profit=money_of(profit, money), net_profit=money_of(profit + swap + paid, money),
        current_price=money_of(deal.price, digits), commission=money_of(paid, money),
    )  # fmt: skip
    return _whole(part, money_of(deal.stop_loss, digits), money_of(deal.take_profit, digits), Decimal(0))


def _whole(part: PartialView, stop_loss: Decimal, take_profit: Decimal, margin: Decimal) -> OpenPosition:
    """Return the position of one piece whose only part is given."""
    same = {name: getattr(part, name) for name in OpenPosition.__struct_fields__ if hasattr(part, name)}
    return OpenPosition(**same, stop_loss=stop_loss, take_profit=take_profit, margin=margin, positions=[part])


def active_orders(desk: Desk, account: Account) -> list[ActiveOrder]:
    """Return the orders of an account that wait for their price, oldest first."""
    return [active_order(desk, order) for order in account.orders.values() if order.state == OrderState.PENDING]


def active_order(desk: Desk, order: Order) -> ActiveOrder:
    digits = desk.state.symbols[order.symbol].digits
    return ActiveOrder(
        id=order_id(order.ticket), symbol=order.symbol, alias=order.symbol, volume=lots_of(order.volume),
        type=ORDER_TYPES.get(order.type, OrderTypeName.UNTYPE), creation_time=time_of(order.placed_at),
        activation_price=money_of(order.price, digits), side=SIDE_NAMES[order.side],
        stop_loss=money_of(order.stop_loss, digits), take_profit=money_of(order.take_profit, digits), comment=order.comment,
    )  # fmt: skip


def closed_position(closing: Closing, digits: int, money: int) -> ClosedPosition:
    """`digits`, `money`: decimal places of the symbol's prices and of the account's currency."""
    reason = _REASONS[closing.close_reason]
    return ClosedPosition(
        login=closing.login, id=order_id(closing.position), uid=f"{closing.sequence}", symbol=closing.symbol,
        alias=closing.symbol, volume=lots_of(closing.volume), side=SIDE_NAMES[closing.side],
        open_time=time_of(closing.opened_at), open_price=money_of(closing.open_price, digits),
        stop_loss=money_of(closing.stop_loss, digits), take_profit=money_of(closing.take_profit, digits),
        time=time_of(closing.closed_at), close_price=money_of(closing.close_price, digits),
        commission=money_of(closing.commission, money), swap=money_of(closing.swap, money),
        profit=money_of(closing.profit, money),
        net_profit=money_of(closing.profit + closing.swap + closing.commission, money),
        closing_order_id=order_id(closing.order),
        reason=CloseReason.PARTIAL if closing.left and reason == CloseReason.USER else reason, comment=closing.comment,
    )  # fmt: skip


def historical_order(row: OrderRow, digits: int) -> HistoricalOrder:
    price = money_of(row.price, digits)
    return HistoricalOrder(
        order_id=order_id(row.ticket), created=time_of(row.placed_at), updated=time_of(row.changed_at),
        status=order_status(row), symbol=row.symbol, side=SIDE_NAMES[row.side], volume=lots_of(row.volume),
        closing_order_id=order_id(row.position) if row.position else None, take_profit=money_of(row.take_profit, digits),
        stop_loss=money_of(row.stop_loss, digits), limit=price if row.type == OrderType.LIMIT else Decimal(0),
        stop=price if row.type == OrderType.STOP else Decimal(0),
    )  # fmt: skip


def order_status(row: OrderRow) -> OrderStatus:
    """An order that has expired was rejected; one that waits is as it was added, or edited since."""
    if row.state == OrderOutcome.WORKING:
        return OrderStatus.ADDED if row.last_sequence == row.sequence else OrderStatus.ACTIVE_ORDER_PRICE_EDITED
    return ORDER_OUTCOMES[row.state]


def ledger_type(row: Posted, login: Login) -> LedgerType:
    if row.kind == PostingKind.CREDIT:
        return LedgerType.CREDIT_IN if row.credit == f"credit/{login}" else LedgerType.CREDIT_OUT
    return LEDGER_KINDS[row.kind]


def ledger_view(row: Posted, login: Login, money: int, comment: str) -> LedgerView:
    came = row.credit in (f"account/{login}", f"credit/{login}")
    return LedgerView(
        id=f"{row.sequence}-{row.part}", type=ledger_type(row, login), time=time_of(row.at),
        profit=money_of(row.amount if came else -row.amount, money), comment=comment,
    )  # fmt: skip
