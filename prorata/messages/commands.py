"""What may be asked of a trade platform. One frozen class for each command.

A command names its account by `login` only: whether the caller may use that login is settled before, in
`prorata.access`. The tag of a class is its name in the journal and never changes.
"""

from enum import IntEnum

import msgspec

from prorata.messages.copy_commands import CopyCommand
from prorata.messages.dealer_commands import DealerCommand
from prorata.messages.groups import GroupSpec
from prorata.messages.message import Message
from prorata.messages.sides import BUY, SELL, Side
from prorata.messages.symbols import SymbolSpec
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Ticket, Volume


class OrderType(IntEnum):
    MARKET = 0
    LIMIT = 1
    STOP = 2
    STOP_LIMIT = 3


class Access(IntEnum):
    """What an account may do."""

    FULL = 0
    CLOSE_ONLY = 1
    TRADING_DISABLED = 2
    LOGIN_DISABLED = 3
    """nothing at all, and its keys no longer sign in"""


class BalanceKind(IntEnum):
    DEPOSIT = 0
    WITHDRAWAL = 1
    CREDIT_IN = 2
    CREDIT_OUT = 3
    CORRECTION = 4
    """either sign; may leave the balance below zero"""
    AGENT_COMMISSION = 5
    """what an introducing broker is paid: out of the commissions that the house has taken"""


# Orders and positions.


class PlaceOrder(Message, frozen=True, tag="order"):
    """Place a market or pending order.

    `price`: the market price the caller saw (0: none; then `deviation` is not checked), or the pending price.
    `limit_price`: of a stop-limit, the limit that is placed once `price` is reached.
    `deviation`: how far a market order's price may have moved against the caller; -1 is any distance.
    `stop_loss`, `take_profit`: prices, 0 is none. `trailing`: distance in points, 0 is none.
    `expires_at`: a pending order is removed then; 0 is good till cancelled.
    """

    login: Login
    symbol: str
    side: Side
    volume: Volume
    type: OrderType = OrderType.MARKET
    price: Points = 0
    limit_price: Points = 0
    deviation: Points = -1
    stop_loss: Points = 0
    take_profit: Points = 0
    trailing: Points = 0
    expires_at: Moment = 0
    comment: str = ""


class ModifyOrder(Message, frozen=True, tag="modify-order"):
    """Change a pending order. The whole new state is given; what is not repeated is removed."""

    login: Login
    ticket: Ticket
    price: Points
    limit_price: Points = 0
    stop_loss: Points = 0
    take_profit: Points = 0
    trailing: Points = 0
    expires_at: Moment = 0


class CancelOrder(Message, frozen=True, tag="cancel-order"):
    login: Login
    ticket: Ticket


class ModifyPosition(Message, frozen=True, tag="modify-position"):
    """Set stop loss, take profit and trailing distance of a position; 0 removes one."""

    login: Login
    ticket: Ticket
    stop_loss: Points = 0
    take_profit: Points = 0
    trailing: Points = 0


class ClosePosition(Message, frozen=True, tag="close"):
    """Close a position, or `volume` of it (0: all), at the market. `price`, `deviation` as in `PlaceOrder`."""

    login: Login
    ticket: Ticket
    volume: Volume = 0
    price: Points = 0
    deviation: Points = -1


class CloseBy(Message, frozen=True, tag="close-by"):
    """Close two opposite positions of one symbol against each other, for the smaller volume, without spread."""

    login: Login
    ticket: Ticket
    by_ticket: Ticket


class CloseAll(Message, frozen=True, tag="close-all"):
    """Close every position of the account, or those of one symbol ("": all), oldest first.

    A position whose market is closed stays open and is named in the answer.
    """

    login: Login
    symbol: str = ""


class ReversePosition(Message, frozen=True, tag="reverse"):
    """Close a position and open the same volume on the other side."""

    login: Login
    ticket: Ticket


# Accounts and money.


class OpenAccount(Message, frozen=True, tag="open-account"):
    """Open a trading account. `login` 0 takes the next number; `leverage` 0 the group's.

    `login_min`, `login_max`: where the next number is to be; 0 is anywhere.
    """

    group: str
    login: Login = 0
    leverage: int = 0
    demo: bool = False
    login_min: Login = 0
    login_max: Login = 0


class ChangeAccount(Message, frozen=True, tag="change-account"):
    """Change group, leverage or access; None leaves as it is. Margin is taken anew."""

    login: Login
    group: str | None = None
    leverage: int | None = None
    access: Access | None = None


class BookBalance(Message, frozen=True, tag="balance"):
    """A balance operation. `amount` in minor units of the account's currency, above 0 (a correction: not 0).

    The same `external_id` on the same account is booked once: repeated with the same content it gives the
    first answer, with other content it is refused. "" asks for no such guard.

    `fee`: what the house keeps of the payment behind it (below 0: gives back); not of credit. The balance changes by
    `amount` all the same: a deposit of 98.00 with a fee of 2.00 is 100.00 from the bank, and 2.00 to the house.
    """

    login: Login
    kind: BalanceKind
    amount: Minor
    external_id: str = ""
    comment: str = ""
    fee: Minor = 0


class DailyBase(IntEnum):
    """What a day's loss is counted from: what the account has when the trading day begins."""

    BALANCE = 0
    EQUITY = 1
    HIGHER = 2
    """of the two"""


class SetGuards(Message, frozen=True, tag="set-guards"):
    """Guard an account against loss, and have its target told. The whole new state is given; all 0 is no guards.

    `floor`: with equity at or below it the account is closed and may not trade any more; 0 is none.
    `daily_loss`: the most that may be lost in a trading day, with the same end at `base` - `daily_loss`; 0 is none.
    `target`: equity at or above it is told once; 0 is none.
    `base`: the day's base from now on; None keeps it, and where there was none takes it from the account as it is.
    """

    login: Login
    floor: Minor = 0
    daily_loss: Minor = 0
    daily_base: DailyBase = DailyBase.BALANCE
    target: Minor = 0
    base: Minor | None = None


# Configuration.


class PutSymbol(Message, frozen=True, tag="put-symbol"):
    spec: SymbolSpec


class PutSymbols(Message, frozen=True, tag="put-symbols"):
    """Add or change several symbols at once: all of them, or none."""

    specs: tuple[SymbolSpec, ...]


class RemoveSymbol(Message, frozen=True, tag="remove-symbol"):
    """Forget a symbol that nobody holds, orders or converts through, here or at the venue.

    Whether it was ever dealt in is not remembered here: whoever asks looks into the history first.
    """

    symbol: str


class PutGroup(Message, frozen=True, tag="put-group"):
    spec: GroupSpec


# The market and the clock.


class Quote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Best prices of one symbol, before any group's markup."""

    symbol: str
    bid: Points
    ask: Points


class Quotes(Message, frozen=True, tag="quotes"):
    """The newest quote of each symbol that changed, in the order they came."""

    quotes: tuple[Quote, ...]


class Tick(Message, frozen=True, tag="tick"):
    """Time has passed: due expiries, delayed orders, rollovers and day ends happen."""


# The venue. Fills and rejections come back as commands.


class HedgeFilled(Message, frozen=True, tag="hedge-filled"):
    """The venue filled `volume` of our order at `price`. `execution` is the venue's id of this fill: repeats count once.

    `last`: no more fills will come; what is missing was cancelled.
    """

    order: Ticket
    execution: str
    volume: Volume
    price: Points
    last: bool


class HedgeEnded(Message, frozen=True, tag="hedge-ended"):
    """The venue ended our order without (further) fills: rejected, expired, cancelled, or it never arrived."""

    order: Ticket
    reason: str


class VenuePosition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    symbol: str
    volume: Volume
    """signed: long above 0"""


class VenuePositions(Message, frozen=True, tag="venue-positions"):
    """What the venue says we hold. Compared with our hedge book while no order is in flight; differences are breaks."""

    venue: str
    positions: tuple[VenuePosition, ...]


class SettleBreak(Message, frozen=True, tag="settle-break"):
    """Take the venue's figure for a symbol: the difference enters our hedge book at `price`, its result goes to the house."""

    symbol: str
    price: Points
    comment: str = ""


Command = (
    PlaceOrder | ModifyOrder | CancelOrder | ModifyPosition | ClosePosition | CloseBy | CloseAll | ReversePosition
    | OpenAccount | ChangeAccount | BookBalance | SetGuards | PutSymbol | PutSymbols | RemoveSymbol | PutGroup | Quotes | Tick
    | HedgeFilled | HedgeEnded | VenuePositions | SettleBreak
    | DealerCommand
    | CopyCommand
)  # fmt: skip

__all__ = [
    "BUY", "SELL", "Access", "BalanceKind", "BookBalance", "CancelOrder", "ChangeAccount", "CloseAll", "CloseBy",
    "ClosePosition", "Command", "DailyBase", "DealId", "HedgeEnded", "HedgeFilled", "Message", "ModifyOrder",
    "ModifyPosition", "OpenAccount", "OrderType", "PlaceOrder", "PutGroup", "PutSymbol", "PutSymbols", "Quote", "Quotes",
    "RemoveSymbol", "ReversePosition", "SetGuards", "SettleBreak", "Side", "Tick", "VenuePosition", "VenuePositions",
]  # fmt: skip
