"""docs/trade/statistics.md and the table of formulas say the same, and its worked numbers are what the code computes."""

import re
from pathlib import Path

from prorata.reports.copy_deals import CopyDeal, CopyTerms, SourceDeal
from prorata.reports.copy_statement import copy_statement
from prorata.reports.drawdowns import drawdowns_on_equity
from prorata.reports.exposure import ExposurePoint, deposit_load, leverage, symbol_shares
from prorata.reports.fidelity import CopiedDeal, Held, copied_share, fidelity, slippage_pips
from prorata.reports.followers import dispersion
from prorata.reports.formulas import FORMULAS
from prorata.reports.risk import annual_growth, calmar, probabilistic_sharpe, sharpe, sortino, volatility
from prorata.reports.risk_score import RiskInputs, portfolio_deviation, risk_score
from prorata.reports.series import EquityPoint, daily_returns, lives_of
from prorata.reports.small_accounts import capital_to_copy
from prorata.reports.trades import Excursion, excursion_figures, recovery_factor, trade_figures
from prorata.reports.yields import MonthYield, gains_of, monthly_average, monthly_table, time_weighted, yearly_table, yields_of
from prorata.units.numbers import DAY_MS

from .vectors import HOUR_MS, MONDAY, PATH, TRADES, balance_path

PAGE = (Path(__file__).parents[2] / "docs" / "trade" / "statistics.md").read_text()
ROWS = {
    name: (int(version), unit, definition, re.findall(r"\*\*(.+?)\*\*", worked))
    for name, version, unit, definition, worked in re.findall(
        r"^\| `(\w+)` \| (\d+), (\w+) \| ((?:[^|\\]|\\\|)+) \| (.+) \|$", PAGE, re.MULTILINE
    )
}
LOT = 100_000_000


def percent(share: float | None, digits: int = 4) -> str:
    assert share is not None
    return f"{share * 100:.{digits}f} %"


def number(value: float | None, digits: int = 4) -> str:
    assert value is not None
    return f"{value:.{digits}f}"


def money(minor: float | None) -> str:
    assert minor is not None
    return f"{minor / 100:.2f}"


def hours(ms: float | None) -> str:
    assert ms is not None
    return f"{round(ms / HOUR_MS, 4):g} h"


def rows_of_yields() -> dict[str, str]:
    (record_a,) = lives_of(PATH)
    grown = [EquityPoint(0, 0, 0, 100_00), EquityPoint(1, 110_00, 110_00, 890_00), EquityPoint(2, 1_100_00, 1_100_00)]
    (growing,) = lives_of(grown)
    (rising,) = lives_of([EquityPoint(MONDAY + day * DAY_MS, 100_00 + day * 1_00, 0) for day in range(11)])
    (march,) = lives_of([EquityPoint(MONDAY, 100_00, 0), EquityPoint(MONDAY + 29 * DAY_MS, 110_00, 0)])
    gains = gains_of(record_a)
    return {
        "unit_price": f"{growing.equity[-1].price:.0f}",
        "yield": percent(time_weighted(record_a)),
        "window_yield": percent(yields_of(rising.equity, MONDAY + 10 * DAY_MS).day),
        "monthly_average": percent(monthly_average(0.21, round(2 * 30.4375 * DAY_MS))),
        "month_yield": percent(monthly_table(march.equity)[0].total),
        "year_yield": percent(
            yearly_table([MonthYield(2026, 3, 0.1), MonthYield(2026, 4, 0.1), MonthYield(2026, 5, 0.0)])[0].total
        ),
        "gain_on_deposits": percent(gains.on_deposits),
        "gain_on_net_deposits": percent(gains.on_net_deposits),
        "modified_dietz": percent(gains.modified_dietz),
    }


def rows_of_risk() -> dict[str, str]:
    (record_a,), (record_b,) = lives_of(PATH), lives_of(balance_path(10_000_00, TRADES))
    relative, on_b = drawdowns_on_equity(record_a).relative, drawdowns_on_equity(record_b)
    assert relative is not None
    assert on_b.maximal is not None
    assert on_b.longest is not None
    returns = daily_returns(record_a.equity)
    growth = annual_growth(time_weighted(record_a), len(returns))
    score = risk_score(RiskInputs((), 0.0, portfolio_deviation([2.0], [[0.006**2]]), exposure=1))
    return {
        "drawdown_relative": percent(relative.share),
        "drawdown_maximal": money(on_b.maximal.money),
        "drawdown_maximal_share": percent(on_b.maximal.share),
        "drawdown_absolute": money(on_b.absolute),
        "drawdown_duration": hours(on_b.longest.duration_ms),
        "volatility": percent(volatility(returns)),
        "sharpe": number(sharpe(returns), 6),
        "sortino": number(sortino(returns), 6),
        "annual_growth": percent(growth, 1),
        "calmar": number(calmar(growth, relative.share), 1),
        "probabilistic_sharpe": percent(probabilistic_sharpe(returns), 2),
        "risk_score": str(score),
        "recovery_factor": number(recovery_factor(gains_of(record_b).profit, on_b.maximal.money)),
    }


def rows_of_trades() -> dict[str, str]:
    figures = trade_figures(TRADES)
    return {
        "profit_factor": number(figures.profit_factor),
        "expectancy": money(figures.expectancy),
        "expectancy_points": number(figures.expectancy_points, 1),
        "expectancy_r": number(figures.expectancy_r),
        "win_rate": percent(figures.win_rate, 2),
        "win_rate_with_break_even": percent(figures.win_rate_with_break_even, 2),
        "payoff": number(figures.payoff),
        "holding_time": hours(figures.holding.mean),
        "holding_time_by_volume": hours(figures.holding.by_volume),
        "streak": str(figures.longest_win.trades),
        "captured": percent(excursion_figures([Excursion(8, 12, -3)]).captured, 2),
        "edge": number(excursion_figures([Excursion(8, 12, -3), Excursion(-4, 2, -4)]).edge),
    }


def rows_of_copying() -> dict[str, str]:
    exposure = [ExposurePoint(0, 1_000, 2_000, 20), ExposurePoint(10, 1_000, 4_000, 40), ExposurePoint(40, 1_000, 0, 0)]
    followers = dispersion(0.12, [0.06, 0.08, 0.09, 0.11])
    dear = CopiedDeal(2 * LOT, 110_010, 110_012, 10, -2_00, 1)
    cheap = CopiedDeal(2 * LOT, 110_010, 110_009, 10, 1_00, 1)
    latencies = fidelity([CopiedDeal(LOT, 1, 1, 10, 0, ms) for ms in range(1, 21)])
    source = [
        SourceDeal(
            id=1, at=1, symbol="EURUSD", volume=LOT * 37 // 100, price=110_000, profit=0, equity=10_000_00, lot_point=LOT
        ),
        SourceDeal(
            id=2, at=2, symbol="EURUSD", volume=-LOT * 37 // 100, price=110_100, profit=37_00, equity=10_000_00, lot_point=LOT
        ),
    ]
    copies = [
        CopyDeal(at=1, signal=1, symbol="EURUSD", asked=LOT * 37 // 1000, done=LOT * 3 // 100, price=110_001),
        CopyDeal(at=2, signal=2, symbol="EURUSD", asked=-LOT * 3 // 100, done=-LOT * 3 // 100, price=110_100, profit=2_97),
    ]
    return {
        "leverage": number(leverage(exposure).average, 2),
        "deposit_load": percent(deposit_load(exposure).average, 2),
        "symbol_share": f"{symbol_shares({'A': 300, 'B': 300, 'C': 300})[0].ppm:,}",
        "follower_quartiles": percent(followers.lower_quartile, 2),
        "follower_gap": percent(followers.gap, 2),
        "copied_share": percent(copied_share([Held(9, LOT, LOT), Held(1, LOT, 0)]), 2),
        "slippage_pips": number(slippage_pips(dear), 1),
        "slippage_per_lot": money(fidelity([dear, cheap]).slippage_per_lot),
        "latency": str(latencies.latency_p95_ms),
        "capital_to_copy": money(capital_to_copy([(LOT, 10_000_00)], LOT // 100)),
        "copy_statement": money(copy_statement(source, copies, [], CopyTerms(joined_at=0, equity=1_000_00)).parts.total),
    }


def test_the_page_states_each_formula_as_the_table_does() -> None:
    stated = {name: (version, unit, definition.replace("\\|", "|")) for name, (version, unit, definition, _) in ROWS.items()}
    assert stated == {name: (formula.version, formula.unit, formula.definition) for name, formula in FORMULAS.items()}


def test_each_worked_number_is_what_the_code_computes() -> None:
    computed = rows_of_yields() | rows_of_risk() | rows_of_trades() | rows_of_copying()
    assert {name: worked[-1] for name, (*_, worked) in ROWS.items()} == computed


def test_every_formula_says_where_it_comes_from() -> None:
    assert [name for name, formula in FORMULAS.items() if not formula.source or formula.version < 1] == []
