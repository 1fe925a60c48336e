"""What happened. An engine answers each command with the list of its events, in order.

A refused command gives exactly one `Refused`. Money is in minor units of the account's currency, prices
are what the account's group sees (markup included). Every movement of money names its postings.
"""

from enum import IntEnum

from prorata.messages.commands import Access, BalanceKind, DailyBase, OrderType, Side
from prorata.messages.copy_events import CopyEvent
from prorata.messages.groups import GroupSpec
from prorata.messages.message import Message
from prorata.messages.postings import Posting as Posting
from prorata.messages.postings import PostingKind as PostingKind
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import SymbolSpec
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Ticket, Volume


class Reason(IntEnum):
    """Who or what caused an order or deal."""

    CLIENT = 0
    STOP_LOSS = 1
    TAKE_PROFIT = 2
    STOP_OUT = 3
    PENDING = 4
    CLOSE_BY = 5
    DEALER = 6
    GUARD = 7
    """the account's floor or daily loss was reached"""


class Guard(IntEnum):
    """Which of an account's guards was reached."""

    FLOOR = 0
    DAILY = 1
    TARGET = 2


class Entry(IntEnum):
    IN = 0
    OUT = 1


class Removal(IntEnum):
    """Why a pending or travelling order ended without a deal."""

    CANCELLED = 0
    EXPIRED = 1
    REFUSED = 2
    VENUE = 3


class Refused(Message, frozen=True, tag="refused"):
    code: Refusal
    detail: str = ""


# Orders and positions.


class OrderPlaced(Message, frozen=True, tag="order-placed"):
    """An order waits: pending for its price, delayed by its group, or in flight to the venue."""

    ticket: Ticket
    login: Login
    symbol: str
    side: Side
    type: OrderType
    volume: Volume
    price: Points
    limit_price: Points
    stop_loss: Points
    take_profit: Points
    trailing: Points
    expires_at: Moment
    comment: str
    reason: Reason
    position: Ticket
    """the position that it will close; 0 if it opens one"""


class OrderModified(Message, frozen=True, tag="order-modified"):
    """The order's whole new state. A stop-limit whose stop was reached turns into a limit here."""

    ticket: Ticket
    login: Login
    symbol: str
    type: OrderType
    price: Points
    limit_price: Points
    stop_loss: Points
    take_profit: Points
    trailing: Points
    expires_at: Moment


class OrderRemoved(Message, frozen=True, tag="order-removed"):
    ticket: Ticket
    login: Login
    symbol: str
    removal: Removal
    code: Refusal | None = None
    detail: str = ""


class Dealt(Message, frozen=True, tag="deal"):
    """A deal is done: its position and its account as they are after it.

    `profit`, `commission`, `swap` as the client sees them (a cost is below 0); all three are in `balance`.
    """

    deal: DealId
    order: Ticket
    position: Ticket
    login: Login
    symbol: str
    side: Side
    entry: Entry
    volume: Volume
    price: Points
    profit: Minor
    commission: Minor
    swap: Minor
    reason: Reason
    position_volume: Volume
    """what is left of the position; 0: it is closed"""
    open_price: Points
    """of the position"""
    stop_loss: Points
    take_profit: Points
    balance: Minor
    margin: Minor
    comment: str
    postings: tuple[Posting, ...]


class PositionModified(Message, frozen=True, tag="position-modified"):
    """Stops changed, by the client or by the trailing stop."""

    ticket: Ticket
    login: Login
    symbol: str
    stop_loss: Points
    take_profit: Points
    trailing: Points


class CommentChanged(Message, frozen=True, tag="comment-changed"):
    """A dealer gave a position, or an order that waits, another comment."""

    ticket: Ticket
    login: Login
    symbol: str
    comment: str


class SwapCharged(Message, frozen=True, tag="swap"):
    """Interest of one position for one rollover, kept on the position and posted when it closes."""

    ticket: Ticket
    login: Login
    symbol: str
    amount: Minor
    nights: int
    position_swap: Minor
    """all that the position carries so far"""


# The account.


class AccountOpened(Message, frozen=True, tag="account-opened"):
    login: Login
    group: str
    currency: str
    leverage: int
    demo: bool


class AccountChanged(Message, frozen=True, tag="account-changed"):
    login: Login
    group: str
    leverage: int
    access: Access
    margin: Minor


class BalanceBooked(Message, frozen=True, tag="balance-booked"):
    """`amount` is signed as the account feels it: a withdrawal is below 0."""

    operation: DealId
    login: Login
    kind: BalanceKind
    amount: Minor
    balance: Minor
    credit: Minor
    external_id: str
    comment: str
    postings: tuple[Posting, ...]


class MarginCalled(Message, frozen=True, tag="margin-call"):
    """Equity fell below the group's margin-call level.

    `symbol`, `bid`, `ask`: the quote that did it ("" if a deal or booking did).
    """

    login: Login
    equity: Minor
    margin: Minor
    line: Minor
    """the equity at which the call is made"""
    symbol: str
    bid: Points
    ask: Points


class StoppedOut(Message, frozen=True, tag="stop-out"):
    """Equity fell below the stop-out level. The deals that follow close `closing` from the front until the level is met."""

    login: Login
    equity: Minor
    margin: Minor
    line: Minor
    symbol: str
    bid: Points
    ask: Points
    rule: str
    """"largest loss first" or "largest margin first": the order as the group set it"""
    closing: tuple[Ticket, ...]


class GuardsSet(Message, frozen=True, tag="guards-set"):
    """The account's guards as they are from now on, whatever changed them; all 0: it has none.

    `base`: the day's, 0 without a daily loss.
    """

    login: Login
    floor: Minor
    daily_loss: Minor
    daily_base: DailyBase
    target: Minor
    base: Minor


class GuardReached(Message, frozen=True, tag="guard-reached"):
    """Equity reached a guard's line. FLOOR and DAILY: what follows removes orders, closes positions and ends trading.

    `symbol`, `bid`, `ask`: the quote that did it ("" if a deal, a booking, a night's swap or the command did).
    """

    login: Login
    guard: Guard
    equity: Minor
    line: Minor
    base: Minor
    symbol: str
    bid: Points
    ask: Points
    open_positions: int
    """before any is closed"""


class Repeated(Message, frozen=True, tag="repeated"):
    """A balance operation whose external id was booked before: nothing happened now, this is the first answer.

    Like a refusal it is an answer only and is not published.
    """

    first: BalanceBooked


class NegativeBalanceCovered(Message, frozen=True, tag="negative-balance"):
    """The house made good a balance below zero after the last position had closed."""

    login: Login
    amount: Minor
    balance: Minor
    postings: tuple[Posting, ...]


class DayClosed(Message, frozen=True, tag="day-closed"):
    """An account at the end of a trading day."""

    login: Login
    day: int
    """days since 1970-01-01"""
    balance: Minor
    credit: Minor
    floating: Minor
    swap: Minor
    """carried by open positions, not yet posted; part of equity"""
    equity: Minor
    margin: Minor


# Configuration.


class SymbolPut(Message, frozen=True, tag="symbol-put"):
    spec: SymbolSpec


class SymbolRemoved(Message, frozen=True, tag="symbol-removed"):
    symbol: str


class GroupPut(Message, frozen=True, tag="group-put"):
    spec: GroupSpec


# The venue.


class HedgeRequested(Message, frozen=True, tag="hedge-requested"):
    """An order for the venue. `order` was chosen before it is sent and is asked for after a break."""

    order: Ticket
    login: Login
    symbol: str
    side: Side
    volume: Volume


class HedgeBooked(Message, frozen=True, tag="hedge-booked"):
    """A fill entered our hedge book."""

    order: Ticket
    symbol: str
    side: Side
    volume: Volume
    price: Points
    position: Volume
    """signed, after the fill"""
    postings: tuple[Posting, ...]


class HedgeClosed(Message, frozen=True, tag="hedge-closed"):
    """No more fills will come for the order."""

    order: Ticket
    filled: Volume
    reason: str


class BreakFound(Message, frozen=True, tag="break-found"):
    symbol: str
    ours: Volume
    theirs: Volume
    venue: str


class BreakSettled(Message, frozen=True, tag="break-settled"):
    symbol: str
    ours: Volume
    theirs: Volume
    price: Points
    comment: str
    postings: tuple[Posting, ...]


Event = (
    Refused | OrderPlaced | OrderModified | OrderRemoved | Dealt | PositionModified | CommentChanged | SwapCharged
    | AccountOpened | AccountChanged | BalanceBooked | Repeated | MarginCalled | StoppedOut | NegativeBalanceCovered
    | GuardsSet | GuardReached | DayClosed | SymbolPut | SymbolRemoved | GroupPut
    | HedgeRequested | HedgeBooked | HedgeClosed | BreakFound | BreakSettled
    | CopyEvent
)  # fmt: skip
