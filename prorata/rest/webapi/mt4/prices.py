"""Prices: charts and their corrections, ticks of the past, and the last ones.

Charts are made of bids before any group's markup. What a dealer writes is kept apart from what quotes made and is read in its
place, here and in every other chart; a bar that has not closed is still being made and cannot be written.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TypeVar

from prorata.access.permissions import Permission
from prorata.messages.symbols import SymbolSpec
from prorata.projections.candles import Candle, Period, Tick, span_of
from prorata.projections.chart_editor import ChartEditor
from prorata.projections.quotes import QuoteStore
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.flags import TickRequestFlags
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_names import ChartPeriod, RequestMode
from prorata.rest.webapi.schemas.mt4_prices import MT4ChartBar, MT4ChartWriteRequest, MT4TickInfo, MT4TickRecord
from prorata.rest.webapi.values import decimal_of, is_no_time, moment_of, price_of, time_of, whole_of
from prorata.trading.state import LastQuote
from prorata.units.numbers import Moment

READ = Permission.MARKET_READ
WRITE = Permission.MARKET_WRITE
BARS_MAX = 100_000
TICKS_MAX = 250_000
READ_AT_ONCE = 10_000
TICKS_OF_A_BAR_MAX = 10**12

_BOTH = str(TickRequestFlags(TickRequestFlags.All))

Row = TypeVar("Row")
Reader = Callable[[Row | None], list[Row]]


def spec_of(call: Call, symbol: str) -> SymbolSpec:
    spec = call.state.symbols.get(symbol)
    if spec is None:
        raise not_found("symbol")
    return spec


# Charts.


@MT4.get("ChartRequest/{symbol}", needs=READ, seconds=HISTORY_SECONDS)
async def chart_request(
    call: Call,
    symbol: str,
    period: ChartPeriod = ChartPeriod.M1,
    start: datetime | None = None,
    end: datetime | None = None,
    mode: RequestMode = RequestMode.RangeInExcludeOutOfRage,
) -> list[MT4ChartBar]:
    """Bars of a span: those that open in it, those that touch it, those outside of it, or all from its start on."""
    digits, of = spec_of(call, symbol).digits, Period[period.upper()]
    since, until = _bound(start, "start"), _bound(end, "end")
    spans = _spans(mode, of, since, until)
    return await call.sql(_bars, call.platform.quotes, symbol, of, spans, digits)


Span = tuple[Moment | None, Moment | None]


def _bound(time: datetime | None, name: str) -> Moment | None:
    return None if time is None or is_no_time(time) else moment_of(time, name)


def _spans(mode: RequestMode, period: Period, since: Moment | None, until: Moment | None) -> list[Span]:
    """Return the spans in which the bars open that a mode asks for, as [since, until)."""
    beyond = None if until is None else until + 1
    match mode:
        case RequestMode.RangeIn:
            return [(None if since is None else span_of(period, since)[0], beyond)]
        case RequestMode.RangeOut:
            before: list[Span] = [] if since is None else [(None, since)]
            return before if beyond is None else [*before, (beyond, None)]
        case RequestMode.RangeLast:
            return [(since, None)]
        case RequestMode.RangeInExcludeOutOfRage:
            return [(since, beyond)]


def _bars(quotes: QuoteStore, symbol: str, period: Period, spans: Sequence[Span], digits: int) -> list[MT4ChartBar]:
    def read(span: Span) -> Iterator[Candle]:
        since, until = span
        return _all(
            lambda last: quotes.candles(
                symbol, period, since=since, until=until, after=None if last is None else last.opens, limit=READ_AT_ONCE
            )
        )

    return _up_to(BARS_MAX, "bars", (_bar(candle, digits) for candle in chain.from_iterable(map(read, spans))))


def _all(read: Reader[Row]) -> Iterator[Row]:
    last: Row | None = None
    while True:
        part = read(last)
        yield from part
        if len(part) < READ_AT_ONCE:
            return
        last = part[-1]


def _up_to(most: int, what: str, found: Iterator[Row]) -> list[Row]:
    """Return what is found. Raises `Failure` if that is more than can be answered at once."""
    rows: list[Row] = []
    for row in found:
        if len(rows) == most:
            raise invalid("end", f"there are more than {most} {what}: ask for a shorter span")
        rows.append(row)
    return rows


def _bar(candle: Candle, digits: int) -> MT4ChartBar:
    return MT4ChartBar(
        time=time_of(candle.opens),
        open=decimal_of(candle.open, digits),
        high=decimal_of(candle.high, digits),
        low=decimal_of(candle.low, digits),
        close=decimal_of(candle.close, digits),
        volume=decimal_of(candle.ticks, 0),
    )


@MT4.post("ChartAdd/{symbol}", needs=WRITE)
async def chart_add(call: Call, symbol: str, given: MT4ChartWriteRequest, period: ChartPeriod = ChartPeriod.M1) -> bool:
    """Put bars where there are none; a bar that is there stays."""
    await call.sql(ChartEditor(call.platform.quotes).add, _candles(call, symbol, period, given))
    return True


@MT4.post("ChartUpdate/{symbol}", needs=WRITE)
async def chart_update(call: Call, symbol: str, given: MT4ChartWriteRequest, period: ChartPeriod = ChartPeriod.M1) -> bool:
    """Put bars in the place of those that are there; others are passed over."""
    await call.sql(ChartEditor(call.platform.quotes).update, _candles(call, symbol, period, given))
    return True


@MT4.post("ChartDelete/{symbol}", needs=WRITE)
async def chart_delete(call: Call, symbol: str, given: MT4ChartWriteRequest, period: ChartPeriod = ChartPeriod.M1) -> bool:
    """Take bars out. Only their times matter."""
    await call.sql(ChartEditor(call.platform.quotes).remove, _candles(call, symbol, period, given, only_times=True))
    return True


@MT4.post("HistoryCorrect/{symbol}", needs=WRITE, seconds=MAINTENANCE_SECONDS)
async def history_correct(call: Call, symbol: str) -> Int32:
    """Bring longer bars in line with shorter ones that were written; how many were not."""
    spec_of(call, symbol)
    return await call.sql(ChartEditor(call.platform.quotes).repair, symbol, call.now())


def _candles(
    call: Call, symbol: str, period: ChartPeriod, given: MT4ChartWriteRequest, *, only_times: bool = False
) -> list[Candle]:
    """Return the bars that are given. Raises `Failure` for one that cannot be."""
    spec, of = spec_of(call, symbol), Period[period.upper()]
    if not given.rates:
        raise invalid("rates", "is missing")
    return [
        _candle(spec, of, bar, f"rates[{place}]", call.now(), only_times=only_times)
        for place, bar in enumerate(given.rates)
    ]  # fmt: skip


def _candle(spec: SymbolSpec, period: Period, bar: MT4ChartBar, field: str, now: Moment, *, only_times: bool) -> Candle:
    opens = moment_of(bar.time, f"{field}.time")
    begins, closes = span_of(period, opens)
    if begins != opens:
        raise invalid(f"{field}.time", f"is not the time at which a bar of {period.name} opens")
    if closes > now:
        raise invalid(f"{field}.time", "the bar has not closed yet")
    if only_times:
        return Candle(spec.name, period, opens, 0, 0, 0, 0, 0, 0)
    prices = [
        price_of(value, spec.digits, f"{field}.{name}")
        for name, value in (("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close))
    ]
    first, high, low, last = prices
    if not 0 < low <= min(first, last) or max(first, last) > high:
        raise invalid(field, "low is above 0 and the lowest price, high is the highest")
    ticks = whole_of(bar.volume, 0, f"{field}.volume", most=TICKS_OF_A_BAR_MAX)
    if ticks < 0:
        raise invalid(f"{field}.volume", "is below 0")
    return Candle(spec.name, period, opens, first, high, low, last, ticks, 0)


# Ticks.


@MT4.get("TicksRequest/{symbol}", needs=READ, seconds=HISTORY_SECONDS)
async def ticks_request(
    call: Call,
    symbol: str,
    start: datetime | None = None,
    end: datetime | None = None,
    flags: TickRequestFlags | None = None,
) -> list[MT4TickRecord]:
    """Ticks of a span, before any markup. The feed has one sort: each is raw and normal, whichever is asked for."""
    digits = spec_of(call, symbol).digits
    since, until = _bound(start, "start"), _bound(end, "end")
    return await call.sql(_ticks, call.platform.quotes, symbol, since, None if until is None else until + 1, digits)


def _ticks(quotes: QuoteStore, symbol: str, since: Moment | None, until: Moment | None, digits: int) -> list[MT4TickRecord]:
    def read(last: Tick | None) -> list[Tick]:
        after = None if last is None else (last.at, last.number)
        return quotes.ticks(symbol, since=since, until=until, after=after, limit=READ_AT_ONCE)

    return _up_to(TICKS_MAX, "ticks", (_tick(tick, digits) for tick in _all(read)))


def _tick(tick: Tick, digits: int) -> MT4TickRecord:
    return MT4TickRecord(time=time_of(tick.at), bid=decimal_of(tick.bid, digits), ask=decimal_of(tick.ask, digits), flags=_BOTH)


@MT4.get("TickInfoLast/{symbol}", needs=READ)
async def tick_info_last(call: Call, symbol: str) -> MT4TickInfo:
    """The last tick of an instrument, before any markup."""
    spec = spec_of(call, symbol)
    quote = call.state.quotes[symbol]
    if not quote.bid:
        raise not_found("tick")
    return _tick_info(spec, quote)


@MT4.get("TickInfoLast", needs=READ)
async def tick_info_last_all(call: Call) -> list[MT4TickInfo]:
    """The last tick of every instrument that has had one."""
    symbols, quotes = call.state.symbols, call.state.quotes
    return [_tick_info(symbols[name], quotes[name]) for name in sorted(symbols) if quotes[name].bid]


def _tick_info(spec: SymbolSpec, quote: LastQuote) -> MT4TickInfo:
    return MT4TickInfo(
        symbol=spec.name,
        time=time_of(quote.at),
        bid=decimal_of(quote.bid, spec.digits),
        ask=decimal_of(quote.ask, spec.digits),
    )
