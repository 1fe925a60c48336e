"""Which tables have something of a person, what he is shown of it, and what becomes of it when he is forgotten.

It is said beside the table, for every table that names an account: a test fails for one of which nothing is said.

    personal(notes, notes.c.account_id, Fate.DELETED)
"""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Any

import msgspec
from sqlalchemy import Column, Table


class Fate(Enum):
    """What becomes of the rows of somebody who is forgotten."""

    DELETED = "deleted"
    KEPT = "kept"
    """the law keeps them; what names him in them is blanked"""
    DECIDED = "decided"
    """decisions on who he is: kept as they are until the organization's date, then deleted"""


class Personal(msgspec.Struct, frozen=True, kw_only=True):
    """`owner`: the column that names the account. `unseen`: columns that he is not shown. `blank`: what columns become."""

    table: Table
    owner: Column[int]
    fate: Fate
    unseen: frozenset[str]
    blank: Mapping[str, Any]


_known: dict[str, Personal] = {}


def personal(
    table: Table, owner: Column[int], fate: Fate, *, unseen: Collection[str] = (), blank: Mapping[str, Any] | None = None
) -> None:
    """Say what a table has of a person."""
    _known[table.name] = Personal(table=table, owner=owner, fate=fate, unseen=frozenset(unseen), blank=blank or {})


def all_personal() -> Iterator[Personal]:
    """Give them in the order in which their rows can be deleted: what refers to others first."""
    metadata = next(iter(_known.values())).table.metadata
    yield from (_known[table.name] for table in reversed(metadata.sorted_tables) if table.name in _known)
