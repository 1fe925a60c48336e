"""Who did what about a person's standing, when and why. Rows are added, and removed only when the law has had its time."""

from enum import StrEnum

import msgspec
from sqlalchemy import Connection, insert, select

from prorata.crm.kyc.tables import checks, history
from prorata.crm.tables import TEXT_LENGTH_MAX
from prorata.units.numbers import Moment

OVERRIDE = "override"
"""the step by which people and programs set the published status by hand"""
RESUME = "resume"
"""the step by which it follows from the checks again"""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """`check_uuid` None: of the published status, set by hand. `before` and `after` are the same where somebody only agreed."""

    check_uuid: str | None
    step: str
    before: str
    after: str
    reason: str
    created_by: str
    created_at: Moment


def note_step(
    connection: Connection, account_id: int, step: str, *, before: StrEnum | str, after: StrEnum | str, reason: str, by: str,
    now: Moment, check_id: int | None = None,
) -> None:  # fmt: skip
    row = {
        "account_id": account_id, "check_id": check_id, "step": step, "before": str(before), "after": str(after),
        "reason": reason[:TEXT_LENGTH_MAX], "created_by": by[:TEXT_LENGTH_MAX], "created_at": now,
    }  # fmt: skip
    connection.execute(insert(history).values(row))


def steps_of(connection: Connection, account_id: int) -> list[Step]:
    """Return everything about a person, oldest first."""
    query = select(history, checks.c.uuid.label("check_uuid")).select_from(history.outerjoin(checks))
    rows = connection.execute(query.where(history.c.account_id == account_id).order_by(history.c.id)).mappings()
    return [Step(**{name: row[name] for name in Step.__struct_fields__}) for row in rows]
