"""A part of a list whose rows are read from many tables, chosen by as few of them as will do.

The numbers of the rows come first, out of the list's own table where nothing else is asked about: a page of a million is then a
walk along an index. A list of what belongs to clients may be in an order of the clients', and is then a walk along an index of
theirs. What is shown of the rows is read after that, for the page alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, CompoundSelect, Connection, FromClause, RowMapping, Select, Table, func, select

from prorata.control.paging import Slice
from prorata.control.tables import clients


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """`table`: the list's own, whose `id` decides where the order does not; `joined`: it with others; `read`: what is read.

    `client`: the column of the own table that is a client's number.
    """

    table: Table
    joined: FromClause
    read: Select[Any]
    orders: Mapping[str, ColumnElement[Any]]
    client: ColumnElement[int]

    def part(
        self, connection: Connection, organization_id: int, own: Sequence[ColumnElement[bool]],
        others: Sequence[ColumnElement[bool]], part: Slice, *, known: int | None = None,
        found: Select[Any] | CompoundSelect[Any] | None = None,
    ) -> tuple[list[RowMapping], int]:  # fmt: skip
        """Return an organization's rows and how many there are, which may be `known`.

        `own`: conditions on the list's own table; `others`: those that need more; `found`: the question for the numbers of
        rows that are looked for, all of them the organization's.
        """
        order, number = self.orders[part.field], self.table.c.id
        # Where it is known which rows, no more is said of the organization: its index would have all of its rows looked at.
        conditions = [
            number.in_(found) if found is not None else self.table.c.organization_id == organization_id,
            *own,
            *others,
        ]
        total = known
        if total is None:
            counted = self.joined if others else self.table
            total = connection.execute(select(func.count()).select_from(counted).where(*conditions)).scalar_one()
        source, tie = self.joined, number
        if not others and getattr(order, "table", None) is self.table:
            source = self.table
        elif not others and found is None and getattr(order, "table", None) is clients:
            # By the clients' company, which is the organization: the own column would lead to another index.
            source = clients.join(self.table, self.client == clients.c.id)
            conditions = [clients.c.company_id == organization_id, *own]
            tie = clients.c.id if self.client is number else number
        directed = [order.desc(), tie.desc()] if part.descending else [order.asc(), tie.asc()]
        walk = select(number).select_from(source).where(*conditions).order_by(*directed)
        numbers = connection.execute(walk.offset(part.offset).limit(part.limit)).scalars().all()
        rows = {row["id"]: row for row in connection.execute(self.read.where(number.in_(numbers))).mappings()}
        return [rows[wanted] for wanted in numbers], total
