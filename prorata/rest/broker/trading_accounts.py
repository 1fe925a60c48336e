"""Trading accounts: listed with their money as it is now, opened under an offer, moved to another, changed."""

from decimal import Decimal
from enum import StrEnum

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.control.organizations.declined import Declined
from prorata.crm.accounts import CrmAccount
from prorata.crm.once import once_of
from prorata.crm.settings import Offer
from prorata.crm.trading import Status, TradingAccount, TradingFilter, check_leverage, check_move
from prorata.messages.commands import Access
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Given, LoginGiven, Record, ShortText, Uuid, login_of, money_of, text_or_none, time_of
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.registry import SORTS, operation
from prorata.rest.own.session import Platform
from prorata.trading.equity import floating_of, free_margin_of
from prorata.trading.state import Account
from prorata.units.rounding import div_floor
from prorata.views.answers import Rejected

BULK_MAX = 1_000
_SORTS = {
    **SORTS, "login": "login", "email": "email", "contactDetails.email": "email", "accountInfo.email": "email",
    "accountConfiguration.partnerId": "created",
}  # fmt: skip
"""All accounts that a key reaches are of one partner: in its order they are as they were created."""


class AccessName(StrEnum):
    FULL = "FULL"
    CLOSE_ONLY = "CLOSE_ONLY"
    TRADING_DISABLED = "TRADING_DISABLED"
    TRADING_AND_LOGIN_DISABLED = "TRADING_AND_LOGIN_DISABLED"


ACCESS = {
    AccessName.FULL: Access.FULL,
    AccessName.CLOSE_ONLY: Access.CLOSE_ONLY,
    AccessName.TRADING_DISABLED: Access.TRADING_DISABLED,
    AccessName.TRADING_AND_LOGIN_DISABLED: Access.LOGIN_DISABLED,
}
ACCESS_NAMES = {access: name for name, access in ACCESS.items()}


class OwnerView(Record, frozen=True):
    uuid: str
    email: str


class FinanceView(Record, frozen=True):
    """`margin_level`: percent, 0 while no margin is held."""

    balance: Decimal
    equity: Decimal
    profit: Decimal
    net_profit: Decimal
    margin: Decimal
    free_margin: Decimal
    margin_level: Decimal
    credit: Decimal
    currency: str
    currency_precision: int


class TradingAccountView(Record, frozen=True):
    """What is the trade platform's is null while that does not answer, or has not opened the account yet."""

    uuid: str
    login: str
    created: str | None
    account_info: OwnerView
    offer_uuid: str
    system_uuid: str
    commission_uuid: str | None
    group: str | None
    leverage: int | None
    access: AccessName | None
    account_type: str | None
    finance_info: FinanceView | None


class TradingAccounts(Record, frozen=True):
    trading_accounts: list[TradingAccountView]


class OpenedView(Record, frozen=True):
    """`status` PENDING: the trade platform has not answered yet."""

    uuid: str
    created: str | None
    updated: str | None
    login: str
    offer_uuid: str
    status: Status
    commission_uuid: str | None


class NewTradingAccount(Given, frozen=True):
    offer_uuid: Uuid
    commission_uuid: ShortText | None = None


class TradingAccountChange(Given, frozen=True):
    offer_uuid: Uuid | None = None
    commission_uuid: ShortText | None = None
    access: AccessName | None = None


class LeverageChange(Given, frozen=True):
    leverage: int


class TradingAccountsGiven(Given, frozen=True):
    system_uuid: Uuid
    logins: list[LoginGiven]


class DeletedTradingAccounts(Record, frozen=True):
    error_details: list[str]


@operation("GET", "/v1/trading-accounts", needs=Permission.ACCOUNTS_READ, sorts=_SORTS, personal=True)
async def trading_accounts(call: Call, page: Page, query: str = "") -> Paged[TradingAccountView]:
    """Trading accounts, in pages; `query` is looked for in number, e-mail, names and manager."""
    wanted = TradingFilter(text=query.strip(), platforms=call.grant.platforms, since=page.since, until=page.until)
    found, total = await call.sql(call.crm.trading.search, call.organization_id, wanted, page.part)
    return page.shown([trading_account_view(call, one) for one in found], total)


@operation("POST", "/v1/trading-accounts/by-logins", needs=Permission.ACCOUNTS_READ, personal=True, asks=True, ours=True)
async def trading_accounts_by_logins(call: Call, given: TradingAccountsGiven) -> TradingAccounts:
    """Trading accounts of one trade platform by their numbers; those that are not there are passed over."""
    if len(given.logins) > BULK_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"logins: at most {BULK_MAX} at once")
    system, logins = call.system(given.system_uuid), [login_of(login) for login in given.logins]
    found = await call.sql(call.crm.trading.of_logins, call.organization_id, system.uuid, logins)
    return TradingAccounts(trading_accounts=[trading_account_view(call, one) for one in found])


@operation("GET", "/v1/trading-account", needs=Permission.ACCOUNTS_READ, personal=True)
async def trading_account(call: Call, system_uuid: str, login: LoginGiven) -> TradingAccountView:
    """One trading account."""
    return trading_account_view(call, await call.trading_account(system_uuid, login))


@operation("POST", "/v1/accounts/{accountUuid}/trading-accounts", needs=Permission.ACCOUNTS_WRITE)
async def new_trading_account(call: Call, account_uuid: str, given: NewTradingAccount) -> OpenedView:
    """Open a further trading account of a person, under an offer."""
    account = await call.account(account_uuid)
    offer = await call.offer(given.offer_uuid)
    call.running(offer.platform_uuid)
    commission_uuid = given.commission_uuid or ""
    who = f"broker {call.client.client_id}"
    once = once_of(who, call.key, "open", account.uuid, offer.uuid, commission_uuid)
    opened = await call.sql(call.crm.trading.open, account, offer, commission_uuid=commission_uuid, by=call.by, once=once)
    # Of one that is open already, a later step may be under way, or have been refused: that is no answer to this call.
    if opened.status == Status.PENDING and await call.carry(opened.subject):
        opened = await call.sql(call.crm.trading.get, opened.id)
    return OpenedView(
        uuid=opened.uuid, created=time_of(opened.created_at), updated=time_of(opened.updated_at), login=str(opened.login),
        offer_uuid=opened.offer_uuid, status=opened.status, commission_uuid=text_or_none(opened.commission_uuid),
    )  # fmt: skip


@operation("PATCH", "/v1/trading-account", needs=Permission.ACCOUNTS_WRITE)
async def change_trading_account(call: Call, system_uuid: str, login: LoginGiven, given: TradingAccountChange) -> None:
    """Move a trading account to another offer, and with it to another group; change its access or commission."""
    found = await call.trading_account(system_uuid, login)
    access = None if given.access is None else ACCESS[given.access]
    if given.offer_uuid is not None:
        before, after, owner = await _offers(call, found, given.offer_uuid)
        check_move(before, after, owner)
        kept = _live(call, found)
        leverage = min(kept.leverage, after.leverage) if after.leverage else kept.leverage
        await call.sql(call.crm.trading.move, found, after, leverage, access=access, by=call.by)
        await call.carry_now(found.subject)
    elif access is not None:
        _live(call, found)
        await call.sql(call.crm.trading.change, found, access=access)
        await call.carry_now(found.subject)
    if given.commission_uuid is not None:
        await call.sql(call.crm.trading.set_commission, found, given.commission_uuid)


@operation("PATCH", "/v1/trading-account/leverage", needs=Permission.ACCOUNTS_WRITE)
async def change_leverage(call: Call, system_uuid: str, login: LoginGiven, given: LeverageChange) -> None:
    """Change the leverage of a trading account, at most to its offer's."""
    found = await call.trading_account(system_uuid, login)
    check_leverage(await call.offer(found.offer_uuid), given.leverage)
    _live(call, found)
    await call.sql(call.crm.trading.change, found, leverage=given.leverage)
    await call.carry_now(found.subject)


@operation("POST", "/v1/trading-accounts/bulk-delete", needs=Permission.ACCOUNTS_WRITE, ours=True)
async def delete_trading_accounts(call: Call, given: TradingAccountsGiven) -> DeletedTradingAccounts:
    """Take trading accounts out of the CRM; the trade platform keeps its own."""
    if len(given.logins) > BULK_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"logins: at most {BULK_MAX} at once")
    system = call.system(given.system_uuid)
    problems: list[str] = []
    for login in given.logins:
        try:
            found = await call.sql(call.crm.trading.find, call.organization_id, system.uuid, login_of(login))
            await call.sql(call.crm.trading.delete, system.uuid, [found.id])
        except NotFound:
            problems.append(f"{login}: there is no trading account of this number")
        except Declined as declined:
            problems.append(f"{login}: {declined.code.name}, {declined.detail}")
    return DeletedTradingAccounts(error_details=problems)


def trading_account_view(call: Call, found: TradingAccount) -> TradingAccountView:
    platform = call.house.running.platform(found.platform_uuid)
    kept = None if platform is None else platform.desk.state.accounts.get(found.login)
    if found.status == Status.PENDING:
        # Until the platform has answered, the number may be somebody else's.
        kept = None
    return TradingAccountView(
        uuid=found.uuid, login=str(found.login), created=time_of(found.created_at),
        account_info=OwnerView(uuid=found.account_uuid, email=found.email), offer_uuid=found.offer_uuid,
        system_uuid=found.platform_uuid, commission_uuid=text_or_none(found.commission_uuid),
        group=None if kept is None else kept.group, leverage=None if kept is None else kept.leverage,
        access=None if kept is None else ACCESS_NAMES[kept.access],
        account_type=None if kept is None else "DEMO" if kept.demo else "REAL",
        finance_info=None if kept is None or platform is None else finance_view(platform, kept),
    )  # fmt: skip


def finance_view(platform: Platform, account: Account) -> FinanceView:
    """Return an account's money as it is now."""
    desk = platform.desk
    group = desk.groups[account.group]
    digits = group.currency_digits
    floating = floating_of(desk, account)
    equity = account.balance + account.credit + account.swap + floating
    level = div_floor(equity * 10_000, account.margin) if account.margin else 0
    return FinanceView(
        balance=money_of(account.balance, digits), equity=money_of(equity, digits), profit=money_of(floating, digits),
        net_profit=money_of(floating + account.swap, digits), margin=money_of(account.margin, digits),
        free_margin=money_of(free_margin_of(desk, account), digits), margin_level=money_of(level, 2),
        credit=money_of(account.credit, digits), currency=group.currency, currency_precision=digits,
    )  # fmt: skip


async def _offers(call: Call, found: TradingAccount, wanted_uuid: str) -> tuple[Offer, Offer, CrmAccount]:
    """Return the offer that a trading account is under, the one that is wanted, and whose it is."""
    after = await call.offer(wanted_uuid)
    return await call.offer(found.offer_uuid), after, await call.account(found.account_uuid)


def _live(call: Call, found: TradingAccount) -> Account:
    """Return the account as its platform has it. Raises `Rejected`."""
    kept = call.running(found.platform_uuid).desk.state.accounts.get(found.login)
    if kept is None or found.status == Status.PENDING:
        raise Rejected(Refusal.CHANGE_UNDER_WAY, "the trade platform has not opened the account yet")
    return kept
