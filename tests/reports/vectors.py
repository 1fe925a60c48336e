"""The worked records that the claims about statistics share (docs/trade/statistics.md states what they come to)."""

from prorata.reports.series import EquityPoint
from prorata.reports.trades import Trade
from prorata.units.numbers import DAY_MS, MINUTE_MS, Minor, Moment

HOUR_MS = 60 * MINUTE_MS
MONDAY: Moment = 1_772_402_400_000 + DAY_MS
"""2026-03-02 22:00 UTC, the end of that trading day."""

_CLOSES = (
    10_000_00,
    10_200_00,
    10_098_00,
    10_400_00,
    15_246_00,
    14_700_00,
    14_994_00,
    15_450_00,
    13_181_50,
    13_445_13,
    13_200_00,
)
_FLOWS = {3: 5_000_00, 7: -2_000_00}
"""5,000 come in at the open of day 4 and 2,000 leave at the open of day 8: at the close of the day before."""

PATH = [EquityPoint(MONDAY + day * DAY_MS, equity, equity, _FLOWS.get(day, 0)) for day, equity in enumerate(_CLOSES)]
"""Eleven days with a deposit and a withdrawal (vector A)."""


def _trades() -> list[Trade]:
    trades: list[Trade] = []
    at = MONDAY
    for profit, half_hours in ((120, 6), (-80, 10), (60, 2), (0, 4), (200, 52), (-150, 16), (90, 8), (-40, 1)):
        closed = at + half_hours * HOUR_MS // 2
        volume = 10_000_000 if profit % 3 == 0 else -20_000_000
        trades.append(Trade("EURUSD", at, closed, volume, profit * 100, profit, 50_00))
        at = closed
    return trades


TRADES = _trades()
"""Eight trades (vector B): +120, -80, +60, 0, +200, -150, +90, -40."""


def balance_path(start: Minor, trades: list[Trade]) -> list[EquityPoint]:
    """Return the points of an account that does nothing but these trades."""
    points = [EquityPoint(trades[0].opened_at, start, start)]
    for trade in trades:
        start += trade.profit
        points.append(EquityPoint(trade.closed_at, start, start))
    return points
