"""One operation on many accounts: all of them are looked at before any of them is changed."""

import asyncio
from collections.abc import Callable
from enum import auto

from prorata.access.permissions import Permission
from prorata.messages.commands import Access, ChangeAccount
from prorata.rest.webapi.accounts import access_after, standings_of
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import UNKNOWN, ErrorCode, Failure, ResultCode, invalid, not_found
from prorata.rest.webapi.registry import MAINTENANCE_SECONDS, MT4
from prorata.rest.webapi.schemas.kinds import Names
from prorata.rest.webapi.schemas.mt4_users import MT4UsersGroupOp
from prorata.trading.state import Account

ACCOUNTS_MAX = 10_000


class GroupCommand(Names):
    Delete = auto()
    Enable = auto()
    Disable = auto()
    Leverage = auto()
    SetGroup = auto()


Change = Callable[[Account], ChangeAccount]


@MT4.post("UsersGroupOp", needs=Permission.ACCOUNTS_WRITE, seconds=MAINTENANCE_SECONDS)
async def users_group_op(call: Call, given: MT4UsersGroupOp) -> bool:
    """Delete, enable or disable accounts, or set their leverage or group. What is deleted must be empty."""
    command = _command_of(given)
    accounts = await _accounts_of(call, given)
    change = _change_of(call, command, given)
    for account in accounts:
        _check(call, command, given, account)
    done = await asyncio.gather(
        *(call.submit(change(account), part=str(account.login)) for account in accounts), return_exceptions=True
    )
    failed = {account.login: came for account, came in zip(accounts, done, strict=True) if isinstance(came, BaseException)}
    if command == GroupCommand.Delete:
        for account in accounts:
            if account.login not in failed:
                await call.sql(call.control.account_cards.delete, call.engine, account.login)
    if failed:
        raise _failure_of(failed, len(accounts))
    return True


def _command_of(given: MT4UsersGroupOp) -> GroupCommand:
    try:
        return GroupCommand(given.command or "")
    except ValueError:
        raise invalid("command", f"must be one of {', '.join(GroupCommand)}") from None


async def _accounts_of(call: Call, given: MT4UsersGroupOp) -> list[Account]:
    logins = list(dict.fromkeys(given.logins or ()))
    if not 1 <= len(logins) <= ACCOUNTS_MAX:
        raise invalid("logins", f"must name 1 to {ACCOUNTS_MAX} accounts")
    accounts = [standing.account for standing in await standings_of(call, logins)]
    if len(accounts) < len(logins):
        there = {account.login for account in accounts}
        raise not_found(f"account: {next(login for login in logins if login not in there)}")
    return accounts


def _change_of(call: Call, command: GroupCommand, given: MT4UsersGroupOp) -> Change:
    """Return the command for an account. Raises `Failure` for what fits no account at all."""
    if command == GroupCommand.Leverage:
        if given.leverage < 1:
            raise invalid("leverage", "must be above 0")
        return lambda account: ChangeAccount(account.login, leverage=given.leverage)
    if command == GroupCommand.SetGroup:
        if given.new_group not in call.state.groups:
            raise not_found("group")
        return lambda account: ChangeAccount(account.login, group=given.new_group)
    if command == GroupCommand.Enable:
        return lambda account: ChangeAccount(account.login, access=access_after(account.access, enabled=True, trades=True))
    return lambda account: ChangeAccount(account.login, access=Access.LOGIN_DISABLED)


def _check(call: Call, command: GroupCommand, given: MT4UsersGroupOp, account: Account) -> None:
    """Refuse what the engine would refuse, before anything is changed. Raises `Failure`."""
    groups = call.desk.groups
    group = groups[account.group]
    if command == GroupCommand.Delete and (account.positions or account.orders or account.balance or account.credit):
        raise _refused(account, "is not empty")
    if command == GroupCommand.Leverage and given.leverage > group.spec.leverage:
        raise _refused(account, f"may have a leverage of {group.spec.leverage} at most")
    if command == GroupCommand.SetGroup and given.new_group is not None and given.new_group != account.group:
        if account.positions or account.orders:
            raise _refused(account, "has open positions or orders")
        if groups[given.new_group].currency != group.currency:
            raise _refused(account, "keeps another currency")


def _refused(account: Account, reason: str) -> Failure:
    return Failure(None, f"Account {account.login} {reason}; nothing was changed", manager=ResultCode.InvalidData)


def _failure_of(failed: dict[int, BaseException], count: int) -> BaseException:
    """Return why some accounts were not changed: they changed while they were looked at, or the platform is stopping."""
    login, first = next(iter(failed.items()))
    if not isinstance(first, Failure):
        return first
    done = count - len(failed)
    message = f"{done} of {count} accounts were changed, {list(failed)[:20]} were not. {login}: {first.message}"
    if done and first.outcome:
        return Failure(ErrorCode.OutcomeUnknown, message, outcome=UNKNOWN)
    return Failure(first.code, message, manager=first.manager, outcome=first.outcome)
