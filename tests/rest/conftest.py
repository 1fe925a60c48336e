from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rest.copying import Copying
from tests.rest.house import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One house for all tests of the API; each test opens accounts of its own."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    house.start()
    yield house
    house.stop()


@pytest.fixture(scope="session")
def copying(house: House) -> Iterator[Copying]:
    """The same house's copy trading."""
    copying = Copying(house)
    copying.set_up()
    yield copying
    copying.close()
