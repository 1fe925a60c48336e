"""An organization for tests: "ann" is its Administrator; others join by invitation, as in life."""

import uuid
from itertools import count
from typing import Any

from sqlalchemy import insert, select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.inside import Member, Organization
from prorata.control.organizations.rights import Rights
from prorata.control.people.tables import people
from prorata.control.platforms.tables import platforms
from prorata.control.store import Control
from prorata.messages.refusals import Refusal
from tests.rest.house import HandClock

_numbers = count(1)


class Office:
    """People are known by their first names, which mean somebody else in another office."""

    def __init__(self, control: Control, clock: HandClock, *, of: Organization | None = None) -> None:
        self.control = control
        self.clock = clock
        self._domain = f"desk{next(_numbers)}.test"
        self.people: dict[str, int] = {}
        self.organization = of or control.organizations.add(self.person("ann"), "Desk")

    @property
    def id(self) -> int:
        return self.organization.id

    def person(self, name: str, *, verified: bool = True) -> int:
        """Return the number of a person, who is made if nobody has this name."""
        if name not in self.people:
            self.people[name] = self._insert(name, verified)
        return self.people[name]

    def email(self, name: str) -> str:
        return f"{name}@{self._domain}"

    def _insert(self, name: str, verified: bool) -> int:
        now = self.clock.now()
        row = {
            "uuid": str(uuid.uuid4()), "email": self.email(name), "email_key": self.email(name), "password": "",
            "first_name": name, "last_name": "", "language": "en", "totp": None, "created_at": now,
            "verified_at": now if verified else 0, "disabled_at": 0,
        }  # fmt: skip
        with self.control.database.writing() as connection:
            made = connection.execute(insert(people).values(row)).inserted_primary_key
        assert made is not None
        number: int = made[0]
        return number

    def lock(self, name: str) -> None:
        """Disable a person everywhere."""
        with self.control.database.writing() as connection:
            connection.execute(update(people).where(people.c.id == self.people[name]).values(disabled_at=self.clock.now()))
            self.control.database.note_change(connection)
        self.control.refresh()

    def join(self, name: str, role: str, *permissions: str, platforms: set[str] | None = None, by: str = "ann") -> str:
        """Make a person a member with these rights; return his uuid."""
        narrowed = None if platforms is None else frozenset(platforms)
        rights = Rights(role=role, permissions=frozenset(permissions), platforms=narrowed)
        _, token = self.control.invitations.add(self.id, self.email(name), rights, by=self.person(by))
        self.control.invitations.accept(token, self.person(name))
        return self.uuid(name)

    def uuid(self, name: str) -> str:
        with self.control.database.reading() as connection:
            found: str = connection.execute(select(people.c.uuid).where(people.c.id == self.people[name])).scalar_one()
        return found

    def member(self, name: str) -> Member:
        return self.control.members.get(self.id, self.uuid(name))

    def grant(self, name: str) -> Grant | None:
        """Return what a person may do here; None: nothing."""
        try:
            return self.control.organizations.grant_of(self.people[name], self.organization.uuid)
        except NotFound:
            return None

    def may(self, name: str) -> frozenset[str]:
        grant = self.grant(name)
        return frozenset() if grant is None else grant.permissions

    def add_platform(self, name: str = "Live", *, engine: str = "live", organization_id: int = 0) -> str:
        """Return the uuid of a new trade platform of the organization."""
        row: dict[str, Any] = {
            "uuid": str(uuid.uuid4()), "organization_id": organization_id or self.id, "name": name, "kind": "hosted",
            "engine": engine, "address": "", "manager_login": "", "manager_password": b"sealed", "database_address": "",
            "database_login": "", "database_password": b"sealed", "created_at": self.clock.now(), "archived_at": 0,
        }  # fmt: skip
        with self.control.database.writing() as connection:
            connection.execute(insert(platforms).values(row))
        return str(row["uuid"])

    def archive(self, platform_uuid: str) -> None:
        with self.control.database.writing() as connection:
            mine = platforms.c.uuid == platform_uuid
            connection.execute(update(platforms).where(mine).values(archived_at=self.clock.now()))


def refusal_of(what: Any, *args: Any, **named: Any) -> Refusal | None:
    """Return why something is not done; None: it was done. What is not there is `NOT_FOUND`."""
    try:
        what(*args, **named)
    except Declined as declined:
        return declined.code
    except NotFound:
        return Refusal.NOT_FOUND
    return None
