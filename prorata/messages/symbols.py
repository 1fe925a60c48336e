"""A symbol as the broker configures it."""

from enum import IntEnum

import msgspec

from prorata.units.numbers import Minor, Points, Volume


class MarginMode(IntEnum):
    """How the margin of a symbol is found (docs/trade/margin.md)."""

    FOREX = 0
    """lots x contract size / leverage of the account"""
    CFD = 1
    """lots x contract size x price x margin percent"""
    LEVERAGE = 2
    """lots x contract size x price / leverage of the account"""
    FIXED = 3
    """lots x fixed amount"""


class TradeMode(IntEnum):
    DISABLED = 0
    CLOSE_ONLY = 1
    LONG_ONLY = 2
    SHORT_ONLY = 3
    FULL = 4


class SwapType(IntEnum):
    """In what `swap_long` and `swap_short` are given (docs/trade/swap.md)."""

    NONE = 0
    POINTS = 1
    """thousandths of a point for each lot and night"""
    PERCENT = 2
    """yearly interest on the position's value, in ppm; a night is 1/360"""
    MONEY = 3
    """minor units of the account's currency for each lot and night"""


class Session(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Trading is open from `opens` up to, not including, `closes`: seconds of the day, UTC, 0 to 86_400."""

    opens: int
    closes: int


class Holiday(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A day whose sessions differ from its weekday's. No sessions: closed all day."""

    day: int
    """days since 1970-01-01"""
    sessions: tuple[Session, ...] = ()
    name: str = ""


ALL_DAY = (Session(0, 86_400),)
ALWAYS_OPEN = (ALL_DAY,) * 7


class SymbolSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A symbol. Prices are in points of 10^-`digits`; volumes in steps of 10^-8 lot."""

    name: str
    description: str = ""
    category: str = ""
    """a path for lists, such as "Forex/Majors" """
    base: str
    quote: str
    profit_currency: str
    margin_currency: str
    digits: int
    contract_size: int
    """units of the base in one lot"""
    volume_min: Volume
    volume_step: Volume
    volume_max: Volume
    volume_limit: Volume = 0
    """the most that one account may hold on one side; 0 is no limit"""
    tick_size: Points = 1
    tick_value: Minor = 0
    """worth of one tick of one lot in minor units of the profit currency; 0 derives it from the contract size"""
    sessions: tuple[tuple[Session, ...], ...] = ALWAYS_OPEN
    """for each weekday, Sunday first"""
    holidays: tuple[Holiday, ...] = ()
    swap_type: SwapType = SwapType.NONE
    swap_long: int = 0
    swap_short: int = 0
    swap_triple_day: int = 3
    """the weekday (Sunday 0) whose rollover charges three nights; 7 is never"""
    stop_level: Points = 0
    """least distance of stops and pending prices from the market"""
    freeze_level: Points = 0
    """an order or stop nearer to the market than this can no longer be changed"""
    margin_mode: MarginMode = MarginMode.FOREX
    margin_rate_ppm: int = 1_000_000
    """CFD: margin percent in ppm"""
    margin_fixed: Minor = 0
    """FIXED: minor units of the margin currency for each lot"""
    leverage_max: int = 0
    """cap on the account's leverage for this symbol; 0 is none"""
    trade_mode: TradeMode = TradeMode.FULL
