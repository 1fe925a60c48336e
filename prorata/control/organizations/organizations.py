"""Organizations: made, renamed, left, handed over, closed. Which of them a person works in."""

import threading
from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import ADMINISTRATOR, Grant, Permission
from prorata.control.database import Database
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.founding import found
from prorata.control.organizations.grants import Grants
from prorata.control.organizations.inside import (
    Inside,
    Member,
    Organization,
    give,
    is_member,
    open_inside,
)
from prorata.control.organizations.rights import Rights, rights_from
from prorata.control.organizations.tables import members, organizations
from prorata.control.people.tables import people
from prorata.control.platforms.registry import archive_foreign
from prorata.control.platforms.tables import platforms
from prorata.control.tables import clients
from prorata.messages.refusals import Refusal
from prorata.units.numbers import Moment

OF_A_PERSON_MAX = 100


class Membership(msgspec.Struct, frozen=True):
    """An organization that a person works in. `used_at`: when he did so last."""

    organization: Organization
    rights: Rights
    used_at: Moment


class Organizations:
    def __init__(self, database: Database, grants: Grants) -> None:
        self._database = database
        self._grants = grants
        self._open: Mapping[int, Organization] = {}
        self._loading = threading.Lock()

    def grant_of(self, person_id: int, organization_uuid: str) -> Grant:
        """Return what a person may do in an organization; looks into memory alone.

        Raises:
            NotFound: there is no such organization, it is closed, or he is no active member: all answer alike.
        """
        return self._grants.of(person_id, organization_uuid)

    def get(self, organization_id: int) -> Organization | None:
        """Return an organization unless it is closed; looks into memory alone."""
        return self._open.get(organization_id)

    def named(self, name: str) -> Organization:
        """Return an open organization by its number or uuid; by "" the only one that there is. Looks into memory alone.

        Raises:
            NotFound: there is none, or by "" several.
        """
        found = [one for one in self._open.values() if name in ("", str(one.id), one.uuid)]
        if len(found) != 1:
            raise NotFound
        return found[0]

    def of_person(self, person_id: int) -> list[Membership]:
        """Return the organizations that a person works in, the one where he did so last first."""
        query = (
            select(members, organizations.c.uuid, organizations.c.name, organizations.c.created_at.label("made_at"))
            .select_from(members.join(organizations, organizations.c.id == members.c.organization_id))
            .where(members.c.person_id == person_id, members.c.disabled_at == 0, organizations.c.closed_at == 0)
            .order_by(members.c.used_at.desc(), members.c.id)
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [
            Membership(
                Organization(
                    id=row["organization_id"], uuid=row["uuid"], name=row["name"], created_at=row["made_at"], closed_at=0
                ),
                rights_from(row),
                row["used_at"],
            )
            for row in rows
        ]

    def add(self, person_id: int, name: str) -> Organization:
        """Make an organization whose Administrator the person is. Raises `Declined`: he has as many as he may."""
        with self._grants.changing() as connection:
            # Whoever makes several at once waits here, so that they are counted.
            connection.execute(select(people.c.id).where(people.c.id == person_id).with_for_update())
            mine = select(func.count()).select_from(members).where(members.c.person_id == person_id)
            if connection.execute(mine).scalar_one() >= OF_A_PERSON_MAX:
                raise Declined(Refusal.QUOTA_REACHED, f"a person works in at most {OF_A_PERSON_MAX} organizations")
            made = found(connection, name, person_id, self._database.now())
        self.load()
        return made

    def rename(self, organization_id: int, name: str, *, by: int) -> tuple[Organization, Organization]:
        """Give an organization another name; return it before and after. Raises `NotFound`, `Declined`."""
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            inside.check_may(by, Permission.ORGANIZATION_MANAGE)
            connection.execute(update(organizations).where(organizations.c.id == organization_id).values(name=name))
        self.load()
        return inside.organization, msgspec.structs.replace(inside.organization, name=name)

    def leave(self, organization_id: int, *, by: int) -> None:
        """A member leaves. Raises `NotFound`, `Declined`: he is the last Administrator."""
        with self._grants.changing() as connection:
            _leave(connection, open_inside(connection, organization_id), by)

    def hand_over(self, organization_id: int, to_uuid: str, role: str | None, *, by: int) -> Member:
        """An Administrator makes another member one in his place, and goes on with a role or, with None, leaves.

        Raises:
            NotFound: no such active member.
            Declined: by whom it is done is no Administrator, or there is no such role.
        """
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            inside.check_administrator(by)
            heir = inside.member(to_uuid)
            if not heir.is_active or heir.person_id == by:
                raise NotFound
            if role is not None:
                inside.check_rights(Rights(role=role))
            now = self._database.now()
            give(connection, heir, Rights(role=ADMINISTRATOR), organization_id, now)
            if role is None:
                connection.execute(delete(members).where(is_member(organization_id, by)))
            else:
                give(connection, inside.members[by], Rights(role=role), organization_id, now)
        return heir

    def close(self, organization_id: int, *, by: int) -> Organization:
        """Close an organization for good: nobody works there any more.

        Raises:
            NotFound: see there.
            Declined: by whom it is done is no Administrator, or a trade platform of it is live.
        """
        with self._grants.changing() as connection:
            inside = open_inside(connection, organization_id)
            inside.check_administrator(by)
            check_nothing_lives(connection, organization_id)
            now = self._database.now()
            archive_foreign(connection, organization_id, now)
            connection.execute(update(organizations).where(organizations.c.id == organization_id).values(closed_at=now))
        self.load()
        return msgspec.structs.replace(inside.organization, closed_at=now)

    def load(self) -> None:
        """Take over what the database has."""
        with self._loading:
            with self._database.reading() as connection:
                rows = connection.execute(select(organizations).where(organizations.c.closed_at == 0)).mappings().all()
            self._open = {row["id"]: Organization(**row) for row in rows}


def check_nothing_lives(connection: Connection, organization_id: int) -> None:
    """Raise `Declined` while we host a trade platform of the organization that is not archived, or it has clients.

    Clients have money on a trade platform: a company that has some is deleted by whoever runs the installation.
    """
    if connection.execute(select(clients.c.id).where(clients.c.company_id == organization_id).limit(1)).first() is not None:
        raise Declined(Refusal.PLATFORM_LIVE, "a company with clients is deleted by whoever runs the installation")
    live = select(platforms.c.name).where(
        platforms.c.organization_id == organization_id, platforms.c.engine != "", platforms.c.archived_at == 0
    )
    name = connection.execute(live.order_by(platforms.c.id)).scalar()
    if name is not None:
        raise Declined(Refusal.PLATFORM_LIVE, f"archive it first: {name}")


def _leave(connection: Connection, inside: Inside, person_id: int) -> None:
    member = inside.members.get(person_id)
    if member is None:
        raise NotFound
    if member.rights.is_administrators:
        inside.check_administrator_but(person_id)
    connection.execute(delete(members).where(is_member(inside.organization.id, person_id)))
