from collections.abc import Iterator
from pathlib import Path

import pytest

from prorata.messages.copy_commands import PutStream
from prorata.messages.copy_terms import StreamSpec
from prorata.rest.ramm.engine_copying import EngineCopying
from tests.rest.house import House
from tests.rest.ramm.broker import Broker
from tests.rest.ramm.copy_stage import Stage


@pytest.fixture(scope="session")
def broker(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """One broker for all tests of the APIs; each test hires and enrols people of its own."""
    broker = Broker(house, Path(tmp_path_factory.mktemp("ramm")))
    yield broker
    broker.stop()


@pytest.fixture(scope="session")
def copy_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker in a house of its own, where nobody else moves quotes or time."""
    house = House(Path(tmp_path_factory.mktemp("copy-house")))
    house.start()
    broker = Broker(house, Path(tmp_path_factory.mktemp("copy-ramm")), copying=EngineCopying(house.platforms))
    for number, name in ((1, "Hedge"), (2, "Second")):
        house.run(house.platforms["live"].writer.submit(PutStream(StreamSpec(id=number, name=name))))
    yield broker
    broker.stop()
    house.stop()


@pytest.fixture
def stage(copy_broker: Broker) -> Stage:
    """A company of its own for each test."""
    return Stage(copy_broker)
