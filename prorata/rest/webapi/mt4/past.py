"""Trades that are over, from the tables of the history, which are a moment behind the engine."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from prorata.projections.history import History
from prorata.projections.rows import MarginEventKind, Page, Row
from prorata.projections.trade_corrections import EVENT_NUMBERS, PREFIX, corrections_in, is_correction
from prorata.projections.trade_history import TradeHistory
from prorata.rest.caught_up import caught_up
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import outcome_unknown, timed_out
from prorata.rest.webapi.mt4.trade_records import Past, number_of
from prorata.rest.webapi.schemas.mt4_trades import MT4Trade
from prorata.trading.desk import Desk
from prorata.units.numbers import Login, Moment

READ_AT_ONCE = 1_000

RowType = TypeVar("RowType", bound=Row)


async def up_to_date(call: Call) -> None:
    """Wait until the tables have everything that has happened up to now. Raises `Failure` if they stay behind."""
    if not await caught_up(call.platform):
        raise timed_out() if call.operation.reads else outcome_unknown()


async def past_trades(call: Call, login: Login, *, since: Moment | None = None, until: Moment | None = None) -> list[MT4Trade]:
    """Return what an account closed, booked and deleted within a span, in the order in which it happened."""
    return await call.sql(_past_trades, call.history, Past(call.desk, login), login, since, until)


def _past_trades(history: History, past: Past, login: Login, since: Moment | None, until: Moment | None) -> list[MT4Trade]:
    trades, span = TradeHistory(history), {"login": login, "since": since, "until": until}
    corrections = corrections_in(trades.bookings_under(login, PREFIX))
    found: list[tuple[int, MT4Trade]] = []
    for closing in trades.closings(login, since=since, until=until):
        found.append((closing.sequence, past.closed(closing, corrections.get(number_of(closing)))))
    for row in whole(history.balance_operations, **span):
        if not is_correction(row):
            found.append((row.sequence, past.booked(row)))
    for event in whole(history.margin_events, **span):
        if event.kind == MarginEventKind.NEGATIVE_BALANCE:
            found.append((event.sequence, past.covered(event)))
    for order in trades.orders_ended(login, since=since, until=until):
        found.append((order.last_sequence, past.ended(order)))
    found.sort(key=lambda one: one[0])
    return [trade for _, trade in found]


async def past_trade(call: Call, number: int) -> MT4Trade | None:
    """Return one trade that is over, by its order number; None if there is none."""
    return await call.sql(_past_trade, call.history, call.desk, number)


def _past_trade(history: History, desk: Desk, number: int) -> MT4Trade | None:
    trades = TradeHistory(history)
    if number < EVENT_NUMBERS:
        ended = trades.order_ended(number)
        if ended is not None:
            return Past(desk, ended.login).ended(ended)
        closing = next(iter(trades.closings_of_position(number)[-1:]), None)
    else:
        closing = trades.closing_at(number - EVENT_NUMBERS)
        if closing is None:
            return _moved(trades, desk, number - EVENT_NUMBERS)
    if closing is None or number_of(closing) != number:
        return None
    corrections = corrections_in(trades.bookings_under(closing.login, f"{PREFIX}{number}/"))
    return Past(desk, closing.login).closed(closing, corrections.get(number))


def _moved(trades: TradeHistory, desk: Desk, sequence: int) -> MT4Trade | None:
    """Return the movement of money that an event was."""
    booking = trades.booking_at(sequence)
    if booking is not None:
        return Past(desk, booking.login).booked(booking)
    event = trades.margin_event_at(sequence)
    if event is None or event.kind != MarginEventKind.NEGATIVE_BALANCE:
        return None
    return Past(desk, event.login).covered(event)


def whole(question: Callable[..., Page[RowType]], **filters: object) -> Iterator[RowType]:
    """Yield all rows of a list of the history, oldest first."""
    cursor: str | None = None
    while True:
        page = question(cursor=cursor, limit=READ_AT_ONCE, newest_first=False, **filters)
        yield from page.rows
        if page.cursor is None:
            return
        cursor = page.cursor
