"""Trading accounts with their owners' cards, as both surfaces read and change them.

Money, trades, group, leverage and access are the engine's; whose the account is, is on the card beside it. A change of
the engine's part is one command under the call's key; the card follows, and setting it again does no harm: a call that was
cut off between the two is finished by the same call under the same key.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from prorata.access.permissions import Permission
from prorata.control.account_cards.cards import NO_CARD, AccountCard, BadField, KeptCard, check_fields
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount
from prorata.projections.history import History
from prorata.projections.rows import DayRow
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import forbidden, invalid, not_found
from prorata.rest.webapi.values import time_of
from prorata.trading.state import Account
from prorata.units.numbers import DAY_MS, Login, Minor

AT_ONCE = 500

Closings = dict[Login, DayRow]


class Standing(msgspec.Struct, frozen=True):
    """An account as it stands. `day`, `month`: at the end of the day, and of the month, before; None if it was not there."""

    account: Account
    digits: int
    """decimal places of its money"""
    kept: KeptCard
    day: DayRow | None
    month: DayRow | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an account is to become; None is as it is. `card`: fields of the card. `names`: theirs, as published."""

    group: str | None = None
    leverage: int | None = None
    access: Access | None = None
    balance: Minor | None = None
    credit: Minor | None = None
    card: Mapping[str, Any] = {}
    names: Mapping[str, str] = {}


async def standing_of(call: Call, login: Login) -> Standing:
    """Return one account. Raises `Failure`: absent and deleted alike."""
    found = await standings_of(call, (login,))
    if not found:
        raise not_found("account")
    return found[0]


async def standings_of(call: Call, logins: Iterable[Login]) -> list[Standing]:
    """Return accounts in the order of `logins`, without those that are absent or deleted."""
    accounts = call.state.accounts
    wanted = [login for login in logins if login in accounts]
    found: list[Standing] = []
    for begin in range(0, len(wanted), AT_ONCE):
        part = [accounts[login] for login in wanted[begin : begin + AT_ONCE]]
        cards, (days, months) = await asyncio.gather(
            call.sql(call.control.account_cards.of, call.engine, [account.login for account in part]), _closings(call, part)
        )
        for account in part:
            kept = cards.get(account.login, NO_CARD)
            if not kept.deleted_at:
                digits = call.desk.groups[account.group].currency_digits
                found.append(Standing(account, digits, kept, days.get(account.login), months.get(account.login)))
    return found


async def _closings(call: Call, accounts: Sequence[Account]) -> tuple[Closings, Closings]:
    """Return accounts at the end of the day, and of the month, before; those that were there then."""
    state, now = call.state, call.now()
    today = now // DAY_MS
    first_of_month = today + 1 - time_of(now).day
    if state.day is None:
        return {}, {}
    day_ended = state.day * DAY_MS + state.rollover_ms
    daily = [account.login for account in accounts if account.opened_at < day_ended]
    monthly = [account.login for account in accounts if account.opened_at < first_of_month * DAY_MS]
    if not daily:
        return {}, {}
    return await call.sql(_read_closings, call.history, (daily, today + 1), (monthly, first_of_month))


def _read_closings(history: History, *asked: tuple[list[Login], int]) -> tuple[Closings, Closings]:
    days, months = [history.closings(logins, before) if logins else {} for logins, before in asked]
    return days, months


async def logins_of(call: Call) -> list[Login]:
    """Return the logins of all accounts that are there, in order."""
    deleted = await call.sql(call.control.account_cards.deleted, call.engine)
    logins = call.platform.logins()
    return [login for login in logins if login not in deleted] if deleted else logins


async def change_account(call: Call, standing: Standing, wanted: Wanted) -> None:
    """Make an account as it is wanted. Raises `Failure`, and then nothing has changed."""
    login = standing.account.login
    moves_money = wanted.balance is not None or wanted.credit is not None
    changes = wanted.group is not None or wanted.leverage is not None or wanted.access is not None
    check_card(wanted)
    if moves_money:
        if not call.caller.grant.may(Permission.MONEY_MOVE):
            raise forbidden(Permission.MONEY_MOVE)
        if changes or (wanted.balance is not None and wanted.credit is not None):
            raise invalid("balance", "can be set only by itself: money is a posting, and other changes might be refused")
        await _set_money(call, standing.account, wanted)
    elif changes:
        await call.submit(ChangeAccount(login, wanted.group, wanted.leverage, wanted.access), part="account")
    if wanted.card:
        await call.sql(call.control.account_cards.change, call.engine, login, wanted.card)


def check_card(wanted: Wanted) -> None:
    """Raises `Failure` for a field of the card that cannot be kept."""
    try:
        check_fields(wanted.card)
    except BadField as problem:
        raise invalid(wanted.names.get(problem.field, problem.field), problem.reason) from None


async def _set_money(call: Call, account: Account, wanted: Wanted) -> None:
    """Book the difference to what balance or credit is to be."""
    comment = f"set by {call.caller.client_id}"[:60]
    if wanted.balance is not None:
        kind, amount = BalanceKind.CORRECTION, wanted.balance - account.balance
    else:
        assert wanted.credit is not None
        amount = wanted.credit - account.credit
        kind = BalanceKind.CREDIT_IN if amount > 0 else BalanceKind.CREDIT_OUT
        amount = abs(amount)
    if amount:
        await call.submit(BookBalance(account.login, kind, amount, comment=comment), part="money")


def access_after(before: Access, *, enabled: bool, trades: bool) -> Access:
    """Return an account's access from the two switches that the surfaces have for it. What they do not tell apart stays."""
    if (before != Access.LOGIN_DISABLED, before not in (Access.LOGIN_DISABLED, Access.TRADING_DISABLED)) == (enabled, trades):
        return before
    if not enabled:
        return Access.LOGIN_DISABLED
    return Access.FULL if trades else Access.TRADING_DISABLED


def changed_fields(before: AccountCard, after: AccountCard) -> dict[str, Any]:
    """Return the fields of a card that are different, with their new values."""
    told = msgspec.structs.asdict(after)
    return {name: value for name, value in told.items() if value != getattr(before, name)}
