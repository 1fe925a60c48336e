"""Lists, the same for every `*.search`: Filter, Pagination and OrderBy in; the three again, with totals, out.

A method names its own filter and rows:

    class DealsFilter(Input, ...): AccountID: Id | None = None
    class DealsSearch(Search, ...): Filter: DealsFilter = DealsFilter()
    class DealsFound(Found): Deals: list[DealRow]

and its handler asks `given.part(ORDERS)` of SQL (`prorata.control.paging.slice_of`), or hands a list in memory to
`page_of`, and answers `DealsFound(**echo_of(given, part, total), Deals=rows)`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from prorata.control.paging import Slice
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.errors import invalid_input

PER_PAGE = 100
MAX_PER_PAGE = 1_000

Row = TypeVar("Row")
Key = Callable[[Row], Any]


class PaginationAsked(Input, frozen=True, kw_only=True):
    """Pages count from 1. More rows than `MAX_PER_PAGE` are never given."""

    CurrentPage: Annotated[int, Meta(ge=1, le=10**9)] = 1
    PerPage: Annotated[int, Meta(ge=1, le=10**9)] = PER_PAGE


class OrderByAsked(Input, frozen=True, kw_only=True):
    Field: str | None = None
    Direction: str = "Asc"


class Search(Input, frozen=True, kw_only=True):
    """Base of what is sent to a search."""

    Pagination: PaginationAsked = PaginationAsked()
    OrderBy: OrderByAsked = OrderByAsked()

    def part(self, fields: Collection[str], *, default: str = "ID") -> Slice:
        """Return which part of the list is asked for. Raises `Failure` for an order that is not one of `fields`."""
        field = default
        if self.OrderBy.Field:
            wanted = self.OrderBy.Field.lower()
            field = next((name for name in fields if name.lower() == wanted), "")
            if not field:
                raise invalid_input("OrderBy.Field", f"expected one of {', '.join(fields)}")
        direction = self.OrderBy.Direction.lower()
        if direction not in ("asc", "desc"):
            raise invalid_input("OrderBy.Direction", "expected Asc or Desc")
        per_page = min(self.Pagination.PerPage, MAX_PER_PAGE)
        return Slice(field, direction == "desc", (self.Pagination.CurrentPage - 1) * per_page, per_page)


class PaginationFound(msgspec.Struct, frozen=True):
    TotalRecords: int
    TotalPages: int
    CurrentPage: int
    PerPage: int
    MaxPerPage: int


class OrderByFound(msgspec.Struct, frozen=True):
    Field: str
    Direction: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what a search gives."""

    Filter: Any
    Pagination: PaginationFound
    OrderBy: OrderByFound


def echo_of(given: Search, part: Slice, total: int) -> dict[str, Any]:
    """Return the three sections of the answer. A filter is repeated as it was understood."""
    pages = -(-total // part.limit)
    pagination = PaginationFound(total, pages, given.Pagination.CurrentPage, part.limit, MAX_PER_PAGE)
    order = OrderByFound(part.field, "Desc" if part.descending else "Asc")
    return {"Filter": getattr(given, "Filter", {}), "Pagination": pagination, "OrderBy": order}


def page_of(rows: Iterable[Row], part: Slice, keys: Mapping[str, Key[Row]], tie: Key[Row]) -> tuple[list[Row], int]:
    """Return a part of a list in memory, and how many rows it has. Rows without a value come last; ties go by `tie`."""
    key = keys[part.field]

    def place(row: Row) -> tuple[Any, Any]:
        return key(row), tie(row)

    known: list[Row] = []
    unknown: list[Row] = []
    for row in rows:
        (unknown if key(row) is None else known).append(row)
    known.sort(key=place, reverse=part.descending)
    unknown.sort(key=tie, reverse=part.descending)
    ordered = known + unknown
    return ordered[part.offset : part.offset + part.limit], len(ordered)
