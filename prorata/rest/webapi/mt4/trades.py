"""Trades as they are read: what is open from the engine's state, what is over from the history."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable

from prorata.access.permissions import Permission
from prorata.messages.commands import OrderType
from prorata.projections.trade_history import TradeHistory
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, invalid, not_found
from prorata.rest.webapi.masks import matching
from prorata.rest.webapi.mt4.book import Book
from prorata.rest.webapi.mt4.past import past_trade, past_trades, up_to_date
from prorata.rest.webapi.mt4.trade_records import open_trade
from prorata.rest.webapi.paging import RENDERED_AT_ONCE, Listed, Page
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Int32, Int64
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.trading.state import Account
from prorata.units.numbers import SECOND_MS, Ticket

READ = Permission.TRADES_READ
SNAPSHOT_MAX = 100_000
LIMIT_MAX = 1_000_000
SYNC = "trades"


def book_of(call: Call) -> Book:
    return call.house.book_of(call.platform)


# What is open.


@MT4.get("TradesGet", needs=READ)
async def trades_get(call: Call, page: Page) -> Listed[MT4Trade]:
    """Positions and pending orders of all accounts, by ticket."""
    book = book_of(call)
    return await page.of(book.tickets, lambda ticket: _open(call, book, ticket))


@MT4.get("TradesRequest", needs=READ)
async def trades_request(call: Call, page: Page, group: str | None = None) -> Listed[MT4Trade]:
    """Positions and pending orders of all accounts, or of one group's, by ticket."""
    if group is None:
        return await trades_get(call, page)
    if group not in call.state.groups:
        raise not_found("group")
    return await _of_group(call, page, group)


async def _of_group(call: Call, page: Page, group: str) -> Listed[MT4Trade]:
    """Go on from where the page begins until it is full, and no further."""
    tickets, items = book_of(call).tickets, list[MT4Trade]()
    last: Ticket = page.after(Int64, 0)
    while True:
        begin = bisect_right(tickets, last)
        some = tickets[begin : begin + RENDERED_AT_ONCE]
        if not some:
            return Listed(items, None)
        for ticket in some:
            account = tickets.owner(ticket)
            if account is None or account.group != group:
                continue
            if len(items) == page.limit:
                return Listed(items, page.cursor_of(items[-1].order))
            trade = open_trade(call.desk, account, ticket)
            if trade is not None:
                items.append(trade)
        last = some[-1]
        await asyncio.sleep(0)


def _open(call: Call, book: Book, ticket: Ticket) -> MT4Trade | None:
    account = book.tickets.owner(ticket)
    return None if account is None else open_trade(call.desk, account, ticket)


@MT4.get("TradesGet/{ticket}", needs=READ)
async def trades_get_one(call: Call, ticket: Int32) -> MT4Trade:
    """A position or pending order."""
    trade = _open(call, book_of(call), ticket)
    if trade is None:
        raise not_found("open trade")
    return trade


@MT4.get("TradesGetByLogin/{login}/{group}", needs=READ)
async def trades_get_by_login(call: Call, login: Int32, group: str) -> list[MT4Trade]:
    """Positions and pending orders of an account. In another group than the one named it has none."""
    account = call.account(login)
    return await _shown(call, [account]) if account.group == group else []


@MT4.get("TradesGetBySymbol", needs=READ)
async def trades_get_by_symbol(call: Call, symbol: str) -> list[MT4Trade]:
    """Positions and pending orders in an instrument."""
    if symbol not in call.state.symbols:
        raise not_found("symbol")
    return await _shown(call, _accounts_in(call, symbol), symbol=symbol)


def _accounts_in(call: Call, symbol: str) -> list[Account]:
    """Return the accounts that hold an instrument, or held it, or have an order in it."""
    return [
        account
        for account in call.state.accounts.values()
        if symbol in account.holdings or any(order.symbol == symbol for order in account.orders.values())
    ]


@MT4.get("TradesGetByMarket", needs=READ)
async def trades_get_by_market(call: Call) -> list[MT4Trade]:
    """Positions of all accounts."""
    return await _shown(call, list(call.state.accounts.values()), pending=False)


@MT4.get("TradesSnapshot", needs=READ, seconds=HISTORY_SECONDS)
async def trades_snapshot(call: Call, limit: Int32 = SNAPSHOT_MAX) -> list[MT4Trade]:
    """Positions and pending orders of all accounts, by ticket, up to a limit."""
    _check_limit(limit)
    book = book_of(call)
    return (await Page("TradesSnapshot", limit, None).of(book.tickets, lambda ticket: _open(call, book, ticket))).items


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= LIMIT_MAX:
        raise invalid("limit", f"must be from 1 to {LIMIT_MAX}")


def _tickets_of(account: Account, *, pending: bool = True) -> list[Ticket]:
    if not pending or not account.orders:
        return list(account.positions)
    return [*account.positions, *(order.ticket for order in account.orders.values() if order.type != OrderType.MARKET)]


async def _shown(call: Call, accounts: Iterable[Account], *, symbol: str | None = None, pending: bool = True) -> list[MT4Trade]:
    """Return what accounts have open, by ticket. Other calls have their turn meanwhile; what closes then is left out."""
    wanted = sorted((ticket, account.login) for account in accounts for ticket in _tickets_of(account, pending=pending))
    found: list[MT4Trade] = []
    for place, (ticket, login) in enumerate(wanted, 1):
        if place % RENDERED_AT_ONCE == 0:
            await asyncio.sleep(0)
        trade = open_trade(call.desk, call.state.accounts[login], ticket)
        if trade is not None and symbol in (None, trade.symbol):
            found.append(trade)
    return found


# One trade, or some, open or over.


@MT4.get("TradeRecordGet/{order}", needs=READ)
async def trade_record_get(call: Call, order: Int32) -> MT4Trade:
    """A trade, open or over. What was closed a moment ago may not be told yet."""
    trade = _open(call, book_of(call), order) or await past_trade(call, order)
    if trade is None:
        raise not_found("trade")
    return trade


@MT4.get("TradeRecordRequest/{order}", needs=READ)
async def trade_record_request(call: Call, order: Int32) -> MT4Trade:
    """A trade, open or over, with all that has happened up to now."""
    trade = await trade_now(call, order)
    if trade is None:
        raise not_found("trade")
    return trade


async def trade_now(call: Call, order: int) -> MT4Trade | None:
    trade = _open(call, book_of(call), order)
    if trade is None:
        await up_to_date(call)
        trade = await past_trade(call, order)
    return trade


@MT4.get("TradeRecordsRequest", needs=READ)
async def trade_records_request(call: Call, orders: list[Int32] | None = None) -> list[MT4Trade]:
    """Trades, open or over; those that there are."""
    found = [await trade_now(call, order) for order in dict.fromkeys(orders or ())]
    return [trade for trade in found if trade is not None]


# Whole groups.


@MT4.get("AdmTradesRequest/{group}", needs=READ, seconds=HISTORY_SECONDS)
async def adm_trades_request(call: Call, group: str, open_only: bool = True) -> list[MT4Trade]:
    """All trades of a group's accounts, those that are over too if asked for. Masks of groups are understood."""
    names = matching(call.state.groups, group)
    if not names:
        raise not_found("group")
    accounts = _accounts_of(call, names)
    found = await _shown(call, accounts)
    if not open_only:
        await up_to_date(call)
        logins = {account.login for account in accounts}
        for login in await call.sql(TradeHistory(call.history).logins, 0):
            if login in logins:
                found += await past_trades(call, login)
    return found


def _accounts_of(call: Call, groups: Iterable[str]) -> list[Account]:
    wanted = frozenset(groups)
    return [account for account in call.state.accounts.values() if account.group in wanted]


# Synchronisation: asked for by one call, read by the next.


@MT4.post("TradesSyncStart", needs=READ, seconds=MAINTENANCE_SECONDS, reads=True)
async def trades_sync_start(call: Call, timestamp: Int32 = 0) -> bool:
    """Ask for the trades since a time (seconds, UTC; 0: all), which TradesSyncRead then gives."""
    begin_sync(call, SYNC, timestamp)
    return True


@MT4.get("TradesSyncRead", needs=READ, seconds=HISTORY_SECONDS)
async def trades_sync_read(call: Call, limit: Int32 = SNAPSHOT_MAX) -> list[MT4Trade]:
    """What is open, and what was closed, booked or deleted since the time that was asked for, once."""
    _check_limit(limit)
    since = take_sync(call, SYNC, "TradesSyncStart")
    await up_to_date(call)
    found = await _shown(call, list(call.state.accounts.values()))
    for login in await call.sql(TradeHistory(call.history).logins, since):
        if len(found) >= limit:
            break
        found += await past_trades(call, login, since=since)
    return found[:limit]


def begin_sync(call: Call, kind: str, timestamp: int) -> None:
    if timestamp < 0:
        raise invalid("timestamp", "is below 0")
    book_of(call).begin_sync(call.caller.client_id, kind, timestamp * SECOND_MS)


def take_sync(call: Call, kind: str, start: str) -> int:
    """Return since when to tell. Raises `Failure` if nobody has asked."""
    since = book_of(call).take_sync(call.caller.client_id, kind)
    if since is None:
        raise Failure(None, f"There is nothing to read: call {start} before", manager=ResultCode.InvalidData)
    return since
