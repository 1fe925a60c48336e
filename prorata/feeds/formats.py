"""How a line of a quote file is read: the layouts of tick files, their stamps and their prices.

Tick files that are known by their first line:

    HistData        20200101 170000065,1.121200,1.121720,0              UTC-5 all the year
    TrueFX          EUR/USD,20130101 22:00:00.295,1.31959,1.31971       UTC
    comma-separated timestamp,symbol,bid,ask                            UTC unless the stamp says otherwise

The comma-separated form names its columns in a header, in any order and with others between them, which
are not read; without a header they are timestamp, bid, ask, or timestamp, symbol, bid, ask. A stamp is
ISO 8601 or milliseconds since 1970. What is finer than a millisecond is cut off.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import msgspec

from prorata.units.decimals import NotADecimal, TooManyDecimals, format_decimal, parse_decimal
from prorata.units.numbers import DAY_MS, PRICE_MAX, SECOND_MS, Moment, Points
from prorata.units.rounding import div_half_even

BAR_HEADER = ["timestamp", "open", "high", "low", "close"]

_HISTDATA_ZONE_MS = 5 * 3_600 * SECOND_MS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_HISTDATA = re.compile(r"(\d{8}) (\d\d)(\d\d)(\d\d)(\d{3})", re.ASCII)
_TRUEFX = re.compile(r"(\d{8}) (\d\d):(\d\d):(\d\d)\.(\d{3})", re.ASCII)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_EPOCH_MS = re.compile(r"\d{12,14}", re.ASCII)
_SLASHED = re.compile(r"[A-Z]{3}/[A-Z]{3}", re.ASCII)


class BadLine(ValueError):
    """The line is no quote. The text says why."""


class ReadReport(msgspec.Struct):
    """What happened while a file was read."""

    quotes: int = 0
    rounded: int = 0
    """prices with more decimals than the symbol has, rounded half to even"""
    skipped: int = 0
    """lines of other symbols, and one-sided minutes before any spread was known"""
    one_sided: int = 0
    """minutes that only one of the two bar files has"""
    crossed: int = 0
    """corners of minute bars whose ask lay below the bid, raised to it"""


class TickLayout(msgspec.Struct, frozen=True, kw_only=True):
    """Where the fields of a line are. `symbol` is None if lines name none."""

    fields: int
    stamp: int
    bid: int
    ask: int
    symbol: int | None
    header: bool
    moment_of: Callable[[str], Moment]


def sniff_ticks(line: str) -> TickLayout | None:
    """Return the layout of a tick file whose first line this is; None if it is no known one."""
    fields = split(line)
    if _HISTDATA.fullmatch(fields[0]) and len(fields) in (3, 4):
        return TickLayout(fields=len(fields), stamp=0, bid=1, ask=2, symbol=None, header=False, moment_of=histdata_moment)
    if _SLASHED.fullmatch(fields[0]) and len(fields) == 4:
        return TickLayout(fields=4, stamp=1, bid=2, ask=3, symbol=0, header=False, moment_of=truefx_moment)
    if {"timestamp", "bid", "ask"} <= set(names := [field.lower() for field in fields]):
        return TickLayout(
            fields=len(names),
            stamp=names.index("timestamp"),
            bid=names.index("bid"),
            ask=names.index("ask"),
            symbol=names.index("symbol") if "symbol" in names else None,
            header=True,
            moment_of=moment_of,
        )
    if _is_stamp(fields[0]) and len(fields) in (3, 4):
        symbol = 1 if len(fields) == 4 else None
        bid = len(fields) - 2
        return TickLayout(fields=len(fields), stamp=0, bid=bid, ask=bid + 1, symbol=symbol, header=False, moment_of=moment_of)
    return None


def split(line: str) -> list[str]:
    return [field.strip() for field in line.split(",")]


def _is_stamp(text: str) -> bool:
    return _ISO.fullmatch(text) is not None or _EPOCH_MS.fullmatch(text) is not None


def moment_of(text: str) -> Moment:
    """Return the moment of an ISO 8601 stamp (UTC if it names no zone) or of milliseconds since 1970."""
    if _EPOCH_MS.fullmatch(text):
        return int(text)
    if not _ISO.fullmatch(text):
        raise BadLine(f"not a time: {text[:40]!r}")
    try:
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"not a time: {text[:40]!r}") from None
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    return (stamp - _EPOCH) // _MILLISECOND


def histdata_moment(text: str) -> Moment:
    """Return the moment of "20200101 170000065": New York's winter time, also in summer."""
    return _compact_moment(_HISTDATA, text) + _HISTDATA_ZONE_MS


def truefx_moment(text: str) -> Moment:
    """Return the moment of "20130101 22:00:00.295"."""
    return _compact_moment(_TRUEFX, text)


def _compact_moment(pattern: re.Pattern[str], text: str) -> Moment:
    match = pattern.fullmatch(text)
    if match is None:
        raise BadLine(f"not a time: {text[:40]!r}")
    day, hours, minutes, seconds, milliseconds = match.groups()
    hour, minute, second = int(hours), int(minutes), int(seconds)
    midnight = _midnight(day)
    if midnight is None or hour > 23 or minute > 59 or second > 59:
        raise BadLine(f"not a time: {text[:40]!r}")
    return midnight + ((hour * 60 + minute) * 60 + second) * SECOND_MS + int(milliseconds)


@lru_cache(maxsize=64)
def _midnight(day: str) -> Moment | None:
    try:
        parsed = date(int(day[:4]), int(day[4:6]), int(day[6:]))
    except ValueError:
        return None
    return (parsed.toordinal() - _EPOCH.toordinal()) * DAY_MS


def points_of(text: str, digits: int, report: ReadReport) -> Points:
    """Return a price in points, exactly, or rounded half to even and counted if it has more decimals.

    HistData prints six decimals for five-digit symbols: 1.121205 is 112_120 points (half, to the even side).

    Raises:
        BadLine: if it is no plain decimal above zero, or beyond the largest price.
    """
    try:
        price = parse_decimal(text, digits)
    except TooManyDecimals:
        decimals = len(text) - text.index(".") - 1
        price = div_half_even(parse_decimal(text, decimals), 10 ** (decimals - digits))
        report.rounded += 1
    except NotADecimal:
        raise BadLine(f"not a price: {text[:40]!r}") from None
    if price <= 0:
        raise BadLine(f"price not above zero: {text[:40]}")
    if price > PRICE_MAX:
        raise BadLine(f"price too large: {text[:40]}")
    return price


def check_spread(bid: Points, ask: Points, digits: int) -> None:
    """Raise `BadLine` if the ask is below the bid."""
    if ask < bid:
        raise BadLine(f"ask {format_decimal(ask, digits)} below bid {format_decimal(bid, digits)}")
