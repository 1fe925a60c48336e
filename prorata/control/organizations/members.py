"""Members of an organization: what each may do, whether he may work there at all."""

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import delete, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.inside import Inside, Member, give, is_member, open_inside, read_members
from prorata.control.organizations.rights import Rights
from prorata.control.organizations.tables import members
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment


class MemberChange(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different; what is not said stays."""

    role: str | UnsetType = UNSET
    permissions: frozenset[str] | UnsetType = UNSET
    platforms: frozenset[str] | UnsetType | None = UNSET
    disabled: bool | UnsetType = UNSET


class Members:
    def __init__(self, database: Database, grants: Grants) -> None:
        self._database = database
        self._grants = grants

    def all(self, organization_id: int) -> list[Member]:
        """Return the members, those of longest standing first."""
        with self._database.reading() as connection:
            return read_members(connection, organization_id)

    def get(self, organization_id: int, person_uuid: str) -> Member:
        """Return a member. Raises `NotFound`."""
        for member in self.all(organization_id):
            if member.person_uuid == person_uuid:
                return member
        raise NotFound

    def change(self, organization_id: int, person_uuid: str, change: MemberChange, *, by: int) -> tuple[Member, Member]:
        """Change what a member may do, or whether he may work there; return him before and after.

        Raises:
            NotFound: no such member.
            Declined: whoever does it may not, there are no such rights, nobody would be Administrator.
        """
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            before = reached(inside, person_uuid, by)
            after = _changed(before, change, self._database.now())
            inside.check_rights(after.rights)
            inside.check_may_give(inside.grant_of(by), after.rights)
            if before.person_id == by and after.disabled_at:
                raise Declined(Refusal.NOT_PERMITTED, "nobody disables himself: he leaves")
            if not (after.rights.is_administrators and after.is_active):
                check_can_go(inside, before)
            give(connection, before, after.rights, organization_id, self._database.now())
            mine = is_member(organization_id, before.person_id)
            connection.execute(update(members).where(mine).values(disabled_at=after.disabled_at))
        return before, after

    def remove(self, organization_id: int, person_uuid: str, *, by: int) -> Member:
        """Remove a member. Raises as `change` does."""
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            member = reached(inside, person_uuid, by)
            check_can_go(inside, member)
            connection.execute(delete(members).where(is_member(organization_id, member.person_id)))
        return member


def reached(inside: Inside, person_uuid: str, by: int) -> Member:
    """Return a member who has nothing that whoever changes him lacks. Raises `NotFound`, `Declined`."""
    giver = inside.check_may(by, Permission.MEMBERS_MANAGE)
    member = inside.member(person_uuid)
    inside.check_may_give(giver, member.rights)
    return member


def check_can_go(inside: Inside, member: Member) -> None:
    """Raise `Declined` if the member is the last Administrator."""
    if member.rights.is_administrators and member.is_active:
        inside.check_administrator_but(member.person_id)


def _changed(member: Member, change: MemberChange, now: Moment) -> Member:
    wished = {name: getattr(change, name) for name in Rights.__struct_fields__ if getattr(change, name) is not UNSET}
    disabled_at = member.disabled_at
    if change.disabled is not UNSET:
        disabled_at = (member.disabled_at or now) if change.disabled else 0
    return msgspec.structs.replace(member, rights=msgspec.structs.replace(member.rights, **wished), disabled_at=disabled_at)
