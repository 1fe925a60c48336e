"""Opens the database of tables (history and all that comes after it) by its address, the same on SQLite and PostgreSQL.

The journal has its own connections and its own file: a long write to the tables must never hold up a commit of
the journal, and on SQLite one file has one writer.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import Dialect, Engine, Table, event
from sqlalchemy.engine import URL

LOG_PAGES = 8192
"""32 MB of log before it is copied: a page that is written in each transaction is copied once for many of them, and
the journal's fsync has the disk to itself more often."""
LOCK_WAIT_MS = 10_000


class DatabaseUnusable(Exception):
    """The address is of neither kind."""


def open_database(url: str, *, durable: bool = False) -> Engine:
    """Return an engine for `url`; nothing is connected yet.

    `durable`: on SQLite each commit waits for the disk. Tables that follow from a journal do without.

    `sqlite:///data/history.db` is a file below the working directory, made with its folder if missing;
    `postgresql://user@host/database` a server. A driver named in the address is passed over: both are read by the
    drivers that Prorata installs.

    On SQLite a transaction that begins takes the write lock only if it was opened with the execution option
    `writes=True`; it then waits for its turn instead of failing half-way. A commit does not wait for the disk unless
    `durable`, which is for tables that cannot be made anew from the journal.

    Raises:
        DatabaseUnusable: the address is of neither kind.
    """
    try:
        parsed = sqlalchemy.make_url(url)
    except sqlalchemy.exc.ArgumentError as error:
        raise DatabaseUnusable("a database's address begins with sqlite:/// or postgresql://") from error
    kind = parsed.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return sqlalchemy.create_engine(parsed.set(drivername="postgresql+psycopg"), pool_pre_ping=True, hide_parameters=True)
    if kind == "sqlite" and parsed.database and parsed.database != ":memory:":
        return _open_sqlite(parsed.set(drivername="sqlite+pysqlite"), Path(parsed.database), durable=durable)
    raise DatabaseUnusable(f"a database's address begins with sqlite:/// or postgresql://, not {kind!r}")


def insert_into(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT that can be told what to do about a row that is there: `on_conflict_do_nothing()` and its kind."""
    # Each dialect takes 30 ms to import, and most installations speak one.
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)


def _open_sqlite(url: URL, path: Path, *, durable: bool) -> Engine:
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = sqlalchemy.create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, and leave table changes outside of them.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={LOCK_WAIT_MS}")
        connection.execute("PRAGMA journal_mode=WAL")
        # What a power failure takes from a history is written again from the outbox, so no commit of it waits for the disk.
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sqlalchemy.Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
