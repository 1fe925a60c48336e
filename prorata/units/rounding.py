"""Division that says which way it rounds, and shares that sum to what was shared."""

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key", int, str)


def div_floor(dividend: int, divisor: int) -> int:
    """Divide and round towards minus infinity: -7 / 2 is -4."""
    return dividend // divisor


def div_ceil(dividend: int, divisor: int) -> int:
    """Divide and round towards plus infinity: 7 / 2 is 4."""
    return -(-dividend // divisor)


def div_half_even(dividend: int, divisor: int) -> int:
    """Divide and round to the nearest, ties to the even neighbour: 5 / 2 is 2, 7 / 2 is 4.

    `divisor` is 1 or more.
    """
    quotient, remainder = divmod(dividend, divisor)
    twice = remainder * 2
    if twice > divisor or (twice == divisor and quotient & 1):
        return quotient + 1
    return quotient


def div_exact(dividend: int, divisor: int) -> int:
    """Divide where nothing may be left over."""
    quotient, remainder = divmod(dividend, divisor)
    assert remainder == 0, f"{dividend} is not a multiple of {divisor}"
    return quotient


def share_out(total: int, weights: Mapping[Key, int]) -> dict[Key, int]:
    """Share `total` (0 or more) by `weights` (0 or more, sum 1 or more), by largest remainder.

    Ties go to the lower key, so that the order in which the keys joined never decides.
    100 shared by {1: 1, 2: 1, 3: 1} is {1: 34, 2: 33, 3: 33}.
    """
    weight_sum = sum(weights.values())
    assert total >= 0
    assert weight_sum > 0
    shares = {key: total * weight // weight_sum for key, weight in weights.items()}
    left_over = total - sum(shares.values())
    by_remainder = sorted(weights, key=lambda key: (-(total * weights[key] % weight_sum), key))
    for key in by_remainder[:left_over]:
        shares[key] += 1
    assert sum(shares.values()) == total
    return shares
