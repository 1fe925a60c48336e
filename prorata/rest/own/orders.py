"""Orders: placing, changing, cancelling, and the lists of working and past ones."""

import asyncio

from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody

from prorata.access.callers import Scope
from prorata.messages.commands import CancelOrder, ModifyOrder, OrderType, PlaceOrder, Side
from prorata.messages.refusals import Refusal
from prorata.rest.own.happenings import Outcome, outcome_of
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
from prorata.rest.own.session import READING, TRADING, Call, Session, check_permitted
from prorata.rest.own.views import OrderView, Page, past_order_view, working_order_view
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Order
from prorata.views.answers import Rejected
from prorata.views.bodies import NewOrder, OrderChange
from prorata.views.names import code_of
from prorata.views.numbers import read_moment, read_price, read_volume


def digits_for(desk: Desk, symbol: str) -> int:
    """Return the decimals in which prices of a symbol are written. Raises `Rejected`."""
    spec = desk.state.symbols.get(symbol)
    if spec is None:
        raise Rejected(Refusal.UNKNOWN_SYMBOL, f"symbol: {symbol}")
    return spec.digits


async def place_order(session: Session, order: NewOrder) -> Outcome:
    """Place an order. The one implementation behind both ways in (see `front`)."""
    check_permitted(session.caller, Scope.TRADE, Scope.DEALER)
    desk = session.desk
    session.account(order.login)
    digits = digits_for(desk, order.symbol)
    command = PlaceOrder(
        order.login,
        order.symbol,
        Side.BUY if order.side == "buy" else Side.SELL,
        read_volume(order.volume, "volume"),
        code_of(OrderType, order.type),
        read_price(order.price, digits, "price"),
        read_price(order.limit_price, digits, "limit_price"),
        -1 if order.deviation_points is None else order.deviation_points,
        read_price(order.stop_loss, digits, "stop_loss"),
        read_price(order.take_profit, digits, "take_profit"),
        order.trailing_points or 0,
        read_moment(order.expires_at, "expires_at"),
        order.comment,
    )
    return outcome_of(desk, await session.submit(command))


def _modification(login: int, ticket: int, data: OrderChange, digits: int) -> ModifyOrder:
    return ModifyOrder(
        login,
        ticket,
        read_price(data.price, digits, "price"),
        read_price(data.limit_price, digits, "limit_price"),
        read_price(data.stop_loss, digits, "stop_loss"),
        read_price(data.take_profit, digits, "take_profit"),
        data.trailing_points or 0,
        read_moment(data.expires_at, "expires_at"),
    )


def _matching_digits(session: Session, login: int, ticket: int, symbol: str) -> int:
    """Return the decimals of `symbol`, which the order, if it is still there, must be in.

    An order that is gone is the engine's to refuse: a repeated call must find its first answer.
    """
    order = session.account(login).orders.get(ticket)
    if order is not None and order.symbol != symbol:
        raise Rejected(Refusal.UNKNOWN_ORDER, f"the order is not in {symbol}")
    return digits_for(session.desk, symbol)


def _orders_of(account: Account) -> dict[int, Order]:
    return account.orders


class Orders(Controller):
    """POST /orders is open to keys without `read`, so its permission is checked in `place_order`."""

    tags = ("Orders",)

    @post("/orders", summary="Place an order", opt={"scopes": "trade or dealer"})
    async def place(self, session: Call, data: JSONBody[NewOrder]) -> Outcome:
        """A market order is answered with its deal; a pending, delayed or hedged one with the order that now waits."""
        return await place_order(session, data)

    @get("/orders", summary="List working orders of all accounts in reach", guards=[READING])
    async def working(self, session: Call, cursor: Cursor = None, limit: Limit = 100) -> Page[OrderView]:
        return open_page(session, _orders_of, working_order_view, cursor, limit)

    @get("/accounts/{login:int}/orders", summary="List an account's working orders", guards=[READING])
    async def of_account(self, session: Call, login: LoginPath) -> list[OrderView]:
        account = session.account(login)
        return [working_order_view(session.desk, account, order) for _, order in sorted(account.orders.items())]

    @get("/accounts/{login:int}/order-history", summary="List an account's past orders", guards=[READING])
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

    @get("/accounts/{login:int}/orders/{ticket:int}", summary="Show an order", guards=[READING])
    async def one(self, session: Call, login: LoginPath, ticket: TicketPath) -> OrderView:
        account = session.account(login)
        order = account.orders.get(ticket)
        if order is not None:
            return working_order_view(session.desk, account, order)
        row = await asyncio.to_thread(session.platform.history.order, ticket)
        if row is None or row.login != login:
            raise Rejected(Refusal.UNKNOWN_ORDER)
        return past_order_view(session.desk, row)

    @patch("/accounts/{login:int}/orders/{ticket:int}", summary="Change a pending order", guards=[TRADING])
    async def modify(self, session: Call, login: LoginPath, ticket: TicketPath, data: JSONBody[OrderChange]) -> Outcome:
        digits = _matching_digits(session, login, ticket, data.symbol)
        answer = await session.submit(_modification(login, ticket, data, digits))
        return outcome_of(session.desk, answer, symbol=data.symbol)

    @delete("/accounts/{login:int}/orders/{ticket:int}", summary="Cancel a pending order", guards=[TRADING], status_code=200)
    async def cancel(self, session: Call, login: LoginPath, ticket: TicketPath) -> Outcome:
        session.account(login)
        return outcome_of(session.desk, await session.submit(CancelOrder(login, ticket)))
