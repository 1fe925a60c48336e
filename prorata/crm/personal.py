"""Which tables have something of a person, what he is shown of it, and what becomes of it when he is forgotten.

It is said beside the table, for every table that names an account: a test fails for one of which nothing is said.

    personal(notes, notes.c.account_id, Fate.DELETED)
"""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec
from sqlalchemy import Column, ColumnElement, Table, or_, select


class Fate(Enum):
    """What becomes of the rows of somebody who is forgotten."""

    DELETED = "deleted"
    KEPT = "kept"
    """the law keeps them; what names him in them is blanked"""
    DECIDED = "decided"
    """decisions on who he is: kept as they are until the organization's date, then deleted"""


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """`owners`: the columns that name an account, or (`by_trading_account`) a trading account. `unseen`: columns that he is not
    shown. `blank`: what columns become. `bound`: the condition of rows by which somebody still has business here, and is not
    forgotten."""

    table: Table
    owners: tuple[Column[int], ...]
    fate: Fate
    unseen: frozenset[str]
    blank: Mapping[str, Any]
    bound: ColumnElement[bool] | None
    by_trading_account: bool

    def of(self, account_id: int) -> ColumnElement[bool]:
        """Return the condition for a person's rows."""
        if self.by_trading_account:
            opened = self.table.metadata.tables["crm_trading_accounts"]
            return self.owners[0].in_(select(opened.c.id).where(opened.c.account_id == account_id))
        return or_(*(owner == account_id for owner in self.owners))


_known: dict[str, Personal] = {}


def personal(
    table: Table, owner: Column[int], fate: Fate, *, unseen: Collection[str] = (), blank: Mapping[str, Any] | None = None,
    also: Column[int] | None = None, bound: ColumnElement[bool] | None = None,
    by_trading_account: bool = False,
) -> None:  # fmt: skip
    """Say what a table has of a person. `also`: another column that names an account. The rest: see `Personal`."""
    owners = (owner,) if also is None else (owner, also)
    _known[table.name] = Personal(
        table=table, owners=owners, fate=fate, unseen=frozenset(unseen), blank=blank or {}, bound=bound,
        by_trading_account=by_trading_account,
    )  # fmt: skip


def all_personal() -> Iterator[Personal]:
    """Give them in the order in which their rows can be deleted: what refers to others first."""
    metadata = next(iter(_known.values())).table.metadata
    yield from (_known[table.name] for table in reversed(metadata.sorted_tables) if table.name in _known)
