"""Exposure, followers, fidelity, charts, ratings, risk score, excursions: one claim each, with its numbers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prorata.reports.averages import nearest_rank, quantile
from prorata.reports.charts import LARGE_CHART, SMALL_CHART, reduce_chart
from prorata.reports.exposure import ExposurePoint, Load, SymbolShare, deposit_load, leverage, symbol_shares, top_symbols
from prorata.reports.fidelity import (
    CopiedDeal,
    Execution,
    ExecutionQuality,
    Held,
    copied_share,
    execution_quality,
    fidelity,
)
from prorata.reports.followers import dispersion
from prorata.reports.ratings import Listing, RatingRules, all_strategies, growth, popular, rating
from prorata.reports.risk_score import RiskInputs, portfolio_deviation, risk_score
from prorata.reports.series import PricePoint
from prorata.reports.small_accounts import capital_to_copy
from prorata.reports.trades import Excursion, Streak, excursion_figures, excursion_of, longest_streak, trade_figures
from prorata.units.numbers import DAY_MS, PPM

from .vectors import HOUR_MS, MONDAY, TRADES

LOT = 100_000_000


def test_leverage_is_what_is_used_now_at_most_and_by_time() -> None:
    points = [
        ExposurePoint(0, 1_000_00, 2_000_00, 20_00),
        ExposurePoint(10, 1_000_00, 4_000_00, 40_00),
        ExposurePoint(40, 2_000_00, 1_000_00, 10_00),
    ]
    assert leverage(points) == Load(now=0.5, most=4.0, average=3.5)
    load = deposit_load(points)
    assert [load.now, load.most, load.average] == pytest.approx([0.005, 0.04, 0.035])


def test_there_is_no_leverage_of_nothing() -> None:
    assert leverage([ExposurePoint(0, -5, 10, 10)]) == leverage([]) == Load(None, None, None)
    ended = leverage([ExposurePoint(0, 100, 200, 0), ExposurePoint(10, 0, 0, 0)])
    assert ended == Load(now=None, most=2.0, average=2.0)


@given(st.dictionaries(st.sampled_from(["EURUSD", "GBPUSD", "XAUUSD", "USDJPY"]), st.integers(0, 10**12)))
def test_symbol_shares_sum_to_the_whole(values: dict[str, int]) -> None:
    shares = symbol_shares(values)
    assert sum(share.ppm for share in shares) == (PPM if any(values.values()) else 0)
    assert [share.ppm for share in shares] == sorted((share.ppm for share in shares), reverse=True)


def test_the_largest_symbols_come_first_and_three_are_named() -> None:
    shares = symbol_shares({"XAUUSD": 100, "EURUSD": 300, "USDJPY": 100, "GBPUSD": 500, "DE40": 0})
    assert shares[0] == SymbolShare("GBPUSD", 500_000)
    assert top_symbols(shares) == ["GBPUSD", "EURUSD", "USDJPY"]


def test_followers_lie_below_the_strategy_by_the_gap() -> None:
    found = dispersion(0.12, [0.11, 0.06, 0.08, 0.09])
    assert [found.lower_quartile, found.median, found.upper_quartile, found.gap] == pytest.approx([0.075, 0.085, 0.095, 0.035])
    assert (found.investors, found.lowest, found.highest) == (4, 0.06, 0.11)
    assert dispersion(0.12, []).gap is None


@given(st.lists(st.floats(-10, 10), min_size=1), st.floats(0, 1))
def test_a_quantile_lies_among_the_values(values: list[float], share: float) -> None:
    found = quantile(values, share)
    assert found is not None
    assert min(values) <= found <= max(values)


def test_percentiles_are_values_that_occurred() -> None:
    assert [nearest_rank(list(range(1, 21)), percent) for percent in (50, 95, 99, 100)] == [10, 19, 20, 20]
    assert nearest_rank([], 50) is None


def test_a_copy_that_held_nine_hours_of_ten_is_nine_tenths_of_one() -> None:
    assert copied_share([Held(9 * HOUR_MS, LOT, LOT), Held(HOUR_MS, LOT, 0)]) == pytest.approx(0.9)
    assert copied_share([Held(HOUR_MS, -LOT, LOT)]) == -1.0
    assert copied_share([Held(HOUR_MS, 0, 0)]) is None


def test_slippage_is_counted_for_and_against() -> None:
    found = fidelity(
        [
            CopiedDeal(LOT, 110_010, 110_012, 10, -2_00, 80),
            CopiedDeal(-LOT, 110_010, 110_011, 10, 1_00, 120),
            CopiedDeal(2 * LOT, 110_010, 110_010, 10, 0, 400),
        ]
    )
    assert (found.better, found.same, found.worse) == (1, 1, 1)
    assert found.slippage_pips == pytest.approx(-0.1 / 3)
    assert found.slippage_pips_by_volume == pytest.approx(-0.025)
    assert (found.slippage, found.slippage_per_lot) == (-1_00, -25.0)
    assert (found.latency_p50_ms, found.latency_p95_ms, found.latency_p99_ms) == (120, 400, 400)


def test_execution_quality_is_told_by_month_and_kind() -> None:
    fills = [Execution(202603, "market", points, 10, True) for points in (2, 0, -1, -3)]
    quality = execution_quality([*fills, Execution(202603, "market", 0, 0, False), Execution(202602, "limit", 1, 30, True)])
    assert quality == [
        ExecutionQuality(202602, "limit", 1, 1.0, 1.0, 0.0, 0.0, 1.0, 30),
        ExecutionQuality(202603, "market", 5, 0.8, 0.25, 0.25, 0.5, -0.5, 10),
    ]


curves = st.lists(st.tuples(st.integers(1, 10**8), st.integers(1, 10**6)), max_size=400)


@given(curves, st.sampled_from([4, SMALL_CHART, LARGE_CHART]))
def test_a_chart_keeps_its_ends_and_extremes(curve: list[tuple[int, int]], most: int) -> None:
    at, points = 0, []
    for step, price in curve:
        at += step
        points.append(PricePoint(at, price / 100, price / 100))
    chart = reduce_chart(points, most)
    assert len(chart) <= most
    assert chart == [point for point in points if point in set(chart)]
    if points:
        assert (chart[0], chart[-1]) == (points[0], points[-1])
        prices = [point.price for point in points]
        assert {min(prices), max(prices)} <= {point.price for point in chart}


def test_a_long_curve_uses_all_points_it_may() -> None:
    points = [PricePoint(at, 100 + (at * 7919) % 101, 0.0) for at in range(5_000)]
    assert (len(reduce_chart(points, SMALL_CHART)), len(reduce_chart(points, LARGE_CHART))) == (25, 250)


NOW = MONDAY + 400 * DAY_MS


def listing(strategy: int, total: float = 0.1, *, public: bool = True, closed: bool = False, **more: int) -> Listing:
    return Listing(
        strategy=strategy,
        name=f"S{strategy}",
        opened_at=NOW - more.get("age", 60) * DAY_MS,
        first_deal_at=None if more.get("idle") else NOW - more.get("age", 60) * DAY_MS,
        last_deal_at=None if more.get("idle") else NOW - more.get("silent", 1) * DAY_MS,
        deals=more.get("deals", 20),
        total=total,
        investments=more.get("investments", 5),
        investments_week_ago=more.get("before", 5),
        public=public,
        closed=closed,
    )


def test_the_rating_asks_for_age_deals_yield_and_activity() -> None:
    listings = [
        listing(1, 0.05),
        listing(2, 0.20),
        listing(3, 0.20),
        listing(4, age=29),
        listing(5, deals=9),
        listing(6, -0.01),
        listing(7, age=500, silent=366),
        listing(8, public=False),
        listing(9, closed=True),
        listing(10, idle=1),
        listing(11, age=500, silent=365),
    ]
    rated = rating(listings, RatingRules(deals_min=10), NOW)
    assert [found.strategy for found in rated] == [2, 3, 11, 1]


def test_all_shows_whoever_has_dealt_the_closed_ones_too() -> None:
    listings = [listing(3, closed=True), listing(1, -0.9), listing(2, idle=1), listing(4, public=False)]
    assert [found.strategy for found in all_strategies(listings)] == [1, 3]


def test_popular_is_who_gained_most_investments_this_week() -> None:
    listings = [
        listing(1, investments=100, before=99),
        listing(2, investments=9, before=2),
        listing(3, investments=3, before=8),
        listing(4, investments=101, before=100),
        listing(5, investments=50, before=0, closed=True),
    ]
    assert [(found.strategy, growth(found)) for found in popular(listings)] == [(2, 7), (4, 1), (1, 1), (3, -5)]


def test_the_risk_score_follows_its_breakpoints() -> None:
    falls = (0.0, 0.0099, 0.01, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.59, 0.6, 0.9)
    scores = [risk_score(RiskInputs((), drawdown=fall)) for fall in falls]
    assert scores == [1, 1, 2, 4, 6, 6, 7, 8, 9, 9, 10, 10]


def test_the_largest_of_three_views_makes_the_score_and_open_risk_adds_one() -> None:
    deviation = portfolio_deviation([2.0], [[0.006**2]])
    assert deviation == pytest.approx(0.012)
    assert risk_score(RiskInputs((), 0.0, deviation)) == 5
    assert risk_score(RiskInputs((), 0.0, deviation, exposure=100, protected=50)) == 6
    assert risk_score(RiskInputs((), 0.0, deviation, exposure=100, protected=51)) == 5
    assert risk_score(RiskInputs((0.01, -0.01), 0.0)) == 5
    assert risk_score(RiskInputs((), 0.9, exposure=1)) == 10
    assert portfolio_deviation([1.0, -1.0], [[0.0001, 0.0001], [0.0001, 0.0001]]) == 0.0


def test_only_the_last_sixty_days_are_scored() -> None:
    assert risk_score(RiskInputs((0.5, -0.5, *[0.0] * 60), 0.0)) == 1


def test_excursions_tell_what_was_left_on_the_table() -> None:
    assert excursion_of([-3_00, 12_00, 5_00], 8_00) == Excursion(8_00, 12_00, -3_00)
    assert excursion_of([], 8_00) == Excursion(8_00, 8_00, 8_00)
    found = excursion_figures([Excursion(8_00, 12_00, -3_00), Excursion(-4_00, 2_00, -4_00)])
    assert (found.average_favourable, found.average_adverse) == (7_00, -3_50)
    assert [found.captured, found.edge] == pytest.approx([2 / 3, 2.0])
    assert excursion_figures([]).captured is None


def test_streaks_pass_over_break_even() -> None:
    assert longest_streak([1, 0, 2, -1, 9], sign=1) == Streak(2, 3)
    assert longest_streak([-1, -1, 3, 0, -5, -5], sign=-1) == Streak(2, -10)
    assert longest_streak([], sign=1) == Streak(0, 0)


def test_holding_times_of_winners_and_losers_and_by_volume() -> None:
    holding = trade_figures(TRADES).holding
    assert (holding.mean_of_winners, holding.mean_of_losers) == (8.5 * HOUR_MS, 4.5 * HOUR_MS)
    assert holding.median == 3.5 * HOUR_MS
    # 120, 60, 0, -150 and 90 are of 0.10 lot; -80, 200 and -40 of 0.20: (18 x 1 + 31.5 x 2) / 11.
    assert holding.by_volume == pytest.approx(81 / 11 * HOUR_MS)


def test_expectancy_in_units_of_risk_needs_a_stop_loss_on_every_trade() -> None:
    assert trade_figures(TRADES).expectancy_r == 0.5
    assert trade_figures([]).expectancy_r is None
    assert trade_figures([*TRADES, type(TRADES[0])("EURUSD", 0, 1, LOT, 100)]).expectancy_r is None


def test_figures_of_no_trades_are_none_and_counts_nought() -> None:
    nothing = trade_figures([])
    assert (nothing.profit_factor, nothing.expectancy, nothing.win_rate, nothing.payoff, nothing.best) == (None,) * 5
    assert (nothing.trades, nothing.net_profit, nothing.holding.mean) == (0, 0, None)


def test_the_capital_that_copies_nearly_all_volume() -> None:
    volumes = [(LOT, 10_000_00), (-LOT, 10_000_00), (LOT // 100, 10_000_00)]
    assert capital_to_copy(volumes, LOT // 100) == 100_00
    assert capital_to_copy(volumes, LOT // 100, share_ppm=PPM) == 10_000_00
    assert capital_to_copy(volumes, LOT // 100, factor_ppm=2 * PPM) == 50_00
    assert capital_to_copy([], LOT // 100) is None
