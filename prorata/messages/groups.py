"""A group as the broker configures it: the terms on which its accounts trade."""

from enum import IntEnum

import msgspec

from prorata.messages.symbols import TradeMode
from prorata.units.numbers import Minor, Points, Volume


class CommissionType(IntEnum):
    """What `Commission.rate` means. Always rounded up to the smallest unit (docs/trade/commission.md)."""

    NONE = 0
    PER_MILLION = 1
    """minor units for each million of turnover, both in the account's currency"""
    PER_LOT = 2
    """minor units for each lot"""
    PER_DEAL = 3
    """minor units for each deal"""
    PERCENT = 4
    """ppm of the turnover"""


class LevelType(IntEnum):
    OFF = 0
    PERCENT = 1
    """equity / margin, in hundredths of a percent: 100 % is 10_000"""
    MONEY = 2
    """equity in minor units of the account's currency"""


class HedgedMargin(IntEnum):
    """What the margin of one symbol with both sides open is taken on."""

    NETTING = 0
    LARGER_LEG = 1
    BOTH_SIDES = 2


class FreeMarginMode(IntEnum):
    """Which floating result counts when free margin is asked for."""

    PROFIT_AND_LOSS = 0
    LOSS_ONLY = 1
    NONE = 2


class StopOutOrder(IntEnum):
    LARGEST_LOSS = 0
    LARGEST_MARGIN = 1


class Commission(msgspec.Struct, frozen=True, array_like=True, gc=False):
    type: CommissionType = CommissionType.NONE
    rate: int = 0
    minimum: Minor = 0
    """least charge of one deal"""


class Level(msgspec.Struct, frozen=True, array_like=True, gc=False):
    type: LevelType = LevelType.OFF
    value: int = 0


class LeverageTier(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Up to `notional` of one symbol (minor units of the account's currency) at most `leverage`.

    Tiers are cumulative, like tax bands; the last one has `notional` 0 and covers the rest.
    """

    notional: Minor
    leverage: int


class GroupSymbol(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a group changes about one symbol ("*": about all others). None leaves the symbol's own value."""

    symbol: str
    enabled: bool = True
    markup_bid: Points = 0
    """taken from the bid"""
    markup_ask: Points = 0
    """added to the ask"""
    commission: Commission | None = None
    swap_long: int | None = None
    swap_short: int | None = None
    leverage_max: int | None = None
    margin_rate_ppm: int | None = None
    stop_level: Points | None = None
    freeze_level: Points | None = None
    volume_min: Volume | None = None
    volume_max: Volume | None = None
    trade_mode: TradeMode | None = None


class GroupSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    name: str
    description: str = ""
    currency: str
    leverage: int = 100
    """of an account that names none, and the most that one may have"""
    tiers: tuple[LeverageTier, ...] = ()
    margin_call: Level = Level(LevelType.PERCENT, 10_000)
    stop_out: Level = Level(LevelType.PERCENT, 5_000)
    stop_out_order: StopOutOrder = StopOutOrder.LARGEST_LOSS
    hedging: bool = True
    """False: one position for each symbol (netting)"""
    hedged_margin: HedgedMargin = HedgedMargin.LARGER_LEG
    free_margin: FreeMarginMode = FreeMarginMode.PROFIT_AND_LOSS
    negative_balance_protection: bool = True
    commission: Commission = Commission()
    swap_free: bool = False
    symbols: tuple[GroupSymbol, ...] = ()
    a_book_percent: int = 0
    """share of every order that goes to the venue, 0 to 100"""
    execution_delay_ms: int = 0
    orders_max: int = 500
    """pending orders and positions that one account may have; 0 is no limit"""
