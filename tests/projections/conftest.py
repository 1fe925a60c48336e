"""Gives each history test a database of its own, of both kinds."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prorata.projections.history import History
from tests.databases import postgresql_history, postgresql_schema, sqlite_history

PLATFORM = "live-1"


@pytest.fixture(params=["sqlite", "postgresql"])
def history_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A history's database, its tables made."""
    return sqlite_history(tmp_path / "tables" / "history.db") if request.param == "sqlite" else postgresql_history()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tables/history.db"
    else:
        yield from postgresql_schema()


@pytest.fixture
def history(history_url: str) -> Iterator[History]:
    with closing(History(history_url, PLATFORM)) as opened:
        yield opened
