"""The life of an investment once it is open: leaving the market, being paused, waiting, being paid out.

Whatever ends copying (its owner, a limit, a stop-out, the company) closes all positions first; the state says why.
When the last position is gone the next state follows by itself, and the command that asked for it ends.
"""

import numpy as np

from prorata.copying import fees, hedge
from prorata.copying.columns import Int64, Mask, Rows, pack
from prorata.copying.desk import Cause, CopyDesk
from prorata.copying.state import Strategy
from prorata.copying.values import equities, equity_of, holding
from prorata.copying.wallets import issue_transfer
from prorata.messages.commands import Quote
from prorata.messages.copy_events import (
    CommandEnded,
    CommandTaken,
    DeficitCovered,
    InvestmentMoved,
    OfferChanged,
    StatesChanged,
    StrategyChanged,
)
from prorata.messages.copy_terms import (
    CommandKind,
    CommandStatus,
    InvestmentState,
    OfferStatus,
    StrategyStatus,
)
from prorata.messages.postings import PostingKind
from prorata.units.numbers import Minor
from prorata.units.rounding import div_half_even

LEAVING = (
    InvestmentState.STOPPING_OUT,
    InvestmentState.PROTECTING,
    InvestmentState.TAKING_TARGET,
    InvestmentState.PAUSING,
    InvestmentState.DISABLING,
    InvestmentState.CLOSING,
)
"""States that end with the last position; the code of the next one is one higher."""


def take_command(desk: CopyDesk, kind: CommandKind, strategy: Strategy, investment: int = 0) -> int:
    """Number a change that was asked for."""
    number = desk.state.next_command
    desk.state.next_command += 1
    desk.state.commands[number] = investment
    desk.tell(CommandTaken(number, kind, strategy.number, investment, CommandStatus.NEW))
    return number


def end_command(desk: CopyDesk, strategy: Strategy, number: int, status: CommandStatus = CommandStatus.OK) -> None:
    if number in desk.state.commands:
        investment = desk.state.commands.pop(number)
        desk.tell(CommandEnded(number, strategy.number, investment, status))


def active_rows(strategy: Strategy) -> Int64:
    """Return the rows that copy."""
    return np.flatnonzero(are_active(strategy, slice(0, strategy.rows)))


def are_active(strategy: Strategy, rows: Rows) -> Mask:
    """Say which of some rows copy."""
    state = strategy.investments.state[rows]
    active: Mask = (state == InvestmentState.FLAT) | (state == InvestmentState.OPEN)
    return active


def leave(
    desk: CopyDesk, strategy: Strategy, rows: Int64, state: InvestmentState, cause: Cause, quote: Quote | None = None
) -> None:  # fmt: skip
    """Let rows leave the market in `state`, one of `LEAVING`. `quote`: the one that reached a limit."""
    columns = strategy.investments
    for row in rows[columns.command[rows] != 0].tolist():
        end_command(desk, strategy, int(columns.command[row]), CommandStatus.REJECTED)  # Overtaken by this one.
    columns.state[rows] = state
    columns.waits[rows] = 0
    columns.command[rows] = cause.command
    equity = equities(desk, strategy)[rows]
    number = cause.command or cause.stop_out
    symbol, bid, ask = (quote.symbol, quote.bid, quote.ask) if quote is not None else ("", 0, 0)
    desk.tell(StatesChanged(strategy.number, state, number, pack(columns.number[rows]), pack(equity), symbol, bid, ask))
    close_positions(desk, strategy, rows, cause)


def copy_again(desk: CopyDesk, strategy: Strategy, row: int, command: int) -> None:
    """Let a row that was stopped copy again."""
    columns, state = strategy.investments, InvestmentState.FLAT
    columns.state[row] = state
    equity = np.array([equity_of(desk, strategy, row)], dtype=np.int64)
    desk.tell(StatesChanged(strategy.number, state, command, pack(columns.number[row : row + 1]), pack(equity)))


def close_positions(desk: CopyDesk, strategy: Strategy, rows: Int64, cause: Cause) -> None:
    """Close everything that rows hold, at the market or when it opens."""
    for head in list(strategy.legs.values()):
        leg = head.rows
        held = rows[(leg.volume[rows] != 0) | (leg.pending[rows] != 0)]
        if held.size:
            hedge.aim(desk, strategy, head, held, np.zeros(held.size, dtype=np.int64), cause)
    desk.settled[strategy.number] = None


# What follows when positions are gone.


def settle(desk: CopyDesk) -> None:
    """Take every strategy on whose positions may have become flat."""
    while desk.settled:
        settled, desk.settled = desk.settled, {}
        for number in settled:
            strategy = desk.state.strategies[number]
            _drop_empty_legs(desk, strategy)
            _go_on(desk, strategy)


def _drop_empty_legs(desk: CopyDesk, strategy: Strategy) -> None:
    """Forget legs that neither the source nor anybody else holds."""
    idle = strategy.status == StrategyStatus.CLOSED
    for key in [key for key, head in strategy.legs.items() if idle or not head.lot]:
        leg = strategy.legs[key].rows
        if not (leg.volume.any() or leg.pending.any() or leg.wanted.any()):
            del strategy.legs[key]
            desk.let_go(strategy)


def _go_on(desk: CopyDesk, strategy: Strategy) -> None:
    columns = strategy.investments
    states = columns.state[: strategy.rows]
    held = holding(strategy)
    states[(states == InvestmentState.FLAT) & held] = InvestmentState.OPEN
    states[(states == InvestmentState.OPEN) & ~held] = InvestmentState.FLAT
    for state in LEAVING if (states >= InvestmentState.STOPPING_OUT).any() else ():
        rows = np.flatnonzero((states == state) & ~held)
        if rows.size:
            _arrive(desk, strategy, rows, state)
    if strategy.command and strategy.status in (StrategyStatus.PAUSED, StrategyStatus.DISABLED) and not held.any():
        end_command(desk, strategy, strategy.command)
        strategy.command = 0
    if strategy.status == StrategyStatus.CLOSED and not strategy.closed_at:
        _close_own(desk, strategy)


def _arrive(desk: CopyDesk, strategy: Strategy, rows: Int64, state: InvestmentState) -> None:
    columns = strategy.investments
    then = InvestmentState(state + 1)
    if then == InvestmentState.CLOSED:
        paid = _pay_out(desk, strategy, rows)
        columns.closed_at[rows] = desk.now
    else:
        paid = columns.balance[rows]
    columns.state[rows] = then
    desk.tell(StatesChanged(strategy.number, then, 0, pack(columns.number[rows]), pack(paid)))
    for row in rows[columns.command[rows] != 0].tolist():
        end_command(desk, strategy, int(columns.command[row]))
    columns.command[rows] = 0


def _pay_out(desk: CopyDesk, strategy: Strategy, rows: Int64) -> Int64:
    """Settle the fees, make good what is below zero, and move everything to the wallets. Returns what each got."""
    columns = strategy.investments
    fees.settle(desk, strategy, rows, strategy.interval)
    _cover(desk, strategy, rows)
    paid = columns.balance[rows].copy()
    kept = np.flatnonzero(columns.drawdown[rows] > 0)
    for row in rows[kept].tolist():
        strategy.kept[int(columns.client[row])] = int(columns.drawdown[row])
    for row, amount in zip(rows.tolist(), paid.tolist(), strict=True):
        desk.investors.pop((int(columns.client[row]), strategy.number), None)
        fix_unit_price(strategy, row, amount, -amount)
        if amount:
            move(desk, strategy, row, -amount, int(columns.command[row]))
    return paid


def _cover(desk: CopyDesk, strategy: Strategy, rows: Int64) -> None:
    """Let the house pay for investments that a gap has taken below zero."""
    columns = strategy.investments
    below = rows[columns.balance[rows] < 0]
    if below.size == 0:
        return
    missing = -columns.balance[below]
    columns.balance[below] = 0
    postings = desk.post(
        "house/protection", f"investments/{strategy.number}", int(missing.sum()), strategy.currency,
        PostingKind.NEGATIVE_BALANCE,
    )  # fmt: skip
    desk.tell(DeficitCovered(strategy.number, pack(columns.number[below]), pack(missing), postings))


def move(desk: CopyDesk, strategy: Strategy, row: int, amount: Minor, command: int) -> None:
    """Move money from the wallet into an investment (`amount` above 0), or back: a deal of type balance, no result."""
    columns = strategy.investments
    wallet = desk.state.wallets[int(columns.wallet[row])]
    columns.balance[row] += amount
    columns.profit_base[row] += amount
    columns.base[row] = max(0, int(columns.base[row]) + amount)
    if amount > 0:
        columns.deposited[row] += amount
    else:
        columns.withdrawn[row] -= amount
    wallet.balance -= amount
    postings = desk.post(
        f"wallet/{wallet.number}", f"investments/{strategy.number}", amount, strategy.currency, PostingKind.TRANSFER
    )
    deal = desk.state.next_copy_deal
    desk.state.next_copy_deal += 1
    desk.watches.pop(strategy.number, None)
    desk.tell(
        InvestmentMoved(
            deal, issue_transfer(desk), int(columns.number[row]), strategy.number, wallet.number, amount,
            int(columns.balance[row]), wallet.balance, command, postings,
        )
    )  # fmt: skip


def unit_price_of(strategy: Strategy, row: int, equity: Minor) -> int:
    """Return a row's unit price at an equity: money in and out changes nothing in it, results do."""
    columns = strategy.investments
    base = int(columns.unit_equity[row])
    price = int(columns.unit_price[row])
    return div_half_even(price * max(equity, 0), base) if base > 0 else price


def fix_unit_price(strategy: Strategy, row: int, equity: Minor, amount: Minor) -> None:
    """Chain the yield over a movement of money: what was earned so far is kept, what comes counts on the new equity."""
    columns = strategy.investments
    columns.unit_price[row] = unit_price_of(strategy, row, equity)
    columns.unit_equity[row] = equity + amount


# The strategy as a whole.


def tell_strategy(desk: CopyDesk, strategy: Strategy) -> None:
    """Publish the strategy as it is; one that copies an account of this platform is synchronised with this batch."""
    desk.follow_need(strategy)
    desk.tell(StrategyChanged(strategy.number, strategy.name, strategy.status, strategy.need_sync, strategy.public_offer))


def _close_own(desk: CopyDesk, strategy: Strategy) -> None:
    """Close the trader's own investment after all others, and with it the strategy."""
    columns = strategy.investments
    others = columns.state[1 : strategy.rows]
    if (others != InvestmentState.CLOSED).any():
        return
    own = InvestmentState(int(columns.state[0]))
    if own == InvestmentState.CLOSED:
        _finish(desk, strategy)
    elif own != InvestmentState.CLOSING:
        leave(desk, strategy, np.zeros(1, dtype=np.int64), InvestmentState.CLOSING, Cause())


def _finish(desk: CopyDesk, strategy: Strategy) -> None:
    strategy.closed_at = desk.now
    fees.pay_commissions(desk, strategy)
    for number in strategy.offers:
        offer = desk.state.offers[number]
        offer.status = OfferStatus.CLOSED
        desk.tell(OfferChanged(number, strategy.number, offer.type, offer.status))
    strategy.need_sync = 0
    tell_strategy(desk, strategy)
    end_command(desk, strategy, strategy.command)
    strategy.command = 0
