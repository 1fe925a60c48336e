"""Changing and closing positions, on the client's word or, where both do the same, on the dealer's."""

from prorata.messages.commands import BUY, Access, CloseAll, CloseBy, ClosePosition, ModifyPosition, OrderType, ReversePosition
from prorata.messages.dealer_commands import DealerCloseAll, DealerCloseBy
from prorata.messages.events import OrderRemoved, PositionModified, Reason, Refused, Removal
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import TradeMode
from prorata.trading import checks, deals, routing
from prorata.trading.desk import Desk, follow, refuse, wait_for_position
from prorata.trading.equity import can_afford
from prorata.trading.orders import money_needed
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import Login, Points, Ticket, Volume

FULL, DISABLED = Access.FULL, TradeMode.DISABLED
CLIENT, DEALER = Reason.CLIENT, Reason.DEALER

Found = tuple[Account, Position, Terms]


def find(desk: Desk, login: Login, ticket: Ticket, *, by_dealer: bool = False) -> Found | Refusal:
    """Return the account, its position and the position's terms, or why they may not be touched."""
    account = desk.state.accounts.get(login)
    if account is None:
        return Refusal.UNKNOWN_ACCOUNT
    if account.access is not FULL and not by_dealer:
        refusal = checks.check_account(account)
        if refusal is not None:
            return refusal
    position = account.positions.get(ticket)
    if position is None:
        return Refusal.UNKNOWN_POSITION
    return account, position, desk.groups[account.group].terms[position.symbol]


def modify_position(desk: Desk, command: ModifyPosition) -> Refused | None:
    """Set or remove stop loss, take profit and trailing distance. A trailing stop starts from the present price."""
    found = find(desk, command.login, command.ticket)
    if not isinstance(found, tuple):
        return refuse(found)
    account, position, terms = found
    refusal = _check_modify(desk, terms, position, command)
    if refusal is not None:
        return refuse(refusal)
    set_stops(desk, account, terms, position, command.stop_loss, command.take_profit, command.trailing)
    return None


def set_stops(
    desk: Desk,
    account: Account,
    terms: Terms,
    position: Position,
    stop_loss: Points,
    take_profit: Points,
    trailing: Points,
) -> None:
    """Give a position its stops and tell of it. The caller has checked that it may have them."""
    position.stop_loss, position.take_profit, position.trailing = stop_loss, take_profit, trailing
    if trailing:
        follow(terms, position)
    wait_for_position(terms, position, account.login)
    tell_stops(desk, account, position)


def _check_modify(desk: Desk, terms: Terms, position: Position, command: ModifyPosition) -> Refusal | None:
    market = terms.bid if position.side is BUY else terms.ask
    same = (position.stop_loss, position.take_profit, position.trailing) == (
        command.stop_loss,
        command.take_profit,
        command.trailing,
    )
    return (
        checks.check_market(desk, terms)
        or checks.check_range(command.stop_loss, command.take_profit, command.trailing)
        or checks.check_stops(
            terms,
            position.side,
            market,
            stop_loss=command.stop_loss if command.stop_loss != position.stop_loss else 0,
            take_profit=command.take_profit if command.take_profit != position.take_profit else 0,
            trailing=command.trailing,
        )
        or checks.check_frozen(terms, market, position.stop_loss, position.take_profit)
        or (Refusal.NOTHING_TO_CHANGE if same else None)
        or checks.check_tick(terms, command.stop_loss, command.take_profit)
    )


def tell_stops(desk: Desk, account: Account, position: Position) -> None:
    desk.events.append(
        PositionModified(
            position.ticket, account.login, position.symbol, position.stop_loss, position.take_profit, position.trailing
        )
    )


def close_position(desk: Desk, command: ClosePosition) -> Refused | None:
    """Close all or part of a position at the market."""
    found = find(desk, command.login, command.ticket)
    if not isinstance(found, tuple):
        return refuse(found)
    account, position, terms = found
    volume = command.volume or position.volume
    refusal = _check_close(desk, account, terms, position, volume, command.price, command.deviation)
    if refusal is not None:
        return refuse(refusal)
    routing.close_at_market(desk, account, terms, position, volume, CLIENT, "", command.deviation, command.price)
    return None


def _check_close(
    desk: Desk, account: Account, terms: Terms, position: Position, volume: Volume, price: Points = 0, deviation: Points = -1
) -> Refusal | None:
    return (
        (Refusal.SYMBOL_DISABLED if terms.trade_mode is DISABLED else None)
        or (None if desk.now < terms.deals_until else checks.check_market(desk, terms))
        or (checks.check_moved(terms, routing.opposite(position.side), price, deviation) if price else None)
        or (checks.check_in_flight(account, terms, position) if position.in_flight or not terms.hedging else None)
        or (checks.check_closing_volume(terms, volume, position.volume) if volume != position.volume else None)
    )


def close_all(desk: Desk, command: CloseAll | DealerCloseAll) -> Refused | None:
    """Close every position, or those of one symbol, oldest first. What cannot be closed is named and stays."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    by_dealer = isinstance(command, DealerCloseAll)
    refusal = None if by_dealer else checks.check_account(account)
    if refusal is not None:
        return refuse(refusal)
    chosen = [p for p in account.positions.values() if not command.symbol or p.symbol == command.symbol]
    if not chosen:
        return refuse(Refusal.NOTHING_TO_CLOSE)
    terms = desk.groups[account.group].terms
    reasons = [_check_close(desk, account, terms[p.symbol], p, p.volume) for p in chosen]
    if all(reason is not None for reason in reasons):
        return refuse(next(reason for reason in reasons if reason is not None))
    for position, reason in zip(chosen, reasons, strict=True):
        if reason is None:
            by = DEALER if by_dealer else CLIENT
            routing.close_at_market(desk, account, terms[position.symbol], position, position.volume, by, "")
        else:
            desk.events.append(
                OrderRemoved(position.ticket, account.login, position.symbol, Removal.REFUSED, reason, "stays open")
            )
    return None


def close_by(desk: Desk, command: CloseBy | DealerCloseBy) -> Refused | None:
    """Close two opposite positions against each other: the second at the first one's open price, so no spread is paid."""
    by_dealer = isinstance(command, DealerCloseBy)
    found = find(desk, command.login, command.ticket, by_dealer=by_dealer)
    other = find(desk, command.login, command.by_ticket, by_dealer=by_dealer)
    if not isinstance(found, tuple):
        return refuse(found)
    if not isinstance(other, tuple):
        return refuse(other)
    account, position, terms = found
    by = other[1]
    refusal = _check_close_by(desk, terms, position, by)
    if refusal is not None:
        return refuse(refusal)
    volume, price = min(position.volume, by.volume), position.open_price
    # Nothing is done at the venue, so both give up the same hedge: all of the one that is closed, out of the other.
    # Two that are closed whole may leave a difference in the hedge book; it is the house's.
    released = [part.hedged if part.volume == volume else min(position.hedged, by.hedged) for part in (position, by)]
    for part, hedged in zip((position, by), released, strict=True):
        order = desk.issue_ticket()
        deals.leave(desk, account, terms, part, volume, price, order, Reason.CLOSE_BY, "", hedged)
    return None


def _check_close_by(desk: Desk, terms: Terms, position: Position, by: Position) -> Refusal | None:
    if not terms.hedging:
        return Refusal.HEDGING_ONLY
    if position.symbol != by.symbol or position.side == by.side:
        return Refusal.NOT_OPPOSITE
    refusal = checks.check_market(desk, terms)
    if refusal is not None:
        return refusal
    return Refusal.POSITION_IN_FLIGHT if position.in_flight or by.in_flight else None


def reverse_position(desk: Desk, command: ReversePosition) -> Refused | None:
    """Close a position and open the same volume on the other side, both or neither."""
    found = find(desk, command.login, command.ticket)
    if not isinstance(found, tuple):
        return refuse(found)
    account, position, terms = found
    side, volume = routing.opposite(position.side), position.volume
    holding = account.holdings.get(terms.name)
    refusal = (
        (Refusal.CLOSE_ONLY_ACCOUNT if account.access == Access.CLOSE_ONLY else None)
        or (Refusal.SYMBOL_NOT_IN_GROUP if not terms.enabled else None)
        or checks.check_mode(terms, side)
        or _check_close(desk, account, terms, position, volume)
        or checks.check_volume(terms, volume)
        or checks.check_side(terms, holding, side, volume)
    )
    if refusal is not None:
        return refuse(refusal)
    price = routing.price_for(terms, side)
    priced, needed, reserved, _ = money_needed(account, terms, holding, side, volume, price)
    if needed > 0 and not can_afford(desk, account, terms.group, needed):
        return refuse(Refusal.NOT_ENOUGH_FREE_MARGIN)
    comment = position.comment
    routing.close_at_market(desk, account, terms, position, volume, CLIENT, comment)
    order = Order(
        desk.issue_ticket(), terms.name, side, OrderType.MARKET, volume, OrderState.PENDING, desk.now, CLIENT,
        comment=comment,
    )  # fmt: skip
    routing.execute(desk, account, terms, order, reserved, priced)
    return None
