"""Managers sign in and out, and see who else is signed in."""

import msgspec

from prorata.control.companies import Company, CompanyStatus
from prorata.control.manager_rights import may
from prorata.control.manager_rows import MAY_SIGN_IN, Candidate, Manager, ManagerStatus
from prorata.control.sessions import MANAGER_MINUTES, Kind, MayNotSignIn, Session
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import Absent, bad_credentials, login_blocked
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.signing_in import LoginText, Minutes, PasswordText, begin_attempt, end_attempt, proved
from prorata.rest.ramm.values import Id, time_text


class ManagerLogin(Input, frozen=True, kw_only=True):
    """Without `CompanyID`: which companies may be entered, and where."""

    Login: LoginText
    Password: PasswordText
    CompanyID: Id | None = None
    ExpirationMinutes: Minutes = MANAGER_MINUTES


class SessionView(msgspec.Struct, frozen=True):
    """`Token` is that of the caller's own session; others are not known to us either, and empty."""

    Token: str
    Login: str
    ManagerID: int
    CompanyID: int
    DTCreated: str
    DTLastActivity: str
    DTRightsLastUpdate: str
    ExpirationMinutes: int
    Demo: bool


class EnterableCompany(msgspec.Struct, frozen=True):
    """`URL`: the access server at which `session.login` with its `ID` gives a token."""

    ID: int
    Name: str
    Demo: bool
    URL: str


class EnterableCompanies(msgspec.Struct, frozen=True):
    Companies: list[EnterableCompany]


class MethodNames(msgspec.Struct, frozen=True):
    Methods: list[str]


class Heartbeat(msgspec.Struct, frozen=True):
    DTRightsLastUpdate: str
    UpdateImportance: int


class SessionsFound(msgspec.Struct, frozen=True):
    Sessions: list[SessionView]


class ManagerOfLogin(Input, frozen=True, kw_only=True):
    Login: LoginText


@MANAGER.method("session.login", public=True)
async def session_login(call: Call, given: ManagerLogin) -> SessionView | EnterableCompanies:
    """Sign in: without a company, which companies may be entered and where; with one, a token."""
    await begin_attempt(call, Kind.MANAGER, given.Login)
    candidates = await call.sql(call.control.managers.candidates, given.Login)
    managers = await proved(call, candidates, given.Password, _password)
    await end_attempt(call, Kind.MANAGER, given.Login)
    # A password alone does not do for whoever has a second step: he signs in at the workspace.
    active = [
        candidate.manager
        for candidate in managers
        if candidate.manager.status in MAY_SIGN_IN and not candidate.manager.has_second_step
    ]
    if not active:
        raise login_blocked()
    places = _places(call, active)
    if given.CompanyID is None:
        return EnterableCompanies(
            [EnterableCompany(company.id, company.name, company.demo, call.base_url) for company, _ in places]
        )
    for company, manager in places:
        if company.id == given.CompanyID:
            return await _enter(call, company, manager, given.ExpirationMinutes)
    raise bad_credentials()


@MANAGER.method("session.get", reads=True, own=True)
async def session_get(call: Call) -> SessionView:
    """The session of the token."""
    return _view(call, call.manager)


@MANAGER.method("session.getMethods", reads=True, own=True)
async def session_get_methods(call: Call) -> MethodNames:
    """The methods that the session may call."""
    return MethodNames(callable_names(call.manager.rights))


@MANAGER.method("session.heartbeat", reads=True, own=True)
async def session_heartbeat(call: Call) -> Heartbeat:
    """Keep the session alive, and learn when its rights last changed."""
    return Heartbeat(time_text(call.manager.rights_at), 0)


@MANAGER.method("session.getMySessions", reads=True, own=True)
async def session_get_my_sessions(call: Call) -> list[SessionView]:
    """All live sessions of this manager."""
    mine = call.manager
    return [_view(call, session) for session in call.control.sessions.of_person(Kind.MANAGER, mine.person_id)]


@MANAGER.method("session.logout", own=True)
async def session_logout(call: Call) -> None:
    """End the session."""
    await call.sql(call.control.sessions.end, [call.manager])


@MANAGER.method("sessions.search", reads=True)
async def sessions_search(call: Call) -> SessionsFound:
    """All live sessions of managers in the company, without their tokens."""
    return SessionsFound(
        [
            _view(call, session)
            for session in call.control.sessions.live()
            if session.kind == Kind.MANAGER and session.company_id == call.company.id
        ]
    )


@MANAGER.method("sessions.logout")
async def sessions_logout(call: Call, given: ManagerOfLogin) -> None:
    """End every session that a manager has in the company."""
    manager = await call.sql(call.control.managers.find, call.company.id, given.Login)
    if manager is None:
        raise Absent("Login")
    await call.sql(call.control.sessions.end_all, Kind.MANAGER, manager.id, company_id=call.company.id)


def callable_names(rights: frozenset[str]) -> list[str]:
    """Return the methods that rights amount to: those of one's own self, and all if the right is to everything."""
    return [method.name for method in MANAGER if method.own or method.public or may(rights, method.name)]


def _places(call: Call, managers: list[Manager]) -> list[tuple[Company, Manager]]:
    """Return the companies that may be entered, and as whom."""
    companies = ((call.control.companies.get(manager.company_id), manager) for manager in managers)
    return [
        (company, manager) for company, manager in companies if company is not None and company.status != CompanyStatus.DELETED
    ]


async def _enter(call: Call, company: Company, manager: Manager, minutes: int) -> SessionView:
    if manager.status == ManagerStatus.NEW:
        await call.sql(call.control.managers.note_sign_in, company.id, manager.id)
    try:
        token, session = await call.sql(call.control.sessions.open, Kind.MANAGER, company.id, manager.id, minutes)
    except MayNotSignIn:
        raise login_blocked() from None
    call.signed_in(session, company, token)
    return _view(call, session)


def _view(call: Call, session: Session) -> SessionView:
    company = call.control.companies.get(session.company_id)
    return SessionView(
        Token=call.token if session.id == call.manager.id else "",
        Login=session.login,
        ManagerID=session.person_id,
        CompanyID=session.company_id,
        DTCreated=time_text(session.created_at),
        DTLastActivity=time_text(session.active_at),
        DTRightsLastUpdate=time_text(session.rights_at),
        ExpirationMinutes=session.minutes,
        Demo=company is not None and company.demo,
    )


def _password(candidate: Candidate) -> str:
    return candidate.password
