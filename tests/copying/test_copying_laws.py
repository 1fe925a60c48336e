"""Laws of copy trading, for any investors, signals and prices (docs/trade/copying.md)."""

import os
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prorata.copying.engine import Engine
from prorata.copying.lifecycle import unit_price_of
from prorata.copying.values import equities, equity_of
from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, PutSymbol, Quotes
from prorata.messages.copy_commands import FundInvestment, Held, PauseInvestment, ResumeInvestment, SendSync, WithdrawInvestment
from prorata.messages.copy_terms import BelowMinimum, CopySpec, StreamSpec
from prorata.messages.events import Event, HedgeRequested
from prorata.projections.ledger import Ledger
from prorata.sim.copy_crowd import CopyCrowd
from prorata.sim.copy_oracle import check_copying
from prorata.sim.world import World
from prorata.units.numbers import VOLUME_PER_LOT, Moment, Volume
from prorata.units.rounding import share_out
from tests.trading.stories import MONDAY

from .desk import SYMBOLS, Desk, Terms, play, reloaded
from .plain import Investor, PlainBook
from .plain import Terms as PlainTerms

IN_CI = os.environ.get("CI") == "true"
bounded = settings(max_examples=60, derandomize=IN_CI, deadline=None, database=None, suppress_health_check=list(HealthCheck))

STEP = 10_000
TRADERS = 200_00
"""the trader's own investment; it trades like the others"""


class Signal(NamedTuple):
    symbol: str
    lot: Volume
    equity: int


class Price(NamedTuple):
    symbol: str
    bid: int
    ask: int


investors = st.lists(
    st.builds(
        Terms,
        money=st.integers(100_00, 20_000_00),
        factor=st.sampled_from((100, 100, 50, 7, 250, 1_000, -100, -33)),
        turnover=st.sampled_from((0, 10_00, 33_33)),
    ),
    min_size=1,
    max_size=7,
)
lots = st.one_of(
    st.just(0), st.integers(-300, 300).map(lambda cents: cents * VOLUME_PER_LOT // 100), st.integers(-(10**8), 10**8)
)
signals = st.builds(Signal, symbol=st.sampled_from(SYMBOLS), lot=lots, equity=st.integers(1_000_00, 50_000_00))
prices = st.builds(
    lambda symbol, bid, spread: Price(symbol, bid, bid + spread),
    st.sampled_from(SYMBOLS),
    st.integers(109_000, 112_000),
    st.integers(0, 30),
)
moves = st.lists(st.one_of(signals, signals, prices), max_size=25)
specs = st.builds(
    lambda step, least, below, leverage: CopySpec(
        company=1, investor_min=1, trader_min=TRADERS, volume_step=step, volume_min=step * least, below_minimum=below,
        leverage_max=leverage, a_book_percent=0, stop_out_ppm=0,
    ),
    st.sampled_from((1, 1_000, STEP, 1_000_000)), st.sampled_from((1, 1, 10)), st.sampled_from(list(BelowMinimum)),
    st.sampled_from((2, 50, 500)),
)  # fmt: skip


def opened(spec: CopySpec, people: list[Terms], order: list[int] | None = None, stream: StreamSpec | None = None) -> Desk:
    """Return a desk with quotes, on which people have invested in `order`."""
    desk = Desk(spec, stream)
    for symbol in SYMBOLS:
        desk.quote(symbol, 110_000, 110_010)
    for place in range(len(people)) if order is None else order:
        desk.invest(2 + place, people[place])
    return desk


@bounded
@given(spec=specs, people=investors, steps=moves)
def test_columns_give_every_investor_what_a_plain_loop_gives(
    spec: CopySpec, people: list[Terms], steps: list[Signal | Price]
) -> None:
    desk = opened(spec, people)
    terms = PlainTerms(spec.volume_step, spec.volume_min, spec.below_minimum == BelowMinimum.RAISE, spec.leverage_max)
    everybody = [Investor(TRADERS, 100, 0), *(Investor(one.money, one.factor, one.turnover) for one in people)]
    book = PlainBook(terms, everybody)
    book.quotes = dict.fromkeys(SYMBOLS, (110_000, 110_010))
    for step in steps:
        if isinstance(step, Price):
            book.quotes[step.symbol] = step.bid, step.ask
            if any(book.equity(one) <= 0 for one in everybody):
                return  # Who has nothing left is stopped out, of which the plain loop knows nothing.
            desk.quote(*step)
        elif isinstance(step, Signal):
            desk.signal(*step)
            book.signal(*step)
        _compare(desk, book)


def _compare(desk: Desk, book: PlainBook) -> None:
    strategy = desk.strategy
    for row, one in enumerate(book.investors):
        for symbol in SYMBOLS:
            head = strategy.legs.get(symbol)
            volume = int(head.rows.volume[row]) if head is not None else 0
            assert volume == one.volume(symbol)
            if head is not None:
                assert int(head.rows.cost[row]) == (one.held[symbol].cost if symbol in one.held else 0)
        assert int(strategy.investments.balance[row]) == one.balance
    assert equities(desk.engine.copy, strategy).tolist() == [book.equity(one) for one in book.investors]


@bounded
@given(spec=specs, people=investors, steps=moves, data=st.data())
def test_who_joined_first_gets_what_he_would_have_got_last(
    spec: CopySpec, people: list[Terms], steps: list[Signal | Price], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(people))))
    one, other = opened(spec, people), opened(spec, people, order)
    for step in steps:
        _play(one, step)
        _play(other, step)
        assert all(sorted(one.held(symbol).items()) == sorted(other.held(symbol).items()) for symbol in SYMBOLS)
    assert _balances(one) == _balances(other)


def _play(desk: Desk, step: Signal | Price) -> None:
    if isinstance(step, Signal):
        desk.signal(*step)
    else:
        desk.quote(*step)


def _balances(desk: Desk) -> dict[int, int]:
    columns = desk.strategy.investments
    return {int(columns.client[row]): int(columns.balance[row]) for row in range(desk.strategy.rows)}


@bounded
@given(
    people=investors, lot=st.integers(1, 200), parts=st.lists(st.integers(1, 999), min_size=1, max_size=4),
    lot_step=st.sampled_from((STEP, 1_000_000)),
)  # fmt: skip
def test_a_fill_is_shared_by_largest_remainder_of_what_is_missing(
    people: list[Terms], lot: int, parts: list[int], lot_step: Volume
) -> None:
    """In steps of 0.0001, ties to the lower investment, and in the end everybody has all of it."""
    spec = CopySpec(company=1, investor_min=1, trader_min=TRADERS, leverage_max=5_000, stop_out_ppm=0)
    stream = StreamSpec(id=1, name="lp", lot_step=lot_step)
    desk = opened(spec, [one._replace(factor=abs(one.factor)) for one in people], stream=stream)
    asked = [event for event in desk.signal("EURUSD", lot * 1_000_000, 10_000_00) if isinstance(event, HedgeRequested)]
    head = desk.strategy.legs["EURUSD"]
    rows = desk.strategy.rows
    missing = {row: int(head.rows.pending[row]) for row in range(rows)}
    wanted = {row: int(head.rows.wanted[row]) for row in range(rows)}
    for request in asked:
        left = request.volume
        for number, part in enumerate(parts):
            filled = left * part // 1_000 // lot_step * lot_step
            if not filled:
                continue
            total = sum(missing.values()) * filled // left // STEP * STEP
            expected = share_out(total // STEP, missing)
            before = {row: int(head.rows.volume[row]) for row in range(rows)}
            desk.do(HedgeFilled(request.order, f"x{number}", filled, 110_010 + number, False))
            for row in range(rows):
                assert int(head.rows.volume[row]) - before[row] == expected[row] * STEP
                missing[row] -= expected[row] * STEP
            left -= filled
        desk.do(HedgeFilled(request.order, "rest", left, 110_020, True))
    assert {row: int(head.rows.volume[row]) for row in range(rows)} == wanted
    check_copying(desk.engine.copy)


# Money in and out.

flow = st.tuples(st.sampled_from(("in", "out", "price")), st.integers(1, 2_000_00), st.integers(109_000, 112_000))
flows = st.lists(flow, max_size=20)


@bounded
@given(steps=flows, lot=st.integers(-50, 50))
def test_money_in_and_out_changes_nothing_in_the_price_of_a_unit(steps: list[tuple[str, int, int]], lot: int) -> None:
    spec = CopySpec(company=1, investor_min=1, trader_min=TRADERS, a_book_percent=0, stop_out_ppm=0)
    desk = opened(spec, [Terms(10_000_00)])
    desk.engine.copy.state.wallets[2].balance += 1_000_000_00
    for symbol in SYMBOLS:
        desk.quote(symbol, 110_000, 110_000)
    desk.signal("EURUSD", lot * 1_000_000, 10_000_00)
    for kind, amount, price in steps:
        before = _unit(desk)
        if kind == "price":
            desk.quote("EURUSD", price, price)
            continue
        if kind == "in":
            desk.do(FundInvestment(2, amount))
        elif equity_of(desk.engine.copy, desk.strategy, 1) > amount + 1_000_00:
            desk.do(PauseInvestment(2))
            before = _unit(desk)  # What floats is rounded down, what is realised to the nearest cent.
            desk.do(WithdrawInvestment(2, amount), ResumeInvestment(2))
            desk.do(SendSync(1, True, 10_000_00, (Held("EURUSD", lot * 1_000_000),)))
        assert _unit(desk) == before


def _unit(desk: Desk) -> int:
    return unit_price_of(desk.strategy, 1, equity_of(desk.engine.copy, desk.strategy, 1))


# A whole platform, with everything that traders, investors and a venue do.


class Life:
    """A platform under a seeded crowd. `journal`: every batch, with what came of it."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.world = World(self.rng)
        self.crowd = CopyCrowd(self.rng)
        self.engine = Engine()
        self.ledger = Ledger()
        self.now: Moment = MONDAY
        self.journal: list[tuple[Moment, list[Command], list[Event]]] = []
        self.asked: list[HedgeRequested] = []
        self.batch([PutSymbol(symbol) for symbol in self.world.symbols()])
        self.batch([Quotes(self.world.first_quotes())])
        self.batch(self.crowd.set_up())

    def batch(self, commands: list[Command]) -> None:
        events = play(self.engine, self.now, commands)
        self.journal.append((self.now, commands, events))
        self.ledger.post(events)
        self.asked += [event for event in events if isinstance(event, HedgeRequested)]

    def step(self) -> None:
        rng = self.rng
        self.now += rng.choice((0, 1, 500, 3_000, 60_000, 7_200_000))
        if self.asked and rng.random() < 0.7:
            self._answer(self.asked[0])
        elif rng.random() < 0.3:
            self.batch([Quotes(self.world.move())])
        else:
            asked = (self.crowd.next(self.engine) for _ in range(rng.choice((1, 1, 1, 3))))
            self.batch([command for command in asked if command is not None])

    def _answer(self, request: HedgeRequested) -> None:
        """Fill all, a part and no more, a part and more later, or nothing."""
        rng, left = self.rng, self.engine.copy.state.requests.get(request.order)
        if left is None:
            self.asked.pop(0)
            return
        quote = self.engine.desk.state.quotes[request.symbol]
        missing = abs(left.volume) - left.filled
        volume = missing if rng.random() < 0.5 else max(1, missing // 3)
        if rng.random() < 0.2:
            self.batch([HedgeEnded(request.order, "off quotes")])
        else:
            self.batch([HedgeFilled(request.order, f"x{self.now}-{missing}", volume, quote.ask, rng.random() < 0.3)])


@pytest.mark.parametrize("seed", range(6))
def test_a_life_replayed_or_continued_from_a_snapshot_comes_out_the_same(seed: int) -> None:
    life = Life(seed)
    for _ in range(250):
        life.step()
    check_copying(life.engine.copy)
    assert life.ledger.verify(life.engine.desk.state, life.engine.copy.state).balanced
    cut = life.rng.randrange(len(life.journal))
    again, continued = Engine(), Engine()
    for number, (now, commands, events) in enumerate(life.journal):
        if number == cut:
            continued = reloaded(again)
            assert continued.state_hash() == again.state_hash()
        assert play(again, now, commands) == events
        if number >= cut:
            assert play(continued, now, commands) == events
    assert again.state_hash() == continued.state_hash() == life.engine.state_hash()


def test_the_lives_meet_the_events_that_matter() -> None:
    """A law proves nothing about what never happens."""
    met: set[str] = set()
    for seed in range(6):
        life = Life(seed)
        for _ in range(250):
            life.step()
        met |= {type(event).__name__ for _, _, events in life.journal for event in events}
    assert met >= {
        "Copied", "VolumesTrimmed", "FillBooked", "FillRequestEnded", "VolumesRejected", "StatesChanged", "FeesCharged",
        "IntervalEnded", "InvestmentDays", "SwapsCharged", "WithdrawalReserved", "OfferChanged", "ProfileSet",
    }  # fmt: skip
