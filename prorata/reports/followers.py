"""What those who followed got: their own net yields beside the strategy's, over the same time (docs/trade/statistics.md)."""

from collections.abc import Sequence

import msgspec

from prorata.reports.averages import quantile


class Dispersion(msgspec.Struct, frozen=True, gc=False):
    """Quartiles of the investors' time-weighted yields, net of all fees; None without investors."""

    investors: int
    lowest: float | None
    lower_quartile: float | None
    median: float | None
    upper_quartile: float | None
    highest: float | None
    gap: float | None
    """the strategy's yield less the median investor's: what following costs"""


def dispersion(strategy: float, investors: Sequence[float]) -> Dispersion:
    """Return how far investors lie from the strategy and from each other.

    A strategy at 12 % with investors at 6, 8, 9 and 11 %: quartiles 7.5, 8.5, 9.5 %, gap 3.5 %.
    Those who left in the window belong in it with what they got by then.
    """
    middle = quantile(investors, 0.5)
    return Dispersion(
        investors=len(investors),
        lowest=quantile(investors, 0),
        lower_quartile=quantile(investors, 0.25),
        median=middle,
        upper_quartile=quantile(investors, 0.75),
        highest=quantile(investors, 1),
        gap=None if middle is None else strategy - middle,
    )
