"""Means, medians and percentiles: one definition each, used by every figure."""

from collections.abc import Sequence
from math import floor, fsum

from prorata.units.rounding import div_ceil


def mean(values: Sequence[float]) -> float | None:
    """Return the arithmetic mean; the sum is rounded once. None of nothing."""
    return fsum(values) / len(values) if values else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return the value below which `share` (0..1) of the values lie, straight lines between neighbours.

    The quartiles of 1, 2, 3, 4 are 1.75, 2.5, 3.25 (the "linear" of NumPy, type 7 of Hyndman and Fan).
    """
    assert 0 <= share <= 1
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    if below + 1 == len(ordered):
        return float(ordered[below])
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def median(values: Sequence[float]) -> float | None:
    return quantile(values, 0.5)


def nearest_rank(values: Sequence[int], percent: int) -> int | None:
    """Return the smallest value that at least `percent` of the values do not exceed: a value that did occur.

    The 95th percentile of 1..20 is 19.
    """
    assert 0 < percent <= 100
    if not values:
        return None
    return sorted(values)[div_ceil(len(values) * percent, 100) - 1]


def ratio(dividend: float, divisor: float) -> float | None:
    """Return the quotient; None where there is nothing to divide by."""
    return dividend / divisor if divisor else None
