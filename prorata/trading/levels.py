"""Margin call, stop-out and negative-balance protection (docs/trade/stopout.md)."""

from prorata.messages.events import MarginCalled, NegativeBalanceCovered, PostingKind, Reason, StoppedOut
from prorata.messages.groups import StopOutOrder
from prorata.trading import deals, guard, loss_limits, routing
from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of, profit_now
from prorata.trading.markets import Market
from prorata.trading.state import Account, OrderState, Position
from prorata.trading.terms import GroupTerms
from prorata.units.numbers import Minor
from prorata.units.rounding import div_ceil


def settle(desk: Desk) -> None:
    """Value every account that a command left uneasy, until none is."""
    while desk.uneasy:
        accounts, desk.uneasy = desk.uneasy, []
        for account in accounts:
            look(desk, account)


def look(desk: Desk, account: Account, cause: Market | None = None) -> None:
    """Value the account exactly, do what is due, and promise anew. `cause`: the market that moved.

    Its own guards come before a stop-out: what closes everything leaves nothing to close in part.
    """
    group = desk.groups[account.group]
    equity = equity_of(desk, account)
    if account.guards is not None:
        equity = loss_limits.keep(desk, account, account.guards, equity, cause)
    if account.positions and equity < group.stop_line(account.margin):
        equity = _stop_out(desk, group, account, equity, cause)
    if deals.protects_balance(group.spec, account):
        _cover(desk, group, account)
        equity = equity_of(desk, account)
    _call(desk, group, account, equity, cause)
    guard.promise(desk, account, equity)


def _call(desk: Desk, group: GroupTerms, account: Account, equity: Minor, cause: Market | None) -> None:
    """Give a margin call once: the next one needs a deal or booking that brought the account above the level."""
    line = group.call_line(account.margin)
    if not account.positions or equity >= line:
        if cause is None:
            account.called = False
        return
    if account.called:
        return
    account.called = True
    name, bid, ask = group.quote_of(cause)
    desk.events.append(MarginCalled(account.login, equity, account.margin, line, name, bid, ask))


def _stop_out(desk: Desk, group: GroupTerms, account: Account, equity: Minor, cause: Market | None) -> Minor:
    """Close positions in the group's order until the level is met; return the equity then.

    A position whose market is closed, or that is on its way to the venue, is passed over; while any closing
    order of an earlier stop-out travels, no other is started.
    """
    if any(order.reason == Reason.STOP_OUT for order in account.orders.values()):
        return equity
    closing = _in_closing_order(desk, group, account)
    if not closing:
        return equity
    name, bid, ask = group.quote_of(cause)
    by_loss = group.spec.stop_out_order == StopOutOrder.LARGEST_LOSS
    rule = "largest loss first" if by_loss else "largest margin first"
    tickets = tuple(position.ticket for position in closing)
    line = group.stop_line(account.margin)
    desk.events.append(StoppedOut(account.login, equity, account.margin, line, name, bid, ask, rule, tickets))
    for position in closing:
        routing.close_at_market(desk, account, group.terms[position.symbol], position, position.volume, Reason.STOP_OUT, "")
        equity = equity_of(desk, account)
        if equity >= group.stop_line(account.margin) or _travels(account, position):
            break
    return equity


def _in_closing_order(desk: Desk, group: GroupTerms, account: Account) -> list[Position]:
    """Return the positions that can be closed now: largest loss, or largest margin, first; ties to the older ticket."""
    positions = routing.closable(desk, account)
    if group.spec.stop_out_order == StopOutOrder.LARGEST_LOSS:
        return sorted(positions, key=lambda p: (profit_now(group.terms[p.symbol], p) + p.swap, p.ticket))
    return sorted(positions, key=lambda p: (-margin_share(account, p), p.ticket))


def margin_share(account: Account, position: Position) -> Minor:
    """Return the part of its symbol's margin that a position stands for, by notional."""
    holding = account.holdings[position.symbol]
    return div_ceil(holding.margin * position.notional, max(1, holding.long_notional + holding.short_notional))


def _travels(account: Account, position: Position) -> bool:
    return any(order.position == position.ticket and order.state != OrderState.PENDING for order in account.orders.values())


def _cover(desk: Desk, group: GroupTerms, account: Account) -> None:
    """Bring a balance below zero back to zero, at the house's cost, as a posting of its own."""
    amount = -account.balance
    posting = deals.post(desk, account, "house/protection", amount, PostingKind.NEGATIVE_BALANCE)
    desk.events.append(NegativeBalanceCovered(account.login, amount, account.balance, (posting,)))
