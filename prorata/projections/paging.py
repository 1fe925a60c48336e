"""Lists in parts. A cursor names the last row that was seen, so rows that are added meanwhile shift nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, CompoundSelect, Connection, FromClause, Select, select, tuple_

from prorata.projections.rows import Page, Row, RowType

LIMIT_MAX = 1_000


class BadCursor(ValueError):
    """The cursor was not given by this list, or it was given for the other order."""


class _Place(msgspec.Struct, frozen=True, array_like=True):
    list: str
    newest_first: bool
    key: tuple[int, ...]


_encode = msgspec.msgpack.encode
_decode = msgspec.msgpack.Decoder(_Place).decode


def cursor_of(place: _Place) -> str:
    return urlsafe_b64encode(_encode(place)).decode("ascii").rstrip("=")


def place_of(cursor: str) -> _Place:
    """Read a cursor back.

    Raises:
        BadCursor: it is no cursor.
    """
    try:
        return _decode(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:  # not base64, or not a place
        raise BadCursor("this is not a cursor") from error


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of which list is wanted. `limit` is 1 to `LIMIT_MAX`."""

    name: str
    keys: tuple[str, ...] = ("sequence",)
    """columns that order the list and name a row in it"""
    cursor: str | None
    limit: int
    newest_first: bool

    def columns(self, table: FromClause) -> list[ColumnElement[Any]]:
        return [table.c[name] for name in self.keys]


def part_of(listing: Listing, table: FromClause, row_type: type[Row], where: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return the query for the rows after the cursor, one more than `limit` so that the last part is known as such.

    Raises:
        BadCursor: the cursor is of another list or order.
    """
    assert 1 <= listing.limit <= LIMIT_MAX
    query = select(*(table.c[name] for name in row_type.__struct_fields__)).where(*where)
    keys = listing.columns(table)
    if listing.cursor is not None:
        query = query.where(_after(listing, keys, listing.cursor))
    ordered = [key.desc() for key in keys] if listing.newest_first else keys
    return query.order_by(*ordered).limit(listing.limit + 1)


def _after(listing: Listing, keys: list[ColumnElement[Any]], cursor: str) -> ColumnElement[bool]:
    place = place_of(cursor)
    if (place.list, place.newest_first, len(place.key)) != (listing.name, listing.newest_first, len(keys)):
        raise BadCursor("this cursor belongs to another list")
    if not all(-(2**63) <= number < 2**63 for number in place.key):
        raise BadCursor("this is not a cursor")
    if len(keys) == 1:
        return keys[0] < place.key[0] if listing.newest_first else keys[0] > place.key[0]
    here, seen = tuple_(*keys), tuple_(*place.key)
    return here < seen if listing.newest_first else here > seen


def read_page(connection: Connection, listing: Listing, query: Select[Any], row_type: type[RowType]) -> Page[RowType]:
    """Run a query made by `part_of` (or a union of such) and return its page."""
    rows = rows_of(connection, query, row_type)
    if len(rows) <= listing.limit:
        return Page(rows, None)
    last = rows[listing.limit - 1]
    key = tuple(getattr(last, name) for name in listing.keys)
    return Page(rows[: listing.limit], cursor_of(_Place(listing.name, listing.newest_first, key)))


def rows_of(connection: Connection, query: Select[Any] | CompoundSelect[Any], row_type: type[RowType]) -> tuple[RowType, ...]:
    """Run a query whose columns are the fields of `row_type`, in order."""
    return msgspec.convert([tuple(row) for row in connection.execute(query)], tuple[row_type, ...])  # type: ignore[valid-type]


def slices_of(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Yield numbers in parts that fit into one question."""
    for place in range(0, len(numbers), size):
        yield numbers[place : place + size]
