from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rest.house import House
from tests.rest.ramm.broker import Broker


@pytest.fixture(scope="session")
def broker(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One broker for all tests of the APIs; each test hires and enrols people of its own."""
    broker = Broker(house, Path(tmp_path_factory.mktemp("ramm")))
    yield broker
    broker.stop()
