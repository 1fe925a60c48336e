"""Databases for tests, whose tables are made once in each process: making them takes longer than most tests do."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from prorata.control.database import Database
from prorata.crm import store
from prorata.storage.database import open_database
from prorata.storage.migrate import upgrade

assert store, "the tables of all that is kept, of the CRM too"

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"


def sqlite_tables(file: Path) -> str:
    """Put a control database with empty tables where there is none yet, and return its address."""
    return _copied(_make_control, file)


def sqlite_history(file: Path) -> str:
    """Put a history without rows where there is none yet, and return its address."""
    return _copied(_make_history, file)


def postgresql_tables() -> str:
    """Return the address of an empty control database. Whoever asks next gets the same one, emptied."""
    schema = _made_on_the_server(_make_control)
    _empty(schema, f"INSERT INTO {schema}.control_revision (id, revision) VALUES (1, 1)")
    return _address_of(schema)


def postgresql_history() -> str:
    """Return the address of a history without rows. Whoever asks next gets the same one, emptied."""
    schema = _made_on_the_server(_make_history)
    _empty(schema, kept="alembic_version")
    return _address_of(schema)


def postgresql_schema() -> Iterator[str]:
    """Yield the address of a schema without tables, which is dropped afterwards."""
    schema = _new_schema()
    yield _address_of(schema)
    _drop(schema)


def _make_control(url: str) -> None:
    Database(url).close()


def _make_history(url: str) -> None:
    database = open_database(url)
    upgrade(database)
    database.dispose()


def _copied(make: Callable[[str], None], file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_made_in_a_file(make), file)
    return f"sqlite:///{file}"


@cache
def _made_in_a_file(make: Callable[[str], None]) -> Path:
    folder = tempfile.mkdtemp(prefix="prorata-tables-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / "made.db"
    make(f"sqlite:///{file}")
    return file


@cache
def _made_on_the_server(make: Callable[[str], None]) -> str:
    schema = _new_schema()
    atexit.register(_drop, schema)
    make(_address_of(schema))
    return schema


def _empty(schema: str, *afterwards: str, kept: str = "") -> None:
    tables = [name for name in _named("SELECT tablename FROM pg_tables", schema) if name != kept]
    emptied = [f"DELETE FROM {schema}.{name}" for name in tables]
    numbers = _named("SELECT sequencename FROM pg_sequences", schema)
    begun = [f"SELECT setval('{schema}.{name}', 1, false)" for name in numbers]  # RESTART would make a new file each.
    _server().execute("; ".join([*emptied, *begun, *afterwards]))


@cache
def _named(query: str, schema: str) -> list[str]:
    return [name for (name,) in _server().execute(f"{query} WHERE schemaname = %s", (schema,))]


def _new_schema() -> str:
    schema = f"test_{uuid4().hex}"
    _server().execute(f"CREATE SCHEMA {schema}")
    return schema


def _drop(schema: str) -> None:
    _server().execute(f"DROP SCHEMA {schema} CASCADE")


def _address_of(schema: str) -> str:
    # Nothing that a test has written needs to outlive the server.
    return f"{POSTGRESQL}?options=-csearch_path%3D{schema}%20-csynchronous_commit%3Doff"


def connected(url: str = POSTGRESQL) -> psycopg.Connection:
    """Return a connection to the tests' server; without one the test is skipped and says so, but fails under CI=true."""
    try:
        return psycopg.connect(url, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")


@cache
def _server() -> psycopg.Connection:
    """Return one connection for all tests: a new one would have to learn all tables anew to empty them, which takes 60 ms."""
    connection = connected()
    atexit.register(connection.close)
    # Nothing checks references while tables are emptied.
    connection.execute("SET lock_timeout = '20s'; SET session_replication_role = replica; SET client_min_messages TO warning")
    return connection
