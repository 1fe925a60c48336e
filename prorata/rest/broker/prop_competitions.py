"""Competitions: made, entered, ranked. Their accounts are prop accounts, see `prop_accounts`."""

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.crm.crossing import NotSent
from prorata.crm.prop.competitions import Competition, Placed, Referee
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.prop_account_shapes import PropAccountView
from prorata.rest.broker.prop_accounts import carried
from prorata.rest.broker.prop_competition_shapes import (
    CompetitionGiven,
    CompetitionTargets,
    CompetitionView,
    EntryGiven,
    PlacedView,
    competition_targets,
    competition_view,
    new_competition,
    placed_views,
)
from prorata.rest.broker.registry import operation
from prorata.views.answers import Rejected

READS, WRITES = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE


@operation("GET", "/v1/prop/competitions", needs=READS, ours=True)
async def competitions(call: Call) -> list[CompetitionView]:
    """Competitions, hidden ones, too."""
    found = await call.sql(call.crm.prop.competitions.all, call.organization_id)
    return [competition_view(one, call.now()) for one in found if call.grant.reaches(one.platform_uuid)]


@operation("POST", "/v1/prop/competitions", needs=WRITES, ours=True)
async def make_competition(call: Call, given: CompetitionGiven) -> CompetitionView:
    """Make a competition."""
    new = new_competition(given, (await call.offer(given.offer_uuid)).currency)
    made = await call.sql(call.crm.prop.competitions.put, call.organization_id, new)
    return competition_view(made, call.now())


@operation("GET", "/v1/prop/competitions/{competitionId}", needs=READS, ours=True)
async def competition(call: Call, competition_id: str) -> CompetitionView:
    """One competition."""
    return competition_view(await _found(call, competition_id), call.now())


@operation("PUT", "/v1/prop/competitions/{competitionId}", needs=WRITES, ours=True)
async def change_competition(call: Call, competition_id: str, given: CompetitionGiven) -> CompetitionView:
    """Change a competition; its offer, beginning and rules until somebody has entered."""
    before = await _found(call, competition_id)
    new = new_competition(given, (await call.offer(given.offer_uuid)).currency)
    changed = await call.sql(call.crm.prop.competitions.put, call.organization_id, new, before)
    return competition_view(changed, call.now())


@operation("GET", "/v1/prop/competitions/{competitionId}/targets", needs=READS, ours=True)
async def targets(call: Call, competition_id: str) -> CompetitionTargets:
    """What every account of a competition begins with and must keep to."""
    return competition_targets(await _found(call, competition_id))


@operation(
    "GET", "/v1/prop/competitions/{competitionId}/accounts", needs=Permission.ACCOUNTS_READ, personal=True, ours=True
)  # fmt: skip
async def entries(call: Call, competition_id: str, page: Page) -> Paged[PlacedView]:
    """The ranking in pages, by place: as accounts are worth now, or as it was frozen."""
    found = await _found(call, competition_id)
    ranking = await standings(call.crm.prop.referee, found)
    begin = page.number * page.size
    return page.shown(placed_views(ranking[begin : begin + page.size], found.digits), len(ranking))


@operation("POST", "/v1/prop/competitions/{competitionId}/accounts", needs=Permission.ACCOUNTS_WRITE, ours=True)
async def enter(
    call: Call, competition_id: str, given: EntryGiven, instantly_active: bool = False
) -> PropAccountView:  # fmt: skip
    """Enter a person into a competition: opened at once if it is free or paid for, else when it is."""
    found = await _found(call, competition_id)
    owner = await call.account(given.account_uuid)
    call.running(found.platform_uuid)
    account = await call.sql(
        call.crm.prop.competitions.enter, owner, found, name=given.name or "", paid=instantly_active, by=call.by
    )  # fmt: skip
    return await carried(call, account)


async def standings(referee: Referee, competition: Competition) -> list[Placed]:
    """Return the ranking, as it is or as it was frozen. Raises `Rejected`: the platform does not answer."""
    try:
        return await referee.standings(competition)
    except NotSent:
        raise Rejected(Refusal.NOT_READY, "the trade platform does not answer", retry_after=5) from None


async def _found(call: Call, competition_id: str) -> Competition:
    """Return a competition within the key's reach. Raises `NotFound`."""
    found = await call.sql(call.crm.prop.competitions.find, call.organization_id, competition_id.lower())
    if not call.grant.reaches(found.platform_uuid):
        raise NotFound
    return found
