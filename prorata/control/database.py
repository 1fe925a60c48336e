"""Transactions on the control database, and the revision by which several processes notice each other's changes."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy import Connection, insert, inspect, select, text, update

from prorata.control import tables
from prorata.control.client_words import make_index
from prorata.control.columns import metadata
from prorata.storage.database import open_database
from prorata.storage.migrate import UPGRADE_LOCK
from prorata.units.numbers import Moment


class Database:
    """`url` is as in `prorata.storage.database`. `now` is the clock that rows are stamped by."""

    def __init__(self, url: str, *, now: Callable[[], Moment] | None = None) -> None:
        self.now = now or _clock
        self._engine = open_database(url, durable=True)
        # SQLite has one writer, and whoever waits for it sleeps and looks again; in one process a lock is fairer.
        self._turn = threading.Lock() if self._engine.dialect.name == "sqlite" else nullcontext()
        with self.writing() as connection:
            _create_tables(connection)
            if connection.execute(select(tables.revision.c.id)).first() is None:
                connection.execute(insert(tables.revision).values(id=1, revision=1))

    def create_tables(self) -> None:
        """Make those tables that are not there, of all modules that are imported."""
        with self.writing() as connection:
            _create_tables(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction that may change rows; it is committed at the end, or undone by an exception."""
        with self._turn, self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def revision(self, connection: Connection) -> int:
        found: int = connection.execute(select(tables.revision.c.revision)).scalar_one()
        return found

    def note_change(self, connection: Connection) -> None:
        """Tell all processes that what they hold in memory is out of date."""
        connection.execute(update(tables.revision).values(revision=tables.revision.c.revision + 1))

    def close(self) -> None:
        self._engine.dispose()


def _create_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
    # All at once: to ask for each of more than a hundred tables takes longer than the rest of opening a database.
    if not metadata.tables.keys() <= set(inspect(connection).get_table_names()):
        metadata.create_all(connection)
    make_index(connection)


def _clock() -> Moment:
    return time.time_ns() // 1_000_000
