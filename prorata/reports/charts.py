"""Curves with few points that still look like the curve they were made from (docs/trade/statistics.md)."""

from collections.abc import Sequence

from prorata.reports.series import PricePoint

SMALL_CHART, LARGE_CHART = 25, 250


def reduce_chart(points: Sequence[PricePoint], most: int) -> list[PricePoint]:
    """Return at most `most` of the points (4 or more), always the first, the last, the highest and the lowest.

    The others are chosen by Largest-Triangle-Three-Buckets (Steinarsson, 2013): of every stretch, the point that makes the
    largest triangle with the one chosen before it and the middle of the next stretch. The same points give the same chart.
    """
    assert most >= 4
    if len(points) <= most:
        return list(points)
    inner = range(1, len(points) - 1)
    highest = max(range(len(points)), key=lambda place: points[place].price)
    lowest = min(range(len(points)), key=lambda place: points[place].price)
    chosen = {0, len(points) - 1, highest, lowest}
    chosen.update(_by_triangles(points, inner, most - len(chosen)))
    return [points[place] for place in sorted(chosen)]


def _by_triangles(points: Sequence[PricePoint], inner: range, count: int) -> list[int]:
    """Return one place of each of `count` stretches of `inner`."""
    chosen: list[int] = []
    before = points[0]
    for stretch in range(count):
        start, end, after = (inner.start + len(inner) * (stretch + step) // count for step in range(3))
        following = points[end : max(after, end + 1)] if stretch + 1 < count else points[-1:]
        at = sum(point.at for point in following) / len(following)
        price = sum(point.price for point in following) / len(following)
        x, y = at - before.at, price - before.price
        place = max(
            range(start, end),
            key=lambda index: abs(x * (points[index].price - before.price) - y * (points[index].at - before.at)),
        )
        chosen.append(place)
        before = points[place]
    return chosen
