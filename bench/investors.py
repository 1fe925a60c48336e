"""Copy trading in process: one signal to many investments, and quotes while they hold.

A signal takes the road of a live one. The request is a batch, one row and one fsync in a SQLite journal, then applied;
what it asks of the venue is answered at once by a second durable batch, whose fills become the deals of all investments.
When the clock stops, every deal is booked in memory and can be asked for; its events are encoded and hashed. They go into
the outbox with the next batch, as the server's do: that batch is measured beside it, and its CPU time is the signal's.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import msgspec

from bench import world
from prorata.copying.columns import count_of
from prorata.copying.engine import Engine
from prorata.copying.state import Strategy
from prorata.copying.values import equities, margins
from prorata.messages.batch import Submission, encode
from prorata.messages.commands import Command, HedgeFilled, PutSymbol, Quote, Quotes, Tick
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    Invest,
    OpenStrategy,
    OpenWallet,
    PutCopySpec,
    PutStream,
    SendSignal,
    SendSync,
)
from prorata.messages.copy_events import Copied
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event, Refused
from prorata.messages.groups import Commission, CommissionType
from prorata.server.machine import Machine, batch_of
from prorata.server.ports import Record
from prorata.storage.chain import hash_after
from prorata.storage.journals import open_journal
from prorata.units.numbers import VOLUME_PER_LOT, Minor, Volume

SYMBOLS = ("EURUSD", "GBPUSD", "USDJPY")
SOURCE_EQUITY: Minor = 10_000_00
LOTS = tuple(VOLUME_PER_LOT * cents // 100 for cents in (30, 40, 20, -10, 0))
"""What the source holds after each signal: opened, enlarged, reduced, turned, closed."""
SPEC = CopySpec(company=1, investor_min=1, trader_min=1, leverage_max=50, commission=Commission(CommissionType.PER_LOT, 250))
COMMISSION_PER_MILLION: Minor = 20_00
TRADER = 1
CHUNK = 1_300
"""investors that join in one batch, by three commands each"""


class Signalled(msgspec.Struct, frozen=True, order=True):
    """What one signal took: real seconds, and until its events were in the outbox, CPU seconds; the deals that it became."""

    seconds: float
    seconds_to_outbox: float
    cpu_seconds: float
    deals: int


class Copying:
    """A platform with one strategy, on a journal in `folder`. Without A-book share no second batch is needed."""

    def __init__(self, folder: Path, *, a_book_percent: int = 100) -> None:
        self.machine = Machine()
        self._journal = open_journal(f"sqlite:///{folder}/journal.db", "bench")
        _, self._hash, self._epoch = self._journal.open()
        self._outbox: list[tuple[int, bytes]] = []
        self._chance = Random(7)
        for commands in (_market(), _broker(a_book_percent), (SendSync(1, False, SOURCE_EQUITY, ()),)):
            self.batch(commands)

    def close(self) -> None:
        self._journal.close()

    @property
    def strategy(self) -> Strategy:
        return self.machine.engine.copy.state.strategies[1]

    def batch(self, commands: Sequence[Command]) -> list[Event]:
        """Make commands durable, apply them, and return what happened."""
        batch = batch_of(self.machine, world.NOW, self._epoch, [Submission(command) for command in commands])
        body = encode(batch)
        self._hash = hash_after(self._hash, body)
        self._journal.append(Record(batch.number, body, self._hash), self._outbox)
        answers, events, encoded = self.machine.apply(batch)
        self._outbox = [(batch.number, encoded)]
        refused = [answer[0] for answer, _ in answers if answer and isinstance(answer[0], Refused)]
        assert not refused, refused[0]
        return events

    def grow(self, investments: int) -> None:
        """Let investors join until there are so many, and bring them in line with the source, which holds nothing."""
        while self.strategy.rows - 1 < investments:
            first = TRADER + self.strategy.rows
            joining = range(first, min(first + CHUNK, TRADER + 1 + investments))
            self.batch([command for wallet in joining for command in self._join(wallet)])
        self.batch([SendSync(1, False, SOURCE_EQUITY, ())])

    def _join(self, wallet: int) -> Iterator[Command]:
        money = 10_00 << self._chance.randrange(12)
        yield OpenWallet(wallet, 1)
        yield BookWallet(wallet, TransferType.FUND, money)
        yield Invest(
            wallet, 2, money, factor=self._chance.choice((50, 100, 100, 200)),
            protection_ppm=self._chance.choice((0, 700_000, 900_000)), target_ppm=self._chance.choice((0, 100_000, 500_000)),
        )  # fmt: skip

    def signal(self, lot: Volume, symbol: str = SYMBOLS[0]) -> int:
        """Copy one signal, fills of the venue included. Returns the number of deals."""
        events = self.batch([SendSignal(1, symbol, lot, SOURCE_EQUITY)])
        asked = fills(self.machine.engine)
        if asked:
            events += self.batch(asked)
        return sum(count_of(event.investments) for event in events if isinstance(event, Copied))

    def rest(self) -> None:
        """Write the next batch, which takes the events of the last one along."""
        self.batch([Tick()])


def measured(copy: Callable[[Volume], int], rounds: int, rest: Callable[[], None] = lambda: None) -> Signalled:
    """Return the median signal of `rounds` rounds that open, enlarge, reduce, turn and close, after one to warm up.

    `rest`: what a signal leaves to be done after it.
    """
    gc.collect()
    took: list[Signalled] = []
    for lot in LOTS * (1 + rounds):
        cpu, began = time.process_time(), time.perf_counter()
        deals = copy(lot)
        dealt = time.perf_counter()
        rest()
        took.append(Signalled(dealt - began, time.perf_counter() - began, time.process_time() - cpu, deals))
    return sorted(took[len(LOTS) :])[len(LOTS) * rounds // 2]


def _market() -> list[Command]:
    return [*(PutSymbol(spec) for spec in world.SYMBOLS), Quotes(world.first_quotes())]


def _broker(a_book_percent: int) -> list[Command]:
    spec = msgspec.structs.replace(SPEC, a_book_percent=a_book_percent)
    return [
        PutStream(StreamSpec(id=1, name="hedge")), PutCopySpec(spec), OpenWallet(TRADER, 1),
        BookWallet(TRADER, TransferType.FUND, SOURCE_EQUITY), OpenStrategy(TRADER, "Bench", SOURCE_EQUITY),
        AddOffer(1, 200_000, COMMISSION_PER_MILLION, "bench"),
    ]  # fmt: skip


def fills(engine: Engine) -> list[Command]:
    """Fill all that the venue is asked for, at the quote."""
    filled: list[Command] = []
    for request in engine.copy.state.requests.values():
        quote = engine.desk.state.quotes[request.symbol]
        price = quote.ask if request.volume > 0 else quote.bid
        filled.append(HedgeFilled(request.ticket, "1", abs(request.volume), price, last=True))
    return filled


# Quotes.


def holding(folder: Path, investments: int) -> Copying:
    """Return a platform whose investments hold all three symbols, together up to 50 times their money."""
    copying = Copying(folder)
    copying.grow(investments)
    for symbol in SYMBOLS:
        copying.signal(3 * LOTS[0], symbol)
    return copying


def walk(count: int, step_ppm: int) -> list[Quotes]:
    """Return single quotes of the three symbols, each by up to `step_ppm` of the price from the one before."""
    chance = Random(3)
    bids = {quote.symbol: quote.bid for quote in world.first_quotes() if quote.symbol in SYMBOLS}
    quotes = []
    for _ in range(count):
        name = chance.choice(SYMBOLS)
        widest = max(1, bids[name] * step_ppm // 1_000_000)
        bids[name] += chance.randrange(-widest, widest + 1)
        quotes.append(Quotes((Quote(name, bids[name], bids[name] + 12),)))
    return quotes


def quotes_a_second(copying: Copying, count: int, step_ppm: int) -> tuple[float, int]:
    """Return (quotes applied a CPU second, investments that left the market at a limit). The venue fills at once."""
    engine, left = copying.machine.engine, _left(copying.strategy)
    gc.collect()
    quotes = walk(count, step_ppm)
    began = time.process_time()
    for command in quotes:
        engine.apply(command, world.NOW)
        engine.finish()
        for fill in fills(engine):
            engine.apply(fill, world.NOW)
    return count / (time.process_time() - began), _left(copying.strategy) - left


def valued_a_second(copying: Copying, count: int) -> float:
    """The baseline: for each quote, equity and margin of every investment, by the same columns."""
    engine = copying.machine.engine
    quotes = walk(count, 30)
    began = time.process_time()
    for command in quotes:
        engine.trading.apply(command, world.NOW)
        equities(engine.copy, copying.strategy)
        margins(engine.copy, copying.strategy)
    return count / (time.process_time() - began)


def _left(strategy: Strategy) -> int:
    return int((strategy.investments.state[: strategy.rows] >= 4).sum())
