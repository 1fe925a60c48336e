"""Quotes to their streams, as a group sees them: each rendered once for all that hear of it in the same form.

A stream with throttling is told the newest quote of each symbol, at most once in its span: with smart throttling at once
if the span has passed in silence, else always at its end.
"""

import asyncio
from typing import TypeVar

import msgspec

from prorata.messages.refusals import Refusal
from prorata.projections.candles import Candle, Period, span_of
from prorata.rest.broker.kinds import money_of
from prorata.rest.own.session import Platform
from prorata.rest.platform.market import day_change, days_of
from prorata.server.writer import Applied
from prorata.stream.grpc.forms import Asked, Form
from prorata.stream.grpc.subscriber import Subscriber
from prorata.stream.grpc.told import QuoteTold
from prorata.trading.desk import Desk
from prorata.units.numbers import Moment, Points
from prorata.views.answers import Rejected

Hearer = TypeVar("Hearer")


class _Day(msgspec.Struct, gc=False):
    """A symbol's bids since midnight, UTC."""

    midnight: Moment
    opened: Points
    high: Points
    low: Points


class Days:
    """The day's beginning, highest and lowest bid of the symbols that somebody has asked for."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._days: dict[str, _Day] = {}

    async def load(self, symbols: list[str]) -> None:
        """See that the days of symbols are known; what happens meanwhile is noted, too."""
        desk, now = self._platform.desk, self._platform.now()
        unknown = [symbol for symbol in symbols if symbol not in self._days and desk.markets[symbol].quote.bid]
        if not unknown:
            return
        midnight, _ = span_of(Period.D1, now)
        for symbol in unknown:
            bid = desk.markets[symbol].quote.bid
            self._days[symbol] = _Day(midnight, bid, bid, bid)
        candles = await asyncio.to_thread(days_of, self._platform.quotes, unknown, midnight)
        for symbol, candle in zip(unknown, candles, strict=True):
            if candle is not None:
                self._merge(symbol, candle)

    def _merge(self, symbol: str, candle: Candle) -> None:
        day = self._days[symbol]
        if day.midnight == candle.opens:
            day.opened, day.high, day.low = candle.open, max(day.high, candle.high), min(day.low, candle.low)

    def note(self, symbol: str, bid: Points, at: Moment) -> None:
        day = self._days.get(symbol)
        if day is None:
            return
        midnight, _ = span_of(Period.D1, at)
        if midnight > day.midnight:
            self._days[symbol] = _Day(midnight, bid, bid, bid)
        elif bid > day.high:
            day.high = bid
        elif bid < day.low:
            day.low = bid

    def of(self, symbol: str, bid: Points, digits: int) -> tuple[float, float, float]:
        """Return change in percent, highest and lowest bid."""
        day = self._days.get(symbol) or _Day(0, bid, bid, bid)
        return float(day_change(bid, day.opened)), float(money_of(day.high, digits)), float(money_of(day.low, digits))


class _Sheet:
    """The newest quotes as one group sees them, in one form. `group` "": without markup."""

    def __init__(self, platform: Platform, days: Days, form: Form, group: str, statistics: bool) -> None:
        self.at_once: dict[str, dict[Subscriber, None]] = {}
        """by symbol: who is told each quote"""
        self.throttled: dict[str, dict[_Throttle, None]] = {}
        self._platform = platform
        self._days = days if statistics else None
        self._form = form
        self._group = group
        self._fresh: dict[str, bytes | None] = {}

    @property
    def is_empty(self) -> bool:
        return not (self.at_once or self.throttled)

    def take(self, symbol: str) -> None:
        """A symbol has a new quote."""
        self._fresh.pop(symbol, None)
        for throttle in self.throttled.get(symbol, ()):
            throttle.note(symbol)
        hearers = self.at_once.get(symbol)
        if hearers:
            message = self.message(symbol)
            if message is not None:
                # One that is too slow leaves while it is told.
                for subscriber in list(hearers):
                    subscriber.put(message)

    def forget(self) -> None:
        self._fresh.clear()

    def message(self, symbol: str) -> bytes | None:
        """Return the newest quote; None if there is none, or the group does not trade the symbol."""
        if symbol not in self._fresh:
            told = self._told(self._platform.desk, symbol)
            self._fresh[symbol] = None if told is None else self._form.render(told)
        return self._fresh[symbol]

    def _told(self, desk: Desk, symbol: str) -> QuoteTold | None:
        market = desk.markets.get(symbol)
        if market is None or not market.quote.bid:
            return None
        quote, digits = market.quote, market.spec.digits
        bid, ask = quote.bid, quote.ask
        if self._group:
            terms = desk.groups[self._group].terms[symbol]
            if not terms.enabled:
                return None
            bid, ask = terms.bid, terms.ask
        statistics = self._days.of(symbol, quote.bid, digits) if self._days is not None else None
        scale = 10**digits
        return QuoteTold(symbol, bid / scale, ask / scale, quote.at, statistics)


class _Throttle:
    """What has moved since one stream was told last."""

    __slots__ = ("_loop", "_moved", "_seconds", "_sheet", "_smart", "_subscriber", "_timer", "_told_at")

    def __init__(self, sheet: _Sheet, subscriber: Subscriber, span_ms: int) -> None:
        self._sheet = sheet
        self._subscriber = subscriber
        self._seconds = span_ms / 1000
        # Who has asked for no throttling wants each quote as soon as may be.
        self._smart = subscriber.asked.smart or not subscriber.asked.throttling_ms
        self._loop = asyncio.get_running_loop()
        self._moved: dict[str, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._told_at = self._loop.time()

    def note(self, symbol: str) -> None:
        self._moved[symbol] = None
        if self._timer is None:
            passed = self._loop.time() - self._told_at if self._smart else 0.0
            self._timer = self._loop.call_later(max(0.0, self._seconds - passed), self._tell)

    def _tell(self) -> None:
        self._timer = None
        self._told_at = self._loop.time()
        moved, self._moved = self._moved, {}
        for symbol in moved:
            message = self._sheet.message(symbol)
            if message is not None:
                self._subscriber.put(message)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class QuotationBoard:
    """`span_ms_min`: the least span of throttling, 0 for none."""

    def __init__(self, platform: Platform, span_ms_min: int) -> None:
        self.days = Days(platform)
        self._platform = platform
        self._span_ms_min = span_ms_min
        self._sheets: dict[tuple[Form, str, bool], _Sheet] = {}
        self._throttles: dict[Subscriber, _Throttle | None] = {}
        """of all streams; None: it is told at once"""

    def subscribers(self) -> list[Subscriber]:
        return list(self._throttles)

    def symbols_of(self, asked: Asked) -> list[str]:
        """Return the symbols that a stream asks for; without any named, all. Raises `Rejected`."""
        desk = self._platform.desk
        unknown = [symbol for symbol in asked.symbols if symbol not in desk.markets]
        if unknown:
            raise Rejected(Refusal.MALFORMED, f"there is no symbol {unknown[0][:64]!r}")
        if asked.group and asked.group not in desk.groups:
            raise Rejected(Refusal.MALFORMED, "group: there is none of this name")
        return list(asked.symbols or desk.markets)

    def join(self, subscriber: Subscriber) -> None:
        """Tell all quotes once, and from now on those that come. Raises `Rejected`."""
        asked = subscriber.asked
        symbols = self.symbols_of(asked)
        key = (subscriber.form, asked.group, asked.statistics)
        sheet = self._sheets.get(key)
        if sheet is None:
            sheet = self._sheets[key] = _Sheet(self._platform, self.days, *key)
        span_ms = max(asked.throttling_ms, self._span_ms_min)
        throttle = _Throttle(sheet, subscriber, span_ms) if span_ms else None
        self._throttles[subscriber] = throttle
        for symbol in symbols:
            if throttle is None:
                sheet.at_once.setdefault(symbol, {})[subscriber] = None
            else:
                sheet.throttled.setdefault(symbol, {})[throttle] = None
        for symbol in symbols:
            message = sheet.message(symbol)
            if message is not None:
                subscriber.put(message)

    def leave(self, subscriber: Subscriber) -> None:
        if subscriber not in self._throttles:
            return
        throttle = self._throttles.pop(subscriber)
        asked = subscriber.asked
        key = (subscriber.form, asked.group, asked.statistics)
        sheet = self._sheets[key]
        if throttle is not None:
            throttle.close()
            _drop(sheet.throttled, throttle)
        else:
            _drop(sheet.at_once, subscriber)
        if sheet.is_empty:
            del self._sheets[key]

    def reprice(self) -> None:
        """Terms have changed: what was rendered is not what a group sees now."""
        for sheet in self._sheets.values():
            sheet.forget()

    def take(self, applied: Applied) -> None:
        sheets = list(self._sheets.values())
        for quote in applied.quotes:
            self.days.note(quote.symbol, quote.bid, applied.at)
            for sheet in sheets:
                sheet.take(quote.symbol)


def _drop(index: dict[str, dict[Hearer, None]], one: Hearer) -> None:
    for symbol in [symbol for symbol, hearers in index.items() if one in hearers]:
        del index[symbol][one]
        if not index[symbol]:
            del index[symbol]
