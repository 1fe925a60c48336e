from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crm.desk import Desk
from tests.crm.prop.firm import Firm


@pytest.fixture
def firm(tmp_path: Path) -> Iterator[Firm]:
    desk = Desk(tmp_path)
    yield Firm(desk)
    desk.close()
