"""Candles and ticks: exact against the definition, and stored on both data bases."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine

from prorata.feeds.defaults import default_symbols
from prorata.feeds.files import read_quotes
from prorata.messages.commands import Quote
from prorata.projections.candles import Candle, CandleBuilder, Changes, Period, Tick, span_of
from prorata.projections.quotes import QuoteStore, Retention
from prorata.storage.database import open_database
from prorata.units.numbers import DAY_MS, MINUTE_MS, SECOND_MS, Moment
from tests.databases import postgresql_schema


def at(text: str) -> Moment:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


TUESDAY = at("2025-07-15 10:07:30")


def quote(bid: int, spread: int = 2) -> Quote:
    return Quote("EURUSD", bid, bid + spread)


# Spans.


@pytest.mark.parametrize(
    ("period", "opens", "closes"),
    [
        (Period.M1, "2025-07-15 10:07:00", "2025-07-15 10:08:00"),
        (Period.M5, "2025-07-15 10:05:00", "2025-07-15 10:10:00"),
        (Period.M15, "2025-07-15 10:00:00", "2025-07-15 10:15:00"),
        (Period.M30, "2025-07-15 10:00:00", "2025-07-15 10:30:00"),
        (Period.H1, "2025-07-15 10:00:00", "2025-07-15 11:00:00"),
        (Period.H4, "2025-07-15 08:00:00", "2025-07-15 12:00:00"),
        (Period.D1, "2025-07-15 00:00:00", "2025-07-16 00:00:00"),
        (Period.W1, "2025-07-13 00:00:00", "2025-07-20 00:00:00"),
        (Period.MN1, "2025-07-01 00:00:00", "2025-08-01 00:00:00"),
    ],
)
def test_every_period_opens_where_its_calendar_says(period: Period, opens: str, closes: str) -> None:
    assert span_of(period, TUESDAY) == (at(opens), at(closes))
    assert span_of(period, at(opens)) == (at(opens), at(closes))
    assert span_of(period, at(closes) - 1) == (at(opens), at(closes))


def test_sunday_evening_belongs_to_the_week_that_begins() -> None:
    assert span_of(Period.W1, at("2025-07-13 22:00:00"))[0] == at("2025-07-13 00:00:00")


def test_months_know_leap_years_and_the_turn_of_the_year() -> None:
    assert span_of(Period.MN1, at("2024-02-29 12:00:00")) == (at("2024-02-01 00:00:00"), at("2024-03-01 00:00:00"))
    assert span_of(Period.MN1, at("2025-12-31 23:59:59")) == (at("2025-12-01 00:00:00"), at("2026-01-01 00:00:00"))


# The builder.


def test_a_candle_has_open_high_low_close_ticks_and_the_widest_spread() -> None:
    builder = CandleBuilder()
    for second, bid, spread in [(0, 100, 2), (1, 105, 3), (2, 95, 9), (3, 101, 1)]:
        builder.add(TUESDAY + second * SECOND_MS, [quote(bid, spread)])
    candle = next(candle for candle in builder.take().candles if candle.period is Period.M1)
    expected = Candle("EURUSD", Period.M1, at("2025-07-15 10:07:00"), 100, 105, 95, 101, 4, 9)
    assert candle == expected


def test_only_what_has_changed_is_taken() -> None:
    builder = CandleBuilder()
    builder.add(TUESDAY, [quote(100), Quote("USDJPY", 147_000, 147_010)])
    assert len(builder.take().candles) == 2 * len(Period)
    assert builder.take() == Changes((), ())
    builder.add(TUESDAY + MINUTE_MS, [quote(101)])
    changes = builder.take()
    assert {candle.symbol for candle in changes.candles} == {"EURUSD"}
    # the minute that closed, and the open candle of each period
    assert len(changes.candles) == 1 + len(Period)
    assert len(changes.ticks) == 1


def test_a_period_without_a_quote_has_no_candle() -> None:
    builder = CandleBuilder()
    builder.add(TUESDAY, [quote(100)])
    builder.add(TUESDAY + 60 * MINUTE_MS, [quote(200)])
    minutes = [candle for candle in builder.take().candles if candle.period is Period.M1]
    assert [candle.open for candle in minutes] == [100, 200]


def test_quotes_of_one_moment_count_each_in_the_order_they_came() -> None:
    builder = CandleBuilder()
    builder.add(TUESDAY, [quote(100), quote(100), quote(99)])
    changes = builder.take()
    assert [(tick.at, tick.number) for tick in changes.ticks] == [(TUESDAY, 0), (TUESDAY, 1), (TUESDAY, 2)]
    assert {(candle.close, candle.ticks) for candle in changes.candles} == {(99, 3)}


def test_a_late_quote_counts_at_the_newest_moment_and_changes_no_closed_candle() -> None:
    builder = CandleBuilder()
    builder.add(TUESDAY, [quote(100)])
    builder.add(TUESDAY + MINUTE_MS, [quote(101)])
    closed = builder.take().candles[0]
    builder.add(TUESDAY, [quote(50)])
    changes = builder.take()
    assert changes.ticks == (Tick("EURUSD", TUESDAY + MINUTE_MS, 1, 50, 52),)
    assert closed.opens not in {candle.opens for candle in changes.candles if candle.period is Period.M1}
    assert next(candle for candle in changes.candles if candle.period is Period.M1).low == 50


def by_definition(quotes: list[tuple[Moment, Quote]], period: Period) -> list[Candle]:
    """The candles of quotes in order of time, straight from what the words mean."""
    expected = []
    for opens, group in groupby(quotes, key=lambda stamped: span_of(period, stamped[0])[0]):
        inside = [quote for _, quote in group]
        bids = [quote.bid for quote in inside]
        spread = max(quote.ask - quote.bid for quote in inside)
        symbol = inside[0].symbol
        expected.append(Candle(symbol, period, opens, bids[0], max(bids), min(bids), bids[-1], len(bids), spread))
    return expected


def collected(builder: CandleBuilder, quotes: list[tuple[Moment, Quote]], every: int) -> dict[object, Candle]:
    """What a store would hold in the end, if changes are taken after each `every` quotes."""
    held: dict[object, Candle] = {}
    for number, (moment, one) in enumerate(quotes, 1):
        builder.add(moment, [one])
        if number % every == 0 or number == len(quotes):
            held.update({(candle.period, candle.opens): candle for candle in builder.take().candles})
    return held


@given(
    steps=st.lists(
        st.tuples(st.sampled_from([0, 1, 900, 30_000, 70_000, 4_000_000, 90_000_000, 900_000_000]), st.integers(1, 50)),
        min_size=1,
        max_size=60,
    ),
    every=st.integers(1, 20),
)
def test_candles_are_what_their_definition_says_however_often_they_are_taken(steps: list[tuple[int, int]], every: int) -> None:
    quotes, moment = [], TUESDAY
    for step, bid in steps:
        moment += step
        quotes.append((moment, quote(bid, bid % 7)))
    held = collected(CandleBuilder(), quotes, every)
    for period in Period:
        assert [candle for candle in held.values() if candle.period is period] == by_definition(quotes, period)


def test_candles_of_real_quotes_are_what_their_definition_says(data: Path) -> None:
    spec = next(spec for spec in default_symbols(2020) if spec.name == "EURUSD")
    quotes = list(read_quotes(data / "eurusd-ticks-2020-01.csv.gz", spec))
    held = collected(CandleBuilder(), quotes, every=100)
    for period in Period:
        assert [candle for candle in held.values() if candle.period is period] == by_definition(quotes, period)
    assert sum(candle.ticks for candle in held.values() if candle.period is Period.D1) == 9_500


# The store.


@pytest.fixture(scope="module")
def postgresql() -> Iterator[Engine]:
    """A schema of its own, dropped in the end."""
    for url in postgresql_schema():
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if request.param == "postgresql":
        postgresql: Engine = request.getfixturevalue("postgresql")
        return postgresql
    return create_engine(f"sqlite:///{tmp_path / 'quotes.sqlite'}")


@pytest.fixture
def store(engine: Engine) -> QuoteStore:
    """A store of a platform that no other test uses."""
    store = QuoteStore(engine, platform=uuid4().hex)
    store.create_tables()
    return store


def minute_quotes(count: int) -> Changes:
    builder = CandleBuilder()
    for number in range(count):
        builder.add(TUESDAY + number * MINUTE_MS, [quote(100 + number)])
    return builder.take()


def test_what_is_saved_is_read_back(store: QuoteStore) -> None:
    changes = minute_quotes(10)
    store.save(changes, batch=1)
    assert store.ticks("EURUSD") == list(changes.ticks)
    expected = [candle for candle in changes.candles if candle.period is Period.M1]
    assert store.candles("EURUSD", Period.M1) == expected
    assert store.candles("USDJPY", Period.M1) == []


def test_an_open_candle_is_replaced_by_what_it_became(store: QuoteStore) -> None:
    builder = CandleBuilder()
    builder.add(TUESDAY, [quote(100)])
    store.save(builder.take(), batch=1)
    builder.add(TUESDAY + 1, [quote(90)])
    store.save(builder.take(), batch=2)
    (candle,) = store.candles("EURUSD", Period.M1)
    assert (candle.open, candle.low, candle.close, candle.ticks) == (100, 90, 90, 2)


def test_a_page_goes_on_behind_the_last_one(store: QuoteStore) -> None:
    changes = minute_quotes(10)
    store.save(changes, batch=1)
    everything = store.candles("EURUSD", Period.M1)
    first = store.candles("EURUSD", Period.M1, limit=4)
    second = store.candles("EURUSD", Period.M1, limit=4, after=first[-1].opens)
    assert first + second == everything[:8]
    builder = CandleBuilder()
    builder.add(TUESDAY + DAY_MS, [quote(7), quote(8), quote(9)])
    store.save(builder.take(), batch=2)
    page = store.ticks("EURUSD", since=TUESDAY + DAY_MS, limit=2)
    rest = store.ticks("EURUSD", after=(page[-1].at, page[-1].number))
    assert [tick.bid for tick in page + rest] == [7, 8, 9]


def test_from_is_in_the_answer_and_to_is_not(store: QuoteStore) -> None:
    store.save(minute_quotes(10), batch=1)
    opens = [candle.opens for candle in store.candles("EURUSD", Period.M1)]
    part = store.candles("EURUSD", Period.M1, since=opens[2], until=opens[5])
    assert [candle.opens for candle in part] == opens[2:5]
    assert len(store.ticks("EURUSD", since=TUESDAY + MINUTE_MS, until=TUESDAY + 3 * MINUTE_MS)) == 2


def test_the_newest_can_be_asked_for_oldest_first(store: QuoteStore) -> None:
    store.save(minute_quotes(10), batch=1)
    assert [candle.open for candle in store.candles("EURUSD", Period.M1, last=True, limit=3)] == [107, 108, 109]
    assert [tick.bid for tick in store.ticks("EURUSD", last=True, limit=2)] == [108, 109]


def test_a_batch_is_stored_once(store: QuoteStore) -> None:
    assert store.position() == 0
    store.save(minute_quotes(2), batch=5)
    assert store.position() == 5
    with pytest.raises(ValueError, match="5 is not new"):
        store.save(minute_quotes(3), batch=5)
    assert len(store.ticks("EURUSD")) == 2


def test_a_save_that_fails_leaves_nothing_behind(store: QuoteStore) -> None:
    store.save(minute_quotes(2), batch=1)
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.save(minute_quotes(3), batch=2)
    assert store.position() == 1
    assert len(store.candles("EURUSD", Period.M1)) == 2


def test_a_restarted_builder_goes_on_where_the_store_is(store: QuoteStore) -> None:
    quotes = [(TUESDAY + number * 25_000, quote(100 + number * 7 % 13)) for number in range(200)]
    quotes += [(quotes[-1][0], quote(1))]
    builder = CandleBuilder()
    for batch, (moment, one) in enumerate(quotes, 1):
        if batch % 40 == 0 or batch == len(quotes):
            builder = CandleBuilder()
            builder.restore(*store.newest())
        builder.add(moment, [one])
        store.save(builder.take(), batch)
    for period in Period:
        assert store.candles("EURUSD", period) == by_definition(quotes, period)
    assert [tick.bid for tick in store.ticks("EURUSD")] == [one.bid for _, one in quotes]


def test_platforms_do_not_see_each_other(engine: Engine, store: QuoteStore) -> None:
    store.save(minute_quotes(2), batch=1)
    other = QuoteStore(engine, platform=uuid4().hex)
    assert (other.position(), other.ticks("EURUSD"), other.newest()) == (0, [], ([], []))
    other.save(minute_quotes(2), batch=1)


def test_each_period_is_kept_for_its_own_time(engine: Engine) -> None:
    store = QuoteStore(engine, platform=uuid4().hex, retention=Retention(ticks=1, m1=10, m5=0))
    store.create_tables()
    builder = CandleBuilder()
    for day in range(20):
        builder.add(TUESDAY + day * DAY_MS, [quote(100 + day)])
    store.save(builder.take(), batch=1)
    now = TUESDAY + 19 * DAY_MS + 1
    assert store.prune(now) == 19 + 10
    assert [tick.bid for tick in store.ticks("EURUSD")] == [119]
    assert len(store.candles("EURUSD", Period.M1)) == 10
    assert len(store.candles("EURUSD", Period.M5)) == 20
    assert len(store.candles("EURUSD", Period.D1)) == 20
    assert store.prune(now) == 0


def test_a_retention_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="m1 is below 0"):
        Retention(m1=-1)
