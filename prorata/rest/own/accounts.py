"""Trading accounts and the money that goes in and out of them."""

from bisect import bisect_right
from itertools import islice
from typing import Annotated

from litestar import Controller, get, patch, post, put
from litestar.params import JSONBody, QueryParameter

from prorata.access.permissions import Permission
from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, DailyBase, OpenAccount, SetGuards
from prorata.rest.own.paging import (
    ACCOUNTS_SCANNED_MAX,
    Cursor,
    Limit,
    LoginPath,
    NewestFirst,
    Since,
    Until,
    cursor_of,
    past_page,
    place_of,
    read_bound,
)  # fmt: skip
from prorata.rest.own.session import Call, needs
from prorata.rest.own.views import (
    AccountView,
    BalanceOperationView,
    Page,
    account_view,
    balance_operation_view,
    money_digits,
)
from prorata.units.numbers import Minor
from prorata.views.bodies import AccountChange, AccountGuards, NewAccount, NewBalanceOperation
from prorata.views.names import AccessName, code_of
from prorata.views.numbers import read_money
from prorata.views.outcomes import Outcome, outcome_of

GroupQuery = Annotated[str | None, QueryParameter(max_length=64, description="only of this group")]


READS_ACCOUNTS = needs(Permission.ACCOUNTS_READ)
CHANGES_ACCOUNTS = needs(Permission.ACCOUNTS_WRITE)


class Accounts(Controller):
    tags = ("Accounts",)

    @get("/accounts", summary="List accounts", guards=[READS_ACCOUNTS])
    async def all(
        self,
        session: Call,
        group: GroupQuery = None,
        access: Annotated[AccessName | None, QueryParameter(description="only with this access")] = None,
        demo: Annotated[bool | None, QueryParameter(description="only demo accounts, or only real ones")] = None,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[AccountView]:
        desk = session.desk
        (after,) = place_of(cursor, 1)
        wanted = None if access is None else code_of(Access, access)
        items: list[AccountView] = []
        reach = session.logins()
        logins = islice(reach, bisect_right(reach, after), None)
        for scanned, login in enumerate(logins):
            if len(items) == limit or scanned == ACCOUNTS_SCANNED_MAX:
                return Page(tuple(items), cursor_of(login - 1))
            account = desk.state.accounts[login]
            if (
                (group is None or account.group == group)
                and (wanted is None or account.access == wanted)
                and (demo is None or account.demo == demo)
            ):
                items.append(account_view(desk, account))
        return Page(tuple(items), None)

    @get("/accounts/{login:int}", summary="Show an account with its equity and margin", guards=[READS_ACCOUNTS])
    async def one(self, session: Call, login: LoginPath) -> AccountView:
        return account_view(session.desk, session.account(login))

    @post("/accounts", summary="Open an account", guards=[needs(Permission.ACCOUNTS_WRITE, house=True)])
    async def open(self, session: Call, data: JSONBody[NewAccount]) -> Outcome:
        command = OpenAccount(data.group, data.login or 0, data.leverage or 0, data.demo)
        return outcome_of(session.engine, await session.submit(command))

    @patch(
        "/accounts/{login:int}",
        summary="Change an account's group, leverage or access",
        guards=[CHANGES_ACCOUNTS],
    )
    async def change(self, session: Call, login: LoginPath, data: JSONBody[AccountChange]) -> Outcome:
        session.account(login)
        access = None if data.access is None else code_of(Access, data.access)
        command = ChangeAccount(login, data.group, data.leverage, access)
        return outcome_of(session.engine, await session.submit(command))

    @put(
        "/accounts/{login:int}/guards",
        summary="Set an account's floor, daily loss and target",
        guards=[CHANGES_ACCOUNTS],
    )
    async def guard(self, session: Call, login: LoginPath, data: JSONBody[AccountGuards]) -> Outcome:
        """Equity at or below the floor, or below the day's base by the daily loss, ends trading: positions are closed.

        A target is only told. Without any of the three the account has no guards.
        """
        session.account(login)
        digits = money_digits(session.desk, login)

        def read(amount: str | None, field: str) -> Minor:
            return 0 if amount is None else read_money(amount, digits, field)

        command = SetGuards(
            login,
            read(data.floor, "floor"),
            read(data.daily_loss, "daily_loss"),
            code_of(DailyBase, data.daily_base),
            read(data.target, "target"),
            None if data.base is None else read_money(data.base, digits, "base"),
        )
        return outcome_of(session.engine, await session.submit(command))

    @post("/accounts/{login:int}/balance-operations", summary="Book a balance operation", guards=[needs(Permission.MONEY_MOVE)])
    async def book(self, session: Call, login: LoginPath, data: JSONBody[NewBalanceOperation]) -> Outcome:
        """Deposits, withdrawals, credit and corrections. A withdrawal never takes more than is free."""
        session.account(login)
        command = BookBalance(
            login,
            code_of(BalanceKind, data.kind),
            read_money(data.amount, money_digits(session.desk, login), "amount"),
            data.external_id,
            data.comment,
        )
        return outcome_of(session.engine, await session.submit(command))

    @get("/accounts/{login:int}/balance-operations", summary="List balance operations", guards=[READS_ACCOUNTS])
    async def operations(
        self,
        session: Call,
        login: LoginPath,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[BalanceOperationView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.balance_operations, balance_operation_view, login=login,
            since=read_bound(since, "since"), until=read_bound(until, "until"), newest_first=newest_first,
            cursor=cursor, limit=limit,
        )  # fmt: skip
