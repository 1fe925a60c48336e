"""Tags: words that accounts are marked with."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.labels.tables import account_tags, tags
from prorata.crm.settings import find_setting
from prorata.messages.refusals import Refusal
from prorata.storage.database import insert_into
from prorata.units.numbers import Moment

TAGS_MAX = 500
"""of an organization"""


class Tag(msgspec.Struct, frozen=True, kw_only=True):
    """`color`: as "#1f77b4"."""

    id: int
    uuid: str
    organization_id: int
    name: str
    color: str
    created_at: Moment


class Tags:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Tag]:
        with self._database.reading() as connection:
            rows = connection.execute(select(tags).where(tags.c.organization_id == organization_id).order_by(tags.c.name))
            return [Tag(**row) for row in rows.mappings()]

    def find(self, organization_id: int, tag_uuid: str) -> Tag:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return Tag(**find_setting(connection, tags, organization_id, tags.c.uuid == tag_uuid))

    def add(self, organization_id: int, name: str, color: str) -> Tag:
        """Raises `Declined`: there is one of this name, or there are too many."""
        if len(self.all(organization_id)) >= TAGS_MAX:
            raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {TAGS_MAX} tags")
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id, "name": name.strip(), "color": color,
            "created_at": self._database.now(),
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(tags).values(row))
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a tag of this name") from None
        return self.find(organization_id, row["uuid"])

    def change(self, tag: Tag, name: str, color: str) -> Tag:
        """Raises `Declined`: there is one of this name."""
        try:
            with self._database.writing() as connection:
                connection.execute(update(tags).where(tags.c.id == tag.id).values(name=name.strip(), color=color))
        except IntegrityError:
            raise Declined(Refusal.NAME_TAKEN, "name: there is a tag of this name") from None
        return self.find(tag.organization_id, tag.uuid)

    def remove(self, tag: Tag) -> None:
        """Take a tag away, from all who have it."""
        with self._database.writing() as connection:
            connection.execute(delete(account_tags).where(account_tags.c.tag_id == tag.id))
            connection.execute(delete(tags).where(tags.c.id == tag.id))

    def of_accounts(self, account_ids: Collection[int]) -> dict[int, list[Tag]]:
        """Return the tags of accounts, by name; whoever has none is missing."""
        query = select(tags, account_tags.c.account_id).select_from(tags.join(account_tags))
        found: dict[int, list[Tag]] = {}
        with self._database.reading() as connection:
            mine = query.where(account_tags.c.account_id.in_(account_ids)).order_by(tags.c.name)
            for row in connection.execute(mine).mappings():
                tag = Tag(**{name: row[name] for name in Tag.__struct_fields__})
                found.setdefault(row["account_id"], []).append(tag)
        return found


def mark(connection: Connection, account_ids: Iterable[int], more: Collection[int], less: Collection[int]) -> None:
    """Give accounts tags, and take others from them, by number."""
    for account_id in account_ids:
        gone = (account_tags.c.account_id == account_id) & account_tags.c.tag_id.in_(less)
        connection.execute(delete(account_tags).where(gone))
        rows = [{"account_id": account_id, "tag_id": tag_id} for tag_id in more]
        if rows:
            connection.execute(insert_into(connection.dialect, account_tags).values(rows).on_conflict_do_nothing())
