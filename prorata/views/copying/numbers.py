"""The whole numbers of copy trading as the RAMM documents write them: JSON numbers with exactly their digits, ISO times.

Each gives a `Decimal`, which an encoder with `decimal_format="number"` writes as it stands: 10.50 is 10.50.
"""

from datetime import UTC, datetime
from decimal import Decimal

from prorata.copying.state import UNIT_FIRST
from prorata.messages.copy_terms import FACTOR_ONE, CopySpec
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import PPM, VOLUME_DIGITS, Minor, Moment, Points, Volume
from prorata.units.rounding import div_half_even

LOT_DIGITS_LEAST = 4
_PPM_DIGITS = 6
_UNIT_DIGITS = 8
_FACTOR_DIGITS = 2
_PRICE_OF_UNIT_DIGITS = 2
assert 10**_PPM_DIGITS == PPM
assert 100 * 10**_UNIT_DIGITS == UNIT_FIRST
assert 10**_FACTOR_DIGITS == FACTOR_ONE


def money_of(minor: Minor, currency: str) -> Decimal:
    """Return an amount with the digits of its currency: 1050 of USD is 10.50."""
    return Decimal(format_decimal(minor, CURRENCY_DIGITS[currency]))


def precision_of(spec: CopySpec) -> int:
    """Return PrecisionVolume: how many decimal places the lots of a company's investments have, 4 or more."""
    digits = VOLUME_DIGITS
    step = spec.volume_step
    while digits > LOT_DIGITS_LEAST and step % 10 == 0:
        step, digits = step // 10, digits - 1
    return digits


def lots_of(volume: Volume, precision: int = LOT_DIGITS_LEAST) -> Decimal:
    """Return a volume in lots with `precision` decimal places, and more if it is finer: nothing is rounded away."""
    return Decimal(format_short(volume, VOLUME_DIGITS, precision))


def price_of_points(points: Points, digits: int) -> Decimal:
    return Decimal(format_decimal(points, digits))


def share_of_ppm(ppm: int, places: int = 2) -> Decimal:
    """Return a rate as a share of 1 with `places` decimal places at least: 250,000 is 0.25."""
    return Decimal(format_short(ppm, _PPM_DIGITS, places))


def share_of_percent(percent: int) -> Decimal:
    """Return whole percents as a share of 1: an A-book share of 25 is 0.25."""
    return Decimal(format_decimal(percent, 2))


def factor_of(hundredths: int) -> Decimal:
    return Decimal(format_decimal(hundredths, _FACTOR_DIGITS))


def yield_of_unit(unit_price: int) -> Decimal:
    """Return the yield since the beginning as a fraction with six places: a unit at 115.45 has made 0.154500."""
    return Decimal(format_decimal(div_half_even((unit_price - UNIT_FIRST) * PPM, UNIT_FIRST), _PPM_DIGITS))


def unit_price(price: int) -> Decimal:
    """Return what a unit is worth with two places: 115.45."""
    return Decimal(format_decimal(div_half_even(price, 10 ** (_UNIT_DIGITS - _PRICE_OF_UNIT_DIGITS)), _PRICE_OF_UNIT_DIGITS))


def fraction_of(value: float) -> Decimal:
    """Return a yield or share that `prorata.reports` has reckoned, with six places."""
    return Decimal(f"{value:.{_PPM_DIGITS}f}")


def iso_of(moment: Moment) -> str:
    """Return a time without a zone, UTC: "2018-11-23T11:59:12.493"."""
    return datetime.fromtimestamp(moment / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def iso_or_none(moment: Moment) -> str | None:
    """Return a time; None for 0: it has not come yet."""
    return iso_of(moment) if moment else None
