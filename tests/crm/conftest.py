from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crm.desk import Desk
from tests.databases import postgresql_tables


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on each of the databases: for what several do at once."""
    desk = Desk(tmp_path, "" if request.param == "sqlite" else postgresql_tables())
    yield desk
    desk.close()
