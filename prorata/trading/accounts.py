"""Opening and changing trading accounts, and moving money in and out of them."""

from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, OpenAccount
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    Posting,
    PostingKind,
    Refused,
    Repeated,
)
from prorata.messages.refusals import Refusal
from prorata.trading import deals, guard, loss_limits
from prorata.trading.desk import Desk, refuse
from prorata.trading.equity import equity_of, free_margin_of
from prorata.trading.state import Account, State
from prorata.units.numbers import LOGIN_MAX, MONEY_MAX, Login, Minor

LEVERAGE_MAX = 5_000
PAYMENT_FEES = "house/payment-fee"

_BOOKED_AGAINST: dict[BalanceKind, tuple[str, PostingKind]] = {
    BalanceKind.DEPOSIT: ("bank", PostingKind.DEPOSIT),
    BalanceKind.WITHDRAWAL: ("bank", PostingKind.WITHDRAWAL),
    BalanceKind.CREDIT_IN: ("house/credit", PostingKind.CREDIT),
    BalanceKind.CREDIT_OUT: ("house/credit", PostingKind.CREDIT),
    BalanceKind.CORRECTION: ("house/correction", PostingKind.CORRECTION),
    BalanceKind.AGENT_COMMISSION: ("house/commission", PostingKind.PAYOUT),
}
_OUT = (BalanceKind.WITHDRAWAL, BalanceKind.CREDIT_OUT)
_ON_CREDIT = (BalanceKind.CREDIT_IN, BalanceKind.CREDIT_OUT)


def open_account(desk: Desk, command: OpenAccount) -> Refused | None:
    """Open an account with a number of the caller's choice or the next free one."""
    group = desk.groups.get(command.group)
    state = desk.state
    if group is None:
        return refuse(Refusal.UNKNOWN_GROUP)
    if command.login in state.accounts:
        return refuse(Refusal.ACCOUNT_EXISTS)
    if not 0 <= command.login <= LOGIN_MAX or not 0 <= command.login_min <= command.login_max <= LOGIN_MAX:
        return refuse(Refusal.OUT_OF_RANGE)
    leverage = command.leverage or group.spec.leverage
    if not 1 <= leverage <= group.spec.leverage:
        return refuse(Refusal.LEVERAGE_OUT_OF_RANGE)
    login = command.login
    if not login:
        login = _next_login(state, command)
        if login > (command.login_max or LOGIN_MAX):
            return refuse(Refusal.OUT_OF_RANGE, f"no number from {command.login_min} to {command.login_max} is free")
        _take_login(state, command, login)
    state.accounts[login] = Account(login, group.name, leverage, command.demo, desk.now)
    desk.events.append(AccountOpened(login, group.name, group.currency, leverage, command.demo))
    return None


def _next_login(state: State, command: OpenAccount) -> Login:
    """Return the next free number, which may be beyond where it is to be."""
    login = state.next_logins.get(command.login_min, command.login_min) if command.login_min else state.next_login
    while login in state.accounts:
        login += 1
    return login


def _take_login(state: State, command: OpenAccount, login: Login) -> None:
    if command.login_min:
        state.next_logins[command.login_min] = login + 1
    else:
        state.next_login = login + 1


def change_account(desk: Desk, command: ChangeAccount) -> Refused | None:
    """Change group, leverage or access. A change of group needs the same currency and nothing open; margin is taken anew."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    group = desk.groups.get(account.group if command.group is None else command.group)
    if group is None:
        return refuse(Refusal.UNKNOWN_GROUP)
    if group.name != account.group:
        if account.positions or account.orders:
            return refuse(Refusal.ACCOUNT_IN_USE)
        if group.currency != desk.groups[account.group].currency:
            return refuse(Refusal.BAD_GROUP, "the new group keeps another currency")
    leverage = account.leverage if command.leverage is None else command.leverage
    if command.leverage is None and group.name != account.group:
        leverage = min(leverage, group.spec.leverage)
    if not 1 <= leverage <= group.spec.leverage:
        return refuse(Refusal.LEVERAGE_OUT_OF_RANGE)
    account.group, account.leverage = group.name, leverage
    if command.access is not None:
        account.access = Access(command.access)
        loss_limits.follow_access(account)
    for name, holding in account.holdings.items():
        deals.take_margin(account, group.terms[name], holding)
    guard.break_promise(desk, account)
    desk.events.append(AccountChanged(account.login, account.group, leverage, account.access, account.margin))
    return None


def book_balance(desk: Desk, command: BookBalance) -> Refused | None:
    """Book a deposit, withdrawal, credit or correction."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    once = f"{command.login}/{command.external_id}" if command.external_id else ""
    first = desk.state.booked.get(once) if once else None
    if first is not None:
        same = (first.kind, first.amount, first.comment) == (command.kind, _signed(command), command.comment)
        if not same or fee_in(first.postings) != command.fee:
            return refuse(Refusal.EXTERNAL_ID_REUSED)
        desk.events.append(Repeated(first))
        return None
    refusal = _check_booking(desk, account, command)
    if refusal is not None:
        return refuse(refusal)
    booked = _book(desk, account, command)
    if once:
        desk.state.booked[once] = booked
    desk.events.append(booked)
    loss_limits.follow_booking(desk, account, booked)
    guard.after_money(desk, account, booked.amount)
    if deals.protects_balance(desk.groups[account.group].spec, account):
        desk.uneasy.append(account)
    return None


def fee_in(postings: tuple[Posting, ...]) -> Minor:
    """Return what the house keeps of a payment by its postings; below 0 if it gives back."""
    fees = (posting for posting in postings if posting.kind == PostingKind.PAYMENT_FEE)
    return sum(posting.amount if posting.credit == PAYMENT_FEES else -posting.amount for posting in fees)


def _signed(command: BookBalance) -> Minor:
    return -command.amount if command.kind in _OUT else command.amount


def _check_booking(desk: Desk, account: Account, command: BookBalance) -> Refusal | None:
    amount, kind = command.amount, command.kind
    if amount == 0 or (amount < 0 and kind != BalanceKind.CORRECTION):
        return Refusal.AMOUNT_NOT_POSITIVE
    after = (account.credit if kind in _ON_CREDIT else account.balance) + _signed(command)
    if abs(amount) > MONEY_MAX or abs(after) > MONEY_MAX or abs(command.fee) > MONEY_MAX:
        return Refusal.AMOUNT_TOO_LARGE
    if command.fee and kind in _ON_CREDIT:
        return Refusal.OUT_OF_RANGE
    if kind == BalanceKind.WITHDRAWAL:
        if after < 0:
            return Refusal.NOT_ENOUGH_MONEY
        return Refusal.NOT_ENOUGH_FREE_MARGIN if amount > withdrawable_of(desk, account) else None
    if kind == BalanceKind.CREDIT_OUT:
        if after < 0:
            return Refusal.NOT_ENOUGH_CREDIT
        spare = equity_of(desk, account) - account.margin - account.reserved
        return Refusal.NOT_ENOUGH_FREE_MARGIN if account.positions and amount > spare else None
    return None


def withdrawable_of(desk: Desk, account: Account) -> Minor:
    """Return what may leave: free margin, without the credit, which is not the client's own."""
    return free_margin_of(desk, account) - account.credit


def _book(desk: Desk, account: Account, command: BookBalance) -> BalanceBooked:
    amount, kind = _signed(command), command.kind
    house, posting_kind = _BOOKED_AGAINST[kind]
    currency = desk.groups[account.group].currency
    own = f"{'credit' if kind in _ON_CREDIT else 'account'}/{account.login}"
    if kind in _ON_CREDIT:
        account.credit += amount
    else:
        account.balance += amount
    postings = _between(desk, house, own, amount + command.fee, currency, posting_kind)
    postings += _between(desk, PAYMENT_FEES, own, -command.fee, currency, PostingKind.PAYMENT_FEE)
    return BalanceBooked(
        desk.issue_deal(), account.login, kind, amount, account.balance, account.credit, command.external_id,
        command.comment, postings,
    )  # fmt: skip


def _between(desk: Desk, house: str, own: str, amount: Minor, currency: str, kind: PostingKind) -> tuple[Posting, ...]:
    """Return the posting of what `own` gets from the house, or gives (below 0); none of nothing."""
    if amount == 0:
        return ()
    desk.book_house(house, currency, -amount)
    debit, credit = (house, own) if amount > 0 else (own, house)
    return (Posting(debit, credit, abs(amount), currency, kind),)
