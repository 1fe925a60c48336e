"""Signing in and out: by password, by a token for a single use, by the cookie `rt`; the person's own data and password.

A person is known by the e-mail and the password of his CRM account, the same as for RAMM. Unknown e-mails, wrong passwords,
blocked accounts and other brokers' clients answer alike, and wrong passwords in a row block the e-mail for a while.
"""

from decimal import Decimal
from http.cookies import SimpleCookie

from prorata.control.clients import ClientCandidate
from prorata.control.lockout import Blocked
from prorata.control.manager_rows import login_key_of
from prorata.control.sessions import Kind
from prorata.crm.accounts import CrmAccount, Verification
from prorata.crm.platform_logs import LogEvent
from prorata.crm.settings import Offer
from prorata.crm.trading import Status, TradingAccount
from prorata.messages.refusals import Refusal
from prorata.rest.broker.kinds import Given, Record, ShortText, money_of, text_or_none, time_of
from prorata.rest.platform.call import DoorCall, audit
from prorata.rest.platform.logs import note_of_person
from prorata.rest.platform.registry import door
from prorata.rest.platform.sessions import REFRESH_COOKIE, REFRESH_MINUTES, SESSION_COOKIE, SESSION_MINUTES, SignedIn
from prorata.rest.ramm.signing_in import LoginText, PasswordText, whose_password
from prorata.units.numbers import SECOND_MS
from prorata.views.answers import Rejected

UNTOLD = ("", "0")
"""Broker ids that name none: then the e-mail and the password must be those of one broker alone."""


class Credentials(Given, frozen=True):
    """`broker_id`, `partner_id`: the broker's number or uuid."""

    email: LoginText
    password: PasswordText
    broker_id: ShortText | int = ""
    partner_id: ShortText | int = ""


class SingleUse(Given, frozen=True):
    token: ShortText


class PasswordChange(Given, frozen=True):
    old_password: PasswordText
    new_password: PasswordText


class UuidView(Record, frozen=True):
    uuid: str


class SystemView(Record, frozen=True):
    uuid: str
    name: str
    demo: bool
    active: bool
    trading_api_domain: str


class OfferView(Record, frozen=True):
    uuid: str
    name: str
    description: str
    currency: str
    demo: bool
    initial_deposit: Decimal
    branch: UuidView
    money_manager: str | None
    system: SystemView


class TokenView(Record, frozen=True):
    token: str | None


class TradingAccountView(Record, frozen=True):
    """`trading_api_token`: null until the trade platform has opened the account."""

    trading_account_id: str
    uuid: str
    trading_api_token: str | None
    trading_account_token: TokenView
    branch_uuid: str
    created: str | None
    offer: OfferView


class LoginView(Record, frozen=True):
    email: str
    token: str
    trading_accounts: list[TradingAccountView]
    selected_trading_account: TradingAccountView | None


class CoLoginView(Record, frozen=True):
    """As `LoginView`, with another name for the trading accounts."""

    email: str
    token: str
    accounts: list[TradingAccountView]
    selected_trading_account: TradingAccountView | None


class Profile(Record, frozen=True):
    uuid: str
    email: str
    firstname: str
    lastname: str
    phone_number: str
    country: str
    verification_status: Verification


@door("POST", "/manager/mtr-login")
@door("POST", "/mtr-core-edge/login")
@door("POST", "/manager/login-v2")
async def login(call: DoorCall, given: Credentials) -> LoginView:
    """Sign in by e-mail and password."""
    return await _shown(call, await _proved(call, given))


@door("POST", "/manager/co-login")
async def co_login(call: DoorCall, given: Credentials) -> CoLoginView:
    """As `login`."""
    shown = await _shown(call, await _proved(call, given))
    return CoLoginView(
        email=shown.email, token=shown.token, accounts=shown.trading_accounts,
        selected_trading_account=shown.selected_trading_account,
    )  # fmt: skip


@door("POST", "/manager/login/co/with-token")
async def login_with_token(call: DoorCall, given: SingleUse) -> LoginView:
    """Sign in by a token for a single use, which the broker's own site has asked for."""
    account_id = await call.sql(call.house.control.one_time.use, given.token)
    candidate = None if account_id is None else await call.sql(call.house.control.clients.by_id, account_id)
    account = await _account_among(call, [] if candidate is None else [candidate], "")
    if candidate is None or account is None:
        raise Rejected(Refusal.LINK_SPENT)
    return await _shown(call, await _opened(call, account, candidate, "by a token"))


@door("POST", "/manager/refresh-token")
async def refresh(call: DoorCall) -> LoginView:
    """A new session with new trading tokens, by the cookie `rt`."""
    cookies = call.cookies
    token = cookies.get(REFRESH_COOKIE, "")
    signed_in = await call.sql(call.door.refresh, token, cookies.get(SESSION_COOKIE, ""))
    note_of_person(call, signed_in.account, LogEvent.SESSION_REFRESHED)
    return await _shown(call, signed_in)


@door("POST", "/manager/logout", signed_in=True)
async def logout(call: DoorCall) -> None:
    """Sign out of this session."""
    note_of_person(call, await call.person(), LogEvent.LOGOUT)
    await call.sql(call.house.control.sessions.end, [call.signed_in])
    _set_cookies(call, "", "")


@door("GET", "/manager/profile", signed_in=True)
async def profile(call: DoorCall) -> Profile:
    """What the broker knows of the person."""
    account = await call.person()
    return Profile(
        uuid=account.uuid, email=account.email, firstname=account.first_name, lastname=account.last_name,
        phone_number=account.phone, country=account.country, verification_status=account.verification,
    )  # fmt: skip


@door("POST", "/manager/change-password", signed_in=True)
async def change_password(call: DoorCall, given: PasswordChange) -> None:
    """Take a new password; whoever is signed in with the old one is signed out, this session too, and keys end."""
    account = await call.person()
    await _begin_attempt(call, account.email)
    candidate = await call.sql(call.house.control.clients.by_id, account.id)
    if not await whose_password([candidate] if candidate else [], given.old_password, _kept):
        raise Rejected(Refusal.CREDENTIALS_WRONG, "oldPassword: is wrong")
    await call.sql(call.house.control.attempts.succeeded, Kind.CLIENT.value, login_key_of(account.email))
    await call.sql(call.house.crm.accounts.set_password, account, given.new_password)
    await call.sql(call.house.control.sessions.end_all, Kind.CLIENT, account.id)
    await call.sql(call.house.trader_keys.end_all, account.id)
    _set_cookies(call, "", "")
    audit(call, account, "change-password")
    note_of_person(call, account, LogEvent.PASSWORD_CHANGED)


async def _proved(call: DoorCall, given: Credentials) -> SignedIn:
    """Return who signs in. Raises `Rejected`."""
    await _begin_attempt(call, given.email)
    candidates = await call.sql(call.house.control.clients.candidates, given.email)
    found = await whose_password(candidates, given.password, _kept)
    broker = next((str(one) for one in (given.broker_id, given.partner_id) if str(one) not in UNTOLD), "")
    account = await _account_among(call, found, broker)
    if account is None:
        await _note_failure(call, candidates, broker)
        raise Rejected(Refusal.CREDENTIALS_WRONG)
    await call.sql(call.house.control.attempts.succeeded, Kind.CLIENT.value, login_key_of(given.email))
    return await _opened(call, account, next(one for one in found if one.client.id == account.id))


async def _begin_attempt(call: DoorCall, email: str) -> None:
    """Count a try before its password is looked at. Raises `Rejected`."""
    try:
        await call.sql(call.house.control.attempts.begin, Kind.CLIENT.value, login_key_of(email))
    except Blocked as blocked:
        wait = -(-(blocked.until - call.house.control.database.now()) // SECOND_MS)
        raise Rejected(Refusal.TOO_MANY_REQUESTS, retry_after=max(1, wait)) from None


async def _account_among(call: DoorCall, found: list[ClientCandidate], broker: str) -> CrmAccount | None:
    """Return the one account, of a broker or of any, that is among those who have proved who they are."""
    accounts = await call.sql(call.house.crm.accounts.many, [one.client.id for one in found])
    mine = [one for one in accounts.values() if one.verification != Verification.BLOCKED and _is_of(call, one, broker)]
    return mine[0] if len(mine) == 1 else None


def _is_of(call: DoorCall, account: CrmAccount, broker: str) -> bool:
    organization = call.house.control.organizations.get(account.organization_id)
    return organization is not None and broker in ("", str(organization.id), organization.uuid)


async def _note_failure(call: DoorCall, candidates: list[ClientCandidate], broker: str) -> None:
    """Note that somebody was not let in, with those whose e-mail he named."""
    named = await call.sql(call.house.crm.accounts.many, [one.client.id for one in candidates])
    for account in named.values():
        if _is_of(call, account, broker):
            note_of_person(call, account, LogEvent.LOGIN_FAILED)


async def _opened(call: DoorCall, account: CrmAccount, candidate: ClientCandidate, how: str = "") -> SignedIn:
    signed_in = await call.sql(call.door.sign_in, account, candidate.client.company_id)
    await call.sql(call.house.crm.activity.note_login, account.id, call.address, by=account.email)
    audit(call, account, "login")
    note_of_person(call, account, LogEvent.LOGIN, how)
    return signed_in


async def _shown(call: DoorCall, signed_in: SignedIn) -> LoginView:
    account = signed_in.account
    trading_accounts = await call.sql(call.house.crm.trading.of_account, account.id)
    offers = {one.id: one for one in await call.sql(call.house.crm.settings.offers, account.organization_id)}
    branches = {one.id: one.uuid for one in await call.sql(call.house.crm.settings.branches, account.organization_id)}
    shown = [
        _trading_account_view(call, signed_in, one, offer, branches[offer.branch_id])
        for one in trading_accounts
        if (offer := offers.get(one.offer_id)) is not None
    ]
    _set_cookies(call, signed_in.token, signed_in.refresh)
    return LoginView(
        email=account.email, token=signed_in.token, trading_accounts=shown,
        selected_trading_account=shown[0] if shown else None,
    )  # fmt: skip


def _trading_account_view(
    call: DoorCall, signed_in: SignedIn, one: TradingAccount, offer: Offer, branch_uuid: str
) -> TradingAccountView:
    is_open = one.status == Status.ACTIVE
    token = call.door.trading_token(signed_in.session, one.platform_uuid, one.login) if is_open else None
    system = call.house.control.platforms.by_uuid[one.platform_uuid]
    return TradingAccountView(
        trading_account_id=str(one.login), uuid=one.uuid, trading_api_token=token,
        trading_account_token=TokenView(token=token), branch_uuid=signed_in.account.branch_uuid,
        created=time_of(one.created_at),
        offer=OfferView(
            uuid=offer.uuid, name=offer.name, description=offer.description, currency=offer.currency, demo=offer.demo,
            initial_deposit=money_of(offer.initial_deposit, offer.digits), branch=UuidView(uuid=branch_uuid),
            money_manager=text_or_none(offer.money_manager),
            system=SystemView(
                uuid=system.uuid, name=system.name, demo=offer.demo, active=not system.archived_at,
                trading_api_domain=call.host,
            ),
        ),
    )  # fmt: skip


def _set_cookies(call: DoorCall, token: str, refresh: str) -> None:
    """Give the browser its session, or take it away."""
    for name, value, path, minutes in (
        (SESSION_COOKIE, token, "/", SESSION_MINUTES),
        (REFRESH_COOKIE, refresh, "/manager", REFRESH_MINUTES),
    ):
        cookie = SimpleCookie({name: value})[name]
        cookie["path"], cookie["max-age"], cookie["samesite"] = path, str(minutes * 60 if value else 0), "Strict"
        cookie["httponly"] = True
        if call.secure:
            cookie["secure"] = True
        call.head.append((b"set-cookie", cookie.OutputString().encode()))


def _kept(candidate: ClientCandidate) -> str:
    return candidate.password
