"""What we answer about accounts, orders, positions and deals: one shape and one way to make it for each."""

from typing import Generic, TypeVar

import msgspec

from prorata.messages.commands import Side
from prorata.messages.refusals import Refusal
from prorata.projections.rows import BalanceOperationRow, DealRow, OrderRow
from prorata.trading.desk import Desk
from prorata.trading.equity import floating_of, free_margin_of, profit_now
from prorata.trading.state import Account, Guards, Order, Position
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login
from prorata.units.rounding import div_floor
from prorata.views.names import (
    AccessName,
    BalanceKindName,
    DailyBaseName,
    EntryName,
    OrderStateName,
    OrderTypeName,
    ReasonName,
    SideName,
    name_of,
)
from prorata.views.numbers import (
    show_moment,
    show_moment_or_none,
    show_price,
    show_price_or_none,
    show_volume,
)

ViewType = TypeVar("ViewType")


class View(msgspec.Struct, frozen=True, gc=False):
    """Base of all answers."""


class Page(View, Generic[ViewType], frozen=True):
    """A part of a list. `next_cursor` asks for what follows; null: nothing follows as yet."""

    items: tuple[ViewType, ...]
    next_cursor: str | None = None


class GuardsView(View, frozen=True):
    """Null: that guard is not set. `closing`: a loss was reached, and what could not be closed yet will be."""

    floor: str | None
    daily_loss: str | None
    daily_base: DailyBaseName
    target: str | None
    base: str | None
    closing: bool


class AccountView(View, frozen=True):
    """Money in `currency`. `margin_level` is equity / margin in percent, null without margin."""

    login: int
    group: str
    currency: str
    leverage: int
    demo: bool
    access: AccessName
    opened_at: str
    balance: str
    credit: str
    swap: str
    floating: str
    equity: str
    margin: str
    reserved: str
    free_margin: str
    margin_level: str | None
    positions: int
    orders: int
    guards: GuardsView | None


class PositionView(View, frozen=True):
    """`profit` is what closing at `current_price` would give now, without swap and commission."""

    ticket: int
    login: int
    symbol: str
    side: SideName
    volume: str
    volume_closing: str
    open_price: str
    current_price: str
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    swap: str
    profit: str
    opened_at: str
    comment: str


class OrderView(View, frozen=True):
    """`position`: the one it closes, else null. `refusal`: why it ended, where there is a number for it."""

    ticket: int
    login: int
    symbol: str
    side: SideName
    type: OrderTypeName
    state: OrderStateName
    reason: ReasonName
    volume: str
    filled: str
    price: str | None
    limit_price: str | None
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    expires_at: str | None
    position: int | None
    placed_at: str
    changed_at: str | None
    refusal: int | None
    detail: str
    comment: str


class DealView(View, frozen=True):
    """A cost is below 0 in `commission` and `swap`. `position_volume`: what is left of the position."""

    deal: int
    at: str
    login: int
    order: int
    position: int
    symbol: str
    side: SideName
    entry: EntryName
    reason: ReasonName
    volume: str
    price: str
    open_price: str
    profit: str
    commission: str
    swap: str
    balance: str
    position_volume: str
    comment: str


class BalanceOperationView(View, frozen=True):
    """`amount` as the account feels it: a withdrawal is below 0."""

    operation: int
    at: str
    login: int
    kind: BalanceKindName
    amount: str
    balance: str
    credit: str
    external_id: str
    comment: str


def price_digits(desk: Desk, symbol: str) -> int:
    return desk.state.symbols[symbol].digits


def money_digits(desk: Desk, login: Login) -> int:
    return desk.groups[desk.state.accounts[login].group].currency_digits


def digits_of(currency: str) -> int:
    return CURRENCY_DIGITS[currency]


def account_view(desk: Desk, account: Account) -> AccountView:
    group = desk.groups[account.group]
    digits = group.currency_digits
    floating = floating_of(desk, account)
    equity = account.balance + account.credit + account.swap + floating
    level = div_floor(equity * 10_000, account.margin) if account.margin else None
    return AccountView(
        login=account.login,
        group=account.group,
        currency=group.currency,
        leverage=account.leverage,
        demo=account.demo,
        access=name_of(account.access),
        opened_at=show_moment(account.opened_at),
        balance=format_decimal(account.balance, digits),
        credit=format_decimal(account.credit, digits),
        swap=format_decimal(account.swap, digits),
        floating=format_decimal(floating, digits),
        equity=format_decimal(equity, digits),
        margin=format_decimal(account.margin, digits),
        reserved=format_decimal(account.reserved, digits),
        free_margin=format_decimal(free_margin_of(desk, account), digits),
        margin_level=None if level is None else format_decimal(level, 2),
        positions=len(account.positions),
        orders=len(account.orders),
        guards=None if account.guards is None else _guards_view(account.guards, digits),
    )


def _guards_view(guards: Guards, digits: int) -> GuardsView:
    return GuardsView(
        floor=format_decimal(guards.floor, digits) if guards.floor else None,
        daily_loss=format_decimal(guards.daily_loss, digits) if guards.daily_loss else None,
        daily_base=name_of(guards.daily_base),
        target=format_decimal(guards.target, digits) if guards.target else None,
        base=format_decimal(guards.base, digits) if guards.daily_loss else None,
        closing=guards.closing,
    )


def position_view(desk: Desk, account: Account, position: Position) -> PositionView:
    terms = desk.terms_of(account, position.symbol)
    digits, money = terms.spec.digits, terms.group.currency_digits
    return PositionView(
        ticket=position.ticket,
        login=account.login,
        symbol=position.symbol,
        side=name_of(position.side),
        volume=show_volume(position.volume),
        volume_closing=show_volume(position.in_flight),
        open_price=show_price(position.open_price, digits),
        current_price=show_price(terms.bid if position.side == Side.BUY else terms.ask, digits),
        stop_loss=show_price_or_none(position.stop_loss, digits),
        take_profit=show_price_or_none(position.take_profit, digits),
        trailing_points=position.trailing or None,
        swap=format_decimal(position.swap, money),
        profit=format_decimal(profit_now(terms, position), money),
        opened_at=show_moment(position.opened_at),
        comment=position.comment,
    )


def working_order_view(desk: Desk, account: Account, order: Order) -> OrderView:
    digits = price_digits(desk, order.symbol)
    return OrderView(
        ticket=order.ticket,
        login=account.login,
        symbol=order.symbol,
        side=name_of(order.side),
        type=name_of(order.type),
        state=name_of(order.state),
        reason=name_of(order.reason),
        volume=show_volume(order.volume),
        filled=show_volume(order.filled),
        price=show_price_or_none(order.price, digits),
        limit_price=show_price_or_none(order.limit_price, digits),
        stop_loss=show_price_or_none(order.stop_loss, digits),
        take_profit=show_price_or_none(order.take_profit, digits),
        trailing_points=order.trailing or None,
        expires_at=show_moment_or_none(order.expires_at),
        position=order.position or None,
        placed_at=show_moment(order.placed_at),
        changed_at=None,
        refusal=None,
        detail="",
        comment=order.comment,
    )


def past_order_view(desk: Desk, row: OrderRow) -> OrderView:
    digits = price_digits(desk, row.symbol)
    return OrderView(
        ticket=row.ticket,
        login=row.login,
        symbol=row.symbol,
        side=name_of(row.side),
        type=name_of(row.type),
        state=name_of(row.state),
        reason=name_of(row.reason),
        volume=show_volume(row.volume),
        filled=show_volume(row.filled),
        price=show_price_or_none(row.price, digits),
        limit_price=show_price_or_none(row.limit_price, digits),
        stop_loss=show_price_or_none(row.stop_loss, digits),
        take_profit=show_price_or_none(row.take_profit, digits),
        trailing_points=row.trailing or None,
        expires_at=show_moment_or_none(row.expires_at),
        position=row.position or None,
        placed_at=show_moment(row.placed_at),
        changed_at=show_moment(row.changed_at),
        refusal=None if row.code is None else Refusal(row.code).value,
        detail=row.detail,
        comment=row.comment,
    )


def deal_view(desk: Desk, deal: DealRow) -> DealView:
    digits, money = price_digits(desk, deal.symbol), money_digits(desk, deal.login)
    return DealView(
        deal=deal.deal,
        at=show_moment(deal.at),
        login=deal.login,
        order=deal.ticket,
        position=deal.position,
        symbol=deal.symbol,
        side=name_of(deal.side),
        entry=name_of(deal.entry),
        reason=name_of(deal.reason),
        volume=show_volume(deal.volume),
        price=show_price(deal.price, digits),
        open_price=show_price(deal.open_price, digits),
        profit=format_decimal(deal.profit, money),
        commission=format_decimal(deal.commission, money),
        swap=format_decimal(deal.swap, money),
        balance=format_decimal(deal.balance, money),
        position_volume=show_volume(deal.position_volume),
        comment=deal.comment,
    )


def balance_operation_view(desk: Desk, row: BalanceOperationRow) -> BalanceOperationView:
    digits = money_digits(desk, row.login)
    return BalanceOperationView(
        operation=row.operation,
        at=show_moment(row.at),
        login=row.login,
        kind=name_of(row.kind),
        amount=format_decimal(row.amount, digits),
        balance=format_decimal(row.balance, digits),
        credit=format_decimal(row.credit, digits),
        external_id=row.external_id,
        comment=row.comment,
    )
