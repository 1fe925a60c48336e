"""Social trading: money managers are those who publish strategies, in the order of the ratings, each with its statistics."""

from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from prorata.access.permissions import Permission
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import StrategyStatus
from prorata.messages.refusals import Refusal
from prorata.reports.charts import SMALL_CHART
from prorata.reports.ratings import all_strategies, popular, rating
from prorata.rest.broker.call import Call
from prorata.rest.broker.kinds import Record, time_of
from prorata.rest.broker.registry import operation
from prorata.rest.own.copying.statistics import chart_of, shown_statistics
from prorata.rest.own.copying.statistics_views import LifeView
from prorata.rest.own.session import Platform
from prorata.rest.ramm.listed import Listed, fee_of, listing_of, public_offer_of, rules_of
from prorata.rest.ramm.yields import monthly_yield
from prorata.units.numbers import DAY_MS
from prorata.units.rounding import div_floor
from prorata.views.answers import Rejected
from prorata.views.copying.numbers import money_of, yield_of_unit
from prorata.views.copying.strategies import strategy_figures, strategy_totals

LIMIT_DEFAULT = 100
LIMIT_MAX = 1_000
PERCENT = 100


class Leaderboard(StrEnum):
    """RATING: those that the broker's rules let in, the highest yield first; POPULAR: by what they gained within a week."""

    RATING = "RATING"
    ALL = "ALL"
    POPULAR = "POPULAR"


class ManagerView(Record, frozen=True):
    """`yield_`, `monthly_yield`, `fee`: percent. `fee`: null if no offer is for everybody."""

    id: int
    name: str
    status: str
    currency: str
    created: str | None
    age_days: int
    yield_: Decimal = msgspec.field(name="yield")
    monthly_yield: Decimal
    fee: Decimal | None
    investors: int
    equity: Decimal


class Managers(Record, frozen=True):
    money_managers: list[ManagerView]


class PointView(Record, frozen=True):
    time: str
    yield_: Decimal = msgspec.field(name="yield")


class MonthView(Record, frozen=True):
    """`month`: as "2026-03"."""

    month: str
    yield_: Decimal = msgspec.field(name="yield")


class FiguresView(Record, frozen=True):
    """Yields, drawdown, volatility and the share of winning trades in percent; null: there is none yet."""

    profit: Decimal
    deposits: Decimal
    withdrawals: Decimal
    yield_of_day: Decimal | None
    yield_of_week: Decimal | None
    yield_of_month: Decimal | None
    yield_of_quarter: Decimal | None
    max_drawdown: Decimal | None
    best_day: Decimal | None
    worst_day: Decimal | None
    volatility: Decimal | None
    sharpe: Decimal | None
    sortino: Decimal | None
    trades: int
    win_rate: Decimal | None
    profit_factor: Decimal | None


class ManagerStatistics(ManagerView, frozen=True, kw_only=True):
    """`figures`: null before the first money."""

    figures: FiguresView | None
    months: list[MonthView]
    chart: list[PointView]


@operation("GET", "/v1/social-trading/leaderboard", needs=Permission.COPYING_READ, ours=True)
async def leaderboard(
    call: Call, system_uuid: str, type: Leaderboard = Leaderboard.RATING, limit: int = LIMIT_DEFAULT
) -> Managers:
    """Money managers of a trade platform, as a rating has them."""
    if not 0 < limit <= LIMIT_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"limit: must be from 1 to {LIMIT_MAX}")
    platform = call.running(call.system(system_uuid).uuid)
    rows = {strategy.number: _listed(platform, strategy) for strategy in _public(call, platform)}
    listings = [listing_of(row) for row in rows.values()]
    if type == Leaderboard.RATING:
        company = call.control.companies.get(call.organization_id)
        chosen = [] if company is None else rating(listings, rules_of(company), platform.now())
    else:
        chosen = all_strategies(listings) if type == Leaderboard.ALL else popular(listings)
    return Managers(money_managers=[ManagerView(**_shown(platform, rows[one.strategy])) for one in chosen[:limit]])


@operation("GET", "/v1/social-trading/money-managers/{id}", needs=Permission.COPYING_READ, ours=True)
async def money_manager(call: Call, id: int, system_uuid: str) -> ManagerStatistics:
    """One money manager with his statistics."""
    platform = call.running(call.system(system_uuid).uuid)
    strategy = next((one for one in _public(call, platform) if one.number == id), None)
    if strategy is None:
        raise Rejected(Refusal.NOT_FOUND, "there is no money manager of this number")
    found = await shown_statistics(platform, strategy, 0)
    chart = await chart_of(platform, strategy, 0, SMALL_CHART)
    life = found.lives[-1] if found.lives else None
    return ManagerStatistics(
        **_shown(platform, _listed(platform, strategy)), figures=None if life is None else _figures(life),
        months=[] if life is None else [
            MonthView(month=one.month, yield_=Decimal(one.yield_percent)) for one in life.table.months
        ],
        chart=[PointView(time=one.at, yield_=Decimal(one.yield_percent)) for one in chart],
    )  # fmt: skip


def _public(call: Call, platform: Platform) -> list[Strategy]:
    """Return the organization's strategies that everybody sees."""
    copy = _copy_of(platform)
    mine = (one for one in copy.state.strategies.values() if one.company == call.organization_id)
    return [one for one in mine if public_offer_of(copy, one) is not None]


def _copy_of(platform: Platform) -> CopyDesk:
    return platform.engine.copy


def _listed(platform: Platform, strategy: Strategy) -> Listed:
    copy = _copy_of(platform)
    return Listed(
        strategy=strategy, figures=strategy_figures(copy, strategy), offer=public_offer_of(copy, strategy), account=None,
        mine=False, now=platform.now(),
    )  # fmt: skip


def _shown(platform: Platform, row: Listed) -> dict[str, Any]:
    strategy, fee = row.strategy, fee_of(row)
    return {
        "id": strategy.number, "name": strategy.name, "status": StrategyStatus(strategy.status).name,
        "currency": strategy.currency, "created": time_of(strategy.created_at),
        "age_days": div_floor(row.now - strategy.created_at, DAY_MS), "yield_": yield_of_unit(row.figures.unit_price) * PERCENT,
        "monthly_yield": monthly_yield(strategy, row.figures.unit_price, row.now) * PERCENT,
        "fee": None if fee is None else fee * PERCENT, "investors": row.figures.accounts,
        "equity": money_of(strategy_totals(_copy_of(platform), strategy).equity, strategy.currency),
    }  # fmt: skip


def _figures(life: LifeView) -> FiguresView:
    yields, risk, trades, fall = life.table.yields, life.risk, life.trades, life.equity_drawdowns.relative
    return FiguresView(
        profit=Decimal(life.profit), deposits=Decimal(life.deposits), withdrawals=Decimal(life.withdrawals),
        yield_of_day=_number(yields.day), yield_of_week=_number(yields.week), yield_of_month=_number(yields.month),
        yield_of_quarter=_number(yields.quarter), max_drawdown=None if fall is None else Decimal(fall.percent),
        best_day=_number(risk.best_day), worst_day=_number(risk.worst_day), volatility=_number(risk.volatility),
        sharpe=_number(risk.sharpe), sortino=_number(risk.sortino), trades=trades.trades, win_rate=_number(trades.win_rate),
        profit_factor=_number(trades.profit_factor),
    )  # fmt: skip


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
