"""Control databases for tests, whose tables are made once in each process: making them takes longer than most tests do."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from prorata.control.database import Database
from prorata.crm import store

assert store, "the tables of all that is kept, of the CRM too"

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"


def sqlite_tables(file: Path) -> str:
    """Put a database with empty tables where there is none yet, and return its address."""
    file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_made_in_a_file(), file)
    return f"sqlite:///{file}"


def postgresql_tables() -> str:
    """Return the address of empty tables. Whoever asks next gets the same ones, emptied."""
    url, schema = _made_on_a_server()
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        connection.execute(f"SET search_path = {schema}; SET lock_timeout = '20s'; SET session_replication_role = replica")
        emptied = [f"DELETE FROM {name}" for (name,) in _named(connection, "SELECT tablename FROM pg_tables", schema)]
        numbers = _named(connection, "SELECT sequencename FROM pg_sequences", schema)
        begun = [f"ALTER SEQUENCE {name} RESTART" for (name,) in numbers]
        connection.execute("; ".join([*emptied, *begun, "INSERT INTO control_revision (id, revision) VALUES (1, 1)"]))
    return url


def postgresql_schema() -> Iterator[str]:
    """Yield the address of a schema without tables, which is dropped afterwards."""
    connection, schema = _connected(), f"test_{uuid4().hex}"
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield _address_of(schema)
        _drop(connection, schema)


@cache
def _made_in_a_file() -> Path:
    folder = tempfile.mkdtemp(prefix="prorata-tables-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    file = Path(folder) / "control.db"
    Database(f"sqlite:///{file}").close()
    return file


@cache
def _made_on_a_server() -> tuple[str, str]:
    schema = f"test_{uuid4().hex}"
    with _connected() as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    atexit.register(_drop_at_the_end, schema)
    Database(_address_of(schema)).close()
    return _address_of(schema), schema


def _connected() -> psycopg.Connection:
    try:
        return psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")


def _named(connection: psycopg.Connection, query: str, schema: str) -> list[tuple[str]]:
    return connection.execute(f"{query} WHERE schemaname = %s", (schema,)).fetchall()


def _address_of(schema: str) -> str:
    return f"{POSTGRESQL}?options=-csearch_path%3D{schema}"


def _drop(connection: psycopg.Connection, schema: str) -> None:
    connection.execute("SET client_min_messages TO warning")
    connection.execute(f"DROP SCHEMA {schema} CASCADE")


def _drop_at_the_end(schema: str) -> None:
    with psycopg.connect(POSTGRESQL, autocommit=True) as connection:
        _drop(connection, schema)
