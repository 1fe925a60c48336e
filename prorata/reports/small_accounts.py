"""What the lot step does to a small investment, and how much capital a strategy takes to be copied."""

from collections.abc import Sequence
from enum import IntEnum

from prorata.units.numbers import PPM, Minor, Volume
from prorata.units.rounding import div_ceil, div_floor, div_half_even


class Rounding(IntEnum):
    DOWN = 0
    """every change down to the step"""
    UP = 1
    """every change up to the step"""
    TARGET = 2
    """what is held goes to the step nearest to its target, so that what was left out is made up later"""


def held_volumes(strategy: Sequence[Volume], ratio: tuple[int, int], step: Volume, rounding: Rounding) -> list[Volume]:
    """Return what an investment holds after each change of what the strategy holds, at `ratio` of it.

    A strategy that adds 0.10 five times, copied at 0.037 with a step of 0.01: down holds nothing, up ends at 0.05 (2.7 times
    the 0.0185 it should be), target goes 0, 0.01, 0.01, 0.01, 0.02. A close of everything always goes to zero.
    """
    share, whole = ratio
    held: list[Volume] = []
    before = now = 0
    for volume in strategy:
        if rounding is Rounding.TARGET or volume == 0:
            now = div_half_even(volume * share, whole * step) * step
        else:
            change = (volume - before) * share
            divide = div_floor if rounding is Rounding.DOWN else div_ceil
            size = divide(abs(change), whole * step) * step
            now += size if change > 0 else -size
        held.append(now)
        before = volume
    return held


def capital_to_copy(
    volumes: Sequence[tuple[Volume, Minor]], minimum: Volume, *, factor_ppm: int = PPM, share_ppm: int = 990_000
) -> Minor | None:
    """Return the least capital at which `share_ppm` of the strategy's volume comes to `minimum` or more for the investor.

    Args:
        volumes: of the strategy's opening deals, each with the strategy's equity at that moment.
        minimum: the smallest volume that can be dealt, 1 or more.
        factor_ppm: the investor's factor, above 0.

    1.00 lot at an equity of 10,000.00 with a minimum of 0.01 takes 100.00. None if nothing was opened.
    """
    needed = sorted(
        (div_ceil(minimum * equity * PPM, abs(volume) * factor_ppm), abs(volume))
        for volume, equity in volumes
        if volume and equity > 0
    )
    total = sum(volume for _, volume in needed)
    reached = 0
    for capital, volume in needed:
        reached += volume
        if reached * PPM >= total * share_ppm:
            return capital
    return None
