"""What so many calls, or events, of a month cost: so many are free, and the more there are the cheaper the next ones get.

The steps count the free ones as well. The default is 5,000 free, then up to 100,000 for 1.00 per thousand, up to a million
for 0.50, up to ten million for 0.25, and 0.10 above: 30,000 cost 25 x 1.00 = 25.00, and a million
95 x 1.00 + 900 x 0.50 = 545.00.
"""

from itertools import pairwise

import msgspec

from prorata.units.numbers import Minor
from prorata.units.rounding import div_half_even

PER = 1_000


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Up to `to` in a month (None: without end) a thousand cost `per_thousand`, in minor units."""

    to: int | None = None
    per_thousand: Minor


class Tariff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`steps`: the lowest first, the last one without end; none: everything is free."""

    free: int = 0
    steps: tuple[Step, ...] = ()


CALLS = Tariff(
    free=5_000,
    steps=(
        Step(to=100_000, per_thousand=100),
        Step(to=1_000_000, per_thousand=50),
        Step(to=10_000_000, per_thousand=25),
        Step(per_thousand=10),
    ),
)
EVENTS = Tariff()


class Tariffs(msgspec.Struct, frozen=True, kw_only=True):
    """What calls and real-time events cost, in `currency`."""

    currency: str = "EUR"
    calls: Tariff = CALLS
    events: Tariff = EVENTS


class BadTariff(ValueError):
    """The steps do not follow each other."""


def check_tariff(tariff: Tariff) -> None:
    """Raise `BadTariff` unless every number of calls has one price."""
    if tariff.free < 0 or any(step.per_thousand < 0 for step in tariff.steps):
        raise BadTariff("expected no number below 0")
    if not tariff.steps:
        return
    ends = [step.to for step in tariff.steps[:-1]]
    if tariff.steps[-1].to is not None or any(end is None for end in ends):
        raise BadTariff("expected steps of which the last one, and no other, is without `to`")
    bounds = [tariff.free, *(end for end in ends if end is not None)]
    if any(higher <= lower for lower, higher in pairwise(bounds)):
        raise BadTariff("expected each step to end above the one before it, and above what is free")


def cost_of(count: int, tariff: Tariff) -> Minor:
    """Return what `count` in one month cost, in minor units; half of one goes to the even neighbour."""
    thousandths, lower = 0, tariff.free
    for step in tariff.steps:
        upper = count if step.to is None else min(count, step.to)
        thousandths += max(0, upper - lower) * step.per_thousand
        lower = max(lower, upper)
    return div_half_even(thousandths, PER)
