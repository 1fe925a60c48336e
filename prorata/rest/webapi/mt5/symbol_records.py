"""Between the engine's symbols and the published record of MetaTrader 5. Pure.

MetaTrader 5 counts volume in ten-thousandths of a lot, and with `Ext` in hundred-millionths, as the engine does.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.messages.symbols import MarginMode, Session, SwapType, SymbolSpec, TradeMode
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.merging import names_of
from prorata.rest.webapi.mt4.symbol_records import (
    CONTRACT_MAX,
    SOURCE_LENGTH_MAX,
    SWAP_DIGITS,
    SWAP_MAX,
    SymbolLook,
    known_currency,
    tick_value_of,
)
from prorata.rest.webapi.schemas import flags, mt5_lists
from prorata.rest.webapi.schemas import mt5_names as names
from prorata.rest.webapi.schemas.mt5_symbols import MT5MarginRates, MT5Symbol, MT5SymbolSession
from prorata.rest.webapi.values import decimal_of, price_of, whole_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM

VOLUME_STEP = 10_000
"""The engine's volume steps in one of MetaTrader 5's."""
_PPM_DIGITS = 6
_ORDER_TYPES = ("buy", "sell", "buy_limit", "sell_limit", "buy_stop", "sell_stop", "buy_stop_limit", "sell_stop_limit")
_DAYS_OF_YEAR = 360
_INT32_MAX = 2**31 - 1

TRADE_MODES: Mapping[TradeMode, names.EnTradeMode] = {
    TradeMode.DISABLED: names.EnTradeMode.Disabled,
    TradeMode.LONG_ONLY: names.EnTradeMode.LongOnly,
    TradeMode.SHORT_ONLY: names.EnTradeMode.ShortOnly,
    TradeMode.CLOSE_ONLY: names.EnTradeMode.CloseOnly,
    TradeMode.FULL: names.EnTradeMode.Full,
}
CALC_MODES: Mapping[MarginMode, names.EnCalcMode] = {
    MarginMode.FOREX: names.EnCalcMode.Forex,
    MarginMode.CFD: names.EnCalcMode.Cfd,
    MarginMode.LEVERAGE: names.EnCalcMode.CfdLeverage,
    MarginMode.FIXED: names.EnCalcMode.Futures,
}
SWAP_MODES: Mapping[SwapType, names.EnSwapMode] = {
    SwapType.NONE: names.EnSwapMode.Disabled,
    SwapType.POINTS: names.EnSwapMode.ByPoints,
    SwapType.PERCENT: names.EnSwapMode.ByInterestCurrent,
    SwapType.MONEY: names.EnSwapMode.ByGroupCurrency,
}
SWAP_DAYS = tuple(names.EnSwapDays)
"""Sunday first, and never: as in the engine."""

_DERIVED = frozenset(
    {
        "symbol", "currencyBaseDigits", "currencyProfitDigits", "currencyMarginDigits", "point", "multiply", "sessionQuote",
        "marginRateMaintenance",
    }
)  # fmt: skip
WRITABLE = names_of(MT5Symbol) - _DERIVED

REASONS: Mapping[str, str] = {
    "calcMode": "Forex, Cfd, CfdLeverage and Futures are known here",
    "swapMode": "Disabled, ByPoints, ByInterestCurrent and ByGroupCurrency are known here",
    "execMode": "orders are dealt at the market, within the deviation that they name",
    "gtcMode": "orders are good till cancelled, or till the time that they name",
    "spread": "the spread is that of the quotes; a group's markup widens it",
    "marginRateInitial": "it can be set where calcMode is Cfd, the same for every type of order",
    "marginMaintenance": "a position holds one margin from its opening on",
    "sessionQuote": "quotes are taken whenever they come",
    "timeStart": "symbols do not begin by themselves; change tradeMode",
    "timeExpiration": "symbols do not expire; change tradeMode",
}
"""Why a field stays as it is, for those which a caller might want to be otherwise. What is empty here has no meaning here."""


def symbol_of(spec: SymbolSpec, look: SymbolLook) -> MT5Symbol:
    """Return a symbol as published."""
    rates = _rates_of(spec)
    sessions = tuple(tuple(_session_shown(session) for session in day) for day in spec.sessions)
    swap_digits = SWAP_DIGITS[spec.swap_type]
    return MT5Symbol(
        symbol=spec.name,
        path=path_of(spec),
        description=spec.description,
        source=look.source,
        currency_base=spec.base,
        currency_base_digits=CURRENCY_DIGITS.get(spec.base, 0),
        currency_profit=spec.profit_currency,
        currency_profit_digits=CURRENCY_DIGITS[spec.profit_currency],
        currency_margin=spec.margin_currency,
        currency_margin_digits=CURRENCY_DIGITS[spec.margin_currency],
        color=look.color,
        digits=spec.digits,
        point=decimal_of(1, spec.digits),
        multiply=Decimal(10**spec.digits),
        tick_flags=flags.EnTickFlags(flags.EnTickFlags.Realtime),
        trade_mode=TRADE_MODES[spec.trade_mode],
        calc_mode=CALC_MODES[spec.margin_mode],
        exec_mode=names.EnExecutionMode.Market,
        gtc_mode=names.EnGtcMode.GtC,
        fill_flags=flags.EnFillingFlags(flags.EnFillingFlags.FoK | flags.EnFillingFlags.IoC),
        expir_flags=flags.EnExpirationFlags(flags.EnExpirationFlags.GtC | flags.EnExpirationFlags.Specified),
        spread=0,
        tick_value=tick_value_of(spec),
        tick_size=decimal_of(spec.tick_size, spec.digits),
        contract_size=Decimal(spec.contract_size),
        stops_level=min(spec.stop_level, _INT32_MAX),
        freeze_level=min(spec.freeze_level, _INT32_MAX),
        volume_min=spec.volume_min // VOLUME_STEP,
        volume_max=spec.volume_max // VOLUME_STEP,
        volume_step=spec.volume_step // VOLUME_STEP,
        volume_limit=spec.volume_limit // VOLUME_STEP,
        volume_min_ext=spec.volume_min,
        volume_max_ext=spec.volume_max,
        volume_step_ext=spec.volume_step,
        volume_limit_ext=spec.volume_limit,
        margin_flags=flags.EnMarginFlags(),
        margin_initial=decimal_of(spec.margin_fixed, CURRENCY_DIGITS[spec.margin_currency]),
        margin_rate_initial=rates,
        margin_rate_maintenance=rates,
        swap_mode=SWAP_MODES[spec.swap_type],
        swap_long=decimal_of(spec.swap_long, swap_digits),
        swap_short=decimal_of(spec.swap_short, swap_digits),
        swap3_day=SWAP_DAYS[spec.swap_triple_day],
        swap_year_days=_DAYS_OF_YEAR,
        swap_flags=flags.EnSwapFlags(),
        session_quote=sessions,
        session_trade=sessions,
        trade_flags=flags.EnTradeFlags(flags.EnTradeFlags.AllowSignals),
        order_flags=flags.EnOrderFlags(flags.EnOrderFlags.All),
        chart_mode=names.EnChartMode.BidPrice,
        sector=mt5_lists.EnSectors.Undefined,
        industry=mt5_lists.EnIndustries.Undefined,
    )


def path_of(spec: SymbolSpec) -> str:
    """Return where a symbol is in the tree: "Forex\\Majors\\EURUSD"."""
    return "\\".join([*(step for step in spec.category.split("/") if step), spec.name])


def spec_with(spec: SymbolSpec, shown: MT5Symbol, wanted: MT5Symbol) -> SymbolSpec:
    """Return the specification that `wanted` means: what differs from `shown` is changed, the rest stays to the last digit.

    Raises `Failure` for what no specification can say.
    """
    return msgspec.structs.replace(
        spec,
        **_general_with(spec, shown, wanted),
        **_amounts_with(shown, wanted),
        **_volumes_with(shown, wanted),
        **_swap_with(spec, shown, wanted),
        **_margin_with(spec, shown, wanted),
    )


def look_with(look: SymbolLook, shown: MT5Symbol, wanted: MT5Symbol) -> SymbolLook:
    """Return what is kept beside the engine. A symbol whose trade mode is set is no longer hidden."""
    source = wanted.source or ""
    if len(source) > SOURCE_LENGTH_MAX:
        raise invalid("source", f"has more than {SOURCE_LENGTH_MAX} characters")
    shown_mode = None if wanted.trade_mode != shown.trade_mode else look.shown_mode
    return msgspec.structs.replace(look, source=source, color=wanted.color or 0, shown_mode=shown_mode)


def _general_with(spec: SymbolSpec, shown: MT5Symbol, wanted: MT5Symbol) -> dict[str, Any]:
    changes: dict[str, Any] = {"description": wanted.description or "", "digits": wanted.digits or 0}
    if wanted.path != shown.path:
        *category, name = (wanted.path or "").split("\\")
        if name != spec.name:
            raise invalid("path", f"must end in {spec.name}")
        changes["category"] = "/".join(category)
    if wanted.currency_base != shown.currency_base:
        changes["base"] = wanted.currency_base or ""
    if wanted.currency_profit != shown.currency_profit:
        changes |= {
            "quote": wanted.currency_profit or "",
            "profit_currency": known_currency(wanted.currency_profit, "currencyProfit"),
        }
    if wanted.currency_margin != shown.currency_margin:
        changes["margin_currency"] = known_currency(wanted.currency_margin, "currencyMargin")
    if wanted.trade_mode != shown.trade_mode:
        changes["trade_mode"] = _turned(TRADE_MODES).get(wanted.trade_mode, spec.trade_mode)
    if wanted.session_trade != shown.session_trade:
        changes["sessions"] = tuple(tuple(_session_read(one) for one in day) for day in wanted.session_trade or ())
    return changes


def _amounts_with(shown: MT5Symbol, wanted: MT5Symbol) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for ours, theirs in (("stop_level", "stops_level"), ("freeze_level", "freeze_level")):
        if getattr(wanted, theirs) != getattr(shown, theirs):
            changes[ours] = getattr(wanted, theirs) or 0
    if wanted.contract_size != shown.contract_size:
        changes["contract_size"] = whole_of(wanted.contract_size or Decimal(0), 0, "contractSize", most=CONTRACT_MAX)
    if wanted.tick_size != shown.tick_size:
        changes["tick_size"] = price_of(wanted.tick_size or Decimal(0), wanted.digits or 0, "tickSize")
    if wanted.tick_value != shown.tick_value:
        digits = CURRENCY_DIGITS[known_currency(wanted.currency_profit, "currencyProfit")]
        changes["tick_value"] = whole_of(wanted.tick_value or Decimal(0), digits, "tickValue", most=MONEY_MAX)
    return changes


def _volumes_with(shown: MT5Symbol, wanted: MT5Symbol) -> dict[str, Any]:
    """Return the volumes that were changed; where both ways of saying one were, the finer one counts."""
    changes: dict[str, Any] = {}
    for name in ("volume_min", "volume_max", "volume_step", "volume_limit"):
        coarse, fine = getattr(wanted, name), getattr(wanted, f"{name}_ext")
        if fine != getattr(shown, f"{name}_ext"):
            changes[name] = fine or 0
        elif coarse != getattr(shown, name):
            changes[name] = (coarse or 0) * VOLUME_STEP
    return changes


def _swap_with(spec: SymbolSpec, shown: MT5Symbol, wanted: MT5Symbol) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if wanted.swap3_day != shown.swap3_day and wanted.swap3_day is not None:
        changes["swap_triple_day"] = SWAP_DAYS.index(wanted.swap3_day)
    kind = _turned(SWAP_MODES).get(wanted.swap_mode, spec.swap_type)
    amounts = (wanted.swap_long, wanted.swap_short)
    if kind == spec.swap_type and amounts == (shown.swap_long, shown.swap_short):
        return changes
    digits = SWAP_DIGITS[kind]
    return changes | {
        "swap_type": kind,
        "swap_long": whole_of(wanted.swap_long or Decimal(0), digits, "swapLong", most=SWAP_MAX),
        "swap_short": whole_of(wanted.swap_short or Decimal(0), digits, "swapShort", most=SWAP_MAX),
    }


def _margin_with(spec: SymbolSpec, shown: MT5Symbol, wanted: MT5Symbol) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if wanted.calc_mode != shown.calc_mode:
        changes["margin_mode"] = _turned(CALC_MODES).get(wanted.calc_mode, spec.margin_mode)
    if wanted.margin_initial != shown.margin_initial:
        digits = CURRENCY_DIGITS[known_currency(wanted.currency_margin, "currencyMargin")]
        changes["margin_fixed"] = whole_of(wanted.margin_initial or Decimal(0), digits, "marginInitial", most=MONEY_MAX)
    if wanted.margin_rate_initial != shown.margin_rate_initial and wanted.margin_rate_initial is not None:
        rate = wanted.margin_rate_initial.buy
        changes["margin_rate_ppm"] = whole_of(rate, _PPM_DIGITS, "marginRateInitial", most=10 * PPM)
    return changes


def _rates_of(spec: SymbolSpec) -> MT5MarginRates:
    rate = decimal_of(spec.margin_rate_ppm, _PPM_DIGITS) if spec.margin_mode == MarginMode.CFD else Decimal(1)
    return MT5MarginRates(**dict.fromkeys(_ORDER_TYPES, rate))


def _session_shown(session: Session) -> MT5SymbolSession:
    opens, closes = session.opens // 60, session.closes // 60
    return MT5SymbolSession(
        open=opens, open_hours=opens // 60, open_minutes=opens % 60,
        close=closes, close_hours=closes // 60, close_minutes=closes % 60,
    )  # fmt: skip


def _session_read(session: MT5SymbolSession) -> Session:
    """Return a session; where its minutes of the day are not told, its hours and minutes are."""
    opens = session.open if session.open is not None else (session.open_hours or 0) * 60 + (session.open_minutes or 0)
    closes = session.close if session.close is not None else (session.close_hours or 0) * 60 + (session.close_minutes or 0)
    return Session(opens * 60, closes * 60)


def _turned(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return {theirs: ours for ours, theirs in mapping.items()}
