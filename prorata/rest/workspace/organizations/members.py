"""Members of an organization: seen, changed, disabled, removed."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, patch
from litestar.params import JSONBody, PathParameter
from msgspec import UNSET, UnsetType

from prorata.access.permissions import NO_ROLE, Permission
from prorata.control.organizations.members import MemberChange
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.organizations.shapes import MemberChangeBody, MemberView, member_view
from prorata.rest.workspace.permitted import Granted, needs

PersonUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the person")]


class Members(Controller):
    path = "/organizations/{organization:str}/members"
    tags = ("Members",)
    guards = (needs(Permission.MEMBERS_MANAGE),)

    @get("/", summary="List members")
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted) -> list[MemberView]:
        """Those of longest standing first."""
        call.tell_read()
        return [member_view(member) for member in await call.sql(call.control.members.all, grant.organization_id)]

    @get("/{person:str}", summary="Show a member")
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted, person: PersonUuid) -> MemberView:
        call.tell_read()
        return member_view(await call.sql(call.control.members.get, grant.organization_id, person))

    @patch("/{person:str}", summary="Change, disable or enable a member")
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, person: PersonUuid,
        data: JSONBody[MemberChangeBody],
    ) -> MemberView:  # fmt: skip
        """It holds at once. Nobody gives or takes what he lacks himself, and there is always an Administrator."""
        change = MemberChange(
            role=NO_ROLE if data.role is None else data.role, permissions=_set_of(data.permissions),
            platforms=None if data.platforms is None else _set_of(data.platforms), disabled=data.disabled,
        )  # fmt: skip
        before, after = await call.sql(call.control.members.change, grant.organization_id, person, change, by=caller.person_id)
        call.tell(before=_told(member_view(before)), after=_told(member_view(after)))
        return member_view(after)

    @delete("/{person:str}", summary="Remove a member", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, grant: Granted, person: PersonUuid) -> MemberView:
        """The answer is the member as he was."""
        removed = await call.sql(call.control.members.remove, grant.organization_id, person, by=caller.person_id)
        call.tell(before=_told(member_view(removed)))
        return member_view(removed)


def _set_of(words: tuple[str, ...] | UnsetType) -> frozenset[str] | UnsetType:
    return UNSET if words is UNSET else frozenset(words)


def _told(member: MemberView) -> dict[str, object]:
    """Return what the audit keeps of a member: not when he was here last."""
    return {name: value for name, value in msgspec.structs.asdict(member).items() if name != "used_at"}
