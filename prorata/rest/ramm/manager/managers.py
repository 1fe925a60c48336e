"""Managers of the caller's company, and what each may do there. Nobody grants a right that he does not have."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.access.callers import NotFound
from prorata.control import passwords
from prorata.control.manager_rights import EVERYTHING, RightsNotHeld
from prorata.control.manager_rows import ORDERS, Manager, ManagerFilter, ManagerStatus
from prorata.control.managers import HasRole, LoginTaken, NewManager, NotTheCompanys
from prorata.control.organizations.declined import Declined
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, access_denied, invalid_input, invalid_status
from prorata.rest.ramm.manager.sessions import callable_names
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Search, echo_of
from prorata.rest.ramm.signing_in import LoginText, PasswordText, check_new_password
from prorata.rest.ramm.values import Count, Id, LongText, Text
from prorata.views.problems import PROBLEMS

StatusCode = Annotated[int, Meta(ge=ManagerStatus.NEW.value, le=ManagerStatus.DELETED.value)]
MethodName = Annotated[str, Meta(min_length=1, max_length=64)]
MethodList = Annotated[tuple[MethodName, ...], Meta(max_length=1_000)]


class ManagerData(Input, frozen=True, kw_only=True):
    """Without a password one is made up; it is in the answer, once."""

    Login: LoginText
    Password: PasswordText | None = None
    FirstName: Text = ""
    LastName: Text = ""
    Mobile: Text = ""
    Comment: LongText = ""


class ManagerToAdd(Input, frozen=True, kw_only=True):
    Manager: ManagerData
    Methods: MethodList = ()


class AddedManager(msgspec.Struct, frozen=True):
    ID: int
    Login: str
    Password: str


class ManagersFilter(Input, frozen=True, kw_only=True):
    Value: Text | None = None
    ID: Id | None = None
    Login: Text | None = None
    FirstName: Text | None = None
    LastName: Text | None = None
    Mobile: Text | None = None
    Comment: Text | None = None
    Status: StatusCode | None = None


class ManagersSearch(Search, frozen=True, kw_only=True):
    Filter: ManagersFilter = ManagersFilter()


class ManagerRow(msgspec.Struct, frozen=True):
    ID: int
    Login: str
    FirstName: str
    LastName: str
    Mobile: str
    Comment: str
    Status: int
    Tag: int


class ManagersFound(Found, frozen=True, kw_only=True):
    Managers: list[ManagerRow]


class ManagerOfId(Input, frozen=True, kw_only=True):
    ID: Id


class CompanyName(msgspec.Struct, frozen=True):
    ID: int
    Name: str
    Demo: bool


class ManagerCard(msgspec.Struct, frozen=True):
    """`Tag` is text here, and a number in lists, as published."""

    ID: int
    Login: str
    FirstName: str
    LastName: str
    Mobile: str
    Comment: str
    Tag: str
    Status: int
    Company: CompanyName


class ManagerChange(Input, frozen=True, kw_only=True):
    ID: Id
    FirstName: Text | None = None
    LastName: Text | None = None
    Mobile: Text | None = None
    Comment: LongText | None = None
    Tag: Count | None = None
    Status: StatusCode | None = None


class RightsQuestion(Input, frozen=True, kw_only=True):
    ManagerID: Id
    CompanyID: Id | None = None


class Right(msgspec.Struct, frozen=True):
    Method: str


class RightsChange(Input, frozen=True, kw_only=True):
    ManagerID: Id
    Methods: MethodList


@MANAGER.method("managers.add")
async def managers_add(call: Call, given: ManagerToAdd) -> AddedManager:
    """Make a manager of the company, with a list of rights."""
    manager = given.Manager
    password = manager.Password if manager.Password is not None else passwords.invented()
    check_new_password(password, "Manager.Password")
    new = NewManager(
        login=manager.Login,
        password=password,
        first_name=manager.FirstName,
        last_name=manager.LastName,
        mobile=manager.Mobile,
        comment=manager.Comment,
    )
    if not new.login.strip():
        raise invalid_input("Manager.Login", "empty")
    methods = canonical(given.Methods)
    try:
        made = await call.sql(call.control.managers.add, call.company.id, new, methods, granter=call.manager.rights)
    except RightsNotHeld as missing:
        raise _not_held(missing) from None
    except LoginTaken:
        raise invalid_input("Manager.Login", "the company has a manager of this login") from None
    return AddedManager(made.id, made.login, password)


@MANAGER.method("managers.search", reads=True)
async def managers_search(call: Call, given: ManagersSearch) -> ManagersFound:
    """Find managers who work in the company."""
    part = given.part(ORDERS)
    wanted = given.Filter
    asked = ManagerFilter(
        value=wanted.Value, id=wanted.ID, login=wanted.Login, first_name=wanted.FirstName, last_name=wanted.LastName,
        mobile=wanted.Mobile, comment=wanted.Comment, status=wanted.Status,
    )  # fmt: skip
    rows, total = await call.sql(call.control.managers.search, call.company.id, asked, part)
    return ManagersFound(**echo_of(given, part, total), Managers=[_row(manager) for manager in rows])


@MANAGER.method("managers.get", reads=True)
async def managers_get(call: Call, given: ManagerOfId) -> ManagerCard:
    """One manager."""
    manager = await _manager(call, given.ID, "ID")
    company = call.control.companies.get(manager.company_id)
    assert company is not None
    return ManagerCard(
        manager.id, manager.login, manager.first_name, manager.last_name, manager.mobile, manager.comment,
        str(manager.tag), manager.status, CompanyName(company.id, company.name, company.demo),
    )  # fmt: skip


@MANAGER.method("managers.set")
async def managers_set(call: Call, given: ManagerChange) -> None:
    """Change a manager of the company, also whether he may sign in."""
    manager = await _manager(call, given.ID, "ID")
    if given.Status is not None and manager.id == call.manager.person_id:
        raise invalid_status("Nobody changes his own status")
    changes = {
        "first_name": given.FirstName, "last_name": given.LastName, "mobile": given.Mobile, "comment": given.Comment,
        "tag": given.Tag, "status": given.Status,
    }  # fmt: skip
    changes = {name: value for name, value in changes.items() if value is not None}
    work = partial(call.control.managers.set, call.company.id, manager.id, granter=call.manager.rights, **changes)
    await _changed(call, work, "ID")


@MANAGER.method("managers.getMethods", reads=True)
async def managers_get_methods(call: Call, given: RightsQuestion) -> list[Right]:
    """What a manager may do in a company."""
    company_id = call.company.id if given.CompanyID is None else given.CompanyID
    if company_id not in call.control.companies.below(call.company.id):
        raise Absent("CompanyID")
    held = await call.sql(call.control.managers.rights, given.ManagerID)
    if company_id not in held:
        raise Absent("ManagerID")
    return [Right(name) for name in callable_names(held[company_id])]


@MANAGER.method("managers.setMethods")
async def managers_set_methods(call: Call, given: RightsChange) -> None:
    """Replace what a manager may do in the company, as far as the caller may do it himself."""
    manager = await _manager(call, given.ManagerID, "ManagerID")
    methods = canonical(given.Methods)
    work = partial(call.control.managers.set_rights, manager.id, call.company.id, methods, granter=call.manager.rights)
    await _changed(call, work, "ManagerID")


async def _changed(call: Call, work: Callable[[], None], field: str) -> None:
    """Have a manager changed; it holds at once. `field`: which names him. Raises `Failure`, `Absent`."""
    try:
        await call.sql(work)
    except NotFound:
        raise Absent(field) from None
    except RightsNotHeld as missing:
        raise _not_held(missing) from None
    except NotTheCompanys:
        raise invalid_status("He works for others, too, or has proved an e-mail address: his name is his own") from None
    except HasRole as role:
        raise invalid_status(f"The manager has the role {role} of the workspace, and is changed there") from None
    except Declined as declined:
        raise invalid_status(PROBLEMS[declined.code].title) from None
    await call.sql(call.control.refresh)


def canonical(names: Iterable[str]) -> list[str]:
    """Return rights by the names of their methods as documented. What needs no right is left out. Raises `Failure`."""
    rights = []
    for place, name in enumerate(names):
        if name == EVERYTHING:
            rights.append(EVERYTHING)
            continue
        method = MANAGER.find(1, name)
        if method is None:
            raise invalid_input(f"Methods[{place}]", "there is no such method")
        if not method.own and not method.public:
            rights.append(method.name)
    return rights


def _not_held(missing: RightsNotHeld) -> Exception:
    return access_denied(f"Nobody grants or touches a right that he lacks: {', '.join(missing.methods)}"[:300])


async def _manager(call: Call, manager_id: int, field: str) -> Manager:
    manager = await call.sql(call.control.managers.get, call.company.id, manager_id)
    if manager is None:
        raise Absent(field)
    return manager


def _row(manager: Manager) -> ManagerRow:
    return ManagerRow(
        manager.id, manager.login, manager.first_name, manager.last_name, manager.mobile, manager.comment,
        manager.status, manager.tag,
    )  # fmt: skip
