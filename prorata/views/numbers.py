"""Between the texts of the API and the whole numbers of the core, with the bounds of the core.

Everything read here names its field in the refusal: a wrong form is MALFORMED, a number that the core does
not keep (too large, negative where it may not be, too many decimal places) is OUT_OF_RANGE.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from prorata.messages.refusals import Refusal
from prorata.units.decimals import NotADecimal, TooManyDecimals, format_decimal, format_short, parse_decimal
from prorata.units.numbers import (
    MONEY_MAX,
    PPM,
    PRICE_MAX,
    VOLUME_DIGITS,
    VOLUME_MAX,
    Minor,
    Moment,
    Points,
    Volume,
)
from prorata.views.answers import Rejected

DECIMAL_PATTERN = r"^-?[0-9]+(\.[0-9]+)?\Z"
MOMENT_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,3})?(Z|[+-][0-9]{2}:[0-9]{2})\Z"

_MOMENT = re.compile(MOMENT_PATTERN)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_PERCENT_DIGITS = 4
_FACTOR_DIGITS = 2
_FACTOR_READ_MAX = 10**12
assert 100 * 10**_PERCENT_DIGITS == PPM


def read_decimal(text: str, digits: int, field: str, *, least: int, most: int) -> int:
    """Return `text` in units of 10^-`digits`, within `least` and `most`."""
    try:
        value = parse_decimal(text, digits)
    except NotADecimal:
        # The form was checked with the body: what is left is a number too long to be an amount.
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: too many digits") from None
    except TooManyDecimals:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: at most {digits} decimal places") from None
    if not least <= value <= most:
        between = f"{format_decimal(least, digits)} and {format_decimal(most, digits)}"
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be between {between}")
    return value


def read_money(text: str, digits: int, field: str) -> Minor:
    """Return an amount of either sign: what may not be negative is the engine's to say."""
    return read_decimal(text, digits, field, least=-MONEY_MAX, most=MONEY_MAX)


def read_price(text: str | None, digits: int, field: str) -> Points:
    """Return a price in points; 0 if there is none."""
    return 0 if text is None else read_decimal(text, digits, field, least=1, most=PRICE_MAX)


@lru_cache(1 << 12)
def read_volume(text: str | None, field: str) -> Volume:
    """Return a volume given in lots; 0 if there is none."""
    return 0 if text is None else read_decimal(text, VOLUME_DIGITS, field, least=0, most=VOLUME_MAX)


def read_percent(text: str, field: str) -> int:
    """Return a percentage in ppm: "3.33" is 33_300."""
    return read_decimal(text, _PERCENT_DIGITS, field, least=0, most=1_000 * PPM)


def read_factor(text: str, field: str) -> int:
    """Return a factor in hundredths, of either sign: "1.50" is 150. Which ones are allowed is the engine's to say."""
    return read_decimal(text, _FACTOR_DIGITS, field, least=-_FACTOR_READ_MAX, most=_FACTOR_READ_MAX)


def read_moment(text: str | None, field: str) -> Moment:
    """Return an RFC 3339 time; 0 if there is none."""
    if text is None:
        return 0
    if _MOMENT.match(text) is None:
        raise Rejected(Refusal.MALFORMED, f"{field}: not an RFC 3339 time, such as 2026-01-31T09:30:00.000Z")
    try:
        moment = (datetime.fromisoformat(text) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError):
        raise Rejected(Refusal.MALFORMED, f"{field}: no such day or time") from None
    if moment <= 0:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: before 1970")
    return moment


def show_price(points: Points, digits: int) -> str:
    return format_decimal(points, digits)


def show_price_or_none(points: Points, digits: int) -> str | None:
    return format_decimal(points, digits) if points else None


def show_volume(volume: Volume) -> str:
    """Return a volume in lots, with two places at least."""
    return format_short(volume, VOLUME_DIGITS, 2)


def show_percent(ppm: int) -> str:
    return format_short(ppm, _PERCENT_DIGITS, 2)


def show_factor(factor: int) -> str:
    """Return a factor in hundredths: 150 is "1.50"."""
    return format_decimal(factor, _FACTOR_DIGITS)


def show_moment(moment: Moment) -> str:
    second, millisecond = divmod(moment, 1000)
    return f"{_show_second(second)}.{millisecond:03d}Z"


def show_moment_or_none(moment: Moment) -> str | None:
    return show_moment(moment) if moment else None


def show_day(day: int) -> str:
    """Return days since 1970-01-01 as a date."""
    return (_EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")


@lru_cache(maxsize=4096)
def _show_second(second: int) -> str:
    return (_EPOCH + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%S")
