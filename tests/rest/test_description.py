"""The description of the API is true: whatever it allows is answered as it says, and nothing makes the server fail."""

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

from prorata.messages.refusals import Refusal
from prorata.views.answers import STATUS
from tests.rest.house import House


@pytest.fixture(scope="module")
def spec(house: House) -> dict[str, Any]:
    with house.client("none") as anybody:
        answer = anybody.get("/api/v1/openapi.json")
    described: dict[str, Any] = answer.json()
    return described


def test_every_operation_has_a_summary_a_scope_and_examples(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            assert "Needs scope" in operation["description"], place
            (done, _) = operation["responses"].items()
            assert "example" in done[1]["content"]["application/json"], place
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["example"] is not None, place


def test_the_docs_page_shows_every_operation_and_needs_nothing_from_elsewhere(house: House, spec: dict[str, Any]) -> None:
    with house.client("none") as anybody:
        page = anybody.get("/api/v1/docs").text
    for path in spec["paths"]:
        assert f"<code>{path}</code>" in page
    assert '="http' not in page
    assert "<script" not in page


@pytest.mark.parametrize("code", Refusal, ids=lambda code: code.name)
def test_every_refusal_has_a_page_and_a_status(house: House, code: Refusal) -> None:
    with house.client("none") as anybody:
        page = anybody.get(f"/problems/{code.value}")
        assert page.status_code == 200
        assert code.name in page.text
        assert f'href="/problems/{code.value}"' in anybody.get("/problems").text
    assert 400 <= STATUS[code] < 600


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def call_as_described(house: House, operation: Any) -> None:
    """Make a few generated calls, good and bad, against the platform that no other test looks at."""
    headers = {"authorization": f"Bearer {house.tokens['other']}"}

    @given(case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(
        max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def call(case: Any) -> None:
        case.call_and_validate(base_url=house.url, headers=headers, checks=CHECKS)

    call()


def test_generated_calls_are_answered_as_described(house: House, spec: dict[str, Any]) -> None:
    operations: Any = schemathesis.openapi.from_dict(spec).get_all_operations()
    for operation in operations:
        call_as_described(house, operation.ok())
