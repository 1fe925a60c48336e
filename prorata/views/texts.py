"""Numbers as the text in which our own API shows them."""

from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Any

from prorata.units.decimals import format_decimal, format_short
from prorata.units.numbers import DAY_MS, SECOND_MS, VOLUME_DIGITS, Moment, Points, Volume
from prorata.units.rounding import div_floor

UNIT_PRICE_DIGITS = 8

# The same prices, volumes and zeros come again and again: a look-up is five times faster than the arithmetic.
amount_text = lru_cache(1 << 14)(format_decimal)


@lru_cache(1 << 12)
def volume_text(volume: Volume) -> str:
    """Return a volume in lots, with two decimals or more: "0.10"."""
    return format_short(volume, VOLUME_DIGITS, 2)


def unit_price_text(unit_price: int) -> str:
    """Return a unit price, kept in 10^-8, with two decimals or more: "103.50"."""
    return format_short(unit_price, UNIT_PRICE_DIGITS, 2)


def price_or_none(price: Points, digits: int) -> str | None:
    return amount_text(price, digits) if price else None


@lru_cache(1 << 8)
def _second_text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(1 << 8)
def moment_text(moment: Moment) -> str:
    """Return a moment as ISO 8601 text in UTC, always with milliseconds: "2026-11-20T14:03:07.250Z"."""
    second = div_floor(moment, SECOND_MS)
    return f"{_second_text(second)}.{moment - second * SECOND_MS:03d}Z"


def moment_or_none(moment: Moment) -> str | None:
    return moment_text(moment) if moment else None


def day_text(day: int) -> str:
    """Return a day since 1970-01-01 as "2026-11-20"."""
    return _second_text(div_floor(day * DAY_MS, SECOND_MS))[:10]


def words_of(names: type[IntEnum]) -> tuple[Any, ...]:
    """Return the words by which our API calls the values 0, 1, 2, ...: STOP_LIMIT is "stop_limit".

    The field that takes a word says which words there are.
    """
    assert [int(value) for value in names] == list(range(len(names)))
    return tuple(value.name.lower() for value in names)
