"""Challenges of prop trading: what there is, what it costs, how it goes; evaluations. Its accounts are in `prop_accounts`."""

from collections.abc import Iterable

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.crm.prop.challenges import Challenge, NewChallenge
from prorata.crm.prop.records import Decided, Evaluation, PropAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import money_of
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.prop_account_shapes import DepositAmount, EvaluationView, ReasonGiven, evaluation_view
from prorata.rest.broker.prop_shapes import (
    ChallengeChange,
    ChallengeStatistics,
    ChallengeView,
    NewChallengeGiven,
    challenge_view,
    new_phase,
    phase_statistics,
    read_fee,
)
from prorata.rest.broker.prop_shop_shapes import (
    AddOnGiven,
    AddOnView,
    ConfigurationChange,
    ConfigurationView,
    DiscountGiven,
    DiscountView,
    add_on_view,
    discount_view,
    new_add_on,
    new_discount,
)
from prorata.rest.broker.registry import operation
from prorata.rest.broker.settings import branch_ref, operation_ref, system_ref
from prorata.views.answers import Rejected

READS, WRITES = Permission.SETTINGS_READ, Permission.SETTINGS_WRITE
_REQUESTED = {"requestCreated": "created", "created": "created"}


# Challenges.


@operation("GET", "/v1/prop/challenges", needs=READS)
async def challenges(call: Call) -> list[ChallengeView]:
    """Challenges, hidden ones, too; the offers of their phases are nowhere else."""
    found = await call.sql(call.crm.prop.challenges.all, call.organization_id)
    return await _views(call, [one for one in found if call.grant.reaches(one.platform_uuid)])


@operation("POST", "/v1/prop/challenges", needs=WRITES, ours=True)
async def new_challenge(call: Call, given: NewChallengeGiven) -> ChallengeView:
    """Make a challenge with its phases."""
    system = call.system(given.system_uuid)
    branches = await call.sql(call.crm.settings.branches, call.organization_id)
    branch = next((one for one in branches if one.uuid == given.branch_uuid.lower()), None)
    if branch is None:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "branchUuid: there is no branch of this uuid")
    new = NewChallenge(
        branch_id=branch.id, platform_uuid=system.uuid, name=given.name, currency=given.currency,
        fee=read_fee(given.fee, given.currency), description=given.description, hidden=given.hidden,
        kyc_required=given.kyc_required, statistics=given.challenge_statistics_enabled,
    )  # fmt: skip
    steps = [new_phase(phase, given.currency) for phase in given.phases]
    return await _view(call, await call.sql(call.crm.prop.challenges.add, call.organization_id, new, steps))


@operation("GET", "/v1/prop/challenges/{challengeId}", needs=READS, ours=True)
async def challenge(call: Call, challenge_id: str) -> ChallengeView:
    """One challenge."""
    return await _view(call, await found_challenge(call, challenge_id))


@operation("PATCH", "/v1/prop/challenges/{challengeId}", needs=WRITES, ours=True)
async def change_challenge(call: Call, challenge_id: str, given: ChallengeChange) -> ChallengeView:
    """Change a challenge; who has begun goes on by the phases he began with."""
    before = await found_challenge(call, challenge_id)
    told = {
        "name": given.name, "fee": None if given.fee is None else read_fee(given.fee, before.currency),
        "description": given.description, "hidden": given.hidden, "kyc_required": given.kyc_required,
        "statistics": given.challenge_statistics_enabled,
    }  # fmt: skip
    changes = {name: value for name, value in told.items() if value is not None}
    steps = None if given.phases is None else [new_phase(phase, before.currency) for phase in given.phases]
    return await _view(call, await call.sql(call.crm.prop.challenges.change, before, changes, steps))


@operation("GET", "/v1/prop/challenges/{challengeId}/statistics", needs=Permission.REPORTS_READ, ours=True)
async def statistics(call: Call, challenge_id: str) -> ChallengeStatistics:
    """How many accounts each phase has had, and how they came out; where the challenge has statistics."""
    found = await found_challenge(call, challenge_id)
    if not found.statistics:
        raise Rejected(Refusal.PROP_STATE, "the challenge has no statistics: challengeStatisticsEnabled is false")
    figures = await call.sql(call.crm.prop.challenges.figures, found)
    return ChallengeStatistics(challenge_id=found.uuid, phases=[phase_statistics(one) for one in figures])


@operation("GET", "/v1/prop/challenges/{challengeId}/price", needs=READS, ours=True)
async def price(
    call: Call, challenge_id: str, add_on_ids: tuple[str, ...] = (), discount_code: str = ""
) -> DepositAmount:  # fmt: skip
    """What a challenge costs, with add-ons and a discount code."""
    found = await found_challenge(call, challenge_id)
    told = await call.sql(call.crm.prop.shop.price, found, ids_in(add_on_ids), discount_code)
    return DepositAmount(amount=money_of(told.amount, found.digits), currency=found.currency)


# Evaluations.


@operation(
    "GET", "/v1/prop/evaluation-requests", needs=Permission.ACCOUNTS_READ, sorts=_REQUESTED, personal=True, ours=True
)  # fmt: skip
async def evaluation_requests(call: Call, page: Page, status: Decided | None = None) -> Paged[EvaluationView]:
    """Accounts that have reached what their phase wants, in pages."""
    found, total = await call.sql(
        call.crm.prop.evaluations.search, call.organization_id, status, page.part, since=page.since, until=page.until,
        platforms=call.grant.platforms,
    )  # fmt: skip
    return page.shown([evaluation_view(evaluation, account) for evaluation, account in found], total)


@operation("POST", "/v1/prop/evaluation-requests/{requestId}/confirm", needs=Permission.ACCOUNTS_WRITE, ours=True)
async def confirm(call: Call, request_id: str, given: ReasonGiven) -> EvaluationView:
    """Let an account pass; it goes on in one of the next phase."""
    evaluation, account = await _asked(call, request_id)
    done = await call.sql(call.crm.prop.evaluations.confirm, evaluation, reason=given.reason or "", by=call.by)
    return evaluation_view(done, await call.sql(call.crm.prop.accounts.get, account.id))


@operation("POST", "/v1/prop/evaluation-requests/{requestId}/reject", needs=Permission.ACCOUNTS_WRITE, ours=True)
async def reject(call: Call, request_id: str, given: ReasonGiven) -> EvaluationView:
    """Let an account go on in its phase."""
    evaluation, account = await _asked(call, request_id)
    done = await call.sql(call.crm.prop.evaluations.reject, evaluation, reason=given.reason or "", by=call.by)
    return evaluation_view(done, await call.sql(call.crm.prop.accounts.get, account.id))


# Add-ons, discount codes, configuration.


@operation("GET", "/v1/prop/add-ons", needs=READS, ours=True)
async def add_ons(call: Call) -> list[AddOnView]:
    """What can be taken with a challenge."""
    return [add_on_view(one) for one in await call.sql(call.crm.prop.shop.add_ons, call.organization_id)]


@operation("POST", "/v1/prop/add-ons", needs=WRITES, ours=True)
async def make_add_on(call: Call, given: AddOnGiven) -> AddOnView:
    """Make an add-on."""
    return add_on_view(await call.sql(call.crm.prop.shop.put_add_on, call.organization_id, new_add_on(given)))


@operation("GET", "/v1/prop/add-ons/{addOnId}", needs=READS, ours=True)
async def add_on(call: Call, add_on_id: str) -> AddOnView:
    """One add-on."""
    return add_on_view(await call.sql(call.crm.prop.shop.add_on, call.organization_id, add_on_id.lower()))


@operation("PUT", "/v1/prop/add-ons/{addOnId}", needs=WRITES, ours=True)
async def change_add_on(call: Call, add_on_id: str, given: AddOnGiven) -> AddOnView:
    """Change an add-on; who has taken it before keeps the terms that he has."""
    before = await call.sql(call.crm.prop.shop.add_on, call.organization_id, add_on_id.lower())
    return add_on_view(await call.sql(call.crm.prop.shop.put_add_on, call.organization_id, new_add_on(given), before))


@operation("DELETE", "/v1/prop/add-ons/{addOnId}", needs=WRITES, ours=True)
async def remove_add_on(call: Call, add_on_id: str) -> None:
    """Take an add-on away."""
    found = await call.sql(call.crm.prop.shop.add_on, call.organization_id, add_on_id.lower())
    await call.sql(call.crm.prop.shop.remove_add_on, found)


@operation("GET", "/v1/prop/discount-codes", needs=READS, ours=True)
async def discount_codes(call: Call) -> list[DiscountView]:
    """Discount codes, and how often they have been used."""
    return [discount_view(one) for one in await call.sql(call.crm.prop.shop.discounts, call.organization_id)]


@operation("POST", "/v1/prop/discount-codes", needs=WRITES, ours=True)
async def new_discount_code(call: Call, given: DiscountGiven) -> DiscountView:
    """Make a discount code."""
    return discount_view(await call.sql(call.crm.prop.shop.add_discount, call.organization_id, new_discount(given)))


@operation("DELETE", "/v1/prop/discount-codes/{discountCodeId}", needs=WRITES, ours=True)
async def end_discount_code(call: Call, discount_code_id: str) -> None:
    """Let a discount code end now."""
    await call.sql(call.crm.prop.shop.end_discount, call.organization_id, discount_code_id.lower())


@operation("GET", "/v1/prop/configuration", needs=READS, ours=True)
async def configuration(call: Call) -> ConfigurationView:
    """What holds for all prop trading."""
    kept = await call.sql(call.crm.prop.shop.configuration, call.organization_id)
    return ConfigurationView(max_active_accounts=kept.active_max, evaluation_by_people=kept.by_people)


@operation("PATCH", "/v1/prop/configuration", needs=WRITES, ours=True)
async def configure(call: Call, given: ConfigurationChange) -> ConfigurationView:
    """Change what holds for all prop trading."""
    told = {"active_max": given.max_active_accounts, "by_people": given.evaluation_by_people}
    changes = {name: value for name, value in told.items() if value is not None}
    kept = await call.sql(call.crm.prop.shop.configure, call.organization_id, changes)
    return ConfigurationView(max_active_accounts=kept.active_max, evaluation_by_people=kept.by_people)


async def found_challenge(call: Call, challenge_id: str) -> Challenge:
    """Return a challenge within the key's reach. Raises `NotFound`."""
    found = await call.sql(call.crm.prop.challenges.find, call.organization_id, challenge_id.lower())
    if not call.grant.reaches(found.platform_uuid):
        raise NotFound
    return found


def ids_in(told: Iterable[str]) -> list[str]:
    """Return ids of a query, where several are in several parameters or between commas."""
    return [one.strip().lower() for text in told for one in text.split(",") if one.strip()]


async def _asked(call: Call, request_id: str) -> tuple[Evaluation, PropAccount]:
    evaluation = await call.sql(call.crm.prop.evaluations.find, call.organization_id, request_id.lower())
    account = await call.sql(call.crm.prop.accounts.get, evaluation.prop_account_id)
    if not call.grant.reaches(account.platform_uuid):
        raise NotFound
    return evaluation, account


async def _view(call: Call, found: Challenge) -> ChallengeView:
    (view,) = await _views(call, [found])
    return view


async def _views(call: Call, found: list[Challenge]) -> list[ChallengeView]:
    branches = {branch.id: branch for branch in await call.sql(call.crm.settings.branches, call.organization_id)}
    return [
        challenge_view(
            one, branch_ref(branches[one.branch_id]), system_ref(call, one.platform_uuid, demo=False), operation_ref(call)
        )
        for one in found
    ]
