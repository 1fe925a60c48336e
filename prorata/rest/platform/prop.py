"""What a person has in prop trading: challenges, how far he is, competitions and who is ahead. The paths are ours.

Of others in a competition he sees the name that they have chosen, and how they stand.
"""

from contextlib import suppress
from decimal import Decimal
from typing import Annotated

from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.crm.accounts import CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.prop.competitions import Competition
from prorata.crm.prop.records import PropAccount, PropStatus
from prorata.rest.broker.kinds import Given, Record, money_of, text_or_none, time_of
from prorata.rest.broker.prop_account_shapes import ChallengeDetails, ProgressView, TargetsView, account_view
from prorata.rest.broker.prop_competition_shapes import CompetitionView, competition_view
from prorata.rest.broker.prop_competitions import standings
from prorata.rest.broker.prop_shapes import PhaseView, percent_of, phase_view
from prorata.rest.platform.call import DoorCall
from prorata.rest.platform.registry import door


class OpenChallenge(Record, frozen=True):
    """A challenge that may be taken up."""

    challenge_id: str
    name: str
    description: str
    currency: str
    fee: Decimal
    kyc_required: bool
    phases: list[PhaseView]


class OwnPropAccount(Record, frozen=True):
    account_id: str
    login: str | None
    system_uuid: str
    name: str
    status: PropStatus
    evaluation_status: str | None
    created: str | None
    due: Decimal
    challenge_details: ChallengeDetails
    challenge_targets: TargetsView
    progress: ProgressView


class OwnCompetition(Record, frozen=True):
    """`account_id`: of his own entry, null for none."""

    competition: CompetitionView
    account_id: str | None


class RankingGiven(Given, frozen=True):
    """`top`: how many places are shown."""

    top: Annotated[int, Meta(ge=1, le=1_000)] = 100


class Standing(Record, frozen=True):
    """`mine`: his own; `prize`: when the ranking is final."""

    place: int
    name: str
    mine: bool
    status: PropStatus
    equity: Decimal
    return_percentage: Decimal
    prize: str | None


@door("GET", "/client/prop/challenges", signed_in=True)
async def challenges(call: DoorCall) -> list[OpenChallenge]:
    """Challenges that a person may take up."""
    owner = await _owner(call)
    found = await call.sql(call.house.crm.prop.challenges.all, owner.organization_id)
    return [
        OpenChallenge(
            challenge_id=one.uuid, name=one.name, description=one.description, currency=one.currency,
            fee=money_of(one.fee, one.digits), kyc_required=one.kyc_required,
            phases=[phase_view(phase, one.digits) for phase in one.phases],
        )
        for one in found if not one.hidden and one.branch_id == owner.branch_id
    ]  # fmt: skip


@door("GET", "/client/prop/accounts", signed_in=True)
async def accounts(call: DoorCall) -> list[OwnPropAccount]:
    """A person's own prop accounts, newest first: what they must keep to, and how far they are."""
    owner = await _owner(call)
    return [_own(call, account) for account in await call.sql(call.house.crm.prop.accounts.of_person, owner.id)]


@door("GET", "/client/prop/accounts/{uuid}", signed_in=True)
async def account(call: DoorCall, uuid: str) -> OwnPropAccount:
    """One of them."""
    owner = await _owner(call)
    found = await call.sql(call.house.crm.prop.accounts.find, owner.organization_id, uuid.lower())
    if found.account_id != owner.id:
        raise NotFound
    return _own(call, found)


@door("GET", "/client/prop/competitions", signed_in=True)
async def competitions(call: DoorCall) -> list[OwnCompetition]:
    """Competitions of a person's branch, and those that he is in."""
    owner, prop = await _owner(call), call.house.crm.prop
    found = await call.sql(prop.competitions.all, owner.organization_id)
    mine = {one.competition_id: one.uuid for one in await call.sql(prop.accounts.of_person, owner.id)}
    now = call.house.control.database.now()
    return [
        OwnCompetition(competition=competition_view(one, now), account_id=mine.get(one.id))
        for one in found
        if one.id in mine or (not one.hidden and one.branch_id == owner.branch_id)
    ]


@door("GET", "/client/prop/competitions/{uuid}/ranking", signed_in=True)
async def ranking(call: DoorCall, uuid: str, given: RankingGiven) -> list[Standing]:
    """Who is ahead: as accounts are worth now, or as it was when the competition ended; and where he is himself."""
    owner = await _owner(call)
    competition = await _competition(call, owner, uuid)
    return [
        Standing(
            place=placed.place, name=placed.entry.name, mine=placed.entry.account_id == owner.id,
            status=placed.entry.status, equity=money_of(placed.equity, competition.digits),
            return_percentage=percent_of(placed.return_ppm), prize=text_or_none(placed.entry.prize),
        )
        for placed in await standings(call.house.crm.prop.referee, competition)
        if placed.place <= given.top or placed.entry.account_id == owner.id
    ]  # fmt: skip


@door("POST", "/client/prop/competitions/{uuid}/entry", signed_in=True)
async def enter(call: DoorCall, uuid: str) -> OwnPropAccount:
    """Enter a competition; one that has a fee waits until it is paid."""
    owner, prop = await _owner(call), call.house.crm.prop
    competition = await _competition(call, owner, uuid)
    entry = await call.sql(prop.competitions.enter, owner, competition, paid=False, by=owner.email)
    if await call.sql(call.house.crm.crossings.waiting, entry.subject):
        with suppress(Unanswered):
            await call.house.crm.carrier.carry(entry.subject)
    return _own(call, await call.sql(prop.accounts.get, entry.id))


async def _owner(call: DoorCall) -> CrmAccount:
    return await call.sql(call.door.account_of, call.signed_in)


async def _competition(call: DoorCall, owner: CrmAccount, uuid: str) -> Competition:
    """Return a competition that a person may see. Raises `NotFound`."""
    prop = call.house.crm.prop
    found = await call.sql(prop.competitions.find, owner.organization_id, uuid.lower())
    if found.branch_id == owner.branch_id and not found.hidden:
        return found
    if found.id not in {one.competition_id for one in await call.sql(prop.accounts.of_person, owner.id)}:
        raise NotFound
    return found


def _own(call: DoorCall, account: PropAccount) -> OwnPropAccount:
    shown = account_view(account, call.house.crm.prop.referee.worth(account))
    return OwnPropAccount(
        account_id=account.uuid, login=shown.login, system_uuid=account.platform_uuid, name=account.name,
        status=account.status, evaluation_status=account.evaluation or None, created=time_of(account.created_at),
        due=shown.due, challenge_details=shown.challenge_details, challenge_targets=shown.challenge_targets,
        progress=shown.progress,
    )  # fmt: skip
