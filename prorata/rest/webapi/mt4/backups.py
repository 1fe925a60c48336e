"""Backups: the snapshots of a platform's journal. Reading from one is reading the accounts as they were then.

Whose an account is, is not in a snapshot: the cards are today's. Accounts can be put back, as their money is a posting and
their terms are a command; trades cannot, as they are made at the market and at no other time.
"""

from collections.abc import Iterable, Iterator

from prorata.access.permissions import Permission
from prorata.control.account_cards.cards import NO_CARD
from prorata.copying.engine import Engine
from prorata.rest.webapi.accounts import Standing
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import invalid, not_found
from prorata.rest.webapi.masks import matching
from prorata.rest.webapi.mt4.restoring import ROWS_MAX, restore_accounts
from prorata.rest.webapi.mt4.trade_records import open_trade
from prorata.rest.webapi.mt4.user_records import user_of
from prorata.rest.webapi.registry import HISTORY_SECONDS, MAINTENANCE_SECONDS, MT4, How
from prorata.rest.webapi.schemas.kinds import Int32
from prorata.rest.webapi.schemas.mt4_server import MT4BackupInfo
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade, MT4TradeRestoreInput, MT4TradeRestoreResult
from prorata.rest.webapi.schemas.mt4_users import MT4User, MT4UserRestoreInput
from prorata.rest.webapi.values import time_of
from prorata.trading.state import Account
from prorata.units.numbers import Login

ALL = 0
"""The mode of backups that there is: each is the whole platform."""
LIMIT, LIMIT_MAX = 10_000, 100_000
REQUEST_LENGTH_MAX = 4_096


@MT4.get("BackupInfoUsers/{mode}", needs=Permission.SERVER_MANAGE, seconds=HISTORY_SECONDS)
async def backup_info_users(call: Call, mode: Int32) -> list[MT4BackupInfo]:
    """The backups that there are, oldest first; each is the whole platform, and of mode 0."""
    upkeep = call.trade_platform.upkeep
    backups = [] if upkeep is None or mode != ALL else await call.sql(upkeep.backups)
    return [MT4BackupInfo(file=backup.file, size=backup.size, time=time_of(backup.at)) for backup in backups]


@MT4.get("BackupInfoOrders/{mode}", needs=Permission.SERVER_MANAGE, seconds=HISTORY_SECONDS)
async def backup_info_orders(call: Call, mode: Int32) -> list[MT4BackupInfo]:
    """The same backups: each has accounts and orders."""
    return await backup_info_users(call, mode)


@MT4.get("BackupRequestUsers/{file}", needs=Permission.SERVER_MANAGE, seconds=HISTORY_SECONDS)
async def backup_request_users(call: Call, file: str, request: str = "", limit: Int32 = LIMIT) -> list[MT4User]:
    """Accounts as they were: all, or those of `request`: logins ("1001,1005-1010") or a mask of groups ("demo*,!demo-vip")."""
    engine = await _engine(call, file)
    accounts = _accounts(engine, request, limit)
    cards = await call.sql(call.control.account_cards.of, call.engine, [account.login for account in accounts])
    return [
        user_of(Standing(account, _digits(engine, account), cards.get(account.login, NO_CARD), None, None))
        for account in accounts
    ]


@MT4.get("BackupRequestOrders/{file}", needs=Permission.SERVER_MANAGE, seconds=HISTORY_SECONDS)
async def backup_request_orders(call: Call, file: str, request: str = "", limit: Int32 = LIMIT) -> list[MT4Trade]:
    """Positions and pending orders as they were, of the accounts that `request` means."""
    engine = await _engine(call, file)
    accounts = _accounts(engine, request, LIMIT_MAX)
    _check_limit(limit)
    trades: list[MT4Trade] = []
    for account in accounts:
        for ticket in (*account.positions, *account.orders):
            trade = open_trade(engine.desk, account, ticket)
            if trade is not None and len(trades) < limit:
                trades.append(trade)
    return trades


async def _engine(call: Call, file: str) -> Engine:
    upkeep = call.trade_platform.upkeep
    engine = None if upkeep is None else await call.sql(upkeep.backup, file)
    if engine is None:
        raise not_found("backup")
    return engine


def _digits(engine: Engine, account: Account) -> int:
    return engine.desk.groups[account.group].currency_digits


def _accounts(engine: Engine, request: str, limit: int) -> list[Account]:
    _check_limit(limit)
    if len(request) > REQUEST_LENGTH_MAX:
        raise invalid("request", f"has more than {REQUEST_LENGTH_MAX} characters")
    state = engine.desk.state
    accounts = [state.accounts[login] for login in sorted(state.accounts)]
    if not request.strip():
        return accounts[:limit]
    spans = _spans_in(request)
    if spans is not None:
        return [account for account in accounts if any(low <= account.login <= high for low, high in spans)][:limit]
    groups = set(matching(state.groups, request))
    return [account for account in accounts if account.group in groups][:limit]


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= LIMIT_MAX:
        raise invalid("limit", f"must be from 1 to {LIMIT_MAX}")


def _spans_in(request: str) -> list[tuple[Login, Login]] | None:
    """Return the stretches of logins that a request names; None if it names something else."""
    spans = []
    for part in request.split(","):
        low, dash, high = (step.strip() for step in part.partition("-"))
        if not _is_login(low) or (dash and not _is_login(high)):
            return None
        spans.append((int(low), int(high if dash else low)))
    return spans


def _is_login(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 19


# Putting back.


@MT4.post("BackupRestoreUsers", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True)
async def backup_restore_users(call: Call, given: list[MT4UserRestoreInput]) -> bool:
    """Put accounts back: open those that are not there, book what money differs by. The same again does nothing."""
    await restore_accounts(call, given)
    return True


@MT4.post("BackupRestoreOrders", needs=Permission.SERVER_MANAGE, seconds=MAINTENANCE_SECONDS, confirm=True, how=How.REFUSED)
async def backup_restore_orders(call: Call, given: list[MT4TradeRestoreInput]) -> list[MT4TradeRestoreResult]:
    """No trade is put back: deals are made at the market. `res` is 1 for what the journal has already, and 0 for the rest."""
    if len(given) > ROWS_MAX:
        raise invalid("body", f"has more than {ROWS_MAX} trades")
    there = await call.sql(lambda: list(_those_that_are_there(call, given)))
    return [MT4TradeRestoreResult(order=trade.order, res=int(known)) for trade, known in zip(given, there, strict=True)]


def _those_that_are_there(call: Call, trades: Iterable[MT4TradeRestoreInput]) -> Iterator[bool]:
    for trade in trades:
        row = call.history.order(trade.order)
        yield row is not None and (row.login, row.symbol) == (trade.login, trade.symbol)
