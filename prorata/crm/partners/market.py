"""What a trade platform says of its market: symbols, markups, and quotes of the past, by which amounts are converted.

A rate is the bid at the end of the last whole minute before a moment, out of the platform's candles: asked again, it is the
same. The price of the deal itself goes before it for the two currencies of the deal's symbol.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Protocol

import msgspec

from prorata.messages.symbols import SymbolSpec
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Login, Minor, Moment, Points
from prorata.units.rounding import div_floor, div_half_even

USD = "USD"


class Market(Protocol):
    """One trade platform. Blocks on its quotes."""

    @property
    def symbols(self) -> Mapping[str, SymbolSpec]: ...

    def markup_of(self, login: Login, symbol: str) -> tuple[Points, Points]:
        """Return what the group of an account takes from the bid and adds to the ask."""
        ...

    def bid_before(self, symbol: str, moment: Moment) -> Points:
        """Return the bid at the end of the last whole minute before a moment, or else the first one of all; 0: no quotes."""
        ...


class NoRate(Exception):
    """There are no quotes yet by which two currencies could be converted."""


class Rate(msgspec.Struct, frozen=True):
    """minor units of one currency x numerator / denominator = minor units of another. `told`: by which prices."""

    numerator: int
    denominator: int
    told: str

    def floor(self, amount: Minor) -> Minor:
        return div_floor(amount * self.numerator, self.denominator)

    def nearest(self, amount: Minor) -> Minor:
        return div_half_even(amount * self.numerator, self.denominator)


SAME = Rate(1, 1, "")


class Rates:
    """The rates of one deal. `price`: that of the deal, in its symbol."""

    def __init__(self, market: Market, symbol: str, price: Points, moment: Moment) -> None:
        self._market = market
        self._moment = moment
        self._bids: dict[str, Points] = {symbol: price}
        self._joints: dict[tuple[str, str], list[tuple[SymbolSpec, bool]]] = {}
        for spec in sorted(market.symbols.values(), key=lambda spec: (spec.name != symbol, spec.name)):
            self._joints.setdefault((spec.base, spec.quote), []).append((spec, False))
            self._joints.setdefault((spec.quote, spec.base), []).append((spec, True))

    def rate(self, source: str, target: str) -> Rate:
        """Return the rate from one currency to another: by one symbol, or by two that meet in USD, or else in EUR.

        Raises `NoRate`.
        """
        if source == target:
            return SAME
        for path in ((source, target), (source, USD, target), (source, "EUR", target)):
            found = self._along(path)
            if found is not None:
                return found
        raise NoRate(f"{source} to {target}")

    def _along(self, path: tuple[str, ...]) -> Rate | None:
        numerator, denominator, told = 10 ** CURRENCY_DIGITS[path[-1]], 10 ** CURRENCY_DIGITS[path[0]], []
        for pair in pairwise(path):
            leg = self._leg(pair)
            if leg is None:
                return None
            spec, inverted, bid = leg
            if inverted:
                numerator, denominator = numerator * 10**spec.digits, denominator * bid
            else:
                numerator, denominator = numerator * bid, denominator * 10**spec.digits
            told.append(f"{'1/' if inverted else ''}{spec.name} {format_decimal(bid, spec.digits)}")
        return Rate(numerator, denominator, ", ".join(told))

    def _leg(self, pair: tuple[str, str]) -> tuple[SymbolSpec, bool, Points] | None:
        """Return a symbol that joins two currencies and has quotes, whether its price is the other way round, and the price."""
        for spec, inverted in self._joints.get(pair, ()):
            bid = self._bid(spec.name)
            if bid:
                return spec, inverted, bid
        return None

    def _bid(self, symbol: str) -> Points:
        if symbol not in self._bids:
            self._bids[symbol] = self._market.bid_before(symbol, self._moment)
        return self._bids[symbol]


class Markets(Protocol):
    """The markets of the trade platforms that this process reaches, by uuid."""

    def market(self, platform_uuid: str) -> Market | None: ...
