"""How much was at stake: leverage, deposit load, and which symbols (docs/trade/statistics.md)."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec

from prorata.units.numbers import PPM, Minor, Moment
from prorata.units.rounding import share_out


class ExposurePoint(msgspec.Struct, frozen=True, gc=False):
    """What was open from `at` until the next point, in the account's currency."""

    at: Moment
    equity: Minor
    notional: Minor
    """value of all open positions, each counted as positive"""
    margin: Minor


class Load(msgspec.Struct, frozen=True, gc=False):
    """A share of the equity over time: now, at its most, and on average by time. None where the equity was nothing or less."""

    now: float | None
    most: float | None
    average: float | None


def leverage(points: Sequence[ExposurePoint]) -> Load:
    """Return notional / equity: 1.5 is one and a half times the capital. It is what is used, not what is allowed."""
    return _load([(point.at, point.notional, point.equity) for point in points])


def deposit_load(points: Sequence[ExposurePoint]) -> Load:
    """Return margin / equity: 0.1 is a tenth of the capital."""
    return _load([(point.at, point.margin, point.equity) for point in points])


def _load(points: Sequence[tuple[Moment, Minor, Minor]]) -> Load:
    shares = [(at, used / equity) for at, used, equity in points if equity > 0]
    if not shares:
        return Load(None, None, None)
    time = shares[-1][0] - shares[0][0]
    weighted = sum(share * (after - at) for (at, share), (after, _) in pairwise(shares))
    last_equity = points[-1][2]
    return Load(
        now=shares[-1][1] if last_equity > 0 else None,
        most=max(share for _, share in shares),
        average=weighted / time if time else shares[-1][1],
    )


class SymbolShare(msgspec.Struct, frozen=True, gc=False):
    symbol: str
    ppm: int
    """of all symbols together, which are 1,000,000"""


def symbol_shares(values: Mapping[str, Minor]) -> list[SymbolShare]:
    """Return each symbol's share of a value, the largest first; they sum to 1,000,000 exactly.

    For the history the value is the turnover of all deals in the account's currency, for the current portfolio the
    notional of what is open. Lots would not do: one of gold is not one of EURUSD.
    300 of EURUSD, 300 of GBPUSD and 300 of USDJPY: 333,334, 333,333, 333,333.
    """
    weights = {symbol: value for symbol, value in values.items() if value > 0}
    if not weights:
        return []
    shares = share_out(PPM, weights)
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))
    return [SymbolShare(symbol, ppm) for symbol, ppm in ordered]


def top_symbols(shares: Sequence[SymbolShare], count: int = 3) -> list[str]:
    """Return the names that a list of strategies shows beside each: the first three."""
    return [share.symbol for share in shares[:count]]
