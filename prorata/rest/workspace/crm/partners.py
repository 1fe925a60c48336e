"""Introducing brokers: their plans, trees, statements and payouts, as the people of the broker look after them."""

from contextlib import suppress
from typing import Annotated

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import AccountWish, CrmAccount
from prorata.crm.crossing import Unanswered
from prorata.crm.partners.payouts import Payout, PayoutStatus
from prorata.crm.partners.tree import LEVELS_MAX
from prorata.messages.refusals import Refusal
from prorata.rest.own.paging import Since, Until, read_bound
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.partner_shapes import (
    BelowView,
    CodeView,
    ControlView,
    Gathering,
    LevelView,
    LineView,
    NewCode,
    NewPlan,
    Parenthood,
    PayoutDecision,
    PayoutView,
    PlanTerms,
    PlanView,
    TermsBody,
    TermsView,
    below_view,
    code_view,
    level_view,
    line_view,
    payout_terms_of,
    payout_view,
    plan_view,
    since_of,
    standing_view,
    terms_of,
    terms_view,
)
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.units.numbers import DAY_MS, Moment
from prorata.views.answers import Rejected

AccountPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the account")]
PlanPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the plan")]
PayoutPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the payout")]
CodePath = Annotated[str, PathParameter(min_length=4, max_length=36, description="the referral code")]
Depth = Annotated[int, QueryParameter(ge=1, le=LEVELS_MAX, description="how many levels")]
READS_CLIENTS = needs(Permission.CLIENTS_READ)
WRITES_CLIENTS = needs(Permission.CLIENTS_WRITE)
MOVES_MONEY = needs(Permission.MONEY_MOVE)
STATEMENT_DAYS = 31
"""that a statement has if it is not told from when on"""


async def _account(call: Call, grant: Grant, uuid: str) -> CrmAccount:
    """Raises `NotFound`."""
    return await call.sql(call.crm.accounts.find, grant.organization_id, uuid.lower())


def _span(call: Call, since: str | None, until: str | None) -> tuple[Moment, Moment]:
    """Return a span: what is not told of it is now, and 31 days before its end. Raises `Rejected`."""
    end = read_bound(until, "until") or call.now() + 1
    return read_bound(since, "since") or max(0, end - STATEMENT_DAYS * DAY_MS), end


async def _page(call: Call, grant: Grant) -> str:
    return (await call.sql(call.crm.partners.payouts.terms, grant.organization_id)).link


class Plans(Controller):
    path = "/organizations/{organization:str}/commission-plans"
    tags = ("Introducing brokers",)

    @get("/", summary="List commission plans", guards=[needs(Permission.SETTINGS_READ)])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[PlanView]:
        return [plan_view(one) for one in await call.sql(call.crm.partners.plans.all, grant.organization_id)]

    @post("/", summary="Make a commission plan", guards=[needs(Permission.SETTINGS_WRITE)])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewPlan]
    ) -> PlanView:
        """Its currency stays. Trading accounts name it as their commissionUuid."""
        terms = terms_of(data, data.currency)
        plans = call.crm.partners.plans
        made = await call.sql(plans.add, grant.organization_id, data.name, data.currency, terms, by=caller.person_uuid)
        view = plan_view(made)
        call.tell(after=view)
        return view

    @put("/{plan:str}", summary="Let other terms of a plan hold", guards=[needs(Permission.SETTINGS_WRITE)])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, plan: PlanPath,
        data: JSONBody[PlanTerms],
    ) -> PlanView:  # fmt: skip
        """From a moment on that is still to come, or from now. What was dealt before is counted by the terms before."""
        plans = call.crm.partners.plans
        before = await call.sql(plans.find, grant.organization_id, plan.lower())
        terms = terms_of(data, before.currency)
        view = plan_view(await call.sql(plans.change, before, terms, since=since_of(data), by=caller.person_uuid))
        call.tell(before=plan_view(before), after=view)
        return view


class Partners(Controller):
    path = "/organizations/{organization:str}/partners"
    tags = ("Introducing brokers",)

    @get("/", summary="Tell how all introducing brokers stand, and whether the sums come out", guards=[READS_CLIENTS])
    async def control(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> ControlView:
        """Earned = reversed + paid + unpaid for each; and paid = what the trade platforms have told of."""
        call.tell_read()
        reports = call.crm.partners.reports
        found = await call.sql(reports.standings, grant.organization_id)
        reached = [one for one in found if grant.reaches(one.platform_uuid)]
        people = await call.sql(reports.people, {one.account_id for one in reached})
        deals = await call.sql(reports.deals_by_state, grant.organization_id)
        return ControlView(
            holds=all(one.holds for one in reached), standings=tuple(standing_view(one, people) for one in reached),
            deals={state.value: number for state, number in deals.items()},
        )  # fmt: skip

    @get("/{account:str}/tree", summary="Show who is below an account", guards=[READS_CLIENTS])
    async def tree(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        depth: Depth = LEVELS_MAX,
    ) -> list[BelowView]:  # fmt: skip
        """Level by level, at most 5,000 accounts."""
        found = await _account(call, grant, account)
        call.tell_read(account=found.uuid)
        return [below_view(one) for one in await call.sql(call.crm.partners.reports.tree, found.id, depth)]

    @get("/{account:str}/statement", summary="Show what an introducing broker has earned", guards=[READS_CLIENTS])
    async def statement(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        since: Since = None, until: Until = None,
    ) -> list[LineView]:  # fmt: skip
        """By day and client, oldest first, at most 5,000 lines; without `since`, of the last 31 days."""
        found = await _account(call, grant, account)
        call.tell_read(account=found.uuid)
        begin, end = _span(call, since, until)
        reports = call.crm.partners.reports
        lines = await call.sql(reports.statement, found.id, begin, end)
        people = await call.sql(reports.people, {line.client_id for line in lines})
        return [line_view(line, people) for line in lines]

    @get("/{account:str}/totals", summary="Show what each level below an account has brought", guards=[READS_CLIENTS])
    async def totals(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        since: Since = None, until: Until = None,
    ) -> list[LevelView]:  # fmt: skip
        """Without `since`, in the last 31 days."""
        found = await _account(call, grant, account)
        return [
            level_view(one) for one in await call.sql(call.crm.partners.reports.totals, found.id, *_span(call, since, until))
        ]

    @put("/{account:str}/parent", summary="Put an account under an introducing broker", guards=[WRITES_CLIENTS])
    async def put_under(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        data: JSONBody[Parenthood],
    ) -> Parenthood:  # fmt: skip
        """Or, with null, take it out of the tree. It holds from now on: what was earned before stays."""
        found = await _account(call, grant, account)
        wish = AccountWish(profile={"ib_parent": data.paid_on or ""})
        changed = await call.sql(call.crm.accounts.change, found, wish, by=caller.person_uuid)
        before, after = (Parenthood(paid_on=one.profile["ib_parent"] or None) for one in (found, changed))
        call.tell(before=before, after=after)
        return after

    @get("/{account:str}/codes", summary="List an introducing broker's referral codes", guards=[READS_CLIENTS])
    async def codes(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[CodeView]:
        found, page = await _account(call, grant, account), await _page(call, grant)
        return [code_view(one, page) for one in await call.sql(call.crm.partners.codes_of, found.id)]

    @post("/codes", summary="Make a referral code", guards=[WRITES_CLIENTS])
    async def new_code(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewCode]
    ) -> CodeView:
        """Whoever registers with it is under the owner of the trading account, who is paid there."""
        made = await call.sql(call.crm.partners.new_code, grant.organization_id, data.paid_on, data.code)
        view = code_view(made, await _page(call, grant))
        call.tell(after=view)
        return view

    @delete("/codes/{code:str}", summary="Withdraw a referral code", status_code=200, guards=[WRITES_CLIENTS])
    async def withdraw_code(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, code: CodePath
    ) -> CodeView:
        """Whom it has brought stays where he is."""
        view = code_view(await call.sql(call.crm.partners.withdraw_code, grant.organization_id, code), await _page(call, grant))
        call.tell(after=view)
        return view


class PartnerPayouts(Controller):
    path = "/organizations/{organization:str}/partner-payouts"
    tags = ("Introducing brokers",)

    @get("/", summary="List payouts to introducing brokers", guards=[READS_CLIENTS])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        status: Annotated[PayoutStatus | None, QueryParameter(description="only with this status")] = None,
    ) -> list[PayoutView]:
        """The newest 500."""
        call.tell_read(status=status)
        found = await call.sql(call.crm.partners.payouts.newest, grant.organization_id, status=status)
        return [payout_view(one) for one in found if grant.reaches(one.platform_uuid)]

    @post("/", summary="Make payouts of what is unpaid", guards=[MOVES_MONEY])
    async def gather(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[Gathering]
    ) -> list[PayoutView]:
        """One for each trading account on which an introducing broker is paid; less than the minimum is carried over."""
        account_id = None if data.account is None else await self._account_id(call, grant, data.account)
        made = await call.sql(
            call.crm.partners.payouts.gather, grant.organization_id, account_id=account_id, platforms=grant.platforms,
            by=caller.person_uuid,
        )  # fmt: skip
        shown = [await _carried(call, payout) for payout in made]
        call.tell(after={"payouts": shown})
        return shown

    async def _account_id(self, call: Call, grant: Grant, uuid: str) -> int:
        try:
            return (await _account(call, grant, uuid)).id
        except NotFound:
            raise Rejected(Refusal.UNKNOWN_REFERENCE, "account: there is none of this uuid") from None

    @post("/{payout:str}/decision", summary="Agree to a payout, or reject it", status_code=200, guards=[MOVES_MONEY])
    async def decide(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, payout: PayoutPath,
        data: JSONBody[PayoutDecision],
    ) -> PayoutView:  # fmt: skip
        """Nobody decides twice on one payout, nor agrees to what he has asked for himself."""
        payouts = call.crm.partners.payouts
        before = await call.sql(payouts.find, grant.organization_id, payout.lower())
        if not grant.reaches(before.platform_uuid):
            raise Rejected(Refusal.NOT_FOUND)
        await call.sql(payouts.decide, before, agree=data.agree, reason=data.reason, decided_by=caller.person_uuid)
        view = await _carried(call, before)
        call.tell(before=payout_view(before), after=view)
        return view

    @get("/terms", summary="Tell how introducing brokers are paid", guards=[needs(Permission.SETTINGS_READ)])
    async def terms(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> TermsView:
        return terms_view(await call.sql(call.crm.partners.payouts.terms, grant.organization_id))

    @put("/terms", summary="Say how introducing brokers are paid", guards=[needs(Permission.SETTINGS_WRITE)])
    async def set_terms(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[TermsBody]
    ) -> TermsView:
        """The period that runs is the first that ends under them."""
        payouts = call.crm.partners.payouts
        before = await call.sql(payouts.terms, grant.organization_id)
        view = terms_view(await call.sql(payouts.set_terms, grant.organization_id, payout_terms_of(data)))
        call.tell(before=terms_view(before), after=view)
        return view


async def _carried(call: Call, payout: Payout) -> PayoutView:
    """Carry what was decided as far as it goes now."""
    # What is not answered is kept, and will be; what was refused is told by the payout itself.
    with suppress(Unanswered, Declined):
        await call.crm.carrier.carry_if_waiting(payout.subject)
    return payout_view(await call.sql(call.crm.partners.payouts.get, payout.id))
