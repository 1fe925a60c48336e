"""What each open position was worth when a day ended.

The platform says what all positions of an account were worth together, at its own quotes, rounded down. What each was worth is
reckoned from the quotes that were stored, by the terms of the account's group. The sum must come to what the platform
said but for that rounding, which is then shared out; else nothing is said of the single positions: terms or quotes were others.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import msgspec

from prorata.messages.commands import Side
from prorata.projections.candles import Tick
from prorata.projections.quotes import QuoteStore
from prorata.trading.terms import Terms
from prorata.units.numbers import Minor, Moment, Points, Volume


class Lot(msgspec.Struct, frozen=True):
    symbol: str
    side: Side
    volume: Volume
    open_price: Points


class Worth(msgspec.Struct, frozen=True):
    price: Points
    """at which it could be closed"""
    floating: Minor


def worths_of(
    lots: Sequence[Lot], total: Minor, at: Moment, terms: Mapping[str, Terms], quotes: QuoteStore
) -> list[Worth] | None:  # fmt: skip
    """Return what each position was worth before a moment, in the account's currency, together `total`; None: not known."""
    ticks: dict[str, Tick] = {}
    for name in _symbols_of(lots, terms):
        found = quotes.ticks(name, until=at, limit=1, last=True)
        if not found:
            return None
        ticks[name] = found[0]
    prices, exact = [], []
    for lot in lots:
        term = terms[lot.symbol]
        tick = ticks[lot.symbol]
        price = tick.bid - term.markup_bid if lot.side is Side.BUY else tick.ask + term.markup_ask
        moved = (price - lot.open_price) * lot.volume * (1 if lot.side is Side.BUY else -1)
        worth = Fraction(moved * term.profit_numerator, term.profit_denominator)
        prices.append(price)
        exact.append(worth * _rate(term, ticks, gains=worth > 0))
    shared = _shared(exact, total)
    return None if shared is None else [Worth(price, amount) for price, amount in zip(prices, shared, strict=True)]


def _symbols_of(lots: Sequence[Lot], terms: Mapping[str, Terms]) -> list[str]:
    """Return the symbols whose quotes are needed: those that are held, and those by which money is converted."""
    names = {lot.symbol: None for lot in lots}
    for lot in lots:
        route = terms[lot.symbol].profit_route
        names |= dict.fromkeys(() if route is None else route.names)
    return list(names)


def _rate(term: Terms, ticks: Mapping[str, Tick], *, gains: bool) -> Fraction:
    """Return what a minor unit of the profit currency was worth, at the side that gives less (`trading.rates`)."""
    route = term.profit_route
    if route is None:
        return Fraction(1)
    rate = Fraction(route.numerator, route.denominator)
    for market, inverted in route.legs:
        tick = ticks[market.name]
        if inverted:
            rate /= tick.ask if gains else tick.bid
        else:
            rate *= tick.bid if gains else tick.ask
    return rate


def _shared(exact: Sequence[Fraction], total: Minor) -> list[Minor] | None:
    """Round amounts so that they sum to `total`; None: it differs by more than rounding."""
    rounded = [amount.numerator // amount.denominator for amount in exact]
    left = total - sum(rounded)
    # The platform rounds down once for each symbol and currency, each amount here at most by one unit.
    if abs(left) > 2 * len(exact):
        return None
    # Ties go to the older position.
    order = sorted(range(len(exact)), key=lambda place: (rounded[place] - exact[place], place))
    step = 1 if left > 0 else -1
    for turn in range(abs(left)):
        rounded[order[turn % len(order)]] += step
    return rounded
