"""Curves with few points that still look like the curve they were made from (docs/trade/statistics.md)."""

from collections.abc import Sequence

from prorata.reports.series import PricePoint
from prorata.units.rounding import div_floor

SMALL_CHART, LARGE_CHART = 25, 250


def reduce_chart(points: Sequence[PricePoint], most: int) -> list[PricePoint]:
    """Return at most `most` of the points (4 or more), always the first, the last, the highest and the lowest.

    The others are chosen by Largest-Triangle-Three-Buckets (Steinarsson, 2013): of every stretch, the point that makes the
    largest triangle with the one chosen before it and the middle of the next stretch. The same points give the same chart.
    """
    assert most >= 4
    if len(points) <= most:
        return list(points)
    highest = max(range(len(points)), key=lambda place: points[place].price)
    lowest = min(range(len(points)), key=lambda place: points[place].price)
    kept = {0, len(points) - 1, highest, lowest}
    others = [place for place in range(len(points)) if place not in kept]
    kept.update(_by_triangles(points, others, most - len(kept)))
    return [points[place] for place in sorted(kept)]


def _by_triangles(points: Sequence[PricePoint], places: Sequence[int], count: int) -> list[int]:
    """Return one of each of `count` stretches of `places`."""
    chosen: list[int] = []
    before = points[0]
    for stretch in range(count):
        start, end, after = (div_floor(len(places) * (stretch + step), count) for step in range(3))
        following = [points[place] for place in places[end:after]] or [points[-1]]
        x = sum(point.at for point in following) / len(following) - before.at
        y = sum(point.price for point in following) / len(following) - before.price

        def area(place: int, *, x: float = x, y: float = y, before: PricePoint = before) -> float:
            return abs(x * (points[place].price - before.price) - y * (points[place].at - before.at))

        best = max(places[start:end], key=area)
        chosen.append(best)
        before = points[best]
    return chosen
