"""How the languages that letters are written in write numbers, money and dates.

A few facts for each language, after CLDR: the decimal mark, what is put between thousands and from how many digits on,
and the order of a date. Times are UTC, and say so.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType

import msgspec

from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor, Moment

NO_BREAK = "\u00a0"
"""a blank at which no line ends"""
_EPOCH = date(1970, 1, 1).toordinal()


class Tongue(msgspec.Struct, frozen=True, kw_only=True):
    """`grouped_from`: so many digits before the decimal mark and more are parted in threes by `group`."""

    code: str
    decimal: str
    group: str
    grouped_from: int = 4
    minus: str = "\u2212"
    date: Callable[[date], str]
    month: str
    """how a month of a year is written: "{month} {year}" """
    months: tuple[str, ...]

    def number(self, value: int, digits: int) -> str:
        """Return `value` units of 10^-`digits`: (123_456_789, 2) is "1,234,567.89" in English."""
        sign = self.minus if value < 0 else ""
        whole, _, fraction = format_decimal(abs(value), digits).partition(".")
        if len(whole) >= self.grouped_from:
            whole = f"{int(whole):,}".replace(",", self.group)
        return f"{sign}{whole}{self.decimal}{fraction}" if fraction else f"{sign}{whole}"

    def money(self, amount: Minor, currency: str) -> str:
        """Return an amount in minor units with its currency behind it."""
        return f"{self.number(amount, CURRENCY_DIGITS[currency])}{NO_BREAK}{currency}"

    def day(self, number: int) -> str:
        """Return a day, counted from 1970-01-01."""
        return self.date(date.fromordinal(_EPOCH + number))

    def moment(self, at: Moment) -> str:
        time = datetime.fromtimestamp(at / 1_000, UTC)
        return f"{self.date(time.date())} {time:%H:%M:%S} UTC"

    def month_of(self, number: int) -> str:
        """Return the month that a day is in."""
        found = date.fromordinal(_EPOCH + number)
        return self.month.format(month=self.months[found.month - 1], year=found.year)


_SHORT = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _english(day: date) -> str:
    return f"{day.day} {_SHORT[day.month - 1]} {day.year}"


def _with_dots(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _with_slashes(day: date) -> str:
    return f"{day:%d/%m/%Y}"


ENGLISH = Tongue(
    code="en", decimal=".", group=",", date=_english, month="{month} {year}",
    months=(
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
)  # fmt: skip
GERMAN = Tongue(
    code="de", decimal=",", group=".", date=_with_dots, month="{month} {year}",
    months=(
        "Januar", "Februar", "M\u00e4rz", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember",
    ),
)  # fmt: skip
SPANISH = Tongue(
    code="es", decimal=",", group=".", grouped_from=5, date=_with_slashes, month="{month} de {year}",
    months=(
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
)  # fmt: skip
POLISH = Tongue(
    code="pl", decimal=",", group=NO_BREAK, grouped_from=5, date=_with_dots, month="{month} {year}",
    months=(
        "stycze\u0144", "luty", "marzec", "kwiecie\u0144", "maj", "czerwiec", "lipiec", "sierpie\u0144", "wrzesie\u0144",
        "pa\u017adziernik", "listopad", "grudzie\u0144",
    ),
)  # fmt: skip
RUSSIAN = Tongue(
    code="ru", decimal=",", group=NO_BREAK, date=_with_dots, month="{month} {year}",
    months=(
        "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
    ),
)  # fmt: skip

PLAIN = Tongue(
    code="en", decimal=".", group="", grouped_from=99, minus="-", date=date.isoformat, month="{year}-{month}",
    months=tuple(f"{number:02}" for number in range(1, 13)),
)  # fmt: skip
"""as programs read numbers and dates; in English otherwise"""

TONGUES: Mapping[str, Tongue] = MappingProxyType(
    {tongue.code: tongue for tongue in (ENGLISH, GERMAN, SPANISH, POLISH, RUSSIAN)}
)
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "en": "en eng english englisch", "de": "de deu ger german deutsch", "es": "es spa spanish espa\u00f1ol espanol",
        "pl": "pl pol polish polski", "ru": "ru rus russian русский",
    }
)  # fmt: skip
_CODES = {name: code for code, names in _NAMES.items() for name in names.split()}


def tongue_of(*wishes: str) -> Tongue:
    """Return the first language among some that is known here, English if none is.

    A language may be told as people tell it: "de", "de-AT", "pl_PL", "German".
    """
    for wish in wishes:
        first = wish.strip().lower().replace("_", "-").partition("-")[0]
        if first in _CODES:
            return TONGUES[_CODES[first]]
    return ENGLISH
