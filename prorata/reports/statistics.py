"""All figures of one record at once: what a strategy's or an investment's page shows.

Rates a year say little about a few days (ten good ones make 82 %), so they wait for 90 days and 30 trades. Figures of the day
do not wait. Every life is shown, the one that ended in ruin too.
"""

from collections.abc import Sequence

import msgspec

from prorata.reports.drawdowns import Drawdowns, drawdowns_on_balance, drawdowns_on_equity
from prorata.reports.formulas import STATISTICS_VERSION
from prorata.reports.risk import annual_growth, calmar, probabilistic_sharpe, sharpe, sortino, volatility
from prorata.reports.series import ROLLOVER_MS, EquityPoint, Life, daily_returns, lives_of
from prorata.reports.trades import Trade, TradeFigures, recovery_factor, trade_figures
from prorata.reports.yields import (
    Gains,
    MonthYield,
    YearYield,
    Yields,
    gains_of,
    monthly_average,
    monthly_table,
    yearly_table,
    yields_of,
)
from prorata.units.numbers import DAY_MS, Minor, Moment

DAYS_MIN, TRADES_MIN = 90, 30
"""Below either there is no rate a year."""


class RiskFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    days: int
    """daily returns in the record"""
    sharpe_of_a_day: float | None
    probabilistic_sharpe: float | None
    best_day: float | None
    worst_day: float | None
    volatility: float | None
    sharpe: float | None
    sortino: float | None
    annual_growth: float | None
    calmar: float | None


class LifeFigures(msgspec.Struct, frozen=True, kw_only=True):
    opened_at: Moment
    until: Moment
    ruined: bool
    unit_price: float
    yields: Yields
    monthly_average: float
    months: tuple[MonthYield, ...]
    years: tuple[YearYield, ...]
    gains: Gains
    equity_drawdowns: Drawdowns
    balance_drawdowns: Drawdowns
    risk: RiskFigures
    recovery_factor: float | None
    recovery_factor_on_balance: float | None
    trades: TradeFigures


class Statistics(msgspec.Struct, frozen=True):
    version: int
    as_of: Moment
    as_of_seq: int
    """the number of the newest event that is in the figures"""
    lives: tuple[LifeFigures, ...]
    """oldest first; the last is the present one. Empty before the first money"""


def statistics_of(
    points: Sequence[EquityPoint],
    trades: Sequence[Trade],
    *,
    as_of: Moment,
    as_of_seq: int,
    rollover_ms: Moment = ROLLOVER_MS,
) -> Statistics:
    """Return the statistics of a record: points in the order of time, trades in the order in which they closed.

    Give gross points for a strategy (no performance fee in them) and net ones for an investment.
    """
    lives = lives_of(points)
    starts = [life.points[0].at for life in lives[1:]]
    figures: list[LifeFigures] = []
    for place, life in enumerate(lives):
        since = life.points[0].at if place else 0
        before = starts[place] if place < len(starts) else None
        own = [trade for trade in trades if since <= trade.closed_at and (before is None or trade.closed_at < before)]
        figures.append(_figures_of(life, own, as_of if before is None else life.points[-1].at, rollover_ms))
    return Statistics(STATISTICS_VERSION, as_of, as_of_seq, tuple(figures))


def _figures_of(life: Life, trades: Sequence[Trade], until: Moment, rollover_ms: Moment) -> LifeFigures:
    yields = yields_of(life.equity, until)
    months = monthly_table(life.equity, rollover_ms)
    gains = gains_of(life)
    age = until - life.points[0].at
    on_equity, on_balance = drawdowns_on_equity(life), drawdowns_on_balance(life)
    return LifeFigures(
        opened_at=life.points[0].at,
        until=until,
        ruined=life.ruined,
        unit_price=life.equity[-1].price,
        yields=yields,
        monthly_average=monthly_average(yields.current, age),
        months=tuple(months),
        years=tuple(yearly_table(months)),
        gains=gains,
        equity_drawdowns=on_equity,
        balance_drawdowns=on_balance,
        risk=_risk_of(
            daily_returns(life.equity, rollover_ms),
            yields.current,
            on_equity,
            annual=age >= DAYS_MIN * DAY_MS and len(trades) >= TRADES_MIN,
        ),
        recovery_factor=recovery_factor(gains.profit, _money_of(on_equity)),
        recovery_factor_on_balance=recovery_factor(gains.profit, _money_of(on_balance)),
        trades=trade_figures(trades),
    )


def _money_of(drawdowns: Drawdowns) -> Minor:
    return drawdowns.maximal.money if drawdowns.maximal else 0


def _risk_of(returns: Sequence[float], total: float, drawdowns: Drawdowns, *, annual: bool) -> RiskFigures:
    growth = annual_growth(total, len(returns)) if annual else None
    fallen = drawdowns.relative.share if drawdowns.relative else None
    return RiskFigures(
        days=len(returns),
        sharpe_of_a_day=sharpe(returns, periods=1),
        probabilistic_sharpe=probabilistic_sharpe(returns),
        best_day=max(returns, default=None),
        worst_day=min(returns, default=None),
        volatility=volatility(returns) if annual else None,
        sharpe=sharpe(returns) if annual else None,
        sortino=sortino(returns) if annual else None,
        annual_growth=growth,
        calmar=calmar(growth, fallen),
    )
