"""What records are made of on this surface: JSON numbers with exact decimals, times with milliseconds, names in camelCase."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import Meta

from prorata.messages.refusals import Refusal
from prorata.rest.webapi.schemas.kinds import Double, decoded, encoded, read_number
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import LOGIN_MAX, MONEY_MAX, Login, Minor, Moment
from prorata.views.answers import Rejected
from prorata.views.texts import moment_text

__all__ = ["Double", "Given", "LoginGiven", "Record", "ShortText", "Uuid", "decoded", "encoded", "encoder"]

Uuid: TypeAlias = Annotated[str, Meta(min_length=36, max_length=36)]
ShortText: TypeAlias = Annotated[str, Meta(max_length=256)]
LongText: TypeAlias = Annotated[str, Meta(max_length=10_000)]
LoginGiven: TypeAlias = Annotated[int, Meta(ge=1, le=LOGIN_MAX)] | Annotated[str, Meta(pattern=r"^[0-9]{1,16}\Z")]
"""The number of a trading account: shown as a text, taken as either."""
Day: TypeAlias = date
DIGITS_MAX = 20
"""Amounts that are so large or so small are not reckoned with."""

encoder = msgspec.json.Encoder(enc_hook=encoded, decimal_format="number")


class Record(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """What is shown. A value that is not there is null."""


class Given(msgspec.Struct, rename="camel", kw_only=True, frozen=True):
    """What is sent. Null is as good as nothing; fields that are not known here are passed over."""


def time_of(moment: Moment) -> str | None:
    """Return a moment as text; None for never."""
    return moment_text(moment) if moment else None


def text_or_none(text: str) -> str | None:
    return text or None


def money_of(amount: Minor, digits: int) -> Decimal:
    """Return an amount in minor units as the number that is shown."""
    return Decimal(amount).scaleb(-digits)


def read_amount(value: Decimal, currency: str, field: str = "amount") -> Minor:
    """Return an amount above 0 in minor units. Raises `Rejected`."""
    digits = CURRENCY_DIGITS[currency]
    if not value.is_finite() or abs(value.adjusted()) > DIGITS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be above 0, and not too large")
    scaled = value.scaleb(digits)
    if scaled != scaled.to_integral_value():
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: {currency} has {digits} decimal places")
    if not 0 < scaled <= MONEY_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be above 0, and not too large")
    return int(scaled)


def login_of(given: LoginGiven) -> Login:
    return int(given)


def told(value: Any, make: Callable[[Any], Any] = lambda value: value) -> Any:
    """Return a value that was sent, UNSET for none."""
    return msgspec.UNSET if value is None else make(value)


@cache
def decoder_of(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=decoded, float_hook=read_number)
