"""What accounts are looked for by: how they are sorted, and how far they are known."""

import msgspec
from sqlalchemy import ColumnElement, or_, select

from prorata.crm.accounts import Verification
from prorata.crm.duplicates.duplicates import PairStatus
from prorata.crm.duplicates.tables import pairs
from prorata.crm.labels.tables import account_tags, field_values, fields, tags
from prorata.crm.tables import accounts, lead_statuses, pools


class SortedBy(msgspec.Struct, frozen=True, kw_only=True):
    """Uuids; "" and none are not asked about. `tags`: all of them. `field` and `value`: of a field, as it is kept."""

    tags: tuple[str, ...] = ()
    lead_status: str = ""
    pool: str = ""
    verification: Verification | None = None
    field: str = ""
    value: str = ""
    suspected: bool = False
    """of whom it is suspected that they are here twice"""


def conditions(organization_id: int, wanted: SortedBy) -> list[ColumnElement[bool]]:
    """Return the conditions on `accounts`; what is named and is not the organization's finds nobody."""
    found: list[ColumnElement[bool]] = []
    for tag in wanted.tags:
        mine = (tags.c.organization_id == organization_id) & (tags.c.uuid == tag)
        marked = select(account_tags.c.account_id).select_from(account_tags.join(tags)).where(mine)
        found.append(accounts.c.id.in_(marked))
    for column, table, named in (
        (accounts.c.lead_status_id, lead_statuses, wanted.lead_status), (accounts.c.pool_id, pools, wanted.pool),
    ):  # fmt: skip
        if named:
            mine = (table.c.organization_id == organization_id) & (table.c.uuid == named)
            found.append(column.in_(select(table.c.id).where(mine)))
    if wanted.verification is not None:
        found.append(accounts.c.verification == wanted.verification.value)
    if wanted.field:
        mine = (fields.c.organization_id == organization_id) & (fields.c.uuid == wanted.field)
        has = select(field_values.c.account_id).select_from(field_values.join(fields))
        found.append(accounts.c.id.in_(has.where(mine, field_values.c.value == wanted.value)))
    if wanted.suspected:
        doubtful = (pairs.c.organization_id == organization_id) & (pairs.c.status == PairStatus.SUSPECTED.value)
        sides = [select(pairs.c[side]).where(doubtful) for side in ("first_id", "second_id")]
        found.append(or_(*(accounts.c.id.in_(side) for side in sides)))
    return found
