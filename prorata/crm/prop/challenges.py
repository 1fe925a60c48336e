"""Challenges: what people may take up, phase after phase.

Phases never change. A challenge that is changed gets phases of a next version; whoever has begun goes on by those that he
began with.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, func, insert, select, update

from prorata.access.callers import NotFound
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.crm.prop.tables import challenges, competitions, phases, prop_accounts
from prorata.crm.prop.terms import Rates
from prorata.crm.settings import Offer, find_setting
from prorata.crm.tables import branches, offers
from prorata.messages.commands import DailyBase
from prorata.messages.refusals import Refusal
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, Minor, Moment

PHASES_MAX = 20


class NewPhase(Rates, frozen=True, kw_only=True):
    """`funded`: its profit is shared and paid out. `offer_uuid`: under which its accounts are opened, a hidden one."""

    name: str
    offer_uuid: str
    funded: bool = False


class Phase(Rates, frozen=True, kw_only=True):
    """One step of one version of a challenge."""

    id: int
    challenge_id: int
    version: int
    step: int
    name: str
    offer_id: int
    offer_uuid: str
    funded: bool


class NewChallenge(msgspec.Struct, frozen=True, kw_only=True):
    """`fee`: minor units. `statistics`: whether its figures may be asked for."""

    branch_id: int
    platform_uuid: str
    name: str
    currency: str
    fee: Minor = 0
    description: str = ""
    hidden: bool = False
    kyc_required: bool = False
    statistics: bool = False


class Challenge(NewChallenge, frozen=True, kw_only=True):
    """`phases`: of its newest version, by step."""

    id: int
    uuid: str
    organization_id: int
    version: int
    created_at: Moment
    updated_at: Moment
    phases: tuple[Phase, ...]

    @property
    def digits(self) -> int:
        return CURRENCY_DIGITS[self.currency]


class PhaseFigures(msgspec.Struct, frozen=True, kw_only=True):
    """How many accounts a phase has had, by their status, over all versions."""

    step: int
    counts: Mapping[str, int]


class Challenges:
    """Blocks on the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, organization_id: int) -> list[Challenge]:
        """Return an organization's challenges, oldest first."""
        with self._database.reading() as connection:
            return _read(connection, challenges.c.organization_id == organization_id)

    def find(self, organization_id: int, challenge_uuid: str) -> Challenge:
        """Raises `NotFound`."""
        mine = (challenges.c.organization_id == organization_id) & (challenges.c.uuid == challenge_uuid)
        with self._database.reading() as connection:
            found = _read(connection, mine)
        if not found:
            raise NotFound
        return found[0]

    def own_offers(self, organization_id: int) -> frozenset[int]:
        """Return the offers that challenges and competitions open accounts under: they are nobody's to choose."""
        of_phases = select(phases.c.offer_id).join(challenges, challenges.c.id == phases.c.challenge_id)
        of_phases = of_phases.where(challenges.c.organization_id == organization_id)
        of_competitions = select(competitions.c.offer_id).where(competitions.c.organization_id == organization_id)
        with self._database.reading() as connection:
            return frozenset(connection.execute(of_phases.union(of_competitions)).scalars())

    def figures(self, challenge: Challenge) -> list[PhaseFigures]:
        """Return how many accounts are where, by step."""
        joined = prop_accounts.join(phases, phases.c.id == prop_accounts.c.phase_id)
        query = select(phases.c.step, prop_accounts.c.status, func.count()).select_from(joined)
        query = query.where(prop_accounts.c.challenge_id == challenge.id).group_by(phases.c.step, prop_accounts.c.status)
        found: dict[int, dict[str, int]] = {phase.step: {} for phase in challenge.phases}
        with self._database.reading() as connection:
            for step, status, count in connection.execute(query):
                found.setdefault(step, {})[status] = count
        return [PhaseFigures(step=step, counts=found[step]) for step in sorted(found)]

    # Setting up.

    def add(self, organization_id: int, new: NewChallenge, steps: Sequence[NewPhase]) -> Challenge:
        """Raises `NotFound`: the branch is not the organization's; `Declined`: it does not fit together."""
        _check(new)
        now = self._database.now()
        row = {
            **msgspec.structs.asdict(new), "uuid": str(uuid.uuid4()), "organization_id": organization_id, "version": 1,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        with self._database.writing() as connection:
            find_setting(connection, branches, organization_id, branches.c.id == new.branch_id)
            made = connection.execute(insert(challenges).values(row)).inserted_primary_key
            assert made is not None
            self._insert_phases(connection, made[0], 1, organization_id, new, steps)
            return _read(connection, challenges.c.id == made[0])[0]

    def change(self, before: Challenge, changes: Mapping[str, Any], steps: Sequence[NewPhase] | None = None) -> Challenge:
        """Change a challenge: fields as in `NewChallenge`, but branch, platform and currency, which stay; None: as it is.

        Raises `Declined`.
        """
        shared = {name: getattr(before, name) for name in NewChallenge.__struct_fields__}
        after = NewChallenge(**{**shared, **changes})
        _check(after)
        mine = challenges.c.id == before.id
        with self._database.writing() as connection:
            values = {**msgspec.structs.asdict(after), "updated_at": self._database.now()}
            if steps is not None:
                values["version"] = challenges.c.version + 1
            connection.execute(update(challenges).where(mine).values(values))
            if steps is not None:
                version = connection.execute(select(challenges.c.version).where(mine)).scalar_one()
                self._insert_phases(connection, before.id, version, before.organization_id, after, steps)
            return _read(connection, mine)[0]

    def _insert_phases(
        self, connection: Connection, challenge_id: int, version: int, organization_id: int, of: NewChallenge,
        steps: Sequence[NewPhase],
    ) -> None:  # fmt: skip
        if not 1 <= len(steps) <= PHASES_MAX:
            raise Declined(Refusal.PROP_UNFIT, f"phases: there are from 1 to {PHASES_MAX}")
        for step, new in enumerate(steps, 1):
            _check_phase(new, step, last=step == len(steps))
            offer = prop_offer(connection, organization_id, new.offer_uuid)
            if (offer.branch_id, offer.platform_uuid, offer.currency) != (of.branch_id, of.platform_uuid, of.currency):
                raise Declined(
                    Refusal.PROP_UNFIT, f"phase {step}: its offer is of another branch, trade platform or currency"
                )  # fmt: skip
            values = {**msgspec.structs.asdict(new), "challenge_id": challenge_id, "version": version, "step": step}
            del values["offer_uuid"]
            connection.execute(insert(phases).values({**values, "offer_id": offer.id}))


def prop_offer(connection: Connection, organization_id: int, offer_uuid: str) -> Offer:
    """Return an offer for prop accounts. Raises `Declined`: it is not there, or people could choose it themselves."""
    try:
        offer = Offer(**find_setting(connection, offers, organization_id, offers.c.uuid == offer_uuid))
    except NotFound:
        raise Declined(Refusal.UNKNOWN_REFERENCE, "offerUuid: there is no offer of this uuid") from None
    if not offer.hidden:
        raise Declined(Refusal.PROP_UNFIT, "the offer must be hidden: its accounts are opened by prop trading alone")
    return offer


def phase_after(connection: Connection, phase_id: int) -> Phase | None:
    """Return the next phase of the same version, None after the last one."""
    here = connection.execute(select(phases).where(phases.c.id == phase_id)).mappings().one()
    following = (phases.c.challenge_id == here["challenge_id"]) & (phases.c.version == here["version"])
    found = _phases(connection, following & (phases.c.step == here["step"] + 1))
    return found[0] if found else None


def phase_of(connection: Connection, phase_id: int) -> Phase:
    return _phases(connection, phases.c.id == phase_id)[0]


def _phases(connection: Connection, which: ColumnElement[bool]) -> list[Phase]:
    query = select(phases, offers.c.uuid.label("offer_uuid")).join(offers, offers.c.id == phases.c.offer_id)
    return [_phase_from(row) for row in connection.execute(query.where(which).order_by(phases.c.step)).mappings()]


def _read(connection: Connection, which: ColumnElement[bool]) -> list[Challenge]:
    rows = connection.execute(select(challenges).where(which).order_by(challenges.c.id)).mappings().all()
    newest = (phases.c.challenge_id == challenges.c.id) & (phases.c.version == challenges.c.version)
    of_these = select(challenges.c.id).where(which)
    steps: dict[int, list[Phase]] = {row["id"]: [] for row in rows}
    query = select(phases, offers.c.uuid.label("offer_uuid")).join(challenges, newest)
    query = query.join(offers, offers.c.id == phases.c.offer_id).where(phases.c.challenge_id.in_(of_these))
    for row in connection.execute(query.order_by(phases.c.step)).mappings():
        steps[row["challenge_id"]].append(_phase_from(row))
    return [Challenge(**row, phases=tuple(steps[row["id"]])) for row in rows]


def _phase_from(row: RowMapping) -> Phase:
    return Phase(**{**row, "daily_base": DailyBase(row["daily_base"])})


def _check(values: NewChallenge) -> None:
    if values.currency not in CURRENCY_DIGITS:
        raise Declined(Refusal.PROP_UNFIT, f"currency: {values.currency} is none that is known here"[:200])
    if not 0 <= values.fee <= MONEY_MAX:
        raise Declined(Refusal.PROP_UNFIT, "fee: is below 0, or too large")
    if not values.name.strip():
        raise Declined(Refusal.PROP_UNFIT, "name: is empty")


def _check_phase(phase: NewPhase, step: int, *, last: bool) -> None:
    problem = phase.problem()
    if not problem and not phase.name.strip():
        problem = "phaseName: is empty"
    if not problem and phase.funded and not phase.split_ppm:
        problem = "a funded phase shares its profit: profitSplitPercentages is missing"
    if not problem and not phase.funded and phase.split_ppm:
        problem = "the profit of a funded phase alone is shared"
    if not problem and not last and not phase.target_ppm:
        problem = "a phase before the last one has a profit target"
    if problem:
        raise Declined(Refusal.PROP_UNFIT, f"phase {step}: {problem}")
