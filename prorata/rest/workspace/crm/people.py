"""People, found and sorted: the list with its filters, many at once, their fields, and who may be here twice."""

from typing import Annotated

from litestar import Controller, get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.control.paging import Slice
from prorata.crm.accounts import AccountFilter, AccountKind, Verification
from prorata.crm.duplicates.duplicates import PairStatus
from prorata.crm.labels.conditions import SortedBy, conditions
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.crm.label_shapes import (
    AccountsPage,
    PairDecision,
    PairView,
    SortedView,
    SortingBody,
    ValuesBody,
    ValueView,
    account_row,
    pair_view,
    sorting_of,
    value_view,
)
from prorata.rest.workspace.crm.privacy import CHANGES_PEOPLE, SEES_PEOPLE
from prorata.rest.workspace.crm.reach import AccountPath, account_in
from prorata.rest.workspace.permitted import Granted, OrganizationUuid

PAGE_MAX = 500
OFFSET_MAX = 10_000_000
PairPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the pair")]
Named = Annotated[str, QueryParameter(max_length=36, description="uuid, empty for any")]


class People(Controller):
    path = "/organizations/{organization:str}/accounts"
    tags = ("People",)

    @get("/", summary="List people", guards=[SEES_PEOPLE])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        text: Annotated[str, QueryParameter(max_length=256, description="in e-mail, names, phone, country, manager")] = "",
        kind: Annotated[AccountKind, QueryParameter(description="leads, clients or all")] = AccountKind.ALL,
        tag: Annotated[list[str] | None, QueryParameter(max_items=10, description="uuids of tags that they all have")] = None,
        lead_status: Named = "",
        pool: Named = "",
        verification: Annotated[Verification | None, QueryParameter(description="only of this status")] = None,
        field: Named = "",
        value: Annotated[str, QueryParameter(max_length=1_000, description="of the field")] = "",
        suspected: Annotated[bool, QueryParameter(description="only who may be here twice")] = False,
        offset: Annotated[int, QueryParameter(ge=0, le=OFFSET_MAX, description="how many to pass over")] = 0,
        limit: Annotated[int, QueryParameter(ge=1, le=PAGE_MAX, description="how many to show")] = 50,
    ) -> AccountsPage:
        """Newest first."""
        wanted = SortedBy(
            tags=tuple(tag or ()), lead_status=lead_status, pool=pool, verification=verification, field=field, value=value,
            suspected=suspected,
        )  # fmt: skip
        call.tell_read(text=text, tags=tag, lead_status=lead_status, pool=pool, verification=verification, field=field)
        asked = AccountFilter(text=text.strip(), kind=kind, more=tuple(conditions(grant.organization_id, wanted)))
        part = Slice("created", True, offset, limit)
        found, total = await call.sql(call.crm.accounts.search, grant.organization_id, asked, part)
        numbers = [one.id for one in found]
        tags = await call.sql(call.crm.tags.of_accounts, numbers)
        doubtful = await call.sql(call.crm.duplicates.suspected_among, numbers)
        rows = [account_row(one, tags.get(one.id, []), suspected=one.id in doubtful) for one in found]
        return AccountsPage(total=total, accounts=rows)

    @post("/sorting", summary="Sort many people at once", status_code=200, guards=[CHANGES_PEOPLE])
    async def sort(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[SortingBody]
    ) -> SortedView:
        """Tags, pool, lead status: for all of them, or for none if one thing that is named is not there."""
        sort = call.crm.sorter.sort
        return SortedView(
            accounts=await call.sql(sort, grant.organization_id, data.accounts, sorting_of(data), by=call.actor)
        )  # fmt: skip

    @get("/{account:str}/fields", summary="What a person has of the organization's fields", guards=[SEES_PEOPLE])
    async def values(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[ValueView]:
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return [value_view(one) for one in await call.sql(call.crm.fields.of_account, found)]

    @put("/{account:str}/fields", summary="Set a person's values of the organization's fields", guards=[CHANGES_PEOPLE])
    async def put_values(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath,
        data: JSONBody[ValuesBody],
    ) -> list[ValueView]:  # fmt: skip
        """What is not named stays as it is."""
        found = await account_in(call, grant, account)
        values = {one.field: one.value for one in data.values}
        return [value_view(one) for one in await call.sql(call.crm.fields.put, found, values, by=call.actor)]

    @get("/{account:str}/duplicates", summary="Who a person may be besides", guards=[SEES_PEOPLE])
    async def duplicates(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, account: AccountPath
    ) -> list[PairView]:
        """Decided or not."""
        call.tell_read(account=account)
        found = await account_in(call, grant, account)
        return [pair_view(one) for one in await call.sql(call.crm.duplicates.of_account, found.id)]


class DuplicatePairs(Controller):
    path = "/organizations/{organization:str}/duplicates"
    tags = ("People",)

    @get("/", summary="List who may be here twice", guards=[SEES_PEOPLE])
    async def all(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        organization: OrganizationUuid,
        status: Annotated[PairStatus, QueryParameter(description="with this status")] = PairStatus.SUSPECTED,
    ) -> list[PairView]:
        """The newest 500."""
        call.tell_read(status=status)
        return [pair_view(one) for one in await call.sql(call.crm.duplicates.all, grant.organization_id, status)]

    @post("/{pair:str}/decision", summary="Say whether a pair is two people", status_code=200, guards=[CHANGES_PEOPLE])
    async def decide(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, pair: PairPath,
        data: JSONBody[PairDecision],
    ) -> PairView:  # fmt: skip
        """DIFFERENT: they are not suspected again, whatever they have in common."""
        before = await call.sql(call.crm.duplicates.find, grant.organization_id, pair)
        after = await call.sql(call.crm.duplicates.decide, before, data.status, data.note, by=call.actor)
        call.tell(before=pair_view(before), after=pair_view(after))
        return pair_view(after)
