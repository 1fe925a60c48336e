"""Orders: placing, changing, cancelling, and the lists of working and past ones."""

import asyncio

from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody

from prorata.access.permissions import Permission
from prorata.messages.commands import CancelOrder, PlaceOrder
from prorata.messages.refusals import Refusal
from prorata.rest.own.paging import (
    Cursor,
    Limit,
    LoginPath,
    NewestFirst,
    Since,
    SymbolQuery,
    TicketPath,
    Until,
    open_page,
    past_page,
    read_bound,
)  # fmt: skip
from prorata.rest.own.session import Call, Session, needs
from prorata.rest.own.views import OrderView, Page, past_order_view, working_order_view
from prorata.trading.state import Account, Order
from prorata.views import commands
from prorata.views.answers import Rejected
from prorata.views.bodies import NewOrder, OrderChange
from prorata.views.outcomes import Outcome, outcome_of

READS_TRADES = needs(Permission.TRADES_READ)
DEALS = needs(Permission.TRADES_DEAL)


def order_command(session: Session, order: NewOrder) -> PlaceOrder:
    """Return the command of a caller who may deal: both ways in end here (see `order_protocol`). Raises `Rejected`."""
    desk = session.desk
    commands.account_of(session.caller, desk, order.login)
    return commands.place_order(desk, order)


def _orders_of(account: Account) -> dict[int, Order]:
    return account.orders


class Orders(Controller):
    tags = ("Orders",)

    @post("/orders", summary="Place an order", guards=[DEALS])
    async def place(self, session: Call, data: JSONBody[NewOrder]) -> Outcome:
        """A market order is answered with its deal; a pending, delayed or hedged one with the order that now waits."""
        return outcome_of(session.engine, await session.submit(order_command(session, data)))

    @get("/orders", summary="List working orders of all accounts in reach", guards=[READS_TRADES])
    async def working(self, session: Call, cursor: Cursor = None, limit: Limit = 100) -> Page[OrderView]:
        return open_page(session, _orders_of, working_order_view, cursor, limit)

    @get("/accounts/{login:int}/orders", summary="List an account's working orders", guards=[READS_TRADES])
    async def of_account(self, session: Call, login: LoginPath) -> list[OrderView]:
        account = session.account(login)
        return [working_order_view(session.desk, account, order) for _, order in sorted(account.orders.items())]

    @get("/accounts/{login:int}/order-history", summary="List an account's past orders", guards=[READS_TRADES])
    async def past(
        self,
        session: Call,
        login: LoginPath,
        symbol: SymbolQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[OrderView]:
        session.account(login)
        return await past_page(
            session, session.platform.history.orders, past_order_view, login=login, symbol=symbol, working=False,
            since=read_bound(since, "since"), until=read_bound(until, "until"), newest_first=newest_first,
            cursor=cursor, limit=limit,
        )  # fmt: skip

    @get("/accounts/{login:int}/orders/{ticket:int}", summary="Show an order", guards=[READS_TRADES])
    async def one(self, session: Call, login: LoginPath, ticket: TicketPath) -> OrderView:
        account = session.account(login)
        order = account.orders.get(ticket)
        if order is not None:
            return working_order_view(session.desk, account, order)
        row = await asyncio.to_thread(session.platform.history.order, ticket)
        if row is None or row.login != login:
            raise Rejected(Refusal.UNKNOWN_ORDER)
        return past_order_view(session.desk, row)

    @patch("/accounts/{login:int}/orders/{ticket:int}", summary="Change a pending order", guards=[DEALS])
    async def modify(self, session: Call, login: LoginPath, ticket: TicketPath, data: JSONBody[OrderChange]) -> Outcome:
        command = commands.modify_order(session.desk, session.account(login), ticket, data)
        return outcome_of(session.engine, await session.submit(command))

    @delete("/accounts/{login:int}/orders/{ticket:int}", summary="Cancel a pending order", guards=[DEALS], status_code=200)
    async def cancel(self, session: Call, login: LoginPath, ticket: TicketPath) -> Outcome:
        session.account(login)
        return outcome_of(session.engine, await session.submit(CancelOrder(login, ticket)))
