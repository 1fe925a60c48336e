from collections.abc import Iterator

import pytest

from tests.rest.oidc.stage import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One provider for all tests; each makes people, programs and applications of its own."""
    stage = Stage(tmp_path_factory.mktemp("oidc"))
    yield stage
    stage.stop()
