"""How an organization begins: empty, with one person who may do everything."""

import uuid

import msgspec
from sqlalchemy import Connection, insert

from prorata.access.permissions import ADMINISTRATOR
from prorata.control.organizations.tables import members, organizations
from prorata.units.numbers import Moment


class Founded(msgspec.Struct, frozen=True):
    id: int
    uuid: str
    name: str


def found(connection: Connection, name: str, person_id: int, now: Moment) -> Founded:
    """Make an organization within a transaction. `person_id`: its Administrator."""
    organization = {"uuid": str(uuid.uuid4()), "name": name, "created_at": now, "closed_at": 0}
    made = connection.execute(insert(organizations).values(organization)).inserted_primary_key
    assert made is not None
    member = {
        "organization_id": made[0], "person_id": person_id, "role": ADMINISTRATOR, "permissions": "", "platforms": None,
        "created_at": now, "disabled_at": 0, "used_at": 0,
    }  # fmt: skip
    connection.execute(insert(members).values(member))
    return Founded(made[0], str(organization["uuid"]), name)
