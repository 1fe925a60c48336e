"""Candles from quotes, exact and one quote at a time.

A candle is made of bids. It opens at a whole period UTC: a D1 at midnight; a W1 on Sunday, so that the
Sunday evening on which the week's trading begins belongs to it; a MN1 on the first of the calendar month. A period
without a quote has no candle.

Time of a symbol never goes back: a quote stamped before the newest one counts at the newest one's moment, in the
order it came, so a candle that has closed never changes. Quotes of one moment count each.
"""

from collections.abc import Iterable
from datetime import date
from enum import IntEnum

import msgspec

from prorata.messages.commands import Quote
from prorata.units.numbers import DAY_MS, MINUTE_MS, Moment, Points
from prorata.units.rounding import div_floor

_HOUR_MS = 60 * MINUTE_MS
_WEEK_MS = 7 * DAY_MS
_FIRST_SUNDAY_MS = 3 * DAY_MS
"""1970-01-04"""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Period(IntEnum):
    """The length of a candle; the number is its minutes (of a month of 30 days)."""

    M1 = 1
    M5 = 5
    M15 = 15
    M30 = 30
    H1 = 60
    H4 = 240
    D1 = 1_440
    W1 = 10_080
    MN1 = 43_200


def span_of(period: Period, moment: Moment) -> tuple[Moment, Moment]:
    """Return when the candle that holds `moment` opens, and when the next one does."""
    if period is Period.MN1:
        return _month_of(moment)
    if period is Period.W1:
        opens = div_floor(moment - _FIRST_SUNDAY_MS, _WEEK_MS) * _WEEK_MS + _FIRST_SUNDAY_MS
        return opens, opens + _WEEK_MS
    length = period * MINUTE_MS
    opens = div_floor(moment, length) * length
    return opens, opens + length


def _month_of(moment: Moment) -> tuple[Moment, Moment]:
    first = date.fromordinal(_EPOCH_ORDINAL + div_floor(moment, DAY_MS)).replace(day=1)
    following = first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
    return _midnight(first), _midnight(following)


def _midnight(day: date) -> Moment:
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_MS


class Candle(msgspec.Struct, frozen=True, gc=False):
    """A candle of bids. `ticks`: how many quotes; `spread_max`: the widest of them."""

    symbol: str
    period: Period
    opens: Moment
    open: Points
    high: Points
    low: Points
    close: Points
    ticks: int
    spread_max: Points


class Tick(msgspec.Struct, frozen=True, gc=False):
    """A quote in the history. `number`: which one of its symbol and moment, from 0."""

    symbol: str
    at: Moment
    number: int
    bid: Points
    ask: Points


class Changes(msgspec.Struct, frozen=True):
    """What quotes have changed: new ticks in the order they came; candles as they now are, each once."""

    ticks: tuple[Tick, ...]
    candles: tuple[Candle, ...]


class _Open:
    """The candle that a period is building."""

    __slots__ = ("close", "closes", "high", "low", "open", "opens", "period", "spread_max", "ticks")

    def __init__(self, period: Period, span: tuple[Moment, Moment], bid: Points) -> None:
        self.period = period
        self.opens, self.closes = span
        self.open = self.high = self.low = self.close = bid
        self.ticks = 0
        self.spread_max: Points = 0

    def finished(self, symbol: str) -> Candle:
        return Candle(
            symbol=symbol,
            period=self.period,
            opens=self.opens,
            open=self.open,
            high=self.high,
            low=self.low,
            close=self.close,
            ticks=self.ticks,
            spread_max=self.spread_max,
        )


class _Chart:
    """One symbol: its open candles, the newest moment, and how many quotes that moment has had."""

    __slots__ = ("at", "number", "open")

    def __init__(self) -> None:
        self.open: dict[Period, _Open] = {}
        self.at: Moment | None = None
        self.number = 0


class CandleBuilder:
    """Builds the candles of all periods of all symbols. `add` each quote, `take` what has changed.

    After a restart give `restore` the newest candles and ticks that were stored, and go on with the quotes that
    follow.
    """

    def __init__(self) -> None:
        self._charts: dict[str, _Chart] = {}
        self._ticks: list[Tick] = []
        self._closed: list[Candle] = []
        # A dict for its order; the values say nothing.
        self._touched: dict[str, None] = {}

    def restore(self, candles: Iterable[Candle], ticks: Iterable[Tick]) -> None:
        """Go on from the newest candle of each symbol and period, and the newest tick of each symbol."""
        for candle in candles:
            span = span_of(candle.period, candle.opens)
            opened = _Open(candle.period, span, candle.open)
            opened.high, opened.low, opened.close = candle.high, candle.low, candle.close
            opened.ticks, opened.spread_max = candle.ticks, candle.spread_max
            chart = self._charts.setdefault(candle.symbol, _Chart())
            chart.open[candle.period] = opened
            chart.at = max(candle.opens, chart.at or candle.opens)
        for tick in ticks:
            chart = self._charts.setdefault(tick.symbol, _Chart())
            chart.at, chart.number = tick.at, tick.number

    def add(self, moment: Moment, quotes: Iterable[Quote]) -> None:
        """Count quotes that came at `moment`."""
        for quote in quotes:
            self._add(moment, quote)

    def _add(self, moment: Moment, quote: Quote) -> None:
        symbol, bid = quote.symbol, quote.bid
        chart = self._charts.get(symbol)
        if chart is None:
            chart = self._charts[symbol] = _Chart()
        if chart.at is None or moment > chart.at:
            chart.at, chart.number = moment, 0
        else:
            chart.number += 1
        self._ticks.append(Tick(symbol, chart.at, chart.number, bid, quote.ask))
        self._touched[symbol] = None
        self._roll(symbol, chart, chart.at, bid)
        spread = quote.ask - bid
        for candle in chart.open.values():
            candle.close = bid
            candle.ticks += 1
            candle.high = max(candle.high, bid)
            candle.low = min(candle.low, bid)
            candle.spread_max = max(candle.spread_max, spread)

    def _roll(self, symbol: str, chart: _Chart, moment: Moment, bid: Points) -> None:
        """Close the candles whose time is over, and open those that `moment` belongs to."""
        shortest = chart.open.get(Period.M1)
        # Every period ends with a minute: while the minute lasts, none can have ended.
        if shortest is not None and moment < shortest.closes:
            return
        for period in Period:
            candle = chart.open.get(period)
            if candle is not None and moment < candle.closes:
                continue
            if candle is not None:
                self._closed.append(candle.finished(symbol))
            chart.open[period] = _Open(period, span_of(period, moment), bid)

    def take(self) -> Changes:
        """Return what has changed since the last call, closed candles first."""
        open_now = [candle.finished(symbol) for symbol in self._touched for candle in self._charts[symbol].open.values()]
        changes = Changes(ticks=tuple(self._ticks), candles=(*self._closed, *open_now))
        self._ticks, self._closed, self._touched = [], [], {}
        return changes
