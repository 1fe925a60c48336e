"""Everything that a trade platform remembers. A snapshot is this tree, encoded; its hash is the state hash.

What can be derived from it (merged terms, trigger heaps, conversion routes) lives in `desk` and is built
anew when a snapshot is loaded.
"""

from enum import IntEnum
from typing import TypeVar

import msgspec

from prorata.messages.commands import Access, DailyBase, OrderType, Side
from prorata.messages.events import BalanceBooked, Reason
from prorata.messages.groups import GroupSpec
from prorata.messages.symbols import SymbolSpec
from prorata.units.numbers import DAY_MS, DealId, Login, Minor, Moment, Points, Ticket, Volume
from prorata.units.rounding import div_half_even

Kind = TypeVar("Kind")


def _quick_to_set(kind: type[Kind]) -> type[Kind]:
    """Let fields be set as in any class with slots, which the interpreter does in 5 ns where msgspec's own way takes 20.

    That way differs in one thing: it makes new values known to the garbage collector, and these classes are not (`gc=False`).
    """
    kind.__setattr__ = object.__setattr__  # type: ignore[method-assign]
    kind.__delattr__ = object.__delattr__  # type: ignore[method-assign]
    return kind


@_quick_to_set
class LastQuote(msgspec.Struct, array_like=True, gc=False):
    """The newest prices of a symbol, before markup; 0 before the first quote."""

    bid: Points = 0
    ask: Points = 0
    at: Moment = 0
    cap: Points = 0
    """the highest ask at which every position is known to be reckonable; a higher one is looked into first"""


class OrderState(IntEnum):
    PENDING = 0
    """waits for its price"""
    DELAYED = 1
    """waits for its group's execution delay"""
    IN_FLIGHT = 2
    """is with the venue"""


@_quick_to_set
class Order(msgspec.Struct, array_like=True, gc=False):
    """An order that is not done yet."""

    ticket: Ticket
    symbol: str
    side: Side
    type: OrderType
    volume: Volume
    state: OrderState
    placed_at: Moment
    reason: Reason
    price: Points = 0
    limit_price: Points = 0
    deviation: Points = -1
    stop_loss: Points = 0
    take_profit: Points = 0
    trailing: Points = 0
    expires_at: Moment = 0
    comment: str = ""
    position: Ticket = 0
    """the position that it closes"""
    due_at: Moment = 0
    """when a delayed order is executed"""
    sent_at: Moment = 0
    """when it was handed to the venue"""
    reserved: Minor = 0
    """margin held until the order is done"""
    hedge_volume: Volume = 0
    hedge_filled: Volume = 0
    hedge_dealt: Volume = 0
    """the part of `hedge_filled` for which the client has dealt"""
    filled: Volume = 0
    """the client's part of the fills so far"""
    executions: list[str] = []
    """ids of the venue's fills, so that a repeated one counts once"""


@_quick_to_set
class Position(msgspec.Struct, array_like=True, gc=False):
    """What an account holds. `ticket` is that of the order that opened it."""

    ticket: Ticket
    symbol: str
    side: Side
    volume: Volume
    cost: int
    """sum of volume x price over its opening deals: the exact open price is cost / volume"""
    notional: Minor
    """value on which margin is taken, in the account's currency at the rates of opening"""
    opened_at: Moment
    stop_loss: Points = 0
    take_profit: Points = 0
    trailing: Points = 0
    swap: Minor = 0
    hedged: Volume = 0
    """the part that the venue holds against it"""
    in_flight: Volume = 0
    """the part that is being closed at the venue"""
    comment: str = ""
    commission: Minor = 0
    """charged for opening what is left of it, as the client feels it: 0 or below; posted with the opening deals"""
    reason: Reason = Reason.CLIENT
    """of the order that opened it"""

    @property
    def open_price(self) -> Points:
        return div_half_even(self.cost, self.volume)


@_quick_to_set
class Holding(msgspec.Struct, array_like=True, gc=False):
    """The sums of one account's positions in one symbol, and the promise that guards them.

    While the symbol's bid is not below `low` and its ask not above `high` (raw prices; 0: no bound), the
    account's equity is at least `Account.equity_floor` (docs/trade/guard.md).
    """

    long_volume: Volume = 0
    long_cost: int = 0
    long_notional: Minor = 0
    short_volume: Volume = 0
    short_cost: int = 0
    short_notional: Minor = 0
    margin: Minor = 0
    low: Points = 0
    high: Points = 0


class Guards(msgspec.Struct, array_like=True, gc=False):
    """What a loss or a profit of an account sets off (docs/trade/loss_limits.md); 0: that guard is not set."""

    floor: Minor = 0
    daily_loss: Minor = 0
    daily_base: DailyBase = DailyBase.BALANCE
    target: Minor = 0
    base: Minor = 0
    """the day's; 0 without a daily loss"""
    closing: bool = False
    """a loss was reached: whatever is or comes open is closed as soon as it can be"""


@_quick_to_set
class Account(msgspec.Struct, array_like=True, gc=False):
    """A trading account. Money in minor units of its group's currency."""

    login: Login
    group: str
    leverage: int
    demo: bool
    opened_at: Moment
    access: Access = Access.FULL
    balance: Minor = 0
    credit: Minor = 0
    margin: Minor = 0
    reserved: Minor = 0
    """margin of orders that are delayed or in flight"""
    swap: Minor = 0
    """carried by the open positions"""
    equity_floor: Minor = 0
    called: bool = False
    """a margin call was given, and no deal or booking has brought the account above its level since"""
    positions: dict[Ticket, Position] = {}
    orders: dict[Ticket, Order] = {}
    holdings: dict[str, Holding] = {}
    guards: Guards | None = None


class HedgePosition(msgspec.Struct, array_like=True, gc=False):
    """What we hold at the venue in one symbol, by our own book. `volume` is signed."""

    volume: Volume = 0
    cost: int = 0


class Break(msgspec.Struct, array_like=True, gc=False):
    """A difference between our hedge book and the venue's, found at `at`."""

    ours: Volume
    theirs: Volume
    venue: str
    at: Moment


@_quick_to_set
class State(msgspec.Struct, gc=False):
    """The whole of it."""

    symbols: dict[str, SymbolSpec] = {}
    groups: dict[str, GroupSpec] = {}
    quotes: dict[str, LastQuote] = {}
    accounts: dict[Login, Account] = {}
    house: dict[str, dict[str, Minor]] = {}
    """currency -> ledger account -> balance, for all but "account/..." and "credit/..." (those are in `accounts`)"""
    hedges: dict[str, HedgePosition] = {}
    breaks: dict[str, Break] = {}
    booked: dict[str, BalanceBooked] = {}
    """ "login/external id" -> the operation booked under it"""
    next_login: Login = 1001
    next_logins: dict[Login, Login] = {}
    """the next number in each range that accounts were opened in, by its least number"""
    next_ticket: Ticket = 1
    next_deal: DealId = 1
    rollover_ms: int = 22 * DAY_MS // 24
    """time of the day, UTC, at which nights are counted and days end"""
    day: int | None = None
    """the last trading day that has ended, in days since 1970-01-01"""
