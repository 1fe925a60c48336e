"""TradeTransaction: every trade operation by one call, as clients ask for them and as dealers do.

The client's types ask what a client may ask on his account: access, hours and levels bind them. The dealer's (`Br...`) are the
dealer's own commands (docs/trade/dealing.md). `orderBy` is the login, except of CloseBy, where it is the other ticket.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from prorata.access.permissions import Permission
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    CancelOrder,
    CloseAll,
    CloseBy,
    ClosePosition,
    Command,
    ModifyOrder,
    ModifyPosition,
    OrderType,
    PlaceOrder,
    Side,
)
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerCloseAll,
    DealerCloseBy,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.messages.events import BalanceBooked, Repeated
from prorata.projections.rows import OrderOutcome
from prorata.projections.trade_corrections import event_number
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, forbidden, invalid, not_found
from prorata.rest.webapi.mt4.asked import PENDING_TYPES, Asked, TradeTransactionType
from prorata.rest.webapi.mt4.execution import executed
from prorata.rest.webapi.mt4.past import up_to_date, whole
from prorata.rest.webapi.registry import MT4, TRADE_SECONDS
from prorata.rest.webapi.schemas.mt4_names import TradeCommand
from prorata.rest.webapi.schemas.mt4_trades import MT4TradeTransaction
from prorata.rest.webapi.values import decimal_of, hundredths_of, money_of
from prorata.units.numbers import DealId, Login, Ticket

ANY_DEVIATION = -1

T = TradeTransactionType


class Owned(msgspec.Struct, frozen=True):
    """Whose a ticket is, and of which instrument. `is_position`: it is one, or was."""

    login: Login
    symbol: str
    is_position: bool


@MT4.post("TradeTransaction", needs=Permission.TRADES_DEAL, seconds=TRADE_SECONDS)
async def trade_transaction(call: Call, given: MT4TradeTransaction) -> MT4TradeTransaction:
    """Open, close, change or delete trades; deposit and withdraw. Every published type but PricesRequote works."""
    asked = Asked(call, given)
    done = await _DONE_BY[asked.kind](asked)
    done.trade_transaction_type = asked.kind
    done.trade_command = asked.command
    done.trade_request_flags = str(asked.flags)
    return done


async def owner_of(call: Call, ticket: Ticket) -> Owned:
    """Return whose a ticket is: of what is open, else of the past, for a repeated call must find its first answer."""
    account = call.house.book_of(call.platform).tickets.owner(ticket)
    if account is not None:
        held = account.positions.get(ticket) or account.orders[ticket]
        return Owned(account.login, held.symbol, ticket in account.positions)
    row = await call.sql(call.history.order, ticket)
    if row is None:
        raise not_found("order")
    return Owned(row.login, row.symbol, row.state == OrderOutcome.FILLED)


async def _owned(asked: Asked) -> Owned:
    owned = await owner_of(asked.call, asked.ticket)
    if asked.given.order_by not in (0, owned.login):
        raise not_found("order")
    return owned


def _echo(asked: Asked, **changes: object) -> MT4TradeTransaction:
    """Return what was asked, with what the server has filled in."""
    return msgspec.structs.replace(asked.given, **changes)


# Prices.


async def _prices_get(asked: Asked) -> MT4TradeTransaction:
    """The price at which the account named (without one: anybody, before markups) would deal on this side."""
    symbol, desk = asked.symbol, asked.call.desk
    quote, digits = desk.state.quotes[symbol], desk.state.symbols[symbol].digits
    if not quote.bid:
        raise Failure(None, "There is no quote", manager=ResultCode.TradeOffquotes)
    bid, ask = quote.bid, quote.ask
    if asked.given.order_by:
        terms = desk.terms_of(desk.state.accounts[asked.login], symbol)
        bid, ask = terms.bid, terms.ask
    return _echo(asked, price=decimal_of(ask if asked.side == Side.BUY else bid, digits))


async def _prices_requote(asked: Asked) -> MT4TradeTransaction:
    message = "Requests are executed at once: there is no dealer's queue in which to requote them"
    raise Failure(None, message, manager=ResultCode.InvalidData)


# Opening.


async def _open(asked: Asked) -> MT4TradeTransaction:
    if asked.command in PENDING_TYPES and asked.kind in (T.PendingOpen, T.BrOpen):
        return await _dealt(asked, _pending(asked), asked.symbol)
    symbol, side = asked.symbol, asked.side
    stop_loss, take_profit = asked.stops(symbol)
    price = 0 if asked.kind == T.OpenMarket else asked.price(symbol)
    if asked.kind == T.BrOpen:
        command: Command = DealerOpen(asked.login, symbol, side, asked.volume, price, stop_loss, take_profit, asked.comment)
    else:
        deviation = asked.deviation if price else ANY_DEVIATION
        command = PlaceOrder(
            asked.login, symbol, side, asked.volume, OrderType.MARKET, price, 0, deviation, stop_loss, take_profit,
            comment=asked.comment,
        )  # fmt: skip
    return await _dealt(asked, command, symbol)


def _pending(asked: Asked) -> PlaceOrder:
    symbol = asked.symbol
    kind, side = PENDING_TYPES[asked.command]
    stop_loss, take_profit = asked.stops(symbol)
    return PlaceOrder(
        asked.login, symbol, side, asked.volume, kind, asked.price(symbol), 0, ANY_DEVIATION, stop_loss, take_profit, 0,
        asked.expires_at, asked.comment,
    )  # fmt: skip


async def _pending_open(asked: Asked) -> MT4TradeTransaction:
    if asked.command not in PENDING_TYPES:
        raise invalid("tradeCommand", f"is one of {', '.join(PENDING_TYPES)} for {asked.kind}")
    return await _open(asked)


async def _dealt(asked: Asked, command: Command, symbol: str) -> MT4TradeTransaction:
    """Have a command done; answer with the ticket, and with volume and price as they were dealt."""
    done = await executed(asked.call, command)
    if not done.volume:
        return _echo(asked, order=done.placed or asked.given.order)
    price = decimal_of(done.price, asked.call.state.symbols[symbol].digits)
    order = asked.given.order or done.position
    return _echo(asked, order=order, price=price, volume=hundredths_of(done.volume), symbol=symbol)


# Closing.


async def _close(asked: Asked) -> MT4TradeTransaction:
    owned = await _owned(asked)
    price = 0 if asked.kind == T.CloseMarket else asked.price(owned.symbol)
    if asked.kind == T.BrClose:
        command: Command = DealerClose(owned.login, asked.ticket, asked.volume, price, asked.comment)
    else:
        deviation = asked.deviation if price else ANY_DEVIATION
        command = ClosePosition(owned.login, asked.ticket, asked.volume, price, deviation)
    return await _dealt(asked, command, owned.symbol)


async def _close_by(asked: Asked) -> MT4TradeTransaction:
    """`orderBy` is the ticket of the opposite position."""
    owned, other = await owner_of(asked.call, asked.ticket), asked.given.order_by
    if other <= 0:
        raise invalid("orderBy", "is missing: the ticket of the opposite position")
    command = (DealerCloseBy if asked.by_dealer else CloseBy)(owned.login, asked.ticket, other)
    await executed(asked.call, command)
    return _echo(asked, symbol=owned.symbol)


async def _close_all(asked: Asked) -> MT4TradeTransaction:
    """Every position of the account, or those in one instrument. What cannot be closed now stays."""
    symbol = asked.symbol if asked.given.symbol else ""
    await executed(asked.call, (DealerCloseAll if asked.by_dealer else CloseAll)(asked.login, symbol))
    return _echo(asked)


# Changing and deleting.


async def _modify(asked: Asked) -> MT4TradeTransaction:
    """The stops of a position; price, stops and expiry of a pending order, whose price stays if none is given."""
    owned = await _owned(asked)
    await asked.call.submit(_modified(asked, owned))
    return _echo(asked, symbol=owned.symbol)


def _modified(asked: Asked, owned: Owned) -> Command:
    login, ticket, (stop_loss, take_profit) = owned.login, asked.ticket, asked.stops(owned.symbol)
    account = asked.call.account(login)
    if owned.is_position:
        if asked.by_dealer:
            return DealerModify(login, ticket, stop_loss, take_profit)
        position = account.positions.get(ticket)
        return ModifyPosition(login, ticket, stop_loss, take_profit, 0 if position is None else position.trailing)
    order = account.orders.get(ticket)
    price = asked.price(owned.symbol) or (0 if order is None else order.price)
    limit, trailing = (0, 0) if order is None else (order.limit_price, order.trailing)
    if asked.by_dealer:
        return DealerModify(login, ticket, stop_loss, take_profit, price, limit, asked.expires_at)
    return ModifyOrder(login, ticket, price, limit, stop_loss, take_profit, trailing, asked.expires_at)


async def _delete(asked: Asked) -> MT4TradeTransaction:
    owned = await _owned(asked)
    await asked.call.submit((DealerCancel if asked.by_dealer else CancelOrder)(owned.login, asked.ticket))
    return _echo(asked, symbol=owned.symbol)


async def _activate(asked: Asked) -> MT4TradeTransaction:
    """A pending order deals now, at the price given or at the market."""
    owned = await _owned(asked)
    return await _dealt(asked, DealerActivate(owned.login, asked.ticket, asked.price(owned.symbol)), owned.symbol)


async def _comment(asked: Asked) -> MT4TradeTransaction:
    """Of what is open: what is over stays as it was told."""
    owned = await _owned(asked)
    await asked.call.submit(DealerComment(owned.login, asked.ticket, asked.comment))
    return _echo(asked, symbol=owned.symbol)


# Money.


async def _balance(asked: Asked) -> MT4TradeTransaction:
    """`price` is the amount: above 0 comes in, below 0 goes out."""
    call = asked.call
    if not call.caller.grant.may(Permission.MONEY_MOVE):
        raise forbidden(Permission.MONEY_MOVE)
    login = asked.login
    digits = call.desk.groups[call.state.accounts[login].group].currency_digits
    amount = money_of(asked.given.price, digits, "price")
    answer = await call.submit(BookBalance(login, _kind_of(asked, amount), abs(amount), comment=asked.comment))
    first = answer.events[0]
    booked = first.first if isinstance(first, Repeated) else first
    assert isinstance(booked, BalanceBooked)
    sequence = answer.first or await _sequence_of(call, login, booked.operation)
    return _echo(asked, order=event_number(sequence))


def _kind_of(asked: Asked, amount: int) -> BalanceKind:
    match asked.command:
        case TradeCommand.Balance:
            return BalanceKind.DEPOSIT if amount >= 0 else BalanceKind.WITHDRAWAL
        case TradeCommand.Credit:
            return BalanceKind.CREDIT_IN if amount >= 0 else BalanceKind.CREDIT_OUT
        case _:
            raise invalid("tradeCommand", "is Balance or Credit for BrBalance")


async def _sequence_of(call: Call, login: Login, operation: DealId) -> int:
    """Return the event of an operation that was booked by an earlier call."""
    await up_to_date(call)

    def found() -> int:
        rows = whole(call.history.balance_operations, login=login)
        return next(row.sequence for row in rows if row.operation == operation)

    return await call.sql(found)


_DONE_BY: Mapping[TradeTransactionType, Callable[[Asked], Awaitable[MT4TradeTransaction]]] = {
    T.PricesGet: _prices_get,
    T.PricesRequote: _prices_requote,
    T.OpenInstant: _open,
    T.OpenRequest: _open,
    T.OpenMarket: _open,
    T.PendingOpen: _pending_open,
    T.CloseInstant: _close,
    T.CloseRequest: _close,
    T.CloseMarket: _close,
    T.Modify: _modify,
    T.Delete: _delete,
    T.CloseBy: _close_by,
    T.CloseAll: _close_all,
    T.BrOpen: _open,
    T.BrClose: _close,
    T.BrDelete: _delete,
    T.BrCloseBy: _close_by,
    T.BrCloseAll: _close_all,
    T.BrModify: _modify,
    T.BrActivate: _activate,
    T.BrComment: _comment,
    T.BrBalance: _balance,
}
assert _DONE_BY.keys() == set(TradeTransactionType), "a type of transaction that nobody does"
