"""Guards of one account: a floor, the most that may be lost in a day, a target that is told (docs/trade/loss_limits.md).

They are met exactly at the quote, deal or booking that brings equity to their line: `guard.promise` keeps the bands inside
them. A loss ends trading: orders are removed, positions closed, access taken. A target is only told.
"""

from prorata.messages.commands import Access, BalanceKind, DailyBase, SetGuards
from prorata.messages.events import AccountChanged, BalanceBooked, Guard, GuardReached, GuardsSet, Reason, Refused, Removal
from prorata.messages.refusals import Refusal
from prorata.trading import deals, guard, orders, routing
from prorata.trading.desk import Desk, refuse
from prorata.trading.equity import equity_of
from prorata.trading.markets import Market
from prorata.trading.state import Account, Guards, Order, OrderState
from prorata.units.numbers import MONEY_MAX, Minor

_NONE = Guards()
_MOVES_BASE = (BalanceKind.DEPOSIT, BalanceKind.WITHDRAWAL)


def set_guards(desk: Desk, command: SetGuards) -> Refused | None:
    """Give the account new guards. One whose line is reached already acts at once."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    refused = _check(command)
    if refused is not None:
        return refused
    before = account.guards or _NONE
    base = 0
    if command.daily_loss:
        known = before.base if before.daily_loss else _base_now(desk, account, command.daily_base)
        base = known if command.base is None else command.base
    guards = Guards(command.floor, command.daily_loss, command.daily_base, command.target, base, before.closing)
    _put(account, guards)
    _tell(desk, account)
    guard.break_promise(desk, account)
    return None


def _check(command: SetGuards) -> Refused | None:
    amounts = (command.floor, command.daily_loss, command.target)
    if not all(0 <= amount <= MONEY_MAX for amount in amounts) or abs(command.base or 0) > MONEY_MAX:
        return refuse(Refusal.OUT_OF_RANGE)
    if command.target and command.target <= command.floor:
        return refuse(Refusal.BAD_GUARDS, "the target is not above the floor")
    return None


def _base_now(desk: Desk, account: Account, daily_base: DailyBase) -> Minor:
    if daily_base == DailyBase.BALANCE:
        return account.balance
    equity = equity_of(desk, account)
    return equity if daily_base == DailyBase.EQUITY else max(account.balance, equity)


def _put(account: Account, guards: Guards) -> None:
    watches = guards.floor or guards.daily_loss or guards.target or guards.closing
    account.guards = guards if watches else None


def _tell(desk: Desk, account: Account) -> None:
    guards = account.guards or _NONE
    now = GuardsSet(account.login, guards.floor, guards.daily_loss, guards.daily_base, guards.target, guards.base)
    desk.events.append(now)


def begin_day(desk: Desk, account: Account) -> None:
    """Take the base of the day that begins, where a day's loss is limited."""
    guards = account.guards
    if guards is not None and guards.daily_loss:
        guards.base = _base_now(desk, account, guards.daily_base)
        _tell(desk, account)
        guard.break_promise(desk, account)


def follow_booking(desk: Desk, account: Account, booked: BalanceBooked) -> None:
    """Move the day's base by a deposit or withdrawal: it is neither a profit nor a loss. Floor and target stay."""
    guards = account.guards
    if guards is not None and guards.daily_loss and booked.kind in _MOVES_BASE:
        guards.base += booked.amount
        _tell(desk, account)


def follow_access(account: Account) -> None:
    """Let an account that may trade again keep what it has not closed yet, and what it opens."""
    guards = account.guards
    if guards is not None and guards.closing and account.access < Access.TRADING_DISABLED:
        guards.closing = False
        _put(account, guards)


def keep(desk: Desk, account: Account, guards: Guards, equity: Minor, cause: Market | None) -> Minor:
    """Act on the guards that equity has reached; return the equity afterwards. `cause`: the market that moved."""
    if guards.closing:
        equity = _close(desk, account, guards)
    line = guard.loss_line(guards)
    if equity <= line:
        which = Guard.FLOOR if guards.floor and guards.floor == line else Guard.DAILY
        _reach(desk, account, guards, which, line, equity, cause)
        return _end_trading(desk, account)
    if guards.target and equity >= guards.target:
        _reach(desk, account, guards, Guard.TARGET, guards.target, equity, cause)
        guards.target = 0
        _put(account, guards)
        _tell(desk, account)
    return equity


def _reach(
    desk: Desk, account: Account, guards: Guards, which: Guard, line: Minor, equity: Minor, cause: Market | None
) -> None:
    name, bid, ask = desk.groups[account.group].quote_of(cause)
    held = len(account.positions)
    desk.events.append(GuardReached(account.login, which, equity, line, guards.base, name, bid, ask, held))


def _end_trading(desk: Desk, account: Account) -> Minor:
    """Remove the orders that wait, close all positions, take the right to trade, and clear the guards."""
    account.guards = guards = Guards(closing=True)
    for order in list(account.orders.values()):
        if order.state != OrderState.IN_FLIGHT:
            _remove(desk, account, order)
    equity = _close(desk, account, guards)
    if account.access < Access.TRADING_DISABLED:
        account.access = Access.TRADING_DISABLED
        changed = AccountChanged(account.login, account.group, account.leverage, account.access, account.margin)
        desk.events.append(changed)
    _tell(desk, account)
    return equity


def _remove(desk: Desk, account: Account, order: Order) -> None:
    """Remove an order that is not at the venue; what a delayed one was to close is free again."""
    travelled = order.state == OrderState.DELAYED
    orders.remove(desk, account, order, Removal.REFUSED, Refusal.TRADING_DISABLED)
    if travelled:
        deals.wait_again(account, desk.terms_of(account, order.symbol), order)


def _close(desk: Desk, account: Account, guards: Guards) -> Minor:
    """Close what can be closed now, oldest first; return the equity then.

    What cannot, for its market is closed or it is on its way to the venue, follows with a later quote or fill.
    """
    for position in routing.closable(desk, account):
        terms = desk.terms_of(account, position.symbol)
        routing.close_at_market(desk, account, terms, position, position.volume, Reason.GUARD, "")
    if not account.positions and not account.orders:
        guards.closing = False
        _put(account, guards)
    return equity_of(desk, account)
