"""Transfers between a person's accounts, and what could not be done with money and waits for people."""

from contextlib import suppress
from typing import Annotated

from litestar import Controller, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.organizations.declined import Declined
from prorata.control.paging import Slice
from prorata.crm.crossing import Unanswered
from prorata.crm.inquiries import UNANSWERED
from prorata.crm.problems import Problem
from prorata.crm.transfers import Place, TransferFilter, TransferStatus, rate_for
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.transfer_shapes import (
    NewTransfer,
    PlaceGiven,
    ProblemView,
    Settlement,
    TransferTerms,
    TransferTermsView,
    TransferView,
    problem_view,
    transfer_view,
)
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.rest.workspace.reach import platform_in
from prorata.units.currency import CURRENCY_DIGITS
from prorata.views.answers import Rejected
from prorata.views.numbers import read_money, read_percent, show_percent

ProblemPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the problem")]
LISTED_MAX = 500
MOVES_MONEY = needs(Permission.MONEY_MOVE)


async def _place(call: Call, grant: Grant, given: PlaceGiven | None) -> Place:
    """Raises `Rejected`: there is no such trading account within reach."""
    if given is None:
        place = await call.sql(call.crm.transfers.wallet_of, grant.organization_id)
        if not grant.reaches(place.platform_uuid):
            raise Rejected(Refusal.NOT_FOUND)
        return place
    platform = platform_in(call, grant, given.platform)
    try:
        found = await call.sql(call.crm.trading.find, grant.organization_id, platform.uuid, given.login)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "login: there is no trading account of this number") from None
    return Place.of(found, await call.sql(call.crm.settings.offer, grant.organization_id, found.offer_uuid))


class Transfers(Controller):
    path = "/organizations/{organization:str}/transfers"
    tags = ("CRM",)

    @get("/", summary="List transfers", guards=[needs(Permission.CLIENTS_READ)])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        status: Annotated[TransferStatus | None, QueryParameter(description="only with this status")] = None,
    ) -> list[TransferView]:
        """The newest 500."""
        call.tell_read()
        wanted = TransferFilter(status=status, platforms=grant.platforms)
        part = Slice("created", True, 0, LISTED_MAX)
        found, _ = await call.sql(call.crm.transfers.search, grant.organization_id, wanted, part)
        return [transfer_view(one) for one in found]

    @post("/", summary="Move money between a person's accounts", guards=[MOVES_MONEY])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewTransfer]
    ) -> TransferView:
        """Between his trading accounts, or one of them and his wallet. Money of another currency is converted at the rate of
        now.
        """
        owner = await call.sql(call.crm.accounts.find, grant.organization_id, data.account)
        source, target = await _place(call, grant, data.source), await _place(call, grant, data.target)
        amount = read_money(data.amount, CURRENCY_DIGITS[source.currency], "amount")
        rate = rate_for(call.crm.engines, source, target)
        asked = await call.sql(
            call.crm.transfers.ask, owner, source, target, amount, rate, comment=data.comment, by=caller.person_uuid
        )  # fmt: skip
        with suppress(Unanswered):  # then it is kept, and will be carried when the trade platforms answer
            await call.crm.carrier.carry(asked.subject)
        view = transfer_view(await call.sql(call.crm.transfers.get, asked.id))
        call.tell(after=view)
        return view


class TransferMarkup(Controller):
    path = "/organizations/{organization:str}/transfer-terms"
    tags = ("CRM",)

    @get("/", summary="Show what is kept of converted money", guards=[needs(Permission.SETTINGS_READ)])
    async def show(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> TransferTermsView:
        return TransferTermsView(markup_percent=show_percent(await call.sql(call.crm.transfers.markup, grant.organization_id)))

    @put("/", summary="Set what is kept of converted money", guards=[needs(Permission.SETTINGS_WRITE)])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[TransferTerms]
    ) -> TransferTermsView:
        """Of transfers from now on."""
        before = await call.sql(call.crm.transfers.markup, grant.organization_id)
        markup_ppm = read_percent(data.markup_percent, "markup_percent")
        await call.sql(call.crm.transfers.set_markup, grant.organization_id, markup_ppm)
        view = TransferTermsView(markup_percent=show_percent(markup_ppm))
        call.tell(before=TransferTermsView(markup_percent=show_percent(before)), after=view)
        return view


async def _problem(call: Call, grant: Grant, uuid: str) -> Problem:
    """Raises `Rejected`, `NotFound`."""
    problem = await call.sql(call.crm.problems.find, grant.organization_id, uuid)
    if not grant.reaches(problem.platform_uuid):
        raise Rejected(Refusal.NOT_FOUND)
    return problem


class PaymentProblems(Controller):
    path = "/organizations/{organization:str}/payment-problems"
    tags = ("CRM",)

    @get("/", summary="List what could not be done with money", guards=[needs(Permission.CLIENTS_READ)])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[ProblemView]:
        """What is not settled, oldest first; at most 500."""
        found = await call.sql(call.crm.problems.open, grant.organization_id)
        return [problem_view(one) for one in found if grant.reaches(one.platform_uuid)]

    @post("/{problem:str}/attempt", summary="Have it tried again now", status_code=200, guards=[MOVES_MONEY])
    async def try_again(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, problem: ProblemPath
    ) -> ProblemView:
        """It is tried by itself as well, later each time. Of `unanswered`, the provider is asked again."""
        found = await _problem(call, grant, problem)
        if found.step == UNANSWERED:
            if found.ended_at:
                raise Rejected(Refusal.PROBLEM_SETTLED)
            await call.crm.cashier.ask_again(await call.sql(call.crm.payments.get, found.subject_id))
        else:
            await call.sql(call.crm.problems.try_again, found)
            with suppress(Unanswered, Declined):  # how it came out is in the answer
                await call.crm.carrier.carry(found.subject)
        view = problem_view(await _problem(call, grant, problem))
        call.tell(before=problem_view(found), after=view)
        return view

    @post("/{problem:str}/settlement", summary="Tell that it was settled by hand", status_code=200, guards=[MOVES_MONEY])
    async def settle(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, problem: ProblemPath,
        data: JSONBody[Settlement],
    ) -> ProblemView:  # fmt: skip
        """The payment ends, and moves no more money. Of `unanswered`, it goes on as if the provider had told so (`paid`)."""
        found = await _problem(call, grant, problem)
        await call.sql(call.crm.problems.settle, found, data.note, by=caller.person_uuid, paid=data.paid)
        with suppress(Unanswered, Declined):  # it is kept and will be carried, or is a problem again
            await call.crm.carrier.carry_if_waiting(found.subject)
        view = problem_view(await _problem(call, grant, problem))
        call.tell(before=problem_view(found), after=view)
        return view
