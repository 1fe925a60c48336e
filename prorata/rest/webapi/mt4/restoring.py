"""Puts accounts back as a list says: terms by commands, money by postings of what it differs by.

All rows are looked at before the first one is put back. What the engine alone can refuse stops the rest; the same list
again goes on from there, as an account that is as it should be gets no command.
"""

from collections.abc import Sequence

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind, BookBalance, ChangeAccount, OpenAccount
from prorata.rest.webapi.accounts import Wanted, access_after, check_card
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, forbidden, invalid
from prorata.rest.webapi.schemas.mt4_users import MT4UserRestoreInput
from prorata.rest.webapi.values import money_of

ROWS_MAX = 10_000
_NAMES = {"name": "name", "email": "email", "country": "country"}


async def restore_accounts(call: Call, rows: Sequence[MT4UserRestoreInput]) -> None:
    """Raises `Failure`; the text names the login."""
    if not call.caller.grant.may(Permission.MONEY_MOVE):
        raise forbidden(Permission.MONEY_MOVE)
    if not 1 <= len(rows) <= ROWS_MAX:
        raise invalid("body", f"must have 1 to {ROWS_MAX} accounts")
    seen: set[int] = set()
    for row in rows:
        if row.login in seen:
            raise invalid("login", f"{row.login} is there twice")
        seen.add(row.login)
        _check_row(call, row)
    for row in rows:
        try:
            await _restore(call, row)
        except Failure as failure:
            told = f"{row.login}: {failure.message}"
            raise Failure(failure.code, told, manager=failure.manager, outcome=failure.outcome) from None


def _check_row(call: Call, row: MT4UserRestoreInput) -> None:
    if row.login < 1:
        raise invalid("login", "must be above 0")
    group = call.desk.groups.get(row.group or "")
    if group is None:
        raise invalid("group", f"{row.login}: there is no such group")
    if not 0 <= row.leverage <= group.spec.leverage:
        raise invalid("leverage", f"{row.login}: must be from 0 to {group.spec.leverage}, that of its group")
    for field, flag in (("enable", row.enable), ("enableReadOnly", row.enable_read_only)):
        if flag not in (0, 1):
            raise invalid(field, f"{row.login}: must be 0 or 1")
    money_of(row.balance, group.currency_digits, "balance")
    if money_of(row.credit, group.currency_digits, "credit") < 0:
        raise invalid("credit", f"{row.login}: is below 0")
    check_card(Wanted(card=_card_of(row), names=_NAMES))
    account = call.state.accounts.get(row.login)
    if account is None or account.group == group.name:
        return
    if call.desk.groups[account.group].currency != group.currency:
        raise invalid("group", f"{row.login}: keeps another currency than the account")
    if account.positions or account.orders:
        raise invalid("group", f"{row.login}: the account holds something and cannot change its group")


def _card_of(row: MT4UserRestoreInput) -> dict[str, str]:
    return {"name": row.name or "", "email": row.email or "", "country": row.country or ""}


async def _restore(call: Call, row: MT4UserRestoreInput) -> None:
    login, group = row.login, call.desk.groups[row.group or ""]
    leverage = row.leverage or group.spec.leverage
    if login not in call.state.accounts:
        await call.submit(OpenAccount(group.name, login, leverage), part=f"open {login}")
    account = call.state.accounts[login]
    enabled = bool(row.enable)
    access = access_after(account.access, enabled=enabled, trades=enabled and not row.enable_read_only)
    if (account.group, account.leverage, account.access) != (group.name, leverage, access):
        await call.submit(ChangeAccount(login, group.name, leverage, access), part=f"terms {login}")
    await _set_money(call, row, group.currency_digits)
    await call.sql(call.control.account_cards.change, call.engine, login, _card_of(row))
    await call.sql(call.control.account_cards.bring_back, call.engine, login)


async def _set_money(call: Call, row: MT4UserRestoreInput, digits: int) -> None:
    account = call.state.accounts[row.login]
    comment = "restored from a backup"
    difference = money_of(row.balance, digits, "balance") - account.balance
    if difference:
        booking = BookBalance(row.login, BalanceKind.CORRECTION, difference, comment=comment)
        await call.submit(booking, part=f"balance {row.login}")
    difference = money_of(row.credit, digits, "credit") - account.credit
    if difference:
        kind = BalanceKind.CREDIT_IN if difference > 0 else BalanceKind.CREDIT_OUT
        await call.submit(BookBalance(row.login, kind, abs(difference), comment=comment), part=f"credit {row.login}")
