"""The kinds of values that the RAMM APIs speak of, and how each is read and written.

in    `Real`       a JSON number, taken exactly; `units_of` makes whole units of it
      `Time`       an ISO 8601 text; without a zone it is UTC
      `Number`     a whole number that some clients send as text
out   `Decimal`    a JSON number with exactly its digits: `real_of` makes it from whole units
      `str`        a time: `time_text`
"""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.rest.ramm.errors import invalid_input
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Moment
from prorata.views.bodies import NO_CONTROLS

REAL_DIGITS_MAX = 18
_REAL_BOUND = Decimal(10) ** 18
ID_MAX = 2**53 - 1

Id = Annotated[int, Meta(ge=0, le=ID_MAX)]
Count = Annotated[int, Meta(ge=-(2**53) + 1, le=ID_MAX)]
"""any whole number"""
Code = Annotated[int, Meta(ge=0, le=99)]
NO_ZERO = r"^[^\x00]*\Z"
"""PostgreSQL keeps no zero bytes."""
Text = Annotated[str, Meta(max_length=256, pattern=NO_CONTROLS)]
LongText = Annotated[str, Meta(max_length=1_024, pattern=NO_ZERO)]


class Real(Decimal):
    """A number that was sent to us."""


class Time(int):
    """A time that was sent to us, in milliseconds UTC."""


class Number(int):
    """An id that was sent to us, as a number or as digits in a text."""


def write_value(value: Any) -> Any:
    """Write the kinds above, when a filter is repeated in an answer, for msgspec."""
    match value:
        case Real():
            return Decimal(value)
        case Time():
            return time_text(value)
        case Number():
            return int(value)
        case _:
            raise NotImplementedError(type(value))


encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=write_value)
"""Writes all answers: a `Decimal` is a JSON number."""


def read_value(kind: type, value: Any) -> Any:
    """Read the kinds above, for msgspec. Raises ValueError with what is expected."""
    if kind is Real:
        return _real_from(value)
    if kind is Time:
        return _time_from(value)
    if kind is Number:
        return _number_from(value)
    raise NotImplementedError(kind)


def read_decimal(text: str) -> Decimal:
    """Read a number with a fraction or an exponent as it stands in the JSON."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("Expected a number of a bearable size") from None


def units_of(value: Decimal, digits: int, field: str) -> int:
    """Return a number in units of 10^-`digits`: 10.5 of a currency with two digits is 1050.

    Raises:
        Failure: it has more decimal places than that.
    """
    units = value.scaleb(digits)
    whole = int(units)
    if units != whole:
        raise invalid_input(field, f"more than {digits} decimal places")
    return whole


def real_of(units: int, digits: int) -> Decimal:
    """Return units of 10^-`digits` as a number with all its places: (1050, 2) is 10.50."""
    return Decimal(format_decimal(units, digits))


def time_text(moment: Moment) -> str:
    """Return a time as the APIs write it: "2018-11-23T11:59:12.493", UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")


def time_text_or_none(moment: Moment) -> str | None:
    """Return a time, or None for 0: it has not come yet."""
    return time_text(moment) if moment else None


def _real_from(value: Any) -> Real:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"Expected a number, got {_kind_of(value)}")
    real = Real(value)
    exponent = real.as_tuple().exponent
    if abs(real) >= _REAL_BOUND or not isinstance(exponent, int) or exponent < -REAL_DIGITS_MAX:
        raise ValueError("Expected a number of a bearable size")
    return real


def _time_from(value: Any) -> Time:
    if not isinstance(value, str) or not 10 <= len(value) <= 40:
        raise ValueError(f"Expected a time such as 2018-11-23T11:59:12.493, got {_kind_of(value)}")
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("Expected a time such as 2018-11-23T11:59:12.493") from None
    at = read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    whole_seconds = int(at.replace(microsecond=0).timestamp())
    if not 0 <= whole_seconds < 10**11:
        raise ValueError("Expected a time after 1970")
    return Time(whole_seconds * 1000 + at.microsecond // 1000)


def _number_from(value: Any) -> Number:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= ID_MAX:
        raise ValueError(f"Expected a whole number, got {_kind_of(value)}")
    return Number(value)


_KINDS = {str: "text", bool: "a boolean", int: "a number", Decimal: "a number", type(None): "null"}


def _kind_of(value: Any) -> str:
    return _KINDS.get(type(value), "something else")
