"""Lists in the order of a figure: a part begins after the (figure, number) of the last thing that was seen.

Figures move while a list is read: what has moved past the cursor meanwhile is seen twice or not at all.
"""

from collections.abc import Iterable
from heapq import nlargest, nsmallest
from typing import Annotated, TypeVar

import numpy as np
from litestar.params import QueryParameter

from prorata.copying.columns import Int64, Mask
from prorata.rest.own.paging import cursor_of, place_of

Thing = TypeVar("Thing")
Keyed = tuple[int, int, Thing]
"""figure, number, and what has them"""

Descending = Annotated[bool, QueryParameter(description="the largest first, or the smallest first")]

_SHIFT = 1 << 62
_HALF = 1 << 32


def ordered_cursor_of(value: int, number: int) -> str:
    """Return a cursor; `value` may be below 0."""
    high, low = divmod(value + _SHIFT, _HALF)
    return cursor_of(high, low, number)


def ordered_place_of(cursor: str | None) -> tuple[int, int] | None:
    """Return figure and number in a cursor; None for none. Raises `Rejected`."""
    if cursor is None:
        return None
    high, low, number = place_of(cursor, 3)
    return high * _HALF + low - _SHIFT, number


def is_after(values: Int64, numbers: Int64, place: tuple[int, int], *, descending: bool) -> Mask:
    """Return which rows come after `place`."""
    value, number = place
    # A cursor may say anything: beyond int64 it is after, or before, everything.
    value = max(-_SHIFT, min(value, _SHIFT))
    beyond, later = (np.less, numbers < number) if descending else (np.greater, numbers > number)
    after: Mask = beyond(values, value) | ((values == value) & later)
    return after


def part_of(
    things: Iterable[Keyed[Thing]], cursor: str | None, limit: int, *, descending: bool
) -> tuple[list[Thing], str | None]:
    """Return the next `limit` things in order, and the cursor for what follows them. Raises `Rejected`."""
    place = ordered_place_of(cursor)
    if place is not None:
        things = (thing for thing in things if (thing[:2] < place if descending else thing[:2] > place))
    chosen = nlargest(limit + 1, things, key=_key) if descending else nsmallest(limit + 1, things, key=_key)
    shown = chosen[:limit]
    more = ordered_cursor_of(*shown[-1][:2]) if len(chosen) > limit else None
    return [thing for _, _, thing in shown], more


def _key(thing: Keyed[Thing]) -> tuple[int, int]:
    return thing[:2]
