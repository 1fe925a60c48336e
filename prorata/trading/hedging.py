"""The A-book: what the venue answers, what we hold there, and where the two books differ.

The client deals as the venue fills: after each fill, the client's part is the filled share of the order,
rounded down to the volume step, and all of it with the last fill. The hedge book's own result is between
the house and the venue, in the symbol's profit currency.
"""

from prorata.messages.commands import BUY, HedgeEnded, HedgeFilled, SettleBreak, Side, VenuePositions
from prorata.messages.events import (
    BreakFound,
    BreakSettled,
    HedgeBooked,
    HedgeClosed,
    Posting,
    PostingKind,
    Refused,
    Removal,
)
from prorata.messages.refusals import Refusal
from prorata.trading import deals, orders, routing
from prorata.trading.desk import Desk, refuse
from prorata.trading.markets import point_value
from prorata.trading.state import Account, Break, HedgePosition, Order
from prorata.trading.terms import Terms
from prorata.units.numbers import COST_MAX, PRICE_MAX, Minor, Points, Volume
from prorata.units.rounding import div_half_even


def hedge_filled(desk: Desk, command: HedgeFilled) -> Refused | None:
    """Book a fill of the venue, and the client's part of it. A repeated execution changes nothing."""
    found = _find(desk, command.order)
    if found is None:
        return refuse(Refusal.UNKNOWN_HEDGE_ORDER if command.order >= desk.state.next_ticket else Refusal.HEDGE_ORDER_DONE)
    account, order = found
    if command.execution in order.executions:
        return refuse(Refusal.HEDGE_ORDER_DONE, "this execution is booked")
    if command.volume <= 0 or not 0 < command.price <= PRICE_MAX:
        return refuse(Refusal.OUT_OF_RANGE)
    if order.hedge_filled + command.volume > order.hedge_volume:
        return refuse(Refusal.OVERFILLED)
    if not has_room(desk, order.symbol, order.volume, command.price):
        return refuse(Refusal.OUT_OF_RANGE)
    order.executions.append(command.execution)
    order.hedge_filled += command.volume
    desk.events.append(book_hedge(desk, order.ticket, order.symbol, order.side, command.volume, command.price))
    terms = desk.terms_of(account, order.symbol)
    _fill_client(desk, account, terms, order, command.price)
    if command.last or order.hedge_filled == order.hedge_volume:
        _finish(desk, account, terms, order, "" if order.filled == order.volume else "the venue filled in part")
    return None


def hedge_ended(desk: Desk, command: HedgeEnded) -> Refused | None:
    """The venue will not fill (any more): what is left of the order ends without a deal."""
    found = _find(desk, command.order)
    if found is None:
        return refuse(Refusal.UNKNOWN_HEDGE_ORDER if command.order >= desk.state.next_ticket else Refusal.HEDGE_ORDER_DONE)
    account, order = found
    _finish(desk, account, desk.terms_of(account, order.symbol), order, command.reason)
    return None


def _find(desk: Desk, ticket: int) -> tuple[Account, Order] | None:
    login = desk.in_flight.get(ticket)
    if login is None:
        return None
    account = desk.state.accounts[login]
    return account, account.orders[ticket]


def _fill_client(desk: Desk, account: Account, terms: Terms, order: Order, price: Points) -> None:
    """Deal the client's share of what the venue has filled so far, at the venue's price and the group's markup."""
    if order.hedge_filled == order.hedge_volume:
        reached = order.volume
    else:
        reached = order.volume * order.hedge_filled // order.hedge_volume
        reached = reached // terms.volume_step * terms.volume_step
    volume = reached - order.filled
    if volume <= 0:
        return
    order.filled = reached
    hedged = order.hedge_filled - order.hedge_dealt
    order.hedge_dealt = order.hedge_filled
    position = account.positions.get(order.position) if order.position else None
    if position is not None:
        position.in_flight -= volume
    marked_up = price + terms.markup_ask if order.side is BUY else price - terms.markup_bid
    deals.fill(desk, account, terms, order, volume, marked_up, hedged)


def _finish(desk: Desk, account: Account, terms: Terms, order: Order, reason: str) -> None:
    routing.release(desk, account, order)
    desk.events.append(HedgeClosed(order.ticket, order.hedge_filled, reason))
    if order.filled < order.volume:
        desk.events.append(orders.removed(account, order, Removal.VENUE, Refusal.VENUE_REJECTED, reason))
    deals.wait_again(account, terms, order)
    desk.uneasy.append(account)


def book_hedge(desk: Desk, ticket: int, symbol: str, side: Side, volume: Volume, price: Points) -> HedgeBooked:
    """Enter a fill of the venue into our hedge book. The caller has checked that there `has_room`."""
    signed = volume if side is BUY else -volume
    postings = _move(desk, symbol, signed, price)
    hedge = desk.state.hedges[symbol]
    return HedgeBooked(ticket, symbol, side, volume, price, hedge.volume, postings)


def has_room(desk: Desk, symbol: str, volume: Volume, price: Points) -> bool:
    """Say whether the hedge book's cost stays a number that can be kept."""
    hedge = desk.state.hedges.get(symbol)
    return (abs(hedge.cost) if hedge is not None else 0) + abs(volume) * price <= COST_MAX


def _move(desk: Desk, symbol: str, signed: Volume, price: Points) -> tuple[Posting, ...]:
    """Add a signed volume to the hedge book; what it closes is realised between the house and the venue."""
    hedge = desk.state.hedges.setdefault(symbol, HedgePosition())
    profit = 0
    if hedge.volume * signed < 0:
        closing = min(abs(hedge.volume), abs(signed))
        cost = hedge.cost if closing == abs(hedge.volume) else div_half_even(hedge.cost * closing, abs(hedge.volume))
        proceeds = closing * price if hedge.volume > 0 else -closing * price
        profit = _in_profit_currency(desk, symbol, proceeds - cost)
        hedge.cost -= cost
        hedge.volume += closing if hedge.volume < 0 else -closing
        signed += closing if signed < 0 else -closing
    hedge.volume += signed
    hedge.cost += signed * price
    return _settle_with_venue(desk, symbol, profit)


def _in_profit_currency(desk: Desk, symbol: str, moved: int) -> Minor:
    numerator, denominator = point_value(desk.state.symbols[symbol])
    return div_half_even(moved * numerator, denominator)


def _settle_with_venue(desk: Desk, symbol: str, profit: Minor) -> tuple[Posting, ...]:
    if not profit:
        return ()
    currency = desk.state.symbols[symbol].profit_currency
    desk.book_house("house/hedge", currency, profit)
    desk.book_house("venue", currency, -profit)
    if profit > 0:
        return (Posting("venue", "house/hedge", profit, currency, PostingKind.HEDGE),)
    return (Posting("house/hedge", "venue", -profit, currency, PostingKind.HEDGE),)


def take_venue_positions(desk: Desk, command: VenuePositions) -> None:
    """Compare the venue's positions with our hedge book. Symbols with an order in flight are left for the next report."""
    theirs = {position.symbol: position.volume for position in command.positions}
    ours = {symbol: hedge.volume for symbol, hedge in desk.state.hedges.items()}
    travelling = {desk.state.accounts[login].orders[ticket].symbol for ticket, login in desk.in_flight.items()}
    travelling.update(desk.elsewhere.values())
    for symbol in sorted(theirs.keys() | ours.keys()):
        if symbol in travelling or symbol not in desk.state.symbols:
            continue
        our, their = ours.get(symbol, 0), theirs.get(symbol, 0)
        known = desk.state.breaks.get(symbol)
        if our == their:
            desk.state.breaks.pop(symbol, None)
        elif known is None or (known.ours, known.theirs) != (our, their):
            desk.state.breaks[symbol] = Break(our, their, command.venue, desk.now)
            desk.events.append(BreakFound(symbol, our, their, command.venue))


def settle_break(desk: Desk, command: SettleBreak) -> Refused | None:
    """Bring our hedge book to the venue's figure at the dealer's price."""
    found = desk.state.breaks.get(command.symbol)
    if found is None:
        return refuse(Refusal.UNKNOWN_BREAK)
    difference = found.theirs - found.ours
    if not 0 < command.price <= PRICE_MAX or not has_room(desk, command.symbol, difference, command.price):
        return refuse(Refusal.OUT_OF_RANGE)
    # Both books may have moved on since the break was found; the difference has not.
    hedge = desk.state.hedges.get(command.symbol)
    ours = hedge.volume if hedge is not None else 0
    postings = _move(desk, command.symbol, difference, command.price)
    del desk.state.breaks[command.symbol]
    desk.events.append(BreakSettled(command.symbol, ours, ours + difference, command.price, command.comment, postings))
    return None
