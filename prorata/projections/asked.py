"""A list that was asked for, to be read in parts by a cursor, in pages by number, or whole.

A cursor is for who reads on; a page by number is for who turns pages and wants to know how many there are.
"""

from collections.abc import Sequence
from typing import Any, Generic

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, Select, func, select

from prorata.projections.lists import HistoryLists
from prorata.projections.orders import Order
from prorata.projections.paging import Listing, part_of, read_page, rows_of
from prorata.projections.rows import Page, RowType

ROWS_MAX = 1_000
"""of a page"""


class Found(msgspec.Struct, Generic[RowType], frozen=True):
    """A page of a list. `total`: how many rows the whole of it has."""

    rows: tuple[RowType, ...]
    total: int


class Asked(Generic[RowType]):
    """The rows of `source` that meet `where`, each with the fields of `row_type`; `keys` name a row and are its order."""

    def __init__(
        self, lists: HistoryLists, name: str, row_type: type[RowType], source: FromClause,
        where: Sequence[ColumnElement[bool]] = (), keys: tuple[str, ...] = ("sequence",),
        counting: Select[Any] | None = None,
    ) -> None:  # fmt: skip
        """`counting`: the query of how many there are, where it can be had for less than by reading them."""
        self._lists = lists
        self._name = name
        self._row_type = row_type
        self._source = source
        self._where = where
        self._keys = keys
        self._counting = select(func.count()).select_from(source).where(*where) if counting is None else counting

    def part(self, *, cursor: str | None = None, limit: int = 100, newest_first: bool = True) -> Page[RowType]:
        """Return up to `limit` (1 to 1000) rows after those of `cursor`. Only of lists whose keys are numbers.

        Raises:
            BadCursor: the cursor is of another list or order.
        """
        listing = Listing(name=self._name, keys=self._keys, cursor=cursor, limit=limit, newest_first=newest_first)
        with self._lists.reading() as connection:
            return read_page(connection, listing, part_of(listing, self._source, self._row_type, self._where), self._row_type)

    def page(
        self, *, order: str | Order | None = None, descending: bool = False, offset: int = 0, limit: int = 100
    ) -> Found[RowType]:  # fmt: skip
        """Return up to `limit` (1 to 1000) rows from a place on, ordered by a field (or `orders`); ties go by the keys."""
        assert 1 <= limit <= ROWS_MAX
        made = order(self._source.c) if callable(order) else ()
        names = [name for name in (order, *self._keys) if isinstance(name, str)]
        columns = [*made, *(self._source.c[name] for name in dict.fromkeys(names))]
        directed = [column.desc() if descending else column.asc() for column in columns]
        query = self._query().order_by(*directed).offset(offset).limit(limit)
        with self._lists.reading() as connection:
            total = self._total(connection)
            return Found(rows_of(connection, query, self._row_type) if offset < total else (), total)

    def count(self) -> int:
        with self._lists.reading() as connection:
            return self._total(connection)

    def counts(self, name: str) -> dict[int, int]:
        """Return how many rows have each value of a field, such as the deals of each client."""
        column = self._source.c[name]
        query = select(column, func.count()).select_from(self._source).where(*self._where).group_by(column)
        with self._lists.reading() as connection:
            return dict(iter(connection.execute(query)))

    def all(self) -> tuple[RowType, ...]:
        """Return every row, oldest first. For lists that are short by nature."""
        keys = [self._source.c[name] for name in self._keys]
        with self._lists.reading() as connection:
            return rows_of(connection, self._query().order_by(*keys), self._row_type)

    def one(self) -> RowType | None:
        """Return the first row; None if there is none."""
        with self._lists.reading() as connection:
            found = rows_of(connection, self._query().limit(1), self._row_type)
        return found[0] if found else None

    def _query(self) -> Select[Any]:
        return select(*(self._source.c[name] for name in self._row_type.__struct_fields__)).where(*self._where)

    def _total(self, connection: Connection) -> int:
        return int(connection.execute(self._counting).scalar_one())
