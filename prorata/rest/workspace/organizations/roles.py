"""Roles of an organization: those that all have, and its own."""

from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Permission
from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.organizations.roles import Role
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.organizations.shapes import NewRole, RoleChange, RoleView, role_view
from prorata.rest.workspace.permitted import Granted, needs

RolePath = Annotated[str, PathParameter(min_length=1, max_length=NAME_LENGTH_MAX, description="name of the role")]
MANAGES_MEMBERS = needs(Permission.MEMBERS_MANAGE)


class Roles(Controller):
    path = "/organizations/{organization:str}/roles"
    tags = ("Members",)

    @get("/", summary="List roles", guards=[needs(None)])
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted) -> list[RoleView]:
        return [role_view(role) for role in await call.sql(call.control.roles.all, grant.organization_id)]

    @post("/", summary="Make a role", guards=[MANAGES_MEMBERS])
    async def add(self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[NewRole]) -> RoleView:
        """Only out of what you have yourself, on all trade platforms."""
        role = Role(name=data.name, permissions=frozenset(data.permissions), built_in=False)
        await call.sql(call.control.roles.add, grant.organization_id, role, by=caller.person_id)
        call.tell(after=role_view(role))
        return role_view(role)

    @patch("/{role:str}", summary="Change a role", guards=[MANAGES_MEMBERS])
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, role: RolePath,
        data: JSONBody[RoleChange],
    ) -> RoleView:  # fmt: skip
        """It holds at once for all who have it."""
        permissions = None if data.permissions is None else frozenset(data.permissions)
        before, after = await call.sql(
            call.control.roles.change, grant.organization_id, role, new_name=data.name, permissions=permissions,
            by=caller.person_id,
        )  # fmt: skip
        call.tell(before=role_view(before), after=role_view(after))
        return role_view(after)

    @delete("/{role:str}", summary="Delete a role that nobody has", status_code=200, guards=[MANAGES_MEMBERS])
    async def remove(self, call: AnyCall, caller: SignedIn, grant: Granted, role: RolePath) -> RoleView:
        removed = await call.sql(call.control.roles.remove, grant.organization_id, role, by=caller.person_id)
        call.tell(before=role_view(removed))
        return role_view(removed)
