"""By what an organization sorts its people: tags, its own fields, pools, lead statuses.

Tags, fields and pools are lists of one shape: shown whole, and taken from by the uuid of one.
"""

from collections.abc import Callable
from typing import Annotated, Protocol, TypeVar

from litestar import Controller, delete, get, post, put
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Grant
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.label_shapes import (
    FieldBody,
    FieldChange,
    FieldView,
    PoolBody,
    PoolView,
    TagBody,
    TagView,
    field_view,
    pool_view,
    tag_view,
)
from prorata.rest.workspace.crm.settings import READS, WRITES
from prorata.rest.workspace.crm.shapes import NamedView
from prorata.rest.workspace.permitted import Granted, OrganizationUuid

TagPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the tag")]
FieldPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the field")]
PoolPath = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the pool")]
Label = TypeVar("Label")
View = TypeVar("View")


class Labels(Protocol[Label]):
    """Tags, fields, pools: labels by which accounts are sorted. The methods block."""

    def all(self, organization_id: int, /) -> list[Label]: ...
    def find(self, organization_id: int, uuid: str, /) -> Label: ...
    def remove(self, label: Label, /) -> None: ...


async def _listed(call: Call, grant: Grant, labels: Labels[Label], view: Callable[[Label], View]) -> list[View]:
    return [view(one) for one in await call.sql(labels.all, grant.organization_id)]


async def _removed(call: Call, grant: Grant, labels: Labels[Label], uuid: str, view: Callable[[Label], View]) -> View:
    found = await call.sql(labels.find, grant.organization_id, uuid)
    await call.sql(labels.remove, found)
    return view(found)


class TagList(Controller):
    path = "/organizations/{organization:str}/tags"
    tags = ("People",)

    @get("/", summary="List tags", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[TagView]:
        return await _listed(call, grant, call.crm.tags, tag_view)

    @post("/", summary="Add a tag", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[TagBody]
    ) -> TagView:
        return tag_view(await call.sql(call.crm.tags.add, grant.organization_id, data.name, data.color))

    @put("/{tag:str}", summary="Change a tag", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, tag: TagPath,
        data: JSONBody[TagBody],
    ) -> TagView:  # fmt: skip
        found = await call.sql(call.crm.tags.find, grant.organization_id, tag)
        return tag_view(await call.sql(call.crm.tags.change, found, data.name, data.color))

    @delete("/{tag:str}", summary="Take a tag away, from all who have it", status_code=200, guards=[WRITES])
    async def remove(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, tag: TagPath
    ) -> TagView:
        return await _removed(call, grant, call.crm.tags, tag, tag_view)


class FieldList(Controller):
    path = "/organizations/{organization:str}/fields"
    tags = ("People",)

    @get("/", summary="List the organization's fields", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[FieldView]:
        return await _listed(call, grant, call.crm.fields, field_view)

    @post("/", summary="Add a field", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[FieldBody]
    ) -> FieldView:
        made = await call.sql(call.crm.fields.add, grant.organization_id, data.name, data.kind, data.choices)
        return field_view(made)

    @put("/{field:str}", summary="Change a field", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, field: FieldPath,
        data: JSONBody[FieldChange],
    ) -> FieldView:  # fmt: skip
        """Its kind stays. Who has a choice that is none any more keeps it."""
        found = await call.sql(call.crm.fields.find, grant.organization_id, field)
        return field_view(await call.sql(call.crm.fields.change, found, data.name, data.choices))

    @delete("/{field:str}", summary="Take a field away, with all its values", status_code=200, guards=[WRITES])
    async def remove(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, field: FieldPath
    ) -> FieldView:
        return await _removed(call, grant, call.crm.fields, field, field_view)


class PoolList(Controller):
    path = "/organizations/{organization:str}/pools"
    tags = ("People",)

    @get("/", summary="List pools", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[PoolView]:
        return await _listed(call, grant, call.crm.pools, pool_view)

    @post("/", summary="Add a pool", guards=[WRITES])
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[PoolBody]
    ) -> PoolView:
        """Members who look after accounts together. What a member may see is not narrowed by it."""
        return pool_view(await call.sql(call.crm.pools.add, grant.organization_id, data.name, data.members))

    @put("/{pool:str}", summary="Change a pool", guards=[WRITES])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, pool: PoolPath,
        data: JSONBody[PoolBody],
    ) -> PoolView:  # fmt: skip
        found = await call.sql(call.crm.pools.find, grant.organization_id, pool)
        return pool_view(await call.sql(call.crm.pools.change, found, data.name, data.members))

    @delete("/{pool:str}", summary="Take a pool away; its accounts are in none", status_code=200, guards=[WRITES])
    async def remove(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, pool: PoolPath
    ) -> PoolView:
        return await _removed(call, grant, call.crm.pools, pool, pool_view)


class LeadStatusList(Controller):
    path = "/organizations/{organization:str}/lead-statuses"
    tags = ("People",)

    @get("/", summary="List lead statuses", guards=[READS])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid) -> list[NamedView]:
        found = await call.sql(call.crm.settings.lead_statuses, grant.organization_id)
        return [NamedView(uuid=one.uuid, name=one.name) for one in found]
