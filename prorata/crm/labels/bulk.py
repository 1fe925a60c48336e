"""Many accounts at once: tags, pool, lead status. All of them, or none."""

from collections.abc import Collection

import msgspec
from sqlalchemy import Table, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.holding import hold_people
from prorata.crm.labels.tables import tags
from prorata.crm.labels.tags import mark
from prorata.crm.settings import find_setting
from prorata.crm.tables import accounts, lead_statuses, pools
from prorata.messages.refusals import Refusal


class Sorting(msgspec.Struct, frozen=True, kw_only=True):
    """Uuids. `pool`, `lead_status`: UNSET as they are, None for none."""

    more_tags: frozenset[str] = frozenset()
    less_tags: frozenset[str] = frozenset()
    pool: str | msgspec.UnsetType | None = msgspec.UNSET
    lead_status: str | msgspec.UnsetType | None = msgspec.UNSET


class Sorter:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sort(self, organization_id: int, account_uuids: Collection[str], wanted: Sorting, *, by: str) -> int:
        """Sort accounts; return how many. Raises `Declined`: an account or something that is named is not there."""
        now = self._database.now()
        mine = (accounts.c.organization_id == organization_id) & (accounts.c.deleted_at == 0)
        with self._database.writing() as connection:

            def number_of(table: Table, named: str, field: str) -> int:
                try:
                    found: int = find_setting(connection, table, organization_id, table.c.uuid == named)["id"]
                except NotFound:
                    raise Declined(Refusal.UNKNOWN_REFERENCE, f"{field}: there is none of this uuid") from None
                return found

            query = select(accounts.c.id).where(mine, accounts.c.uuid.in_(set(account_uuids)))
            numbers = sorted(hold_people(connection, connection.execute(query).scalars().all()))
            if len(numbers) < len(set(account_uuids)):
                raise Declined(Refusal.UNKNOWN_REFERENCE, "accounts: one of them is not there")
            more = [number_of(tags, one, "more_tags") for one in sorted(wanted.more_tags)]
            less = [number_of(tags, one, "less_tags") for one in sorted(wanted.less_tags)]
            mark(connection, numbers, more, less)
            values: dict[str, int | None] = {}
            for column, table, named in (
                ("pool_id", pools, wanted.pool), ("lead_status_id", lead_statuses, wanted.lead_status),
            ):  # fmt: skip
                if not isinstance(named, msgspec.UnsetType):
                    values[column] = None if named is None else number_of(table, named, column.removesuffix("_id"))
            if values:
                connection.execute(update(accounts).where(accounts.c.id.in_(numbers)).values(**values, updated_at=now))
            said = [name for name, told in (("tags", more or less), ("pool", "pool_id" in values)) if told]
            said += ["lead_status"] if "lead_status_id" in values else []
            for number in numbers:
                tell(connection, number, TimelineEvent.ACCOUNT_CHANGED, ", ".join(said), by, now)
        return len(numbers)
