"""Where an order is executed: at our quote (B-book), later (execution delay), or at the venue (A-book).

An order of which any part goes to the venue waits as a whole for the venue, and its client gets the
venue's price. Its margin is reserved before it is sent (decision D11).
"""

from heapq import heappush

from prorata.messages.commands import BUY, SELL, OrderType, Side
from prorata.messages.events import HedgeRequested, OrderPlaced, Reason
from prorata.trading import checks, deals
from prorata.trading.charges import Priced
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import Minor, Points, Volume


def opposite(side: Side) -> Side:
    return SELL if side is BUY else BUY


def price_for(terms: Terms, side: Side) -> Points:
    """Return the price at which the group deals on `side` now."""
    return terms.ask if side is BUY else terms.bid


def execute(desk: Desk, account: Account, terms: Terms, order: Order, reserved: Minor, priced: Priced | None = None) -> None:
    """Execute a market order: after the group's delay if it has one, else now.

    `reserved`: margin to hold meanwhile. `priced`: a deal at the present price, if it was worked out.
    """
    if terms.delay_ms and order.reason == Reason.CLIENT:
        order.state = OrderState.DELAYED
        order.due_at = desk.now + terms.delay_ms
        _hold(desk, account, order, reserved)
        announce(desk, account, order)
        heappush(desk.due, (order.due_at, order.ticket, account.login))
        return
    send(desk, account, terms, order, reserved, priced)


def send(
    desk: Desk, account: Account, terms: Terms, order: Order, reserved: Minor, priced: Priced | None = None, *,
    known: bool = False,
) -> None:  # fmt: skip
    """Deal at our quote, or hand the order to the venue if a part of it is for the A-book. `known`: it was announced before."""
    hedge = hedge_volume(account, terms, order)
    if not hedge:
        deals.fill(desk, account, terms, order, order.volume, price_for(terms, order.side), 0, priced)
        return
    order.state = OrderState.IN_FLIGHT
    order.hedge_volume = hedge
    order.sent_at = desk.now
    _hold(desk, account, order, reserved)
    if not known:
        announce(desk, account, order)
    desk.in_flight[order.ticket] = account.login
    desk.events.append(HedgeRequested(order.ticket, account.login, terms.name, order.side, hedge))


def _hold(desk: Desk, account: Account, order: Order, reserved: Minor) -> None:
    order.reserved = reserved
    account.reserved += reserved
    if order.position:
        account.positions[order.position].in_flight += order.volume
    account.orders[order.ticket] = order


def announce(desk: Desk, account: Account, order: Order) -> None:
    desk.events.append(
        OrderPlaced(
            order.ticket, account.login, order.symbol, order.side, order.type, order.volume, order.price,
            order.limit_price, order.stop_loss, order.take_profit, order.trailing, order.expires_at, order.comment,
            order.reason, order.position,
        )
    )  # fmt: skip


def release(desk: Desk, account: Account, order: Order) -> None:
    """Take an order that is done from the books of those that wait, with all that it holds."""
    del account.orders[order.ticket]
    desk.in_flight.pop(order.ticket, None)
    account.reserved -= order.reserved
    position = account.positions.get(order.position)
    if position is not None and order.state != OrderState.PENDING:
        position.in_flight -= order.volume - order.filled


def hedge_volume(account: Account, terms: Terms, order: Order) -> Volume:
    """Return the part of an order that goes to the venue, rounded down to the symbol's volume step.

    What opens is hedged by the group's A-book share; what closes gives back what was hedged for it.
    """
    position = account.positions.get(order.position) if order.position else None
    if position is not None and position.hedged <= 0:
        return 0
    if position is None and not terms.hedging:
        position = deals.position_in(account, terms.name)
        if position is not None and position.side == order.side:
            position = None
    if position is None:
        return _stepped(terms, order.volume * terms.a_book_percent // 100) if terms.a_book_percent else 0
    closing = min(order.volume, position.volume)
    rest = position.volume - closing
    hedged = max(0, position.hedged)
    given_back = hedged - _stepped(terms, hedged * rest // position.volume)
    return given_back + _stepped(terms, (order.volume - closing) * terms.a_book_percent // 100)


def _stepped(terms: Terms, volume: Volume) -> Volume:
    return volume // terms.volume_step * terms.volume_step


def closable(desk: Desk, account: Account) -> list[Position]:
    """Return the positions that can be closed now: their market is open, and nothing of them travels. Oldest first."""
    terms = desk.groups[account.group].terms
    return [
        position
        for position in account.positions.values()
        if desk.markets[position.symbol].is_open(desk.now)
        and checks.check_in_flight(account, terms[position.symbol], position) is None
    ]


def close_at_market(
    desk: Desk, account: Account, terms: Terms, position: Position, volume: Volume, reason: Reason, comment: str,
    deviation: Points = -1, price: Points = 0,
) -> None:  # fmt: skip
    """Close `volume` of a position with a market order of its own. The caller has checked that it may."""
    if position.hedged <= 0 and not terms.delay_ms:
        state, quote = desk.state, terms.quote
        ticket = state.next_ticket  # as `Desk.issue_ticket`
        state.next_ticket = ticket + 1
        at = quote.bid - terms.markup_bid if position.side is BUY else quote.ask + terms.markup_ask
        deals.leave(desk, account, terms, position, volume, at, ticket, reason, comment, 0)
        return
    order = Order(
        ticket=desk.issue_ticket(),
        symbol=position.symbol,
        side=opposite(position.side),
        type=OrderType.MARKET,
        volume=volume,
        state=OrderState.PENDING,
        placed_at=desk.now,
        reason=reason,
        price=price,
        deviation=deviation,
        comment=comment,
        position=position.ticket,
    )
    execute(desk, account, terms, order, 0)
