"""The formulas of every published figure: version, unit, definition, source.

A version is raised when the figure of an unchanged record could change; `STATISTICS_VERSION` is raised with any of them.
What is stored or shown carries it, so a figure that changed overnight can be told from a formula that did.
docs/trade/statistics.md has a worked number for each line.
"""

import msgspec

STATISTICS_VERSION = 1


class Formula(msgspec.Struct, frozen=True, gc=False):
    version: int
    unit: str
    """share (0.05 is 5 %), ratio, money (smallest units), points, pips, ms, price, number, score"""
    definition: str
    source: str


def _first(unit: str, definition: str, source: str) -> Formula:
    return Formula(1, unit, definition, source)


_GIPS = "GIPS: revalue at each external flow, link geometrically"
_RAMM = "the lists of RAMM platforms"
_MT5 = "MetaTrader 5 testing report"
_COMMON = "common usage"
_OWN = "Prorata"

FORMULAS: dict[str, Formula] = {
    # Yields.
    "unit_price": _first("price", "100 at the opening, then with the equity; a flow changes the units, not the price", _GIPS),
    "yield": _first("share", "unit price / 100 - 1", _GIPS),
    "window_yield": _first("share", "unit price / unit price 1, 7, 30 or 90 days ago - 1; none before", _RAMM),
    "monthly_average": _first("share", "(1 + yield)^(30.4375 days / age) - 1; the yield itself under one month", _RAMM),
    "month_yield": _first("share", "last unit price of the month / last of the month before - 1, by trading days", "MQL5"),
    "year_yield": _first("share", "product of (1 + month) - 1, never a sum", "MQL5"),
    "gain_on_deposits": _first("share", "profit / sum of deposits", "Myfxbook, absolute gain"),
    "gain_on_net_deposits": _first("share", "profit / (deposits - withdrawals)", "Myfxbook, absolute gain, net variant"),
    "modified_dietz": _first(
        "share", "profit / (opening capital + each flow x share of the period left)", "GIPS, modified Dietz"
    ),
    # Drawdowns.
    "drawdown_relative": _first("share", "max of 1 - lowest unit price / highest before it", "empyrical, QuantStats; " + _MT5),
    "drawdown_maximal": _first("money", "largest fall of the profit from a peak to the lowest after it", _MT5),
    "drawdown_maximal_share": _first("share", "maximal drawdown / (equity at its lowest + maximal drawdown)", _MT5),
    "drawdown_absolute": _first("money", "how far the profit fell below zero", _MT5),
    "drawdown_duration": _first("ms", "from a peak until it is reached again, or until now", _COMMON),
    # Risk.
    "volatility": _first("share", "standard deviation of daily returns (n - 1) x sqrt(252)", "empyrical, QuantStats"),
    "sharpe": _first(
        "ratio", "mean / standard deviation (n - 1) of daily returns above risk-free x sqrt(252)", "empyrical, QuantStats"
    ),
    "sortino": _first("ratio", "mean / sqrt(sum of min(return, 0)^2 / n), all days in n, x sqrt(252)", "empyrical, QuantStats"),
    "annual_growth": _first("share", "(1 + yield)^(252 / days) - 1", "empyrical"),
    "calmar": _first("ratio", "annual growth / relative equity drawdown, over the whole life", "empyrical"),
    "probabilistic_sharpe": _first(
        "share",
        "Phi(SR / sqrt((1 - skew SR + (kurtosis - 1) / 4 SR^2) / (n - 1))), SR of a day",
        "Bailey, Lopez de Prado (2012)",
    ),
    "risk_score": _first("score", "1 + breakpoints that a bad day reaches, + 1 without stop losses on half; at most 10", _OWN),
    # Trades.
    "profit_factor": _first("ratio", "sum of winning results / size of the sum of losing ones, net", "MQL5"),
    "expectancy": _first("money", "net profit / trades", "MQL5, expected payoff"),
    "expectancy_points": _first("points", "mean of the points won", _COMMON),
    "expectancy_r": _first("ratio", "mean of result / money at stake at the stop loss", _COMMON),
    "win_rate": _first("share", "winners / (winners + losers); break-even trades are counted apart", _OWN),
    "win_rate_with_break_even": _first("share", "winners / trades", _COMMON),
    "payoff": _first("ratio", "average win / size of the average loss", _COMMON),
    "holding_time": _first("ms", "mean of closing - opening", "DXtrade"),
    "holding_time_by_volume": _first("ms", "sum of holding time x volume / sum of volume", _OWN),
    "streak": _first("number", "most wins or losses in a row; break-even trades are passed over", _MT5),
    "recovery_factor": _first("ratio", "profit / maximal drawdown in money, on equity", "FXOpen"),
    "captured": _first("share", "sum of the winners' results / sum of their best floating results (MFE)", "MQL5"),
    "edge": _first("ratio", "average best floating result (MFE) / size of the average worst (MAE)", _COMMON),
    # Exposure.
    "leverage": _first("ratio", "notional of open positions / equity; now, most, mean by time", _RAMM),
    "deposit_load": _first("share", "margin / equity; now, most, mean by time", "MQL5"),
    "symbol_share": _first("ppm", "turnover (history) or open notional (portfolio) of a symbol / of all", _RAMM),
    # Copying.
    "follower_quartiles": _first("share", "quartiles of the investors' net yields, linear between neighbours", _OWN),
    "follower_gap": _first("share", "the strategy's yield - the median investor's net yield", _OWN),
    "copied_share": _first("share", "1 - sum of |actual - target| x time / sum of |target| x time", _OWN),
    "slippage_pips": _first("pips", "mean of how much better the price was than the source's", _OWN),
    "slippage_per_lot": _first("money", "sum of slippage in money / lots", _OWN),
    "latency": _first("ms", "nearest-rank percentile of copy time - source time; 50, 95, 99", _OWN),
    "capital_to_copy": _first("money", "least capital at which 99 % of the volume reaches the minimum", _OWN),
    "copy_statement": _first("money", "sizing, time, rounding, price, swap, commissions, fees, with no rest", _OWN),
}
