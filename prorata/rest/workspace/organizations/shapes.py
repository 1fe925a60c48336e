"""What is sent to the workspace about organizations, and what it answers."""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from prorata.access.permissions import NO_ROLE, Grant
from prorata.control.columns import NAME_LENGTH_MAX
from prorata.control.organizations.inside import Member, Organization
from prorata.control.organizations.invitations import Invitation, InvitationState
from prorata.control.organizations.organizations import Membership
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.roles import Role
from prorata.rest.workspace.bodies import EmailText, LanguageText, NameText, PasswordText, TicketText
from prorata.units.numbers import Moment
from prorata.views.bodies import Body
from prorata.views.numbers import show_moment, show_moment_or_none

PLATFORMS_MAX = 500
RIGHTS_MAX = 200

_TITLE = r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?\Z"
_ROLE = r"^[^\x00-\x20\x7f/]([^\x00-\x1f\x7f/]*[^\x00-\x20\x7f/])?\Z"
"""without blanks around; the name of a role stands in paths"""

Title = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=_TITLE, examples=["First Broker"])]
RoleName = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH_MAX, pattern=_ROLE, examples=["Dealer"])]
Uuid: TypeAlias = Annotated[str, Meta(min_length=36, max_length=36, examples=["882e6c23-5ca0-54d6-86b9-35bc12d9dd91"])]
Right: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, examples=["trades.read"])]
RightList = Annotated[
    tuple[Right, ...],
    Meta(max_length=RIGHTS_MAX, description="permissions, or single methods of the RAMM Manager API"),
]
PlatformList = Annotated[tuple[Uuid, ...], Meta(max_length=PLATFORMS_MAX, description="uuids of trade platforms; null: all")]


class NewOrganization(Body, frozen=True, kw_only=True):
    name: Title


class OrganizationChange(Body, frozen=True, kw_only=True):
    name: Title


class Transfer(Body, frozen=True, kw_only=True):
    """`member`: uuid of the person who becomes Administrator. `role`: with which the caller goes on; null: he leaves."""

    member: Uuid
    role: RoleName | None = None


class Closing(Body, frozen=True, kw_only=True):
    """`name`: of the organization, so that the wrong one is not closed by mistake."""

    name: Title


class MemberChangeBody(Body, frozen=True, kw_only=True):
    """What is left out stays as it is. `role` null: none, single rights alone. `platforms` null: all."""

    role: RoleName | UnsetType | None = UNSET
    permissions: RightList | UnsetType = UNSET
    platforms: PlatformList | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class NewRole(Body, frozen=True, kw_only=True):
    name: RoleName
    permissions: RightList


class RoleChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is."""

    name: RoleName | None = None
    permissions: RightList | None = None


class NewInvitation(Body, frozen=True, kw_only=True):
    """`permissions`: beyond the role's. `platforms` null: all."""

    email: EmailText
    role: RoleName | None = None
    permissions: RightList = ()
    platforms: PlatformList | None = None


class InvitationToken(Body, frozen=True, kw_only=True):
    """`token`: what is behind the dot in the link."""

    token: TicketText


class InvitedRegistration(Body, frozen=True, kw_only=True):
    """`token`: what is behind the dot in the link. The address is the one that it was mailed to."""

    token: TicketText
    password: PasswordText
    first_name: NameText = ""
    last_name: NameText = ""
    language: LanguageText = "en"


class OrganizationView(msgspec.Struct, frozen=True):
    uuid: str
    name: str
    created_at: str


class MembershipView(msgspec.Struct, frozen=True, kw_only=True):
    """An organization of the caller's, and what he may do there. `permissions`: all, those of the role among them."""

    uuid: str
    name: str
    created_at: str
    role: str | None
    permissions: list[str]
    platforms: list[str] | None
    used_at: str | None


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """`person`: the uuid that the person has everywhere. `permissions`: beyond the role's. `locked`: disabled everywhere."""

    person: str
    email: str
    first_name: str
    last_name: str
    role: str | None
    permissions: list[str]
    platforms: list[str] | None
    joined_at: str
    used_at: str | None
    disabled_at: str | None
    locked: bool


class RoleView(msgspec.Struct, frozen=True):
    """`built_in`: every organization has it, and nobody changes it."""

    name: str
    permissions: list[str]
    built_in: bool


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """`inviter`: uuid of the person who sent it last."""

    uuid: str
    email: str
    role: str | None
    permissions: list[str]
    platforms: list[str] | None
    inviter: str
    state: InvitationState
    created_at: str
    sent_at: str
    expires_at: str


class InvitedTo(msgspec.Struct, frozen=True, kw_only=True):
    """What a token invites to. `has_account`: sign in to accept it; else register with it."""

    organization: str
    inviter: str
    email: str
    role: str | None
    expires_at: str
    has_account: bool


class Joined(msgspec.Struct, frozen=True):
    """The organization that the person works in now."""

    organization: str
    name: str


def rights_of(role: str | None, permissions: tuple[str, ...], platforms: tuple[str, ...] | None) -> Rights:
    return Rights(
        role=role or NO_ROLE,
        permissions=frozenset(permissions),
        platforms=None if platforms is None else frozenset(platforms),
    )


def organization_view(organization: Organization) -> OrganizationView:
    return OrganizationView(organization.uuid, organization.name, show_moment(organization.created_at))


def membership_view(membership: Membership, grant: Grant) -> MembershipView:
    organization = membership.organization
    return MembershipView(
        uuid=organization.uuid, name=organization.name, created_at=show_moment(organization.created_at),
        role=membership.rights.role or None, permissions=sorted(grant.permissions), platforms=_listed(grant.platforms),
        used_at=show_moment_or_none(membership.used_at),
    )  # fmt: skip


def member_view(member: Member) -> MemberView:
    return MemberView(
        person=member.person_uuid, email=member.email, first_name=member.first_name, last_name=member.last_name,
        role=member.rights.role or None, permissions=sorted(member.rights.permissions),
        platforms=_listed(member.rights.platforms), joined_at=show_moment(member.created_at),
        used_at=show_moment_or_none(member.used_at), disabled_at=show_moment_or_none(member.disabled_at),
        locked=member.is_locked,
    )  # fmt: skip


def role_view(role: Role) -> RoleView:
    return RoleView(role.name, sorted(role.permissions), role.built_in)


def invitation_view(invitation: Invitation, now: Moment) -> InvitationView:
    return InvitationView(
        uuid=invitation.uuid, email=invitation.email, role=invitation.rights.role or None,
        permissions=sorted(invitation.rights.permissions), platforms=_listed(invitation.rights.platforms),
        inviter=invitation.inviter_uuid, state=invitation.state(now), created_at=show_moment(invitation.created_at),
        sent_at=show_moment(invitation.sent_at), expires_at=show_moment(invitation.expires_at),
    )  # fmt: skip


def invited_to(invitation: Invitation, *, has_account: bool) -> InvitedTo:
    return InvitedTo(
        organization=invitation.organization_name, inviter=invitation.inviter_name, email=invitation.email,
        role=invitation.rights.role or None, expires_at=show_moment(invitation.expires_at), has_account=has_account,
    )  # fmt: skip


def joined(invitation: Invitation) -> Joined:
    return Joined(invitation.organization_uuid, invitation.organization_name)


def _listed(platforms: frozenset[str] | None) -> list[str] | None:
    return None if platforms is None else sorted(platforms)
