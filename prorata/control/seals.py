"""Sealed columns: secrets in the tables, and changing the key that they are sealed with.

A column that is made with `columns.sealed` takes part by that alone.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Table, func, select, text, update

from prorata.control.columns import SEALED, metadata
from prorata.control.database import Database
from prorata.control.vault import Vault, key_of

AT_ONCE = 200
"""secrets that are sealed anew in one transaction, so that nobody waits long for the tables"""
_LOCK = 7_016_996_768
"""An advisory lock of PostgreSQL: shared by who stores a secret, exclusive for who changes the ring. SQLite has one writer."""

Progress = Callable[[int, int], None]
"""(secrets sealed anew, how many there were at the start)"""


class Rotation(msgspec.Struct, frozen=True):
    """`key`: the number of the key that seals everything now. `secrets`: how many were sealed anew."""

    key: int
    secrets: int


def sealed_columns() -> list[Column[bytes]]:
    """Return the sealed columns of all tables, by name."""
    return [column for _, table in sorted(metadata.tables.items()) for column in table.columns if column.info.get(SEALED)]


def place_of(column: Column[bytes], row_id: int) -> str:
    """Return what a secret is bound to: table, row and column."""
    return f"{column.table.name} {row_id} {column.name}"


class Seals:
    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    def put(self, connection: Connection, column: Column[bytes], row_id: int, secret: str) -> None:
        """Store a secret in a row that is there, within a transaction that writes."""
        self._lock(connection, "pg_advisory_xact_lock_shared")
        sealed = self._vault.seal(secret.encode(), place_of(column, row_id))
        table = _table_of(column)
        connection.execute(update(table).where(table.c.id == row_id).values({column.name: sealed}))

    def read(self, column: Column[bytes], row_id: int) -> str | None:
        """Return the secret of a row; None if it has none. Raises `Unopenable`."""
        with self._database.reading() as connection:
            sealed = connection.execute(select(column).where(_table_of(column).c.id == row_id)).scalar()
        return None if sealed is None else self._vault.open(sealed, place_of(column, row_id)).decode()

    def rotate(self, progress: Progress | None = None) -> Rotation:
        """Add a key, seal everything anew with it, forget the older keys.

        It may end anywhere and be begun again: a key is forgotten only when nothing is left that it sealed. Servers may run
        meanwhile. Raises `Unopenable` if a secret cannot be opened; then no key is forgotten.
        """
        with self._alone() as connection:
            total = _count(connection)
            self._vault.add_key()
        done = 0
        while True:
            for batch in _batches(self._stale()):
                with self._database.writing() as connection:
                    done += sum(self._seal_anew(connection, *one) for one in batch)
                if progress is not None:
                    progress(done, max(done, total))
            with self._alone():
                # Nobody stores anything now. What was stored under an older key since we looked is seen here.
                if next(self._stale(), None) is None:
                    self._vault.forget_older()
                    return Rotation(self._vault.newest, done)

    def _stale(self) -> Iterator[tuple[Column[bytes], int, bytes]]:
        """Yield (column, row, what is there) of each secret that is not sealed with the newest key."""
        newest = self._vault.newest
        for column in sealed_columns():
            table, after = _table_of(column), 0
            while True:
                query = select(table.c.id, column).where(table.c.id > after, column.is_not(None)).order_by(table.c.id)
                with self._database.reading() as connection:
                    rows = connection.execute(query.limit(AT_ONCE)).all()
                if not rows:
                    break
                after = rows[-1][0]
                yield from ((column, row_id, sealed) for row_id, sealed in rows if key_of(sealed) != newest)

    def _seal_anew(self, connection: Connection, column: Column[bytes], row_id: int, sealed: bytes) -> int:
        place = place_of(column, row_id)
        anew = self._vault.seal(self._vault.open(sealed, place), place)
        table = _table_of(column)
        # Whoever has changed the secret meanwhile has sealed the new one.
        unchanged = (table.c.id == row_id) & (column == sealed)
        return connection.execute(update(table).where(unchanged).values({column.name: anew})).rowcount

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        with self._database.writing() as connection:
            self._lock(connection, "pg_advisory_xact_lock")
            yield connection

    def _lock(self, connection: Connection, function: str) -> None:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT {function}(:key)"), {"key": _LOCK})


def _table_of(column: Column[bytes]) -> Table:
    table = column.table
    assert isinstance(table, Table)
    return table


def _count(connection: Connection) -> int:
    return sum(connection.execute(select(func.count(column))).scalar_one() for column in sealed_columns())


def _batches(found: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(found)
    while batch := list(islice(rest, AT_ONCE)):
        yield batch
