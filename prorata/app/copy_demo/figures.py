"""What the live view shows of copy trading."""

import asyncio
from collections import deque

import msgspec
from rich.table import Table

from prorata.app.copy_demo.asking import Asking
from prorata.copying.columns import count_of
from prorata.copying.desk import CopyDesk
from prorata.copying.lifecycle import unit_price_of
from prorata.copying.state import Strategy
from prorata.copying.values import equities
from prorata.messages.copy_events import Copied, FeesCharged, SignalTaken, StatesChanged, StrategyDay, SwapsCharged
from prorata.messages.copy_terms import InvestmentState, StrategyStatus
from prorata.server.writer import Applied
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor

UNIT_DIGITS = 8
LIMITS_SHOWN = 4
REFUSALS_SHOWN = 3
SHOWN_MAX = 16
LIMITS = {
    InvestmentState.STOPPING_OUT: "stopped out",
    InvestmentState.PROTECTING: "at protection",
    InvestmentState.TAKING_TARGET: "at target",
}


class StrategyLine(msgspec.Struct, frozen=True):
    """A strategy. `investors`: investments that are not closed, without the trader's own; `equity` of all of them."""

    name: str
    status: StrategyStatus
    unit_price: int
    investors: int
    equity: Minor
    fees: Minor


class CopyFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`fees`: performance fees paid so far. `fee_weeks`: strategies' weeks that ended with fees. `limits`: the last ones.

    What is counted (`deals`, `days`, `fee_weeks`, `swaps`, `reached`) is counted since the demo started.
    """

    lines: tuple[StrategyLine, ...]
    investors: int
    equity: Minor
    fees: Minor
    commissions: Minor
    signals_a_second: float
    deals_a_second: float
    deals: int
    under_way: int
    days: int
    fee_weeks: int
    swaps: int
    reached: int
    """investments that a limit has taken out of the market"""
    limits: tuple[str, ...]
    refused: str


class CopyGauge:
    """Reads the figures; counts what is told since it was made."""

    def __init__(self, asking: Asking) -> None:
        self._writer = writer = asking.writer
        self._refused = asking.refused
        self._signals = self._deals = self._days = self._fee_weeks = self._swaps = self._reached = 0
        self._limits: deque[str] = deque(maxlen=LIMITS_SHOWN)
        self._before = (asyncio.get_running_loop().time(), 0, 0)
        self._last_day = 0
        writer.listen(self._note)

    def _note(self, applied: Applied) -> None:
        for event in applied.events:
            match event:
                case SignalTaken():
                    self._signals += 1
                case Copied():
                    self._deals += count_of(event.investments)
                case StatesChanged() if event.state in LIMITS:
                    self._reached += count_of(event.investments)
                    self._limits.append(self._told(event))
                case FeesCharged():
                    self._fee_weeks += 1
                case SwapsCharged():
                    self._swaps += count_of(event.investments)
                case StrategyDay() if event.day > self._last_day:
                    self._last_day = event.day
                    self._days += 1
                case _:
                    pass

    def _told(self, event: StatesChanged) -> str:
        name = self._writer.engine.copy.state.strategies[event.strategy].name
        count = count_of(event.investments)
        return f"{name}: {count} {LIMITS[event.state]}, {event.symbol}"

    def read(self) -> CopyFigures:
        copy = self._writer.engine.copy
        lines = tuple(line_of(copy, strategy) for strategy in copy.state.strategies.values())
        signals, deals = self._pace()
        return CopyFigures(
            lines=lines,
            investors=sum(line.investors for line in lines),
            equity=sum(line.equity for line in lines),
            fees=sum(line.fees for line in lines),
            commissions=sum(_commissions(strategy) for strategy in copy.state.strategies.values()),
            signals_a_second=signals,
            deals_a_second=deals,
            deals=self._deals,
            under_way=len(copy.state.requests),
            days=self._days,
            fee_weeks=self._fee_weeks,
            swaps=self._swaps,
            reached=self._reached,
            limits=tuple(self._limits),
            refused=", ".join(f"{name.lower()} {count}" for name, count in self._refused.most_common(REFUSALS_SHOWN)),
        )

    def _pace(self) -> tuple[float, float]:
        """Return signals and deals a second since the last look."""
        now = asyncio.get_running_loop().time()
        then, signals, deals = self._before
        self._before = (now, self._signals, self._deals)
        seconds = max(0.001, now - then)
        return (self._signals - signals) / seconds, (self._deals - deals) / seconds


def line_of(copy: CopyDesk, strategy: Strategy) -> StrategyLine:
    columns, rows = strategy.investments, slice(0, strategy.rows)
    equity = equities(copy, strategy)
    alive = columns.state[rows] != InvestmentState.CLOSED
    return StrategyLine(
        strategy.name,
        strategy.status,
        unit_price_of(strategy, 0, int(equity[0])),
        max(0, int(alive.sum()) - int(alive[0])),
        int(equity[alive].sum()),
        int(columns.fees[rows].sum()),
    )


def _commissions(strategy: Strategy) -> Minor:
    columns = strategy.investments
    names = ("trader_commission", "partner_commission", "broker_commission", "liquidity_commission")
    return sum(int(getattr(columns, name)[: strategy.rows].sum()) for name in names)


def summary_of(figures: CopyFigures) -> str:
    """Return the figures in one line."""
    alive = sum(line.status != StrategyStatus.CLOSED for line in figures.lines)
    return (
        f"copying: {alive} strategies, {figures.investors} investors with {money(figures.equity)} USD, "
        f"{figures.signals_a_second:.1f} signals/s, {figures.deals_a_second:.0f} deals/s, {figures.deals} deals, "
        f"{figures.reached} at a limit, {figures.swaps} swaps, fees {money(figures.fees)}, {figures.days} days ended"
    )


def table_of_copying(figures: CopyFigures) -> Table:
    """Return the strategies as a table, best first; those that have ended and have nobody left are passed over."""
    table = Table(title="Copy trading", min_width=64)
    table.add_column("strategy", style="cyan")
    for heading in ("unit price", "investors", "equity USD", "fees paid"):
        table.add_column(heading, justify="right")
    shown = [line for line in figures.lines if line.status != StrategyStatus.CLOSED or line.investors]
    for line in sorted(shown, key=lambda line: -line.unit_price)[:SHOWN_MAX]:
        color = "green" if line.unit_price >= 100 * 10**UNIT_DIGITS else "red"
        unit = format_decimal(line.unit_price // 10 ** (UNIT_DIGITS - 2), 2)
        table.add_row(line.name, f"[{color}]{unit}[/]", str(line.investors), money(line.equity), money(line.fees))
    pace = f"{figures.signals_a_second:.1f} signals/s, {figures.deals_a_second:.0f} deals/s, {figures.under_way} at the venue"
    calendar = f"{figures.days} days ended, {figures.swaps} swaps, fees of {figures.fee_weeks} strategies' weeks"
    table.caption = "\n".join(
        (
            f"{figures.investors} investors, {money(figures.equity)} USD, fees {money(figures.fees)}, "
            f"commissions {money(figures.commissions)}",
            pace,
            calendar,
            f"refused: {figures.refused or 'nothing'}",
            *(figures.limits or ("no limit reached yet",)),
        )
    )
    return table


def money(amount: Minor) -> str:
    return format_decimal(amount, 2)
