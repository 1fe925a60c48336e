"""Levels: what an organization asks of people, and what they may do once it is known. Without any, nobody is restricted."""

import uuid
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.documents.kinds import DocumentKind
from prorata.crm.kyc.tables import levels
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, Minor, Moment

BASE = 0
"""the rank of the level that everybody has without a check"""
RANK_MAX = 20
REVIEWERS_MAX = 5
VALID_DAYS_MAX = 3_660


class Right(StrEnum):
    """What a level may allow, on real accounts; demo accounts are nobody's risk."""

    TRADE = "TRADE"
    """open positions and place orders; closing is never forbidden"""
    DEPOSIT = "DEPOSIT"
    WITHDRAW = "WITHDRAW"
    TRANSFER = "TRANSFER"
    """move money between his own accounts and wallet"""
    INVEST = "INVEST"
    """copy strategies with money"""
    PUBLISH = "PUBLISH"
    """offer strategies to others"""


class Appropriateness(StrEnum):
    """What a level asks of the questionnaire's result."""

    NONE = "NONE"
    ANSWERED = "ANSWERED"
    NOT_UNSUITABLE = "NOT_UNSUITABLE"
    SUITABLE = "SUITABLE"


class LevelTerms(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` 0: what everybody has without a check. A higher rank replaces a lower one, with all that it allows.

    `deposit_limits`: what may be paid in altogether, in minor units by currency; without any there is no limit, with some a
    currency that is not among them cannot be paid in. `verifies`: whoever has it is VERIFIED. `reviewers`: how many people
    must agree. `valid_days` 0: an approval holds for good. `documents`: kinds of which one accepted document is asked for.
    `provider`: who looks at a check before people do, "" for nobody.
    """

    rank: int
    name: str
    rights: frozenset[Right] = frozenset()
    deposit_limits: Mapping[str, Minor] = {}
    verifies: bool = False
    reviewers: int = 1
    valid_days: int = 0
    appropriateness: Appropriateness = Appropriateness.NONE
    documents: frozenset[DocumentKind] = frozenset()
    provider: str = ""


class Level(LevelTerms, frozen=True, kw_only=True):
    """`removed_at`: when it was taken away; 0: it is there."""

    id: int
    uuid: str
    organization_id: int
    created_at: Moment
    updated_at: Moment
    removed_at: Moment


class Levels:
    """Blocks on the database. `providers`: names of those that there are."""

    def __init__(self, database: Database, providers: Collection[str]) -> None:
        self._database = database
        self._providers = providers

    def all(self, organization_id: int) -> list[Level]:
        """Return the levels of an organization, lowest first."""
        with self._database.reading() as connection:
            return levels_of(connection, organization_id)

    def find(self, organization_id: int, level_uuid: str) -> Level:
        """Raises `NotFound`."""
        with self._database.reading() as connection:
            return find_level(connection, organization_id, level_uuid)

    def add(self, organization_id: int, terms: LevelTerms) -> Level:
        """Raises `Declined`."""
        self._check(terms)
        now = self._database.now()
        row = {
            **_row_of(terms), "uuid": str(uuid.uuid4()), "organization_id": organization_id, "created_at": now,
            "updated_at": now, "removed_at": 0,
        }  # fmt: skip
        try:
            with self._database.writing() as connection:
                connection.execute(insert(levels).values(row))
                return find_level(connection, organization_id, row["uuid"])
        except IntegrityError:
            raise Declined(Refusal.LEVEL_UNFIT, "rank: there is a level of this rank") from None

    def change(self, level: Level, terms: LevelTerms) -> Level:
        """Change what a level asks and allows: at once for all who have it. Checks that were approved stay so.

        Raises `Declined`.
        """
        self._check(terms)
        if (terms.rank == BASE) != (level.rank == BASE):
            raise Declined(Refusal.LEVEL_UNFIT, "rank: the level that everybody has stays it, and no other becomes it")
        values = {**_row_of(terms), "updated_at": self._database.now()}
        try:
            with self._database.writing() as connection:
                connection.execute(update(levels).where(levels.c.id == level.id).values(values))
                return find_level(connection, level.organization_id, level.uuid)
        except IntegrityError:
            raise Declined(Refusal.LEVEL_UNFIT, "rank: there is a level of this rank") from None

    def remove(self, level: Level) -> None:
        """Take a level away: nobody has it any more. Its checks stay in the history."""
        with self._database.writing() as connection:
            there = (levels.c.id == level.id) & (levels.c.removed_at == 0)
            connection.execute(update(levels).where(there).values(removed_at=self._database.now()))

    def _check(self, terms: LevelTerms) -> None:
        unfit = _problem_of(terms) or ("" if terms.provider in self._providers else "provider: there is none of this name")
        if unfit:
            raise Declined(Refusal.LEVEL_UNFIT, unfit)


def levels_of(connection: Connection, organization_id: int) -> list[Level]:
    """Return the levels of an organization, lowest first."""
    there = (levels.c.organization_id == organization_id) & (levels.c.removed_at == 0)
    rows = connection.execute(select(levels).where(there).order_by(levels.c.rank)).mappings()
    return [level_from(row) for row in rows]


def find_level(connection: Connection, organization_id: int, level_uuid: str) -> Level:
    """Raises `NotFound`."""
    there = (levels.c.organization_id == organization_id) & (levels.c.removed_at == 0)
    row = connection.execute(select(levels).where(there, levels.c.uuid == level_uuid)).mappings().first()
    if row is None:
        raise NotFound
    return level_from(row)


def level_from(row: RowMapping) -> Level:
    same = {name: row[name] for name in Level.__struct_fields__}
    return Level(
        **same
        | {
            "rights": frozenset(map(Right, row["rights"].split())),
            "documents": frozenset(map(DocumentKind, row["documents"].split())),
            "deposit_limits": msgspec.json.decode(row["deposit_limits"], type=dict[str, int]),
            "appropriateness": Appropriateness(row["appropriateness"]),
        }
    )


def _row_of(terms: LevelTerms) -> dict[str, Any]:
    return {
        **{name: getattr(terms, name) for name in LevelTerms.__struct_fields__},
        "name": terms.name.strip(), "rights": " ".join(sorted(terms.rights)), "documents": " ".join(sorted(terms.documents)),
        "deposit_limits": msgspec.json.encode(dict(sorted(terms.deposit_limits.items()))).decode(),
        "appropriateness": terms.appropriateness.value,
    }  # fmt: skip


def _problem_of(terms: LevelTerms) -> str:
    """Return why terms are none, "" if they are."""
    asks = terms.appropriateness != Appropriateness.NONE or terms.documents or terms.provider or terms.verifies
    unknown = next((currency for currency in terms.deposit_limits if currency not in CURRENCY_DIGITS), "")
    for is_wrong, problem in (
        (not 0 <= terms.rank <= RANK_MAX, f"rank: must be from 0 to {RANK_MAX}"),
        (not terms.name.strip(), "name: is empty"),
        (not 1 <= terms.reviewers <= REVIEWERS_MAX, f"reviewers: must be from 1 to {REVIEWERS_MAX}"),
        (not 0 <= terms.valid_days <= VALID_DAYS_MAX, f"valid_days: must be from 0 to {VALID_DAYS_MAX}"),
        (unknown, f"deposit_limits: {unknown} is none that is known here"),
        (any(not 0 < limit <= MONEY_MAX for limit in terms.deposit_limits.values()), "deposit_limits: must be above 0"),
        (terms.rank == BASE and asks, "rank: what everybody has without a check asks for nothing, and verifies nobody"),
    ):
        if is_wrong:
            return problem[:300]
    return ""
