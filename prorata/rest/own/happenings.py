"""What a command caused, in the order in which it happened: the answer to every change."""

from typing import Literal, assert_never

from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    BreakFound,
    BreakSettled,
    DayClosed,
    Dealt,
    Event,
    GroupPut,
    HedgeBooked,
    HedgeClosed,
    HedgeRequested,
    MarginCalled,
    NegativeBalanceCovered,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    Refused,
    Repeated,
    StoppedOut,
    SwapCharged,
    SymbolPut,
)
from prorata.rest.own.views import DealView, View, deal_view, money_digits, price_digits
from prorata.server.writer import Answer
from prorata.trading.desk import Desk
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Moment
from prorata.views.names import (
    AccessName,
    BalanceKindName,
    OrderTypeName,
    ReasonName,
    RemovalName,
    SideName,
    name_of,
)
from prorata.views.numbers import (
    show_moment,
    show_moment_or_none,
    show_price_or_none,
    show_volume,
)


class OrderHappened(View, frozen=True, omit_defaults=True):
    """An order was placed, changed or removed. On placing it has all fields, later those that may have changed."""

    ticket: int
    login: int
    symbol: str | None = None
    side: SideName | None = None
    type: OrderTypeName | None = None
    volume: str | None = None
    price: str | None = None
    limit_price: str | None = None
    stop_loss: str | None = None
    take_profit: str | None = None
    trailing_points: int | None = None
    expires_at: str | None = None
    comment: str | None = None
    reason: ReasonName | None = None
    position: int | None = None
    removal: RemovalName | None = None
    refusal: int | None = None
    detail: str | None = None


class PositionHappened(View, frozen=True):
    ticket: int
    login: int
    symbol: str
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None


class AccountHappened(View, frozen=True, omit_defaults=True):
    login: int
    group: str
    leverage: int
    currency: str | None = None
    demo: bool | None = None
    access: AccessName | None = None
    margin: str | None = None


class BalanceHappened(View, frozen=True):
    """`amount` as the account feels it: a withdrawal is below 0."""

    operation: int
    login: int
    kind: BalanceKindName
    amount: str
    balance: str
    credit: str
    external_id: str
    comment: str


class MarginHappened(View, frozen=True, omit_defaults=True):
    """A margin call, stop-out or covered negative balance. `closing`: tickets in closing order."""

    login: int
    equity: str | None = None
    margin: str | None = None
    line: str | None = None
    amount: str | None = None
    balance: str | None = None
    rule: str | None = None
    closing: tuple[int, ...] = ()


class BreakHappened(View, frozen=True, omit_defaults=True):
    symbol: str
    ours: str
    theirs: str
    price: str | None = None
    comment: str | None = None


HappeningName = Literal[
    "order-placed", "order-modified", "order-removed", "deal", "position-modified", "account-opened", "account-changed",
    "balance-booked", "margin-call", "stop-out", "negative-balance", "symbol-put", "group-put", "break-settled",
]  # fmt: skip


class Happening(View, frozen=True, omit_defaults=True):
    """One event: its name, and what it is about under the fitting field."""

    event: HappeningName
    sequence: int | None = None
    order: OrderHappened | None = None
    deal: DealView | None = None
    position: PositionHappened | None = None
    account: AccountHappened | None = None
    balance: BalanceHappened | None = None
    margin: MarginHappened | None = None
    settled: BreakHappened | None = None
    name: str | None = None
    """of the symbol or group"""


class Outcome(View, frozen=True):
    """A command is done, and durable. `number`: the journal batch; `at`: its time.

    `repeated`: the Idempotency-Key was used before with the same command; nothing happened now, `events` are those
    of the first time, and `number` and `at` are those of the repetition.
    """

    number: int
    at: str
    repeated: bool
    events: tuple[Happening, ...]
    ticket: int | None = None
    """of the order that the command placed or executed"""
    login: int | None = None
    """of the account that was opened"""


def outcome_of(desk: Desk, answer: Answer, *, symbol: str = "") -> Outcome:
    """Render the answer to a command; `symbol` is that of the order, for a command that modifies one."""
    repeated = answer.repeated or (bool(answer.events) and type(answer.events[0]) is Repeated)
    at = None if answer.repeated else answer.at
    ticket, login = None, None
    happenings: list[Happening] = []
    for place, event in enumerate(answer.events):
        happening = happening_of(desk, event, at, answer.first + place if answer.first else None, symbol)
        if happening is not None:
            happenings.append(happening)
        if ticket is None:
            ticket = _ticket_of(event)
        if type(event) is AccountOpened:
            login = event.login
    return Outcome(answer.number, show_moment(answer.at), repeated, tuple(happenings), ticket, login)


def _ticket_of(event: Event) -> int | None:
    if type(event) is Dealt:
        return event.order
    return event.ticket if type(event) is OrderPlaced else None


def happening_of(desk: Desk, event: Event, at: Moment | None, sequence: int | None, symbol: str) -> Happening | None:
    """Return what is told of an event; None for what is the house's own business (hedging) or has its own lists.

    `symbol`: of a modified order, whose event does not name it.
    """
    match event:
        case Dealt():
            return Happening("deal", sequence, deal=deal_view(desk, event, at))
        case OrderPlaced():
            return Happening("order-placed", sequence, order=_order_placed(desk, event))
        case OrderModified():
            return Happening("order-modified", sequence, order=_order_modified(desk, event, symbol))
        case OrderRemoved():
            return Happening("order-removed", sequence, order=_order_removed(event))
        case PositionModified():
            return Happening("position-modified", sequence, position=_position_happened(desk, event))
        case AccountOpened() | AccountChanged():
            return _account_happening(desk, event, sequence)
        case BalanceBooked():
            return Happening("balance-booked", sequence, balance=_balance_happened(desk, event))
        case Repeated():
            return Happening("balance-booked", None, balance=_balance_happened(desk, event.first))
        case MarginCalled() | StoppedOut() | NegativeBalanceCovered():
            return _margin_happening(desk, event, sequence)
        case SymbolPut():
            return Happening("symbol-put", sequence, name=event.spec.name)
        case GroupPut():
            return Happening("group-put", sequence, name=event.spec.name)
        case BreakSettled():
            return Happening("break-settled", sequence, settled=_break_happened(desk, event))
        case Refused() | SwapCharged() | DayClosed() | HedgeRequested() | HedgeBooked() | HedgeClosed() | BreakFound():
            return None
        case _:
            assert_never(event)


def _order_placed(desk: Desk, event: OrderPlaced) -> OrderHappened:
    digits = price_digits(desk, event.symbol)
    return OrderHappened(
        ticket=event.ticket,
        login=event.login,
        symbol=event.symbol,
        side=name_of(event.side),
        type=name_of(event.type),
        volume=show_volume(event.volume),
        price=show_price_or_none(event.price, digits),
        limit_price=show_price_or_none(event.limit_price, digits),
        stop_loss=show_price_or_none(event.stop_loss, digits),
        take_profit=show_price_or_none(event.take_profit, digits),
        trailing_points=event.trailing or None,
        expires_at=show_moment_or_none(event.expires_at),
        comment=event.comment,
        reason=name_of(event.reason),
        position=event.position or None,
    )


def _order_modified(desk: Desk, event: OrderModified, symbol: str) -> OrderHappened:
    digits = price_digits(desk, symbol)
    return OrderHappened(
        ticket=event.ticket,
        login=event.login,
        symbol=symbol,
        type=name_of(event.type),
        price=show_price_or_none(event.price, digits),
        limit_price=show_price_or_none(event.limit_price, digits),
        stop_loss=show_price_or_none(event.stop_loss, digits),
        take_profit=show_price_or_none(event.take_profit, digits),
        trailing_points=event.trailing or None,
        expires_at=show_moment_or_none(event.expires_at),
    )


def _order_removed(event: OrderRemoved) -> OrderHappened:
    return OrderHappened(
        ticket=event.ticket,
        login=event.login,
        symbol=event.symbol,
        removal=name_of(event.removal),
        refusal=None if event.code is None else int(event.code),
        detail=event.detail or None,
    )


def _position_happened(desk: Desk, event: PositionModified) -> PositionHappened:
    digits = price_digits(desk, event.symbol)
    return PositionHappened(
        event.ticket,
        event.login,
        event.symbol,
        show_price_or_none(event.stop_loss, digits),
        show_price_or_none(event.take_profit, digits),
        event.trailing or None,
    )


def _account_happening(desk: Desk, event: AccountOpened | AccountChanged, sequence: int | None) -> Happening:
    if isinstance(event, AccountOpened):
        account = AccountHappened(event.login, event.group, event.leverage, event.currency, event.demo)
        return Happening("account-opened", sequence, account=account)
    margin = format_decimal(event.margin, money_digits(desk, event.login))
    account = AccountHappened(event.login, event.group, event.leverage, access=name_of(event.access), margin=margin)
    return Happening("account-changed", sequence, account=account)


def _balance_happened(desk: Desk, event: BalanceBooked) -> BalanceHappened:
    digits = money_digits(desk, event.login)
    return BalanceHappened(
        event.operation,
        event.login,
        name_of(event.kind),
        format_decimal(event.amount, digits),
        format_decimal(event.balance, digits),
        format_decimal(event.credit, digits),
        event.external_id,
        event.comment,
    )


def _margin_happening(desk: Desk, event: MarginCalled | StoppedOut | NegativeBalanceCovered, sequence: int | None) -> Happening:
    digits = money_digits(desk, event.login)
    if isinstance(event, NegativeBalanceCovered):
        amount, balance = format_decimal(event.amount, digits), format_decimal(event.balance, digits)
        return Happening("negative-balance", sequence, margin=MarginHappened(event.login, amount=amount, balance=balance))
    stopped = isinstance(event, StoppedOut)
    told = MarginHappened(
        event.login,
        equity=format_decimal(event.equity, digits),
        margin=format_decimal(event.margin, digits),
        line=format_decimal(event.line, digits),
        rule=event.rule if isinstance(event, StoppedOut) else None,
        closing=event.closing if isinstance(event, StoppedOut) else (),
    )
    return Happening("stop-out" if stopped else "margin-call", sequence, margin=told)


def _break_happened(desk: Desk, event: BreakSettled) -> BreakHappened:
    price = show_price_or_none(event.price, price_digits(desk, event.symbol))
    return BreakHappened(event.symbol, show_volume(event.ours), show_volume(event.theirs), price, event.comment)
