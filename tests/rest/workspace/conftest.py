from collections.abc import Iterator

import pytest

from tests.rest.workspace.stage import WorkspaceStage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkspaceStage]:
    """One workspace for all tests; each makes people of its own."""
    stage = WorkspaceStage(tmp_path_factory.mktemp("workspace"))
    yield stage
    stage.stop()
