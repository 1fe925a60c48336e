"""Bars and ticks."""

from datetime import datetime

from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO, Double, Int32, Record


class MT4ChartBar(Record):
    """A bar of a chart."""

    time: datetime = NO_TIME
    open: Double = ZERO
    high: Double = ZERO
    low: Double = ZERO
    close: Double = ZERO
    volume: Double = ZERO


class MT4ChartWriteRequest(Record):
    """Bars to be written."""

    rates: tuple[MT4ChartBar, ...] | None = None


class MT4TickRecord(Record):
    """A tick of the past."""

    time: datetime = NO_TIME
    bid: Double = ZERO
    ask: Double = ZERO
    data_feed: Int32 = 0
    flags: str | None = None


class MT4TickInfo(Record):
    """The last tick of a symbol."""

    symbol: str | None = None
    time: datetime = NO_TIME
    bid: Double = ZERO
    ask: Double = ZERO
