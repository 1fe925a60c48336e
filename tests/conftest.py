import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from xdist.scheduler import LoadScopeScheduling

from prorata.control import passwords

IN_EARNEST = passwords._hasher
REPOSITORY = Path(__file__).resolve().parents[1]
TOGETHER = (
    "tests/app/test_commands.py", "tests/app/test_hosting.py", "tests/app/test_webapi.py", "tests/app/test_workspace_story.py",
    "tests/collectors/test_expert_advisors.py", "tests/rest/test_authorization_matrix.py",
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


def pytest_collection_finish() -> None:
    """Let garbage be looked for less often, and not in what was loaded: it took a fifth of the time of tests of the CRM."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(700, 10, 100)


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords are hashed at Argon2's least cost: thousands of people are made here, each hash takes 20 ms in earnest."""
    with hashing_by(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)):
        yield


@pytest.fixture
def costly_hashes() -> Iterator[None]:
    """Passwords are hashed as in earnest, for tests of what that costs."""
    with hashing_by(IN_EARNEST):
        yield


@contextmanager
def hashing_by(hasher: PasswordHasher) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(passwords, "_hasher", hasher)
        passwords._nobody.cache_clear()
        yield
    passwords._nobody.cache_clear()


@pytest.fixture
def data() -> Path:
    """The folder with real quotes: PRORATA_TEST_QUOTES, or ../shared/data beside the repository."""
    folder = Path(os.environ.get("PRORATA_TEST_QUOTES") or REPOSITORY / ".." / "shared" / "data")
    if not (folder / "eurusd-ticks-2020-01.csv.gz").exists():
        pytest.skip(f"no real quotes in {folder}; name their folder in PRORATA_TEST_QUOTES")
    return folder
