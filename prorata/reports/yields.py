"""Yields: what the capital made, whatever came in and went out (docs/trade/statistics.md)."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from prorata.reports.series import FIRST_PRICE, ROLLOVER_MS, Life, PricePoint, day_closes
from prorata.units.numbers import DAY_MS, Minor, Moment

_EPOCH = date(1970, 1, 1)
DAYS_PER_MONTH = 30.4375
"""A month of an average: 365.25 / 12 days."""


class Yields(msgspec.Struct, frozen=True, gc=False):
    """0.05 for 5 %. A window that is longer than the life has no yield."""

    current: float
    """since the opening"""
    day: float | None
    week: float | None
    month: float | None
    quarter: float | None


class MonthYield(msgspec.Struct, frozen=True, gc=False):
    year: int
    month: int
    total: float


class YearYield(msgspec.Struct, frozen=True, gc=False):
    year: int
    total: float


def time_weighted(life: Life) -> float:
    """Return the yield since the opening: the periods between flows, linked. Deposits and withdrawals change nothing in it."""
    return life.equity[-1].price / FIRST_PRICE - 1


def linked_periods(life: Life) -> list[float]:
    """Return the yield of each period between flows; linked, never added, they give the time-weighted yield.

    +50 % and then 500 on 3500 link to 71.43 %; their sum, 64.29 %, is no yield of anything.
    """
    yields: list[float] = []
    start = FIRST_PRICE
    last = len(life.points) - 1
    for index in range(1, len(life.points)):
        if life.points[index].flow or index == last:
            price = life.equity[index].price
            yields.append(price / start - 1)
            start = price
    return yields


def yields_of(prices: Sequence[PricePoint], now: Moment) -> Yields:
    """Return the yields of the last 1, 7, 30 and 90 days before `now`, and since the opening."""
    moments = [point.at for point in prices]
    assert now >= moments[0]
    latest = prices[bisect_right(moments, now) - 1].price

    def over(days: int) -> float | None:
        place = bisect_right(moments, now - days * DAY_MS)
        if place == 0 or not prices[place - 1].price:
            return None
        return latest / prices[place - 1].price - 1

    return Yields(latest / FIRST_PRICE - 1, over(1), over(7), over(30), over(90))


def monthly_average(total: float, age_ms: Moment) -> float:
    """Return the yield a month that, compounded over the whole age, gives `total`.

    21 % after two months of 30.4375 days is 10 % a month. Under one month it is the total: nothing is projected.
    """
    months = age_ms / (DAYS_PER_MONTH * DAY_MS)
    if months <= 1:
        return total
    return float((1 + total) ** (1 / months) - 1)


def monthly_table(prices: Sequence[PricePoint], rollover_ms: Moment = ROLLOVER_MS) -> list[MonthYield]:
    """Return the yield of each calendar month that has a close, by the trading day; the first counts from the opening."""
    closes: dict[tuple[int, int], float] = {}
    for close in day_closes(prices, rollover_ms):
        day = _EPOCH + timedelta(days=close.day)
        closes[day.year, day.month] = close.price
    table: list[MonthYield] = []
    before = FIRST_PRICE
    for (year, month), price in closes.items():
        table.append(MonthYield(year, month, price / before - 1))
        before = price
    return table


def yearly_table(months: Sequence[MonthYield]) -> list[YearYield]:
    """Return the years: the product of their months, never the sum. +10 % and +10 % are +21 %."""
    growth: dict[int, float] = {}
    for month in months:
        growth[month.year] = growth.get(month.year, 1.0) * (1 + month.total)
    return [YearYield(year, factor - 1) for year, factor in growth.items()]


class Gains(msgspec.Struct, frozen=True, gc=False):
    """The result in money, and set against the money that was put in."""

    profit: Minor
    deposits: Minor
    withdrawals: Minor
    on_deposits: float | None
    """profit / deposits"""
    on_net_deposits: float | None
    """profit / (deposits - withdrawals); None if more was taken out than put in"""
    modified_dietz: float | None


def gains_of(life: Life) -> Gains:
    """Return what was earned on what was put in. Unlike the time-weighted yield these depend on when money came.

    10,000 put in, 5,000 more, 2,000 taken out, 13,200 left: 200 of profit is 1.3333 % of 15,000 and 1.5385 % of 13,000.
    """
    opening = life.points[0]
    first = opening.equity + opening.flow
    flows = [(point.at, point.flow) for point in life.points[1:] if point.flow]
    last = life.points[-1]
    net = sum(flow for _, flow in flows)
    deposits = first + sum(flow for _, flow in flows if flow > 0)
    withdrawals = -sum(flow for _, flow in flows if flow < 0)
    profit = last.equity + last.flow - first - net
    left_in = deposits - withdrawals
    return Gains(
        profit=profit,
        deposits=deposits,
        withdrawals=withdrawals,
        on_deposits=profit / deposits,
        on_net_deposits=profit / left_in if left_in > 0 else None,
        modified_dietz=_modified_dietz(first, profit, flows, opening.at, last.at),
    )


def _modified_dietz(first: Minor, profit: Minor, flows: list[tuple[Moment, Minor]], start: Moment, end: Moment) -> float | None:
    """Return profit / (opening capital + each flow x the share of the period that it was there)."""
    if end == start:
        return None
    weighted = first * (end - start) + sum(flow * (end - at) for at, flow in flows)
    return profit * (end - start) / weighted if weighted > 0 else None
