"""The committed messages are those of the .proto files, and have the published numbers."""

from pathlib import Path

import pytest

from prorata.stream.grpc import v1, v1_enveloped, v2
from prorata.stream.grpc.proto import broker_v1_pb2, broker_v2_pb2
from tools.protos import ROOT, generate


def test_what_is_committed_is_what_the_tool_makes(tmp_path: Path) -> None:
    made = generate(tmp_path)
    assert len(made) == 6
    for name in made:
        assert (ROOT / name).read_bytes() == (tmp_path / name).read_bytes(), f"{name}: run python -m tools.protos"


def test_every_published_method_is_served() -> None:
    for file, methods in ((broker_v1_pb2, v1.METHODS), (broker_v1_pb2, v1_enveloped.METHODS), (broker_v2_pb2, v2.METHODS)):
        published = {
            f"/{service.full_name}/{method.name}": method.input_type.full_name
            for service in file.DESCRIPTOR.services_by_name.values()
            for method in service.methods
        }
        assert {method.path: method.request.DESCRIPTOR.full_name for method in methods} == published


@pytest.mark.parametrize(("version", "shift"), [(broker_v1_pb2, 0), (broker_v2_pb2, 1)])
def test_enumerations_of_version_2_are_one_more(version: object, shift: int) -> None:
    def numbers(name: str) -> list[int]:
        return [number - shift for number in getattr(version, name).values() if number >= shift]

    assert numbers("PBRequestUpdateTypeExternal") == [0, 1, 2, 3, 4]
    assert numbers("PBOrderSideExternal") == [0, 1]
    assert numbers("PBHistoryOperationTypeExternal") == list(range(9))
