"""The default market: the symbols of a new trade platform, and how the simulated market moves them.

The numbers are in `defaults.toml`, in trade words; here they become `SymbolSpec` for the engine and
`MarketModel` for the simulation.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec

from prorata.messages.symbols import Holiday, MarginMode, Session, SwapType, SymbolSpec
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import parse_decimal
from prorata.units.numbers import VOLUME_DIGITS, Points
from prorata.units.rounding import div_half_even

_RATE_DIGITS = 6
_VALUE_DIGITS = 9
_SWAP_PARTS = 1_000
_NIGHTS = 360


class Factor(msgspec.Struct, frozen=True):
    """One thing whose value wanders: a currency against the dollar, or an instrument in its quote currency."""

    value: float
    """at the start"""
    volatility: float
    """of a year: 0.10 is 10 %"""
    loads: dict[str, float]
    """the share that common movers (dollar, risk, metal, crypto) have in it; the squares sum to 1 at most"""


class SymbolModel(msgspec.Struct, frozen=True):
    """How the simulated market quotes a symbol: the value of factor `over` in units of factor `under`."""

    over: str
    under: str
    spread: Points
    """typical, in a busy market"""
    pace: float
    """how often it ticks beside the others"""


class MarketModel(msgspec.Struct, frozen=True):
    factors: dict[str, Factor]
    symbols: dict[str, SymbolModel]


# The shape of defaults.toml.


class _HolidayRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    day: str
    open: str
    name: str


class _HoursRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    week: list[str]
    holidays: list[_HolidayRow]


class _CurrencyRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: str
    interest: str
    volatility: float
    loads: dict[str, float]


class _LotsRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    min: str
    step: str
    max: str
    limit: str = "0"


class _ForexRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hours: str
    contract_size: int
    lots: _LotsRow
    stop_level: Points
    freeze_level: Points
    interest_markup: str
    majors_pace: float
    crosses_pace: float
    spreads: dict[str, Points]


class _SwapRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    type: str
    long: int
    short: int
    triple_day: int


class _MarginRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: str
    rate: str = "1"
    fixed: str = "0"
    leverage_max: int = 0


class _MarketRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    price: str
    spread: Points
    volatility: float
    pace: float
    loads: dict[str, float]


class _InstrumentRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    description: str
    category: str
    currencies: tuple[str, str, str, str]
    digits: int
    contract_size: int
    lots: _LotsRow
    hours: str
    swap: _SwapRow
    stop_level: Points
    freeze_level: Points
    margin: _MarginRow
    market: _MarketRow
    tick_size: Points = 1


class _Defaults(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    hours: dict[str, _HoursRow]
    currencies: dict[str, _CurrencyRow]
    forex: _ForexRow
    instruments: dict[str, _InstrumentRow]


@cache
def _defaults() -> _Defaults:
    text = files("prorata.feeds").joinpath("defaults.toml").read_bytes()
    return msgspec.toml.decode(text, type=_Defaults)


def default_symbols(year: int) -> tuple[SymbolSpec, ...]:
    """Return the 37 symbols of a new platform: 28 pairs, gold, silver, oil, four indices, two coins.

    Their holidays are those of `year`, the year before and the three after.
    """
    defaults = _defaults()
    years = range(year - 1, year + 4)
    pairs = (_pair(defaults, name, years) for name in defaults.forex.spreads)
    others = (_instrument(defaults, name, row, years) for name, row in defaults.instruments.items())
    return (*pairs, *others)


@cache
def default_model() -> MarketModel:
    """Return how the simulated market moves the default symbols."""
    defaults = _defaults()
    factors = {
        name: Factor(value=float(row.value), volatility=row.volatility, loads=row.loads)
        for name, row in defaults.currencies.items()
    }
    symbols = {
        name: SymbolModel(over=name[:3], under=name[3:], spread=spread, pace=_pace(defaults.forex, name))
        for name, spread in defaults.forex.spreads.items()
    }
    for name, row in defaults.instruments.items():
        market = row.market
        factors[name] = Factor(value=float(market.price), volatility=market.volatility, loads=market.loads)
        symbols[name] = SymbolModel(over=name, under="USD", spread=market.spread, pace=market.pace)
    return MarketModel(factors=factors, symbols=symbols)


def _pace(forex: _ForexRow, name: str) -> float:
    return forex.majors_pace if "USD" in name else forex.crosses_pace


def _pair(defaults: _Defaults, name: str, years: Iterable[int]) -> SymbolSpec:
    base, quote = name[:3], name[3:]
    forex = defaults.forex
    digits = 3 if quote == "JPY" else 5
    swap_long, swap_short = _pair_swaps(defaults, base, quote, digits)
    week, holidays = _hours(defaults.hours[forex.hours], years)
    return SymbolSpec(
        name=name,
        description=f"{defaults.currencies[base].name} / {defaults.currencies[quote].name}",
        category="Forex/Majors" if "USD" in name else "Forex/Crosses",
        base=base,
        quote=quote,
        profit_currency=quote,
        margin_currency=base,
        digits=digits,
        contract_size=forex.contract_size,
        volume_min=_lots(forex.lots.min),
        volume_step=_lots(forex.lots.step),
        volume_max=_lots(forex.lots.max),
        volume_limit=_lots(forex.lots.limit),
        sessions=week,
        holidays=holidays,
        swap_type=SwapType.POINTS,
        swap_long=swap_long,
        swap_short=swap_short,
        stop_level=forex.stop_level,
        freeze_level=forex.freeze_level,
        margin_mode=MarginMode.FOREX,
    )


def _pair_swaps(defaults: _Defaults, base: str, quote: str, digits: int) -> tuple[int, int]:
    """Return the swaps of a lot and night in thousandths of a point: (long, short).

    long = price x (interest of the base - interest of the quote - markup) / 360; short has the difference the
    other way round. EURUSD at 1.16000, 2.00 % and 4.30 %, markup 0.75 %: -9.828 and +4.994 points.
    """
    over, under = defaults.currencies[base], defaults.currencies[quote]
    price = div_half_even(parse_decimal(over.value, _VALUE_DIGITS) * 10**digits, parse_decimal(under.value, _VALUE_DIGITS))
    difference = parse_decimal(over.interest, _RATE_DIGITS) - parse_decimal(under.interest, _RATE_DIGITS)
    markup = parse_decimal(defaults.forex.interest_markup, _RATE_DIGITS)
    night = _NIGHTS * 10**_RATE_DIGITS
    return (
        div_half_even(price * (difference - markup) * _SWAP_PARTS, night),
        div_half_even(price * (-difference - markup) * _SWAP_PARTS, night),
    )


def _instrument(defaults: _Defaults, name: str, row: _InstrumentRow, years: Iterable[int]) -> SymbolSpec:
    base, quote, profit_currency, margin_currency = row.currencies
    week, holidays = _hours(defaults.hours[row.hours], years)
    return SymbolSpec(
        name=name,
        description=row.description,
        category=row.category,
        base=base,
        quote=quote,
        profit_currency=profit_currency,
        margin_currency=margin_currency,
        digits=row.digits,
        contract_size=row.contract_size,
        volume_min=_lots(row.lots.min),
        volume_step=_lots(row.lots.step),
        volume_max=_lots(row.lots.max),
        volume_limit=_lots(row.lots.limit),
        tick_size=row.tick_size,
        sessions=week,
        holidays=holidays,
        swap_type=SwapType[row.swap.type],
        swap_long=row.swap.long,
        swap_short=row.swap.short,
        swap_triple_day=row.swap.triple_day,
        stop_level=row.stop_level,
        freeze_level=row.freeze_level,
        margin_mode=MarginMode[row.margin.mode],
        margin_rate_ppm=parse_decimal(row.margin.rate, _RATE_DIGITS),
        margin_fixed=parse_decimal(row.margin.fixed, CURRENCY_DIGITS[margin_currency]),
        leverage_max=row.margin.leverage_max,
    )


def _lots(text: str) -> int:
    return parse_decimal(text, VOLUME_DIGITS)


def _hours(row: _HoursRow, years: Iterable[int]) -> tuple[tuple[tuple[Session, ...], ...], tuple[Holiday, ...]]:
    week = tuple(_sessions(text) for text in row.week)
    assert len(week) == 7
    holidays = [_holiday(week, holiday, year) for year in years for holiday in row.holidays]
    return week, tuple(sorted(holidays, key=lambda holiday: holiday.day))


def _holiday(week: tuple[tuple[Session, ...], ...], row: _HolidayRow, year: int) -> Holiday:
    """Return the day with what its weekday's sessions and the holiday's open part have in common."""
    day = date.fromisoformat(f"{year}-{row.day}")
    # isoweekday: Monday is 1, Sunday is 7; the trade counts Sunday as 0.
    sessions = tuple(
        Session(max(session.opens, part.opens), min(session.closes, part.closes))
        for session in week[day.isoweekday() % 7]
        for part in _sessions(row.open)
        if max(session.opens, part.opens) < min(session.closes, part.closes)
    )
    return Holiday(day=(day - date(1970, 1, 1)) // timedelta(days=1), sessions=sessions, name=row.name)


def _sessions(text: str) -> tuple[Session, ...]:
    """Return the sessions of "08:00-12:00 13:00-24:00", in order; none of ""."""
    sessions = tuple(Session(*map(_second_of_day, part.split("-"))) for part in text.split())
    assert all(session.opens < session.closes for session in sessions)
    assert all(before.closes <= after.opens for before, after in pairwise(sessions))
    return sessions


def _second_of_day(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3_600 + int(minutes) * 60
