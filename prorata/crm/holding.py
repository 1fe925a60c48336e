"""Holding people's rows. What begins for a person, changes him or tells of him asks this first (decision 0042).

So of that and of forgetting him one comes first, and nothing is written of somebody who was forgotten.
"""

from collections.abc import Collection

from sqlalchemy import Connection, RowMapping, select

from prorata.access.callers import NotFound
from prorata.crm.tables import accounts

AT_ONCE = 500


def hold_person(connection: Connection, account_id: int) -> RowMapping:
    """Hold the row of a person who is here until the transaction ends, and return it. Raises `NotFound`: he was deleted."""
    here = (accounts.c.id == account_id) & (accounts.c.deleted_at == 0)
    row = connection.execute(select(accounts).where(here).with_for_update(key_share=True)).mappings().first()
    if row is None:
        raise NotFound
    return row


def hold_client(connection: Connection, client_id: int) -> None:
    """As `hold_person`, of a client who may be nobody of the CRM."""
    if connection.execute(select(accounts.c.id).where(accounts.c.id == client_id)).first() is not None:
        hold_person(connection, client_id)


def hold_people(connection: Connection, account_ids: Collection[int]) -> set[int]:
    """Hold the rows of those people who are here until the transaction ends, and return who they are."""
    # In one order: of two who hold the same people, neither waits for the other's.
    asked, here = sorted(account_ids), accounts.c.deleted_at == 0
    held: set[int] = set()
    for place in range(0, len(asked), AT_ONCE):
        some = accounts.c.id.in_(asked[place : place + AT_ONCE])
        query = select(accounts.c.id).where(here, some).order_by(accounts.c.id)
        held.update(connection.execute(query.with_for_update(key_share=True)).scalars())
    return held
