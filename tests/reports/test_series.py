"""The unit price: flows change nothing in it, ruin ends it, and days are the trade's."""

from hypothesis import given
from hypothesis import strategies as st

from prorata.reports.drawdowns import drawdowns_on_balance, drawdowns_on_equity, falls_of
from prorata.reports.series import EquityPoint, daily_returns, day_closes, lives_of, profits_of, trading_day_of
from prorata.reports.statistics import statistics_of
from prorata.reports.yields import monthly_average, monthly_table, time_weighted, yearly_table, yields_of
from prorata.units.numbers import DAY_MS

from .vectors import HOUR_MS, MONDAY, PATH, TRADES


def points(*readings: tuple[int, int, int]) -> list[EquityPoint]:
    """Readings are (day, equity, flow); the balance is the equity."""
    return [EquityPoint(MONDAY + day * DAY_MS, equity, equity, flow) for day, equity, flow in readings]


moves = st.lists(
    st.tuples(st.integers(-300_000, 300_000), st.integers(-(10**9), 10**9)), min_size=1, max_size=12
)  # change in ppm, flow


@given(moves)
def test_deposits_and_withdrawals_change_nothing_in_the_yield(moves: list[tuple[int, int]]) -> None:
    # Large amounts, so that whole cents are no coarser than the comparison.
    plain = flowing = 10**16
    without, with_flows = points((0, plain, 0)), points((0, flowing, 0))
    for day, (change, flow) in enumerate(moves, start=1):
        plain += plain * change // 10**6
        flowing += flowing * change // 10**6
        flow = max(flow * 1_000_000, -(flowing // 2))
        without += points((day, plain, 0))
        with_flows += points((day, flowing, flow))
        flowing += flow
    (one,), (other,) = lives_of(without), lives_of(with_flows)
    assert abs(time_weighted(one) - time_weighted(other)) < 1e-6 * (1 + time_weighted(one))


def test_the_price_starts_at_a_hundred_and_ignores_a_deposit() -> None:
    (life,) = lives_of(points((0, 0, 100_00), (1, 110_00, 890_00), (2, 1_100_00, 0)))
    assert [round(point.price, 9) for point in life.equity] == [100, 110, 121]
    assert profits_of(life) == [(0, 0), (10_00, 10_00), (110_00, 110_00)]


def test_the_price_stands_still_while_all_money_is_out() -> None:
    (life,) = lives_of(points((0, 0, 100_00), (1, 120_00, -120_00), (2, 0, 50_00), (3, 55_00, 0)))
    assert [round(point.price, 9) for point in life.equity] == [100, 120, 120, 132]


def test_ruin_ends_a_life_and_new_money_opens_another() -> None:
    ruined, new = lives_of(points((0, 0, 100_00), (1, -5_00, 5_00), (2, 0, 200_00), (3, 220_00, 0)))
    assert (ruined.ruined, time_weighted(ruined)) == (True, -1.0)
    assert (new.ruined, round(time_weighted(new), 9)) == (False, 0.1)
    relative = drawdowns_on_equity(ruined).relative
    assert relative is not None
    assert (relative.share, relative.recovered_at) == (1.0, None)


def test_money_that_comes_with_the_ruin_belongs_to_the_next_life() -> None:
    statistics = statistics_of(
        points((0, 0, 100_00), (1, -5_00, 105_00), (2, 110_00, 0)), TRADES, as_of=MONDAY + 3 * DAY_MS, as_of_seq=7
    )
    first, second = statistics.lives
    assert (first.gains.profit, first.gains.deposits, second.gains.profit) == (-105_00, 100_00, 10_00)
    assert first.trades.trades + second.trades.trades == len(TRADES)
    assert statistics.as_of_seq == 7


def test_no_money_no_life() -> None:
    assert lives_of(points((0, 0, 0), (1, -5_00, 5_00))) == ()


def test_the_rollover_ends_its_day() -> None:
    assert trading_day_of(MONDAY) == MONDAY // DAY_MS
    assert trading_day_of(MONDAY + 1) == MONDAY // DAY_MS + 1
    assert trading_day_of(MONDAY - DAY_MS + 1) == MONDAY // DAY_MS


def test_a_day_closes_at_its_last_price_and_the_first_counts_from_the_opening() -> None:
    morning = MONDAY - 10 * HOUR_MS
    path = [
        EquityPoint(morning, 100_00, 100_00),
        EquityPoint(MONDAY - 1, 120_00, 120_00),
        EquityPoint(MONDAY, 110_00, 110_00),
        EquityPoint(MONDAY + DAY_MS, 121_00, 121_00),
    ]
    (life,) = lives_of(path)
    assert [round(value, 9) for value in daily_returns(life.equity)] == [0.1, 0.1]
    assert [round(close.price, 9) for close in day_closes(life.equity)] == [110, 121]


def test_the_lowest_between_two_points_is_in_the_drawdown_of_equity_and_not_of_balance() -> None:
    path = [
        EquityPoint(MONDAY, 100_00, 100_00),
        EquityPoint(MONDAY + DAY_MS, 101_00, 101_00, 0, 60_00),
        EquityPoint(MONDAY + 2 * DAY_MS, 102_00, 102_00),
    ]
    (life,) = lives_of(path)
    on_equity, on_balance = drawdowns_on_equity(life), drawdowns_on_balance(life)
    assert on_equity.relative is not None
    assert round(on_equity.relative.share, 9) == 0.4
    assert (on_equity.relative.money, on_equity.absolute) == (40_00, 40_00)
    assert on_equity.relative.recovered_at == MONDAY + DAY_MS
    assert (on_balance.relative, on_balance.maximal, on_balance.absolute) == (None, None, 0)


def test_the_deepest_the_dearest_and_the_longest_drawdown_may_be_three() -> None:
    # -50 % of 100 in a day; -300 of 1,100 (with a deposit between) in a day; -1 for ten days.
    path = points((0, 100_00, 0), (1, 50_00, 0), (2, 100_00, 1_000_00), (3, 800_00, 0), (4, 1_200_00, 0), (5, 1_199_00, 0))
    path += points((15, 1_199_00, 0))
    (life,) = lives_of(path)
    drawdowns = drawdowns_on_equity(life)
    assert drawdowns.relative is not None
    assert drawdowns.maximal is not None
    assert drawdowns.longest is not None
    assert (drawdowns.relative.share, drawdowns.relative.money) == (0.5, 50_00)
    assert (drawdowns.relative.duration_ms, drawdowns.relative.recovery_ms) == (2 * DAY_MS, DAY_MS)
    assert (drawdowns.maximal.money, round(drawdowns.maximal.share, 6)) == (300_00, 0.272727)
    assert (drawdowns.longest.duration_ms, drawdowns.longest.recovered_at) == (11 * DAY_MS, None)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60))
def test_the_deepest_fall_is_the_worst_of_all_pairs(levels: list[int]) -> None:
    worst = max((1 - after / before for place, before in enumerate(levels) for after in levels[place + 1 :]), default=0.0)
    falls = falls_of((float(level), float(level)) for level in levels)
    assert max((1 - fall.trough_level / fall.peak_level for fall in falls), default=0.0) == max(worst, 0.0)


def test_a_window_longer_than_the_life_has_no_yield() -> None:
    (life,) = lives_of(points(*[(day, 100_00 + day * 1_00, 0) for day in range(11)]))
    yields = yields_of(life.equity, MONDAY + 10 * DAY_MS)
    assert yields.day is not None
    assert yields.week is not None
    assert [round(value, 6) for value in (yields.current, yields.day, yields.week)] == [0.1, 0.009174, 0.067961]
    assert (yields.month, yields.quarter) == (None, None)


def test_the_monthly_average_compounds_and_projects_nothing() -> None:
    month = round(30.4375 * DAY_MS)
    assert round(monthly_average(0.21, 2 * month), 9) == 0.1
    assert monthly_average(0.05, month // 3) == 0.05
    assert monthly_average(-1.0, 2 * month) == -1.0


def test_a_year_is_the_product_of_its_months() -> None:
    # 2 March to 2 May and 2 January: 10 %, 10 % and nothing; then 2027.
    path = points((0, 100_00, 0), (29, 110_00, 0), (31, 121_00, 0), (61, 121_00, 0), (306, 242_00, 0))
    (life,) = lives_of(path)
    months = monthly_table(life.equity)
    table = [(month.year, month.month, round(month.total, 9)) for month in months]
    assert table == [(2026, 3, 0.1), (2026, 4, 0.1), (2026, 5, 0.0), (2027, 1, 1.0)]
    assert [(year.year, round(year.total, 9)) for year in yearly_table(months)] == [(2026, 0.21), (2027, 1.0)]


def test_no_rate_a_year_for_ten_days() -> None:
    (figures,) = statistics_of(PATH, TRADES, as_of=PATH[-1].at, as_of_seq=1).lives
    risk = figures.risk
    assert (risk.volatility, risk.sharpe, risk.sortino, risk.annual_growth, risk.calmar) == (None,) * 5
    assert risk.sharpe_of_a_day is not None
    assert risk.days == 10


def test_rates_a_year_come_with_ninety_days_and_thirty_trades() -> None:
    path = points(*[(day, 10_000_00 + day * 10_00 + (day % 3) * 25_00, 0) for day in range(91)])
    (figures,) = statistics_of(path, TRADES * 4, as_of=path[-1].at, as_of_seq=1).lives
    assert figures.risk.sharpe is not None
    assert figures.risk.calmar is not None
    (too_few,) = statistics_of(path, TRADES * 3, as_of=path[-1].at, as_of_seq=1).lives
    assert too_few.risk.sharpe is None
