"""Writes the rows of a `Recording` into the tables: one statement for each table, however many rows.

SQLite is given the rows one by one, which costs half of what taking a JSON text apart does. To PostgreSQL they travel as
one JSON text, which costs one message instead of one for each row.
"""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Table, bindparam, case, literal_column, text, update

from prorata.projections.copying.storing import store_copies
from prorata.projections.recording import Recording, Values
from prorata.projections.rows import OrderOutcome
from prorata.projections.tables import metadata, orders
from prorata.storage.database import insert_into

ROWS_AT_ONCE = 1000

_SAME_ORDER = (orders.c.platform == bindparam("of_platform")) & (orders.c.ticket == bindparam("of_ticket"))
_WISH = (
    "type", "price", "limit_price", "stop_loss", "take_profit", "trailing", "expires_at", "changed_at", "last_sequence",
)  # fmt: skip
_END = ("state", "code", "detail", "changed_at", "last_sequence")

_MODIFY = update(orders).where(_SAME_ORDER).values({name: bindparam(name) for name in _WISH})
# A position that could not be closed is named by its order's ticket, and that order has been filled long ago.
_REMOVE = (
    update(orders).where(_SAME_ORDER, orders.c.state == OrderOutcome.WORKING).values({name: bindparam(name) for name in _END})
)
_COMMENT = update(orders).where(_SAME_ORDER).values(comment=bindparam("comment"))


def store(connection: Connection, recording: Recording) -> None:
    """Write all rows within the caller's transaction."""
    for name, rows in recording.inserts.items():
        _insert(connection, metadata.tables[name], rows)
    # The order of the four matters: orders announced in this group are complete already, and of older ones a change
    # comes before the deals, and the deals before the end.
    _insert(connection, orders, recording.orders_placed.values())
    if recording.orders_modified:
        connection.execute(_MODIFY, list(recording.orders_modified.values()))
    _execute(connection, _add_deals(connection.dialect), orders, recording.orders_dealt.values())
    if recording.orders_removed:
        connection.execute(_REMOVE, list(recording.orders_removed.values()))
    if recording.comments:
        connection.execute(_COMMENT, list(recording.comments.values()))
    store_copies(connection, recording.copies)


def _insert(connection: Connection, table: Table, rows: Iterable[Values]) -> None:
    _execute(connection, _insert_all(table, connection.dialect), table, rows)


def _execute(connection: Connection, statement: Any, table: Table, rows: Iterable[Values]) -> None:
    """Run `statement` on rows, in the order of the table's columns."""
    in_order = itemgetter(*table.columns.keys())
    remaining = iter(rows)
    while part := [in_order(row) for row in islice(remaining, ROWS_AT_ONCE)]:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(statement, part)
        else:
            connection.execute(statement, {"rows": msgspec.json.encode(part).decode()})


@cache
def _insert_all(table: Table, dialect: Dialect) -> Any:
    if dialect.name == "sqlite":
        return _one_by_one(insert_into(dialect, table), table, dialect)
    return _from_json(table.insert(), table, dialect)


def _one_by_one(insert: Any, table: Table, dialect: Dialect) -> str:
    """Complete `insert` so that it takes the values of a row by their places."""
    places: dict[str, Any] = dict.fromkeys(table.columns.keys(), literal_column("?"))
    return str(insert.values(places).inline().compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _from_json(insert: Any, table: Table, dialect: Dialect) -> Any:
    """Complete `insert` so that it takes its rows from the parameter `rows`."""
    types = [column.type.compile(dialect) for column in table.columns]
    values = [f"CAST(value ->> {place} AS {kind})" for place, kind in enumerate(types)]
    query = text(f"SELECT {', '.join(values)} FROM json_array_elements(CAST(:rows AS json))")
    return insert.from_select(table.columns.keys(), query.columns(*table.columns))


@cache
def _add_deals(dialect: Dialect) -> Any:
    """Add deals to their orders, and enter the orders that dealt at once."""
    if dialect.name == "sqlite":
        return _one_by_one(_or_add_to_order(insert_into(dialect, orders)), orders, dialect)
    return _or_add_to_order(_from_json(insert_into(dialect, orders), orders, dialect))


def _or_add_to_order(insert: Any) -> Any:
    """Let a row whose order is there already add to it.

    An order that was announced has its volume, and is filled when its deals reach it; one that was not grows with
    every deal.
    """
    new = insert.excluded
    filled = orders.c.filled + new.filled
    announced = orders.c.announced == 1
    completes = announced & (orders.c.state == OrderOutcome.WORKING) & (filled == orders.c.volume)
    return insert.on_conflict_do_update(
        index_elements=[orders.c.platform, orders.c.ticket],
        set_={
            "volume": case((announced, orders.c.volume), else_=orders.c.volume + new.volume),
            "filled": filled,
            "state": case((completes, int(OrderOutcome.FILLED)), else_=orders.c.state),
            "changed_at": new.changed_at,
            "last_sequence": new.last_sequence,
        },
    )
