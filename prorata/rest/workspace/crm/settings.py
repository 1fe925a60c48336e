"""Branches, offers and payment gateways: set up here, and read by programs over the Broker-API."""

from collections.abc import Iterable
from typing import Annotated

import msgspec
from litestar import Controller, get, patch, post, put
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Grant, Permission
from prorata.crm.gateways import NewGateway
from prorata.crm.settings import NewOffer, Offer
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.shapes import (
    BranchView,
    GatewayTerms,
    GatewayView,
    NewBranch,
    NewOfferBody,
    OfferChange,
    OfferView,
    branch_view,
    gateway_values,
    gateway_view,
    offer_view,
)
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.rest.workspace.reach import platform_in
from prorata.units.currency import CURRENCY_DIGITS
from prorata.views.answers import Rejected
from prorata.views.numbers import read_money

OfferPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the offer")]
GatewayPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the gateway")]
READS = needs(Permission.SETTINGS_READ)
WRITES = needs(Permission.SETTINGS_WRITE)


async def _branch_uuids(call: Call, grant: Grant) -> dict[int, str]:
    return {branch.id: branch.uuid for branch in await call.sql(call.crm.settings.branches, grant.organization_id)}


async def _branch_ids(call: Call, grant: Grant, uuids: Iterable[str]) -> list[int]:
    """Raises `Rejected`: one of them is not the organization's."""
    known = {uuid: number for number, uuid in (await _branch_uuids(call, grant)).items()}
    missing = next((uuid for uuid in uuids if uuid not in known), None)
    if missing is not None:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, f"branch: there is none of this uuid: {missing}")
    return [known[uuid] for uuid in uuids]


def _amount(text: str, currency: str) -> int:
    return read_money(text, CURRENCY_DIGITS.get(currency, 2), "initial_deposit")


class Branches(Controller):
    path = "/organizations/{organization:str}/branches"
    tags = ("CRM",)

    @get("/", summary="List branches", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[BranchView]:
        return [branch_view(one) for one in await call.sql(call.crm.settings.branches, grant.organization_id)]

    @post("/", summary="Add a branch", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewBranch]
    ) -> BranchView:
        """With the first one come the roles and lead statuses that every organization has."""
        begin = call.crm.settings.add_branch
        if not await call.sql(call.crm.settings.branches, grant.organization_id):
            begin = call.crm.settings.begin
        view = branch_view(await call.sql(begin, grant.organization_id, data.name, two_factor=data.two_factor))
        call.tell(after=view)
        return view


class Offers(Controller):
    path = "/organizations/{organization:str}/offers"
    tags = ("CRM",)

    @get("/", summary="List offers", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[OfferView]:
        branches = await _branch_uuids(call, grant)
        found = await call.sql(call.crm.settings.offers, grant.organization_id)
        return [offer_view(one, branches[one.branch_id]) for one in found if grant.reaches(one.platform_uuid)]

    @post("/", summary="Make an offer", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewOfferBody]
    ) -> OfferView:
        """It maps a group of a trade platform, which nobody outside sees otherwise."""
        platform = platform_in(call, grant, data.platform)
        (branch_id,) = await _branch_ids(call, grant, [data.branch])
        new = NewOffer(
            branch_id=branch_id, platform_uuid=platform.uuid, group_name=data.group, name=data.name, currency=data.currency,
            leverage=data.leverage, demo=data.demo, description=data.description, hidden=data.hidden,
            initial_deposit=_amount(data.initial_deposit, data.currency),
            verification_required=data.verification_required, automatic=data.automatic,
        )  # fmt: skip
        view = offer_view(await call.sql(call.crm.settings.add_offer, grant.organization_id, new), data.branch)
        call.tell(after=view)
        return view

    @patch("/{offer:str}", summary="Change an offer", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, offer: OfferPath,
        data: JSONBody[OfferChange],
    ) -> OfferView:  # fmt: skip
        """Accounts under it stay as they are. Branch, trade platform, group, currency and kind stay, too."""
        settings, branches = call.crm.settings, await _branch_uuids(call, grant)
        before: Offer = await call.sql(settings.offer, grant.organization_id, offer)
        platform_in(call, grant, before.platform_uuid)
        changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not msgspec.UNSET}
        if "initial_deposit" in changes:
            changes["initial_deposit"] = _amount(changes["initial_deposit"], before.currency)
        after = await call.sql(settings.change_offer, grant.organization_id, offer, changes)
        view = offer_view(after, branches[after.branch_id])
        call.tell(before=offer_view(before, branches[before.branch_id]), after=view)
        return view


class Gateways(Controller):
    path = "/organizations/{organization:str}/payment-gateways"
    tags = ("CRM",)

    @get("/", summary="List payment gateways", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[GatewayView]:
        branches = await _branch_uuids(call, grant)
        return [gateway_view(one, branches) for one in await call.sql(call.crm.gateways.all, grant.organization_id)]

    @post("/", summary="Add a payment gateway", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[GatewayTerms]
    ) -> GatewayView:
        """It is seen in the branches that it is attached to, and takes payments of accounts in its currency."""
        branches = await _branch_ids(call, grant, data.branches)
        new = NewGateway(**gateway_values(data))
        made = await call.sql(call.crm.gateways.add, grant.organization_id, new, branches)
        view = gateway_view(made, await _branch_uuids(call, grant))
        call.tell(after=view)
        return view

    @put("/{gateway:str}", summary="Change a payment gateway", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, gateway: GatewayPath,
        data: JSONBody[GatewayTerms],
    ) -> GatewayView:  # fmt: skip
        """Its currency and provider stay; payments under way go on as they began."""
        before = await call.sql(call.crm.gateways.find, grant.organization_id, gateway)
        if (data.currency, data.provider) != (before.currency, before.provider):
            raise Rejected(Refusal.PAYMENT_UNFIT, "currency and provider of a gateway stay as they are")
        branches = await _branch_ids(call, grant, data.branches)
        after = await call.sql(call.crm.gateways.change, before, gateway_values(data), branches)
        uuids = await _branch_uuids(call, grant)
        view = gateway_view(after, uuids)
        call.tell(before=gateway_view(before, uuids), after=view)
        return view
