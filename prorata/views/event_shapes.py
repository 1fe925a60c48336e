"""The shapes of the trade server's events in our own API. `events` fills them; those of copy trading are in
`copy_event_shapes`.

Amounts and volumes are decimal strings, moments ISO 8601 text in UTC; None is "there is none".
"""

import msgspec

from prorata.units.numbers import DealId, Login, Ticket
from prorata.views.names import (
    AccessName,
    BalanceKindName,
    DailyBaseName,
    EntryName,
    GuardName,
    OrderTypeName,
    ReasonName,
    RemovalName,
    SideName,
)

# Orders and positions.


class EventShape(msgspec.Struct, frozen=True, gc=False, tag_field="event"):
    """What every event has."""

    topic: str
    seq: int | None
    """the number of the event on its platform. It and `at` are None in the answer to a repeated command"""
    at: str | None


class AccountEvent(EventShape, frozen=True, gc=False):
    login: Login


class OrderPlacedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="order-placed"):
    ticket: Ticket
    symbol: str
    side: SideName
    type: OrderTypeName
    volume: str
    price: str | None
    limit_price: str | None
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    expires_at: str | None
    comment: str
    reason: ReasonName
    position: Ticket | None
    """that it will close"""


class OrderModifiedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="order-modified"):
    ticket: Ticket
    symbol: str
    type: OrderTypeName
    price: str | None
    limit_price: str | None
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    expires_at: str | None


class OrderRemovedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="order-removed"):
    ticket: Ticket
    symbol: str
    removal: RemovalName
    refusal: int | None
    detail: str


class DealEvent(AccountEvent, frozen=True, gc=False, tag="deal"):
    deal: DealId
    order: Ticket
    position: Ticket
    symbol: str
    side: SideName
    entry: EntryName
    volume: str
    price: str
    profit: str
    commission: str
    swap: str
    currency: str
    reason: ReasonName
    position_volume: str
    open_price: str
    stop_loss: str | None
    take_profit: str | None
    balance: str
    margin: str
    comment: str


class PositionModifiedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="position-modified"):
    ticket: Ticket
    symbol: str
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None


class CommentChangedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="comment-changed"):
    """`ticket`: of a position or of an order that waits."""

    ticket: Ticket
    symbol: str
    comment: str


class SwapEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="swap-charged"):
    ticket: Ticket
    symbol: str
    amount: str
    currency: str
    nights: int
    position_swap: str


# The account.


class AccountOpenedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="account-opened"):
    group: str
    currency: str
    leverage: int
    demo: bool


class AccountChangedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="account-changed"):
    group: str
    leverage: int
    access: AccessName
    margin: str
    currency: str


class BalanceEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="balance-booked"):
    operation: DealId
    kind: BalanceKindName
    amount: str
    balance: str
    credit: str
    currency: str
    external_id: str
    comment: str


class NegativeBalanceEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="negative-balance"):
    amount: str
    balance: str
    currency: str


class MarginCallEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="margin-call"):
    equity: str
    margin: str
    line: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None


class StopOutEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="stop-out"):
    equity: str
    margin: str
    line: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None
    rule: str
    closing: tuple[Ticket, ...]


class GuardsSetEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="guards-set"):
    """The account's guards as they are from now on; null: that one is not set."""

    floor: str | None
    daily_loss: str | None
    daily_base: DailyBaseName
    target: str | None
    base: str | None
    currency: str


class GuardReachedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="guard-reached"):
    guard: GuardName
    equity: str
    line: str
    base: str | None
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None
    open_positions: int


class DayClosedEvent(AccountEvent, frozen=True, kw_only=True, gc=False, tag="day-closed"):
    day: str
    balance: str
    credit: str
    floating: str
    swap: str
    equity: str
    margin: str
    currency: str


# The house.


class SymbolEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="symbol-put"):
    """A symbol's configuration is new or changed; read it again."""

    symbol: str


class SymbolRemovedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="symbol-removed"):
    symbol: str


class GroupEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="group-put"):
    group: str


class HedgeRequestedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="hedge-requested"):
    order: Ticket
    for_login: Login
    symbol: str
    side: SideName
    volume: str


class HedgeBookedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="hedge-booked"):
    order: Ticket
    symbol: str
    side: SideName
    volume: str
    price: str
    position: str


class HedgeClosedEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="hedge-closed"):
    order: Ticket
    filled: str
    reason: str


class BreakFoundEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="break-found"):
    symbol: str
    ours: str
    theirs: str
    venue: str


class BreakSettledEvent(EventShape, frozen=True, kw_only=True, gc=False, tag="break-settled"):
    symbol: str
    ours: str
    theirs: str
    price: str
    comment: str


AnyEvent = (
    DealEvent | OrderPlacedEvent | OrderModifiedEvent | OrderRemovedEvent
    | PositionModifiedEvent | CommentChangedEvent | SwapEvent
    | AccountOpenedEvent | AccountChangedEvent | BalanceEvent | NegativeBalanceEvent | MarginCallEvent | StopOutEvent
    | GuardsSetEvent | GuardReachedEvent | DayClosedEvent | SymbolEvent | SymbolRemovedEvent | GroupEvent
    | HedgeRequestedEvent | HedgeBookedEvent | HedgeClosedEvent | BreakFoundEvent | BreakSettledEvent
)  # fmt: skip
