"""Copying worked out one investor after the other, with Python's numbers: slow, obvious, and written without the engine.

Netting, the house's own book, symbols quoted in dollars with five digits and 100,000 of the base in a lot.
"""

from dataclasses import dataclass, field

from prorata.units.rounding import div_ceil, div_floor, div_half_even

POINTS_PER_CENT = 10**6
"""A volume in 10^-8 lot times points, over this, is cents: 1.00 lot and one point are 1.00 USD."""


@dataclass
class Terms:
    step: int
    least: int
    raises: bool
    leverage: int


@dataclass
class Held:
    volume: int = 0
    cost: int = 0


@dataclass
class Investor:
    balance: int
    factor: int
    """hundredths"""
    turnover_rate: int
    """cents for each million dollars"""
    held: dict[str, Held] = field(default_factory=dict)

    def volume(self, symbol: str) -> int:
        return self.held[symbol].volume if symbol in self.held else 0


class PlainBook:
    """A strategy's investors. `lots`: what the source holds."""

    def __init__(self, terms: Terms, investors: list[Investor]) -> None:
        self.terms = terms
        self.investors = investors
        self.quotes: dict[str, tuple[int, int]] = {}
        self.lots: dict[str, int] = {}

    def equity(self, investor: Investor) -> int:
        total = investor.balance
        for symbol, held in investor.held.items():
            bid, ask = self.quotes[symbol]
            total += div_floor(held.volume * (bid if held.volume > 0 else ask) - held.cost, POINTS_PER_CENT)
        return total

    def signal(self, symbol: str, lot: int, source_equity: int) -> None:
        before = self.lots.get(symbol, 0)
        self.lots[symbol] = lot
        targets = [self._target(investor, symbol, before, lot, source_equity) for investor in self.investors]
        for investor, target in zip(self.investors, targets, strict=True):
            self._deal(investor, symbol, target - investor.volume(symbol))

    def _target(self, investor: Investor, symbol: str, before: int, lot: int, source_equity: int) -> int:
        present = investor.volume(symbol)
        if lot == 0:
            return 0
        if present:
            raw = _share(present * lot, before)
        else:
            if abs(lot) <= abs(before) and (lot < 0) == (before < 0):
                return 0
            raw = _share(lot * max(0, self.equity(investor)) * investor.factor, source_equity * 100)
        if not raw:
            return 0
        size = abs(raw) - abs(raw) % self.terms.step
        if size < self.terms.least:
            size = self.terms.least if self.terms.raises else 0
        sign = 1 if raw > 0 else -1
        return sign * self._carried(investor, symbol, present, sign * size)

    def _carried(self, investor: Investor, symbol: str, present: int, target: int) -> int:
        """Return the size that the margin carries, of what is enlarged or turned round."""
        same_side = present * target > 0
        grows = abs(target) > abs(present) or present * target < 0
        room = max(0, self.equity(investor)) * self.terms.leverage
        room -= sum(self._value(other, held.volume) for other, held in investor.held.items() if other != symbol)
        if not grows or self._value(symbol, target) <= room:
            return abs(target)
        most = div_floor(max(0, room) * POINTS_PER_CENT, self.quotes[symbol][1])
        most -= most % self.terms.step
        if most < self.terms.least:
            most = 0
        return max(most, abs(present)) if same_side else most

    def _value(self, symbol: str, volume: int) -> int:
        return div_ceil(abs(volume) * self.quotes[symbol][1], POINTS_PER_CENT)

    def _deal(self, investor: Investor, symbol: str, volume: int) -> None:
        if not volume:
            return
        held = investor.held.setdefault(symbol, Held())
        bid, ask = self.quotes[symbol]
        price = ask if volume > 0 else bid
        closing = min(abs(held.volume), abs(volume)) if held.volume * volume < 0 else 0
        if closing:
            side = 1 if held.volume > 0 else -1
            cost = div_half_even(held.cost * closing, abs(held.volume))
            investor.balance += div_half_even(side * closing * price - cost, POINTS_PER_CENT)
            held.cost -= cost
        opening = (abs(volume) - closing) * (1 if volume > 0 else -1)
        held.cost += opening * price
        held.volume += volume
        investor.balance -= div_ceil(self._value(symbol, volume) * investor.turnover_rate, 10**8)


def _share(dividend: int, divisor: int) -> int:
    """Return the quotient rounded towards zero, but 10^-8 lot at least of what is not nothing."""
    size = abs(dividend) // abs(divisor) or min(1, abs(dividend))
    return size if (dividend < 0) == (divisor < 0) else -size
