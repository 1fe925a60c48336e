import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pymysql
import pytest
from sqlalchemy import insert

from prorata.control.organizations.tables import organizations
from prorata.control.platforms.records import PlatformRecord
from prorata.control.store import Control
from tests.control.conftest import OpenControl

MARIADB = ("127.0.0.1", 3306)
MT5_TABLES = ("accounts", "daily_2026", "deals_2026", "orders", "orders_history_2026", "positions", "prices", "users")
MT4_TABLES = ("MT4_CONFIG", "MT4_DAILY", "MT4_TRADES")


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
def everything_stored(control: Control) -> Callable[[], str]:
    """Return what reads all that is in the platforms' table, as it is stored."""

    def read() -> str:
        with control.database.reading() as connection:
            return repr(connection.exec_driver_sql("SELECT * FROM control_platforms").all())

    return read


@pytest.fixture(scope="module")
def reports_password() -> str:
    return uuid4().hex


@pytest.fixture(scope="module")
def reports_name(reports_password: str) -> Iterator[str]:
    """The name of a report database of MetaTrader 5, with some tables of MetaTrader 4, and of the login that reads it."""
    name = f"prorata_{uuid4().hex[:16]}"
    try:
        session = pymysql.connect(host=MARIADB[0], port=MARIADB[1], user="root", connect_timeout=2, autocommit=True)
    except pymysql.err.OperationalError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("no MariaDB answers at 127.0.0.1:3306")
    with session, session.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        for table in (*(f"mt5_{table}" for table in MT5_TABLES), *MT4_TABLES):
            cursor.execute(f"CREATE TABLE {name}.{table} (id INT PRIMARY KEY)")
        cursor.execute(f"CREATE USER {name}@'%' IDENTIFIED BY '{reports_password}'")
        cursor.execute(f"GRANT SELECT ON {name}.* TO {name}@'%'")
        yield name
        cursor.execute(f"DROP USER {name}@'%'")
        cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture
def reports(reports_name: str) -> PlatformRecord:
    """A platform whose report database is really there."""
    from tests.control.platforms.test_probing import PLATFORM

    return msgspec.structs.replace(
        PLATFORM, database_address=f"{MARIADB[0]}:{MARIADB[1]}", database_name=reports_name, database_login=reports_name
    )
