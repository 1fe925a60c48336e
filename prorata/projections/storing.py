"""Writes the rows of a `Recording` into the tables: a few statements for any number of batches."""

from typing import Any

from sqlalchemy import Connection, Table, bindparam, case, update
from sqlalchemy.dialects import postgresql, sqlite

from prorata.projections.recording import Recording
from prorata.projections.rows import OrderOutcome
from prorata.projections.tables import metadata, orders

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


def _deal_upsert(insert: Any) -> Any:
    """Add a deal to its order, or enter the order that dealt at once.

    An order that was announced has its volume, and is filled when its deals reach it; one that was not grows with
    every deal.
    """
    statement = insert(orders)
    new = statement.excluded
    filled = orders.c.filled + new.filled
    announced = orders.c.announced == 1
    completes = announced & (orders.c.state == OrderOutcome.WORKING) & (filled == orders.c.volume)
    return statement.on_conflict_do_update(
        index_elements=[orders.c.platform, orders.c.ticket],
        set_={
            "volume": case((announced, orders.c.volume), else_=orders.c.volume + new.volume),
            "filled": filled,
            "state": case((completes, int(OrderOutcome.FILLED)), else_=orders.c.state),
            "changed_at": new.changed_at,
            "last_sequence": new.last_sequence,
        },
    )


_DEAL_UPSERTS = {"sqlite": _deal_upsert(sqlite.insert), "postgresql": _deal_upsert(postgresql.insert)}


def store(connection: Connection, recording: Recording) -> None:
    """Write all rows within the caller's transaction."""
    for name, rows in recording.inserts.items():
        _insert(connection, metadata.tables[name], rows)
    # The order of the four matters: orders announced in this group are complete already, and of older ones a change
    # comes before the deals, and the deals before the end.
    _insert(connection, orders, list(recording.orders_placed.values()))
    if recording.orders_modified:
        connection.execute(_MODIFY, list(recording.orders_modified.values()))
    if recording.orders_dealt:
        connection.execute(_DEAL_UPSERTS[connection.dialect.name], list(recording.orders_dealt.values()))
    if recording.orders_removed:
        connection.execute(_REMOVE, list(recording.orders_removed.values()))


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(table.insert(), rows)
