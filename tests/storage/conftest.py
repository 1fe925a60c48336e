"""Gives each test its ground: a file, a schema or a piece of memory of its own."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from tests.databases import POSTGRESQL, connected

from .journal_grounds import Ground, MemoryGround, PostgresqlGround, SqliteGround


@pytest.fixture
def sqlite_ground(tmp_path: Path) -> Iterator[SqliteGround]:
    with closing(SqliteGround(tmp_path / "live 1.db")) as ground:
        yield ground


@pytest.fixture
def postgresql_ground() -> Iterator[PostgresqlGround]:
    """A schema of the test's own, dropped after it."""
    schema = f"journal_{uuid4().hex}"
    with connected() as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute("SET client_min_messages TO warning")
        url = f"{POSTGRESQL}?options=-csearch_path%3D{schema}%20-cclient_min_messages%3Dwarning"
        with closing(PostgresqlGround(url)) as ground:
            yield ground
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def ground(request: pytest.FixtureRequest) -> Ground:
    if request.param == "memory":
        return MemoryGround()
    chosen: Ground = request.getfixturevalue(f"{request.param}_ground")
    return chosen
