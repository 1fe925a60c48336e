from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prorata.control.store import Control
from prorata.control.vault import Vault
from tests.databases import postgresql_schema, postgresql_tables, sqlite_tables
from tests.rest.house import HandClock

NOON = 1_772_452_800_000
KEY = bytes(range(32))

OpenControl = Callable[..., Control]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tables.db"
    else:
        yield from postgresql_schema()


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(params=["sqlite", "postgresql"])
def open_control(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[OpenControl]:
    """Return what opens the same control side again and again, as several processes do."""
    url = sqlite_tables(tmp_path / "new" / "control.db") if request.param == "sqlite" else postgresql_tables()
    opened: list[Control] = []

    def opening(**options: Any) -> Control:
        opened.append(Control(url, options.pop("key", KEY), Vault(tmp_path / "vault.keys"), now=clock.now))
        return opened[-1]

    yield opening
    for control in opened:
        control.close()


@pytest.fixture
def sqlite_control(tmp_path: Path, clock: HandClock) -> Iterator[Control]:
    """The control side where it does not matter which database it is on."""
    control = Control(sqlite_tables(tmp_path / "one" / "control.db"), KEY, Vault(tmp_path / "one.keys"), now=clock.now)
    yield control
    control.close()
