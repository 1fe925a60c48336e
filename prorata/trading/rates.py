"""Converting money between currencies through the market's quotes.

A route is one symbol that joins the two currencies, or two that meet in USD (else EUR, else the first
currency by name that works). What a client receives is converted at the side that gives less, what a
client owes at the side that takes more, so that converting there and back never makes money.
"""

from collections.abc import Mapping
from itertools import pairwise

from prorata.trading.markets import Market
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import Minor, Points
from prorata.units.rounding import div_floor, div_half_even


class Route:
    """How minor units of one currency become minor units of another.

    amount x numerator / denominator x the price of each direct leg / the price of each inverted leg.
    """

    __slots__ = ("denominator", "legs", "numerator")

    def __init__(self, legs: tuple[tuple[Market, bool], ...], numerator: int, denominator: int) -> None:
        self.legs = legs
        self.numerator = numerator
        self.denominator = denominator

    @property
    def names(self) -> tuple[str, ...]:
        """The symbols that it goes through."""
        return tuple(market.name for market, _ in self.legs)

    def has_quotes(self) -> bool:
        return all(market.quote.bid for market, _ in self.legs)

    def fraction(self, amount: int) -> tuple[int, int]:
        """Return the converted amount as (dividend, divisor), at the side that is worse for the owner of `amount`."""
        dividend, divisor = amount * self.numerator, self.denominator
        gains = amount > 0
        for market, inverted in self.legs:
            quote = market.quote
            if inverted:
                divisor *= quote.ask if gains else quote.bid
            else:
                dividend *= quote.bid if gains else quote.ask
        return dividend, divisor

    def convert(self, amount: Minor) -> Minor:
        """Return `amount` converted, rounded half to even."""
        dividend, divisor = self.fraction(amount)
        return div_half_even(dividend, divisor)

    def value(self, amount: Minor) -> Minor:
        """Return `amount` converted, rounded down: for equity, which must not be flattered."""
        return div_floor(*self.fraction(amount))

    def cost(self, amount: Minor) -> Minor:
        """Return what `amount` (0 or more) costs to buy, rounded up: for margin and turnover."""
        dividend, divisor = amount * self.numerator, self.denominator
        for market, inverted in self.legs:
            if inverted:
                divisor *= market.quote.bid
            else:
                dividend *= market.quote.ask
        return -(-dividend // divisor)

    def worst(self, amount: Minor, bounds: Mapping[str, tuple[Points, Points]]) -> Minor:
        """Return the least that `amount` can be worth while each leg stays within its (low, high), rounded down."""
        dividend, divisor = amount * self.numerator, self.denominator
        gains = amount > 0
        for market, inverted in self.legs:
            low, high = bounds[market.name]
            if inverted:
                divisor *= high if gains else low
            else:
                dividend *= low if gains else high
        return div_floor(dividend, divisor)


Joints = dict[tuple[str, str], tuple[Market, bool]]
"""(source, target) -> the symbol that joins two currencies, and whether its price must be inverted."""

_MIDDLES = sorted(CURRENCY_DIGITS, key=lambda name: (name != "USD", name != "EUR", name))


def find_joints(markets: Mapping[str, Market]) -> Joints:
    """Return what joins each pair of currencies; of several symbols one that has a quote, then the first by name."""
    joints: Joints = {}
    for market in sorted(markets.values(), key=lambda market: (not market.quote.bid, market.name)):
        joints.setdefault((market.spec.base, market.spec.quote), (market, False))
        joints.setdefault((market.spec.quote, market.spec.base), (market, True))
    return joints


def find_route(joints: Joints, source: str, target: str) -> Route | None:
    """Return the route from `source` to `target`; None if no symbols join them. Equal currencies need none.

    A route without quotes is taken only if there is no other, so a new symbol never leaves anybody without rates.
    """
    assert source != target
    paths = [(source, target), *((source, middle, target) for middle in _MIDDLES if middle not in (source, target))]
    unquoted: Route | None = None
    for path in paths:
        legs = [joints.get(pair) for pair in pairwise(path)]
        if None in legs:
            continue
        route = _route(tuple(leg for leg in legs if leg is not None), source, target)
        if route.has_quotes():
            return route
        unquoted = unquoted or route
    return unquoted


def _route(legs: tuple[tuple[Market, bool], ...], source: str, target: str) -> Route:
    numerator = 10 ** CURRENCY_DIGITS[target]
    denominator = 10 ** CURRENCY_DIGITS[source]
    for market, inverted in legs:
        if inverted:
            numerator *= 10**market.spec.digits
        else:
            denominator *= 10**market.spec.digits
    return Route(legs, numerator, denominator)
