"""From the texts of a symbol or group to its specification, and back: what is shown can be put again."""

import re
from datetime import date

from prorata.messages.groups import (
    Commission,
    CommissionType,
    FreeMarginMode,
    GroupSpec,
    GroupSymbol,
    HedgedMargin,
    Level,
    LevelType,
    LeverageTier,
    StopOutOrder,
)
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import Holiday, MarginMode, Session, SwapType, SymbolSpec, TradeMode
from prorata.rest.own.settings_bodies import (
    SWAP_MAX,
    CommissionSettings,
    GroupSettings,
    GroupSymbolSettings,
    GroupView,
    HolidayHours,
    Hours,
    LevelSettings,
    SymbolSettings,
    SymbolView,
    TierSettings,
    Week,
)  # fmt: skip
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Volume
from prorata.views.answers import Rejected
from prorata.views.names import (
    code_of,
    name_of,
)
from prorata.views.numbers import (
    read_decimal,
    read_money,
    read_percent,
    read_volume,
    show_day,
    show_percent,
    show_volume,
)

_SWAP_DIGITS = {SwapType.NONE: 0, SwapType.POINTS: 3, SwapType.PERCENT: 4, SwapType.MONEY: 0}
_EPOCH = date(1970, 1, 1).toordinal()
_TIME = re.compile(r"([0-9]{2}):([0-5][0-9]):([0-5][0-9])")
_DAY_SECONDS = 86_400


def read_symbol(name: str, data: SymbolSettings) -> SymbolSpec:
    """Return the specification that is meant; whether it fits together is the engine's to say. Raises `Rejected`."""
    swap_type = code_of(SwapType, data.swap_type)
    return SymbolSpec(
        name=name,
        description=data.description,
        category=data.category,
        base=data.base,
        quote=data.quote,
        profit_currency=data.profit_currency,
        margin_currency=data.margin_currency,
        digits=data.digits,
        contract_size=data.contract_size,
        volume_min=read_volume(data.volume_min, "volume_min"),
        volume_step=read_volume(data.volume_step, "volume_step"),
        volume_max=read_volume(data.volume_max, "volume_max"),
        volume_limit=read_volume(data.volume_limit, "volume_limit"),
        tick_size=data.tick_size_points,
        tick_value=read_money(data.tick_value, currency_digits(data.profit_currency), "tick_value"),
        sessions=_read_week(data.sessions),
        holidays=tuple(_read_holiday(holiday) for holiday in data.holidays),
        swap_type=swap_type,
        swap_long=_read_swap(data.swap_long, swap_type, "swap_long"),
        swap_short=_read_swap(data.swap_short, swap_type, "swap_short"),
        swap_triple_day=data.swap_triple_day,
        stop_level=data.stop_level_points,
        freeze_level=data.freeze_level_points,
        margin_mode=code_of(MarginMode, data.margin_mode),
        margin_rate_ppm=read_percent(data.margin_percent, "margin_percent"),
        margin_fixed=read_money(data.margin_fixed, currency_digits(data.margin_currency), "margin_fixed"),
        leverage_max=data.leverage_max,
        trade_mode=code_of(TradeMode, data.trade_mode),
    )


def symbol_view(spec: SymbolSpec) -> SymbolView:
    swap_digits = _SWAP_DIGITS[spec.swap_type]
    return SymbolView(
        name=spec.name,
        description=spec.description,
        category=spec.category,
        base=spec.base,
        quote=spec.quote,
        profit_currency=spec.profit_currency,
        margin_currency=spec.margin_currency,
        digits=spec.digits,
        contract_size=spec.contract_size,
        volume_min=show_volume(spec.volume_min),
        volume_step=show_volume(spec.volume_step),
        volume_max=show_volume(spec.volume_max),
        volume_limit=show_volume(spec.volume_limit),
        tick_size_points=spec.tick_size,
        tick_value=format_decimal(spec.tick_value, CURRENCY_DIGITS[spec.profit_currency]),
        sessions=Week(**dict(zip(Week.__struct_fields__, map(_show_hours, spec.sessions), strict=True))),
        holidays=tuple(
            HolidayHours(day=show_day(holiday.day), sessions=_show_hours(holiday.sessions), name=holiday.name)
            for holiday in spec.holidays
        ),
        swap_type=name_of(spec.swap_type),
        swap_long=format_decimal(spec.swap_long, swap_digits),
        swap_short=format_decimal(spec.swap_short, swap_digits),
        swap_triple_day=spec.swap_triple_day,
        stop_level_points=spec.stop_level,
        freeze_level_points=spec.freeze_level,
        margin_mode=name_of(spec.margin_mode),
        margin_percent=show_percent(spec.margin_rate_ppm),
        margin_fixed=format_decimal(spec.margin_fixed, CURRENCY_DIGITS[spec.margin_currency]),
        leverage_max=spec.leverage_max,
        trade_mode=name_of(spec.trade_mode),
    )


def read_group(name: str, data: GroupSettings) -> GroupSpec:
    """Return the specification that is meant; whether it fits together is the engine's to say. Raises `Rejected`."""
    digits = currency_digits(data.currency)
    return GroupSpec(
        name=name,
        description=data.description,
        currency=data.currency,
        leverage=data.leverage,
        tiers=tuple(LeverageTier(read_money(tier.notional, digits, "tiers.notional"), tier.leverage) for tier in data.tiers),
        margin_call=_read_level(data.margin_call, digits, "margin_call"),
        stop_out=_read_level(data.stop_out, digits, "stop_out"),
        stop_out_order=code_of(StopOutOrder, data.stop_out_order),
        hedging=data.hedging,
        hedged_margin=code_of(HedgedMargin, data.hedged_margin),
        free_margin=code_of(FreeMarginMode, data.free_margin),
        negative_balance_protection=data.negative_balance_protection,
        commission=read_commission(data.commission, digits),
        swap_free=data.swap_free,
        symbols=tuple(_read_override(own, digits) for own in data.symbols),
        a_book_percent=data.a_book_percent,
        execution_delay_ms=data.execution_delay_ms,
        orders_max=data.orders_max,
    )


def group_view(spec: GroupSpec) -> GroupView:
    digits = CURRENCY_DIGITS[spec.currency]
    return GroupView(
        name=spec.name,
        description=spec.description,
        currency=spec.currency,
        leverage=spec.leverage,
        tiers=tuple(
            TierSettings(notional=format_decimal(tier.notional, digits), leverage=tier.leverage) for tier in spec.tiers
        ),
        margin_call=_show_level(spec.margin_call, digits),
        stop_out=_show_level(spec.stop_out, digits),
        stop_out_order=name_of(spec.stop_out_order),
        hedging=spec.hedging,
        hedged_margin=name_of(spec.hedged_margin),
        free_margin=name_of(spec.free_margin),
        negative_balance_protection=spec.negative_balance_protection,
        commission=show_commission(spec.commission, digits),
        swap_free=spec.swap_free,
        symbols=tuple(_show_override(own, digits) for own in spec.symbols),
        a_book_percent=spec.a_book_percent,
        execution_delay_ms=spec.execution_delay_ms,
        orders_max=spec.orders_max,
    )


def currency_digits(currency: str) -> int:
    digits = CURRENCY_DIGITS.get(currency)
    if digits is None:
        raise Rejected(Refusal.MALFORMED, f"{currency} is not a currency of this platform")
    return digits


def _read_swap(text: str, swap_type: SwapType, field: str) -> int:
    return read_decimal(text, _SWAP_DIGITS[swap_type], field, least=-SWAP_MAX, most=SWAP_MAX)


def _read_week(week: Week) -> tuple[tuple[Session, ...], ...]:
    return tuple(_read_hours(getattr(week, day)) for day in Week.__struct_fields__)


def _read_hours(hours: tuple[Hours, ...]) -> tuple[Session, ...]:
    return tuple(Session(_read_time(part.opens), _read_time(part.closes)) for part in hours)


def _show_hours(sessions: tuple[Session, ...]) -> tuple[Hours, ...]:
    return tuple(Hours(opens=_show_time(part.opens), closes=_show_time(part.closes)) for part in sessions)


def _read_time(text: str) -> int:
    """Return the second of the day; "24:00:00" is its end."""
    match = _TIME.fullmatch(text)
    seconds = -1
    if match is not None:
        hour, minute, second = (int(part) for part in match.groups())
        seconds = hour * 3600 + minute * 60 + second
    if not 0 <= seconds <= _DAY_SECONDS:
        raise Rejected(Refusal.MALFORMED, f"sessions: {text} is no time of day")
    return seconds


def _show_time(seconds: int) -> str:
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


def _read_holiday(holiday: HolidayHours) -> Holiday:
    return Holiday(read_day(holiday.day, "holidays.day"), _read_hours(holiday.sessions), holiday.name)


def read_day(text: str, field: str) -> int:
    """Return a date as days since 1970-01-01. Raises `Rejected`."""
    try:
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        raise Rejected(Refusal.MALFORMED, f"{field}: {text} is no day") from None


def read_commission(data: CommissionSettings, digits: int) -> Commission:
    kind = code_of(CommissionType, data.type)
    if kind == CommissionType.PERCENT:
        rate = read_percent(data.rate, "commission.rate")
    else:
        rate = read_money(data.rate, digits, "commission.rate")
    return Commission(kind, rate, read_money(data.minimum, digits, "commission.minimum"))


def show_commission(commission: Commission, digits: int) -> CommissionSettings:
    percent = commission.type == CommissionType.PERCENT
    return CommissionSettings(
        type=name_of(commission.type),
        rate=show_percent(commission.rate) if percent else format_decimal(commission.rate, digits),
        minimum=format_decimal(commission.minimum, digits),
    )


def _read_level(data: LevelSettings, digits: int, field: str) -> Level:
    kind = code_of(LevelType, data.type)
    return Level(kind, read_money(data.value, 2 if kind == LevelType.PERCENT else digits, f"{field}.value"))


def _show_level(level: Level, digits: int) -> LevelSettings:
    value = format_decimal(level.value, 2 if level.type == LevelType.PERCENT else digits)
    return LevelSettings(type=name_of(level.type), value=value)


def _read_override(own: GroupSymbolSettings, digits: int) -> GroupSymbol:
    return GroupSymbol(
        symbol=own.symbol,
        enabled=own.enabled,
        markup_bid=own.markup_bid_points,
        markup_ask=own.markup_ask_points,
        commission=None if own.commission is None else read_commission(own.commission, digits),
        swap_long=own.swap_long,
        swap_short=own.swap_short,
        leverage_max=own.leverage_max,
        margin_rate_ppm=None if own.margin_percent is None else read_percent(own.margin_percent, "margin_percent"),
        stop_level=own.stop_level_points,
        freeze_level=own.freeze_level_points,
        volume_min=_read_volume_or_none(own.volume_min, "volume_min"),
        volume_max=_read_volume_or_none(own.volume_max, "volume_max"),
        trade_mode=None if own.trade_mode is None else code_of(TradeMode, own.trade_mode),
    )


def _read_volume_or_none(text: str | None, field: str) -> Volume | None:
    return None if text is None else read_volume(text, field)


def _show_override(own: GroupSymbol, digits: int) -> GroupSymbolSettings:
    return GroupSymbolSettings(
        symbol=own.symbol,
        enabled=own.enabled,
        markup_bid_points=own.markup_bid,
        markup_ask_points=own.markup_ask,
        commission=None if own.commission is None else show_commission(own.commission, digits),
        swap_long=own.swap_long,
        swap_short=own.swap_short,
        leverage_max=own.leverage_max,
        margin_percent=None if own.margin_rate_ppm is None else show_percent(own.margin_rate_ppm),
        stop_level_points=own.stop_level,
        freeze_level_points=own.freeze_level,
        volume_min=None if own.volume_min is None else show_volume(own.volume_min),
        volume_max=None if own.volume_max is None else show_volume(own.volume_max),
        trade_mode=None if own.trade_mode is None else name_of(own.trade_mode),
    )
