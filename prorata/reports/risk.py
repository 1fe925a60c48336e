"""Return for risk: volatility, Sharpe, Sortino, Calmar, and how sure a Sharpe ratio is (docs/trade/statistics.md).

All take the returns of days (`series.daily_returns`): 0.02 for 2 %. A rate a year is made with 252 trading days.
"""

from collections.abc import Sequence
from math import erfc, fsum, sqrt

DAYS_PER_YEAR = 252


def deviation(returns: Sequence[float]) -> float | None:
    """Return the standard deviation of a day, of a sample (n - 1). None of fewer than two days."""
    if len(returns) < 2:
        return None
    if min(returns) == max(returns):
        # Said outright: a mean that is a bit off would leave a bit of deviation, and divide by it.
        return 0.0
    centre = fsum(returns) / len(returns)
    return sqrt(fsum((value - centre) ** 2 for value in returns) / (len(returns) - 1))


def volatility(returns: Sequence[float], periods: int = DAYS_PER_YEAR) -> float | None:
    """Return the deviation of a year: of a day x the root of `periods`."""
    daily = deviation(returns)
    return None if daily is None else daily * sqrt(periods)


def sharpe(returns: Sequence[float], periods: int = DAYS_PER_YEAR, risk_free: float = 0.0) -> float | None:
    """Return mean / deviation of what exceeds the risk-free return of a day, x the root of `periods` (1 for a day's).

    None of fewer than two days, and where nothing varied.
    """
    excess = [value - risk_free for value in returns]
    daily = deviation(excess)
    if not daily:
        return None
    return fsum(excess) / len(excess) / daily * sqrt(periods)


def downside_deviation(returns: Sequence[float], least: float = 0.0) -> float | None:
    """Return the root of the mean square of what is missing to `least`; days that reach it count as zeros."""
    if not returns:
        return None
    return sqrt(fsum(min(value - least, 0.0) ** 2 for value in returns) / len(returns))


def sortino(returns: Sequence[float], periods: int = DAYS_PER_YEAR, least: float = 0.0) -> float | None:
    """Return mean excess over `least` / downside deviation, x the root of `periods`. None if no day fell short."""
    below = downside_deviation(returns, least)
    if len(returns) < 2 or not below:
        return None
    return fsum(value - least for value in returns) / len(returns) / below * sqrt(periods)


def annual_growth(total: float, days: int, periods: int = DAYS_PER_YEAR) -> float | None:
    """Return the yield a year that, compounded over `days` trading days, gives `total`: (1 + total)^(periods / days) - 1.

    None of no days, and beyond what a number can say (a good day, compounded over a year).
    """
    if not days:
        return None
    try:
        return float((1 + total) ** (periods / days) - 1)
    except OverflowError:
        return None


def calmar(growth: float | None, drawdown: float | None) -> float | None:
    """Return the growth of a year / the largest relative drawdown, both as shares. None without a drawdown."""
    if growth is None or not drawdown:
        return None
    return growth / drawdown


def probabilistic_sharpe(returns: Sequence[float]) -> float | None:
    """Return the probability that the true Sharpe ratio is above zero, given how few and how skewed the days are.

    Phi(SR / sqrt((1 - skew x SR + (kurtosis - 1) / 4 x SR^2) / (n - 1))), SR of a day, raw kurtosis (3 if normal),
    both of the population. Source: Bailey and Lopez de Prado, The Sharpe Ratio Efficient Frontier (2012).
    """
    ratio = sharpe(returns, periods=1)
    if ratio is None:
        return None
    count = len(returns)
    centre = fsum(returns) / count
    second = fsum((value - centre) ** 2 for value in returns) / count
    skew = fsum((value - centre) ** 3 for value in returns) / count / second**1.5
    kurtosis = fsum((value - centre) ** 4 for value in returns) / count / second**2
    variance = (1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2) / (count - 1)
    if variance <= 0:
        return None
    return erfc(-ratio / sqrt(variance) / sqrt(2)) / 2
