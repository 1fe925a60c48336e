"""Statistics as our own API shows them: rates in percent, ratios as plain numbers, both as decimal strings with four places.

What the figures mean is in docs/trade/statistics.md, and at /statistics/formulas. null: there is none, or none yet.
"""

from prorata.reports.drawdowns import Drawdown, Drawdowns
from prorata.reports.formulas import Formula
from prorata.reports.statistics import LifeFigures, Statistics
from prorata.reports.trades import TradeFigures
from prorata.reports.yields import MonthYield, YearYield, Yields
from prorata.rest.own.views import View, digits_of
from prorata.units.decimals import format_decimal
from prorata.views.numbers import show_moment, show_moment_or_none

PLACES = 4


class FormulaView(View, frozen=True):
    name: str
    version: int
    unit: str
    definition: str
    source: str


class MonthView(View, frozen=True):
    month: str
    yield_percent: str


class YearView(View, frozen=True):
    year: int
    yield_percent: str


class YieldsView(View, frozen=True):
    """`current`: since the opening. `day`, `week`, `month`, `quarter`: of the last 1, 7, 30, 90 days. All in percent."""

    current: str
    day: str | None
    week: str | None
    month: str | None
    quarter: str | None


class YieldTableView(View, frozen=True):
    """`monthly_average`: compounded, in percent."""

    yields: YieldsView
    monthly_average: str
    months: tuple[MonthView, ...]
    years: tuple[YearView, ...]


class DrawdownView(View, frozen=True):
    percent: str
    money: str
    peak_at: str
    trough_at: str
    recovered_at: str | None
    duration_ms: int


class DrawdownsView(View, frozen=True):
    """`relative`: the largest share of a peak; `maximal`: the most money; `absolute`: how far below what was put in first."""

    relative: DrawdownView | None
    maximal: DrawdownView | None
    longest: DrawdownView | None
    absolute: str


class RiskView(View, frozen=True):
    """Rates a year wait for 90 days and 30 trades. Best, worst, volatility and growth in percent."""

    days: int
    best_day: str | None
    worst_day: str | None
    sharpe_of_a_day: str | None
    probabilistic_sharpe: str | None
    volatility: str | None
    sharpe: str | None
    sortino: str | None
    annual_growth: str | None
    calmar: str | None


class TradesView(View, frozen=True):
    """Closed trades, net of costs. `win_rate` in percent of winners and losers; holding times in milliseconds."""

    trades: int
    winners: int
    losers: int
    break_even: int
    net_profit: str
    gross_profit: str
    gross_loss: str
    best: str | None
    worst: str | None
    average_win: str | None
    average_loss: str | None
    expectancy: str | None
    profit_factor: str | None
    payoff: str | None
    win_rate: str | None
    holding_mean_ms: int | None
    holding_median_ms: int | None
    longest_win_trades: int
    longest_win: str
    longest_loss_trades: int
    longest_loss: str
    long_trades: int
    long_winners: int
    short_trades: int
    short_winners: int


class LifeView(View, frozen=True):
    """From the first money to now, or until it was lost (`ruined`). Gains in percent of what was put in."""

    opened_at: str
    until: str
    ruined: bool
    unit_price: str
    table: YieldTableView
    profit: str
    deposits: str
    withdrawals: str
    gain_on_deposits: str | None
    gain_on_net_deposits: str | None
    modified_dietz: str | None
    equity_drawdowns: DrawdownsView
    balance_drawdowns: DrawdownsView
    risk: RiskView
    recovery_factor: str | None
    recovery_factor_on_balance: str | None
    trades: TradesView


class StatisticsView(View, frozen=True):
    """`version`: of the formulas. `as_of_sequence`: the newest event in the figures. `lives`: the last is the present one."""

    version: int
    as_of: str
    as_of_sequence: int
    currency: str
    lives: tuple[LifeView, ...]


def percent(share: float) -> str:
    """Return a share in percent: 0.05 is "5.0000"."""
    return f"{share * 100:.{PLACES}f}"


def percent_or_none(share: float | None) -> str | None:
    return None if share is None else percent(share)


def ratio_or_none(value: float | None) -> str | None:
    return None if value is None else f"{value:.{PLACES}f}"


def formula_view(name: str, formula: Formula) -> FormulaView:
    return FormulaView(name, formula.version, formula.unit, formula.definition, formula.source)


def yields_view(found: Yields) -> YieldsView:
    windows = (found.day, found.week, found.month, found.quarter)
    return YieldsView(percent(found.current), *map(percent_or_none, windows))


def yield_table_view(
    found: Yields, average: float, months: tuple[MonthYield, ...], years: tuple[YearYield, ...]
) -> YieldTableView:  # fmt: skip
    return YieldTableView(
        yields_view(found),
        percent(average),
        tuple(MonthView(f"{month.year:04d}-{month.month:02d}", percent(month.total)) for month in months),
        tuple(YearView(year.year, percent(year.total)) for year in years),
    )


def statistics_view(found: Statistics, currency: str) -> StatisticsView:
    shown = _Shown(currency)
    lives = tuple(shown.life(life) for life in found.lives)
    return StatisticsView(found.version, show_moment(found.as_of), found.as_of_seq, currency, lives)


class _Shown:
    """Figures with money in one currency."""

    def __init__(self, currency: str) -> None:
        self._digits = digits_of(currency)

    def money(self, minor: float) -> str:
        return format_decimal(round(minor), self._digits)

    def money_or_none(self, minor: float | None) -> str | None:
        return None if minor is None else self.money(minor)

    def life(self, life: LifeFigures) -> LifeView:
        gains = life.gains
        return LifeView(
            opened_at=show_moment(life.opened_at),
            until=show_moment(life.until),
            ruined=life.ruined,
            unit_price=f"{life.unit_price:.{PLACES}f}",
            table=yield_table_view(life.yields, life.monthly_average, life.months, life.years),
            profit=self.money(gains.profit),
            deposits=self.money(gains.deposits),
            withdrawals=self.money(gains.withdrawals),
            gain_on_deposits=percent_or_none(gains.on_deposits),
            gain_on_net_deposits=percent_or_none(gains.on_net_deposits),
            modified_dietz=percent_or_none(gains.modified_dietz),
            equity_drawdowns=self.drawdowns(life.equity_drawdowns),
            balance_drawdowns=self.drawdowns(life.balance_drawdowns),
            risk=_risk(life),
            recovery_factor=ratio_or_none(life.recovery_factor),
            recovery_factor_on_balance=ratio_or_none(life.recovery_factor_on_balance),
            trades=self.trades(life.trades),
        )

    def drawdowns(self, found: Drawdowns) -> DrawdownsView:
        return DrawdownsView(
            self.drawdown(found.relative),
            self.drawdown(found.maximal),
            self.drawdown(found.longest),
            self.money(found.absolute),
        )

    def drawdown(self, found: Drawdown | None) -> DrawdownView | None:
        if found is None:
            return None
        return DrawdownView(
            percent(found.share),
            self.money(found.money),
            show_moment(found.peak_at),
            show_moment(found.trough_at),
            show_moment_or_none(found.recovered_at or 0),
            found.duration_ms,
        )

    def trades(self, found: TradeFigures) -> TradesView:
        return TradesView(
            trades=found.trades,
            winners=found.winners,
            losers=found.losers,
            break_even=found.break_even,
            net_profit=self.money(found.net_profit),
            gross_profit=self.money(found.gross_profit),
            gross_loss=self.money(found.gross_loss),
            best=self.money_or_none(found.best),
            worst=self.money_or_none(found.worst),
            average_win=self.money_or_none(found.average_win),
            average_loss=self.money_or_none(found.average_loss),
            expectancy=self.money_or_none(found.expectancy),
            profit_factor=ratio_or_none(found.profit_factor),
            payoff=ratio_or_none(found.payoff),
            win_rate=percent_or_none(found.win_rate),
            holding_mean_ms=_whole(found.holding.mean),
            holding_median_ms=_whole(found.holding.median),
            longest_win_trades=found.longest_win.trades,
            longest_win=self.money(found.longest_win.money),
            longest_loss_trades=found.longest_loss.trades,
            longest_loss=self.money(found.longest_loss.money),
            long_trades=found.long_trades,
            long_winners=found.long_winners,
            short_trades=found.short_trades,
            short_winners=found.short_winners,
        )


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _risk(life: LifeFigures) -> RiskView:
    risk = life.risk
    return RiskView(
        days=risk.days,
        best_day=percent_or_none(risk.best_day),
        worst_day=percent_or_none(risk.worst_day),
        sharpe_of_a_day=ratio_or_none(risk.sharpe_of_a_day),
        probabilistic_sharpe=percent_or_none(risk.probabilistic_sharpe),
        volatility=percent_or_none(risk.volatility),
        sharpe=ratio_or_none(risk.sharpe),
        sortino=ratio_or_none(risk.sortino),
        annual_growth=percent_or_none(risk.annual_growth),
        calmar=ratio_or_none(risk.calmar),
    )
