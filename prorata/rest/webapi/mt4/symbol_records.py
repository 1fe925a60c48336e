"""Between the engine's symbols and the published record of a symbol. Pure: a specification in, a record out, and back.

What the engine has no equivalent of stands in the record as it is on every symbol here; asked to be anything else, it is
refused by name, so that nobody believes in a setting that does nothing. docs/webapi.md lists these fields.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from prorata.messages.symbols import MarginMode, SwapType, SymbolSpec, TradeMode
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.schemas import mt4_names as names
from prorata.rest.webapi.schemas.kinds import Names
from prorata.rest.webapi.schemas.mt4_symbols import MT4SymbolConfig
from prorata.rest.webapi.values import decimal_of, price_of, whole_of
from prorata.trading.markets import point_value
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, PPM, VOLUME_PER_LOT
from prorata.units.rounding import div_half_even

SWAP_MAX = 10**9
SOURCE_LENGTH_MAX = 64
PERCENT_DIGITS = 4
DIVIDER_DIGITS = 8
TICK_VALUE_DIGITS = 8
CONTRACT_MAX = 10**9

MARGIN_MODES: Mapping[MarginMode, names.MarginCalculationMode] = {
    MarginMode.FOREX: names.MarginCalculationMode.Forex,
    MarginMode.CFD: names.MarginCalculationMode.CFD,
    MarginMode.LEVERAGE: names.MarginCalculationMode.CFDLeverage,
    MarginMode.FIXED: names.MarginCalculationMode.Futures,
}
SWAP_TYPES: Mapping[SwapType, names.SwapType] = {
    SwapType.NONE: names.SwapType.Points,
    SwapType.POINTS: names.SwapType.Points,
    SwapType.PERCENT: names.SwapType.Interest,
    SwapType.MONEY: names.SwapType.Dollars,
}
SWAP_DIGITS: Mapping[SwapType, int] = {SwapType.NONE: 3, SwapType.POINTS: 3, SwapType.PERCENT: 4, SwapType.MONEY: 2}
"""Decimal places of a swap: thousandths of a point, ppm of a year's interest, hundredths of the account's currency."""
TRADE_MODES: Mapping[TradeMode, names.TradeMode] = {
    TradeMode.DISABLED: names.TradeMode.No,
    TradeMode.CLOSE_ONLY: names.TradeMode.Close,
    TradeMode.LONG_ONLY: names.TradeMode.Full,
    TradeMode.SHORT_ONLY: names.TradeMode.Full,
    TradeMode.FULL: names.TradeMode.Full,
}
WEEKDAYS = (7, 1, 2, 3, 4, 5, 6, 0)
"""Published are 1 (Monday) to 7 (Sunday) and 0 for never; the engine has Sunday 0 and 7 for never: the same both ways."""
INT32_MAX = 2**31 - 1

REASONS: Mapping[str, str] = {
    "realtime": "every symbol's quotes are taken as they come",
    "starting": "symbols do not begin by themselves; change tradeMode",
    "expiration": "symbols do not expire; change tradeMode",
    "profitCalculationMode": "it follows from tickValue and marginCalculationMode",
    "filter": "quotes are not filtered by settings of a symbol",
    "filterLimit": "quotes are not filtered by settings of a symbol",
    "filterSmoothing": "quotes are not smoothed",
    "logging": "the journal has every quote that entered",
    "spread": "the spread is that of the quotes; a group's markup widens it (CfgUpdateGatewayMarkup)",
    "spreadBalance": "the spread is that of the quotes; a group's markup widens it (CfgUpdateGatewayMarkup)",
    "symbolExecMode": "orders are dealt at the market, within the deviation that they name",
    "swapType": "Points, Interest and Dollars are known here",
    "gtcMode": "orders are good till cancelled, or till the time that they name",
    "marginCalculationMode": "Forex, CFD, CFDLeverage and Futures are known here",
    "marginMaintenance": "a position holds one margin from its opening on",
    "marginHedged": "the group says on what the margin of hedged positions is taken",
    "marginDivider": "it is 100 / percentage, which must be given in ten-thousandths of a percent",
    "longOnly": "it narrows tradeMode Full only",
    "instantMaxVolume": "the largest order is the same for every kind of order",
    "marginHedgedStrong": "the group says on what the margin of hedged positions is taken",
    "valueDate": "symbols have no value date",
    "quotesDelay": "quotes are not delayed",
    "swapOpenPrice": "swaps are reckoned at the price of the night",
    "swapVariationMargin": "symbols have swaps, not a variation margin",
}
"""Why a field stays as it is, for those which a caller might want to be otherwise."""


class SymbolLook(msgspec.Struct, kw_only=True):
    """What is kept about a symbol beside the engine. `shown_mode`: while it is hidden, how it was traded before."""

    symbol: str
    source: str = ""
    color: int = 0
    shown_mode: TradeMode | None = None


def config_of(spec: SymbolSpec, look: SymbolLook, group: int) -> MT4SymbolConfig:
    """Return a symbol as published; `group` is the place of its category among the symbol groups."""
    return MT4SymbolConfig(
        symbol=spec.name,
        description=spec.description,
        source=look.source,
        currency=spec.profit_currency,
        type=group,
        digits=spec.digits,
        trade_mode=TRADE_MODES[spec.trade_mode],
        background_color=look.color,
        realtime=1,
        profit_calculation_mode=_profit_mode(spec),
        symbol_exec_mode=names.SymbolExecMode.Market,
        gtc_mode=names.GTCMode.GTC,
        long_only=int(spec.trade_mode == TradeMode.LONG_ONLY),
        contract_size=Decimal(spec.contract_size),
        tick_value=decimal_of(spec.tick_value, CURRENCY_DIGITS[spec.profit_currency]),
        tick_size=decimal_of(spec.tick_size, spec.digits),
        stops_level=min(spec.stop_level, INT32_MAX),
        freeze_level=min(spec.freeze_level, INT32_MAX),
        point=decimal_of(1, spec.digits),
        multiply=Decimal(10**spec.digits),
        **_swap_of(spec),
        **_margin_of(spec),
        bid_tick_value=tick_value_of(spec),
        ask_tick_value=tick_value_of(spec),
    )


def _profit_mode(spec: SymbolSpec) -> names.ProfitCalculationMode:
    if spec.tick_value:
        return names.ProfitCalculationMode.Futures
    is_forex = spec.margin_mode == MarginMode.FOREX
    return names.ProfitCalculationMode.Forex if is_forex else names.ProfitCalculationMode.CFD


def _swap_of(spec: SymbolSpec) -> dict[str, Any]:
    digits = SWAP_DIGITS[spec.swap_type]
    return {
        "swap_enable": int(spec.swap_type != SwapType.NONE),
        "swap_type": SWAP_TYPES[spec.swap_type],
        "swap_long": decimal_of(spec.swap_long, digits),
        "swap_short": decimal_of(spec.swap_short, digits),
        "swap_rollover3_days": WEEKDAYS[spec.swap_triple_day],
    }


def _margin_of(spec: SymbolSpec) -> dict[str, Any]:
    return {
        "margin_calculation_mode": MARGIN_MODES[spec.margin_mode],
        "margin_initial": decimal_of(spec.margin_fixed, CURRENCY_DIGITS[spec.margin_currency]),
        "margin_currency": spec.margin_currency,
        "percentage": decimal_of(spec.margin_rate_ppm, PERCENT_DIGITS),
        "margin_divider": decimal_of(div_half_even(PPM * 10**DIVIDER_DIGITS, spec.margin_rate_ppm), DIVIDER_DIGITS),
    }


def tick_value_of(spec: SymbolSpec) -> Decimal:
    """Return what one tick of one lot is worth, in the profit currency."""
    numerator, denominator = point_value(spec)
    digits = CURRENCY_DIGITS[spec.profit_currency]
    worth = numerator * VOLUME_PER_LOT * spec.tick_size * 10**TICK_VALUE_DIGITS
    return decimal_of(div_half_even(worth, denominator * 10**digits), TICK_VALUE_DIGITS)


# And back.


def spec_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig, groups: Sequence[str]) -> SymbolSpec:
    """Return the specification that `wanted` means: what differs from `shown` is changed, the rest stays to the last digit.

    Raises `Failure` for what no specification can say; `check_granted` tells what was not taken over.
    """
    return msgspec.structs.replace(
        spec,
        **_general_with(spec, shown, wanted, groups),
        **_trade_mode_with(shown, wanted),
        **_amounts_with(spec, shown, wanted),
        **_swap_with(spec, shown, wanted),
        **_margin_with(spec, shown, wanted),
    )


def look_with(look: SymbolLook, shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> SymbolLook:
    """Return what is kept beside the engine. A symbol whose trade mode is set is no longer hidden."""
    source = wanted.source or ""
    if len(source) > SOURCE_LENGTH_MAX:
        raise invalid("source", f"has more than {SOURCE_LENGTH_MAX} characters")
    is_set = wanted.trade_mode != shown.trade_mode
    return msgspec.structs.replace(
        look, source=source, color=wanted.background_color, shown_mode=None if is_set else look.shown_mode
    )


def _general_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig, groups: Sequence[str]) -> dict[str, Any]:
    changes: dict[str, Any] = {"description": wanted.description or "", "digits": wanted.digits}
    if wanted.currency != shown.currency:
        changes |= {"quote": wanted.currency or "", "profit_currency": known_currency(wanted.currency, "currency")}
    if wanted.margin_currency != shown.margin_currency:
        changes["margin_currency"] = known_currency(wanted.margin_currency, "marginCurrency")
    if wanted.type != shown.type:
        if not 0 <= wanted.type < len(groups):
            raise invalid("type", f"there are symbol groups 0 to {len(groups) - 1}")
        changes["category"] = groups[wanted.type]
    return changes


def known_currency(currency: str | None, field: str) -> str:
    if currency not in CURRENCY_DIGITS:
        raise invalid(field, "is no currency of this trade server")
    return currency


def _trade_mode_with(shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> dict[str, Any]:
    if (wanted.trade_mode, wanted.long_only) == (shown.trade_mode, shown.long_only):
        return {}  # It may say less than the engine's mode does.
    mode = read_name(names.TradeMode, wanted.trade_mode, "tradeMode")
    if mode == names.TradeMode.Full:
        return {"trade_mode": TradeMode.LONG_ONLY if wanted.long_only else TradeMode.FULL}
    return {"trade_mode": TradeMode.CLOSE_ONLY if mode == names.TradeMode.Close else TradeMode.DISABLED}


def _amounts_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if wanted.stops_level != shown.stops_level:
        changes["stop_level"] = wanted.stops_level
    if wanted.freeze_level != shown.freeze_level:
        changes["freeze_level"] = wanted.freeze_level
    if wanted.contract_size != shown.contract_size:
        changes["contract_size"] = whole_of(wanted.contract_size, 0, "contractSize", most=CONTRACT_MAX)
    if wanted.tick_size != shown.tick_size:
        changes["tick_size"] = price_of(wanted.tick_size, wanted.digits, "tickSize")
    if wanted.tick_value != shown.tick_value:
        digits = CURRENCY_DIGITS[known_currency(wanted.currency, "currency")]
        changes["tick_value"] = whole_of(wanted.tick_value, digits, "tickValue", most=MONEY_MAX)
    return changes


def _swap_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if wanted.swap_rollover3_days != shown.swap_rollover3_days:
        if not 0 <= wanted.swap_rollover3_days <= 7:
            raise invalid("swapRollover3Days", "must be 1 (Monday) to 7 (Sunday), or 0 for never")
        changes["swap_triple_day"] = WEEKDAYS[wanted.swap_rollover3_days]
    kind = _swap_type_with(spec, shown, wanted)
    amounts = (wanted.swap_long, wanted.swap_short)
    if kind == spec.swap_type and amounts == (shown.swap_long, shown.swap_short):
        return changes
    digits = SWAP_DIGITS[kind]
    return changes | {
        "swap_type": kind,
        "swap_long": whole_of(wanted.swap_long, digits, "swapLong", most=SWAP_MAX),
        "swap_short": whole_of(wanted.swap_short, digits, "swapShort", most=SWAP_MAX),
    }


def _swap_type_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> SwapType:
    if (wanted.swap_enable, wanted.swap_type) == (shown.swap_enable, shown.swap_type):
        return spec.swap_type
    if not wanted.swap_enable:
        return SwapType.NONE
    published = read_name(names.SwapType, wanted.swap_type, "swapType")
    known = {SWAP_TYPES[kind]: kind for kind in (SwapType.POINTS, SwapType.PERCENT, SwapType.MONEY)}
    return known.get(published, spec.swap_type)


def _margin_with(spec: SymbolSpec, shown: MT4SymbolConfig, wanted: MT4SymbolConfig) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if wanted.margin_calculation_mode != shown.margin_calculation_mode:
        published = read_name(names.MarginCalculationMode, wanted.margin_calculation_mode, "marginCalculationMode")
        modes = {name: mode for mode, name in MARGIN_MODES.items()}
        changes["margin_mode"] = modes.get(published, spec.margin_mode)
    if wanted.margin_initial != shown.margin_initial:
        digits = CURRENCY_DIGITS[known_currency(wanted.margin_currency, "marginCurrency")]
        changes["margin_fixed"] = whole_of(wanted.margin_initial, digits, "marginInitial", most=MONEY_MAX)
    if wanted.percentage != shown.percentage:
        changes["margin_rate_ppm"] = whole_of(wanted.percentage, PERCENT_DIGITS, "percentage", most=10 * PPM)
    elif wanted.margin_divider != shown.margin_divider and wanted.margin_divider > 0:
        rate = Decimal(PPM) / wanted.margin_divider
        changes["margin_rate_ppm"] = int(rate) if rate == int(rate) else spec.margin_rate_ppm
    return changes


def read_name(kind: type[Names], name: str | None, field: str) -> Any:
    """Return the member that a name means, in any letter case. Raises `Failure`."""
    try:
        return kind(name or "")
    except ValueError:
        raise invalid(field, f"must be one of {', '.join(kind)}") from None
