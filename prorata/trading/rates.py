"""Converting money between currencies through the market's quotes.

A route is one symbol that joins the two currencies, or two that meet in USD (else EUR, else the first
currency by name that works). What a client receives is converted at the side that gives less, what a
client owes at the side that takes more, so that converting there and back never makes money.
"""

from collections.abc import Mapping

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
        return div_half_even(*self.fraction(amount))

    def value(self, amount: Minor) -> Minor:
        """Return `amount` converted, rounded down: for equity, which must not be flattered."""
        return div_floor(*self.fraction(amount))

    def cost(self, amount: Minor) -> Minor:
        """Return what `amount` (0 or more) costs to buy, rounded up: for margin and turnover."""
        return -self.value(-amount)

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


def find_route(markets: Mapping[str, Market], source: str, target: str) -> Route | None:
    """Return the route from `source` to `target`; None if no symbols join them. Equal currencies need none."""
    assert source != target
    direct = _leg(markets, source, target)
    if direct is not None:
        return _route((direct,), source, target)
    middles = sorted(CURRENCY_DIGITS, key=lambda name: (name != "USD", name != "EUR", name))
    for middle in middles:
        first, second = _leg(markets, source, middle), _leg(markets, middle, target)
        if first is not None and second is not None:
            return _route((first, second), source, target)
    return None


def _leg(markets: Mapping[str, Market], source: str, target: str) -> tuple[Market, bool] | None:
    """Return the symbol that joins two currencies, and whether its price must be inverted."""
    for name in sorted(markets):
        spec = markets[name].spec
        if spec.base == source and spec.quote == target:
            return markets[name], False
        if spec.base == target and spec.quote == source:
            return markets[name], True
    return None


def _route(legs: tuple[tuple[Market, bool], ...], source: str, target: str) -> Route:
    numerator = 10 ** CURRENCY_DIGITS[target]
    denominator = 10 ** CURRENCY_DIGITS[source]
    for market, inverted in legs:
        if inverted:
            numerator *= 10**market.spec.digits
        else:
            denominator *= 10**market.spec.digits
    return Route(legs, numerator, denominator)
