"""Organizations: made, renamed, left, handed over, closed, exported."""

from litestar import Controller, get, patch, post
from litestar.params import JSONBody
from litestar.response import Stream

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant, Permission
from prorata.control.organizations.inside import Organization
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.organizations.export import write_export
from prorata.rest.workspace.organizations.files import ZIP, file_answer
from prorata.rest.workspace.organizations.shapes import (
    Closing,
    MembershipView,
    MemberView,
    NewOrganization,
    OrganizationChange,
    OrganizationView,
    Transfer,
    member_view,
    membership_view,
    organization_view,
)
from prorata.rest.workspace.permitted import Granted, administrators, needs
from prorata.rest.workspace.views import Done
from prorata.views.answers import Rejected


class Organizations(Controller):
    path = "/organizations"
    tags = ("Organizations",)

    @get("/", summary="List the organizations that you work in")
    async def all(self, call: AnyCall, caller: SignedIn) -> list[MembershipView]:
        """The one where you did so last comes first."""
        return await _mine(call, caller.person_id)

    @post("/", summary="Make an organization")
    async def add(self, call: AnyCall, caller: SignedIn, data: JSONBody[NewOrganization]) -> OrganizationView:
        """It is empty, and you are its Administrator."""
        made = await call.sql(call.control.organizations.add, caller.person_id, data.name)
        call.organization_id = made.id
        call.tell(organization=made.uuid)
        return organization_view(made)

    @get("/{organization:str}", summary="Show an organization and what you may do there", guards=[needs(None)])
    async def one(self, call: AnyCall, caller: SignedIn, grant: Granted) -> MembershipView:
        uuid = _open(call, grant).uuid
        mine = [membership for membership in await _mine(call, caller.person_id) if membership.uuid == uuid]
        if not mine:
            raise NotFound
        return mine[0]

    @patch("/{organization:str}", summary="Rename an organization", guards=[needs(Permission.ORGANIZATION_MANAGE)])
    async def rename(
        self,
        call: AnyCall,
        caller: SignedIn,
        grant: Granted,
        data: JSONBody[OrganizationChange],
    ) -> OrganizationView:
        before, after = await call.sql(call.control.organizations.rename, grant.organization_id, data.name, by=caller.person_id)
        call.tell(before={"name": before.name}, after={"name": after.name})
        return organization_view(after)

    @post("/{organization:str}/leave", summary="Leave an organization", status_code=200, guards=[needs(None)])
    async def leave(self, call: AnyCall, caller: SignedIn, grant: Granted) -> Done:
        """The last Administrator hands it over, or closes it."""
        await call.sql(call.control.organizations.leave, grant.organization_id, by=caller.person_id)
        return Done()

    @post(
        "/{organization:str}/transfer", summary="Hand an organization over", status_code=200,
        guards=[administrators],
    )  # fmt: skip
    async def transfer(self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[Transfer]) -> MemberView:
        """Only an Administrator does so; the answer is the new one, as he was before."""
        heir = await call.sql(
            call.control.organizations.hand_over, grant.organization_id, data.member, data.role, by=caller.person_id
        )
        call.tell(before={"role": heir.rights.role}, after={"role": "Administrator"})
        return member_view(heir)

    @get(
        "/{organization:str}/export", summary="Export everything of an organization",
        guards=[administrators], opt={"media": (ZIP,)},
    )  # fmt: skip
    async def export(self, call: AnyCall, caller: SignedIn, grant: Granted) -> Stream:
        """A ZIP of members, roles, invitations, trade platforms, API clients (without secrets) and the audit.

        Only an Administrator does so.
        """
        call.tell_read()
        return await _export_of(call, _open(call, grant))

    @post(
        "/{organization:str}/close", summary="Close an organization for good", status_code=200,
        guards=[administrators], opt={"media": (ZIP,)},
    )  # fmt: skip
    async def close(self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[Closing]) -> Stream:
        """The answer is its export, which nobody gets later. Only an Administrator does so, when no trade platform runs."""
        if _open(call, grant).name != data.name:
            raise Rejected(Refusal.MALFORMED, "name: not that of this organization")
        closed = await call.sql(call.control.organizations.close, grant.organization_id, by=caller.person_id)
        return await _export_of(call, closed)


def _open(call: Call, grant: Grant) -> Organization:
    """Return the organization. Raises `NotFound`: it was closed a moment ago."""
    organization = call.control.organizations.get(grant.organization_id)
    if organization is None:
        raise NotFound
    return organization


async def _export_of(call: Call, organization: Organization) -> Stream:
    return await file_answer(
        lambda file: write_export(call.control, organization, file), name=f"{organization.uuid}.zip", media=ZIP
    )


async def _mine(call: Call, person_id: int) -> list[MembershipView]:
    memberships = await call.sql(call.control.organizations.of_person, person_id)
    grants = ((one, call.control.grants.look(person_id, one.organization.uuid)) for one in memberships)
    return [membership_view(membership, grant) for membership, grant in grants if grant is not None]
