"""An event as our own API shows it: one JSON object, amounts as decimal strings, moments as text.

Every object has `event` (what happened), `topic` (order, deal, position, balance, margin, account, day;
of the house: symbol, group, hedge, break; of copy trading those of `copying.events`), `seq` and `at`. Events of an account
name its `login`, and their money is in its `currency`. Postings, hedge orders, breaks and copy trading are the house's
own: no account event shows them.
"""

from collections.abc import Callable
from typing import Any, get_args

import msgspec

from prorata.copying.engine import Engine
from prorata.messages import events as told
from prorata.messages.commands import Access, BalanceKind, DailyBase, OrderType, Side
from prorata.messages.copy_events import CopyEvent
from prorata.messages.events import Event
from prorata.trading.desk import Desk
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login
from prorata.views import event_shapes as shapes
from prorata.views.copying.events import COPY_ANSWERS_ONLY, COPY_RENDER, copy_event_shape
from prorata.views.texts import amount_text, day_text, moment_or_none, price_or_none, volume_text, words_of

HOUSE: Login = 0
"""stands for the login of an event that belongs to no account"""

SIDES = words_of(Side)
ORDER_TYPES = words_of(OrderType)
ENTRIES = words_of(told.Entry)
REASONS = words_of(told.Reason)
REMOVALS = words_of(told.Removal)
ACCESSES = words_of(Access)
BALANCE_KINDS = words_of(BalanceKind)
GUARDS = words_of(told.Guard)
DAILY_BASES = words_of(DailyBase)

Render = Callable[[Desk, Any, int | None, str | None], shapes.EventShape]


def login_of(event: Event) -> Login:
    """Return whose event this is; `HOUSE` if only those who see every account may see it."""
    return HOUSE if type(event) in _HOUSE_EVENTS else event.login  # type: ignore[union-attr]


_encode = msgspec.json.Encoder().encode


def event_json(engine: Engine, event: Event, seq: int | None, at: str | None) -> bytes:
    """Return a published event as a JSON object.

    `seq` is its sequence number, `at` the text of its batch's moment. What is an answer only (`Refused`,
    `Repeated`, `TransferRepeated`, `WalletKnown`) has no shape.
    """
    return _encode(event_shape(engine, event, seq, at))


def event_shape(engine: Engine, event: Event, seq: int | None, at: str | None) -> shapes.EventShape:
    """Return what `event_json` encodes."""
    render = _RENDER.get(type(event))
    if render is not None:
        return render(engine.desk, event, seq, at)
    return copy_event_shape(engine.copy, event, seq, at)


def price_digits(desk: Desk, symbol: str) -> int:
    return desk.state.symbols[symbol].digits


def money_of(desk: Desk, login: Login) -> tuple[str, int]:
    """Return the currency of an account and its decimal places."""
    group = desk.groups[desk.state.accounts[login].group]
    return group.currency, group.currency_digits


# Orders and positions.


def _order_placed(desk: Desk, event: told.OrderPlaced, seq: int | None, at: str | None) -> shapes.EventShape:
    digits = price_digits(desk, event.symbol)
    return shapes.OrderPlacedEvent(
        topic="order",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        side=SIDES[event.side],
        type=ORDER_TYPES[event.type],
        volume=volume_text(event.volume),
        price=price_or_none(event.price, digits),
        limit_price=price_or_none(event.limit_price, digits),
        stop_loss=price_or_none(event.stop_loss, digits),
        take_profit=price_or_none(event.take_profit, digits),
        trailing_points=event.trailing or None,
        expires_at=moment_or_none(event.expires_at),
        comment=event.comment,
        reason=REASONS[event.reason],
        position=event.position or None,
    )


def _order_modified(desk: Desk, event: told.OrderModified, seq: int | None, at: str | None) -> shapes.EventShape:
    digits = price_digits(desk, event.symbol)
    return shapes.OrderModifiedEvent(
        topic="order",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        type=ORDER_TYPES[event.type],
        price=price_or_none(event.price, digits),
        limit_price=price_or_none(event.limit_price, digits),
        stop_loss=price_or_none(event.stop_loss, digits),
        take_profit=price_or_none(event.take_profit, digits),
        trailing_points=event.trailing or None,
        expires_at=moment_or_none(event.expires_at),
    )


def _order_removed(desk: Desk, event: told.OrderRemoved, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.OrderRemovedEvent(
        topic="order",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        removal=REMOVALS[event.removal],
        refusal=None if event.code is None else int(event.code),
        detail=event.detail,
    )


def _deal(desk: Desk, event: told.Dealt, seq: int | None, at: str | None) -> shapes.EventShape:
    """Nothing is shown as often: fields go by place, which costs a third, and what is the same is shown once."""
    digits = desk.state.symbols[event.symbol].digits
    currency, places = money_of(desk, event.login)
    price, volume = amount_text(event.price, digits), volume_text(event.volume)
    return shapes.DealEvent(
        "deal", seq, at, event.login, event.deal, event.order, event.position, event.symbol, SIDES[event.side],
        ENTRIES[event.entry], volume, price, amount_text(event.profit, places), amount_text(event.commission, places),
        amount_text(event.swap, places), currency, REASONS[event.reason],
        volume if event.position_volume == event.volume else volume_text(event.position_volume),
        price if event.open_price == event.price else amount_text(event.open_price, digits),
        amount_text(event.stop_loss, digits) if event.stop_loss else None,
        amount_text(event.take_profit, digits) if event.take_profit else None,
        # These two are hardly ever the same again.
        format_decimal(event.balance, places), format_decimal(event.margin, places), event.comment,
    )  # fmt: skip


def _position_modified(desk: Desk, event: told.PositionModified, seq: int | None, at: str | None) -> shapes.EventShape:
    digits = price_digits(desk, event.symbol)
    return shapes.PositionModifiedEvent(
        topic="position",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        stop_loss=price_or_none(event.stop_loss, digits),
        take_profit=price_or_none(event.take_profit, digits),
        trailing_points=event.trailing or None,
    )


def _comment_changed(desk: Desk, event: told.CommentChanged, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.CommentChangedEvent(
        topic="position",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        comment=event.comment,
    )


def _swap(desk: Desk, event: told.SwapCharged, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    return shapes.SwapEvent(
        topic="position",
        seq=seq,
        at=at,
        login=event.login,
        ticket=event.ticket,
        symbol=event.symbol,
        amount=amount_text(event.amount, places),
        currency=currency,
        nights=event.nights,
        position_swap=amount_text(event.position_swap, places),
    )


# The account.


def _account_opened(desk: Desk, event: told.AccountOpened, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.AccountOpenedEvent(
        topic="account",
        seq=seq,
        at=at,
        login=event.login,
        group=event.group,
        currency=event.currency,
        leverage=event.leverage,
        demo=event.demo,
    )


def _account_changed(desk: Desk, event: told.AccountChanged, seq: int | None, at: str | None) -> shapes.EventShape:
    currency = desk.groups[event.group].currency
    return shapes.AccountChangedEvent(
        topic="account",
        seq=seq,
        at=at,
        login=event.login,
        group=event.group,
        leverage=event.leverage,
        access=ACCESSES[event.access],
        margin=amount_text(event.margin, CURRENCY_DIGITS[currency]),
        currency=currency,
    )


def _balance(desk: Desk, event: told.BalanceBooked, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    return shapes.BalanceEvent(
        topic="balance",
        seq=seq,
        at=at,
        login=event.login,
        operation=event.operation,
        kind=BALANCE_KINDS[event.kind],
        amount=amount_text(event.amount, places),
        balance=amount_text(event.balance, places),
        credit=amount_text(event.credit, places),
        currency=currency,
        external_id=event.external_id,
        comment=event.comment,
    )


def _negative_balance(desk: Desk, event: told.NegativeBalanceCovered, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    return shapes.NegativeBalanceEvent(
        topic="balance",
        seq=seq,
        at=at,
        login=event.login,
        amount=amount_text(event.amount, places),
        balance=amount_text(event.balance, places),
        currency=currency,
    )


def _margin_call(desk: Desk, event: told.MarginCalled, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.MarginCallEvent(
        topic="margin", seq=seq, at=at, login=event.login, **_level(desk, event)
    )  # fmt: skip


def _stop_out(desk: Desk, event: told.StoppedOut, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.StopOutEvent(
        topic="margin", seq=seq, at=at, login=event.login, **_level(desk, event), rule=event.rule, closing=event.closing
    )  # fmt: skip


def _level(desk: Desk, event: told.MarginCalled | told.StoppedOut) -> dict[str, Any]:
    """Return the figures of an account below one of its levels, and the quote that did it."""
    currency, places = money_of(desk, event.login)
    digits = price_digits(desk, event.symbol) if event.symbol else 0
    return {
        "equity": amount_text(event.equity, places),
        "margin": amount_text(event.margin, places),
        "line": amount_text(event.line, places),
        "currency": currency,
        "symbol": event.symbol or None,
        "bid": price_or_none(event.bid, digits),
        "ask": price_or_none(event.ask, digits),
    }


def _guards_set(desk: Desk, event: told.GuardsSet, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    return shapes.GuardsSetEvent(
        topic="margin",
        seq=seq,
        at=at,
        login=event.login,
        floor=amount_text(event.floor, places) if event.floor else None,
        daily_loss=amount_text(event.daily_loss, places) if event.daily_loss else None,
        daily_base=DAILY_BASES[event.daily_base],
        target=amount_text(event.target, places) if event.target else None,
        base=amount_text(event.base, places) if event.daily_loss else None,
        currency=currency,
    )


def _guard_reached(desk: Desk, event: told.GuardReached, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    digits = price_digits(desk, event.symbol) if event.symbol else 0
    return shapes.GuardReachedEvent(
        topic="margin",
        seq=seq,
        at=at,
        login=event.login,
        guard=GUARDS[event.guard],
        equity=amount_text(event.equity, places),
        line=amount_text(event.line, places),
        base=amount_text(event.base, places) if event.guard == told.Guard.DAILY else None,
        currency=currency,
        symbol=event.symbol or None,
        bid=price_or_none(event.bid, digits),
        ask=price_or_none(event.ask, digits),
        open_positions=event.open_positions,
    )


def _day_closed(desk: Desk, event: told.DayClosed, seq: int | None, at: str | None) -> shapes.EventShape:
    currency, places = money_of(desk, event.login)
    return shapes.DayClosedEvent(
        topic="day",
        seq=seq,
        at=at,
        login=event.login,
        day=day_text(event.day),
        balance=amount_text(event.balance, places),
        credit=amount_text(event.credit, places),
        floating=amount_text(event.floating, places),
        swap=amount_text(event.swap, places),
        equity=amount_text(event.equity, places),
        margin=amount_text(event.margin, places),
        currency=currency,
    )


# The house.


def _symbol_put(desk: Desk, event: told.SymbolPut, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.SymbolEvent(topic="symbol", seq=seq, at=at, symbol=event.spec.name)


def _symbol_removed(desk: Desk, event: told.SymbolRemoved, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.SymbolRemovedEvent(topic="symbol", seq=seq, at=at, symbol=event.symbol)


def _group_put(desk: Desk, event: told.GroupPut, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.GroupEvent(topic="group", seq=seq, at=at, group=event.spec.name)


def _hedge_requested(desk: Desk, event: told.HedgeRequested, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.HedgeRequestedEvent(
        topic="hedge",
        seq=seq,
        at=at,
        order=event.order,
        for_login=event.login,
        symbol=event.symbol,
        side=SIDES[event.side],
        volume=volume_text(event.volume),
    )


def _hedge_booked(desk: Desk, event: told.HedgeBooked, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.HedgeBookedEvent(
        topic="hedge",
        seq=seq,
        at=at,
        order=event.order,
        symbol=event.symbol,
        side=SIDES[event.side],
        volume=volume_text(event.volume),
        price=amount_text(event.price, price_digits(desk, event.symbol)),
        position=volume_text(event.position),
    )


def _hedge_closed(desk: Desk, event: told.HedgeClosed, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.HedgeClosedEvent(
        topic="hedge", seq=seq, at=at, order=event.order, filled=volume_text(event.filled), reason=event.reason
    )


def _break_found(desk: Desk, event: told.BreakFound, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.BreakFoundEvent(
        topic="break",
        seq=seq,
        at=at,
        symbol=event.symbol,
        ours=volume_text(event.ours),
        theirs=volume_text(event.theirs),
        venue=event.venue,
    )


def _break_settled(desk: Desk, event: told.BreakSettled, seq: int | None, at: str | None) -> shapes.EventShape:
    return shapes.BreakSettledEvent(
        topic="break",
        seq=seq,
        at=at,
        symbol=event.symbol,
        ours=volume_text(event.ours),
        theirs=volume_text(event.theirs),
        price=amount_text(event.price, price_digits(desk, event.symbol)),
        comment=event.comment,
    )


_RENDER: dict[type, Render] = {
    told.OrderPlaced: _order_placed,
    told.OrderModified: _order_modified,
    told.OrderRemoved: _order_removed,
    told.Dealt: _deal,
    told.PositionModified: _position_modified,
    told.CommentChanged: _comment_changed,
    told.SwapCharged: _swap,
    told.AccountOpened: _account_opened,
    told.AccountChanged: _account_changed,
    told.BalanceBooked: _balance,
    told.NegativeBalanceCovered: _negative_balance,
    told.MarginCalled: _margin_call,
    told.StoppedOut: _stop_out,
    told.GuardsSet: _guards_set,
    told.GuardReached: _guard_reached,
    told.DayClosed: _day_closed,
    told.SymbolPut: _symbol_put,
    told.SymbolRemoved: _symbol_removed,
    told.GroupPut: _group_put,
    told.HedgeRequested: _hedge_requested,
    told.HedgeBooked: _hedge_booked,
    told.HedgeClosed: _hedge_closed,
    told.BreakFound: _break_found,
    told.BreakSettled: _break_settled,
}
_ANSWERS_ONLY = {told.Refused, told.Repeated, *COPY_ANSWERS_ONLY}
_HOUSE_EVENTS = {
    told.SymbolPut, told.SymbolRemoved, told.GroupPut, told.HedgeRequested, told.HedgeBooked, told.HedgeClosed,
    told.BreakFound, told.BreakSettled, *get_args(CopyEvent),
}  # fmt: skip

assert _RENDER.keys() | COPY_RENDER.keys() | _ANSWERS_ONLY == set(get_args(Event)), "an event without a shape"
