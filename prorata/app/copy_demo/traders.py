"""The traders at work: looks at prices become orders on their trading accounts, or signals.

All but one trade on an account of this platform, so that each of their deals is a signal. The one with a token sends
its signals itself, as a program of its own would, and answers when its strategy asks for a synchronisation.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from random import Random

from prorata.app.copy_demo.asking import Asking
from prorata.app.copy_demo.characters import Character, Sight
from prorata.app.copy_demo.opening import CALLER, SOURCE_DEPOSIT, login_of, open_strategy, strategy_named
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.copying.values import Price, equity_of, price_of
from prorata.messages.commands import BUY, BalanceKind, BookBalance, ClosePosition, Command, PlaceOrder, Side
from prorata.messages.copy_commands import CloseStrategy, Held, SendSignal, SendSync
from prorata.messages.copy_terms import ManageType, StrategyStatus
from prorata.server.ports import JournalFull
from prorata.server.writer import Overloaded, WriterStopped
from prorata.trading.equity import equity_of as account_equity
from prorata.trading.state import Account
from prorata.units.numbers import VOLUME_PER_LOT, Login, Minor, Moment, Volume

STEP_SECONDS = 0.25
LEAST_CHANGE = 0.1
"""How much of its appetite a change must be worth before a trader deals."""
RUINED: Minor = 15_000_00
"""A trader with less on its account gives up, or gets new money."""
REBORN_SECONDS = 30.0
CURRENCY = "USD"


class Trader:
    """One character, and what it has seen."""

    def __init__(self, character: Character, place: int, client: int, seed: int) -> None:
        self.character = character
        self.client = client
        self.login: Login = login_of(place)
        self.lives = 1
        self.due = 0.0
        self.closed_at: float | None = None
        self._chance = Random(f"{seed}/{character.name}")
        self._sights: dict[str, Sight] = {}

    @property
    def name(self) -> str:
        return self.character.name if self.lives == 1 else f"{self.character.name} {self.lives}"

    def remember(self, copy: CopyDesk) -> None:
        """Find out which life it is: an earlier run of the demo may have seen some."""
        while strategy_named(copy, f"{self.character.name} {self.lives + 1}") is not None:
            self.lives += 1

    def wish(self, copy: CopyDesk, strategy: Strategy, now: Moment) -> Command | None:
        """Return what the trader does next; None for nothing now."""
        account = copy.desk.state.accounts.get(self.login)
        if self.character.manage == ManageType.TOKEN:
            if strategy.need_sync:
                return self._sync(copy, strategy)
        elif account is None or account.balance < RUINED:
            return self._new_money(strategy, account)
        for symbol in self._symbols(copy, now):
            price = price_of(copy, symbol, CURRENCY)
            if price is None:
                continue
            sight = self._sights.setdefault(symbol, Sight())
            sight.see(float(price.middle))
            share = self.character.style(sight, self._chance)
            if abs(share - sight.held) >= LEAST_CHANGE or (share == 0) != (sight.held == 0):
                sight.take(share)
            command = self._toward(copy, strategy, account, symbol, price, sight)
            if command is not None:
                return command
        return None

    def _symbols(self, copy: CopyDesk, now: Moment) -> list[str]:
        """Return the character's symbols that are quoted and open; where none is quoted, the first that is."""
        markets = copy.desk.markets
        own = [name for name in self.character.symbols if name in markets and markets[name].quote.bid]
        if not own:
            own = [name for name, market in markets.items() if market.quote.bid][:1]
        opened = [name for name in own if markets[name].is_open(now)]
        self._chance.shuffle(opened)
        return opened

    def _new_money(self, strategy: Strategy, account: Account | None) -> Command | None:
        if self.character.mortal:
            return CloseStrategy(strategy.number)
        if account is None or account.positions:
            return None
        once = f"new-money-{account.balance}-{len(account.orders)}-{strategy.signals}"
        return BookBalance(self.login, BalanceKind.DEPOSIT, SOURCE_DEPOSIT, once, "new money")

    # From a share to a volume, and to a command.

    def _toward(
        self, copy: CopyDesk, strategy: Strategy, account: Account | None, symbol: str, price: Price, sight: Sight
    ) -> Command | None:
        """Return the command that brings what is held nearer to what is wanted."""
        if account is None or self.character.manage == ManageType.TOKEN:
            held = strategy.legs[symbol].lot if symbol in strategy.legs else 0
            equity = max(1, equity_of(copy, strategy, 0))
            wanted = self._volume(price, equity, sight.held)
            return SendSignal(strategy.number, symbol, wanted, equity) if self._is_worth(price, equity, wanted, held) else None
        positions = [position for position in account.positions.values() if position.symbol == symbol]
        if any(position.in_flight for position in positions):
            return None
        held = sum(position.volume if position.side is BUY else -position.volume for position in positions)
        equity = max(1, account_equity(copy.desk, account))
        wanted = self._volume(price, equity, sight.held)
        if not self._is_worth(price, equity, wanted, held):
            return None
        if positions and (wanted * held <= 0 or abs(wanted) < abs(held)):
            oldest = positions[0]
            return ClosePosition(self.login, oldest.ticket, min(oldest.volume, abs(held - wanted)))
        return PlaceOrder(self.login, symbol, Side.BUY if wanted > held else Side.SELL, abs(wanted - held))

    def _volume(self, price: Price, equity: Minor, share: float) -> Volume:
        numerator, denominator = price.value
        per_lot = max(1, VOLUME_PER_LOT * numerator // denominator)
        most = equity * self.character.appetite / len(self.character.symbols) / per_lot * VOLUME_PER_LOT
        spec = price.market.spec
        steps = int(min(abs(share) * most, spec.volume_max)) // spec.volume_step * spec.volume_step
        volume = steps if steps >= spec.volume_min else 0
        return volume if share > 0 else -volume

    def _is_worth(self, price: Price, equity: Minor, wanted: Volume, held: Volume) -> bool:
        """Say whether a change is large enough beside all that the trader might hold; getting out always is."""
        least = max(price.market.spec.volume_min, int(LEAST_CHANGE * abs(self._volume(price, equity, 1.0))))
        return wanted != held and (wanted == 0 or abs(wanted - held) >= least)

    def _sync(self, copy: CopyDesk, strategy: Strategy) -> Command:
        lines = tuple(Held(head.symbol, head.lot) for head in strategy.legs.values() if head.lot)
        return SendSync(strategy.number, strategy.need_sync == 1, max(1, equity_of(copy, strategy, 0)), lines)


class Traders:
    """All of them. `partner`: whose wallet gets the partner's part of those that have one."""

    def __init__(self, asking: Asking, traders: Sequence[Trader], *, partner: int, now: Callable[[], Moment]) -> None:
        self._asking = asking
        self._writer = asking.writer
        self._traders = traders
        self._partner = partner
        self._now = now

    async def open(self) -> None:
        """Open the strategies that are missing; one that has ended comes back later."""
        copy = self._writer.engine.copy
        for trader in self._traders:
            trader.remember(copy)
            strategy = strategy_named(copy, trader.name)
            if strategy is None or strategy.status != StrategyStatus.CLOSED:
                await self._open(trader)

    def number_of(self, trader: Trader) -> int:
        """Return the number of a trader's strategy."""
        strategy = strategy_named(self._writer.engine.copy, trader.name)
        assert strategy is not None
        return strategy.number

    async def _open(self, trader: Trader) -> None:
        await open_strategy(self._writer, trader.character, trader.name, trader.client, trader.login, self._partner)

    def strategies(self) -> list[tuple[Character, Strategy]]:
        """Return the strategies that go on."""
        copy = self._writer.engine.copy
        found = [(trader.character, strategy_named(copy, trader.name)) for trader in self._traders]
        return [(one, strategy) for one, strategy in found if strategy is not None and strategy.status == StrategyStatus.ACTIVE]

    async def run(self) -> None:
        """Trade for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(STEP_SECONDS)
            for trader in self._traders:
                if loop.time() >= trader.due and not self._asking.is_busy:
                    trader.due = loop.time() + trader.character.every
                    await self._let_trade(trader, loop.time())

    async def _let_trade(self, trader: Trader, at: float) -> None:
        copy = self._writer.engine.copy
        strategy = strategy_named(copy, trader.name)
        if strategy is None or strategy.status == StrategyStatus.CLOSED:
            with suppress(JournalFull, WriterStopped, Overloaded):  # Tried again at the next look.
                await self._begin_anew(trader, strategy, at)
        elif strategy.status == StrategyStatus.ACTIVE:
            command = trader.wish(copy, strategy, self._now())
            if command is not None:
                self._asking.ask(command)

    async def _begin_anew(self, trader: Trader, ended: Strategy | None, at: float) -> None:
        """Let one whose strategy has ended come back under the next name, after a while."""
        trader.closed_at = trader.closed_at or at
        if at - trader.closed_at < REBORN_SECONDS:
            return
        if ended is not None:
            trader.lives += 1
        money = BookBalance(trader.login, BalanceKind.DEPOSIT, SOURCE_DEPOSIT, f"life-{trader.lives}", "another life")
        await self._writer.submit(money, caller=CALLER)
        await self._open(trader)
        trader.closed_at = None
