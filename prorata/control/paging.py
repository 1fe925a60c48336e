"""A part of a list: in one order, from a place on, with the number of rows that the whole has."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, func, select


class Slice(msgspec.Struct, frozen=True):
    """Which part: `field` names the order, ties go by id."""

    field: str
    descending: bool
    offset: int
    limit: int


def slice_of(
    connection: Connection, query: Select[Any], orders: Mapping[str, ColumnElement[Any]], part: Slice, tie: ColumnElement[Any]
) -> tuple[list[RowMapping], int]:
    """Return the rows of a part, and how many rows the whole has. `tie` decides where the order does not."""
    order = orders[part.field]
    directed = [order.desc(), tie.desc()] if part.descending else [order.asc(), tie.asc()]
    total = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    rows = connection.execute(query.order_by(*directed).offset(part.offset).limit(part.limit)).mappings().all()
    return list(rows), total


def contains(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """Say whether a text holds another, in either letter case; `%` and `_` mean themselves."""
    return func.lower(column).contains(text.lower(), autoescape=True)
