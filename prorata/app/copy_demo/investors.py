"""The investors of the demo: they join, add, change their minds, pause, take money out, and leave.

What one does depends on the state of its investment; those who were stopped by a limit begin again or go away.
"""

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from prorata.app.copy_demo.asking import Asking
from prorata.app.copy_demo.characters import Character
from prorata.app.copy_demo.opening import investment_of
from prorata.copying.desk import CopyDesk
from prorata.copying.investments import withdrawable
from prorata.copying.state import Strategy
from prorata.messages.commands import Command
from prorata.messages.copy_commands import (
    BookWallet,
    CloseInvestment,
    FundInvestment,
    PauseInvestment,
    ResumeInvestment,
    SetProfile,
    WithdrawInvestment,
)
from prorata.messages.copy_terms import InvestmentState, StrategyStatus, TransferType
from prorata.units.numbers import Minor

STEP_SECONDS = 0.2
LEAST_PURSE = 500_00
COPYING = (InvestmentState.FLAT, InvestmentState.OPEN)
WAITING = (InvestmentState.STOPPED_OUT, InvestmentState.PROTECTED, InvestmentState.TARGET_TAKEN, InvestmentState.PAUSED)

Open = Callable[[], Sequence[tuple[Character, Strategy]]]
"""Gives the strategies that one can invest in now, each with its character."""


class Investors:
    """All of them. `rate`: wishes a second in the mean."""

    def __init__(self, asking: Asking, wallets: Sequence[int], open_: Open, *, seed: int, rate: float) -> None:
        self._asking = asking
        self._wallets = wallets
        self._open = open_
        self._chance = Random(f"{seed}/investors")
        self._rate = rate

    async def run(self) -> None:
        """Go on for ever."""
        due = 0.0
        while True:
            await asyncio.sleep(STEP_SECONDS)
            due = min(due + STEP_SECONDS * self._rate, self._rate + 1)
            while due >= 1:
                due -= 1
                self._let_one_wish()

    def _let_one_wish(self) -> None:
        if not self._wallets or self._asking.is_busy:
            return
        command = self._wish(self._asking.writer.engine.copy, self._chance.choice(self._wallets))
        if command is not None:
            self._asking.ask(command)

    def _wish(self, copy: CopyDesk, wallet: int) -> Command | None:
        for number in copy.investments_of.get(wallet, ()):
            found = copy.find_investment(number)
            assert found is not None
            strategy, row = found
            state = strategy.investments.state[row]
            if state in COPYING and strategy.status == StrategyStatus.ACTIVE:
                return self._while_copying(copy.state.wallets[wallet].balance, strategy, row, number)
            if state in WAITING:
                return self._while_waiting(copy, strategy, row, number)
            if state != InvestmentState.CLOSED:
                return None  # Something is under way.
        return self._join(copy, wallet)

    def _join(self, copy: CopyDesk, wallet: int) -> Command | None:
        purse = copy.state.wallets[wallet].balance
        if purse < LEAST_PURSE:
            once = f"again-{purse}-{len(copy.investments_of.get(wallet, ()))}"
            amount = self._chance.randrange(1_000_00, 20_000_00, 100_00)
            return BookWallet(wallet, TransferType.FUND, amount, once, "card payment")
        return investment_of(copy, wallet, self._open(), self._chance)

    def _while_copying(self, purse: Minor, strategy: Strategy, row: int, number: int) -> Command | None:
        chance = self._chance.random()
        if chance < 0.25 and purse >= 100_00:
            return FundInvestment(number, purse * self._chance.randrange(20, 60) // 100)
        if chance < 0.4:
            side = -1 if strategy.investments.factor[row] < 0 else 1
            factor = side * self._chance.choice((50, 100, 150, 200))
            protection, target = self._chance.choice((None, 0, 700_000, 900_000)), self._chance.choice((None, 200_000))
            return SetProfile(number, factor, protection, target)
        if chance < 0.5:
            return PauseInvestment(number)
        return CloseInvestment(number) if chance < 0.58 else None

    def _while_waiting(self, copy: CopyDesk, strategy: Strategy, row: int, number: int) -> Command | None:
        chance = self._chance.random()
        at_a_limit = strategy.investments.state[row] in (InvestmentState.PROTECTED, InvestmentState.TARGET_TAKEN)
        if at_a_limit and chance < 0.4:
            # Both limits become shares of what there is now; after that it can be resumed.
            return SetProfile(number, None, self._chance.choice((0, 700_000, 900_000)), self._chance.choice((0, 300_000)))
        if chance < 0.65:
            return ResumeInvestment(number)
        if chance < 0.8:
            spare = withdrawable(copy, strategy, row)
            return WithdrawInvestment(number, spare * self._chance.randrange(20, 80) // 100) if spare >= 100_00 else None
        return CloseInvestment(number)
