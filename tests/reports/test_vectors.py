"""The computed vectors of the statistics: a record, and each figure to the digits that were published with it."""

import pytest

from prorata.reports.drawdowns import drawdowns_on_equity, falls_of
from prorata.reports.fee_examples import Mark, fees_on_returns, mark_after_withdrawal
from prorata.reports.risk import annual_growth, calmar, sharpe, sortino
from prorata.reports.series import EquityPoint, daily_returns, lives_of
from prorata.reports.small_accounts import Rounding, held_volumes
from prorata.reports.trades import recovery_factor, trade_figures
from prorata.reports.yields import gains_of, linked_periods, time_weighted
from prorata.units.numbers import DAY_MS

from .vectors import HOUR_MS, MONDAY, PATH, TRADES, balance_path

(LIFE,) = lives_of(PATH)
RETURNS = daily_returns(LIFE.equity)


def close(expected: float, digits: int) -> object:
    return pytest.approx(expected, abs=0.5 * 10**-digits)


def test_the_yield_links_the_days_and_the_periods_between_flows_alike() -> None:
    linked = 1.0
    for part in linked_periods(LIFE):
        linked *= 1 + part
    assert time_weighted(LIFE) == close(0.023983, 6)
    assert linked - 1 == close(0.023983, 6)
    assert len(linked_periods(LIFE)) == 3
    assert sum(linked_periods(LIFE)) == close(0.024659, 6)


def test_gains_set_the_profit_against_the_money_put_in() -> None:
    gains = gains_of(LIFE)
    assert (gains.profit, gains.deposits, gains.withdrawals) == (200_00, 15_000_00, 2_000_00)
    assert gains.on_deposits == close(0.013333, 6)
    assert gains.on_net_deposits == close(0.015385, 6)
    assert gains.modified_dietz == close(0.015504, 6)


def test_a_withdrawal_is_no_drawdown() -> None:
    relative = drawdowns_on_equity(LIFE).relative
    assert relative is not None
    assert relative.share == close(0.045455, 6)
    naive = max(1 - fall.trough_level / fall.peak_level for fall in falls_of((point.equity, point.equity) for point in PATH))
    assert naive == close(0.146828, 6)


def test_return_for_risk_of_ten_days() -> None:
    assert len(RETURNS) == 10
    assert sharpe(RETURNS, periods=1) == close(0.109849, 6)
    assert sharpe(RETURNS) == close(1.743797, 6)
    assert sortino(RETURNS) == close(2.807456, 6)


def test_ten_days_make_absurd_rates_a_year() -> None:
    growth = annual_growth(time_weighted(LIFE), len(RETURNS))
    assert growth == close(0.817, 3)
    assert calmar(growth, 0.045455) == close(18.0, 1)


def test_trades_with_and_without_break_even() -> None:
    figures = trade_figures(TRADES)
    assert figures.profit_factor == close(1.7407, 4)
    assert figures.expectancy == 25_00
    assert figures.win_rate == close(0.5714, 4)
    assert figures.win_rate_with_break_even == 0.5
    assert (figures.average_win, figures.average_loss) == (117_50, -90_00)
    assert figures.payoff == close(1.3056, 4)
    assert figures.holding.mean == 6.1875 * HOUR_MS


def test_trades_fall_and_recover() -> None:
    (life,) = lives_of(balance_path(10_000_00, TRADES))
    drawdowns = drawdowns_on_equity(life)
    assert drawdowns.maximal is not None
    assert (drawdowns.absolute, drawdowns.maximal.money) == (0, 150_00)
    assert drawdowns.maximal.share == close(0.014563, 6)
    assert recovery_factor(gains_of(life).profit, drawdowns.maximal.money) == close(1.3333, 4)


@pytest.mark.parametrize(
    ("mark", "fees"), [(Mark.BEFORE_FEE, [600_00, 0, 150_00, 450_00]), (Mark.AFTER_FEE, [600_00, 0, 330_00, 487_79])]
)
def test_the_high_water_mark_means_two_things(mark: Mark, fees: list[int]) -> None:
    # The returns are published with four places, so that the fees are theirs to two cents.
    returns = [200_000, -35_088, 136_364, 133_603]
    assert [period.fee for period in fees_on_returns(10_000_00, returns, 300_000, mark)] == pytest.approx(fees, abs=2)


def test_a_withdrawal_moves_the_mark_in_proportion_or_flat() -> None:
    proportional = mark_after_withdrawal(12_000_00, 10_000_00, 5_000_00, proportional=True)
    flat = mark_after_withdrawal(12_000_00, 10_000_00, 5_000_00, proportional=False)
    assert (proportional, flat) == (6_000_00, 7_000_00)
    assert [proportional / 5_000_00 - 1, flat / 5_000_00 - 1] == pytest.approx([0.2, 0.4])


def test_rounding_the_target_is_the_only_rounding_that_keeps_up() -> None:
    tenth, step = 10_000_000, 1_000_000
    strategy = [tenth, 2 * tenth, 3 * tenth, 4 * tenth, 5 * tenth]
    ratio = (37, 1000)
    assert held_volumes(strategy, ratio, step, Rounding.DOWN) == [0, 0, 0, 0, 0]
    assert held_volumes(strategy, ratio, step, Rounding.UP)[-1] == 5 * step
    assert 5 * step / 1_850_000 == close(2.70, 2)
    assert held_volumes(strategy, ratio, step, Rounding.TARGET) == [0, step, step, step, 2 * step]
    for rounding in Rounding:
        assert held_volumes([*strategy, 0], ratio, step, rounding)[-1] == 0


def test_gains_are_linked_and_not_added() -> None:
    path = [
        EquityPoint(MONDAY, 1_000_00, 1_000_00),
        EquityPoint(MONDAY + DAY_MS, 1_500_00, 1_500_00, 2_000_00),
        EquityPoint(MONDAY + 2 * DAY_MS, 4_000_00, 4_000_00),
    ]
    (life,) = lives_of(path)
    assert sum(linked_periods(life)) == close(0.6429, 4)
    assert time_weighted(life) == close(0.7143, 4)
    assert gains_of(life).on_deposits == close(0.3333, 4)


def test_half_lost_and_six_percent_made_is_47_percent_lost() -> None:
    path = [EquityPoint(MONDAY + day * DAY_MS, equity, equity) for day, equity in enumerate((1_000_00, 500_00, 530_00))]
    (life,) = lives_of(path)
    assert time_weighted(life) == close(-0.47, 6)
