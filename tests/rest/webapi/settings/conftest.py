"""A house of its own: these tests change symbols, groups and the firewall under everybody's feet."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from prorata.access.permissions import EVERYTHING, ROLES, Grant
from prorata.copying.engine import Engine
from prorata.rest.webapi.callers import StaffMember
from prorata.rest.webapi.upkeep import BackupInfo, FeedInfo, UpkeepFailed
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

STAFF = (StaffMember(12, "Ben Dealer", Grant(1, ROLES["Dealer"])), StaffMember(7, "Ann Chief", Grant(1, EVERYTHING)))


class PaperUpkeep:
    """A platform whose parts do nothing but tell that they were asked. `fails`: why they do not."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = ""
        self.kept: dict[str, tuple[BackupInfo, Engine]] = {}

    def feed(self) -> FeedInfo | None:
        return FeedInfo("simulated", "seeded market 1")

    def feed_log(self) -> Sequence[str]:
        return ("2026-03-02T12:00:00.000Z began", "2026-03-02T12:30:00.000Z began anew")

    def venue(self) -> str | None:
        return "hedge desk"

    async def restart_feed(self) -> None:
        self._ask("restart feed")

    async def rebuild_candles(self) -> None:
        self._ask("rebuild candles")

    def backups(self) -> Sequence[BackupInfo]:
        return [info for info, _ in self.kept.values()]

    def backup(self, file: str) -> Engine | None:
        return self.kept[file][1] if file in self.kept else None

    def _ask(self, what: str) -> None:
        if self.fails:
            raise UpkeepFailed(self.fails)
        self.asked.append(what)


@pytest.fixture(scope="session")
def upkeep() -> PaperUpkeep:
    return PaperUpkeep()


@pytest.fixture(scope="session")
def own_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(Path(tmp_path_factory.mktemp("settings-house")))
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="session")
def own_office(own_house: House, upkeep: PaperUpkeep, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(own_house, Path(tmp_path_factory.mktemp("settings-webapi")))
    mine = office.directory.platforms[1]
    mine[0] = msgspec.structs.replace(mine[0], upkeep=upkeep)
    office.staff = STAFF
    yield office
    office.stop()


@pytest.fixture(scope="session")
def mt4(own_office: Office) -> Client:
    """A program that may do everything on platform "live"."""
    return own_office.client()


@pytest.fixture
def unchanged(own_house: House) -> Iterator[Callable[[], None]]:
    """Demand at the end that the engine's state is what it was at the beginning."""
    before = own_house.state_hash()
    yield lambda: None
    assert own_house.state_hash() == before
