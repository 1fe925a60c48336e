"""Calls that a generator makes of the published description, good ones and bad: no fault of ours, no undocumented answer."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.rest.house import House
from tests.rest.webapi.described import described
from tests.rest.webapi.floor import Floor
from tests.rest.webapi.office import LIVE, Office
from tests.rest.webapi.published import OPERATIONS

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
FAULTS = {"Internal", "OutcomeUnknown", "Timeout"}
HEADERS = {"authorization": "Bearer all"}


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A WebAPI of its own, where nobody minds what becomes of it."""
    house = House(Path(tmp_path_factory.mktemp("generated-house")))
    house.start()
    office = Office(house, Path(tmp_path_factory.mktemp("generated")))
    yield office
    office.stop()
    house.stop()


def call_as_described(apart: Office, operation: Any, came: Counter[str]) -> None:
    @given(case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(
        max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def call(case: Any) -> None:
        apart.house.write_history()
        answer = case.call_and_validate(base_url=apart.url, headers=HEADERS, checks=CHECKS)
        code = "done" if (error := answer.json()["error"]) is None else error["code"]
        assert code not in FAULTS, f"{operation.label}: {answer.text[:300]}"
        came[code] += 1

    call()


def test_generated_calls_are_answered_as_described(apart: Office) -> None:
    Floor(apart.house, apart.client()).account()
    came: Counter[str] = Counter()
    operations: Any = schemathesis.openapi.from_dict(described(LIVE)).get_all_operations()
    for operation in operations:
        call_as_described(apart, operation.ok(), came)
    assert came["done"] >= len(OPERATIONS) // 4, came
    assert came["Validation"] >= len(OPERATIONS) // 4, came
