"""Between the WebAPI's numbers and times and the whole numbers of the core. No float takes part."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from prorata.rest.webapi.errors import invalid
from prorata.units.numbers import MONEY_MAX, PRICE_MAX, VOLUME_DIGITS, Minor, Moment, Points, Volume

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LOT_DIGITS_MT4 = 2
"""MetaTrader 4 counts volume in hundredths of a lot."""

_MILLISECOND = timedelta(milliseconds=1)


def decimal_of(value: int, digits: int) -> Decimal:
    """Return `value` units of 10^-`digits`: (1050, 2) is 10.50."""
    return Decimal(value).scaleb(-digits)


def whole_of(value: Decimal, digits: int, field: str, *, most: int) -> int:
    """Return a number in units of 10^-`digits`. Raises `Failure` for one that has more places, or is too large."""
    if abs(value) > most:
        raise invalid(field, "is too large")
    scaled = value.scaleb(digits)
    whole = int(scaled)
    if whole != scaled:
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


def lots_of(volume: Volume) -> Decimal:
    """Return a volume in lots."""
    return Decimal(volume).scaleb(-VOLUME_DIGITS).normalize() + 0


def time_of(moment: Moment) -> datetime:
    return EPOCH + moment * _MILLISECOND


def time_or_none(moment: Moment) -> datetime | None:
    return time_of(moment) if moment else None


def moment_of(time: datetime, field: str) -> Moment:
    """Return a time in milliseconds; one without an offset is UTC. Raises `Failure` for one before 1970."""
    if time.tzinfo is None:
        time = time.replace(tzinfo=UTC)
    moment = (time - EPOCH) // _MILLISECOND
    if moment < 0:
        raise invalid(field, "is before 1970")
    return moment
