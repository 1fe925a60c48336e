"""Symbols and groups as they are written in the API: the same shape when they are put and when they are shown.

Money of a symbol is in its profit currency (`tick_value`) or margin currency (`margin_fixed`), money of a group in
the group's. Distances and markups are whole points.
"""

from typing import Annotated

from msgspec import Meta

from prorata.views.bodies import LEVERAGE_MAX, Body, DecimalText, DistancePoints, Lots, Name, Text
from prorata.views.names import (
    CommissionTypeName,
    FreeMarginName,
    HedgedMarginName,
    LevelTypeName,
    MarginModeName,
    StopOutOrderName,
    SwapTypeName,
    TradeModeName,
)

SWAP_MAX = 10**9

Currency = Annotated[str, Meta(min_length=1, max_length=12, pattern=r"^[A-Z0-9]+\Z", examples=["USD"])]
TimeText = Annotated[str, Meta(pattern=r"^[0-9]{2}:[0-9]{2}:[0-9]{2}\Z", examples=["22:05:00"])]
DateText = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", examples=["2030-12-25"])]
Percent = Annotated[DecimalText, Meta(examples=["3.33"], description="percent")]
Leverage = Annotated[int, Meta(ge=0, le=LEVERAGE_MAX, examples=[100])]


class Hours(Body, frozen=True, kw_only=True):
    """Open from `opens` up to, not including, `closes`, UTC; "24:00:00" is the end of the day."""

    opens: TimeText
    closes: TimeText


class Week(Body, frozen=True, kw_only=True):
    """Trading hours of each weekday; none: closed."""

    sunday: tuple[Hours, ...] = ()
    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()


class HolidayHours(Body, frozen=True, kw_only=True):
    """A day whose hours differ from its weekday's."""

    day: DateText
    sessions: tuple[Hours, ...] = ()
    name: Text = ""


class SymbolSettings(Body, frozen=True, kw_only=True):
    """A symbol. `swap_long`, `swap_short`: points, percent a year, or minor units of the account's currency for each
    lot and night, as `swap_type` says. `tick_value` "0" derives it from the contract size; limits of "0" are none."""

    description: Text = ""
    category: Text = ""
    base: Currency
    quote: Currency
    profit_currency: Currency
    margin_currency: Currency
    digits: Annotated[int, Meta(ge=0, le=10, examples=[5])]
    contract_size: Annotated[int, Meta(ge=1, le=10**9, examples=[100_000])]
    volume_min: Lots
    volume_step: Lots
    volume_max: Lots
    volume_limit: Lots = "0"
    tick_size_points: DistancePoints = 1
    tick_value: DecimalText = "0"
    sessions: Week
    holidays: tuple[HolidayHours, ...] = ()
    swap_type: SwapTypeName = "none"
    swap_long: DecimalText = "0"
    swap_short: DecimalText = "0"
    swap_triple_day: Annotated[int, Meta(ge=0, le=7, description="the weekday, Sunday 0; 7 is never")] = 3
    stop_level_points: DistancePoints = 0
    freeze_level_points: DistancePoints = 0
    margin_mode: MarginModeName = "forex"
    margin_percent: Percent = "100"
    margin_fixed: DecimalText = "0"
    leverage_max: Leverage = 0
    trade_mode: TradeModeName = "full"


class SymbolView(SymbolSettings, frozen=True, kw_only=True):
    name: Name


class CommissionSettings(Body, frozen=True, kw_only=True):
    """`rate`: money in the group's currency for each million, lot or deal, or percent of the turnover, as `type` says."""

    type: CommissionTypeName = "none"
    rate: DecimalText = "0"
    minimum: DecimalText = "0"


class LevelSettings(Body, frozen=True, kw_only=True):
    """`value`: percent of the margin, or equity in the group's currency, as `type` says."""

    type: LevelTypeName = "off"
    value: DecimalText = "0"


class TierSettings(Body, frozen=True, kw_only=True):
    """Up to `notional` of one symbol at most `leverage`. The last tier has notional "0" and covers the rest."""

    notional: DecimalText
    leverage: Leverage


class GroupSymbolSettings(Body, frozen=True, kw_only=True):
    """What a group changes about one symbol ("*": about all others). null leaves the symbol's own value.

    `swap_long` and `swap_short` are in the unit of the symbol's `swap_type`, as whole numbers of its smallest part:
    thousandths of a point, ppm a year, or minor units.
    """

    symbol: Name
    enabled: bool = True
    markup_bid_points: DistancePoints = 0
    markup_ask_points: DistancePoints = 0
    commission: CommissionSettings | None = None
    swap_long: Annotated[int, Meta(ge=-SWAP_MAX, le=SWAP_MAX)] | None = None
    swap_short: Annotated[int, Meta(ge=-SWAP_MAX, le=SWAP_MAX)] | None = None
    leverage_max: Leverage | None = None
    margin_percent: Percent | None = None
    stop_level_points: DistancePoints | None = None
    freeze_level_points: DistancePoints | None = None
    volume_min: Lots | None = None
    volume_max: Lots | None = None
    trade_mode: TradeModeName | None = None


class GroupSettings(Body, frozen=True, kw_only=True):
    description: Text = ""
    currency: Currency
    leverage: Annotated[int, Meta(ge=1, le=LEVERAGE_MAX, examples=[100])] = 100
    tiers: tuple[TierSettings, ...] = ()
    margin_call: LevelSettings = LevelSettings(type="percent", value="100")
    stop_out: LevelSettings = LevelSettings(type="percent", value="50")
    stop_out_order: StopOutOrderName = "largest_loss"
    hedging: bool = True
    hedged_margin: HedgedMarginName = "larger_leg"
    free_margin: FreeMarginName = "profit_and_loss"
    negative_balance_protection: bool = True
    commission: CommissionSettings = CommissionSettings()
    swap_free: bool = False
    symbols: tuple[GroupSymbolSettings, ...] = ()
    a_book_percent: Annotated[int, Meta(ge=0, le=100)] = 0
    execution_delay_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0
    orders_max: Annotated[int, Meta(ge=0, le=1_000_000)] = 500


class GroupView(GroupSettings, frozen=True, kw_only=True):
    name: Name
