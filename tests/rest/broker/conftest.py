from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rest.broker.stage import Stage
from tests.rest.house import QUOTES, House


@pytest.fixture(scope="package")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One broker for all tests of the API; each test makes accounts of its own."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    house.start()
    stage = Stage(Path(tmp_path_factory.mktemp("broker")), house)
    yield stage
    stage.close()
    house.stop()


@pytest.fixture(autouse=True, scope="module")
def usual_quotes(stage: Stage) -> None:
    """Each module begins with the house's quotes, whatever the one before has left."""
    stage.house.quote(*QUOTES)
