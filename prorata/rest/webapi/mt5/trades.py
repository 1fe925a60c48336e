"""Positions, orders and deals of groups, by their numbers."""

import asyncio
from collections.abc import Callable, Iterable

from prorata.access.permissions import Permission
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.masks import matching
from prorata.rest.webapi.mt5.trade_records import deal_of, order_of, position_of
from prorata.rest.webapi.paging import LIMIT_MAX, Listed, Page
from prorata.rest.webapi.registry import HISTORY_SECONDS, MT5
from prorata.rest.webapi.schemas.kinds import Int64
from prorata.rest.webapi.schemas.mt5_trades import MT5Deal, MT5Order, MT5Position
from prorata.trading.state import Account
from prorata.units.numbers import Login, Ticket

ACCOUNTS_AT_ONCE = 5_000
"""After so many accounts other calls have their turn."""
LOGINS_MAX = 500
"""So many accounts are asked for by their numbers; of more, all deals are read."""


@MT5.get("PositionByGroup/{mask}", needs=Permission.TRADES_READ)
async def position_by_group(call: Call, mask: str, page: Page) -> Listed[MT5Position]:
    """Positions of the groups that a mask means, by ticket."""
    owners = await _owners_of(call, mask, lambda account: account.positions)

    def shown(ticket: Ticket) -> MT5Position | None:
        account = owners[ticket]
        position = account.positions.get(ticket)
        return None if position is None else position_of(call.desk, account, position)

    return await page.of(sorted(owners), shown)


@MT5.get("OrderByGroup/{mask}", needs=Permission.TRADES_READ)
async def order_by_group(call: Call, mask: str, page: Page) -> Listed[MT5Order]:
    """Orders of the groups that a mask means that are not done yet, by ticket."""
    owners = await _owners_of(call, mask, lambda account: account.orders)

    def shown(ticket: Ticket) -> MT5Order | None:
        account = owners[ticket]
        order = account.orders.get(ticket)
        return None if order is None else order_of(call.desk, account, order)

    return await page.of(sorted(owners), shown)


@MT5.get("DealByGroup/{mask}", needs=Permission.TRADES_READ, seconds=HISTORY_SECONDS)
async def deal_by_group(call: Call, mask: str, page: Page) -> Listed[MT5Deal]:
    """All deals and balance operations of the groups that a mask means, by number."""
    logins = {account.login for account in await _accounts_of(call, mask)}
    few = sorted(logins) if len(logins) <= LOGINS_MAX else None
    size = LIMIT_MAX if page.limit is None or few is None else page.limit + 1
    after = page.after(Int64, 0)
    found: list[MT5Deal] = []
    while True:
        rows = await call.sql(call.history.deals_and_operations, after, size, few)
        for row in rows:
            if row.login in logins:
                if len(found) == page.limit:
                    return Listed(found, page.cursor_of(after))
                found.append(deal_of(call.desk, row))
            after = row.sequence
        if len(rows) < size:
            return Listed(found, None)


async def _owners_of(call: Call, mask: str, tickets_of: Callable[[Account], Iterable[Ticket]]) -> dict[Ticket, Account]:
    """Return what the accounts of the groups have, by ticket."""
    return {ticket: account for account in await _accounts_of(call, mask) for ticket in tickets_of(account)}


async def _accounts_of(call: Call, mask: str) -> list[Account]:
    groups = set(matching(call.state.groups, mask))
    accounts = call.state.accounts
    found: list[Account] = []
    logins: list[Login] = call.platform.logins()
    for begin in range(0, len(logins), ACCOUNTS_AT_ONCE):
        found += [accounts[login] for login in logins[begin : begin + ACCOUNTS_AT_ONCE] if accounts[login].group in groups]
        await asyncio.sleep(0)
    return found
