from collections.abc import Iterator

import pytest

from prorata.control.store import Control
from prorata.control.vault import Vault
from tests.control.conftest import KEY, NOON
from tests.control.organizations.office import Office
from tests.databases import postgresql_schema
from tests.rest.house import HandClock


@pytest.fixture(scope="package")
def steady_clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def processes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, steady_clock: HandClock
) -> Iterator[tuple[Control, Control]]:
    """Two processes on one database, for all tests: each has an organization and people of its own."""
    schema = postgresql_schema() if request.param == "postgresql" else None
    folder = tmp_path_factory.mktemp("organizations")
    url = next(schema) if schema else f"sqlite:///{folder}/control.db"
    vault = Vault(folder / "vault.keys")
    opened = Control(url, KEY, vault, now=steady_clock.now), Control(url, KEY, vault, now=steady_clock.now)
    yield opened
    for control in opened:
        control.close()
    if schema:
        next(schema, None)


@pytest.fixture(scope="package")
def one_control(tmp_path_factory: pytest.TempPathFactory, steady_clock: HandClock) -> Iterator[Control]:
    """A process for what is long and the same with every database."""
    folder = tmp_path_factory.mktemp("organizations")
    control = Control(f"sqlite:///{folder}/control.db", KEY, Vault(folder / "vault.keys"), now=steady_clock.now)
    yield control
    control.close()


@pytest.fixture
def office(processes: tuple[Control, Control], steady_clock: HandClock) -> Office:
    return Office(processes[0], steady_clock)


@pytest.fixture
def elsewhere(processes: tuple[Control, Control]) -> Control:
    """Return another process, which knows what has changed up to now."""
    processes[1].refresh()
    return processes[1]
