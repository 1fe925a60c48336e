"""Margin levels of accounts."""

import asyncio

from prorata.access.permissions import Permission
from prorata.messages.groups import LevelType
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import not_found
from prorata.rest.webapi.paging import RENDERED_AT_ONCE
from prorata.rest.webapi.registry import MT4
from prorata.rest.webapi.schemas.kinds import ZERO, Int32
from prorata.rest.webapi.schemas.mt4_names import MarginControllingType, MarginLevelType
from prorata.rest.webapi.schemas.mt4_trades import MT4MarginLevel
from prorata.rest.webapi.values import decimal_of, hundredths_of
from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of, free_margin_of
from prorata.trading.state import Account
from prorata.trading.terms import GroupTerms
from prorata.units.numbers import SECOND_MS, Minor, Moment
from prorata.units.rounding import div_floor

READ = Permission.TRADES_READ
LEVEL_DIGITS = 2


@MT4.get("MarginsGet", needs=READ)
async def margins_get(call: Call) -> list[MT4MarginLevel]:
    """Margin levels of all accounts with open positions, by login."""
    accounts, now, found = call.state.accounts, call.now(), []
    for place, login in enumerate(sorted(accounts), 1):
        if place % RENDERED_AT_ONCE == 0:
            await asyncio.sleep(0)
        if accounts[login].positions:
            found.append(margin_level(call.desk, accounts[login], now))
    return found


@MT4.get("MarginLevelGet/{login}", needs=READ)
async def margin_level_get(call: Call, login: Int32) -> MT4MarginLevel:
    """The margin level of an account with open positions."""
    account = call.account(login)
    if not account.positions:
        raise not_found("account with open trades")
    return margin_level(call.desk, account, call.now())


@MT4.get("MarginLevelRequest/{login}", needs=READ)
async def margin_level_request(call: Call, login: Int32) -> MT4MarginLevel:
    """The margin level of an account, whether it has positions or not."""
    return margin_level(call.desk, call.account(login), call.now())


def margin_level(desk: Desk, account: Account, now: Moment) -> MT4MarginLevel:
    """Return equity and margin as they are now. `level` is equity / margin in percent, rounded down; 0 without margin."""
    group = desk.groups[account.group]
    digits, equity, margin = group.currency_digits, equity_of(desk, account), account.margin
    by_money = group.spec.stop_out.type == LevelType.MONEY
    return MT4MarginLevel(
        login=account.login,
        group=account.group,
        leverage=account.leverage,
        updated=now // SECOND_MS,
        balance=decimal_of(account.balance, digits),
        equity=decimal_of(equity, digits),
        volume=sum(hundredths_of(position.volume) for position in account.positions.values()),
        margin=decimal_of(margin, digits),
        free=decimal_of(free_margin_of(desk, account), digits),
        level=decimal_of(div_floor(equity * 100 * 10**LEVEL_DIGITS, margin), LEVEL_DIGITS) if margin else ZERO,
        controlling_type=MarginControllingType.Currency if by_money else MarginControllingType.Percent,
        level_type=_level_type(group, account, equity),
    )


def _level_type(group: GroupTerms, account: Account, equity: Minor) -> MarginLevelType:
    if not account.positions:
        return MarginLevelType.Ok
    if equity < group.stop_line(account.margin):
        return MarginLevelType.StopOut
    return MarginLevelType.MarginCall if equity < group.call_line(account.margin) else MarginLevelType.Ok
