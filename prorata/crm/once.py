"""A call that is repeated under its idempotency key has one payment, transfer or trading account, however often it comes.

The key is written in the transaction that adds the row, and is kept as long as the row.
"""

from hashlib import sha256

import msgspec
from sqlalchemy import Connection, Table, UniqueConstraint, delete, insert, select
from sqlalchemy.exc import IntegrityError

from prorata.control.columns import number, of, text, whole
from prorata.control.organizations.declined import Declined
from prorata.crm.crossing import subject_of
from prorata.crm.tables import crm_table
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

calls: Table = crm_table(
    "calls",
    number(),
    of("organizations", "organization_id"),
    text("key", 64),
    text("content", 64),
    text("subject", 64),
    whole("created_at"),
    UniqueConstraint("organization_id", "key"),
)
"""`key`, `content`: digests of who has called under which key, and of what he asked for. `subject`: the row that came of it."""


class Once(msgspec.Struct, frozen=True):
    key: str
    content: str


def once_of(who: str, key: str, *content: object) -> Once | None:
    """Return by what a caller's call is known again; None: it has no key."""
    return Once(_digest(who, key), _digest(*content)) if key else None


def _digest(*parts: object) -> str:
    return sha256(msgspec.json.encode([str(part) for part in parts])).hexdigest()


def known(connection: Connection, organization_id: int, once: Once | None) -> int | None:
    """Return the row that came of the same call before. Raises `Declined`: it asked for something else."""
    if once is None:
        return None
    mine = (calls.c.organization_id == organization_id) & (calls.c.key == once.key)
    row = connection.execute(select(calls).where(mine)).mappings().first()
    if row is None:
        return None
    if row["content"] != once.content:
        raise Declined(Refusal.KEY_REUSED)
    return int(row["subject"].rpartition(" ")[2])


def note(connection: Connection, organization_id: int, once: Once | None, table: str, number: int, now: Moment) -> None:
    """Write down what came of a call. Raises `Declined`: the same call is being done elsewhere right now."""
    if once is None:
        return
    row = {"organization_id": organization_id, "key": once.key, "content": once.content, "created_at": now}
    try:
        connection.execute(insert(calls).values(row | {"subject": subject_of(table, number)}))
    except IntegrityError:
        raise Declined(Refusal.CHANGE_UNDER_WAY, "the same call is being done", retry_after=1) from None


def forget(connection: Connection, organization_id: int, table: str, number: int) -> None:
    """Have a call use no key: the row that came of it is taken back."""
    mine = (calls.c.organization_id == organization_id) & (calls.c.subject == subject_of(table, number))
    connection.execute(delete(calls).where(mine))
