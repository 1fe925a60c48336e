"""Both kinds of lists: in pages, and whole under a name of their own. Both take `from`, `to` and `sort`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from prorata.control.paging import Slice
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Record
from prorata.units.numbers import Moment
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

SIZE_DEFAULT = 10
SIZE_MAX = 1_000
PAGE_MAX = 10_000_000
CREATED = "created"

Item = TypeVar("Item")
Row = TypeVar("Row")


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of a list by time, and in which order. `field`: as the operation's `sorts` map it."""

    field: str = CREATED
    descending: bool = True
    since: Moment | None = None
    until: Moment | None = None

    def holds(self, moment: Moment) -> bool:
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)

    def of(self, rows: Sequence[Row], keys: Mapping[str, Callable[[Row], Any]], created: Callable[[Row], Moment]) -> list[Row]:
        """Return the part of rows that are all in memory."""
        return sorted((row for row in rows if self.holds(created(row))), key=keys[self.field], reverse=self.descending)


class Page(Span, frozen=True, kw_only=True):
    number: int = 0
    size: int = SIZE_DEFAULT

    @property
    def part(self) -> Slice:
        return Slice(self.field, self.descending, self.number * self.size, self.size)

    def shown(self, content: list[Item], total: int) -> "Paged[Item]":
        return Paged(
            content=content, total_pages=-(-total // self.size), total_elements=total, number=self.number, size=self.size
        )


class Paged(Record, Generic[Item], frozen=True):
    """One page of a list."""

    content: list[Item]
    total_pages: int
    total_elements: int
    number: int
    size: int


def span_of(query: Mapping[str, str], sorts: Mapping[str, str]) -> Span:
    """Raises `Rejected`."""
    field, descending = _order_of(query.get("sort"), sorts)
    since, until = _moment(query, "from"), _moment(query, "to")
    return Span(field=field, descending=descending, since=since, until=until)


def page_of(query: Mapping[str, str], sorts: Mapping[str, str]) -> Page:
    """Raises `Rejected`."""
    span = span_of(query, sorts)
    number = _whole(query, "page", 0, least=0, most=PAGE_MAX)
    size = _whole(query, "size", SIZE_DEFAULT, least=1, most=SIZE_MAX)
    return Page(**msgspec.structs.asdict(span), number=number, size=size)


def _order_of(told: str | None, sorts: Mapping[str, str]) -> tuple[str, bool]:
    """Read "field,asc" or "field,desc"; a field alone is ascending."""
    if not told:
        return CREATED, True
    field, comma, direction = told.partition(",")
    if field not in sorts or (direction.lower() not in ("asc", "desc") if comma else False):
        raise Rejected(Refusal.MALFORMED, f"sort: expected one of {', '.join(sorts)}, then a comma and asc or desc")
    return sorts[field], direction.lower() == "desc"


def _moment(query: Mapping[str, str], name: str) -> Moment | None:
    return read_moment(query[name], name) if query.get(name) else None


def _whole(query: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = query.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise Rejected(Refusal.OUT_OF_RANGE, f"{name}: must be a whole number from {least} to {most}")
    return int(text)
