"""From events to changes of positions and pending orders, for all whose streams tell of them.

A deal that closes does not say since when the position was open, and an order that is removed not what it was. Both are
kept here from when somebody begins to hear, and taken once from what is there then.
"""

from collections.abc import Iterator
from enum import Enum, auto

import msgspec

from prorata.messages.commands import OrderType
from prorata.messages.events import (
    CommentChanged,
    Dealt,
    Entry,
    Event,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    SwapCharged,
)
from prorata.trading.desk import Desk
from prorata.trading.state import Order, OrderState
from prorata.units.numbers import Login, Minor, Moment, Ticket


class Step(Enum):
    """What happened to a position (OPENED to CLOSED) or to a pending order (PLACED to REMOVED)."""

    OPENED = auto()
    CHANGED = auto()
    REDUCED = auto()
    CLOSED = auto()
    PLACED = auto()
    MODIFIED = auto()
    FILLED = auto()
    REMOVED = auto()


class PositionChange(msgspec.Struct, frozen=True, gc=False):
    """`deal`: what did it, None if none did. `waited`: a pending order of the same number has become the position.

    `opened_at`, `commission`: since when the position is open, and what opening it has cost; of one that is closed, as
    it was before.
    """

    step: Step
    login: Login
    ticket: Ticket
    deal: Dealt | None
    opened_at: Moment
    commission: Minor
    waited: bool = False


class OrderChange(msgspec.Struct, frozen=True, gc=False):
    """`order`: as it is, or was last; not to be changed. `position`: of one that is filled, the position that it went into."""

    step: Step
    login: Login
    order: Order
    position: Ticket = 0


Change = PositionChange | OrderChange


class TradeBook:
    """What is open and what waits on one platform, as the events told so far have it."""

    def __init__(self) -> None:
        self._opened: dict[Ticket, tuple[Moment, Minor]] = {}
        self._pending: dict[Ticket, Order] = {}

    def know(self, desk: Desk) -> None:
        """Take over what is there now: before the first event that is told."""
        self._opened.clear()
        self._pending.clear()
        for account in desk.state.accounts.values():
            for position in account.positions.values():
                self._opened[position.ticket] = (position.opened_at, position.commission)
            for order in account.orders.values():
                if order.type != OrderType.MARKET:
                    self._pending[order.ticket] = msgspec.structs.replace(order)

    def changes(self, desk: Desk, event: Event, at: Moment) -> Iterator[Change]:
        """Yield what an event changes, in order. The desk has the whole batch behind it: a position may be gone again."""
        match event:
            case Dealt():
                order = self._pending.pop(event.order, None)
                if order is not None:
                    yield OrderChange(Step.FILLED, event.login, order, event.position)
                yield self._dealt(desk, event, at, waited=order is not None and event.order == event.position)
            case OrderPlaced():
                if event.type != OrderType.MARKET and event.ticket not in self._opened:
                    order = self._pending[event.ticket] = _order_from(event, at)
                    yield OrderChange(Step.PLACED, event.login, order)
            case OrderModified():
                known = self._pending.get(event.ticket)
                if known is not None:
                    yield self._modified(event.login, _as_modified(known, event))
            case OrderRemoved():
                known = self._pending.pop(event.ticket, None)
                if known is not None:
                    yield OrderChange(Step.REMOVED, event.login, known)
            case PositionModified() | SwapCharged():
                yield from self._changed(desk, event.login, event.ticket)
            case CommentChanged():
                known = self._pending.get(event.ticket)
                if known is not None:
                    yield self._modified(event.login, msgspec.structs.replace(known, comment=event.comment))
                else:
                    yield from self._changed(desk, event.login, event.ticket)
            case _:
                pass

    def _dealt(self, desk: Desk, deal: Dealt, at: Moment, *, waited: bool) -> PositionChange:
        ticket = deal.position
        if deal.entry == Entry.OUT and not deal.position_volume:
            opened_at, commission = self._opened.pop(ticket, (at, 0))
            return PositionChange(Step.CLOSED, deal.login, ticket, deal, opened_at, commission)
        if ticket not in self._opened:
            self._opened[ticket] = (at, deal.commission)
            return PositionChange(Step.OPENED, deal.login, ticket, deal, at, deal.commission, waited)
        opened_at, commission = self._as_it_is(desk, deal.login, ticket)
        step = Step.REDUCED if deal.entry == Entry.OUT else Step.CHANGED
        return PositionChange(step, deal.login, ticket, deal, opened_at, commission)

    def _changed(self, desk: Desk, login: Login, ticket: Ticket) -> Iterator[PositionChange]:
        if ticket in self._opened:
            opened_at, commission = self._as_it_is(desk, login, ticket)
            yield PositionChange(Step.CHANGED, login, ticket, None, opened_at, commission)

    def _as_it_is(self, desk: Desk, login: Login, ticket: Ticket) -> tuple[Moment, Minor]:
        """Return what is kept of a position, anew if it is still there."""
        position = desk.state.accounts[login].positions.get(ticket)
        if position is not None:
            self._opened[ticket] = (position.opened_at, position.commission)
        return self._opened[ticket]

    def _modified(self, login: Login, order: Order) -> OrderChange:
        self._pending[order.ticket] = order
        return OrderChange(Step.MODIFIED, login, order)


def _order_from(event: OrderPlaced, at: Moment) -> Order:
    return Order(
        event.ticket, event.symbol, event.side, event.type, event.volume, OrderState.PENDING, at, event.reason,
        price=event.price, limit_price=event.limit_price, stop_loss=event.stop_loss, take_profit=event.take_profit,
        trailing=event.trailing, expires_at=event.expires_at, comment=event.comment, position=event.position,
    )  # fmt: skip


def _as_modified(order: Order, event: OrderModified) -> Order:
    return msgspec.structs.replace(
        order, type=event.type, price=event.price, limit_price=event.limit_price, stop_loss=event.stop_loss,
        take_profit=event.take_profit, trailing=event.trailing, expires_at=event.expires_at,
    )  # fmt: skip
