"""How well copies follow: held volume, slippage and delay (docs/trade/statistics.md)."""

from collections.abc import Sequence

import msgspec

from prorata.reports.averages import mean, nearest_rank, ratio
from prorata.units.numbers import VOLUME_PER_LOT, Minor, Moment, Points, Volume


class Held(msgspec.Struct, frozen=True, gc=False):
    """What an investment should have held of a symbol, and held, for a time."""

    duration_ms: Moment
    target: Volume
    actual: Volume


class CopiedDeal(msgspec.Struct, frozen=True, gc=False):
    """One deal of an investment and the strategy's deal that it copies."""

    volume: Volume
    """done, below zero if sold"""
    source_price: Points
    price: Points
    points_per_pip: int
    """10 for a five-digit symbol"""
    slippage: Minor
    """what the difference of the prices cost (below zero) or brought, in the investment's currency"""
    latency_ms: Moment
    """from the strategy's deal to this one"""


class Fidelity(msgspec.Struct, frozen=True, gc=False):
    deals: int
    better: int
    same: int
    worse: int
    slippage_pips: float | None
    """on average a deal; below zero is worse for the investor"""
    slippage_pips_by_volume: float | None
    slippage: Minor
    """all of it, in money"""
    slippage_per_lot: float | None
    latency_p50_ms: Moment | None
    latency_p95_ms: Moment | None
    latency_p99_ms: Moment | None


def copied_share(held: Sequence[Held]) -> float | None:
    """Return 1 - sum |actual - target| x time / sum |target| x time: 1.0 is a perfect copy.

    A target of 1.00 lot for 10 hours, held for 9 of them: 0.9. Below zero if more went wrong than was to be held.
    """
    missed = sum(abs(part.actual - part.target) * part.duration_ms for part in held)
    wanted = sum(abs(part.target) * part.duration_ms for part in held)
    return 1 - missed / wanted if wanted else None


def slippage_pips(deal: CopiedDeal) -> float:
    """Return how much better the price was for the investor than the source's. Bought 1.10012 for 1.10010 is -0.2 pips."""
    difference = deal.source_price - deal.price if deal.volume > 0 else deal.price - deal.source_price
    return difference / deal.points_per_pip


def fidelity(deals: Sequence[CopiedDeal]) -> Fidelity:
    """Return slippage and delay of copied deals, and whether better prices are passed on like worse ones."""
    pips = [slippage_pips(deal) for deal in deals]
    latencies = [deal.latency_ms for deal in deals]
    money = sum(deal.slippage for deal in deals)
    volume = sum(abs(deal.volume) for deal in deals)
    return Fidelity(
        deals=len(deals),
        better=sum(value > 0 for value in pips),
        same=sum(value == 0 for value in pips),
        worse=sum(value < 0 for value in pips),
        slippage_pips=mean(pips),
        slippage_pips_by_volume=ratio(sum(value * abs(deal.volume) for value, deal in zip(pips, deals, strict=True)), volume),
        slippage=money,
        slippage_per_lot=ratio(money * VOLUME_PER_LOT, volume),
        latency_p50_ms=nearest_rank(latencies, 50),
        latency_p95_ms=nearest_rank(latencies, 95),
        latency_p99_ms=nearest_rank(latencies, 99),
    )


class Execution(msgspec.Struct, frozen=True, gc=False):
    """An order as the publication of execution quality counts it."""

    month: int
    """2026-03 is 202603"""
    kind: str
    """market, limit, stop, ..."""
    points: Points
    """how much better (above zero) or worse the fill was than the price at receipt"""
    latency_ms: Moment
    filled: bool


class ExecutionQuality(msgspec.Struct, frozen=True, gc=False):
    month: int
    kind: str
    orders: int
    fill_rate: float
    better: float | None
    """shares of the filled orders"""
    same: float | None
    worse: float | None
    average_points: float | None
    median_latency_ms: Moment | None


def execution_quality(executions: Sequence[Execution]) -> list[ExecutionQuality]:
    """Return, by month and kind of order, how many were filled better, the same and worse than asked, and how fast."""
    groups: dict[tuple[int, str], list[Execution]] = {}
    for execution in executions:
        groups.setdefault((execution.month, execution.kind), []).append(execution)
    return [_quality_of(month, kind, groups[month, kind]) for month, kind in sorted(groups)]


def _quality_of(month: int, kind: str, executions: Sequence[Execution]) -> ExecutionQuality:
    filled = [execution for execution in executions if execution.filled]
    points = [execution.points for execution in filled]
    return ExecutionQuality(
        month=month,
        kind=kind,
        orders=len(executions),
        fill_rate=len(filled) / len(executions),
        better=ratio(sum(value > 0 for value in points), len(points)),
        same=ratio(sum(value == 0 for value in points), len(points)),
        worse=ratio(sum(value < 0 for value in points), len(points)),
        average_points=mean(points),
        median_latency_ms=nearest_rank([execution.latency_ms for execution in filled], 50),
    )
