"""Minute bars of bid and ask, told as quotes.

Each minute becomes four quotes: open, then the two extremes, then close, 0, 20, 40 and 59.999 seconds
into the minute; each pairs the bid and the ask of the same corner. A rising minute (bid close at or above bid
open) goes to its low first, a falling one to its high first, which is the usual reading of a bar.

A minute that only one side has gets its other side at the spread of the last close that both had: no bar
means no news of that side, and this way the ask never falls below the bid. Before the first such
close it is skipped. Both are counted.

The corners of the two sides are not of one instant, so in real bars an ask corner may lie below its bid (the
month of GBPUSD that the tests read has it in one minute of 25, by 1.9 pips at most). It is raised to the bid,
and counted. Ten minutes on end with every corner crossed are no market: the files are swapped or do not
belong together.
"""

from collections.abc import Iterator

import msgspec

from prorata.feeds.formats import BadLine, ReadReport, moment_of, points_of
from prorata.messages.commands import Quote
from prorata.messages.symbols import SymbolSpec
from prorata.units.numbers import MINUTE_MS, Moment, Points

CORNERS = 4
CROSSED_MINUTES_MAX = 10

_STAMPS = (0, 20_000, 40_000, 59_999)


class Bar(msgspec.Struct, frozen=True, gc=False):
    """One side of a minute. `line` is where it stands in its file."""

    opens: Moment
    open: Points
    high: Points
    low: Points
    close: Points
    line: int


def parse_bar(fields: list[str], line: int, digits: int, report: ReadReport) -> Bar:
    """Return the bar of "timestamp,open,high,low,close". Raises `BadLine`."""
    if len(fields) != 5:
        raise BadLine(f"has {len(fields)} fields, not 5")
    opens = moment_of(fields[0])
    if opens % MINUTE_MS:
        raise BadLine(f"not on a whole minute: {fields[0]}")
    open_, high, low, close = (points_of(field, digits, report) for field in fields[1:])
    if high < max(open_, close) or low > min(open_, close):
        raise BadLine("open or close outside high and low")
    return Bar(opens, open_, high, low, close, line)


def pair_minutes(bids: Iterator[Bar], asks: Iterator[Bar], report: ReadReport) -> Iterator[tuple[Bar, Bar]]:
    """Yield each minute's bid and ask bar, making up the side that is missing."""
    bid, ask = next(bids, None), next(asks, None)
    spread: Points | None = None
    while bid is not None or ask is not None:
        if bid is not None and ask is not None and bid.opens == ask.opens:
            yield bid, ask
            spread = max(0, ask.close - bid.close)
            bid, ask = next(bids, None), next(asks, None)
            continue
        report.one_sided += 1
        if ask is None or (bid is not None and bid.opens < ask.opens):
            assert bid is not None
            pair = None if spread is None else (bid, _shifted(bid, spread))
            bid = next(bids, None)
        else:
            pair = None if spread is None else (_shifted(ask, -spread), ask)
            ask = next(asks, None)
        if pair is None:
            report.skipped += 1
        else:
            yield pair


def _shifted(bar: Bar, by: Points) -> Bar:
    return Bar(bar.opens, bar.open + by, bar.high + by, bar.low + by, bar.close + by, bar.line)


def quotes_of_minute(bid: Bar, ask: Bar, spec: SymbolSpec) -> tuple[list[tuple[Moment, Quote]], int]:
    """Return the four quotes of a minute, and how many of them had their ask raised to the bid."""
    low, high = (bid.low, ask.low), (bid.high, ask.high)
    extremes = (low, high) if bid.close >= bid.open else (high, low)
    corners = ((bid.open, ask.open), *extremes, (bid.close, ask.close))
    quotes = [
        (bid.opens + stamp, Quote(spec.name, bid_price, max(bid_price, ask_price)))
        for stamp, (bid_price, ask_price) in zip(_STAMPS, corners, strict=True)
    ]
    return quotes, sum(ask_price < bid_price for bid_price, ask_price in corners)
