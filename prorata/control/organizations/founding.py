"""How an organization begins: empty, with one person who may do everything."""

import uuid
from typing import Any

from sqlalchemy import Connection, insert

from prorata.access.permissions import ADMINISTRATOR
from prorata.control.organizations.inside import Organization, insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.tables import organizations
from prorata.units.numbers import Moment


def found(connection: Connection, name: str, person_id: int, now: Moment) -> Organization:
    """Make an organization within a transaction. `person_id`: its Administrator."""
    made = insert_organization(connection, name, now)
    insert_member(connection, made.id, person_id, Rights(role=ADMINISTRATOR), now)
    return made


def insert_organization(connection: Connection, name: str, now: Moment) -> Organization:
    """Add an organization in which nobody works yet."""
    row: dict[str, Any] = {"uuid": str(uuid.uuid4()), "name": name.strip(), "created_at": now, "closed_at": 0}
    made = connection.execute(insert(organizations).values(row)).inserted_primary_key
    assert made is not None
    return Organization(id=made[0], **row)
