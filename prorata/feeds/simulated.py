"""A seeded market: the default feed.

What moves is not the symbols but the factors behind them: each currency against the dollar, each
instrument in its own currency. Factors share common movers (the dollar, the appetite for risk, metals,
coins), so symbols are correlated, and a pair is the ratio of two factors, so EURUSD x USDJPY is EURJPY.

The market walks in steps of its own, a fixed number of milliseconds apart, so the same seed, start and
symbols give the same quotes however often it is asked. Symbols are quoted in their sessions only; while
they are closed their factors go on, slowly, which is the gap at the opening. Spreads widen at the rollover
(22:00 UTC), in thin hours, after an opening and after news, which also make a price jump.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Sequence

from prorata.feeds.defaults import Factor, MarketModel, SymbolModel, default_model
from prorata.feeds.hours import open_at
from prorata.feeds.pacing import MarketTime, WallClock
from prorata.messages.commands import Quote
from prorata.messages.symbols import SymbolSpec
from prorata.server.ports import Clock
from prorata.units.numbers import DAY_MS, MINUTE_MS, SECOND_MS, Moment, Points
from prorata.units.rounding import div_floor

COMMON_MOVERS = ("dollar", "risk", "metal", "crypto")

_YEAR_MS = 252 * DAY_MS
_HOUR_MS = 60 * MINUTE_MS
_REVERSION_MS = 60 * DAY_MS
"""In this time a factor is drawn back to where it began by two thirds: a demo may run for years."""
_LEAP_AFTER_S = 60.0
"""A feed that was not asked for so long (a laptop that slept) takes the way in one step."""

_CLOSED_VARIANCE = 0.05
_NEWS_A_DAY = 2.0
_NEWS_JUMP = 0.25
"""standard deviation of a jump, in daily movements of the factor"""
_OPENING_STRESS = 3.0
_STRESS_DECAY_MS = 45_000

_ACTIVITY = (
    0.7, 0.7, 0.6, 0.5, 0.5, 0.6, 0.8, 1.3, 1.5, 1.4, 1.2, 1.1,
    1.4, 1.8, 1.9, 1.7, 1.3, 1.0, 0.8, 0.7, 0.6, 0.4, 0.4, 0.6,
)  # fmt: skip
"""of each hour UTC, about 1 in the mean: ticks and variance"""
_WIDENING = (
    1.3, 1.2, 1.2, 1.2, 1.3, 1.2, 1.1, 1.0, 1.0, 1.0, 1.0, 1.0,
    1.0, 1.0, 1.0, 1.0, 1.0, 1.1, 1.1, 1.2, 1.4, 1.8, 2.0, 1.5,
)  # fmt: skip
"""of each hour UTC: the spread beside the typical one"""
_ROLLOVER_HOUR = 22
_ROLLOVER_WIDENING = 4.0
_ROLLOVER_REACH_MS = 10 * MINUTE_MS


class _Walk:
    """A factor on its way. `log`: the logarithm of its value. `stress`: how upset it is, decaying to 0."""

    __slots__ = ("anchor", "loads", "log", "own", "stress", "variance", "volatility")

    def __init__(self, factor: Factor) -> None:
        unknown = factor.loads.keys() - set(COMMON_MOVERS)
        assert not unknown, f"no such mover: {sorted(unknown)}"
        self.anchor = math.log(factor.value)
        self.log = self.anchor
        self.volatility = factor.volatility
        self.loads = tuple(factor.loads.get(mover, 0.0) for mover in COMMON_MOVERS)
        self.own = math.sqrt(1.0 - sum(load * load for load in self.loads))
        self.stress = 0.0
        self.variance = 1.0


class _Line:
    """A symbol as it is quoted. Prices are counted in ticks of `tick_size` points."""

    __slots__ = ("ask", "bid", "chance", "name", "over", "pace", "scale", "spread", "tick_size", "under", "widening")

    def __init__(self, spec: SymbolSpec, model: SymbolModel, over: _Walk, under: _Walk) -> None:
        self.name = spec.name
        self.tick_size = spec.tick_size
        self.scale = 10.0**spec.digits / spec.tick_size
        self.spread = model.spread / spec.tick_size
        self.pace = model.pace
        self.over = over
        self.under = under
        self.chance = 0.0
        self.widening = 1.0
        self.bid: Points = 0
        self.ask: Points = 0


class UnknownSymbol(ValueError):
    """The model does not say how this symbol moves."""


class Market:
    """The simulated market from the moment `at` on.

    Args:
        seed: another seed is another history.
        specs: the symbols to quote; each must be in `model`.
        at: when it begins.
        opening: quotes to go on from, such as the last ones before a restart. Those against the dollar set the
            factors; the other pairs follow.
        rate: quotes a second of market time in the mean of a week day, over all symbols. A symbol is quoted
            at most once a step, and only if its bid or ask has changed, so it may come to less.
        step_ms: the length of a step.

    Raises:
        UnknownSymbol: if a symbol is not in the model.
    """

    def __init__(
        self,
        seed: int,
        specs: Sequence[SymbolSpec],
        at: Moment,
        *,
        opening: Sequence[Quote] = (),
        model: MarketModel | None = None,
        rate: float = 50.0,
        step_ms: int = 100,
    ) -> None:
        assert step_ms > 0
        assert rate > 0
        model = model or default_model()
        self._random = random.Random(seed)
        self._specs = tuple(specs)
        self._at = at
        self._step_ms = step_ms
        self._rate = rate
        self._walks = {name: _Walk(factor) for name, factor in sorted(model.factors.items())}
        self._lines = [self._line(spec, model) for spec in self._specs]
        self._pace_sum = sum(line.pace for line in self._lines)
        self._continue_from(opening, model)
        self._is_open, self._edge = open_at(self._specs, at)
        self._open_lines: list[_Line] = []
        self._refresh_at = at
        self._refresh(at)

    def _line(self, spec: SymbolSpec, model: MarketModel) -> _Line:
        symbol = model.symbols.get(spec.name)
        if symbol is None:
            raise UnknownSymbol(f"the simulated market does not know how {spec.name} moves")
        return _Line(spec, symbol, self._walks[symbol.over], self._walks[symbol.under])

    def _continue_from(self, opening: Sequence[Quote], model: MarketModel) -> None:
        last = {quote.symbol: quote for quote in opening}
        for line in self._lines:
            quote, symbol = last.get(line.name), model.symbols[line.name]
            if quote is None or "USD" not in (symbol.over, symbol.under):
                continue
            value = math.log((quote.bid + quote.ask) / (2 * line.tick_size * line.scale))
            if symbol.under == "USD":
                line.over.log = value
            else:
                line.under.log = -value
        for line in self._lines:
            self._requote(line, line.spread)
            if line.name in last:
                line.bid, line.ask = last[line.name].bid, last[line.name].ask

    @property
    def due(self) -> Moment:
        """The moment of the next step. While every symbol is closed: when that may change."""
        return self._at + self._step_ms if self._open_lines else self._edge

    def snapshot(self) -> tuple[Quote, ...]:
        """Return the last quote of every symbol, closed ones too: what a feed sends when one connects."""
        return tuple(Quote(line.name, line.bid, line.ask) for line in self._lines)

    def step(self, now: Moment) -> tuple[Quote, ...]:
        """Return the quotes of all steps that fall due up to `now`, in the order they were made."""
        quotes: list[Quote] = []
        while (due := self.due) <= now:
            self._advance(due - self._at)
            self._quote(quotes)
        return tuple(quotes)

    def leap(self, now: Moment) -> tuple[Quote, ...]:
        """Go to `now` in one step, without the quotes on the way, and return the new snapshot."""
        self._advance(now - self._at)
        for line in self._open_lines:
            self._requote(line, line.spread * line.widening)
        return self.snapshot()

    def _advance(self, elapsed: int) -> None:
        self._at += elapsed
        self._move(elapsed)
        if self._at >= self._refresh_at:
            self._refresh(self._at)

    def _move(self, elapsed: int) -> None:
        """Move every factor by what `elapsed` milliseconds bring."""
        gauss = self._random.gauss
        dollar, risk, metal, crypto = gauss(0.0, 1.0), gauss(0.0, 1.0), gauss(0.0, 1.0), gauss(0.0, 1.0)
        root = math.sqrt(elapsed / _YEAR_MS)
        pull = min(elapsed / _REVERSION_MS, 1.0)
        calm = math.exp(-elapsed / _STRESS_DECAY_MS)
        for walk in self._walks.values():
            to_dollar, to_risk, to_metal, to_crypto = walk.loads
            shock = to_dollar * dollar + to_risk * risk + to_metal * metal + to_crypto * crypto + walk.own * gauss(0.0, 1.0)
            scale = walk.volatility * root * walk.variance * (1.0 + 0.5 * walk.stress)
            walk.log += scale * shock + pull * (walk.anchor - walk.log)
            walk.stress *= calm

    def _quote(self, quotes: list[Quote]) -> None:
        chance = self._random.random
        for line in self._open_lines:
            if chance() >= line.chance:
                continue
            bid, ask = line.bid, line.ask
            stress = line.over.stress + line.under.stress
            self._requote(line, line.spread * line.widening * (1.0 + stress) * (0.85 + 0.4 * chance()))
            if bid != line.bid or ask != line.ask:
                quotes.append(Quote(line.name, line.bid, line.ask))

    def _requote(self, line: _Line, spread: float) -> None:
        """Set bid and ask around the ratio of the factors, `spread` ticks apart, one at least."""
        middle = math.exp(line.over.log - line.under.log) * line.scale
        bid = max(1, round(middle - spread / 2))
        line.bid = bid * line.tick_size
        line.ask = (bid + max(1, round(spread))) * line.tick_size

    def _refresh(self, moment: Moment) -> None:
        """Bring up to date what changes with the minute: who is open, how lively it is, and the news."""
        was_open = self._is_open
        if moment >= self._edge:
            self._is_open, self._edge = open_at(self._specs, moment)
        self._refresh_at = min(self._edge, (div_floor(moment, MINUTE_MS) + 1) * MINUTE_MS)
        self._open_lines = [line for line, is_open in zip(self._lines, self._is_open, strict=True) if is_open]
        for line, before, after in zip(self._lines, was_open, self._is_open, strict=True):
            if after and not before:
                line.over.stress = max(line.over.stress, _OPENING_STRESS)
        self._set_liveliness(moment)
        self._bring_news()

    def _set_liveliness(self, moment: Moment) -> None:
        of_day = moment % DAY_MS
        activity = _ACTIVITY[div_floor(of_day, _HOUR_MS)]
        widening = _widening(of_day)
        for walk in self._walks.values():
            walk.variance = math.sqrt(_CLOSED_VARIANCE)
        quotes_a_step = self._rate * self._step_ms / SECOND_MS / self._pace_sum
        for line in self._open_lines:
            line.chance = 1.0 - math.exp(-quotes_a_step * line.pace * activity)
            line.widening = widening
            line.over.variance = line.under.variance = math.sqrt(activity)

    def _bring_news(self) -> None:
        """Once in a while upset a factor: it jumps, and is restless with wide spreads for a few minutes."""
        day = math.sqrt(DAY_MS / _YEAR_MS)
        for walk in self._walks.values():
            if self._random.random() < _NEWS_A_DAY * MINUTE_MS / DAY_MS * walk.variance:
                walk.log += walk.volatility * day * _NEWS_JUMP * self._random.gauss(0.0, 1.0)
                walk.stress = max(walk.stress, self._random.uniform(2.0, 6.0))


def _widening(of_day: int) -> float:
    """Return how much wider than typical spreads are at this millisecond of the day."""
    away = abs(of_day - _ROLLOVER_HOUR * _HOUR_MS)
    rollover = _ROLLOVER_WIDENING * max(0.0, 1.0 - away / _ROLLOVER_REACH_MS)
    return _WIDENING[div_floor(of_day, _HOUR_MS)] + rollover


class SimulatedFeed:
    """The simulated market in real time, or `speed` times as fast.

    `rate`: quotes a real second over all symbols. The first group is a snapshot with the last quote of every
    symbol, so that closed ones can be valued. `now` is the market's time, and may serve as the platform's clock.
    """

    def __init__(
        self,
        seed: int,
        specs: Sequence[SymbolSpec],
        *,
        at: Moment | None = None,
        opening: Sequence[Quote] = (),
        rate: float = 50.0,
        speed: float = 1.0,
        clock: Clock | None = None,
    ) -> None:
        assert specs
        clock = clock or WallClock()
        at = clock.now() if at is None else at
        # A third of the symbols a step, so that most symbols due are quoted and not merged with their next quote.
        self._interval = min(0.1, max(0.001, len(specs) / (3 * rate)))
        step_ms = max(1, round(self._interval * SECOND_MS * speed))
        self._market = Market(seed, specs, at, opening=opening, rate=rate / speed, step_ms=step_ms)
        self._time = MarketTime(at, speed, clock)

    def now(self) -> Moment:
        return self._time.now()

    async def quotes(self) -> AsyncIterator[tuple[Quote, ...]]:
        """Yield the snapshot, then what has been quoted since the last group, for ever."""
        yield self._market.snapshot()
        while True:
            await asyncio.sleep(self._interval)
            now = self.now()
            behind = -self._time.seconds_until(self._market.due)
            quotes = self._market.leap(now) if behind > _LEAP_AFTER_S else self._market.step(now)
            if quotes:
                yield quotes
