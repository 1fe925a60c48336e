"""Orders of a list that are not simply those of a column, for `Asked.page`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Float, case, cast, func

Order = Callable[[Any], Sequence[ColumnElement[Any]]]
"""from the columns of a list to what it is put in order by, first things first"""


def by_size(name: str) -> Order:
    """Put signed volumes in order by their size."""
    return lambda columns: (func.abs(columns[name]),)


def by_number(name: str) -> Order:
    """Put texts of digits, without zeros before them, in order by the number that they are: "9" before "10"."""
    return lambda columns: (func.length(columns[name]), columns[name])


def by_rank(name: str, ranks: Mapping[str, int]) -> Order:
    """Put texts in order by a number that each has; those without one come first."""
    return lambda columns: (case(dict(ranks), value=columns[name], else_=0),) if ranks else ()


def by_price(name: str, symbol: str, digits: Mapping[str, int]) -> Order:
    """Put prices of different symbols in order by what they are, whatever their decimal places."""

    def price(columns: Any) -> Sequence[ColumnElement[Any]]:
        powers = {one: 10.0**places for one, places in digits.items()}
        divisor = case(powers, value=columns[symbol], else_=1.0) if powers else 1.0
        return (cast(columns[name], Float) / divisor,)

    return price
