from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import postgresql_schema
from tests.stream.webhooks.stage import Stage, staged


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/webhooks.db"
    else:
        yield from postgresql_schema()


@pytest.fixture
def stage(url: str) -> Iterator[Stage]:
    with staged(url) as opened:
        yield opened
