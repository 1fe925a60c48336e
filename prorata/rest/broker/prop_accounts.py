"""Prop accounts: taken up, looked at, ended, given back; their profit paid out."""

from prorata.access.callers import NotFound
from prorata.access.permissions import Permission
from prorata.crm.prop.records import PropAccount, PropFilter, PropStatus
from prorata.crm.prop.terms import split_of, withdrawable_of
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import money_of, read_amount
from prorata.rest.broker.paging import Page, Paged
from prorata.rest.broker.prop import found_challenge, ids_in
from prorata.rest.broker.prop_account_shapes import (
    AccountState,
    DayView,
    DepositAmount,
    FailureView,
    MaxWithdrawal,
    PropAccountChange,
    PropAccountGiven,
    PropAccountRow,
    PropAccountView,
    TargetsView,
    WithdrawalGiven,
    WithdrawalView,
    account_row,
    account_view,
    day_view,
    failure_view,
    targets_view,
    withdrawal_view,
)
from prorata.rest.broker.prop_shapes import percent_of
from prorata.rest.broker.registry import SORTS, operation
from prorata.units.numbers import Minor
from prorata.views.answers import Rejected

READS, WRITES = Permission.ACCOUNTS_READ, Permission.ACCOUNTS_WRITE
_SORTS = {**SORTS, **{name: name for name in ("login", "email", "name", "status")}}


@operation("GET", "/v1/prop/accounts", needs=READS, sorts=_SORTS, personal=True)
async def prop_accounts(
    call: Call, page: Page, login: str = "", name: str = "", email: str = "", phase_name: str = "", challenge_name: str = "",
    status: PropStatus | None = None,
) -> Paged[PropAccountRow]:  # fmt: skip
    """Prop accounts, in pages; texts are looked for within login, name, e-mail, phase and challenge."""
    wanted = PropFilter(
        login=login.strip(), name=name.strip(), email=email.strip(), phase_name=phase_name.strip(),
        challenge_name=challenge_name.strip(), status=status, platforms=call.grant.platforms, since=page.since,
        until=page.until,
    )  # fmt: skip
    found, total = await call.sql(call.crm.prop.accounts.search, call.organization_id, wanted, page.part)
    return page.shown([account_row(account) for account in found], total)


@operation("POST", "/v1/prop/accounts", needs=WRITES)
async def take_up(
    call: Call, given: PropAccountGiven, instantly_active: bool = False, phase_step: int = 1,
    add_on_ids: tuple[str, ...] = (), discount_code: str = "",
) -> PropAccountView:  # fmt: skip
    """Take up a challenge for a person: opened at once, or when it is paid for."""
    try:
        challenge = await found_challenge(call, given.challenge_id)
    except NotFound:
        raise Rejected(Refusal.UNKNOWN_REFERENCE, "challengeId: there is no challenge of this id") from None
    owner = await call.account(given.account_uuid)
    if instantly_active:
        call.running(challenge.platform_uuid)
    account = await call.sql(
        call.crm.prop.accounts.take_up, owner, challenge, step=phase_step, add_on_uuids=ids_in(add_on_ids),
        code=discount_code, name=given.name or "", paid=instantly_active, by=call.by,
    )  # fmt: skip
    return await carried(call, account)


@operation("GET", "/v1/prop/accounts/{accountId}", needs=READS, personal=True, ours=True)
async def prop_account(call: Call, account_id: str) -> PropAccountView:
    """One prop account, with its levels and how far it is."""
    return await _view(call, await found_account(call, account_id))


@operation("PATCH", "/v1/prop/accounts/{accountId}", needs=WRITES, ours=True)
async def change_prop_account(call: Call, account_id: str, given: PropAccountChange) -> PropAccountView:
    """Open an account that has been paid for, or give back one that has failed (ACTIVE); end one (INACTIVE)."""
    account = await found_account(call, account_id)
    call.running(account.platform_uuid)
    change = call.crm.prop.accounts.activate if given.status == AccountState.ACTIVE else call.crm.prop.accounts.deactivate
    return await carried(call, await call.sql(change, account, by=call.by))


@operation("POST", "/v1/prop/accounts/{accountId}/snapshot", needs=WRITES, ours=True)
async def snapshot(call: Call, account_id: str) -> PropAccountView:
    """Count the day's loss from what the account has now."""
    account = await found_account(call, account_id)
    call.running(account.platform_uuid)
    return await carried(call, await call.sql(call.crm.prop.accounts.snapshot, account))


@operation("GET", "/v1/prop/accounts/{accountId}/failure-snapshot", needs=READS, ours=True)
async def failure_snapshot(call: Call, account_id: str) -> FailureView:
    """An account at the quote that ended it."""
    account = await found_account(call, account_id)
    return failure_view(await call.sql(call.crm.prop.accounts.failure, account), account.digits)


@operation("GET", "/v1/prop/accounts/{accountId}/targets", needs=READS, ours=True)
async def targets(call: Call, account_id: str) -> TargetsView:
    """The levels of an account, as they are now."""
    return targets_view(await found_account(call, account_id))


@operation("GET", "/v1/prop/accounts/{accountId}/days", needs=READS, ours=True)
async def days(call: Call, account_id: str) -> list[DayView]:
    """Trading days of an account that have ended, newest first."""
    account = await found_account(call, account_id)
    return [day_view(row, account.digits) for row in await call.sql(call.crm.prop.accounts.days, account)]


@operation("GET", "/v1/prop/accounts/{accountId}/amount-for-deposit", needs=READS, ours=True)
async def amount_for_deposit(call: Call, account_id: str) -> DepositAmount:
    """What is to be paid so that an account is opened; 0 when it is."""
    account = await found_account(call, account_id)
    due = account.due if account.status == PropStatus.WAITING_FOR_PAYMENT else 0
    return DepositAmount(amount=money_of(due, account.digits), currency=account.currency)


@operation("GET", "/v1/prop/accounts/{accountId}/max-amount-to-withdraw", needs=READS, ours=True)
async def max_amount_to_withdraw(call: Call, account_id: str) -> MaxWithdrawal:
    """The profit of a funded account before it is shared, and the trader's part of it."""
    account = await found_account(call, account_id)
    equity = _worth(call, account)
    profit = 0
    if account.funded and account.status != PropStatus.LOCKED_FAILED_CHALLENGE:
        profit = withdrawable_of(account.terms, balance=account.progress.balance, equity=equity)
    shares = split_of(profit, account.terms.split_ppm)
    return MaxWithdrawal(
        max_amount_to_withdraw=money_of(profit, account.digits), profit_split=percent_of(account.terms.split_ppm),
        trader_share=money_of(shares.trader, account.digits), currency=account.currency,
    )  # fmt: skip


@operation("GET", "/v1/prop/accounts/{accountId}/withdrawals", needs=READS, ours=True)
async def withdrawals(call: Call, account_id: str) -> list[WithdrawalView]:
    """Profit of an account that has been paid out, newest first."""
    account = await found_account(call, account_id)
    found = await call.sql(call.crm.prop.withdrawals.of_account, account)
    return [withdrawal_view(one, account.digits) for one in found]


@operation("POST", "/v1/prop/accounts/{accountId}/withdrawals/manual", needs=Permission.MONEY_MOVE, ours=True)
async def withdraw(call: Call, account_id: str, given: WithdrawalGiven) -> WithdrawalView:
    """Share profit of a funded account: the trader's part leaves, the day's base moves with it."""
    account = await found_account(call, account_id)
    amount = read_amount(given.amount, account.currency)
    asked = await call.sql(
        call.crm.prop.withdrawals.ask, account, amount, equity=_worth(call, account), comment=given.comment or "",
        by=call.by,
    )  # fmt: skip
    await call.carry(account.subject)
    return withdrawal_view(await call.sql(call.crm.prop.withdrawals.get, asked.id), account.digits)


async def found_account(call: Call, account_id: str) -> PropAccount:
    """Return a prop account within the key's reach. Raises `NotFound`."""
    account = await call.sql(call.crm.prop.accounts.find, call.organization_id, account_id.lower())
    if not call.grant.reaches(account.platform_uuid):
        raise NotFound
    return account


async def carried(call: Call, account: PropAccount) -> PropAccountView:
    """Have what was decided on carried to the trade platform; show the account as it is then."""
    if await call.sql(call.crm.crossings.waiting, account.subject):
        await call.carry(account.subject)
    return await _view(call, await call.sql(call.crm.prop.accounts.get, account.id))


async def _view(call: Call, account: PropAccount) -> PropAccountView:
    return account_view(account, call.crm.prop.referee.worth(account))


def _worth(call: Call, account: PropAccount) -> Minor:
    """Raises `Rejected`: the platform does not answer, or has not opened the account."""
    call.running(account.platform_uuid)
    equity = call.crm.prop.referee.worth(account)
    if equity is None:
        raise Rejected(Refusal.PROP_STATE, "the account is not opened yet")
    return equity
