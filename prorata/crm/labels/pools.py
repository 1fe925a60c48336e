"""Pools: members who look after accounts together. An account is in one pool, or in none."""

import uuid
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.people.tables import people
from prorata.crm.accounts import manager_number
from prorata.crm.labels.tables import pool_members
from prorata.crm.settings import find_setting
from prorata.crm.tables import accounts, pools
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

POOLS_MAX = 200


class Pool(msgspec.Struct, frozen=True, kw_only=True):
    """`members`: uuids of people."""

    id: int
    uuid: str
    organization_id: int
    name: str
    members: tuple[str, ...]
    created_at: Moment


class Pools:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Pool]:
        """Return the pools of an organization, by name."""
        query = select(pools).where(pools.c.organization_id == organization_id).order_by(pools.c.name)
        with self._database.reading() as connection:
            return [_pool(connection, row) for row in connection.execute(query).mappings().all()]

    def find(self, organization_id: int, pool_uuid: str) -> Pool:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return _pool(connection, find_setting(connection, pools, organization_id, pools.c.uuid == pool_uuid))

    def add(self, organization_id: int, name: str, members: Collection[str]) -> Pool:
        """Raises `Declined`: there is one of this name, or a member is none."""
        if len(self.all(organization_id)) >= POOLS_MAX:
            raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {POOLS_MAX} pools")
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "name": name.strip(),
            "created_at": self._database.now(),
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                made = connection.execute(insert(pools).values(row)).inserted_primary_key
                assert made is not None
                _put_members(connection, organization_id, made[0], members)
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a pool of this name") from None
        return self.find(organization_id, row["uuid"])

    def change(self, pool: Pool, name: str, members: Collection[str]) -> Pool:
        """Raises as `add` does."""
        try:
            with self._database.writing() as connection:
                connection.execute(update(pools).where(pools.c.id == pool.id).values(name=name.strip()))
                _put_members(connection, pool.organization_id, pool.id, members)
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a pool of this name") from None
        return self.find(pool.organization_id, pool.uuid)

    def remove(self, pool: Pool) -> None:
        """Take a pool away; its accounts are in none."""
        with self._database.writing() as connection:
            connection.execute(update(accounts).where(accounts.c.pool_id == pool.id).values(pool_id=None))
            connection.execute(delete(pool_members).where(pool_members.c.pool_id == pool.id))
            connection.execute(delete(pools).where(pools.c.id == pool.id))


def _put_members(connection: Connection, organization_id: int, pool_id: int, members: Collection[str]) -> None:
    """Raises `Declined`."""
    connection.execute(delete(pool_members).where(pool_members.c.pool_id == pool_id))
    for person_uuid in sorted(set(members)):
        row = {"pool_id": pool_id, "person_id": manager_number(connection, organization_id, person_uuid)}
        connection.execute(insert(pool_members).values(row))


def _pool(connection: Connection, row: Any) -> Pool:
    joined = pool_members.join(people, people.c.id == pool_members.c.person_id)
    query = select(people.c.uuid).select_from(joined).where(pool_members.c.pool_id == row["id"]).order_by(people.c.uuid)
    same = {name: row[name] for name in Pool.__struct_fields__ if name != "members"}
    return Pool(**same, members=tuple(connection.execute(query).scalars()))
