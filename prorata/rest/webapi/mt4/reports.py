"""Reports: closed trades of many accounts, accounts at the end of days, and how busy the server was."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind
from prorata.projections.history import History
from prorata.projections.rows import BalanceOperationRow, DayRow
from prorata.projections.trade_corrections import is_correction
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid
from prorata.rest.webapi.mt4.history import span_of
from prorata.rest.webapi.mt4.past import past_trades, up_to_date, whole
from prorata.rest.webapi.mt4.trades import begin_sync, book_of, take_sync
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_names import TradeCommand
from prorata.rest.webapi.schemas.mt4_trades import MT4DailyReport, MT4Performance, MT4Trade
from prorata.rest.webapi.values import decimal_of, moment_of, second_of
from prorata.trading.desk import Desk
from prorata.units.numbers import DAY_MS, Login, Minor, Moment
from prorata.units.rounding import div_ceil

READ = Permission.REPORTS_READ
SYNC = "daily reports"
NAME_MAX = 31

_ON_BALANCE = (BalanceKind.DEPOSIT, BalanceKind.WITHDRAWAL, BalanceKind.CORRECTION)


@MT4.get("PerformanceRequest", needs=Permission.SERVER_MANAGE, seconds=HISTORY_SECONDS)
async def performance_request(call: Call, from_: datetime) -> list[MT4Performance]:
    """Samples of processors, memory, network and sockets, every five minutes since the server started, for a month."""
    samples = book_of(call).performance.since(moment_of(from_, "from"))
    return [
        MT4Performance(
            ctm=second_of(sample.at), users=sample.users, cpu=sample.cpu, free_mem=sample.free_memory,
            network=sample.network, sockets=sample.sockets,
        )
        for sample in samples
    ]  # fmt: skip


@MT4.get("ReportsRequest", needs=READ, seconds=HISTORY_SECONDS)
async def reports_request(
    call: Call, from_: datetime, to: datetime, logins: list[Int32] | None = None, name: str | None = None
) -> list[MT4Trade]:
    """Trades that accounts closed within a span, without money moved and orders deleted. There is one template."""
    _check_name(name)
    since, until = span_of(from_, to, "from", "to")
    await up_to_date(call)
    found: list[MT4Trade] = []
    for login in _known(call, logins):
        trades = await past_trades(call, login, since=since, until=until)
        found += [trade for trade in trades if trade.trade_command in (TradeCommand.Buy, TradeCommand.Sell)]
    return found


@MT4.get("DailyReportsRequest", needs=READ, seconds=HISTORY_SECONDS)
async def daily_reports_request(
    call: Call, from_: datetime, to: datetime, logins: list[Int32] | None = None, name: str | None = None
) -> list[MT4DailyReport]:
    """Accounts at the end of each trading day within a span."""
    reports = await _daily_reports(call, from_, to, logins, name)
    return [report for of_login in reports.values() for report in of_login]


@MT4.get("DailyReportsRequestEx", needs=READ, seconds=HISTORY_SECONDS)
async def daily_reports_request_ex(
    call: Call, from_: datetime, to: datetime, logins: list[Int32] | None = None, name: str | None = None
) -> dict[str, list[MT4DailyReport] | None]:
    """Accounts at the end of each trading day within a span, by login."""
    reports = await _daily_reports(call, from_, to, logins, name)
    return {str(login): of_login for login, of_login in reports.items()}


@MT4.post("DailySyncStart", needs=READ, seconds=MAINTENANCE_SECONDS, reads=True)
async def daily_sync_start(call: Call, timestamp: Int32 = 0) -> bool:
    """Ask for the daily reports since a time (seconds, UTC; 0: all), which DailySyncRead then gives."""
    begin_sync(call, SYNC, timestamp)
    return True


@MT4.post("DailySyncRead", needs=READ, seconds=HISTORY_SECONDS, reads=True)
async def daily_sync_read(call: Call) -> list[MT4DailyReport]:
    """Daily reports of all accounts since the time that was asked for, once."""
    since = take_sync(call, SYNC, "DailySyncStart")
    await up_to_date(call)
    reports = await call.sql(_reports, call.desk, call.history, None, since, None)
    return [report for of_login in reports.values() for report in of_login]


def _check_name(name: str | None) -> None:
    if name is not None and len(name) > NAME_MAX + 1:
        raise invalid("name", "is too long")


def _known(call: Call, logins: list[Int32] | None) -> list[Login]:
    """Return the accounts that there are. Raises `Failure` if none is asked for."""
    if not logins:
        raise invalid("logins", "is missing")
    return [login for login in dict.fromkeys(logins) if login in call.state.accounts]


async def _daily_reports(
    call: Call, from_: datetime, to: datetime, logins: list[Int32] | None, name: str | None
) -> dict[Login, list[MT4DailyReport]]:
    _check_name(name)
    since, until = span_of(from_, to, "from", "to")
    known = _known(call, logins)
    await up_to_date(call)
    return await call.sql(_reports, call.desk, call.history, known, since, until)


def day_end(day: int, rollover_ms: int) -> Moment:
    """Return when a trading day ends."""
    return day * DAY_MS + rollover_ms


def _reports(
    desk: Desk, history: History, logins: Collection[Login] | None, since: Moment | None, until: Moment | None
) -> dict[Login, list[MT4DailyReport]]:
    """Return the reports of the days that end within a span, by login; None: of all accounts."""
    rollover = desk.state.rollover_ms
    first = None if since is None else div_ceil(since - rollover, DAY_MS)
    beyond = None if until is None else div_ceil(until - rollover, DAY_MS)
    found: dict[Login, list[MT4DailyReport]] = {login: [] for login in logins or ()}
    for login in (None,) if logins is None else logins:
        rows = list(whole(history.days, login=login, since_day=None if first is None else first - 1, until_day=beyond))
        moved = _moved(history, login, rows, rollover)
        before: dict[Login, DayRow] = {}
        for row in rows:
            last = before.get(row.login)
            if first is None or row.day >= first:
                balance_before = last.balance if last is not None and last.day == row.day - 1 else 0
                report = _report(desk, row, balance_before, moved.get((row.login, row.day), 0))
                found.setdefault(row.login, []).append(report)
            before[row.login] = row
    return found


def _moved(history: History, login: Login | None, rows: list[DayRow], rollover: int) -> Mapping[tuple[Login, int], Minor]:
    """Return what came in, less what went out, by account and trading day. A day ends before all else of its last moment."""
    sums: dict[tuple[Login, int], Minor] = defaultdict(int)
    if rows:
        span = {"since": day_end(rows[0].day - 1, rollover), "until": day_end(rows[-1].day, rollover)}
        operations: Iterator[BalanceOperationRow] = whole(history.balance_operations, login=login, **span)
        for row in operations:
            if row.kind in _ON_BALANCE and not is_correction(row):
                sums[row.login, (row.at - rollover) // DAY_MS + 1] += row.amount
    return sums


def _report(desk: Desk, row: DayRow, balance_before: Minor, deposit: Minor) -> MT4DailyReport:
    """Return a day. `profitClosed` is all that trading has changed of the balance: results, charges, protection.

    An account that had nothing the day before has no row of it: its balance was 0.
    """
    account = desk.state.accounts[row.login]
    digits = desk.groups[account.group].currency_digits
    return MT4DailyReport(
        login=row.login,
        ctm=second_of(day_end(row.day, desk.state.rollover_ms)),
        group=account.group,
        bank="",
        balance_prev=decimal_of(balance_before, digits),
        balance=decimal_of(row.balance, digits),
        deposit=decimal_of(deposit, digits),
        credit=decimal_of(row.credit, digits),
        profit_closed=decimal_of(row.balance - balance_before - deposit, digits),
        profit=decimal_of(row.floating + row.swap, digits),
        equity=decimal_of(row.equity, digits),
        margin=decimal_of(row.margin, digits),
        margin_free=decimal_of(row.equity - row.margin, digits),
    )
