"""The live view of the demo: a table in a terminal, a plain line now and then anywhere else."""

import asyncio
from datetime import UTC, datetime

import msgspec
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table

from prorata.app.copy_demo.figures import CopyFigures, CopyGauge, summary_of, table_of_copying
from prorata.app.crowd import Crowd
from prorata.app.operations import quote_age_ms
from prorata.app.platform import TradePlatform
from prorata.messages.events import Dealt, MarginCalled, StoppedOut
from prorata.projections.ledger import verify_state
from prorata.server.writer import Applied
from prorata.trading.equity import equity_of
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_decimal
from prorata.units.numbers import Minor, Moment

REFRESH_SECONDS = 1.0
LINE_SECONDS = 5.0
REFUSALS_SHOWN = 4


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What the view shows."""

    at: Moment
    equity: dict[str, str]
    margin: dict[str, str]
    positions: int
    orders: int
    orders_a_second: float
    wished: int
    refused: int
    refusals: str
    deals: int
    margin_calls: int
    stop_outs: int
    position: int
    events: int
    history_lag: int
    quote_age_ms: int | None
    venue: str
    ledger: str
    copying: CopyFigures


class Gauge:
    """Reads the figures; counts what is told since it was made."""

    def __init__(self, platform: TradePlatform, crowd: Crowd, copying: CopyGauge, *, speed: float) -> None:
        self._platform = platform
        self._crowd = crowd
        self._copying = copying
        self._speed = speed
        self._deals = self._calls = self._stop_outs = 0
        self._before = (asyncio.get_running_loop().time(), 0)
        platform.writer.listen(self._note)

    def _note(self, applied: Applied) -> None:
        for event in applied.events:
            if type(event) is Dealt:
                self._deals += 1
            elif type(event) is MarginCalled:
                self._calls += 1
            elif type(event) is StoppedOut:
                self._stop_outs += 1

    def read(self) -> Figures:
        platform, crowd = self._platform, self._crowd
        writer = platform.writer
        state = writer.engine.desk.state
        accounts = state.accounts.values()
        equity, margin = self._sums()
        router = platform.router.status() if platform.router is not None else None
        return Figures(
            at=writer.at,
            equity=equity,
            margin=margin,
            positions=sum(len(account.positions) for account in accounts),
            orders=sum(len(account.orders) for account in accounts),
            orders_a_second=self._pace(),
            wished=crowd.wished,
            refused=crowd.refused.total(),
            refusals=", ".join(f"{name.lower()} {count}" for name, count in crowd.refused.most_common(REFUSALS_SHOWN)),
            deals=self._deals,
            margin_calls=self._calls,
            stop_outs=self._stop_outs,
            position=writer.number,
            events=writer.sequence,
            history_lag=platform.projector.lag,
            quote_age_ms=self._quote_age_ms(),
            venue="none" if router is None else f"{router.sent} sent, {router.in_flight} in flight, {len(state.breaks)} breaks",
            ledger=_by_currency(verify_state(state, writer.engine.copy.state).sums),
            copying=self._copying.read(),
        )

    def _quote_age_ms(self) -> int | None:
        """Return the age of the newest quote in real milliseconds."""
        age = quote_age_ms(self._platform)
        return None if age is None else int(age / self._speed)

    def _sums(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return equity and margin of all accounts, for each currency."""
        desk = self._platform.writer.engine.desk
        equity: dict[str, Minor] = {}
        margin: dict[str, Minor] = {}
        for account in desk.state.accounts.values():
            currency = desk.groups[account.group].currency
            equity[currency] = equity.get(currency, 0) + equity_of(desk, account)
            margin[currency] = margin.get(currency, 0) + account.margin
        return _shown(equity), _shown(margin)

    def _pace(self) -> float:
        now, count = asyncio.get_running_loop().time(), self._crowd.answered
        then, before = self._before
        self._before = (now, count)
        return (count - before) / max(0.001, now - then)


def _shown(amounts: dict[str, Minor]) -> dict[str, str]:
    return {currency: format_decimal(amount, CURRENCY_DIGITS[currency]) for currency, amount in sorted(amounts.items())}


def _by_currency(sums: dict[str, Minor]) -> str:
    """Return "0" if all is well, else what differs."""
    wrong = {currency: total for currency, total in sums.items() if total}
    return "0" if not wrong else " ".join(f"{amount} {currency}" for currency, amount in _shown(wrong).items())


async def show(gauge: Gauge, console: Console) -> None:
    """Show the figures for ever."""
    if not console.is_terminal:
        while True:
            await asyncio.sleep(LINE_SECONDS)
            figures = gauge.read()
            print(f"{line_of(figures)}\n  {summary_of(figures.copying)}", flush=True)
    with Live(console=console, auto_refresh=False, transient=False) as live:
        while True:
            figures = gauge.read()
            live.update(Group(table_of(figures), table_of_copying(figures.copying)), refresh=True)
            await asyncio.sleep(REFRESH_SECONDS)


def line_of(figures: Figures) -> str:
    """Return the figures in one line."""
    equity = " ".join(f"{amount} {currency}" for currency, amount in figures.equity.items())
    return (
        f"{_clock(figures.at)} equity {equity}, {figures.positions} positions, {figures.orders} orders, "
        f"{figures.orders_a_second:.1f} orders/s, {figures.deals} deals, {figures.margin_calls} margin calls, "
        f"{figures.stop_outs} stop-outs, batch {figures.position}, quote {_age(figures)}, ledger {figures.ledger}"
    )


def table_of(figures: Figures) -> Table:
    table = Table(title=f"Prorata demo, {_clock(figures.at)} UTC", show_header=False, min_width=64)
    table.add_column(style="cyan")
    table.add_column()
    table.add_row("equity", "   ".join(f"{amount} {currency}" for currency, amount in figures.equity.items()))
    table.add_row("margin", "   ".join(f"{amount} {currency}" for currency, amount in figures.margin.items()))
    table.add_row("open", f"{figures.positions} positions, {figures.orders} orders")
    table.add_row("orders", f"{figures.orders_a_second:.1f} a second, {figures.wished} sent, {figures.refused} refused")
    table.add_row("refused", figures.refusals or "none")
    table.add_row("deals", f"{figures.deals}, {figures.margin_calls} margin calls, {figures.stop_outs} stop-outs")
    table.add_row("journal", f"batch {figures.position}, event {figures.events}, tables {figures.history_lag} batches behind")
    table.add_row("quotes", f"newest {_age(figures)}")
    table.add_row("venue", figures.venue)
    table.add_row("ledger", f"[{'green' if figures.ledger == '0' else 'red'}]sum {figures.ledger}[/]")
    return table


def _clock(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _age(figures: Figures) -> str:
    return "none yet" if figures.quote_age_ms is None else f"{figures.quote_age_ms} ms ago"
