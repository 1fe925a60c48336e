"""What the tables know of the past of copy trading: days, turnovers, and the lists of what happened.

The tables are a moment behind the engine, whose memory has the present.
"""

from collections.abc import Collection

from prorata.projections.copying.filters import StrategyDayFilter, SymbolFilter
from prorata.projections.copying.lists import CopyLists
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.yields import DayPrice
from prorata.units.numbers import Minor


def lists_of(call: Call) -> CopyLists:
    return CopyLists(call.platform.history)


async def days_of(call: Call, strategies: Collection[int]) -> dict[int, list[DayPrice]]:
    """Return the price of a unit of each strategy at the end of each of its days, the oldest first."""
    return await call.sql(_days, lists_of(call), strategies)


def _days(lists: CopyLists, strategies: Collection[int]) -> dict[int, list[DayPrice]]:
    found: dict[int, list[DayPrice]] = {}
    if strategies:
        for row in lists.strategy_days(StrategyDayFilter(strategy=list(strategies))).all():
            found.setdefault(row.strategy, []).append((row.at, row.unit_price))
    return found


async def turnovers_of(call: Call, strategies: Collection[int]) -> dict[int, dict[str, Minor]]:
    """Return what each strategy has turned over in each symbol."""
    return await call.sql(_turnovers, lists_of(call), strategies)


def _turnovers(lists: CopyLists, strategies: Collection[int]) -> dict[int, dict[str, Minor]]:
    found: dict[int, dict[str, Minor]] = {}
    if strategies:
        for row in lists.symbols(SymbolFilter(strategy=list(strategies))).all():
            found.setdefault(row.strategy, {})[row.symbol] = row.turnover
    return found
