"""Corrections of candles: read by everybody, kept apart from what quotes made, and brought up into longer periods."""

from collections.abc import Iterator
from uuid import uuid4

import msgspec
import pytest

from prorata.messages.commands import Quote
from prorata.projections.candles import Candle, CandleBuilder, Period
from prorata.projections.chart_editor import ChartEditor
from prorata.projections.quotes import QuoteStore, Retention
from prorata.storage.database import open_database
from prorata.units.numbers import DAY_MS, MINUTE_MS

MONDAY = 20_514 * DAY_MS
NOW = MONDAY + 40 * DAY_MS
MINUTES = 30


@pytest.fixture
def store(bare_url: str) -> Iterator[QuoteStore]:
    """Half an hour of minutes: the n-th opens at 100 + 10 n, goes up by 5, and down by 5."""
    database = open_database(bare_url)
    store = QuoteStore(database, uuid4().hex, Retention(m1=0))
    store.create_tables()
    builder = CandleBuilder()
    for minute in range(MINUTES):
        for second, move in enumerate((0, 5, -5, 1)):
            bid = 100 + 10 * minute + move
            builder.add(MONDAY + minute * MINUTE_MS + second * 1_000, [Quote("EURUSD", bid, bid + 2)])
    store.save(builder.take(), batch=1)
    yield store
    database.dispose()


def bar(minute: int, open: int, high: int, low: int, close: int, period: Period = Period.M1) -> Candle:
    return Candle("EURUSD", period, MONDAY + minute * MINUTE_MS, open, high, low, close, 7, 0)


def test_a_correction_is_read_in_the_place_of_the_candle_and_what_quotes_made_stays(store: QuoteStore) -> None:
    before = store.candles("EURUSD", Period.M1)
    editor = ChartEditor(store)
    assert editor.update([bar(3, 1_000, 1_010, 990, 1_005), bar(99, 1, 1, 1, 1)]) == 1
    after = store.candles("EURUSD", Period.M1)
    corrected = msgspec.structs.replace(bar(3, 1_000, 1_010, 990, 1_005), spread_max=2)
    assert after == [*before[:3], corrected, *before[4:]]
    # The same by pages, backwards, and within a span.
    assert store.candles("EURUSD", Period.M1, after=before[2].opens, limit=2) == after[3:5]
    assert store.candles("EURUSD", Period.M1, last=True, limit=28) == after[2:]
    assert store.candles("EURUSD", Period.M1, since=before[3].opens, until=before[4].opens) == [corrected]
    assert store.newest()[0] == QuoteStore(store.engine, store.platform).newest()[0]
    assert store.candles("EURUSD", Period.M5)[0].high == 145


def test_a_candle_is_added_only_where_there_is_none_and_removed_only_where_there_is_one(store: QuoteStore) -> None:
    editor = ChartEditor(store)
    before = store.candles("EURUSD", Period.M1)
    assert editor.add([bar(3, 1, 1, 1, 1), bar(40, 500, 510, 490, 505)]) == 1
    assert store.candles("EURUSD", Period.M1) == [*before, bar(40, 500, 510, 490, 505)]
    assert editor.remove([bar(40, 0, 0, 0, 0), bar(5, 0, 0, 0, 0), bar(5, 0, 0, 0, 0), bar(77, 0, 0, 0, 0)]) == 2
    assert store.candles("EURUSD", Period.M1) == [*before[:5], *before[6:]]
    assert editor.remove([bar(5, 0, 0, 0, 0)]) == 0
    assert editor.update([bar(5, 1, 1, 1, 1)]) == 0
    assert editor.add([bar(5, 150, 150, 150, 150)]) == 1


def test_repairing_carries_corrections_up_and_finds_nothing_the_second_time(store: QuoteStore) -> None:
    editor = ChartEditor(store)
    assert editor.repair("EURUSD", NOW) == 0
    editor.update([bar(7, 900, 2_000, 10, 950)])
    # M5, M15, M30, H1, H4, D1, W1, MN1: one candle of each.
    assert editor.repair("EURUSD", NOW) == 8
    for period in Period:
        (highest,) = [candle for candle in store.candles("EURUSD", period) if candle.high == 2_000]
        assert highest.low == 10
    assert editor.repair("EURUSD", NOW) == 0
    editor.remove([bar(minute, 0, 0, 0, 0) for minute in range(5, 10)])
    assert editor.repair("EURUSD", NOW) == 8
    assert [candle.opens for candle in store.candles("EURUSD", Period.M5)][:2] == [MONDAY, MONDAY + 10 * MINUTE_MS]
    (day,) = store.candles("EURUSD", Period.D1)
    assert (day.low, day.high, day.ticks) == (95, 395, 100)


def test_what_has_not_closed_and_what_is_no_longer_kept_is_not_summed_up(store: QuoteStore) -> None:
    ChartEditor(store).update([bar(7, 900, 2_000, 10, 950)])
    # At half past twelve at night M5, M15 and M30 have closed.
    assert ChartEditor(store).repair("EURUSD", MONDAY + 30 * MINUTE_MS) == 3
    forgetful = QuoteStore(store.engine, store.platform, Retention(m1=1, m5=1, m15=1, m30=1, h1=1, h4=1))
    assert ChartEditor(forgetful).repair("EURUSD", NOW) == 0
    forgetful.prune(NOW)
    assert forgetful.candles("EURUSD", Period.M1) == []
