from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from prorata.control.organizations.tables import organizations
from prorata.control.store import Control
from tests.control.conftest import OpenControl


def organization_in(control: Control, number: int) -> int:
    """Make an organization and return its number."""
    row: dict[str, Any] = {"uuid": f"organization-{number}", "name": f"Broker {number}", "created_at": 1, "closed_at": 0}
    with control.database.writing() as connection:
        made = connection.execute(insert(organizations).values(row)).inserted_primary_key
    assert made is not None
    organization_id: int = made[0]
    return organization_id


@pytest.fixture
def control(open_control: OpenControl) -> Control:
    return open_control()


@pytest.fixture
def organization(control: Control) -> int:
    return organization_in(control, 1)


@pytest.fixture
def everything_stored(tmp_path: Path, control: Control) -> Iterator[Any]:
    """Return what reads all that is in the platforms' table, as it is stored."""

    def read() -> str:
        with control.database.reading() as connection:
            return repr(connection.exec_driver_sql("SELECT * FROM control_platforms").all())

    yield read
