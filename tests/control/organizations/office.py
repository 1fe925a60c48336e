"""An organization for tests: "ann" is its Administrator; others join by invitation, as in life."""

import uuid
from itertools import count
from typing import Any

from sqlalchemy import select, update

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.control.organizations.declined import Declined
from prorata.control.organizations.inside import Member, Organization
from prorata.control.organizations.invitations import Invitation
from prorata.control.organizations.rights import Rights
from prorata.control.people.people import NewPerson, insert_person
from prorata.control.people.tables import people
from prorata.control.platforms.records import PlatformKind
from prorata.control.store import Control
from prorata.messages.refusals import Refusal
from tests.rest.house import HandClock

URL = "https://broker.test"
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
        with self.control.database.writing() as connection:
            new = NewPerson(email=self.email(name), first_name=name)
            made = insert_person(connection, new, "", self.clock.now()).id
            verified_at = self.clock.now() if verified else 0
            connection.execute(update(people).where(people.c.id == made).values(verified_at=verified_at))
        return made

    def lock(self, name: str) -> None:
        """Disable a person everywhere."""
        self.control.people.disable(self.people[name])
        self.control.refresh()

    def join(self, name: str, role: str, *permissions: str, platforms: set[str] | None = None, by: str = "ann") -> str:
        """Make a person a member with these rights; return his uuid."""
        narrowed = None if platforms is None else frozenset(platforms)
        rights = Rights(role=role, permissions=frozenset(permissions), platforms=narrowed)
        self.control.invitations.accept(self.invite(name, rights, by=by)[1], self.person(name))
        return self.uuid(name)

    def invite(self, name: str, rights: Rights, *, by: str = "ann") -> tuple[Invitation, str]:
        """Return an invitation, and its token out of the mail."""
        invitation = self.control.invitations.add(self.id, self.email(name), rights, URL, by=self.person(by))
        return invitation, self.mailed(name)

    def mailed(self, name: str) -> str:
        """Return the token in the newest mail to a person."""
        mail = next(mail for mail in self.control.outbox.newest() if mail.recipient.strip().lower() == self.email(name))
        return mail.body.partition(f"{URL}/api/v1/auth/link#invitation.")[2].split()[0]

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

    def add_platform(self, name: str = "Live", *, hosted: bool = True) -> str:
        """Return the uuid of a new trade platform of the organization."""
        platforms = self.control.platforms
        if hosted:
            return platforms.adopt(self.id, name, uuid.uuid4().hex, host="here").uuid
        return platforms.add_foreign(self.id, name, PlatformKind.MT5).uuid

    def archive(self, platform_uuid: str) -> None:
        self.control.platforms.archive(self.control.platforms.by_uuid[platform_uuid])


def refusal_of(what: Any, *args: Any, **named: Any) -> Refusal | None:
    """Return why something is not done; None: it was done. What is not there is `NOT_FOUND`."""
    try:
        what(*args, **named)
    except Declined as declined:
        return declined.code
    except NotFound:
        return Refusal.NOT_FOUND
    return None
