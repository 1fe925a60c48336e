"""The shapes of events in our own API. `events` fills them.

Amounts and volumes are decimal strings, moments ISO 8601 text in UTC; None is "there is none".
"""

import msgspec

from prorata.units.numbers import DealId, Login, Ticket

# Orders and positions.


class View(msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="event"):
    """What every event has."""

    topic: str
    seq: int | None
    """the number of the event on its platform. It and `at` are None in the answer to a repeated command"""
    at: str | None


class AccountView(View, frozen=True, kw_only=True, gc=False):
    login: Login


class OrderPlacedView(AccountView, frozen=True, kw_only=True, gc=False, tag="order-placed"):
    ticket: Ticket
    symbol: str
    side: str
    type: str
    volume: str
    price: str | None
    limit_price: str | None
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    expires_at: str | None
    comment: str
    reason: str
    position: Ticket | None
    """that it will close"""


class OrderModifiedView(AccountView, frozen=True, kw_only=True, gc=False, tag="order-modified"):
    ticket: Ticket
    symbol: str
    type: str
    price: str | None
    limit_price: str | None
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None
    expires_at: str | None


class OrderRemovedView(AccountView, frozen=True, kw_only=True, gc=False, tag="order-removed"):
    ticket: Ticket
    symbol: str
    removal: str
    refusal: int | None
    detail: str


class DealView(AccountView, frozen=True, kw_only=True, gc=False, tag="deal"):
    deal: DealId
    order: Ticket
    position: Ticket
    symbol: str
    side: str
    entry: str
    volume: str
    price: str
    profit: str
    commission: str
    swap: str
    currency: str
    reason: str
    position_volume: str
    open_price: str
    stop_loss: str | None
    take_profit: str | None
    balance: str
    margin: str
    comment: str


class PositionModifiedView(AccountView, frozen=True, kw_only=True, gc=False, tag="position-modified"):
    ticket: Ticket
    symbol: str
    stop_loss: str | None
    take_profit: str | None
    trailing_points: int | None


class SwapView(AccountView, frozen=True, kw_only=True, gc=False, tag="swap-charged"):
    ticket: Ticket
    symbol: str
    amount: str
    currency: str
    nights: int
    position_swap: str


# The account.


class AccountOpenedView(AccountView, frozen=True, kw_only=True, gc=False, tag="account-opened"):
    group: str
    currency: str
    leverage: int
    demo: bool


class AccountChangedView(AccountView, frozen=True, kw_only=True, gc=False, tag="account-changed"):
    group: str
    leverage: int
    access: str
    margin: str
    currency: str


class BalanceView(AccountView, frozen=True, kw_only=True, gc=False, tag="balance-booked"):
    operation: DealId
    kind: str
    amount: str
    balance: str
    credit: str
    currency: str
    external_id: str
    comment: str


class NegativeBalanceView(AccountView, frozen=True, kw_only=True, gc=False, tag="negative-balance"):
    amount: str
    balance: str
    currency: str


class MarginCallView(AccountView, frozen=True, kw_only=True, gc=False, tag="margin-call"):
    equity: str
    margin: str
    line: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None


class StopOutView(AccountView, frozen=True, kw_only=True, gc=False, tag="stop-out"):
    equity: str
    margin: str
    line: str
    currency: str
    symbol: str | None
    bid: str | None
    ask: str | None
    rule: str
    closing: tuple[Ticket, ...]


class DayClosedView(AccountView, frozen=True, kw_only=True, gc=False, tag="day-closed"):
    day: str
    balance: str
    credit: str
    floating: str
    swap: str
    equity: str
    margin: str
    currency: str


# The house.


class SymbolView(View, frozen=True, kw_only=True, gc=False, tag="symbol-put"):
    """A symbol's configuration is new or changed; read it again."""

    symbol: str


class GroupView(View, frozen=True, kw_only=True, gc=False, tag="group-put"):
    group: str


class HedgeRequestedView(View, frozen=True, kw_only=True, gc=False, tag="hedge-requested"):
    order: Ticket
    for_login: Login
    symbol: str
    side: str
    volume: str


class HedgeBookedView(View, frozen=True, kw_only=True, gc=False, tag="hedge-booked"):
    order: Ticket
    symbol: str
    side: str
    volume: str
    price: str
    position: str


class HedgeClosedView(View, frozen=True, kw_only=True, gc=False, tag="hedge-closed"):
    order: Ticket
    filled: str
    reason: str


class BreakFoundView(View, frozen=True, kw_only=True, gc=False, tag="break-found"):
    symbol: str
    ours: str
    theirs: str
    venue: str


class BreakSettledView(View, frozen=True, kw_only=True, gc=False, tag="break-settled"):
    symbol: str
    ours: str
    theirs: str
    price: str
    comment: str
