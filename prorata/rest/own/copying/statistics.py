"""Statistics of strategies and investments: curves, yields, drawdowns, risk, trades, what they deal in.

A strategy's are those of its trader's own investment. They are made from the tables, and from what the investment is
worth now if the tables have all the money that it was given.
"""

import asyncio
from typing import Annotated

import msgspec
from litestar import Controller, get
from litestar.params import QueryParameter

from prorata.access.copying import is_public
from prorata.access.permissions import Permission
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import InvestmentState
from prorata.messages.refusals import Refusal
from prorata.projections.copying.filters import DealFilter, InvestmentDayFilter, SymbolFilter
from prorata.projections.copying.lists import CopyLists
from prorata.projections.copying.rows import CopyDealRow
from prorata.projections.history import History
from prorata.reports.charts import LARGE_CHART, reduce_chart
from prorata.reports.copy_records import MOVED, Worth, curve_of, equity_points, trades_of
from prorata.reports.exposure import SymbolShare, symbol_shares
from prorata.reports.formulas import FORMULAS, STATISTICS_VERSION
from prorata.reports.series import PricePoint
from prorata.reports.statistics import statistics_of
from prorata.reports.yields import monthly_average, monthly_table, yearly_table, yields_of
from prorata.rest.own.copying.past import past_of
from prorata.rest.own.copying.reach import COPY_READING, InvestmentPath, StrategyPath, copy_of, investment_of, strategy_of
from prorata.rest.own.copying.statistics_views import (
    FormulaView,
    StatisticsView,
    YieldTableView,
    formula_view,
    statistics_view,
    yield_table_view,
)
from prorata.rest.own.session import Call, Platform, Session, needs
from prorata.rest.own.views import View
from prorata.views.answers import Rejected
from prorata.views.copying.figures import InvestmentFigures, investment_figures
from prorata.views.copying.portfolio import portfolio_of
from prorata.views.numbers import show_moment, show_percent

PointsQuery = Annotated[int, QueryParameter(ge=4, le=1_000, description="how many points at most")]


class ChartPointView(View, frozen=True):
    """The price of a unit that began at 100, and what it has gained in percent."""

    at: str
    unit_price: str
    yield_percent: str


class SymbolShareView(View, frozen=True):
    symbol: str
    percent: str


class FormulasView(View, frozen=True):
    """`version` rises with any formula whose figure of an unchanged record could change."""

    version: int
    formulas: tuple[FormulaView, ...]


class _Record(msgspec.Struct, frozen=True):
    """What the tables have of an investment, up to the event `sequence`."""

    sequence: int
    days: tuple[Worth, ...]
    deals: tuple[CopyDealRow, ...]


def _read(history: History, investment: int, *, with_deals: bool) -> _Record:
    """Read the tables. Blocks."""
    lists = CopyLists(history)
    mark = history.journal_position()
    days = lists.investment_days(InvestmentDayFilter(investment=investment)).all()
    deals = lists.deals(DealFilter(investment=investment)).all() if with_deals else ()
    worths = tuple(Worth(day.sequence, day.at, day.equity, day.balance, day.unit_price) for day in days)
    return _Record(mark.sequence, worths, deals)


def _now(platform: Platform, figures: InvestmentFigures) -> Worth:
    at, sequence = platform.now(), platform.writer.sequence
    return Worth(sequence, figures.closed_at or at, figures.equity, figures.balance, figures.unit_price)


def _knows_all_money(record: _Record, figures: InvestmentFigures) -> bool:
    moved = sum(deal.total for deal in record.deals if deal.type in MOVED)
    return moved == figures.deposited - figures.withdrawn


async def shown_statistics(platform: Platform, strategy: Strategy, row: int) -> StatisticsView:
    """Return the statistics of an investment in a strategy; row 0 is its trader's own."""
    copy = platform.engine.copy
    investment = int(strategy.investments.number[row])
    record = await asyncio.to_thread(_read, platform.history, investment, with_deals=True)
    figures = investment_figures(copy, strategy, row)
    worths = list(record.days)
    if figures.state != InvestmentState.CLOSED and _knows_all_money(record, figures):
        worths.append(_now(platform, figures))
    as_of = figures.closed_at or platform.now()

    def reckon() -> StatisticsView:
        points = equity_points(record.deals, worths)
        found = statistics_of(points, trades_of(record.deals), as_of=as_of, as_of_seq=record.sequence)
        return statistics_view(found, strategy.currency)

    return await asyncio.to_thread(reckon)


async def _curve(platform: Platform, strategy: Strategy, row: int) -> list[PricePoint]:
    investment = int(strategy.investments.number[row])
    record = await asyncio.to_thread(_read, platform.history, investment, with_deals=False)
    figures = investment_figures(platform.engine.copy, strategy, row)
    days = [(day.at, day.unit_price) for day in record.days]
    return curve_of(figures.opened_at, days, (_now(platform, figures).at, figures.unit_price))


async def chart_of(platform: Platform, strategy: Strategy, row: int, most: int) -> list[ChartPointView]:
    """Return the curve of an investment in a strategy, of so many points at most."""
    points = reduce_chart(await _curve(platform, strategy, row), most)
    return [ChartPointView(show_moment(one.at), f"{one.price:.4f}", f"{one.price - 100:.4f}") for one in points]


async def _yields(platform: Platform, strategy: Strategy, row: int) -> YieldTableView:
    curve = await _curve(platform, strategy, row)
    found = yields_of(curve, curve[-1].at)
    months = tuple(monthly_table(curve))
    average = monthly_average(found.current, curve[-1].at - curve[0].at)
    return yield_table_view(found, average, months, tuple(yearly_table(months)))


def _shares(shares: list[SymbolShare]) -> list[SymbolShareView]:
    return [SymbolShareView(share.symbol, show_percent(share.ppm)) for share in shares]


class StrategyStatistics(Controller):
    tags = ("Statistics",)
    guards = (COPY_READING,)

    @get("/strategies/{strategy:int}/statistics", summary="Show a strategy's statistics")
    async def statistics(self, session: Call, strategy: StrategyPath) -> StatisticsView:
        return await shown_statistics(session.platform, strategy_of(session, strategy), 0)

    @get("/strategies/{strategy:int}/chart", summary="Show a strategy's curve")
    async def chart(self, session: Call, strategy: StrategyPath, points: PointsQuery = LARGE_CHART) -> list[ChartPointView]:
        """The first, the last, the highest and the lowest point are always there."""
        return await chart_of(session.platform, strategy_of(session, strategy), 0, points)

    @get("/strategies/{strategy:int}/yields", summary="Show a strategy's yields by month and year")
    async def yields(self, session: Call, strategy: StrategyPath) -> YieldTableView:
        return await _yields(session.platform, strategy_of(session, strategy), 0)

    @get("/strategies/{strategy:int}/portfolio", summary="Show what a strategy holds, by symbol")
    async def portfolio(self, session: Call, strategy: StrategyPath) -> list[SymbolShareView]:
        """Shares of the value of what the trader's own investment holds."""
        return _shares(portfolio_of(copy_of(session), strategy_of(session, strategy)))

    @get("/strategies/{strategy:int}/symbols", summary="Show what a strategy has dealt in, by symbol")
    async def symbols(self, session: Call, strategy: StrategyPath) -> list[SymbolShareView]:
        """Shares of the turnover of the trader's own investment, over its life."""
        number = strategy_of(session, strategy).number
        rows = await asyncio.to_thread(past_of(session).symbols(SymbolFilter(strategy=number)).all)
        return _shares(symbol_shares({row.symbol: row.turnover for row in rows}))


class InvestmentStatistics(Controller):
    tags = ("Statistics",)
    guards = (COPY_READING,)

    @get("/investments/{investment:int}/statistics", summary="Show an investment's statistics")
    async def statistics(self, session: Call, investment: InvestmentPath) -> StatisticsView:
        """Net: fees and commissions are in them."""
        return await shown_statistics(session.platform, *investment_of(session, investment))

    @get("/investments/{investment:int}/chart", summary="Show an investment's curve")
    async def chart(
        self, session: Call, investment: InvestmentPath, points: PointsQuery = LARGE_CHART
    ) -> list[ChartPointView]:  # fmt: skip
        return await chart_of(session.platform, *investment_of(session, investment), points)


class PublicStatistics(Controller):
    """What everybody may see of public strategies; never their deals or positions."""

    tags = ("Statistics",)
    guards = (needs(Permission.COPYING_READ),)

    @get("/public-strategies/{strategy:int}/statistics", summary="Show a public strategy's statistics")
    async def statistics(self, session: Call, strategy: StrategyPath) -> StatisticsView:
        return await shown_statistics(session.platform, _public(session, strategy), 0)

    @get("/public-strategies/{strategy:int}/chart", summary="Show a public strategy's curve")
    async def chart(self, session: Call, strategy: StrategyPath, points: PointsQuery = LARGE_CHART) -> list[ChartPointView]:
        return await chart_of(session.platform, _public(session, strategy), 0, points)

    @get("/statistics/formulas", summary="List the formulas of the statistics")
    async def formulas(self, session: Call) -> FormulasView:
        return FormulasView(STATISTICS_VERSION, tuple(formula_view(name, formula) for name, formula in FORMULAS.items()))


def _public(session: Session, number: int) -> Strategy:
    strategy = strategy_of(session, number)
    if not is_public(strategy):
        raise Rejected(Refusal.UNKNOWN_STRATEGY)
    return strategy
