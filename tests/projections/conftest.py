"""Gives each history test a database of its own, of both kinds."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from prorata.projections.history import History

POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/postgres"
PLATFORM = "live-1"


def postgresql_schema() -> Iterator[str]:
    """Yield the address of a schema that is dropped afterwards."""
    schema = f"history_{uuid4().hex}"
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{POSTGRESQL}?options=-csearch_path%3D{schema}"
        connection.execute("SET client_min_messages TO warning")
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tables/history.db"
    else:
        yield from postgresql_schema()


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    with closing(History(history_url, PLATFORM)) as opened:
        yield opened
