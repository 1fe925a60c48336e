import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from prorata.control.store import Control
from tests.projections.conftest import postgresql_schema
from tests.rest.house import HandClock

POSTGRESQL = os.environ.get("PRORATA_TEST_POSTGRESQL", "postgresql://postgres@127.0.0.1:5432/postgres")
NOON = 1_772_452_800_000
KEY = bytes(range(32))

OpenControl = Callable[..., Control]


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """A schema of the test's own, dropped after it."""
    schema = f"control_{uuid4().hex}"
    try:
        connection = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=2)
    except psycopg.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no PostgreSQL answers at 127.0.0.1:5432")
    with connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute("SET client_min_messages TO warning")
        yield f"{POSTGRESQL}?options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
def open_control(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[OpenControl]:
    """Return what opens the same control side again and again, as several processes do."""
    url = f"sqlite:///{tmp_path}/new/control.db" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    opened: list[Control] = []

    def opening(**options: Any) -> Control:
        opened.append(Control(url, options.pop("key", KEY), now=clock.now))
        return opened[-1]

    yield opening
    for control in opened:
        control.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tables.db"
    else:
        yield from postgresql_schema()
