"""Yields and curves of strategies and investments, from the unit price at the end of each day and now.

A unit begins at 100; money in and out changes nothing in it. Yields are fractions: 0.05 is 5 %.
"""

from decimal import Decimal

import msgspec

from prorata.copying.state import UNIT_FIRST, Strategy
from prorata.reports.charts import reduce_chart
from prorata.reports.copy_records import DayPrice as DayPrice
from prorata.reports.copy_records import curve_of as curve_of
from prorata.reports.series import FIRST_PRICE, PricePoint
from prorata.reports.yields import monthly_average, yields_of
from prorata.units.numbers import Moment
from prorata.views.copying.numbers import fraction_of, iso_of


class YieldsView(msgspec.Struct, frozen=True):
    """Of the last 1, 7, 30 and 90 days; null if the strategy is younger."""

    current: Decimal
    day: Decimal | None
    week: Decimal | None
    month: Decimal | None
    quarter: Decimal | None


class ChartPoint(msgspec.Struct, frozen=True):
    DT: str
    Yield: Decimal


class YieldPoint(msgspec.Struct, frozen=True):
    Yield: Decimal


def yields_view(curve: list[PricePoint], now: Moment) -> YieldsView:
    found = yields_of(curve, max(now, curve[0].at))
    windows = (found.day, found.week, found.month, found.quarter)
    return YieldsView(fraction_of(found.current), *(None if one is None else fraction_of(one) for one in windows))


def chart_of(curve: list[PricePoint], points_max: int) -> list[ChartPoint]:
    return [ChartPoint(iso_of(point.at), fraction_of(_yield_at(point))) for point in reduce_chart(curve, points_max)]


def small_chart(curve: list[PricePoint], points_max: int) -> list[YieldPoint]:
    return [YieldPoint(fraction_of(_yield_at(point))) for point in reduce_chart(curve, points_max)]


def _yield_at(point: PricePoint) -> float:
    return point.price / FIRST_PRICE - 1


def total_yield(unit_price: int) -> float:
    return unit_price / UNIT_FIRST - 1


def monthly_yield(strategy: Strategy, unit_price: int, now: Moment) -> Decimal:
    """Return the average yield a month since the strategy was opened, until now or until it was closed."""
    age = max(0, (strategy.closed_at or now) - strategy.created_at)
    return fraction_of(monthly_average(total_yield(unit_price), age))
