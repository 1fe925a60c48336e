"""Symbols, as the MT5 surface shows them."""

from datetime import datetime

import msgspec

from prorata.rest.webapi.schemas.flags import (
    EnExpirationFlags,
    EnFillingFlags,
    EnInstantFlags,
    EnMarginFlags,
    EnOrderFlags,
    EnRequestFlags,
    EnSwapFlags,
    EnTickFlags,
    EnTradeFlags,
)
from prorata.rest.webapi.schemas.kinds import ZERO, Double, Int32, Int64, Record
from prorata.rest.webapi.schemas.mt5_lists import EnIndustries, EnSectors
from prorata.rest.webapi.schemas.mt5_names import (
    EnCalcMode,
    EnChartMode,
    EnExecutionMode,
    EnGtcMode,
    EnInstantMode,
    EnOptionMode,
    EnSpliceTimeType,
    EnSpliceType,
    EnSwapDays,
    EnSwapMode,
    EnTradeMode,
)


class MT5MarginRates(Record):
    """Shares of the margin by the type of the order."""

    buy: Double = msgspec.field(name="Buy", default=ZERO)
    sell: Double = msgspec.field(name="Sell", default=ZERO)
    buy_limit: Double = msgspec.field(name="BuyLimit", default=ZERO)
    sell_limit: Double = msgspec.field(name="SellLimit", default=ZERO)
    buy_stop: Double = msgspec.field(name="BuyStop", default=ZERO)
    sell_stop: Double = msgspec.field(name="SellStop", default=ZERO)
    buy_stop_limit: Double = msgspec.field(name="BuyStopLimit", default=ZERO)
    sell_stop_limit: Double = msgspec.field(name="SellStopLimit", default=ZERO)


class MT5SymbolSession(Record):
    """From when to when a session lasts, in minutes of the day and as hours and minutes."""

    open: Int32 | None = None
    open_hours: Int32 | None = None
    open_minutes: Int32 | None = None
    close: Int32 | None = None
    close_hours: Int32 | None = None
    close_minutes: Int32 | None = None


class MT5Symbol(Record):
    """A symbol and all its terms."""

    symbol: str | None = None
    path: str | None = None
    isin: str | None = None
    description: str | None = None
    international: str | None = None
    basis: str | None = None
    source: str | None = None
    page: str | None = None
    currency_base: str | None = None
    currency_base_digits: Int32 | None = None
    currency_profit: str | None = None
    currency_profit_digits: Int32 | None = None
    currency_margin: str | None = None
    currency_margin_digits: Int32 | None = None
    color: Int32 | None = None
    color_background: Int32 | None = None
    digits: Int32 | None = None
    point: Double | None = None
    multiply: Double | None = None
    tick_flags: EnTickFlags | None = None
    tick_book_depth: Int32 | None = None
    filter_soft: Int32 | None = None
    filter_soft_ticks: Int32 | None = None
    filter_hard: Int32 | None = None
    filter_hard_ticks: Int32 | None = None
    filter_discard: Int32 | None = None
    filter_spread_max: Int32 | None = None
    filter_spread_min: Int32 | None = None
    trade_mode: EnTradeMode | None = None
    calc_mode: EnCalcMode | None = None
    exec_mode: EnExecutionMode | None = None
    gtc_mode: EnGtcMode | None = None
    fill_flags: EnFillingFlags | None = None
    expir_flags: EnExpirationFlags | None = None
    spread: Int32 | None = None
    spread_balance: Int32 | None = None
    spread_diff: Int32 | None = None
    spread_diff_balance: Int32 | None = None
    tick_value: Double | None = None
    tick_size: Double | None = None
    contract_size: Double | None = None
    stops_level: Int32 | None = None
    freeze_level: Int32 | None = None
    quotes_timeout: Int32 | None = None
    volume_min: Int64 | None = None
    volume_max: Int64 | None = None
    volume_step: Int64 | None = None
    volume_limit: Int64 | None = None
    margin_flags: EnMarginFlags | None = None
    margin_initial: Double | None = None
    margin_maintenance: Double | None = None
    margin_long: Double | None = None
    margin_short: Double | None = None
    margin_limit: Double | None = None
    margin_stop: Double | None = None
    margin_stop_limit: Double | None = None
    swap_mode: EnSwapMode | None = None
    swap_long: Double | None = None
    swap_short: Double | None = None
    swap3_day: EnSwapDays | None = None
    time_start: datetime | None = None
    time_expiration: datetime | None = None
    session_quote: tuple[tuple[MT5SymbolSession, ...], ...] | None = None
    session_trade: tuple[tuple[MT5SymbolSession, ...], ...] | None = None
    re_flags: EnRequestFlags | None = None
    re_timeout: Int32 | None = None
    ie_check_mode: EnInstantMode | None = None
    ie_timeout: Int32 | None = None
    ie_slip_profit: Int32 | None = None
    ie_slip_losing: Int32 | None = None
    ie_volume_max: Int64 | None = None
    price_settle: Double | None = None
    price_limit_max: Double | None = None
    price_limit_min: Double | None = None
    trade_flags: EnTradeFlags | None = None
    order_flags: EnOrderFlags | None = None
    margin_rate_initial: MT5MarginRates | None = None
    margin_rate_maintenance: MT5MarginRates | None = None
    options_mode: EnOptionMode | None = None
    price_strike: Double | None = None
    margin_rate_liquidity: Double | None = None
    face_value: Double | None = None
    accrued_interest: Double | None = None
    splice_type: EnSpliceType | None = None
    splice_time_type: EnSpliceTimeType | None = None
    splice_time_days: Int32 | None = None
    margin_hedged: Double | None = None
    margin_rate_currency: Double | None = None
    filter_gap: Int32 | None = None
    filter_gap_ticks: Int32 | None = None
    chart_mode: EnChartMode | None = None
    ie_flags: EnInstantFlags | None = None
    volume_min_ext: Int64 | None = None
    volume_max_ext: Int64 | None = None
    volume_step_ext: Int64 | None = None
    volume_limit_ext: Int64 | None = None
    ie_volume_max_ext: Int64 | None = None
    category: str | None = None
    exchange: str | None = None
    cfi: str | None = None
    sector: EnSectors | None = None
    industry: EnIndustries | None = None
    country: str | None = None
    subscriptions_delay: Int32 | None = None
    swap_year_days: Int32 | None = None
    swap_flags: EnSwapFlags | None = None
    swap_rate_sunday: Double | None = None
    swap_rate_monday: Double | None = None
    swap_rate_tuesday: Double | None = None
    swap_rate_wednesday: Double | None = None
    swap_rate_thursday: Double | None = None
    swap_rate_friday: Double | None = None
    swap_rate_saturday: Double | None = None
