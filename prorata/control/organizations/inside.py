"""An open organization within a transaction that has locked it: nobody else changes its members, roles or invitations
meanwhile. The rules of giving and taking rights are here, and nowhere else.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import NO_ROLE, RIGHTS, ROLES, Grant, Permission
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.rights import Rights, columns_of, grant_with, rights_from, rights_in
from prorata.control.organizations.tables import members, organizations, roles
from prorata.control.people.tables import people
from prorata.control.platforms.tables import platforms
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """`closed_at` 0: it is open."""

    id: int
    uuid: str
    name: str
    created_at: Moment
    closed_at: Moment


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """A person in an organization. `disabled_at` 0: he may work there, unless he is disabled everywhere (`is_locked`)."""

    person_id: int
    person_uuid: str
    email: str
    first_name: str
    last_name: str
    is_locked: bool
    rights: Rights
    created_at: Moment
    disabled_at: Moment
    used_at: Moment

    @property
    def is_active(self) -> bool:
        return not self.disabled_at and not self.is_locked


class Inside:
    """`roles`: the organization's own."""

    def __init__(
        self,
        organization: Organization,
        roles: Mapping[str, frozenset[str]],
        members: Mapping[int, Member],
        platforms: frozenset[str],
    ) -> None:
        self.organization = organization
        self.roles = roles
        self.members = members
        self._platforms = platforms

    def member(self, person_uuid: str) -> Member:
        """Return a member. Raises `NotFound`."""
        for member in self.members.values():
            if member.person_uuid == person_uuid:
                return member
        raise NotFound

    def grant_of(self, person_id: int) -> Grant:
        """Return what an active member may do. Raises `NotFound`."""
        member = self.members.get(person_id)
        if member is None or not member.is_active:
            raise NotFound
        return self.grant_with(member.rights)

    def grant_with(self, rights: Rights) -> Grant:
        return grant_with(rights, self.organization.id, self.roles)

    # Checks. They change nothing.

    def check_may(self, person_id: int, permission: Permission) -> Grant:
        """Return what a member may do, with this among it. Raises `NotFound`, `Declined`."""
        grant = self.grant_of(person_id)
        if not grant.may(permission):
            raise Declined(Refusal.NOT_PERMITTED, f"needs the permission {permission}")
        return grant

    def check_administrator(self, person_id: int) -> None:
        """Raise `NotFound` or `Declined` unless this is an Administrator."""
        if not self.grant_of(person_id).is_all:
            raise Declined(Refusal.NOT_PERMITTED, "only an Administrator does this")

    def check_rights(self, rights: Rights) -> None:
        """Raise `Declined` for rights that there are not."""
        if rights.role != NO_ROLE and rights.role not in ROLES and rights.role not in self.roles:
            raise Declined(Refusal.BAD_RIGHTS, f"role: there is none of this name: {rights.role}"[:300])
        check_permissions(rights.permissions)
        if rights.platforms is None:
            return
        if rights.is_administrators:
            raise Declined(Refusal.BAD_RIGHTS, "platforms: an Administrator is not narrowed to some of them")
        unknown = sorted(rights.platforms - self._platforms)
        if unknown:
            raise Declined(Refusal.BAD_RIGHTS, f"platforms: the organization has none of this uuid: {unknown[0]}"[:300])

    def check_may_give(self, giver: Grant, rights: Rights) -> None:
        """Raise `Declined` unless the giver has all of the rights himself, wherever they hold."""
        self.check_gift(giver, self.grant_with(rights))

    def check_gift(self, giver: Grant, gift: Grant) -> None:
        """Raise `Declined` unless the giver has all of the gift himself."""
        if giver.may_give(gift):
            return
        lacked = ", ".join(giver.lacked(gift.permissions)) or "rights on platforms that you do not reach"
        raise Declined(Refusal.NOT_PERMITTED, f"nobody gives, takes or changes what he lacks himself: {lacked}"[:300])

    def check_administrator_but(self, person_id: int) -> None:
        """Raise `Declined` unless somebody else is an Administrator, too."""
        others = (member for member in self.members.values() if member.person_id != person_id)
        if not any(member.is_active and member.rights.is_administrators for member in others):
            raise Declined(Refusal.LAST_ADMINISTRATOR)


def check_permissions(permissions: frozenset[str]) -> None:
    """Raise `Declined` for a right that there is not."""
    unknown = sorted(permissions - RIGHTS)
    if unknown:
        raise Declined(Refusal.BAD_RIGHTS, f"permissions: there is no such right: {unknown[0]}"[:300])


def open_inside(connection: Connection, organization_id: int) -> Inside:
    """Lock an organization and return it. Raises `NotFound`: there is none, or it is closed."""
    mine = organizations.c.id == organization_id
    row = connection.execute(select(organizations).where(mine).with_for_update()).mappings().first()
    if row is None or row["closed_at"]:
        raise NotFound
    own_roles = select(roles.c.name, roles.c.permissions).where(roles.c.organization_id == organization_id)
    own_platforms = select(platforms.c.uuid).where(platforms.c.organization_id == organization_id, platforms.c.archived_at == 0)
    return Inside(
        Organization(**row),
        {role.name: rights_in(role.permissions) for role in connection.execute(own_roles)},
        {member.person_id: member for member in read_members(connection, organization_id)},
        frozenset(connection.execute(own_platforms).scalars()),
    )


def read_members(connection: Connection, organization_id: int) -> list[Member]:
    """Return the members of an organization, those of longest standing first."""
    query = (
        select(
            members, people.c.uuid, people.c.email, people.c.first_name, people.c.last_name,
            people.c.disabled_at.label("locked_at"),
        )
        .select_from(members.join(people, people.c.id == members.c.person_id))
        .where(members.c.organization_id == organization_id)
        .order_by(members.c.id)
    )  # fmt: skip
    return [
        Member(
            person_id=row["person_id"],
            person_uuid=row["uuid"],
            email=row["email"] or "",
            first_name=row["first_name"],
            last_name=row["last_name"],
            is_locked=row["locked_at"] > 0,
            rights=rights_from(row),
            created_at=row["created_at"],
            disabled_at=row["disabled_at"],
            used_at=row["used_at"],
        )
        for row in connection.execute(query).mappings()
    ]


def insert_member(
    connection: Connection, organization_id: int, person_id: int, rights: Rights, now: Moment, **known: Any
) -> None:
    """Add a member. `known`: what a company knows of a manager, by column."""
    row = {
        "organization_id": organization_id, "person_id": person_id, **columns_of(rights), "created_at": now, "rights_at": now,
        "disabled_at": 0, "used_at": 0, "login": None, "login_key": None, "mobile": "", "comment": "", "tag": 0, "status": 0,
    }  # fmt: skip
    connection.execute(insert(members).values(row | known))


def give(connection: Connection, member: Member, rights: Rights, organization_id: int, now: Moment) -> None:
    """Give a member other rights."""
    mine = is_member(organization_id, member.person_id)
    changed_at = {} if rights == member.rights else {"rights_at": now}
    connection.execute(update(members).where(mine).values(**columns_of(rights), **changed_at))


def is_member(organization_id: int, person_id: int) -> ColumnElement[bool]:
    """Return what finds the row of a member."""
    return (members.c.organization_id == organization_id) & (members.c.person_id == person_id)
