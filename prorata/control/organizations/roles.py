"""An organization's own roles. Those that every organization has are in `prorata.access.permissions`."""

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import ROLES, Grant, Permission
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.inside import Inside, check_permissions, open_inside
from prorata.control.organizations.rights import rights_in, text_of
from prorata.control.organizations.tables import invitations, members, roles
from prorata.messages.refusals import Refusal

ROLES_MAX = 100


class Role(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    permissions: frozenset[str]
    built_in: bool


class Roles:
    def __init__(self, database: Database, grants: Grants) -> None:
        self._database = database
        self._grants = grants

    def all(self, organization_id: int) -> list[Role]:
        """Return the roles that every organization has, then its own in the order of their names."""
        query = select(roles).where(roles.c.organization_id == organization_id).order_by(roles.c.name)
        with self._database.reading() as connection:
            own = connection.execute(query).mappings().all()
        return [
            *(Role(name=name, permissions=frozenset(held), built_in=True) for name, held in ROLES.items()),
            *(Role(name=row["name"], permissions=rights_in(row["permissions"]), built_in=False) for row in own),
        ]

    def add(self, organization_id: int, role: Role, *, by: int) -> None:
        """Make a role.

        Raises:
            NotFound: see there.
            Declined: whoever makes it may not or lacks a part of it, the name is taken, there are too many.
        """
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            _check_may(inside, by, role.permissions)
            _check_name(inside, role.name)
            if len(inside.roles) >= ROLES_MAX:
                raise Declined(Refusal.QUOTA_REACHED, f"an organization has at most {ROLES_MAX} roles of its own")
            row = {"organization_id": organization_id, "name": role.name, "permissions": text_of(role.permissions)}
            connection.execute(insert(roles).values(**row, created_at=self._database.now()))

    def change(
        self, organization_id: int, name: str, *, new_name: str | None, permissions: frozenset[str] | None, by: int
    ) -> tuple[Role, Role]:
        """Change a role, for all who have it; return it before and after. Raises as `add` does."""
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            before = _own(inside, name)
            after = Role(
                name=before.name if new_name is None else new_name,
                permissions=before.permissions if permissions is None else permissions,
                built_in=False,
            )
            _check_may(inside, by, before.permissions)
            _check_may(inside, by, after.permissions)
            if after.name != before.name:
                _check_name(inside, after.name, but=before.name)
                for table in (members, invitations):
                    theirs = (table.c.organization_id == organization_id) & (table.c.role == before.name)
                    connection.execute(update(table).where(theirs).values(role=after.name))
            mine = (roles.c.organization_id == organization_id) & (roles.c.name == before.name)
            values = {"name": after.name, "permissions": text_of(after.permissions)}
            connection.execute(update(roles).where(mine).values(values))
        return before, after

    def remove(self, organization_id: int, name: str, *, by: int) -> Role:
        """Delete a role that nobody has, and nobody is to have who is invited. Raises as `add` does."""
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            role = _own(inside, name)
            _check_may(inside, by, role.permissions)
            if any(member.rights.role == name for member in inside.members.values()):
                raise Declined(Refusal.ROLE_IN_USE, "members have it")
            if _is_promised(connection, organization_id, name, self._database.now()):
                raise Declined(Refusal.ROLE_IN_USE, "somebody is invited to it")
            connection.execute(delete(roles).where(roles.c.organization_id == organization_id, roles.c.name == name))
        return role


def _own(inside: Inside, name: str) -> Role:
    permissions = inside.roles.get(name)
    if permissions is None:
        raise NotFound
    return Role(name=name, permissions=permissions, built_in=False)


def _check_may(inside: Inside, by: int, permissions: frozenset[str]) -> None:
    """A role holds on all platforms of whoever has it, so whoever makes or changes it must reach all."""
    giver = inside.check_may(by, Permission.MEMBERS_MANAGE)
    check_permissions(permissions)
    inside.check_gift(giver, Grant(inside.organization.id, permissions))


def _check_name(inside: Inside, name: str, *, but: str = "") -> None:
    """Letter case does not tell roles apart."""
    taken = {one.casefold() for one in (*ROLES, *inside.roles) if one != but}
    if name.casefold() in taken:
        raise Declined(Refusal.ROLE_EXISTS)


def _is_promised(connection: Connection, organization_id: int, name: str, now: int) -> bool:
    pending = select(invitations.c.id).where(
        invitations.c.organization_id == organization_id,
        invitations.c.role == name,
        invitations.c.used_at == 0,
        invitations.c.revoked_at == 0,
        invitations.c.expires_at > now,
    )
    return connection.execute(pending.limit(1)).first() is not None
