"""The simulated market: same seed, same history; consistent pairs; sessions; spreads."""

import asyncio
import statistics
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from prorata.feeds.defaults import default_model, default_symbols
from prorata.feeds.simulated import Market, SimulatedFeed, UnknownSymbol
from prorata.messages.commands import Quote
from prorata.messages.symbols import SymbolSpec
from prorata.units.numbers import DAY_MS, MINUTE_MS, SECOND_MS, Moment

SPECS = default_symbols(2025)
BY_NAME = {spec.name: spec for spec in SPECS}
FOREX = tuple(spec for spec in SPECS if spec.category.startswith("Forex/"))
HOUR_MS = 60 * MINUTE_MS


def at(text: str) -> Moment:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000


MONDAY = at("2025-07-14 08:00:00")
FRIDAY_CLOSE = at("2025-07-18 22:00:00")
SUNDAY_OPEN = at("2025-07-20 22:00:00")


def quotes_by_name(market: Market) -> dict[str, Quote]:
    return {quote.symbol: quote for quote in market.snapshot()}


def test_the_same_seed_gives_the_same_quotes_however_often_it_is_asked() -> None:
    once, often = Market(7, SPECS, MONDAY), Market(7, SPECS, MONDAY)
    in_one = once.step(MONDAY + 10 * MINUTE_MS)
    in_many = [quote for ms in range(0, 10 * MINUTE_MS + 1, 1_700) for quote in often.step(MONDAY + ms)]
    in_many += often.step(MONDAY + 10 * MINUTE_MS)
    assert list(in_one) == in_many
    assert len(in_one) > 10_000


def test_another_seed_gives_other_quotes() -> None:
    assert Market(1, SPECS, MONDAY).step(MONDAY + MINUTE_MS) != Market(2, SPECS, MONDAY).step(MONDAY + MINUTE_MS)


def test_the_quotes_do_not_depend_on_the_hash_seed() -> None:
    program = (
        "from prorata.feeds.defaults import default_symbols; from prorata.feeds.simulated import Market;"
        f"print(Market(3, default_symbols(2025), {MONDAY}).step({MONDAY + MINUTE_MS}))"
    )
    outputs = {
        subprocess.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1


def test_pairs_are_consistent_with_each_other() -> None:
    market = Market(5, FOREX, MONDAY, rate=10_000)
    for minute in range(1, 20):
        market.step(MONDAY + minute * MINUTE_MS)
        middle = {quote.symbol: (quote.bid + quote.ask) / 2 for quote in market.snapshot()}
        implied = middle["EURUSD"] * middle["USDJPY"] / 10**5
        assert implied == pytest.approx(middle["EURJPY"], abs=3)
        assert middle["EURUSD"] / middle["GBPUSD"] * 10**5 == pytest.approx(middle["EURGBP"], abs=3)


def test_every_quote_is_whole_ticks_with_the_ask_above_the_bid() -> None:
    quotes = Market(11, SPECS, MONDAY).step(MONDAY + HOUR_MS)
    assert {quote.symbol for quote in quotes} == set(BY_NAME)
    for quote in quotes:
        assert type(quote.bid) is int
        assert type(quote.ask) is int
        assert 0 < quote.bid < quote.ask
        assert quote.bid % BY_NAME[quote.symbol].tick_size == 0
        assert quote.ask % BY_NAME[quote.symbol].tick_size == 0


def test_a_closed_symbol_is_not_quoted() -> None:
    market = Market(2, SPECS, FRIDAY_CLOSE - MINUTE_MS)
    assert {quote.symbol for quote in market.step(FRIDAY_CLOSE - SECOND_MS)} > {"EURUSD", "XAUUSD", "BTCUSD"}
    market.step(FRIDAY_CLOSE)
    saturday = market.step(FRIDAY_CLOSE + HOUR_MS)
    assert {quote.symbol for quote in saturday} == {"BTCUSD", "ETHUSD"}


def test_a_market_with_everything_closed_waits_for_the_opening_and_opens_with_a_gap() -> None:
    market = Market(2, FOREX, FRIDAY_CLOSE - MINUTE_MS)
    market.step(FRIDAY_CLOSE)
    before = quotes_by_name(market)
    assert market.step(SUNDAY_OPEN - 1) == ()
    market.step(SUNDAY_OPEN + 30 * SECOND_MS)
    after = quotes_by_name(market)
    gaps = [abs(after[name].bid - before[name].bid) for name in ("EURUSD", "GBPUSD", "AUDUSD", "USDCAD", "USDJPY")]
    assert max(gaps) > 20
    assert max(gaps) < 1_500


def test_spreads_widen_at_the_rollover() -> None:
    def mean_spread(begin: Moment) -> float:
        quotes = Market(4, FOREX, begin).step(begin + 10 * MINUTE_MS)
        return statistics.mean(quote.ask - quote.bid for quote in quotes if quote.symbol == "EURUSD")

    noon, rollover = mean_spread(at("2025-07-15 12:00:00")), mean_spread(at("2025-07-15 21:55:00"))
    assert noon == pytest.approx(default_model().symbols["EURUSD"].spread, rel=0.5)
    assert rollover > 3 * noon


def test_the_sim_moves_as_much_in_a_year_as_the_model_says() -> None:
    spec = BY_NAME["EURUSD"]
    returns = []
    for seed in range(60):
        market = Market(seed, [spec], MONDAY, step_ms=60_000)
        before = quotes_by_name(market)["EURUSD"].bid
        market.step(MONDAY + DAY_MS)
        returns.append(quotes_by_name(market)["EURUSD"].bid / before - 1)
    yearly = statistics.pstdev(returns) * 252**0.5
    assert 0.05 < yearly < 0.12


def test_stocks_move_together_and_yen_against_them() -> None:
    def moves(name: str) -> list[float]:
        return [history[name][1] / history[name][0] - 1 for history in histories]

    histories = []
    for seed in range(80):
        market = Market(seed, SPECS, MONDAY, step_ms=60_000)
        before = quotes_by_name(market)
        market.step(MONDAY + 10 * HOUR_MS)
        after = quotes_by_name(market)
        histories.append({name: (before[name].bid, after[name].bid) for name in ("US500", "NAS100", "AUDJPY")})
    assert statistics.correlation(moves("US500"), moves("NAS100")) > 0.6
    assert statistics.correlation(moves("US500"), moves("AUDJPY")) > 0.2


def test_a_market_goes_on_from_the_last_quotes() -> None:
    first = Market(1, SPECS, MONDAY)
    first.step(MONDAY + HOUR_MS)
    second = Market(9, SPECS, MONDAY + HOUR_MS, opening=first.snapshot())
    assert second.snapshot() == first.snapshot()
    second.step(MONDAY + HOUR_MS + MINUTE_MS)
    before, after = quotes_by_name(first), quotes_by_name(second)
    for name in ("EURUSD", "EURJPY", "XAUUSD", "GER40", "JPN225", "BTCUSD"):
        assert after[name].bid == pytest.approx(before[name].bid, rel=0.005)


def test_a_symbol_that_the_model_does_not_know_is_refused() -> None:
    spec = SymbolSpec(
        name="EURXYZ", base="EUR", quote="USD", profit_currency="USD", margin_currency="EUR", digits=5,
        contract_size=100_000, volume_min=1, volume_step=1, volume_max=100,
    )  # fmt: skip
    with pytest.raises(UnknownSymbol, match="EURXYZ"):
        Market(1, [spec], MONDAY)


class HandClock:
    """A clock that each look moves on."""

    def __init__(self, at: Moment, tick: int) -> None:
        self.at = at
        self.tick = tick

    def now(self) -> Moment:
        self.at += self.tick
        return self.at


def take(feed: SimulatedFeed, count: int) -> list[tuple[Quote, ...]]:
    async def collect() -> list[tuple[Quote, ...]]:
        groups = []
        async for group in feed.quotes():
            groups.append(group)
            if len(groups) == count:
                break
        return groups

    return asyncio.run(collect())


def test_the_feed_begins_with_the_last_quote_of_every_symbol() -> None:
    saturday = at("2025-07-19 12:00:00")
    groups = take(SimulatedFeed(1, SPECS, at=saturday, rate=10_000, clock=HandClock(0, 50)), 5)
    assert [quote.symbol for quote in groups[0]] == list(BY_NAME)
    assert {quote.symbol for group in groups[1:] for quote in group} <= {"BTCUSD", "ETHUSD"}


def test_a_feed_that_slept_takes_the_way_in_one_step() -> None:
    groups = take(SimulatedFeed(1, SPECS, at=MONDAY, rate=10_000, clock=HandClock(0, 3 * HOUR_MS)), 3)
    assert [len(group) for group in groups] == [len(SPECS)] * 3
    assert groups[0] != groups[1] != groups[2]


def test_market_time_runs_at_the_speed_of_the_feed() -> None:
    clock = HandClock(1_000_000, 0)
    feed = SimulatedFeed(1, SPECS, at=MONDAY, speed=60.0, clock=clock)
    assert feed.now() == MONDAY
    clock.at += 2_000
    assert feed.now() == MONDAY + 2 * MINUTE_MS
