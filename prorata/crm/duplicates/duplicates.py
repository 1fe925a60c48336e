"""Pairs of accounts that may be one person's, as accounts come and change. It is looked up by key, in however many accounts."""

import uuid
from collections.abc import Collection
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, and_, delete, insert, or_, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.tables import clients
from prorata.crm.accounts import Accounts
from prorata.crm.activity import TimelineEvent, tell
from prorata.crm.duplicates.keys import KeyKind, keys_of
from prorata.crm.duplicates.tables import KEY_LENGTH_MAX, keys, pairs
from prorata.crm.tables import TEXT_LENGTH_MAX, accounts
from prorata.units.numbers import Moment

ALIKE_MAX = 20
"""others that one key pairs an account with: a number that hundreds share is nobody's"""
LISTED_MAX = 500


_READ = ("email", "mobile", "country", "first_name", "last_name", "date_of_birth")


class PairStatus(StrEnum):
    SUSPECTED = "SUSPECTED"
    DIFFERENT = "DIFFERENT"
    """somebody has said that they are different people"""


class Alike(msgspec.Struct, frozen=True, kw_only=True):
    """One account of a pair."""

    uuid: str
    email: str
    first_name: str
    last_name: str
    created_at: Moment


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """`kinds`: what they have in common. `first` was made before `second`."""

    id: int
    uuid: str
    organization_id: int
    first: Alike
    second: Alike
    kinds: tuple[KeyKind, ...]
    status: PairStatus
    note: str
    decided_by: str
    decided_at: Moment
    created_at: Moment


class Duplicates:
    """Blocks on the database. Hears of accounts from `accounts`, within their transactions."""

    def __init__(self, database: Database, accounts: Accounts) -> None:
        self._database = database
        accounts.hear(self._follow)

    def all(self, organization_id: int, status: PairStatus = PairStatus.SUSPECTED) -> list[Pair]:
        """Return the newest pairs of an organization."""
        return self._many((pairs.c.organization_id == organization_id) & (pairs.c.status == status.value))

    def of_account(self, account_id: int) -> list[Pair]:
        """Return the pairs that an account is in, newest first."""
        return self._many(or_(pairs.c.first_id == account_id, pairs.c.second_id == account_id))

    def suspected_among(self, account_ids: Collection[int]) -> set[int]:
        """Return which of some accounts are in a pair that is suspected."""
        query = select(pairs.c.first_id, pairs.c.second_id).where(pairs.c.status == PairStatus.SUSPECTED.value)
        theirs = or_(pairs.c.first_id.in_(account_ids), pairs.c.second_id.in_(account_ids))
        with self._database.reading() as connection:
            return {number for row in connection.execute(query.where(theirs)) for number in row} & set(account_ids)

    def find(self, organization_id: int, pair_uuid: str) -> Pair:
        """Raises `NotFound`."""
        found = self._many((pairs.c.organization_id == organization_id) & (pairs.c.uuid == pair_uuid))
        if not found:
            raise NotFound
        return found[0]

    def decide(self, pair: Pair, status: PairStatus, note: str = "", *, by: str) -> Pair:
        """Say that they are different people, or that it is not known after all."""
        values = {
            "status": status.value, "note": note[:TEXT_LENGTH_MAX], "decided_by": by, "decided_at": self._database.now(),
        }  # fmt: skip
        with self._database.writing() as connection:
            connection.execute(update(pairs).where(pairs.c.id == pair.id).values(values))
        return self.find(pair.organization_id, pair.uuid)

    def _many(self, which: Any) -> list[Pair]:
        with self._database.reading() as connection:
            rows = connection.execute(select(pairs).where(which).order_by(pairs.c.id.desc()).limit(LISTED_MAX)).mappings().all()
            numbers = {row[name] for row in rows for name in ("first_id", "second_id")}
            joined = accounts.join(clients, clients.c.id == accounts.c.id)
            query = select(accounts, clients.c.email, clients.c.first_name, clients.c.last_name).select_from(joined)
            known = {row["id"]: row for row in connection.execute(query.where(accounts.c.id.in_(numbers))).mappings()}
        return [_pair_from(row, _alike(known[row["first_id"]]), _alike(known[row["second_id"]])) for row in rows]

    # As accounts come, change and go.

    def _follow(self, connection: Connection, account_id: int, by: str, now: Moment) -> None:
        """Find an account's keys anew, and whom it has them in common with."""
        joined = accounts.join(clients, clients.c.id == accounts.c.id)
        query = select(clients, accounts.c.date_of_birth, accounts.c.deleted_at, accounts.c.organization_id)
        row = connection.execute(query.select_from(joined).where(accounts.c.id == account_id)).mappings().one()
        found = () if row["deleted_at"] else keys_of({name: row[name] for name in _READ})
        wanted = {(kind.value, key) for kind, key in found if len(key) <= KEY_LENGTH_MAX}
        mine = keys.c.account_id == account_id
        had = {(one.kind, one.key) for one in connection.execute(select(keys.c.kind, keys.c.key).where(mine))}
        if wanted == had:
            return
        connection.execute(delete(keys).where(mine))
        at = {"organization_id": row["organization_id"], "account_id": account_id}
        if wanted:
            connection.execute(insert(keys), [{**at, "kind": kind, "key": key} for kind, key in sorted(wanted)])
        self._pair(connection, row["organization_id"], account_id, wanted, by, now)

    def _pair(
        self, connection: Connection, organization_id: int, account_id: int, wanted: set[tuple[str, str]], by: str, now: Moment
    ) -> None:
        alike: dict[int, set[str]] = {}
        for kind, key in sorted(wanted):
            same = and_(keys.c.organization_id == organization_id, keys.c.kind == kind, keys.c.key == key)
            others = select(keys.c.account_id).where(same, keys.c.account_id != account_id)
            newest = others.order_by(keys.c.account_id.desc()).limit(ALIKE_MAX)
            # Who forgets one of them deletes his keys first, and waits; keys that go just now are nobody's any more.
            held = newest.with_for_update(read=True, key_share=True, skip_locked=True)
            for other in connection.execute(held).scalars():
                alike.setdefault(other, set()).add(kind)
        mine = or_(pairs.c.first_id == account_id, pairs.c.second_id == account_id)
        known = {
            row.first_id + row.second_id - account_id: row.id
            for row in connection.execute(select(pairs.c.id, pairs.c.first_id, pairs.c.second_id).where(mine))
        }
        # What two have no longer in common is no suspicion any more; that they are different people stays known.
        gone = [number for other, number in known.items() if other not in alike]
        connection.execute(delete(pairs).where(pairs.c.id.in_(gone), pairs.c.status == PairStatus.SUSPECTED.value))
        for other, kinds in sorted(alike.items()):
            shared = " ".join(sorted(kinds))
            if other in known:
                connection.execute(update(pairs).where(pairs.c.id == known[other]).values(kinds=shared))
                continue
            row = {
                "uuid": str(uuid.uuid4()), "organization_id": organization_id, "first_id": min(account_id, other),
                "second_id": max(account_id, other), "kinds": shared, "status": PairStatus.SUSPECTED.value, "note": "",
                "decided_by": "", "decided_at": 0, "created_at": now,
            }  # fmt: skip
            connection.execute(insert(pairs).values(row))
            other_uuid = connection.execute(select(accounts.c.uuid).where(accounts.c.id == other)).scalar_one()
            tell(connection, account_id, TimelineEvent.DUPLICATE, f"{shared} as {other_uuid}", by, now)


def _alike(row: RowMapping) -> Alike:
    return Alike(**{name: row[name] for name in Alike.__struct_fields__})


def _pair_from(row: RowMapping, first: Alike, second: Alike) -> Pair:
    same = {name: row[name] for name in Pair.__struct_fields__ if name not in ("first", "second", "kinds", "status")}
    kinds = tuple(KeyKind(kind) for kind in row["kinds"].split())
    return Pair(**same, first=first, second=second, kinds=kinds, status=PairStatus(row["status"]))
