"""What a performance fee would have been: the worked example beside an offer, under either meaning of the high-water mark.

It charges nobody; the copying engine does. It shows a client what the words of the offer come to in money.
"""

from collections.abc import Sequence
from enum import IntEnum

import msgspec

from prorata.units.numbers import PPM, Minor
from prorata.units.rounding import div_floor, div_half_even


class Mark(IntEnum):
    """What the next profit is measured against."""

    BEFORE_FEE = 0
    """the highest equity before a fee was taken from it: what the fee took must be earned back first"""
    AFTER_FEE = 1
    """the highest equity after the fee"""


class FeePeriod(msgspec.Struct, frozen=True, gc=False):
    before_fee: Minor
    fee: Minor
    after_fee: Minor
    mark: Minor


def fees_on_returns(capital: Minor, returns_ppm: Sequence[int], rate_ppm: int, mark: Mark) -> list[FeePeriod]:
    """Return, period by period, what is charged on what exceeds the mark; the client keeps the rest of a cent.

    30 % on 10,000.00 that make +20 %, -3.5088 %, +13.6364 %, +13.3603 %: 1,200.00 before the fee, 1,417.79 after it.
    """
    equity = high = capital
    periods: list[FeePeriod] = []
    for change in returns_ppm:
        before = equity + div_half_even(equity * change, PPM)
        fee = div_floor(max(before - high, 0) * rate_ppm, PPM)
        equity = before - fee
        high = max(high, before if mark is Mark.BEFORE_FEE else equity)
        periods.append(FeePeriod(before, fee, equity, high))
    return periods


def mark_after_withdrawal(high: Minor, equity: Minor, withdrawal: Minor, *, proportional: bool) -> Minor:
    """Return the mark after money has left: in proportion, rounded down, or less the amount.

    5,000 of 10,000 under a mark of 12,000: 6,000 in proportion (still 20 % to recover), 7,000 flat (40 % to recover).
    """
    assert 0 <= withdrawal <= equity
    if proportional:
        return div_floor(high * (equity - withdrawal), equity) if equity else high
    return high - withdrawal
