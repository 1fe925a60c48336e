"""The curve of an investment: its yield, and what it was worth."""

from collections.abc import Callable
from decimal import Decimal

import msgspec

from prorata.messages.copy_terms import FACTOR_ONE
from prorata.projections.copying.filters import InvestmentDayFilter
from prorata.projections.copying.register_rows import InvestmentDayRow
from prorata.reports.charts import LARGE_CHART, SMALL_CHART, reduce_chart
from prorata.reports.series import FIRST_PRICE
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, my_investment
from prorata.rest.ramm.client.strategies import PointsMax
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id, Text
from prorata.rest.ramm.yields import curve_of
from prorata.units.numbers import Minor, Moment
from prorata.views.copying.figures import InvestmentFigures, investment_figures
from prorata.views.copying.numbers import fraction_of, iso_of, money_of

SIZES = {"full": 1_000, "large": LARGE_CHART, "medium": 100, "small": SMALL_CHART}
"""points of each size"""


class AccountChartAsked(Input, frozen=True, kw_only=True):
    """`chartType`: "yield", or "yield-leverage" for the yield without the factor, as the strategy made it."""

    AccountID: Id
    MaxPoints: PointsMax | None = None
    chart_type: Text = msgspec.field(default="yield", name="chartType")
    chart_size: Text = msgspec.field(default="large", name="chartSize")


class AccountPoint(msgspec.Struct, frozen=True):
    DT: str
    Yield: Decimal
    Equity: Decimal


class AccountChart(msgspec.Struct, frozen=True):
    Chart: list[AccountPoint]


@CLIENT.method("accounts.getCharts", versions=(1, 2), reads=True)
async def accounts_get_charts(call: Call, given: AccountChartAsked) -> AccountChart:
    """Yield and equity of an investment, day by day and now."""
    strategy, row = my_investment(call, given.AccountID)
    most = given.MaxPoints or _size_of(given.chart_size)
    shown = _kind_of(given.chart_type)
    figures = investment_figures(copy_of(call), strategy, row)
    days = await call.sql(lists_of(call).investment_days(InvestmentDayFilter(investment=figures.number)).all)
    last = (figures.closed_at or call.platform.now(), figures.unit_price)
    curve = curve_of(figures.opened_at, [(day.at, day.unit_price) for day in days], last)
    equities = _equities(figures, days, last[0])
    return AccountChart(
        [
            AccountPoint(
                iso_of(point.at),
                fraction_of(shown(point.price / FIRST_PRICE - 1, figures.factor)),
                money_of(equities[point.at], strategy.currency),
            )
            for point in reduce_chart(curve, most)
        ]
    )


def _size_of(name: str) -> int:
    if name not in SIZES:
        raise invalid_input("chartSize", f"expected one of {', '.join(SIZES)}")
    return SIZES[name]


def _kind_of(name: str) -> Callable[[float, int], float]:
    kinds: dict[str, Callable[[float, int], float]] = {
        "yield": lambda total, factor: total,
        "yield-leverage": lambda total, factor: total * FACTOR_ONE / abs(factor),
    }
    if name not in kinds:
        raise invalid_input("chartType", f"expected one of {', '.join(kinds)}")
    return kinds[name]


def _equities(figures: InvestmentFigures, days: tuple[InvestmentDayRow, ...], now: Moment) -> dict[Moment, Minor]:
    """Return what the investment was worth at each point of its curve."""
    worth = {figures.opened_at: figures.deposited}
    worth.update((day.at, day.equity) for day in days)
    worth[now] = figures.equity
    return worth
