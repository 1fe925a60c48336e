"""The risk score: one number from 1 to 10, by a public formula (docs/trade/statistics.md).

1 to 3 is low, 4 to 6 medium, 7 to 10 high.
"""

from bisect import bisect_right
from collections.abc import Sequence
from math import fsum, sqrt

import msgspec

from prorata.reports.risk import deviation
from prorata.units.numbers import Minor

BREAKPOINTS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.18, 0.30)
"""Expected bad days, as shares of the equity: below the first is 1, from the last on is 10."""
SCORE_DAYS = 60


class RiskInputs(msgspec.Struct, frozen=True, gc=False):
    returns: tuple[float, ...]
    """of the days, oldest first; the last 60 count"""
    drawdown: float
    """the largest relative equity drawdown of the last 60 days, 0 or more"""
    portfolio_deviation: float = 0.0
    """of a day, of what is open now (`portfolio_deviation`)"""
    exposure: Minor = 0
    """the notional that is open now"""
    protected: Minor = 0
    """the part of it that stop losses cover"""


def portfolio_deviation(weights: Sequence[float], covariances: Sequence[Sequence[float]]) -> float:
    """Return the deviation of a day of open positions: the root of w' S w.

    A weight is a position's signed notional / equity, so leverage is in it. 2 times the equity long in one symbol that moves
    0.6 % a day moves 1.2 %; as much short in a symbol that moves exactly with it moves nothing.
    """
    variance = fsum(
        weights[row] * weights[column] * covariances[row][column]
        for row in range(len(weights))
        for column in range(len(weights))
    )
    return sqrt(max(variance, 0.0))


def bad_day(inputs: RiskInputs) -> float:
    """Return the share of the equity that a bad day takes: the largest of three views.

    Three deviations of the last 60 days, three deviations of what is open now, half the worst drawdown of 60 days.
    """
    realised = deviation(inputs.returns[-SCORE_DAYS:]) or 0.0
    return max(3 * realised, 3 * inputs.portfolio_deviation, inputs.drawdown / 2)


def risk_score(inputs: RiskInputs) -> int:
    """Return the score of a bad day, and one more if stop losses cover no more than half of what is open. 10 at the most."""
    score = 1 + bisect_right(BREAKPOINTS, bad_day(inputs))
    if inputs.exposure > 0 and 2 * inputs.protected <= inputs.exposure:
        score += 1
    return min(score, 10)
