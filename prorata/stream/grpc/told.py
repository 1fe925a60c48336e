"""What is told on the streams, before it has the form of a version. Amounts are exact; the records are the Broker-API's."""

from enum import IntEnum

import msgspec

from prorata.control.account_cards.cards import AccountCard
from prorata.crm.direct import Said
from prorata.messages.commands import Access, Side
from prorata.messages.groups import GroupSpec
from prorata.messages.symbols import SymbolSpec
from prorata.rest.broker.market import GroupView
from prorata.rest.broker.trade_shapes import ActiveOrder, LedgerView, OpenPosition
from prorata.units.numbers import Login, Moment


class Update(IntEnum):
    """The numbers are version 1's; in version 2 they are one more."""

    NEW = 0
    UPDATE = 1
    CLOSED = 2
    PROFIT_CHANGE = 3
    PARTIALLY_CLOSED = 4


class Additional(IntEnum):
    """What a movement of money is besides its type; those that follow from what it was made for."""

    NONE = 0
    CORRECTION = 2
    NEGATIVE_BALANCE_CORRECTION = 7
    BONUS_IN_OUT = 10
    INTERNAL_TRANSFER = 26
    PERFORMANCE_FEE = 31


class PositionTold(msgspec.Struct, frozen=True, gc=False):
    """`volume_before`: of one that a part was closed of, what it was; else its volume."""

    update: Update
    login: Login
    group: str
    position: OpenPosition
    volume_before: float


class OrderTold(msgspec.Struct, frozen=True, gc=False):
    update: Update
    login: Login
    group: str
    order: ActiveOrder


class LedgerTold(msgspec.Struct, frozen=True, gc=False):
    """`additional`: what it is besides its type, by the number that both versions have."""

    login: Login
    group: str
    entry: LedgerView
    additional: int


class EquityTold(msgspec.Struct, frozen=True, gc=False):
    login: Login
    equity: str
    balance: str
    credit: str


class QuoteTold(msgspec.Struct, frozen=True, gc=False):
    """`statistics`: the day's change in percent, highest and lowest bid; None if they are not asked for."""

    symbol: str
    bid: float
    ask: float
    at: Moment
    statistics: tuple[float, float, float] | None


class MarginCallTold(msgspec.Struct, frozen=True, gc=False):
    """`level` in percent."""

    login: Login
    group: str
    level: float


class StopOutTold(msgspec.Struct, frozen=True, gc=False):
    login: Login
    group: str
    order_id: str
    symbol: str
    volume: float


class StopTold(msgspec.Struct, frozen=True, gc=False):
    """A stop loss or a take profit that closed. `side`: of the position."""

    takes_profit: bool
    login: Login
    group: str
    order_id: str
    symbol: str
    side: Side
    volume: float
    net_profit: float
    currency: str


class ActivationTold(msgspec.Struct, frozen=True, gc=False):
    login: Login
    group: str
    order_id: str
    symbol: str
    side: Side
    volume: float
    price: float


EventTold = MarginCallTold | StopOutTold | StopTold | ActivationTold


class GroupTold(msgspec.Struct, frozen=True, gc=False):
    """`rollover_ms`: when swaps are charged, a time of the day."""

    view: GroupView
    spec: GroupSpec
    rollover_ms: int


class SymbolTold(msgspec.Struct, frozen=True, gc=False):
    """`spec` None: the symbol was removed."""

    name: str
    spec: SymbolSpec | None
    is_new: bool = False


class AccountShown(msgspec.Struct, frozen=True, gc=False):
    """`card` None: what it said is not known any more. `said`: what a program of version 2 has said of it."""

    group: str
    leverage: int
    access: Access
    currency: str
    currency_digits: int
    opened_at: Moment
    uuid: str
    said: Said
    card: AccountCard | None


class AccountTold(msgspec.Struct, frozen=True, gc=False):
    """`before`: as it was told or known last, None for a new one. `is_deleted`: the account was taken out of the books."""

    login: Login
    now: AccountShown
    before: AccountShown | None
    is_deleted: bool
