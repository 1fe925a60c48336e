"""Managers as rows: members of companies with their people, found by login, searched and listed."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, case, func, or_, select

from prorata.control.organizations.tables import members
from prorata.control.paging import contains
from prorata.control.people.tables import people
from prorata.control.tables import companies
from prorata.units.numbers import Moment


class ManagerStatus(IntEnum):
    """Numbers as RAMM has them. A new manager becomes active when he first signs in."""

    NEW = 0
    ACTIVE = 1
    DISABLED = 2
    HIDDEN = 3
    DELETED = 4


MAY_SIGN_IN = (ManagerStatus.NEW, ManagerStatus.ACTIVE)


class Manager(msgspec.Struct, frozen=True, kw_only=True):
    """A manager in a company. `id`: the person's number. `has_second_step`: he signs in at the workspace alone."""

    id: int
    company_id: int
    login: str
    first_name: str
    last_name: str
    mobile: str
    comment: str
    tag: int
    status: int
    has_second_step: bool
    created_at: Moment


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


JOINED = members.join(people, people.c.id == members.c.person_id).join(companies, companies.c.id == members.c.organization_id)
shown_login = func.coalesce(members.c.login, people.c.email, "")
shown_status = case(
    (people.c.disabled_at > 0, ManagerStatus.DISABLED.value),
    (members.c.disabled_at == 0, case((members.c.status == ManagerStatus.ACTIVE.value, members.c.status), else_=0)),
    (members.c.status > ManagerStatus.DISABLED.value, members.c.status),
    else_=ManagerStatus.DISABLED.value,
)
"""`members.status` says more of who may not work there, and whether he has ever signed in; `disabled_at` decides."""
COLUMNS = (
    members.c.person_id.label("id"), members.c.organization_id.label("company_id"), shown_login.label("login"),
    people.c.first_name, people.c.last_name, members.c.mobile, members.c.comment, members.c.tag, shown_status.label("status"),
    people.c.totp.is_not(None).label("has_second_step"), members.c.created_at,
)  # fmt: skip

ORDERS: Mapping[str, ColumnElement[Any]] = {
    "ID": members.c.person_id,
    "Login": func.lower(shown_login),
    "FirstName": people.c.first_name,
    "LastName": people.c.last_name,
    "Status": shown_status,
    "Tag": members.c.tag,
    "Comment": members.c.comment,
    "Mobile": members.c.mobile,
}

TEXTS: Mapping[str, ColumnElement[str]] = {
    "login": shown_login, "first_name": people.c.first_name, "last_name": people.c.last_name, "mobile": members.c.mobile,
    "comment": members.c.comment,
}  # fmt: skip


def login_key_of(login: str) -> str:
    """Return what logins are compared by: letter case and blanks around do not tell people apart."""
    return login.strip().lower()


def in_company(company_id: int) -> Select[Any]:
    return select(*COLUMNS).select_from(JOINED).where(members.c.organization_id == company_id)


def has_login(login: str) -> ColumnElement[bool]:
    """Say whose login it is: one that his company has given him, or his proved e-mail address if it gave none."""
    key = login_key_of(login)
    by_email = members.c.login_key.is_(None) & (people.c.email_key == key) & (people.c.verified_at > 0)
    return (members.c.login_key == key) | by_email


def wanted_in_company(company_id: int, wanted: ManagerFilter) -> Select[Any]:
    """Return the question for managers of a company; deleted ones only if they are asked for by status."""
    query = in_company(company_id)
    for name, column in TEXTS.items():
        text = getattr(wanted, name)
        if text is not None:
            query = query.where(contains(column, text))
    if wanted.value is not None:
        query = query.where(or_(*(contains(column, wanted.value) for column in TEXTS.values())))
    if wanted.id is not None:
        query = query.where(members.c.person_id == wanted.id)
    if wanted.status is None:
        return query.where(shown_status != ManagerStatus.DELETED.value)
    return query.where(shown_status == wanted.status)


def manager_from(row: RowMapping) -> Manager:
    return Manager(**{name: row[name] for name in Manager.__struct_fields__})
