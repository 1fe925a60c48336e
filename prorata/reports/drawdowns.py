"""Drawdowns: how far and how long it was below its best, on equity and on balance (docs/trade/statistics.md).

The balance knows only closed results. A drawdown that is much larger on equity is a loss that was not closed.
"""

from collections.abc import Iterable, Sequence

import msgspec

from prorata.reports.series import Life, PricePoint, balance_profits_of, profits_of
from prorata.units.numbers import Minor, Moment


class Fall(msgspec.Struct, gc=False):
    """One fall of a curve: places in it, and the levels there."""

    peak: int
    trough: int
    peak_level: float
    trough_level: float
    recovered: int | None = None


class Drawdown(msgspec.Struct, frozen=True, gc=False):
    share: float
    """of the peak: 0.045455 is 4.5455 %"""
    money: Minor
    peak_at: Moment
    trough_at: Moment
    recovered_at: Moment | None
    """when the peak was reached again; None while it lasts"""
    duration_ms: Moment
    """from the peak to the recovery, or to the last point while it lasts"""
    recovery_ms: Moment | None
    """from the trough to the recovery"""


class Drawdowns(msgspec.Struct, frozen=True, gc=False):
    relative: Drawdown | None
    """the largest share, on the unit price: the headline. None if it never fell"""
    maximal: Drawdown | None
    """the most money, flows left out; may be another episode"""
    longest: Drawdown | None
    """the longest time below a peak of the unit price"""
    absolute: Minor
    """how far the money fell below what was put in first; 0 if never"""


def falls_of(levels: Iterable[tuple[float, float]]) -> list[Fall]:
    """Return every fall of a curve: from a peak through the lowest point until the peak is reached again.

    A level comes with the lowest since the level before, which is held against the peak that stood by then.
    """
    falls: list[Fall] = []
    peak, peak_level = 0, float("-inf")
    fall: Fall | None = None
    for place, (level, lowest) in enumerate(levels):
        if lowest < peak_level:
            if fall is None:
                fall = Fall(peak, place, peak_level, lowest)
                falls.append(fall)
            elif lowest < fall.trough_level:
                fall.trough, fall.trough_level = place, lowest
        if level >= peak_level:
            if fall is not None:
                fall.recovered = place
                fall = None
            peak, peak_level = place, level
    return falls


def drawdowns_on_equity(life: Life) -> Drawdowns:
    """Return the drawdowns with floating losses in them, the lowest between the points too."""
    lows = [point.equity if point.worst is None else min(point.equity, point.worst) for point in life.points]
    return _drawdowns(life, life.equity, profits_of(life), lows)


def drawdowns_on_balance(life: Life) -> Drawdowns:
    """Return the drawdowns of closed results."""
    return _drawdowns(life, life.balance, balance_profits_of(life), [point.balance for point in life.points])


def _drawdowns(
    life: Life, prices: Sequence[PricePoint], profits: Sequence[tuple[Minor, Minor]], lows: Sequence[Minor]
) -> Drawdowns:
    moments = [point.at for point in life.points]
    by_price = [
        _drawdown(fall, moments, 1 - fall.trough_level / fall.peak_level, profits[fall.peak][0] - profits[fall.trough][1])
        for fall in falls_of((point.price, point.worst) for point in prices)
    ]
    by_money: list[Drawdown] = []
    for fall in falls_of(profits):
        money = profits[fall.peak][0] - profits[fall.trough][1]
        # The peak as it would be with the money that is there at the trough: flows in between are no fall. A balance can be
        # below nothing while the equity is not (a floating profit was paid out): then all of it fell.
        peak = lows[fall.trough] + money
        by_money.append(_drawdown(fall, moments, money / peak if peak > 0 else 1.0, money))
    return Drawdowns(
        relative=max(by_price, key=lambda drawdown: drawdown.share, default=None),
        maximal=max(by_money, key=lambda drawdown: drawdown.money, default=None),
        longest=max(by_price, key=lambda drawdown: drawdown.duration_ms, default=None),
        absolute=-min(lowest for _, lowest in profits),
    )


def _drawdown(fall: Fall, moments: Sequence[Moment], share: float, money: Minor) -> Drawdown:
    peak_at, trough_at = moments[fall.peak], moments[fall.trough]
    recovered_at = None if fall.recovered is None else moments[fall.recovered]
    return Drawdown(
        share=share,
        money=money,
        peak_at=peak_at,
        trough_at=trough_at,
        recovered_at=recovered_at,
        duration_ms=(moments[-1] if recovered_at is None else recovered_at) - peak_at,
        recovery_ms=None if recovered_at is None else recovered_at - trough_at,
    )
