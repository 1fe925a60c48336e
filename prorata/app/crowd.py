"""The crowd of the demo: simulated traders who trade through the single writer, as clients would.

Seeded: the same seed on the same quotes wishes the same. What a trader wishes depends on what it holds and on its
temper; the reckless ones are the customers of the stop-out. Nothing here decides about money: wishes are commands,
and the engine answers them. So chance and rough floats are at home.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    CancelOrder,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OrderType,
    PlaceOrder,
    ReversePosition,
    Side,
)
from prorata.messages.events import Refused
from prorata.server.ports import JournalFull
from prorata.server.writer import Answer, Overloaded, Writer, WriterStopped
from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of
from prorata.trading.margin import notional_of
from prorata.trading.markets import hours_around
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import MINUTE_MS, VOLUME_PER_LOT, Login, Moment, Points, Volume

STEP_SECONDS = 0.05
WAITING_MAX = 1_000
"""While so many commands wait, the crowd holds back."""
FAVOURITES = {"EURUSD": 8, "GBPUSD": 5, "USDJPY": 5, "XAUUSD": 5, "BTCUSD": 4, "US500": 3, "GER40": 2, "ETHUSD": 2}
POOR_MINOR = 5_000
"""An account with less equity and nothing open gets a new deposit: the demo may run for days."""


class Temper(msgspec.Struct, frozen=True):
    """`appetite`: the share of what leverage allows that one trade takes; `held_max`: positions at a time;
    `patience`: how unlikely it is to close when asked; `careful`: how often it sets stops."""

    name: str
    appetite: float
    held_max: int
    patience: float
    careful: float


TEMPERS = (
    Temper("scalper", 0.03, 3, 0.3, 0.5),
    Temper("swing", 0.05, 5, 0.8, 0.9),
    Temper("hedger", 0.04, 8, 0.7, 0.3),
    Temper("reckless", 0.95, 4, 0.97, 0.05),
)


class Trader:
    """One account's owner."""

    def __init__(self, login: Login, seed: int) -> None:
        self.login = login
        self.chance = Random(f"{seed}/{login}")
        self.temper = self.chance.choices(TEMPERS, weights=(35, 30, 20, 15))[0]
        self.deposits = 0

    def wish(self, desk: Desk, symbols: Sequence[str]) -> Command | None:
        """Return the next command, None for nothing now. `symbols`: those that are open and quoted."""
        account = desk.state.accounts[self.login]
        chance = self.chance.random()
        if not account.positions and not account.orders and equity_of(desk, account) < POOR_MINOR:
            return self._deposit(account)
        pending = [order for order in account.orders.values() if order.state == OrderState.PENDING]
        held = [position for position in account.positions.values() if position.symbol in symbols and not position.in_flight]
        if pending and chance < 0.15:
            return self._change_order(desk, account, self.chance.choice(pending))
        if held and chance < 0.35:
            return self._change_position(desk, account, self.chance.choice(held))
        if held and (len(held) >= self.temper.held_max or chance > self.temper.patience):
            return self._close(desk, account, held)
        if not symbols or len(account.positions) >= self.temper.held_max:
            return None
        return self._open(desk, account, symbols)

    def _deposit(self, account: Account) -> Command:
        self.deposits += 1
        amount = self.chance.randrange(50_000, 1_000_000, 5_000)
        once = f"top-up-{self.login}-{account.balance}-{self.deposits}"
        return BookBalance(self.login, BalanceKind.DEPOSIT, amount, once, "card payment")

    # Opening.

    def _open(self, desk: Desk, account: Account, symbols: Sequence[str]) -> Command | None:
        name = self.chance.choices(symbols, weights=[FAVOURITES.get(symbol, 1) for symbol in symbols])[0]
        terms = desk.groups[account.group].terms[name]
        volume = self._volume(desk, account, terms)
        if not volume:
            return None
        side = self.chance.choice((Side.BUY, Side.SELL))
        if self.chance.random() < 0.25:
            return self._pending(desk, terms, side, volume)
        price = terms.ask if side is Side.BUY else terms.bid
        stop_loss, take_profit, trailing = self._stops(terms, side, price)
        deviation = 20 * _step(terms) if self.chance.random() < 0.3 else -1
        return PlaceOrder(
            self.login, name, side, volume, price=price, deviation=deviation, stop_loss=stop_loss, take_profit=take_profit,
            trailing=trailing,
        )  # fmt: skip

    def _volume(self, desk: Desk, account: Account, terms: Terms) -> Volume:
        """Return a volume for the appetite; 0 if the purse is too small or a rate is missing."""
        if not terms.has_rates():
            return 0
        per_lot = max(1, notional_of(terms, VOLUME_PER_LOT, terms.ask))
        purse = equity_of(desk, account) - account.margin
        leverage = min(account.leverage, terms.leverage_max or account.leverage)
        lots = purse * leverage * self.temper.appetite * self.chance.uniform(0.3, 1.0) / per_lot
        volume = int(min(lots * VOLUME_PER_LOT, terms.volume_max)) // terms.volume_step * terms.volume_step
        return volume if volume >= terms.volume_min else 0

    def _pending(self, desk: Desk, terms: Terms, side: Side, volume: Volume) -> Command:
        kind = self.chance.choice((OrderType.LIMIT, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT))
        up = 1 if (side is Side.BUY) == (kind is not OrderType.LIMIT) else -1
        market = terms.ask if side is Side.BUY else terms.bid
        price = _ticked(terms, market + up * self._distance(terms))
        limit_price = 0
        if kind is OrderType.STOP_LIMIT:
            limit_price = _ticked(terms, price - up * self._distance(terms) // 4)
        stop_loss, take_profit, trailing = self._stops(terms, side, limit_price or price)
        minutes = self.chance.choice((0, 5, 30, 240))
        expires_at = desk.now + minutes * MINUTE_MS if minutes else 0
        return PlaceOrder(
            self.login, terms.name, side, volume, kind, price, limit_price, stop_loss=stop_loss, take_profit=take_profit,
            trailing=trailing, expires_at=expires_at,
        )  # fmt: skip

    def _stops(self, terms: Terms, side: Side, price: Points) -> tuple[Points, Points, Points]:
        """Return stop loss, take profit, trailing distance; 0 for what the trader leaves out."""
        if self.chance.random() > self.temper.careful:
            return 0, 0, 0
        up = 1 if side is Side.BUY else -1
        distance = self._distance(terms)
        trailing = distance if self.chance.random() < 0.2 else 0
        return _ticked(terms, price - up * distance), _ticked(terms, price + up * 2 * distance), trailing

    def _distance(self, terms: Terms) -> Points:
        """Return a distance that a price goes in minutes, well beyond the stop level."""
        reach = terms.ask * self.chance.uniform(0.0003, 0.003)
        return max(int(reach), 3 * terms.stop_level + 3 * (terms.ask - terms.bid), 2 * terms.tick_size)

    # Changing and closing.

    def _change_order(self, desk: Desk, account: Account, order: Order) -> Command:
        terms = desk.terms_of(account, order.symbol)
        if order.type is not OrderType.LIMIT or self.chance.random() < 0.4:
            return CancelOrder(self.login, order.ticket)
        up = -1 if order.side is Side.BUY else 1
        market = terms.ask if order.side is Side.BUY else terms.bid
        price = _ticked(terms, market + up * self._distance(terms))
        return ModifyOrder(self.login, order.ticket, price, expires_at=order.expires_at)

    def _change_position(self, desk: Desk, account: Account, position: Position) -> Command:
        terms = desk.terms_of(account, position.symbol)
        up = 1 if position.side is Side.BUY else -1
        price = terms.bid if position.side is Side.BUY else terms.ask
        stop_loss = _ticked(terms, price - up * self._distance(terms))
        take_profit = _ticked(terms, price + up * 2 * self._distance(terms))
        trailing = self._distance(terms) if self.chance.random() < 0.3 else 0
        return ModifyPosition(self.login, position.ticket, stop_loss, take_profit, trailing)

    def _close(self, desk: Desk, account: Account, held: Sequence[Position]) -> Command:
        position = self.chance.choice(held)
        chance = self.chance.random()
        if chance < 0.03:
            return CloseAll(self.login)
        if chance < 0.08:
            return ReversePosition(self.login, position.ticket)
        opposite = next((other for other in held if other.symbol == position.symbol and other.side != position.side), None)
        if opposite is not None and chance < 0.5:
            return CloseBy(self.login, position.ticket, opposite.ticket)
        terms = desk.terms_of(account, position.symbol)
        half = position.volume // 2 // terms.volume_step * terms.volume_step
        return ClosePosition(self.login, position.ticket, half if half >= terms.volume_min and chance < 0.7 else 0)


def _step(terms: Terms) -> Points:
    return max(terms.tick_size, terms.ask - terms.bid)


def _ticked(terms: Terms, price: float) -> Points:
    return max(1, int(price) // terms.tick_size) * terms.tick_size


class Crowd:
    """All traders. `wished`: commands sent; `refused`: by refusal."""

    def __init__(self, writer: Writer, logins: Sequence[Login], *, seed: int, rate: float, now: Callable[[], Moment]) -> None:
        self.wished = 0
        self.answered = 0
        self.refused: Counter[str] = Counter()
        self._writer = writer
        self._traders = [Trader(login, seed) for login in logins]
        self._chance = Random(seed)
        self._rate = rate
        self._now = now
        self._symbols: list[str] = []
        self._symbols_until = 0.0

    async def run(self) -> None:
        """Trade for ever, `rate` wishes a second in the mean."""
        loop = asyncio.get_running_loop()
        due, last = 0.0, loop.time()
        while True:
            await asyncio.sleep(STEP_SECONDS)
            now = loop.time()
            due = min(due + (now - last) * self._rate, self._rate + 1)
            last = now
            while due >= 1:
                due -= 1
                self._let_one_wish(now)

    def _let_one_wish(self, now: float) -> None:
        if self._writer.waiting > WAITING_MAX:
            return
        trader = self._chance.choice(self._traders)
        command = trader.wish(self._writer.engine.desk, self._tradable(now))
        if command is None:
            return
        try:
            answer = self._writer.submit_nowait(command, caller=f"crowd:{trader.login}")
        except (WriterStopped, Overloaded):
            return
        self.wished += 1
        answer.add_done_callback(self._note)

    def _tradable(self, now: float) -> Sequence[str]:
        """Return the symbols that are quoted and open; looked up once a second."""
        if now >= self._symbols_until:
            self._symbols_until = now + 1.0
            state, moment = self._writer.engine.desk.state, self._now()
            self._symbols = [
                name for name, quote in state.quotes.items() if quote.bid and hours_around(state.symbols[name], moment)[0]
            ]
        return self._symbols

    def _note(self, future: "asyncio.Future[Answer]") -> None:
        if future.cancelled() or isinstance(future.exception(), JournalFull | WriterStopped):
            return
        self.answered += 1
        events = future.result().events
        if events and isinstance(events[0], Refused):
            self.refused[events[0].code.name] += 1
