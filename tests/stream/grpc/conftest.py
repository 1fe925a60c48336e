from collections.abc import Iterator
from pathlib import Path

import pytest

from prorata.messages.commands import Quotes
from tests.rest.broker.stage import Stage
from tests.rest.house import QUOTES, House
from tests.stream.grpc.stage import GrpcStage


@pytest.fixture(scope="package")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GrpcStage]:
    """One broker with gRPC for all tests; each test makes accounts of its own."""
    house = House(Path(tmp_path_factory.mktemp("house")))
    house.start()
    stage = Stage(Path(tmp_path_factory.mktemp("broker")), house)
    port = GrpcStage(stage)
    yield port
    port.close()
    stage.close()
    house.stop()


@pytest.fixture
def grpc_port(port: GrpcStage) -> Iterator[GrpcStage]:
    """The port with the market where it was, and without the streams of other tests."""
    port.do(Quotes(QUOTES))
    with port.quiet():
        yield port
