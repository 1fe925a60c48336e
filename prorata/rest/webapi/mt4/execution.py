"""What came of an order: at once, or once its group's delay is over or the venue has answered.

A call that opens or closes is answered when that is done. What takes longer than the call's deadline goes on; asked again
with the same idempotency key, it is found among the orders that are awaited, or in the history.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from prorata.messages.commands import Command, OrderType
from prorata.messages.events import Dealt, OrderPlaced, Refused, Removal
from prorata.messages.refusals import Refusal
from prorata.projections.rows import OrderOutcome
from prorata.projections.trade_history import TradeHistory
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.errors import Failure, ResultCode, failure_of, outcome_unknown
from prorata.rest.webapi.mt4.past import up_to_date
from prorata.server.writer import Answer
from prorata.units.numbers import Points, Ticket, Volume
from prorata.units.rounding import div_half_even

AWAITED_SECONDS = 30.0


class Executed(msgspec.Struct, frozen=True):
    """What was dealt. `position`: the last one that was; 0 if nothing was, as when a pending order was placed.

    `price`: the average, in points. `placed`: the pending order, 0 if none was.
    """

    position: Ticket = 0
    volume: Volume = 0
    price: Points = 0
    placed: Ticket = 0


class Fill(msgspec.Struct, frozen=True):
    position: Ticket
    volume: Volume
    price: Points


End = tuple[list[Fill], list[Failure]]
"""what orders dealt, and why some ended before they had dealt all"""


async def executed(call: Call, command: Command) -> Executed:
    """Have a command done and return what it dealt, when that is over. Raises `Failure`."""
    answer = await call.submit(command)
    fills = [_fill_of(event) for event in answer.events if isinstance(event, Dealt)]
    placed = [event for event in answer.events if isinstance(event, OrderPlaced)]
    travelling = [order for order in placed if order.type == OrderType.MARKET]
    if travelling:
        later, reasons = await _ends_of(call, answer, travelling)
        fills += later
        if not fills and reasons:
            raise reasons[0]
    volume = sum(fill.volume for fill in fills)
    if not volume:
        return Executed(placed=placed[0].ticket if placed else 0)
    price = div_half_even(sum(fill.volume * fill.price for fill in fills), volume)
    return Executed(fills[-1].position, volume, price)


async def _ends_of(call: Call, answer: Answer, travelling: Sequence[OrderPlaced]) -> End:
    """Wait for orders to end, and return what came of them. Raises `Failure`."""
    book = call.house.book_of(call.platform)
    futures = [future for order in travelling if (future := book.end_of(order)) is not None]
    try:
        ends = await asyncio.wait_for(asyncio.gather(*map(asyncio.shield, futures)), AWAITED_SECONDS)
    except TimeoutError:
        raise outcome_unknown() from None
    if answer.repeated or len(futures) < len(travelling):
        return await _ends_in_history(call, travelling)  # A part may have been dealt before anybody listened.
    fills = [_fill_of(deal) for end in ends for deal in end.deals]
    removed = [end.removed for end in ends if end.removed is not None]
    return fills, [_reason(one.removal, one.code, one.detail) for one in removed]


async def _ends_in_history(call: Call, travelling: Sequence[OrderPlaced]) -> End:
    await up_to_date(call)
    fills: list[Fill] = []
    reasons: list[Failure] = []
    for placed in travelling:
        order = await call.sql(call.history.order, placed.ticket)
        assert order is not None, f"order {placed.ticket} was placed, and the history does not know it"
        deals = await call.sql(TradeHistory(call.history).deals_of_order, order)
        fills += [Fill(deal.position, deal.volume, deal.price) for deal in deals]
        if order.state >= OrderOutcome.CANCELLED:
            reasons.append(_reason(Removal(order.state - OrderOutcome.CANCELLED), order.code, order.detail))
    return fills, reasons


def _fill_of(deal: Dealt) -> Fill:
    return Fill(deal.position, deal.volume, deal.price)


def _reason(removal: Removal, code: Refusal | None, detail: str) -> Failure:
    if removal == Removal.CANCELLED:
        return Failure(None, "The order was called back", manager=ResultCode.TradeUserCancel)
    return failure_of(Refused(code or Refusal.VENUE_REJECTED, detail))
