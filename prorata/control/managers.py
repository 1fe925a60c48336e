"""Managers: members of a company's organization, as the RAMM Manager API sees them.

A right is the name of a method, or a permission that methods are parts of; `EVERYTHING` is what an Administrator has. A
manager is a person, and his number is the person's, in each company where he works. One that a company makes has a login
there and no e-mail; one who has been invited to the organization signs in with his e-mail (decision 0018).
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, Select, select, update
from sqlalchemy.exc import IntegrityError

from prorata.access.callers import NotFound
from prorata.access.permissions import ADMINISTRATOR, NO_ROLE, Permission
from prorata.control.database import Database
from prorata.control.manager_rights import (
    EVERYTHING,
    check_granted,
    may,
    rights_on,
    rights_to_call,
    rights_with,
)
from prorata.control.manager_rows import (
    COLUMNS,
    JOINED,
    MAY_SIGN_IN,
    ORDERS,
    Candidate,
    Manager,
    ManagerFilter,
    ManagerStatus,
    has_login,
    in_company,
    login_key_of,
    manager_from,
    wanted_in_company,
)
from prorata.control.organizations.grants import Grants, read_own_roles
from prorata.control.organizations.inside import Inside, Member, give, insert_member, is_member, open_inside
from prorata.control.organizations.members import check_can_go
from prorata.control.organizations.rights import Rights, rights_from
from prorata.control.organizations.tables import members
from prorata.control.paging import Slice, slice_of
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.control.people.tables import people
from prorata.control.platforms.tables import KEEPS_ACCOUNTS_OF_COMPANY, platforms
from prorata.control.tables import companies
from prorata.units.numbers import Moment


class LoginTaken(Exception):
    """The company has somebody of this login."""


class HasRole(Exception):
    """His rights are those of a role, which the workspace gives and takes. The text names it."""


class NotTheCompanys(Exception):
    """The person works for others, too, or has proved an e-mail address: name and password are his own."""


class NewManager(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    password: str
    first_name: str = ""
    last_name: str = ""
    mobile: str = ""
    comment: str = ""


_NAMES = ("first_name", "last_name")


class Managers:
    def __init__(self, database: Database, grants: Grants) -> None:
        self._database = database
        self._grants = grants

    # Who there is.

    def get(self, company_id: int, manager_id: int) -> Manager | None:
        """Return a manager who works in the company."""
        return self._first(in_company(company_id).where(members.c.person_id == manager_id))

    def find(self, company_id: int, login: str) -> Manager | None:
        """Return the manager of this login who works in the company."""
        return self._first(in_company(company_id).where(has_login(login)))

    def candidates(self, login: str) -> list[Candidate]:
        """Return the managers of all companies who have a login: each company gives its own."""
        query = select(*COLUMNS, people.c.password).select_from(JOINED).where(has_login(login))
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(members.c.organization_id)).mappings().all()
        return [Candidate(manager_from(row), row["password"]) for row in rows]

    def search(self, company_id: int, wanted: ManagerFilter, part: Slice) -> tuple[list[Manager], int]:
        """Return managers who work in the company, and how many there are; deleted ones only if asked for by status."""
        query = wanted_in_company(company_id, wanted)
        with self._database.reading() as connection:
            rows, total = slice_of(connection, query, ORDERS, part, members.c.person_id)
        return [manager_from(row) for row in rows], total

    def rights(self, manager_id: int) -> dict[int, frozenset[str]]:
        """Return a manager's rights in each company that he may enter."""
        joined = members.join(companies, companies.c.id == members.c.organization_id).outerjoin(
            platforms, KEEPS_ACCOUNTS_OF_COMPANY
        )
        query = select(members, platforms.c.uuid.label("platform")).select_from(joined)
        with self._database.reading() as connection:
            own_roles = read_own_roles(connection)
            rows = connection.execute(query.where(members.c.person_id == manager_id)).mappings().all()
        return {
            row["organization_id"]: rights_on(row["platform"], rights_from(row), own_roles.get(row["organization_id"], {}))
            for row in rows
        }

    # Changes.

    def add(self, company_id: int, new: NewManager, methods: Iterable[str], *, granter: frozenset[str]) -> Manager:
        """Make a person without an e-mail, and a manager of the company. `granter`: the rights of whoever makes him.

        Raises:
            RightsNotHeld: the granter lacks one of `methods`.
            LoginTaken: see there.
        """
        granted = frozenset(methods)
        check_granted(granter, granted)
        kept = hashed(new.password)
        now = self._database.now()
        login = new.login.strip()
        try:
            with self._grants.changing() as connection:
                if _is_taken(open_inside(connection, company_id), login):
                    raise LoginTaken(new.login)
                person = insert_person(
                    connection, NewPerson(email="", first_name=new.first_name, last_name=new.last_name), kept, now
                )
                insert_member(
                    connection, company_id, person.id, rights_with(granted), now, login=login,
                    login_key=login_key_of(login), mobile=new.mobile, comment=new.comment,
                )  # fmt: skip
        except IntegrityError:
            raise LoginTaken(new.login) from None
        made = self.get(company_id, person.id)
        assert made is not None
        return made

    def set(self, company_id: int, manager_id: int, *, granter: frozenset[str], **changes: Any) -> None:
        """Change what a company knows of a manager, named as in `Manager`. `granter`: the rights of whoever does so.

        Raises:
            NotFound: no such manager.
            RightsNotHeld: he has more than the granter.
            NotTheCompanys: it is his name, and he is not the company's alone.
            Declined: nobody would be Administrator.
        """
        with self._grants.changing() as connection:
            inside = open_inside(connection, company_id)
            member = _member(inside, manager_id)
            check_granted(granter, rights_to_call(member.rights, inside.roles))
            names = {name: changes.pop(name) for name in _NAMES if name in changes}
            if names and not is_the_companys(connection, manager_id):
                raise NotTheCompanys
            if "status" in changes:
                changes["disabled_at"] = 0 if changes["status"] in MAY_SIGN_IN else self._database.now()
                if changes["disabled_at"]:
                    check_can_go(inside, member)
            if names:
                connection.execute(update(people).where(people.c.id == manager_id).values(names))
            if changes:
                connection.execute(update(members).where(is_member(company_id, manager_id)).values(changes))

    def set_own(self, company_id: int, manager_id: int, **changes: str) -> None:
        """A manager changes his names, or his mobile number in a company."""
        names = {name: changes.pop(name) for name in _NAMES if name in changes}
        with self._database.writing() as connection:
            if names:
                connection.execute(update(people).where(people.c.id == manager_id).values(names))
            if changes:
                connection.execute(update(members).where(is_member(company_id, manager_id)).values(changes))
            self._database.note_change(connection)

    def note_sign_in(self, company_id: int, manager_id: int) -> None:
        """A new manager has signed in for the first time."""
        with self._database.writing() as connection:
            values = {"status": ManagerStatus.ACTIVE.value}
            connection.execute(update(members).where(is_member(company_id, manager_id)).values(values))
            self._database.note_change(connection)

    def set_password(self, manager_id: int, password: str) -> None:
        """Give a person whom a company has made another password. Raises `NotTheCompanys`."""
        kept = hashed(password)
        with self._database.writing() as connection:
            if not is_the_companys(connection, manager_id):
                raise NotTheCompanys
            connection.execute(update(people).where(people.c.id == manager_id).values(password=kept))

    def set_rights(self, manager_id: int, company_id: int, methods: Iterable[str], *, granter: frozenset[str]) -> None:
        """Replace a manager's rights in a company. Rights that the granter does not hold himself stay as they are.

        Raises:
            NotFound: no such manager.
            RightsNotHeld: the manager would get a right that the granter lacks.
            HasRole: see there.
            Declined: nobody would be Administrator.
        """
        wanted = frozenset(methods)
        with self._grants.changing() as connection:
            inside = open_inside(connection, company_id)
            member = _member(inside, manager_id)
            if member.rights.role not in (NO_ROLE, ADMINISTRATOR):
                raise HasRole(member.rights.role)
            held = member.rights.permissions | ({EVERYTHING} if member.rights.is_administrators else frozenset())
            check_granted(granter, wanted - held)
            untouched = {right for right in held if not may(granter, right) or right in frozenset(Permission)}
            rights = msgspec.structs.replace(rights_with(wanted | untouched), platforms=member.rights.platforms)
            if not rights.is_administrators:
                check_can_go(inside, member)
            give(connection, member, rights, company_id, self._database.now())

    def let_in(self, manager_id: int, company_id: int, methods: Iterable[str]) -> None:
        """Give a manager rights in a company that is new. If he is no Administrator, those of the one above are there, too."""
        rights = rights_with(frozenset(methods))
        with self._grants.changing() as connection:
            parent = select(companies.c.parent_id).where(companies.c.id == company_id).scalar_subquery()
            above = connection.execute(select(members).where(members.c.organization_id == parent)).mappings().all()
            now = self._database.now()
            for row in above:
                if row["person_id"] == manager_id:
                    _let_in(connection, company_id, row, rights, now)
                elif not rights.is_administrators and row["role"] == ADMINISTRATOR and not row["disabled_at"]:
                    _let_in(connection, company_id, row, Rights(role=ADMINISTRATOR), now)

    def _first(self, query: Select[Any]) -> Manager | None:
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else manager_from(row)


def is_the_companys(connection: Connection, person_id: int) -> bool:
    """Say whether a person works for one company and those below it alone, and has no e-mail that he has proved."""
    proved = select(people.c.id).where(people.c.id == person_id, people.c.verified_at > 0)
    if connection.execute(proved).first() is not None:
        return False
    places = select(members.c.organization_id, companies.c.parent_id)
    joined = members.outerjoin(companies, companies.c.id == members.c.organization_id)
    rows = connection.execute(places.select_from(joined).where(members.c.person_id == person_id)).all()
    mine = {row.organization_id for row in rows}
    return sum(row.parent_id not in mine for row in rows) == 1


def _is_taken(inside: Inside, login: str) -> bool:
    """Say whether a member signs in with this as his e-mail address."""
    return any(login_key_of(member.email) == login_key_of(login) for member in inside.members.values())


def _member(inside: Inside, manager_id: int) -> Member:
    member = inside.members.get(manager_id)
    if member is None:
        raise NotFound
    return member


def _let_in(connection: Connection, company_id: int, row: RowMapping, rights: Rights, now: Moment) -> None:
    """Make a member of the company above one of this company, with his login."""
    known = {name: row[name] for name in ("login", "login_key", "mobile", "status")}
    insert_member(connection, company_id, row["person_id"], rights, now, **known)
