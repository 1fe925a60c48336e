"""What all lists of copy trading have in common: how a filter becomes conditions, and a query a list."""

from collections.abc import Callable, Sequence
from enum import IntEnum
from operator import eq, ge, le, lt
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, literal_column, select

from prorata.projections.asked import Asked
from prorata.projections.copying import sources as copy_sources
from prorata.projections.copying.filters import Filter, Owned
from prorata.projections.lists import HistoryLists
from prorata.projections.rows import RowType

DETAIL = ("sequence", "investment")
"""what names a detail, and the order of deals"""

_BOUNDS: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "since": ("sequence", ge),
    "until": ("sequence", lt),
    "opened_since": ("opened_at", ge),
    "opened_until": ("opened_at", lt),
    "closed_since": ("closed_at", ge),
    "closed_until": ("closed_at", lt),
    "since_day": ("day", ge),
    "until_day": ("day", lt),
    "price_from": ("price", ge),
    "price_to": ("price", le),
    "limits": ("bid", ge),
}
"""Fields of filters that are bounds of a column."""
_ABOVE_ZERO = ("signal", "command", "stop_out", "request", "bid", "closed_at")
"""Columns in which 0 is none. To say so in so many words is what lets their indexes be used, which leave the zeros out."""


class CopyQuestions:
    """Questions about the platform of `lists`."""

    def __init__(self, lists: HistoryLists) -> None:
        self._lists = lists
        self._platform = lists.platform

    def _of_table(self, table: Table, row_type: type[RowType], given: Filter, keys: tuple[str, ...]) -> Asked[RowType]:
        return self._asked(row_type, select(*table.c).where(table.c.platform == self._platform), given, keys)

    def _asked(
        self, row_type: type[RowType], query: Select[Any], given: Filter, keys: tuple[str, ...] = ("sequence",),
        where: Sequence[ColumnElement[bool]] = (),
    ) -> Asked[RowType]:  # fmt: skip
        source = query.subquery()
        return self._read(row_type, source, given, keys, where)

    def _read(
        self, row_type: type[RowType], source: FromClause, given: Filter, keys: tuple[str, ...] = DETAIL,
        where: Sequence[ColumnElement[bool]] = (), counting: Select[Any] | None = None,
    ) -> Asked[RowType]:  # fmt: skip
        conditions = [*self._conditions(source, given), *where]
        return Asked(self._lists, row_type.__name__, row_type, source, conditions, keys, counting)

    def _joined(self, table: Table, given: Owned, *columns: str) -> FromClause:
        return copy_sources.joined(table, self._platform, given, *columns).subquery()

    def _conditions(self, source: FromClause, given: Filter) -> list[ColumnElement[bool]]:
        found = []
        for name in given.__struct_fields__:
            value = getattr(given, name)
            if value is not None and value is not False:
                found.append(self._condition(source, name, value))
        return found

    def _condition(self, source: FromClause, name: str, value: Any) -> ColumnElement[bool]:
        name, compare = _BOUNDS.get(name, (name, eq))
        column: ColumnElement[Any] = source.c[name]
        if name == "sequence":
            value = self._lists.first_event_at(value)
        if isinstance(value, Sequence) and not isinstance(value, str):
            return column.in_([_plain(one) for one in value])
        found: ColumnElement[bool] = compare(column, _plain(value))
        return and_(column > literal_column("0"), found) if name in _ABOVE_ZERO else found


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, (IntEnum, bool)) else value
