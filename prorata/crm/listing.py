"""A part of a list whose rows are read from many tables, chosen by as few of them as will do.

The numbers of the rows come first, out of the list's own table where nothing else is asked about: a page of a million is then a
walk along an index. What is shown of them is read after that, for the page alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, FromClause, RowMapping, Select, Table, func, select

from prorata.control.paging import Slice


class Listing(msgspec.Struct, frozen=True):
    """`table`: the list's own, whose `id` decides where the order does not; `joined`: it with others; `read`: what is read."""

    table: Table
    joined: FromClause
    read: Select[Any]
    orders: Mapping[str, ColumnElement[Any]]

    def part(
        self, connection: Connection, own: Sequence[ColumnElement[bool]], others: Sequence[ColumnElement[bool]], part: Slice,
        *, known: int | None = None,
    ) -> tuple[list[RowMapping], int]:  # fmt: skip
        """Return rows and how many there are, which may be `known`.

        `own`: conditions on the list's own table; `others`: those that need more.
        """
        order, number = self.orders[part.field], self.table.c.id
        counted = self.joined if others else self.table
        walked = counted if getattr(order, "table", None) is self.table else self.joined
        conditions = (*own, *others)
        total = known
        if total is None:
            total = connection.execute(select(func.count()).select_from(counted).where(*conditions)).scalar_one()
        directed = [order.desc(), number.desc()] if part.descending else [order.asc(), number.asc()]
        walk = select(number).select_from(walked).where(*conditions).order_by(*directed)
        numbers = connection.execute(walk.offset(part.offset).limit(part.limit)).scalars().all()
        found = {row["id"]: row for row in connection.execute(self.read.where(number.in_(numbers))).mappings()}
        return [found[wanted] for wanted in numbers], total
