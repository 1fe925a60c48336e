"""Beside quantstats and empyrical, on the same daily returns.

The same, to rounding: Sharpe, Sortino (all days in the denominator), volatility, annual growth (empyrical, quantstats),
Calmar, maximal drawdown, and win rate, profit factor and payoff if a *day* is taken for a trade.

Not the same, for reasons:
- drawdown: theirs looks at the closes given to it and is negative; ours is a size, and knows the lowest between closes.
- win rate and profit factor: theirs count days, ours trades; a page that shows theirs as trades is wrong.
- probabilistic Sharpe: quantstats takes skew and kurtosis of a sample (pandas), ours of the population, as the paper does.
- recovery factor: quantstats divides the *sum* of returns by a relative drawdown; ours is money by money.
- nothing to divide by: they answer nan, inf or 0; ours is None.
"""

import warnings
from importlib import import_module
from random import Random
from typing import Any

import pytest

from prorata.reports.drawdowns import drawdowns_on_equity
from prorata.reports.risk import annual_growth, calmar, probabilistic_sharpe, sharpe, sortino, volatility
from prorata.reports.series import EquityPoint, Life, daily_returns, lives_of
from prorata.reports.trades import Trade, TradeFigures, recovery_factor, trade_figures
from prorata.reports.yields import time_weighted
from prorata.units.numbers import DAY_MS

from .vectors import MONDAY

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    # By name, since none of them says its types.
    empyrical, quantstats, pd = (import_module(name) for name in ("empyrical", "quantstats.stats", "pandas"))

pytestmark = pytest.mark.filterwarnings("ignore")


def life_of(seed: int) -> Life:
    random = Random(seed)
    equity, points = 10_000_000_00, []
    for day in range(260):
        points.append(EquityPoint(MONDAY + day * DAY_MS, equity, equity))
        equity = round(equity * (1 + random.gauss(0.0006, 0.012)))
    (life,) = lives_of(points)
    return life


LIVES = [life_of(seed) for seed in (1, 2, 3)]


def series_of(life: Life) -> Any:
    returns = daily_returns(life.equity)
    return pd.Series(returns, index=pd.date_range("2026-03-03", periods=len(returns), freq="D"))


def days_as_trades(life: Life) -> TradeFigures:
    return trade_figures([Trade("ALL", MONDAY, MONDAY, 1, round(value * 10**12)) for value in daily_returns(life.equity)])


@pytest.mark.parametrize("life", LIVES)
def test_return_for_risk_is_theirs(life: Life) -> None:
    returns, theirs = daily_returns(life.equity), series_of(life)
    assert sharpe(returns) == pytest.approx(empyrical.sharpe_ratio(theirs), rel=1e-12)
    assert sharpe(returns) == pytest.approx(quantstats.sharpe(theirs), rel=1e-12)
    assert sortino(returns) == pytest.approx(empyrical.sortino_ratio(theirs), rel=1e-12)
    assert sortino(returns) == pytest.approx(quantstats.sortino(theirs), rel=1e-12)
    assert volatility(returns) == pytest.approx(empyrical.annual_volatility(theirs), rel=1e-12)
    assert volatility(returns) == pytest.approx(quantstats.volatility(theirs), rel=1e-12)


@pytest.mark.parametrize("life", LIVES)
def test_growth_drawdown_and_calmar_are_theirs_on_closes(life: Life) -> None:
    theirs = series_of(life)
    growth = annual_growth(time_weighted(life), len(theirs))
    drawdown = drawdowns_on_equity(life).relative
    assert drawdown is not None
    assert growth == pytest.approx(empyrical.annual_return(theirs), rel=1e-9)
    assert growth == pytest.approx(quantstats.cagr(theirs), rel=1e-9)
    assert -drawdown.share == pytest.approx(empyrical.max_drawdown(theirs), rel=1e-9)
    assert -drawdown.share == pytest.approx(quantstats.max_drawdown(theirs), rel=1e-9)
    assert calmar(growth, drawdown.share) == pytest.approx(empyrical.calmar_ratio(theirs), rel=1e-9)
    assert calmar(growth, drawdown.share) == pytest.approx(quantstats.calmar(theirs), rel=1e-9)


@pytest.mark.parametrize("life", LIVES)
def test_win_rate_profit_factor_and_payoff_are_theirs_if_days_were_trades(life: Life) -> None:
    figures, theirs = days_as_trades(life), series_of(life)
    assert figures.win_rate == pytest.approx(quantstats.win_rate(theirs), rel=1e-9)
    assert figures.profit_factor == pytest.approx(quantstats.profit_factor(theirs), rel=1e-9)
    assert figures.payoff == pytest.approx(quantstats.payoff_ratio(theirs), rel=1e-9)
    assert figures.longest_win.trades == quantstats.consecutive_wins(theirs)


@pytest.mark.parametrize("life", LIVES)
def test_the_probabilistic_sharpe_differs_by_the_moments_of_a_sample(life: Life) -> None:
    ours, theirs = probabilistic_sharpe(daily_returns(life.equity)), quantstats.probabilistic_sharpe_ratio(series_of(life))
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert ours != pytest.approx(theirs, rel=1e-9)


def test_the_recovery_factor_is_money_by_money_and_not_a_sum_of_returns() -> None:
    # 100, 200, 150, 300: 200 earned after a fall of 50. They add 100 %, -25 % and 100 %, and divide by 25 %.
    path = [EquityPoint(MONDAY + day * DAY_MS, equity, equity) for day, equity in enumerate((100_00, 200_00, 150_00, 300_00))]
    (life,) = lives_of(path)
    maximal = drawdowns_on_equity(life).maximal
    assert maximal is not None
    assert recovery_factor(200_00, maximal.money) == 4.0
    assert quantstats.recovery_factor(series_of(life)) == pytest.approx(7.0)


def test_the_worst_between_closes_is_invisible_to_them() -> None:
    path = [
        EquityPoint(MONDAY + day * DAY_MS, equity, equity, 0, worst)
        for day, (equity, worst) in enumerate(((100_00, None), (101_00, 50_00), (102_00, None)))
    ]
    (life,) = lives_of(path)
    drawdown = drawdowns_on_equity(life).relative
    assert drawdown is not None
    assert drawdown.share == pytest.approx(0.5)
    assert empyrical.max_drawdown(series_of(life)) == 0


def test_where_they_divide_by_nothing_there_is_no_figure() -> None:
    rising = [0.01] * 20
    assert (sharpe(rising), sortino(rising), probabilistic_sharpe(rising)) == (None, None, None)
    assert quantstats.profit_factor(pd.Series(rising)) == float("inf")
    assert trade_figures([Trade("ALL", 0, 0, 1, 100)]).profit_factor is None
    assert calmar(0.2, 0.0) is None
