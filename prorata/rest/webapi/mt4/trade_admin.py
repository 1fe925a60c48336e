"""What the back office does to trades: checking stops beforehand, correcting, deleting, calling back."""

from collections.abc import Mapping

from msgspec import UNSET

from prorata.access.permissions import Permission
from prorata.messages.commands import BalanceKind, BookBalance, OrderType, Side
from prorata.messages.dealer_commands import DealerCancel, DealerComment, DealerModify
from prorata.messages.events import Refused
from prorata.messages.groups import GroupSpec
from prorata.messages.refusals import Refusal
from prorata.projections.trade_corrections import AMOUNTS, PREFIX, corrections_in, external_id_of
from prorata.projections.trade_history import TradeHistory
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, failure_of, invalid, not_found
from prorata.rest.webapi.mt4.asked import PENDING_TYPES, Asked, comment_of
from prorata.rest.webapi.mt4.trades import book_of, trade_now
from prorata.rest.webapi.registry import MT4, TRADE_SECONDS
from prorata.rest.webapi.schemas.kinds import Double, Int32
from prorata.rest.webapi.schemas.mt4_names import TradeCommand, TradeRecordState
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade, MT4TradeTransaction, MT4TradeUpdate
from prorata.rest.webapi.values import decimal_of, money_of, price_of
from prorata.trading import checks
from prorata.trading.markets import Market
from prorata.trading.state import LastQuote, OrderState
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import MINUTE_MS, Minor, Points, Ticket

LEAST_EXPIRY_MS = 10 * MINUTE_MS
"""A pending order must be good for so long, as is published of this check."""

_AT_MARKET = (TradeCommand.Buy, TradeCommand.Sell)


# Stops, beforehand.


@MT4.post("TradeCheckStops", needs=Permission.TRADES_READ, seconds=TRADE_SECONDS, reads=True)
async def trade_check_stops(call: Call, given: MT4TradeTransaction, price: Double | None = None) -> bool:
    """Whether stops, and the price of a pending order, are far enough from the market, or from a price that is named."""
    asked = Asked(call, given)
    symbol = asked.symbol
    reference = 0 if price is None else asked.points(symbol, price, "price")
    refusal = _check(asked, _terms_of(asked, symbol, reference))
    if refusal is not None:
        raise failure_of(Refused(refusal))
    return True


def _terms_of(asked: Asked, symbol: str, reference: Points) -> Terms:
    """Return the terms of the account's group, or without an account the symbol's own; at a price that is named, if one is."""
    desk = asked.call.desk
    market = desk.markets[symbol]
    if reference:
        market = Market(market.spec, LastQuote(reference, reference))
    if asked.given.order_by:
        group = desk.groups[asked.call.account(asked.given.order_by).group]
    else:
        group = GroupTerms(GroupSpec(name="*", currency=market.spec.profit_currency), {}, {})
    return Terms(market, group, desk.routes)


def _check(asked: Asked, terms: Terms) -> Refusal | None:
    stop_loss, take_profit = asked.stops(terms.name)
    if not terms.quote.bid:
        return Refusal.NO_QUOTE
    if asked.command not in PENDING_TYPES:
        side = asked.side
        reference = terms.bid if side == Side.BUY else terms.ask
        return checks.check_stops(terms, side, reference, stop_loss=stop_loss, take_profit=take_profit, trailing=0)
    kind, side = PENDING_TYPES[asked.command]
    price, expires_at = asked.price(terms.name), asked.expires_at
    if expires_at and expires_at < asked.call.now() + LEAST_EXPIRY_MS:
        return Refusal.EXPIRY_IN_PAST
    return checks.check_pending_price(terms, kind, side, price, 0) or checks.check_stops(
        terms, side, price, stop_loss=stop_loss, take_profit=take_profit, trailing=0
    )


# Correcting.


@MT4.post("AdmTradeRecordModify/{ticket}", needs=Permission.TRADES_CORRECT, seconds=TRADE_SECONDS)
async def adm_trade_record_modify(call: Call, ticket: Int32, given: MT4TradeUpdate) -> MT4Trade:
    """Stops and comment of what is open; profit, commission, storage and taxes of what is closed, booked as a correction.

    What is not given stays. The floating profit of an open trade is passed over.
    """
    trade = await trade_now(call, ticket)
    if trade is None:
        raise not_found("trade")
    _check_kept(given)
    if trade.trade_record_state == TradeRecordState.OpenNormal:
        await _modify_open(call, trade, given)
    else:
        await _modify_closed(call, trade, given)
    after = await trade_now(call, ticket)
    if after is None:
        raise not_found("trade")
    return after


def _check_kept(given: MT4TradeUpdate) -> None:
    """Raises `Failure` for what no trade has here."""
    if given.magic not in (UNSET, 0):
        raise invalid("magic", "is not kept: it is 0 of every trade")
    if given.commission_agent not in (UNSET, 0):
        raise invalid("commissionAgent", "is not kept: it is 0 of every trade")


def _is_new(given: object, value: object) -> bool:
    return given is not UNSET and given != value


def _denied(message: str) -> Failure:
    return Failure(None, message, manager=ResultCode.TradeModifyDenied)


async def _modify_open(call: Call, trade: MT4Trade, given: MT4TradeUpdate) -> None:
    for name in ("commission", "storage", "taxes"):
        if _is_new(getattr(given, name), getattr(trade, name)):
            raise _denied(f"{name}: of an open trade the server reckons it; it can be corrected when the trade is closed")
    comment = trade.comment or ""
    if given.comment is not UNSET:
        comment = comment_of(given.comment)
    stop_loss = trade.sl if given.sl is UNSET else given.sl
    take_profit = trade.tp if given.tp is UNSET else given.tp
    if (stop_loss, take_profit) != (trade.sl, trade.tp):
        stops = (price_of(stop_loss, trade.digits, "sl"), price_of(take_profit, trade.digits, "tp"))
        await call.submit(_with_stops(call, trade, *stops), part="stops")
    if comment != (trade.comment or ""):
        await call.submit(DealerComment(trade.login, trade.order, comment), part="comment")


def _with_stops(call: Call, trade: MT4Trade, stop_loss: Points, take_profit: Points) -> DealerModify:
    """Return the change of stops; all else of a pending order stays."""
    order = call.account(trade.login).orders.get(trade.order)
    if order is None:
        return DealerModify(trade.login, trade.order, stop_loss, take_profit)
    return DealerModify(trade.login, trade.order, stop_loss, take_profit, order.price, order.limit_price, order.expires_at)


async def _modify_closed(call: Call, trade: MT4Trade, given: MT4TradeUpdate) -> None:
    for name in ("sl", "tp", "comment"):
        if _is_new(getattr(given, name), getattr(trade, name)):
            raise _denied(f"{name}: what is over stays as it was")
    digits = call.desk.groups[call.account(trade.login).group].currency_digits
    changes: dict[str, Minor] = {}
    for name in AMOUNTS:
        value, before = getattr(given, name), getattr(trade, name)
        if _is_new(value, before):
            changes[name] = money_of(value, digits, name) - money_of(before, digits, name)
    if not changes:
        return
    if trade.trade_command not in _AT_MARKET or trade.trade_record_state == TradeRecordState.Deleted:
        raise _denied("Only a closed position has amounts to correct; money that was moved is moved back by BrBalance")
    await call.submit(await _correction(call, trade, changes, digits))


async def _correction(call: Call, trade: MT4Trade, changes: Mapping[str, Minor], digits: int) -> BookBalance:
    amount = sum(changes.values())
    if not amount:
        raise _denied("The changes leave the balance as it is: there is nothing to book")
    rows = await call.sql(TradeHistory(call.history).bookings_under, trade.login, f"{PREFIX}{trade.order}/")
    before = corrections_in(rows).get(trade.order)
    external_id = external_id_of(trade.order, 1 if before is None else before.number + 1, changes)
    told = ", ".join(f"{name} {decimal_of(change, digits):+}" for name, change in changes.items())
    return BookBalance(trade.login, BalanceKind.CORRECTION, amount, external_id, f"#{trade.order}: {told}")


# Deleting and calling back.


@MT4.post("AdmTradesDelete", needs=Permission.TRADES_CORRECT, seconds=TRADE_SECONDS)
async def adm_trades_delete(call: Call, orders: list[Int32] | None = None) -> bool:
    """Delete pending orders. A list with anything else is refused whole: what was dealt and booked is not unwritten."""
    wanted = list(dict.fromkeys(orders or ()))
    if not wanted:
        raise invalid("orders", "is missing")
    owners = {ticket: await _owner_of_pending(call, ticket) for ticket in wanted}
    for ticket, login in owners.items():
        await call.submit(DealerCancel(login, ticket), part=str(ticket))
    return True


async def _owner_of_pending(call: Call, ticket: Ticket) -> int:
    """Return whose pending order this is, or was: a repeated call must find its first answer. Raises `Failure`."""
    account = book_of(call).tickets.owner(ticket)
    if account is not None and ticket in account.orders:
        return account.login
    trade = await trade_now(call, ticket)
    if trade is None:
        raise not_found(f"trade: {ticket}")
    if trade.trade_record_state == TradeRecordState.Deleted:
        return trade.login
    raise _denied(f"{ticket} is no pending order: close it by BrClose, and correct money by BrBalance")


@MT4.post("TradeClearRollback/{order}", needs=Permission.TRADES_DEAL, seconds=TRADE_SECONDS)
async def trade_clear_rollback(call: Call, order: Int32) -> bool:
    """Call back an order that waits for its group's execution delay. What is done is not undone, and asking is no error."""
    desk = call.desk
    login = desk.in_flight.get(order) or next((login for _, ticket, login in desk.due if ticket == order), None)
    travelling = None if login is None else desk.state.accounts[login].orders.get(order)
    if travelling is not None and travelling.state == OrderState.IN_FLIGHT:
        raise Failure(None, "The order is with the venue", manager=ResultCode.TradeOrderLocked)
    if login is not None and travelling is not None and travelling.type == OrderType.MARKET:
        await call.submit(DealerCancel(login, order))
    elif not 0 < order < desk.state.next_ticket:
        raise not_found("order")
    return True
