from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rest.house import House
from tests.rest.webapi.floor import Floor
from tests.rest.webapi.office import Client, Office


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house for the WebAPI alone: what is traded and configured here is in nobody's way."""
    house = House(Path(tmp_path_factory.mktemp("webapi_house")))
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="session")
def office(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One WebAPI for all its tests; each test opens accounts of its own."""
    office = Office(house, Path(tmp_path_factory.mktemp("webapi")))
    yield office
    office.stop()


@pytest.fixture(scope="session")
def mt4(office: Office) -> Client:
    """A program that may do everything."""
    return office.client()


@pytest.fixture(scope="session")
def mt5(office: Office) -> Client:
    return office.client(surface="MT5")


@pytest.fixture(scope="session")
def floor(house: House, mt4: Client) -> Floor:
    return Floor(house, mt4)
