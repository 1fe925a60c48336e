"""The simulated venue has the faults it is told to have, and its own book is right through all of them."""

import asyncio
import time
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prorata.messages.commands import HedgeEnded, HedgeFilled, Quote, Side, VenuePosition
from prorata.messages.events import HedgeRequested
from prorata.server.ports import VenueAnswer, VenueDown
from prorata.units.numbers import PPM
from prorata.venues.simulated import SimulatedVenue
from prorata.venues.simulated_book import Faults, SimulatedBook
from prorata.venues.simulated_line import SimulatedLine

LOT = 100_000_000
ALWAYS = PPM


def quote(symbol: str) -> Quote | None:
    return Quote(symbol, 110_000, 110_010) if symbol == "EURUSD" else None


def book_with(faults: Faults, seed: int = 1) -> SimulatedBook:
    return SimulatedBook("lp", quote=quote, faults=faults, rng=Random(seed))


def line_with(faults: Faults, seed: int = 1) -> SimulatedLine:
    return SimulatedLine(book_with(faults, seed), faults=faults, rng=Random(seed))


def order(number: int = 1, volume: int = LOT, side: Side = Side.BUY, symbol: str = "EURUSD") -> HedgeRequested:
    return HedgeRequested(number, 1001, symbol, side, volume)


def given_by(book: SimulatedBook, now: int = 10**9) -> list[VenueAnswer]:
    return [answer for _, answer in book.advance(now)]


def held(book: SimulatedBook) -> int:
    return sum(position.volume for position in book.positions().positions)


def test_without_faults_an_order_is_filled_whole_at_the_quote() -> None:
    book = book_with(Faults())
    book.take(order(1), 5)
    book.take(order(2, side=Side.SELL, volume=LOT // 2), 5)
    assert given_by(book, 5) == [
        HedgeFilled(1, "lp-1", LOT, 110_010, True),
        HedgeFilled(2, "lp-2", LOT // 2, 110_000, True),
    ]
    assert book.positions().positions == (VenuePosition("EURUSD", LOT // 2),)


def test_the_same_order_id_is_executed_once() -> None:
    book = book_with(Faults())
    book.take(order(1), 0)
    book.take(order(1), 0)
    assert len(given_by(book)) == 1
    book.take(order(1), 0)
    assert given_by(book) == []
    assert held(book) == LOT


def test_a_slow_venue_answers_within_its_latency() -> None:
    book = book_with(Faults(latency_min_ms=50, latency_max_ms=80))
    book.take(order(), 1000)
    due = book.next_at()
    assert due is not None
    assert 1050 <= due <= 1080
    assert given_by(book, 1049) == []
    assert book.find(1) == []
    assert len(given_by(book, 1080)) == 1


def test_a_rejected_order_ends_with_a_reason_and_changes_nothing() -> None:
    book = book_with(Faults(reject=ALWAYS, reject_reasons=("credit limit",)))
    book.take(order(), 0)
    assert given_by(book) == [HedgeEnded(1, "credit limit")]
    assert held(book) == 0


def test_a_symbol_without_a_price_is_not_executed() -> None:
    book = book_with(Faults(split=ALWAYS))
    book.take(order(symbol="XAUUSD"), 0)
    assert given_by(book) == [HedgeEnded(1, "no price")]


def test_a_split_order_is_filled_in_parts_that_sum_to_it() -> None:
    book = book_with(Faults(split=ALWAYS))
    book.take(order(volume=7), 0)
    fills = given_by(book)
    assert len(fills) >= 2
    assert [fill.last for fill in fills if isinstance(fill, HedgeFilled)] == [False] * (len(fills) - 1) + [True]
    assert sum(fill.volume for fill in fills if isinstance(fill, HedgeFilled)) == 7


def test_an_order_cut_short_ends_by_a_last_fill_or_by_an_end_of_its_own() -> None:
    book = book_with(Faults(cut_short=ALWAYS))
    for number in range(1, 21):
        book.take(order(number), 0)
    answers = given_by(book)
    fills = [answer for answer in answers if isinstance(answer, HedgeFilled)]
    assert all(fill.volume < LOT for fill in fills)
    assert {fill.last for fill in fills} == {True, False}
    ended = {answer.order for answer in answers if isinstance(answer, HedgeEnded)}
    assert ended == {fill.order for fill in fills if not fill.last}


def test_a_repeat_is_word_for_word_the_same_and_is_not_executed_again() -> None:
    book = book_with(Faults(repeat=300_000))
    for number in range(1, 51):
        book.take(order(number), 0)
    answers = given_by(book)
    assert len(answers) > 50
    assert len(set(answers)) == 50
    assert held(book) == 50 * LOT


def test_a_silent_venue_fills_long_after() -> None:
    book = book_with(Faults(silence=ALWAYS, silence_ms=60_000))
    book.take(order(), 0)
    assert given_by(book, 59_999) == []
    assert len(given_by(book, 60_000)) == 1


def test_prices_slip_and_improve_within_their_bounds() -> None:
    book = book_with(Faults(slippage_max=3, improvement_max=2))
    for number in range(1, 201):
        book.take(order(number, side=Side(number % 2)), 0)
    answers = [answer for answer in given_by(book) if isinstance(answer, HedgeFilled)]
    assert {fill.price - 110_010 for fill in answers if fill.order % 2 == Side.BUY} == {-2, -1, 0, 1, 2, 3}
    assert {110_000 - fill.price for fill in answers if fill.order % 2 == Side.SELL} == {-2, -1, 0, 1, 2, 3}


def test_an_unheard_fill_is_in_the_book_and_nowhere_else() -> None:
    book = book_with(Faults(unheard=ALWAYS))
    book.take(order(), 0)
    assert given_by(book) == [HedgeEnded(1, "cancelled")]
    assert book.find(1) == [HedgeEnded(1, "cancelled")]
    assert held(book) == LOT


def test_an_overfill_is_a_lie_of_the_answer_not_of_the_book() -> None:
    book = book_with(Faults(overfill=ALWAYS))
    book.take(order(), 0)
    assert given_by(book) == [HedgeFilled(1, "lp-1", 2 * LOT, 110_010, True)]
    assert held(book) == LOT


def test_a_position_moved_by_hand_shows_in_the_book() -> None:
    book = book_with(Faults())
    book.move("EURUSD", -LOT)
    assert book.positions().positions == (VenuePosition("EURUSD", -LOT),)
    book.move("EURUSD", LOT)
    assert book.positions().positions == ()


def test_a_line_lost_before_arrival_leaves_the_order_unknown_to_the_venue() -> None:
    line = line_with(Faults(lost_before=ALWAYS, away_min_ms=100, away_max_ms=100))
    with pytest.raises(VenueDown):
        line.send(order(), 0)
    with pytest.raises(VenueDown):
        line.find(1, 99)
    assert line.find(1, 100) is None


def test_a_line_lost_after_arrival_leaves_the_answers_to_be_asked_for() -> None:
    line = line_with(Faults(lost_after=ALWAYS, away_min_ms=100, away_max_ms=100))
    with pytest.raises(VenueDown):
        line.send(order(), 0)
    with pytest.raises(VenueDown):
        line.poll(150)
    assert line.poll(150) == []
    assert line.find(1, 150) == [HedgeFilled(1, "lp-1", LOT, 110_010, True)]


def test_a_line_that_breaks_under_an_answer_loses_it_until_asked() -> None:
    line = line_with(Faults(lost_answer=ALWAYS, latency_min_ms=10, latency_max_ms=10, away_min_ms=5, away_max_ms=5))
    line.send(order(), 0)
    with pytest.raises(VenueDown):
        line.poll(20)
    assert line.find(1, 20) == [HedgeFilled(1, "lp-1", LOT, 110_010, True)]


def test_answers_given_while_the_line_is_away_are_lost_even_if_read_later() -> None:
    line = line_with(Faults(latency_min_ms=10, latency_max_ms=10))
    line.send(order(1), 0)
    line.hang_up(5, 20)
    with pytest.raises(VenueDown):
        line.poll(100)
    line.send(order(2), 100)
    assert line.poll(110) == [HedgeFilled(2, "lp-2", LOT, 110_010, True)]


FAULTS = st.builds(
    Faults,
    latency_max_ms=st.integers(0, 500),
    **{
        chance: st.sampled_from([0, 200_000, PPM])
        for chance in ("silence", "reject", "split", "cut_short", "repeat", "unheard")
    },
)


@settings(max_examples=50, deadline=None)
@given(faults=FAULTS, seed=st.integers(0, 2**32), volumes=st.lists(st.integers(1, 10 * LOT), max_size=12))
def test_every_order_ends_once_and_the_told_fills_are_the_book_but_for_the_unheard(
    faults: Faults, seed: int, volumes: list[int]
) -> None:
    book = book_with(faults, seed)
    for number, volume in enumerate(volumes, 1):
        book.take(order(number, volume), number)
    distinct = set(given_by(book))
    fills = [answer for answer in distinct if isinstance(answer, HedgeFilled)]
    final = [answer.order for answer in distinct if isinstance(answer, HedgeEnded) or answer.last]
    assert sorted(final) == list(range(1, len(volumes) + 1))
    told = sum(fill.volume for fill in fills)
    assert told <= held(book) <= sum(volumes)
    assert faults.unheard or told == held(book)


@settings(max_examples=20, deadline=None)
@given(faults=FAULTS, seed=st.integers(0, 2**32))
def test_one_seed_gives_one_history(faults: Faults, seed: int) -> None:
    histories = []
    for _ in range(2):
        book = book_with(faults, seed)
        for number in range(1, 10):
            book.take(order(number), number * 10)
        histories.append(book.advance(10**9))
    assert histories[0] == histories[1]


def test_settings_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="least time"):
        Faults(latency_min_ms=2, latency_max_ms=1)
    with pytest.raises(ValueError, match="reason"):
        Faults(reject_reasons=())
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"reject": PPM + 1}, Faults)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"rejects": 1}, Faults)


class WallClock:
    def now(self) -> int:
        return time.monotonic_ns() // 1_000_000


def test_the_asynchronous_venue_answers_in_time_and_reports_a_break() -> None:
    async def story() -> None:
        faults = Faults(latency_min_ms=5, latency_max_ms=5)
        venue = SimulatedVenue("lp", quote=quote, clock=WallClock(), faults=faults, rng=Random(1))
        answers = venue.answers()
        first = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(0)
        await venue.send(order(1))
        assert await first == HedgeFilled(1, "lp-1", LOT, 110_010, True)
        second = asyncio.ensure_future(anext(answers))
        await asyncio.sleep(0)
        venue.hang_up(10)
        with pytest.raises(VenueDown):
            await second
        with pytest.raises(VenueDown):
            await venue.send(order(2))
        await asyncio.sleep(0.015)
        assert (await venue.positions()).positions == (VenuePosition("EURUSD", LOT),)
        assert await venue.find(2) is None

    asyncio.run(asyncio.wait_for(story(), 5))
