"""Between the WebAPI's numbers and times and the whole numbers of the core. No float takes part."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from prorata.rest.webapi.errors import invalid
from prorata.units.numbers import (
    MONEY_MAX,
    PRICE_MAX,
    SECOND_MS,
    VOLUME_DIGITS,
    VOLUME_PER_LOT,
    Minor,
    Moment,
    Points,
    Volume,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOT_DIGITS_MT4 = 2
"""MetaTrader 4 counts volume in hundredths of a lot."""
_VOLUME_MT4: Volume = VOLUME_PER_LOT // 10**LOT_DIGITS_MT4

NOISE = Decimal("1e-6")
"""How far from a whole number of units a number may be and still mean it: callers reckon in doubles, and 1.1 + 0.00023 is
1.1002300000000001 there."""

_MILLISECOND = timedelta(milliseconds=1)
_SECOND = timedelta(seconds=1)
_UNITS = tuple(Decimal(1).scaleb(-digits) for digits in range(19))


def decimal_of(value: int, digits: int) -> Decimal:
    """Return `value` units of 10^-`digits`: (1050, 2) is 10.50."""
    return _UNITS[digits] * value


def whole_of(value: Decimal, digits: int, field: str, *, most: int) -> int:
    """Return a number in units of 10^-`digits`. Raises `Failure` for one that has more places, or is too large.

    What a double adds to a number is no place of it (`NOISE`).
    """
    if abs(value) > most:
        raise invalid(field, "is too large")
    scaled = value.scaleb(digits)
    whole = int(scaled.to_integral_value())
    if abs(whole - scaled) > NOISE:
        raise invalid(field, f"has more than {digits} decimal places")
    if abs(whole) > most:
        raise invalid(field, "is too large")
    return whole


def money_of(value: Decimal, digits: int, field: str) -> Minor:
    return whole_of(value, digits, field, most=MONEY_MAX)


def price_of(value: Decimal, digits: int, field: str) -> Points:
    """Return a price in points, 0 for none. Raises `Failure`."""
    points = whole_of(value, digits, field, most=PRICE_MAX)
    if points < 0:
        raise invalid(field, "is below 0")
    return points


@lru_cache(1 << 12)
def lots_of(volume: Volume) -> Decimal:
    """Return a volume in lots."""
    return Decimal(volume).scaleb(-VOLUME_DIGITS).normalize() + 0


def time_of(moment: Moment) -> datetime:
    return EPOCH + moment * _MILLISECOND


def hundredths_of(volume: Volume) -> int:
    """Return a volume in hundredths of a lot, rounded down: what is finer is in the lots alone."""
    return volume // _VOLUME_MT4


def volume_of(hundredths: int) -> Volume:
    return hundredths * _VOLUME_MT4


@lru_cache(1 << 12)
def second_of(moment: Moment) -> datetime:
    """Return a time to the second, as MetaTrader 4 keeps it."""
    return EPOCH + moment // SECOND_MS * _SECOND


def time_or_none(moment: Moment) -> datetime | None:
    return time_of(moment) if moment else None


def is_no_time(time: datetime) -> bool:
    """Say whether a time stands for none, as those up to 1970 do."""
    return (time if time.tzinfo is not None else time.replace(tzinfo=UTC)) <= EPOCH


def moment_of(time: datetime, field: str) -> Moment:
    """Return a time in milliseconds; one without an offset is UTC. Raises `Failure` for one before 1970."""
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    moment = (time - EPOCH) // _MILLISECOND
    if moment < 0:
        raise invalid(field, "is before 1970")
    return moment
