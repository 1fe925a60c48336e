"""Symbols, as the MT4 surface shows them."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO, Double, Int32, Record
from prorata.rest.webapi.schemas.mt4_names import (
    GTCMode,
    MarginCalculationMode,
    ProfitCalculationMode,
    SwapType,
    SymbolExecMode,
    SymbolPriceDirection,
    TradeMode,
)


class MT4SymbolInfo(Record):
    """A symbol and its price."""

    symbol: str | None = None
    digits: Int32 = 0
    type: Int32 = 0
    point: Double = ZERO
    spread: Int32 = 0
    direction: SymbolPriceDirection = SymbolPriceDirection.Up
    bid: Double = ZERO
    ask: Double = ZERO
    high: Double = ZERO
    low: Double = ZERO
    last_time: datetime | None = None


class MT4SymbolGroup(Record):
    """A group of symbols."""

    name: str | None = None
    description: str | None = None


class MT4SymbolConfig(Record):
    """A symbol and all its terms."""

    symbol: str | None = None
    description: str | None = None
    source: str | None = None
    currency: str | None = None
    type: Int32 = 0
    digits: Int32 = 0
    trade_mode: str | None = None
    background_color: Int32 = 0
    count: Int32 = 0
    count_original: Int32 = 0
    realtime: Int32 = 0
    starting: datetime = NO_TIME
    expiration: datetime = NO_TIME
    profit_calculation_mode: str | None = None
    filter: Int32 = 0
    filter_counter: Int32 = 0
    filter_limit: Double = ZERO
    filter_smoothing: Int32 = 0
    logging: Int32 = 0
    spread: Int32 = 0
    spread_balance: Int32 = 0
    symbol_exec_mode: str | None = None
    swap_enable: Int32 = 0
    swap_type: str | None = None
    swap_long: Double = ZERO
    swap_short: Double = ZERO
    swap_rollover3_days: Int32 = 0
    contract_size: Double = ZERO
    tick_value: Double = ZERO
    tick_size: Double = ZERO
    stops_level: Int32 = 0
    gtc_mode: str | None = None
    margin_calculation_mode: str | None = None
    margin_initial: Double = ZERO
    margin_maintenance: Double = ZERO
    margin_hedged: Double = ZERO
    margin_divider: Double = ZERO
    percentage: Double = ZERO
    point: Double = ZERO
    multiply: Double = ZERO
    bid_tick_value: Double = ZERO
    ask_tick_value: Double = ZERO
    long_only: Int32 = 0
    instant_max_volume: Int32 = 0
    margin_currency: str | None = None
    freeze_level: Int32 = 0
    margin_hedged_strong: Int32 = 0
    value_date: datetime = NO_TIME
    quotes_delay: Int32 = 0
    swap_open_price: Int32 = 0
    swap_variation_margin: Int32 = 0


class MT4SymbolConfigUpdate(Record):
    """Changes of a symbol; what is not given stays."""

    description: str | UnsetType | None = UNSET
    source: str | UnsetType | None = UNSET
    currency: str | UnsetType | None = UNSET
    type: Int32 | UnsetType = UNSET
    digits: Int32 | UnsetType = UNSET
    trade_mode: TradeMode | UnsetType = UNSET
    background_color: Int32 | UnsetType = UNSET
    realtime: Int32 | UnsetType = UNSET
    starting: datetime | UnsetType = UNSET
    expiration: datetime | UnsetType = UNSET
    profit_calculation_mode: ProfitCalculationMode | UnsetType = UNSET
    filter: Int32 | UnsetType = UNSET
    filter_limit: Double | UnsetType = UNSET
    filter_smoothing: Int32 | UnsetType = UNSET
    logging: Int32 | UnsetType = UNSET
    spread: Int32 | UnsetType = UNSET
    spread_balance: Int32 | UnsetType = UNSET
    symbol_exec_mode: SymbolExecMode | UnsetType = UNSET
    swap_enable: Int32 | UnsetType = UNSET
    swap_type: SwapType | UnsetType = UNSET
    swap_long: Double | UnsetType = UNSET
    swap_short: Double | UnsetType = UNSET
    swap_rollover3_days: Int32 | UnsetType = UNSET
    contract_size: Double | UnsetType = UNSET
    tick_value: Double | UnsetType = UNSET
    tick_size: Double | UnsetType = UNSET
    stops_level: Int32 | UnsetType = UNSET
    gtc_mode: GTCMode | UnsetType = UNSET
    margin_calculation_mode: MarginCalculationMode | UnsetType = UNSET
    margin_initial: Double | UnsetType = UNSET
    margin_maintenance: Double | UnsetType = UNSET
    margin_hedged: Double | UnsetType = UNSET
    margin_divider: Double | UnsetType = UNSET
    percentage: Double | UnsetType = UNSET
    long_only: Int32 | UnsetType = UNSET
    instant_max_volume: Int32 | UnsetType = UNSET
    margin_currency: str | UnsetType | None = UNSET
    freeze_level: Int32 | UnsetType = UNSET
    margin_hedged_strong: Int32 | UnsetType = UNSET
    value_date: datetime | UnsetType = UNSET
    quotes_delay: Int32 | UnsetType = UNSET
    swap_open_price: Int32 | UnsetType = UNSET
    swap_variation_margin: Int32 | UnsetType = UNSET


class MT4SymbolSession(Record):
    """From when to when a session lasts."""

    open_hour: Int32 = 0
    open_minute: Int32 = 0
    close_hour: Int32 = 0
    close_minute: Int32 = 0


class MT4SymbolDaySessions(Record):
    """The sessions of one weekday; 0 is Sunday."""

    day_of_week: Int32 = 0
    quote_overnight: Int32 = 0
    trade_overnight: Int32 = 0
    quote: tuple[MT4SymbolSession, ...] | None = None
    trade: tuple[MT4SymbolSession, ...] | None = None


class MT4SymbolChangeRequest(Record):
    """Changes of a symbol's spread, levels, colour and execution; what is not given stays."""

    symbol: str | None = None
    color: Int32 | UnsetType = UNSET
    spread: Int32 | UnsetType = UNSET
    spread_balance: Int32 | UnsetType = UNSET
    stops_level: Int32 | UnsetType = UNSET
    smoothing: Int32 | UnsetType = UNSET
    exe_mode: SymbolExecMode | UnsetType = UNSET
