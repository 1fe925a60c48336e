"""Clients sign in and out, by password or by a one-time password of their broker's cabinet."""

import msgspec

from prorata.access.callers import NotFound
from prorata.control.clients import Client, ClientCandidate
from prorata.control.companies import Company, CompanyStatus
from prorata.control.sessions import CLIENT_MINUTES, Kind, MayNotSignIn
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.copying import ClientWallet
from prorata.rest.ramm.errors import bad_credentials, bad_token, invalid_input, login_blocked
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.signing_in import (
    LoginText,
    Minutes,
    PasswordText,
    begin_attempt,
    check_new_password,
    end_attempt,
    proved,
)
from prorata.rest.ramm.values import Id, time_text


class ClientLogin(Input, frozen=True, kw_only=True):
    """Either login and password, or a one-time password. `CompanyID` is ours: which broker, if two know the login."""

    Login: LoginText | None = None
    Password: PasswordText | None = None
    OTP: PasswordText | None = None
    CompanyID: Id | None = None
    ExpirationMinutes: Minutes = CLIENT_MINUTES


class ClientSessionView(msgspec.Struct, frozen=True):
    Token: str
    WalletID: int
    DTLastActivity: str
    ExpirationMinutes: int


class SignedInClient(msgspec.Struct, frozen=True):
    """`PushToken` is empty: there are no push messages."""

    ID: int
    Login: str
    FirstName: str
    LastName: str
    Language: str
    PushToken: str


class ClientsCompany(msgspec.Struct, frozen=True):
    ID: int
    Name: str
    Demo: bool
    BrandKey: str


class ClientLoggedIn(msgspec.Struct, frozen=True):
    Session: ClientSessionView
    Client: SignedInClient
    Company: ClientsCompany
    Wallets: list[ClientWallet]


class PasswordChange(Input, frozen=True, kw_only=True):
    OldPassword: PasswordText
    Password: PasswordText


class OneTimePassword(msgspec.Struct, frozen=True):
    OTP: str


@CLIENT.method("session.login", public=True)
async def session_login(call: Call, given: ClientLogin) -> ClientLoggedIn:
    """Sign in by login and password, or by a one-time password."""
    client = await (_by_otp(call, given.OTP) if given.OTP else _by_password(call, given))
    company = call.control.companies.get(client.company_id)
    if not client.enabled or company is None or company.status == CompanyStatus.DELETED:
        raise login_blocked()
    try:
        token, session = await call.sql(call.control.sessions.open, Kind.CLIENT, company.id, client.id, given.ExpirationMinutes)
    except MayNotSignIn:
        raise login_blocked() from None
    call.signed_in(session, company, token)
    return ClientLoggedIn(
        ClientSessionView(token, client.wallet_id or 0, time_text(session.active_at), session.minutes),
        SignedInClient(client.id, client.login, client.first_name, client.last_name, client.language, ""),
        ClientsCompany(company.id, company.name, company.demo, company.brand_key),
        list(await call.copying.wallets(company, client)),
    )


@CLIENT.method("session.logout")
async def session_logout(call: Call) -> None:
    """End the session."""
    await call.sql(call.control.sessions.end, [call.client])


@CLIENT.method("password.set")
async def password_set(call: Call, given: PasswordChange) -> None:
    """Change one's own password; all other sessions end."""
    mine = call.client
    await begin_attempt(call, Kind.CLIENT, mine.login)
    candidate = await call.sql(call.control.clients.by_id, mine.person_id)
    await proved(call, [] if candidate is None else [candidate], given.OldPassword, _password)
    await end_attempt(call, Kind.CLIENT, mine.login)
    check_new_password(given.Password)
    try:
        await call.sql(call.control.clients.set_password, mine.person_id, given.Password)
    except NotFound:
        raise bad_token() from None
    await call.sql(call.control.sessions.end_all, Kind.CLIENT, mine.person_id, but=mine)


@CLIENT.method("otp.get", versions=(3,))
async def otp_get(call: Call) -> OneTimePassword:
    """A one-time password with which the client can sign in elsewhere within two minutes."""
    return OneTimePassword(await call.sql(call.control.one_time.issue, call.client.person_id))


async def _by_otp(call: Call, otp: str) -> Client:
    client_id = await call.sql(call.control.one_time.use, otp)
    candidate = None if client_id is None else await call.sql(call.control.clients.by_id, client_id)
    if candidate is None:
        raise bad_credentials()
    return candidate.client


async def _by_password(call: Call, given: ClientLogin) -> Client:
    """Return whom login and password prove to be.

    A login is one person's within a company. If several companies have it, with the same password, the caller says
    which one is meant, or has come to that company's own address; else it is the one that had it first.
    """
    if not given.Login:
        raise invalid_input("Login", "missing")
    if given.Password is None:
        raise invalid_input("Password", "missing")
    await begin_attempt(call, Kind.CLIENT, given.Login)
    candidates = await call.sql(call.control.clients.candidates, given.Login)
    if given.CompanyID is not None:
        candidates = [one for one in candidates if one.client.company_id == given.CompanyID]
    clients = await proved(call, candidates, given.Password, _password)
    await end_attempt(call, Kind.CLIENT, given.Login)
    at_home = [one for one in clients if _is_at_home(call, call.control.companies.get(one.client.company_id))]
    return (at_home or clients)[0].client


def _is_at_home(call: Call, company: Company | None) -> bool:
    """Say whether the call came to the company's own address."""
    return company is not None and bool(call.host) and call.host in (company.url.lower(), _host_of(company.url))


def _host_of(url: str) -> str:
    return url.lower().partition("://")[2].partition("/")[0]


def _password(candidate: ClientCandidate) -> str:
    return candidate.password
