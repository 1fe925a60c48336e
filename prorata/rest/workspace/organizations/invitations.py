"""Invitations: sent, sent again and revoked by members; looked at and accepted by whoever has the link."""

from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.params import JSONBody, PathParameter

from prorata.access.permissions import Permission
from prorata.control.people.addresses import BadAddress
from prorata.control.people.password_rules import UnfitPassword
from prorata.control.people.people import NewPerson
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.rest.workspace.organizations.shapes import (
    InvitationToken,
    InvitationView,
    InvitedRegistration,
    InvitedTo,
    Joined,
    NewInvitation,
    invitation_view,
    invited_to,
    joined,
    rights_of,
)
from prorata.rest.workspace.permitted import Granted, needs
from prorata.rest.workspace.proving import count_mail, in_prover
from prorata.views.answers import Rejected

InvitationUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the invitation")]


class Invitations(Controller):
    path = "/organizations/{organization:str}/invitations"
    tags = ("Members",)
    guards = (needs(Permission.MEMBERS_MANAGE),)

    @get("/", summary="List invitations")
    async def all(self, call: AnyCall, caller: SignedIn, grant: Granted) -> list[InvitationView]:
        """Newest first; those that were accepted, revoked or have expired as well."""
        call.tell_read()
        found = await call.sql(call.control.invitations.all, grant.organization_id)
        return [invitation_view(invitation, call.now()) for invitation in found]

    @post("/", summary="Invite somebody by e-mail")
    async def add(self, call: AnyCall, caller: SignedIn, grant: Granted, data: JSONBody[NewInvitation]) -> InvitationView:
        """Also whoever has no account yet. The link in the mail is good for a week."""
        await count_mail(call, data.email)
        rights = rights_of(data.role, data.permissions, data.platforms)
        try:
            made = await call.sql(
                call.control.invitations.add, grant.organization_id, data.email, rights, call.workspace.url,
                by=caller.person_id,
            )  # fmt: skip
        except BadAddress as problem:
            raise Rejected(Refusal.MALFORMED, f"email: {problem}") from None
        call.tell(after=invitation_view(made, call.now()))
        return invitation_view(made, call.now())

    @post("/{invitation:str}/resend", summary="Send an invitation again", status_code=200)
    async def send_again(self, call: AnyCall, caller: SignedIn, grant: Granted, invitation: InvitationUuid) -> InvitationView:
        """With a new link, good for a week; the one before is dead."""
        sent = await call.sql(
            call.control.invitations.send_again, grant.organization_id, invitation, call.workspace.url, by=caller.person_id
        )
        return invitation_view(sent, call.now())

    @delete("/{invitation:str}", summary="Revoke an invitation", status_code=200)
    async def revoke(self, call: AnyCall, caller: SignedIn, grant: Granted, invitation: InvitationUuid) -> InvitationView:
        revoked = await call.sql(call.control.invitations.revoke, grant.organization_id, invitation, by=caller.person_id)
        call.tell(before=invitation_view(revoked, call.now()))
        return invitation_view(revoked, call.now())


class Invited(Controller):
    """What whoever has been invited does with the token in his link."""

    path = "/invitations"
    tags = ("Invited",)

    @post("/look", summary="See what you are invited to", status_code=200)
    async def look(self, call: AnyCall, data: JSONBody[InvitationToken]) -> InvitedTo:
        call.take_try()
        invitation = await call.sql(call.control.invitations.look, data.token)
        holder = await call.sql(call.control.people.find, invitation.email)
        return invited_to(invitation, has_account=holder is not None)

    @post("/accept", summary="Accept an invitation", status_code=200)
    async def accept(self, call: AnyCall, caller: SignedIn, data: JSONBody[InvitationToken]) -> Joined:
        """The address that it was mailed to must be yours."""
        call.take_try()
        invitation = await call.sql(call.control.invitations.accept, data.token, caller.person_id)
        call.organization_id = invitation.organization_id
        call.tell(invitation=invitation.uuid)
        return joined(invitation)

    @post("/register", summary="Register with an invitation")
    async def register(self, call: AnyCall, data: JSONBody[InvitedRegistration]) -> Joined:
        """Makes an account of the address that the invitation was mailed to, and accepts it."""
        call.take_try()
        new = NewPerson(
            email="", password=data.password, first_name=data.first_name, last_name=data.last_name, language=data.language
        )
        try:
            invitation, person = await in_prover(call.control.invitations.register, data.token, new)
        except UnfitPassword as problem:
            raise Rejected(Refusal.PASSWORD_UNFIT, str(problem)) from None
        call.organization_id = invitation.organization_id
        call.tell(invitation=invitation.uuid, person=person.uuid)
        return joined(invitation)
