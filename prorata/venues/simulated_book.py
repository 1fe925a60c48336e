"""How a simulated venue executes: slowly, in parts, twice, wrongly or not at all, as its faults say.

Pure: time comes with each call and chance from the `random.Random` that is handed in, so one seed gives
one history. The book keeps what we hold at the venue independently of our own hedge book; that is what
makes a break real. The connection, which loses orders and answers, is in `simulated_line`.
"""

import heapq
import itertools
from collections.abc import Callable
from random import Random
from typing import Annotated, NamedTuple

import msgspec

from prorata.messages.commands import HedgeEnded, HedgeFilled, Quote, Side, VenuePosition, VenuePositions
from prorata.messages.events import HedgeRequested
from prorata.server.ports import VenueAnswer
from prorata.units.numbers import PPM, Moment, Points, Ticket, Volume

QuoteSource = Callable[[str], Quote | None]

Chance = Annotated[int, msgspec.Meta(ge=0, le=PPM)]
"""How often something goes wrong, in ppm."""
Milliseconds = Annotated[int, msgspec.Meta(ge=0)]

ORDERS_REMEMBERED = 100_000
"""Finished orders beyond this number are forgotten, oldest first: `find` then says that they never arrived."""


class Faults(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """What can go wrong, and how often. The default is a venue that fills everything at the quote at once."""

    latency_min_ms: Milliseconds = 0
    latency_max_ms: Milliseconds = 0
    """from arrival to the first answer, and from each answer to the next"""
    silence: Chance = 0
    """says nothing for `silence_ms` more before its first answer"""
    silence_ms: Milliseconds = 60_000
    reject: Chance = 0
    reject_reasons: tuple[str, ...] = ("no liquidity", "credit limit", "off market", "unknown symbol")
    split: Chance = 0
    """fills in 2 to `pieces_max` parts"""
    pieces_max: Annotated[int, msgspec.Meta(ge=2)] = 4
    cut_short: Chance = 0
    """fills only a part and cancels the rest"""
    repeat: Chance = 0
    """gives an answer once again, up to `repeat_after_max_ms` later"""
    repeat_after_max_ms: Milliseconds = 5_000
    slippage_max: Annotated[Points, msgspec.Meta(ge=0)] = 0
    improvement_max: Annotated[Points, msgspec.Meta(ge=0)] = 0
    """prices are uniform from this much better to `slippage_max` worse than the quote"""
    unheard: Chance = 0
    """executes the last part but never says so, not even when asked, and reports the order as cancelled"""
    overfill: Chance = 0
    """reports more volume in the last part than was ordered; its book holds the true one"""
    lost_before: Chance = 0
    """the connection breaks while an order is sent, before it has arrived"""
    lost_after: Chance = 0
    """the same, after the order has arrived"""
    lost_answer: Chance = 0
    """the connection breaks while an answer is given; the answer is lost"""
    away_min_ms: Milliseconds = 100
    away_max_ms: Milliseconds = 2_000
    """how long a broken connection stays away"""

    def __post_init__(self) -> None:
        if self.latency_min_ms > self.latency_max_ms or self.away_min_ms > self.away_max_ms:
            raise ValueError("a least time above the greatest")
        if not self.reject_reasons:
            raise ValueError("no reason to reject with")


class _Fill(NamedTuple):
    volume: Volume
    told: Volume
    """the volume that is reported; 0: the fill is never heard of"""
    last: bool


class _End(NamedTuple):
    reason: str


class _Again(NamedTuple):
    answer: VenueAnswer


_Step = _Fill | _End | _Again


class _Taken:
    """An order that has arrived."""

    __slots__ = ("answers", "over", "request")

    def __init__(self, request: HedgeRequested) -> None:
        self.request = request
        self.answers: list[VenueAnswer] = []
        self.over = False


class SimulatedBook:
    """The orders that have arrived at one venue, what will become of them, and what we hold there."""

    def __init__(self, name: str, *, quote: QuoteSource, faults: Faults, rng: Random) -> None:
        self.name = name
        self._quote = quote
        self._faults = faults
        self._rng = rng
        self._orders: dict[Ticket, _Taken] = {}
        self._held: dict[str, Volume] = {}
        self._due: list[tuple[Moment, int, _Taken, _Step]] = []
        self._steps = 0
        self._executions = 0

    def take(self, request: HedgeRequested, now: Moment) -> None:
        """Accept an order and decide its fate. The same order id is executed once, whatever is sent under it."""
        if request.order in self._orders:
            return
        taken = self._orders[request.order] = _Taken(request)
        self._forget_oldest()
        at = now + self._latency()
        if self._happens(self._faults.silence):
            at += self._faults.silence_ms
        for step in self._fate(request.volume):
            self._schedule(at, taken, step)
            at += self._latency()

    def advance(self, now: Moment) -> list[tuple[Moment, VenueAnswer]]:
        """Execute what is due up to `now`; return the answers given, each with its time, in order.

        Fills are at the quote of the moment of this call: the market has moved while the venue was slow.
        """
        given: list[tuple[Moment, VenueAnswer]] = []
        while self._due and self._due[0][0] <= now:
            at, _, taken, step = heapq.heappop(self._due)
            answer = self._execute(taken, step)
            if answer is None:
                continue
            given.append((at, answer))
            if not isinstance(step, _Again) and self._happens(self._faults.repeat):
                later = at + self._rng.randint(0, self._faults.repeat_after_max_ms)
                self._schedule(later, taken, _Again(answer))
        return given

    def next_at(self) -> Moment | None:
        """Return when `advance` will next have something to do; None if nothing is scheduled."""
        return self._due[0][0] if self._due else None

    def find(self, order: Ticket) -> list[VenueAnswer] | None:
        """Return the answers given for `order` so far, each once; None if it never arrived."""
        taken = self._orders.get(order)
        return None if taken is None else list(taken.answers)

    def positions(self) -> VenuePositions:
        """Return what we hold, by symbol, flat symbols left out."""
        held = tuple(VenuePosition(symbol, volume) for symbol, volume in sorted(self._held.items()) if volume)
        return VenuePositions(self.name, held)

    def move(self, symbol: str, volume: Volume) -> None:
        """Change what we hold by `volume` (signed), as when somebody at the venue books by hand."""
        self._held[symbol] = self._held.get(symbol, 0) + volume

    def _fate(self, volume: Volume) -> list[_Step]:
        faults = self._faults
        if self._happens(faults.reject):
            return [_End(self._rng.choice(faults.reject_reasons))]
        cut = volume > 1 and self._happens(faults.cut_short)
        *first, final = self._pieces(self._rng.randint(1, volume - 1) if cut else volume)
        steps: list[_Step] = [_Fill(piece, piece, last=False) for piece in first]
        if self._happens(faults.unheard):
            return [*steps, _Fill(final, 0, last=False), _End("cancelled")]
        if self._happens(faults.overfill):
            return [*steps, _Fill(final, final + volume, last=True)]
        # What was cut off is cancelled either with the last fill or by an answer of its own.
        if cut and self._rng.randrange(2):
            return [*steps, _Fill(final, final, last=False), _End("rest cancelled")]
        return [*steps, _Fill(final, final, last=True)]

    def _pieces(self, volume: Volume) -> list[Volume]:
        if volume == 1 or not self._happens(self._faults.split):
            return [volume]
        count = min(self._rng.randint(2, self._faults.pieces_max), volume)
        cuts = [0, *sorted(self._rng.sample(range(1, volume), count - 1)), volume]
        return [upper - lower for lower, upper in itertools.pairwise(cuts)]

    def _execute(self, taken: _Taken, step: _Step) -> VenueAnswer | None:
        match step:
            case _Again(answer):
                return answer
            case _End(reason):
                return self._end(taken, reason)
            case _Fill():
                return self._fill(taken, step)

    def _fill(self, taken: _Taken, fill: _Fill) -> VenueAnswer | None:
        request = taken.request
        quote = self._quote(request.symbol)
        if quote is None:
            return self._end(taken, "no price")
        if taken.over:
            return None
        self.move(request.symbol, fill.volume if request.side is Side.BUY else -fill.volume)
        self._executions += 1
        if fill.told == 0:
            return None
        execution = f"{self.name}-{self._executions}"
        answer = HedgeFilled(request.order, execution, fill.told, self._price(quote, request.side), fill.last)
        taken.answers.append(answer)
        taken.over = fill.last
        return answer

    def _end(self, taken: _Taken, reason: str) -> VenueAnswer | None:
        if taken.over:
            return None
        answer = HedgeEnded(taken.request.order, reason)
        taken.answers.append(answer)
        taken.over = True
        return answer

    def _price(self, quote: Quote, side: Side) -> Points:
        worse = self._rng.randint(-self._faults.improvement_max, self._faults.slippage_max)
        return quote.ask + worse if side is Side.BUY else quote.bid - worse

    def _schedule(self, at: Moment, taken: _Taken, step: _Step) -> None:
        # The running number keeps steps of one moment in the order in which they were planned.
        self._steps += 1
        heapq.heappush(self._due, (at, self._steps, taken, step))

    def _forget_oldest(self) -> None:
        if len(self._orders) <= ORDERS_REMEMBERED:
            return
        oldest = next(iter(self._orders))
        if self._orders[oldest].over:
            del self._orders[oldest]

    def _latency(self) -> int:
        return self._rng.randint(self._faults.latency_min_ms, self._faults.latency_max_ms)

    def _happens(self, chance: Chance) -> bool:
        return chance > 0 and self._rng.randrange(PPM) < chance
