"""What a dealer does by hand: at his own price, on accounts that may not trade, at hours when nobody may (dealing.md).

A deal at the dealer's price is the house's own: nothing goes to the venue. So what is hedged there is not closed this way;
the hedge would stay behind with nobody to close it.
"""

from prorata.messages.commands import BUY, OrderType, PlaceOrder, Side
from prorata.messages.dealer_commands import (
    DealerActivate,
    DealerCancel,
    DealerClose,
    DealerComment,
    DealerModify,
    DealerOpen,
)
from prorata.messages.events import CommentChanged, Reason, Refused, Removal
from prorata.messages.refusals import Refusal
from prorata.trading import checks, deals, orders, positions, routing
from prorata.trading.desk import Desk, refuse
from prorata.trading.equity import can_afford
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import Login, Points, Ticket

DEALER = Reason.DEALER


def dealer_open(desk: Desk, command: DealerOpen) -> Refused | None:
    """Open a position at the dealer's price, or at the market's."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    terms = desk.groups[account.group].terms.get(command.symbol)
    if terms is None:
        return refuse(Refusal.UNKNOWN_SYMBOL)
    refusal = (
        (None if terms.enabled else Refusal.SYMBOL_NOT_IN_GROUP)
        or _check_price(desk, terms, command.price)
        or checks.check_volume(terms, command.volume)
        or checks.check_range(command.stop_loss, command.take_profit)
        or _check_stops(terms, command.side, command.stop_loss, command.take_profit)
        or checks.check_tick(terms, command.price, command.stop_loss, command.take_profit)
        or checks.check_room(terms, account)
        or checks.check_side(terms, account.holdings.get(terms.name), command.side, command.volume)
    )
    if refusal is not None:
        return refuse(refusal)
    order = Order(
        0, terms.name, command.side, OrderType.MARKET, command.volume, OrderState.PENDING, desk.now, DEALER,
        stop_loss=command.stop_loss, take_profit=command.take_profit, comment=command.comment,
    )  # fmt: skip
    return _deal(desk, account, terms, order, command.price)


def _deal(desk: Desk, account: Account, terms: Terms, order: Order, own_price: Points) -> Refused | None:
    """Deal an order, new (ticket 0) or pending, whole and in the house's book, if the account can pay for it."""
    price = own_price or routing.price_for(terms, order.side)
    refusal = _check_netting(account, terms, order.side)
    if refusal is not None:
        return refuse(refusal)
    holding = account.holdings.get(terms.name)
    priced, needed, _, _ = orders.money_needed(account, terms, holding, order.side, order.volume, price)
    if needed > 0 and not can_afford(desk, account, terms.group, needed):
        return refuse(Refusal.NOT_ENOUGH_FREE_MARGIN)
    if order.ticket:
        routing.release(desk, account, order)
    else:
        order.ticket = desk.issue_ticket()
    order.reason = DEALER
    deals.fill(desk, account, terms, order, order.volume, price, 0, priced)
    return None


def _check_price(desk: Desk, terms: Terms, price: Points) -> Refusal | None:
    """Is there a market to deal at, or is the dealer's own price one at which everything can be reckoned?"""
    if not price:
        return checks.check_market(desk, terms)
    refusal = checks.check_quotes(terms)
    if refusal is not None:
        return refusal
    return None if 0 < price <= terms.quote.cap else Refusal.OUT_OF_RANGE


def _check_stops(terms: Terms, side: Side, stop_loss: Points, take_profit: Points) -> Refusal | None:
    reference = terms.bid if side is BUY else terms.ask
    return checks.check_stops(terms, side, reference, stop_loss=stop_loss, take_profit=take_profit, trailing=0)


def _check_netting(account: Account, terms: Terms, side: Side) -> Refusal | None:
    """A netting position that travels takes no other deal; one that is hedged is not made smaller in the house's book."""
    if terms.hedging:
        return None
    held = deals.position_in(account, terms.name)
    if held is None:
        return None
    if held.hedged > 0 and held.side != side:
        return Refusal.POSITION_HEDGED
    return checks.check_in_flight(account, terms, held)


def dealer_close(desk: Desk, command: DealerClose) -> Refused | None:
    """Close all or part of a position at the dealer's price, or at the market's."""
    found = positions.find(desk, command.login, command.ticket, by_dealer=True)
    if isinstance(found, Refusal):
        return refuse(found)
    account, position, terms = found
    volume, price = command.volume or position.volume, command.price
    refusal = (
        _check_price(desk, terms, price)
        or checks.check_in_flight(account, terms, position)
        or (Refusal.POSITION_HEDGED if price and position.hedged > 0 else None)
        or checks.check_closing_volume(terms, volume, position.volume)
        or checks.check_tick(terms, price)
    )
    if refusal is not None:
        return refuse(refusal)
    if price:
        order = desk.issue_ticket()
        deals.leave(desk, account, terms, position, volume, price, order, DEALER, command.comment, 0)
    else:
        routing.close_at_market(desk, account, terms, position, volume, DEALER, command.comment)
    return None


def dealer_modify(desk: Desk, command: DealerModify) -> Refused | None:
    """Set the stops of a position, or price, stops and expiry of a pending order."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    position = account.positions.get(command.ticket)
    if position is not None:
        return _modify_position(desk, account, position, command)
    order = account.orders.get(command.ticket)
    if order is None or order.state != OrderState.PENDING:
        return refuse(Refusal.UNKNOWN_ORDER)
    return _modify_order(desk, account, order, command)


def _modify_position(desk: Desk, account: Account, position: Position, command: DealerModify) -> Refused | None:
    terms = desk.terms_of(account, position.symbol)
    stop_loss, take_profit = command.stop_loss, command.take_profit
    new_stop = stop_loss if stop_loss != position.stop_loss else 0
    new_profit = take_profit if take_profit != position.take_profit else 0
    refusal = (
        (Refusal.OUT_OF_RANGE if command.price or command.limit_price or command.expires_at else None)
        or checks.check_quotes(terms)
        or checks.check_range(stop_loss, take_profit)
        or _check_stops(terms, position.side, new_stop, new_profit)
        or (Refusal.NOTHING_TO_CHANGE if (stop_loss, take_profit) == (position.stop_loss, position.take_profit) else None)
        or checks.check_tick(terms, stop_loss, take_profit)
    )
    if refusal is not None:
        return refuse(refusal)
    positions.set_stops(desk, account, terms, position, stop_loss, take_profit, position.trailing)
    return None


def _modify_order(desk: Desk, account: Account, order: Order, command: DealerModify) -> Refused | None:
    terms = desk.terms_of(account, order.symbol)
    new = PlaceOrder(
        account.login, order.symbol, order.side, order.volume, order.type, command.price, command.limit_price, -1,
        command.stop_loss, command.take_profit, order.trailing, command.expires_at,
    )  # fmt: skip
    refusal = (
        checks.check_quotes(terms)
        or orders.check_prices(terms, new)
        or (Refusal.EXPIRY_IN_PAST if command.expires_at and command.expires_at <= desk.now else None)
        or (Refusal.NOTHING_TO_CHANGE if orders.is_as_wished(order, new) else None)
    )
    if refusal is not None:
        return refuse(refusal)
    orders.change(desk, account, order, new)
    return None


def dealer_cancel(desk: Desk, command: DealerCancel) -> Refused | None:
    """Remove an order that is not with the venue; what it was to close is free again."""
    found = _waiting(desk, command.login, command.ticket)
    if isinstance(found, Refusal):
        return refuse(found)
    account, order = found
    terms, travelled = desk.terms_of(account, order.symbol), order.state == OrderState.DELAYED
    orders.remove(desk, account, order, Removal.CANCELLED)
    if travelled:
        deals.wait_again(account, terms, order)
        desk.uneasy.append(account)
    return None


def _waiting(desk: Desk, login: Login, ticket: Ticket) -> tuple[Account, Order] | Refusal:
    account = desk.state.accounts.get(login)
    if account is None:
        return Refusal.UNKNOWN_ACCOUNT
    order = account.orders.get(ticket)
    if order is None:
        return Refusal.UNKNOWN_ORDER
    return Refusal.POSITION_IN_FLIGHT if order.state == OrderState.IN_FLIGHT else (account, order)


def dealer_activate(desk: Desk, command: DealerActivate) -> Refused | None:
    """Execute a pending order now, at the dealer's price or at the market's. If it cannot be, it stays as it is."""
    found = _waiting(desk, command.login, command.ticket)
    if isinstance(found, Refusal):
        return refuse(found)
    account, order = found
    if order.state != OrderState.PENDING:
        return refuse(Refusal.UNKNOWN_ORDER)
    terms = desk.terms_of(account, order.symbol)
    refusal = (
        _check_price(desk, terms, command.price)
        or checks.check_tick(terms, command.price)
        or checks.check_side(terms, account.holdings.get(terms.name), order.side, order.volume)
    )
    if refusal is not None:
        return refuse(refusal)
    return _deal(desk, account, terms, order, command.price)


def dealer_comment(desk: Desk, command: DealerComment) -> Refused | None:
    """Change the comment of what is open."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    held = account.positions.get(command.ticket) or account.orders.get(command.ticket)
    if held is None:
        return refuse(Refusal.UNKNOWN_POSITION)
    if held.comment == command.comment:
        return refuse(Refusal.NOTHING_TO_CHANGE)
    held.comment = command.comment
    desk.events.append(CommentChanged(command.ticket, account.login, held.symbol, command.comment))
    return None
