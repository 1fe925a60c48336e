import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = ["tests.cheap"]
REPOSITORY = Path(__file__).resolve().parents[1]
TOGETHER = (
    "tests/app/test_commands.py", "tests/app/test_hosting.py", "tests/app/test_webapi.py", "tests/app/test_workspace_story.py",
    "tests/collectors/test_expert_advisors.py", "tests/replay/test_compiled.py", "tests/rest/test_authorization_matrix.py",
    "tests/rest/workspace/test_description.py", "tests/sim/test_simulation.py::test_the_twenty_seeds", "tests/stream/grpc/",
)  # fmt: skip
"""Beginnings of the ids of tests that share what takes long to make: of several processes, one runs them."""


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to whoever is free, but for those that belong together.

    It stands in for xdist's groups, whose names do not reach the ids of tests that pytest 9.2 hands out.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((beginning for beginning in TOGETHER if nodeid.startswith(beginning)), nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture
def data() -> Path:
    """The folder with real quotes: PRORATA_TEST_QUOTES, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("PRORATA_TEST_QUOTES") or REPOSITORY / ".." / "shared" / "data")
    if not (folder / "eurusd-ticks-2020-01.csv.gz").exists():
        pytest.skip(f"no real quotes in {folder}; name their folder in PRORATA_TEST_QUOTES")
    return folder
