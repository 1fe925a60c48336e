"""Managers: people who work for a company, and what each may do there.

A right is the name of a method; `EVERYTHING` is all methods, those of later versions too, and is what the first
manager of a company has. A manager belongs to the company that made him, and may have rights in others.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from prorata.control.database import Database
from prorata.control.paging import Slice, contains, slice_of
from prorata.control.passwords import hashed
from prorata.control.tables import managers, rights
from prorata.units.numbers import Moment

EVERYTHING = "*"


class ManagerStatus(IntEnum):
    """Numbers as RAMM has them. A new manager becomes active when he first signs in."""

    NEW = 0
    ACTIVE = 1
    DISABLED = 2
    HIDDEN = 3
    DELETED = 4


MAY_SIGN_IN = (ManagerStatus.NEW, ManagerStatus.ACTIVE)


class LoginTaken(Exception):
    """The company has somebody of this login."""


class RightsNotHeld(Exception):
    """Somebody would grant what he does not have himself. `methods`: which."""

    def __init__(self, methods: Iterable[str]) -> None:
        self.methods = tuple(sorted(methods))
        super().__init__(", ".join(self.methods))


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    company_id: int
    login: str
    first_name: str
    last_name: str
    mobile: str
    comment: str
    tag: int
    status: int
    created_at: Moment


class NewManager(msgspec.Struct, frozen=True, kw_only=True):
    login: str
    password: str
    first_name: str = ""
    last_name: str = ""
    mobile: str = ""
    comment: str = ""


class Candidate(msgspec.Struct, frozen=True):
    """A manager who has the login that somebody signs in with; `password` is what his is recognised by."""

    manager: Manager
    password: str


class ManagerFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Each text is looked for inside the field; `value` inside any of them."""

    value: str | None = None
    id: int | None = None
    login: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    mobile: str | None = None
    comment: str | None = None
    status: int | None = None


ORDERS: Mapping[str, ColumnElement[Any]] = {
    "ID": managers.c.id,
    "Login": managers.c.login_key,
    "FirstName": managers.c.first_name,
    "LastName": managers.c.last_name,
    "Status": managers.c.status,
    "Tag": managers.c.tag,
    "Comment": managers.c.comment,
    "Mobile": managers.c.mobile,
}

_TEXTS = ("login", "first_name", "last_name", "mobile", "comment")


def login_key_of(login: str) -> str:
    """Return what logins are compared by: letter case and blanks around do not tell people apart."""
    return login.strip().lower()


def may(held: frozenset[str], method: str) -> bool:
    return EVERYTHING in held or method in held


def check_granted(held: frozenset[str], granted: Iterable[str]) -> None:
    """Raise `RightsNotHeld` unless every right is one of the granter's own."""
    missing = [method for method in granted if not may(held, method)]
    if missing:
        raise RightsNotHeld(missing)


class Managers:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, company_id: int, new: NewManager, methods: Iterable[str], *, granter: frozenset[str]) -> Manager:
        """Make a manager of a company with rights there. `granter`: the rights of whoever makes him.

        Raises:
            RightsNotHeld: the granter lacks one of `methods`.
            LoginTaken: see there.
        """
        granted = sorted(set(methods))
        check_granted(granter, granted)
        now = self._database.now()
        row = {
            **msgspec.structs.asdict(new),
            "company_id": company_id,
            "login": new.login.strip(),
            "login_key": login_key_of(new.login),
            "password": hashed(new.password),
            "tag": 0,
            "status": ManagerStatus.NEW.value,
            "created_at": now,
        }
        try:
            with self._database.writing() as connection:
                made = connection.execute(insert(managers).values(row)).inserted_primary_key
                assert made is not None
                _write_rights(connection, made[0], company_id, granted, now)
        except IntegrityError:
            raise LoginTaken(new.login) from None
        return Manager(id=made[0], **{name: row[name] for name in Manager.__struct_fields__ if name != "id"})

    def get(self, company_id: int, manager_id: int) -> Manager | None:
        """Return a manager who works in the company."""
        with self._database.reading() as connection:
            row = connection.execute(_in_company(company_id).where(managers.c.id == manager_id)).mappings().first()
        return None if row is None else _manager_from(row)

    def find(self, company_id: int, login: str) -> Manager | None:
        """Return the manager of this login who works in the company."""
        query = _in_company(company_id).where(managers.c.login_key == login_key_of(login)).order_by(managers.c.id)
        with self._database.reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _manager_from(row)

    def candidates(self, login: str) -> list[Candidate]:
        """Return the managers of all companies who have a login: each company gives its own."""
        query = select(managers).where(managers.c.login_key == login_key_of(login)).order_by(managers.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(query).mappings().all()
        return [Candidate(_manager_from(row), row["password"]) for row in rows]

    def search(self, company_id: int, wanted: ManagerFilter, part: Slice) -> tuple[list[Manager], int]:
        """Return managers who work in the company, and how many there are; deleted ones only if asked for by status."""
        query = _in_company(company_id)
        for name in _TEXTS:
            text = getattr(wanted, name)
            if text is not None:
                query = query.where(contains(managers.c[name], text))
        if wanted.value is not None:
            query = query.where(or_(*(contains(managers.c[name], wanted.value) for name in _TEXTS)))
        if wanted.id is not None:
            query = query.where(managers.c.id == wanted.id)
        deleted = ManagerStatus.DELETED.value
        query = query.where(managers.c.status != deleted if wanted.status is None else managers.c.status == wanted.status)
        with self._database.reading() as connection:
            rows, total = slice_of(connection, query, ORDERS, part, managers.c.id)
        return [_manager_from(row) for row in rows], total

    def set(self, manager_id: int, **changes: Any) -> None:
        """Change fields of a manager, named as in `Manager`."""
        if not changes:
            return
        with self._database.writing() as connection:
            connection.execute(update(managers).where(managers.c.id == manager_id).values(changes))
            self._database.note_change(connection)

    def set_password(self, manager_id: int, password: str) -> None:
        kept = hashed(password)
        with self._database.writing() as connection:
            connection.execute(update(managers).where(managers.c.id == manager_id).values(password=kept))

    def password_of(self, manager_id: int) -> str | None:
        """Return what a manager's password is recognised by."""
        with self._database.reading() as connection:
            return connection.execute(select(managers.c.password).where(managers.c.id == manager_id)).scalar()

    def rights(self, manager_id: int) -> dict[int, frozenset[str]]:
        """Return a manager's rights in each company that he may enter."""
        with self._database.reading() as connection:
            rows = connection.execute(select(rights).where(rights.c.manager_id == manager_id)).mappings().all()
        return {row["company_id"]: frozenset(row["methods"].split()) for row in rows}

    def set_rights(self, manager_id: int, company_id: int, methods: Iterable[str], *, granter: frozenset[str]) -> None:
        """Replace a manager's rights in a company. Rights that the granter does not hold himself stay as they are.

        Raises:
            RightsNotHeld: the manager would get a right that the granter lacks.
        """
        wanted = frozenset(methods)
        now = self._database.now()
        with self._database.writing() as connection:
            mine = (rights.c.manager_id == manager_id) & (rights.c.company_id == company_id)
            text = connection.execute(select(rights.c.methods).where(mine).with_for_update()).scalar()
            held = frozenset((text or "").split())
            check_granted(granter, wanted - held)
            untouchable = {method for method in held if not may(granter, method)}
            connection.execute(delete(rights).where(mine))
            _write_rights(connection, manager_id, company_id, wanted | untouchable, now)
            self._database.note_change(connection)

    def let_in(self, manager_id: int, company_id: int, methods: Iterable[str]) -> None:
        """Give a manager rights in a company that is new."""
        with self._database.writing() as connection:
            _write_rights(connection, manager_id, company_id, methods, self._database.now())


def _in_company(company_id: int) -> Select[Any]:
    """Managers work where they have rights, be it none of them."""
    joined = managers.join(rights, rights.c.manager_id == managers.c.id)
    return select(managers).select_from(joined).where(rights.c.company_id == company_id)


def _write_rights(connection: Connection, manager_id: int, company_id: int, methods: Iterable[str], now: Moment) -> None:
    row = {"manager_id": manager_id, "company_id": company_id, "methods": " ".join(sorted(methods)), "updated_at": now}
    connection.execute(insert(rights).values(row))


def _manager_from(row: RowMapping) -> Manager:
    return Manager(**{name: row[name] for name in Manager.__struct_fields__})
