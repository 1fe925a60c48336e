"""The description of the workspace is true: whatever it allows is answered as it says, and nothing makes the server fail."""

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

from tests.rest.workspace.stage import WorkspaceStage

FILES = {f"{verb} /api/v1/organizations/{{organization}}/{what}" for verb, what in (
    ("get", "export"), ("post", "close"), ("get", "audit/export"),
    ("get", "statements/{statement}/{form}"),
    ("get", "documents/{document}/content"), ("get", "accounts/{account}/export"),
)}  # fmt: skip
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def spec(stage: WorkspaceStage) -> dict[str, Any]:
    described: dict[str, Any] = stage.client().get("/api/v1/workspace/openapi.json").json()
    return described


def test_every_operation_says_what_it_does_who_may_call_it_and_shows_an_example(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    for path, operations in spec["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {path}"
            assert operation["summary"], place
            anybody = "Anybody may call it." in operation["description"]
            assert anybody == (operation["security"] == []), place
            done = next(iter(operation["responses"].values()))
            if place not in FILES:
                assert done["content"]["application/json"]["example"], place


def test_the_docs_page_shows_every_operation_and_needs_nothing_from_elsewhere(
    stage: WorkspaceStage, spec: dict[str, Any]
) -> None:
    page = stage.client().get("/api/v1/workspace/docs").text
    for path in spec["paths"]:
        assert f"<code>{path}</code>" in page
    assert '="http' not in page
    assert "<script" not in page


def call_as_described(stage: WorkspaceStage, operation: Any) -> None:
    """Make a few generated calls, good and bad, as somebody who has just signed in."""
    token, _ = stage.control.sign_ins.open(stage.person().id, ["pwd"])

    @given(case=operation.as_strategy(GenerationMode.POSITIVE) | operation.as_strategy(GenerationMode.NEGATIVE))
    @settings(
        max_examples=3, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def call(case: Any) -> None:
        case.call_and_validate(base_url=stage.url, headers={"authorization": f"Bearer {token}"}, checks=CHECKS)

    call()


def test_generated_calls_are_answered_as_described(stage: WorkspaceStage, spec: dict[str, Any]) -> None:
    operations: Any = schemathesis.openapi.from_dict(spec).get_all_operations()
    for operation in operations:
        call_as_described(stage, operation.ok())
