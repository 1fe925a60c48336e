"""What wallets hold, and what the investments that they have paid for are worth: reads of the engine's memory."""

from collections.abc import Collection

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy, Wallet
from prorata.messages.copy_terms import InvestmentState, StrategyStatus
from prorata.units.numbers import Minor, Moment
from prorata.views.copying.figures import InvestmentList

NEW, ACTIVE = 0, 1


class WalletFigures(msgspec.Struct, frozen=True, gc=False):
    """One wallet, in minor units of its currency."""

    number: int
    client: int
    company: int
    currency: str
    opened_at: Moment
    test: bool
    status: int
    """0 new: it holds nothing and has paid for nothing; 1 active"""
    balance: Minor
    """free money, the bonus included"""
    bonus: Minor
    reserved: Minor
    """on its way out: not in `balance`"""
    invested: Minor
    """sum of the equities of its investments"""
    margin: Minor
    interval_pnl: Minor
    """sum of the results of their current intervals, before fees"""
    total_profit: Minor
    """sum of the profits of all its investments, the closed ones, too"""
    active_strategies: int
    """its strategies that are not closed"""


_SUMS = ("equity", "margin", "interval_gross")


def wallet_figures(copy: CopyDesk, wallet: Wallet) -> WalletFigures:
    """Return the figures of one wallet."""
    return wallets_figures(copy, [wallet])[0]


def wallets_figures(copy: CopyDesk, wallets: Collection[Wallet]) -> list[WalletFigures]:
    """Return the figures of wallets, in their order: one pass over their investments, however many there are."""
    numbers = [number for wallet in wallets for number in copy.investments_of.get(wallet.number, ())]
    every = InvestmentList.of_numbers(copy, numbers)
    profits = every.sums_by("wallet", ("total_profit",))
    sums = every.where(every["state"] != InvestmentState.CLOSED).sums_by("wallet", _SUMS)
    strategies = active_strategies(copy)
    found: list[WalletFigures] = []
    for wallet in wallets:
        invested, margin, interval = sums.get(wallet.number, (0, 0, 0))
        (profit,) = profits.get(wallet.number, (0,))
        status = ACTIVE if is_used(copy, wallet) else NEW
        found.append(
            WalletFigures(
                wallet.number, wallet.client, wallet.company, wallet.currency, wallet.opened_at, wallet.test, status,
                wallet.balance, wallet.bonus, wallet.reserved, invested, margin, interval, profit,
                len(strategies.get(wallet.number, ())),
            )
        )  # fmt: skip
    return found


def is_used(copy: CopyDesk, wallet: Wallet) -> bool:
    """Say whether a wallet holds money, or has paid for an investment."""
    return bool(wallet.balance or wallet.reserved) or wallet.number in copy.investments_of


def active_strategies(copy: CopyDesk) -> dict[int, list[Strategy]]:
    """Return the strategies that are not closed, by wallet."""
    found: dict[int, list[Strategy]] = {}
    for strategy in copy.state.strategies.values():
        if strategy.status != StrategyStatus.CLOSED:
            found.setdefault(strategy.wallet, []).append(strategy)
    return found
