"""The unit price: an equity series freed of deposits and withdrawals.

A strategy or an investment opens at a unit price of 100. Between two flows the price moves as the equity does; a
flow changes how many units there are and not what one is worth. Everything that is published as a percentage is
computed on it, so a deposit cannot improve a figure and a withdrawal cannot spoil one.
"""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from prorata.units.numbers import DAY_MS, MINUTE_MS, Minor, Moment
from prorata.units.rounding import div_ceil

FIRST_PRICE = 100.0
ROLLOVER_MS: Moment = 22 * 60 * MINUTE_MS
"""When the trading day ends, after midnight UTC, unless the platform says otherwise."""


class EquityPoint(msgspec.Struct, frozen=True, gc=False):
    """What an account was worth at a moment, *before* the money that came or went at that moment.

    There is one for every flow and at least one at the end of each day on which it could be traded.
    """

    at: Moment
    equity: Minor
    """balance and floating result, with swap and commission, without credit or bonus"""
    balance: Minor
    flow: Minor = 0
    """money that comes in right after (deposit, transfer, compensation), below zero if it leaves; never swap,
    commission or fee"""
    worst: Minor | None = None
    """the lowest equity since the point before, if it was watched in between"""


class PricePoint(msgspec.Struct, frozen=True, gc=False):
    at: Moment
    price: float
    worst: float
    """the lowest price since the point before; `price` itself if nothing lower is known"""


class Life(msgspec.Struct, frozen=True):
    """From the first money to now, or to the moment when it was lost. The three sequences run side by side.

    Equity of nothing or less is ruin: the price falls to 0 and no chain can go on from there. Money that comes in later
    opens a new life at 100, and the old one stays to be seen.
    """

    points: tuple[EquityPoint, ...]
    equity: tuple[PricePoint, ...]
    """the unit price"""
    balance: tuple[PricePoint, ...]
    """the same on closed results only: what it differs from the unit price is floating"""
    ruined: bool


class _Chain:
    """A price that moves with a value between flows."""

    __slots__ = ("_base", "_price_at_base", "price")

    def __init__(self, value: Minor) -> None:
        self.price = FIRST_PRICE
        self.restart(value)

    def restart(self, value: Minor) -> None:
        """Count from `value`, just after a flow. With nothing at work the price stands still."""
        self._base = max(value, 0)
        self._price_at_base = self.price

    @property
    def idle(self) -> bool:
        return self._base == 0

    def of(self, value: Minor) -> float:
        if self._base == 0:
            return self._price_at_base
        return self._price_at_base * max(value, 0) / self._base


class _OpenLife:
    """A life while its points are being read."""

    def __init__(self, first: EquityPoint) -> None:
        self._equity = _Chain(first.equity + first.flow)
        self._balance = _Chain(first.balance + first.flow)
        opening = PricePoint(first.at, FIRST_PRICE, FIRST_PRICE)
        self._points, self._equity_prices, self._balance_prices = [first], [opening], [opening]

    def read(self, point: EquityPoint) -> bool:
        """Add a point; say whether all money is lost with it."""
        equity, balance = self._equity, self._balance
        ruined = point.equity <= 0 and not equity.idle
        equity.price, balance.price = equity.of(point.equity), balance.of(point.balance)
        worst = equity.price if point.worst is None else min(equity.price, equity.of(point.worst))
        self._points.append(point)
        self._equity_prices.append(PricePoint(point.at, equity.price, worst))
        self._balance_prices.append(PricePoint(point.at, balance.price, balance.price))
        for chain, value in ((equity, point.equity), (balance, point.balance)):
            if point.flow or chain.idle:
                chain.restart(value + point.flow)
        return ruined

    def ended(self, ruined: bool) -> Life:
        if ruined:
            # What comes in at that moment is not this life's: it covers what is missing, or opens the next.
            self._points[-1] = msgspec.structs.replace(self._points[-1], flow=0)
        return Life(tuple(self._points), tuple(self._equity_prices), tuple(self._balance_prices), ruined)


def lives_of(points: Sequence[EquityPoint]) -> tuple[Life, ...]:
    """Return the lives of an account, from its points in the order of time.

    100.00 grow to 110.00, 890.00 come in, 1,000.00 grow to 1,100.00: the price goes 100, 110, 121.
    After everything was withdrawn the price stands still, and goes on with the next deposit.
    """
    assert all(before.at <= after.at for before, after in pairwise(points)), "points in the order of time"
    lives: list[Life] = []
    life: _OpenLife | None = None
    for point in points:
        if life is not None and life.read(point):
            lives.append(life.ended(ruined=True))
            life = None
        if life is None and point.equity + point.flow > 0:
            life = _OpenLife(point)
    if life is not None:
        lives.append(life.ended(ruined=False))
    return tuple(lives)


def profits_of(life: Life) -> list[tuple[Minor, Minor]]:
    """Return, for each point, the profit since the opening and the lowest it has been since the point before.

    Flows are no profit. 100.00 that became 110.00 before 890.00 came in, and 1,100.00 after: 0, 10.00, 110.00.
    """
    opening = life.points[0]
    put_in = opening.equity + opening.flow
    profits = [(0, 0)]
    for point in life.points[1:]:
        worst = point.equity if point.worst is None else min(point.equity, point.worst)
        profits.append((point.equity - put_in, worst - put_in))
        put_in += point.flow
    return profits


def balance_profits_of(life: Life) -> list[tuple[Minor, Minor]]:
    """Return the same of closed results only."""
    opening = life.points[0]
    put_in = opening.balance + opening.flow
    profits = [(0, 0)]
    for point in life.points[1:]:
        profits.append((point.balance - put_in, point.balance - put_in))
        put_in += point.flow
    return profits


def trading_day_of(at: Moment, rollover_ms: Moment = ROLLOVER_MS) -> int:
    """Return the day to which a moment belongs, in days since 1970-01-01; the rollover itself ends its day.

    With the rollover at 22:00, 2026-03-05 22:00 is the 5th and a millisecond later is the 6th.
    """
    return div_ceil(at + DAY_MS - rollover_ms, DAY_MS) - 1


class DayClose(msgspec.Struct, frozen=True, gc=False):
    day: int
    price: float


def day_closes(prices: Sequence[PricePoint], rollover_ms: Moment = ROLLOVER_MS) -> list[DayClose]:
    """Return the last price of every trading day that has one."""
    closes: dict[int, float] = {}
    for point in prices:
        closes[trading_day_of(point.at, rollover_ms)] = point.price
    return [DayClose(day, price) for day, price in closes.items()]


def daily_returns(prices: Sequence[PricePoint], rollover_ms: Moment = ROLLOVER_MS) -> list[float]:
    """Return how much the price changed from each day's close to the next: 0.02 for 2 %.

    The first day counts from the opening, if anything is known of it but the opening.
    """
    closes = [close.price for close in day_closes(prices, rollover_ms)]
    if len(prices) > 1 and trading_day_of(prices[0].at, rollover_ms) == trading_day_of(prices[1].at, rollover_ms):
        closes.insert(0, prices[0].price)
    # After a ruin there is nothing to count from; a life ends there, so 0 can only be the last close.
    return [after / before - 1 for before, after in pairwise(closes)]
