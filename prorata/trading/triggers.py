"""What a quote sets off: pending orders, stop loss, take profit, trailing stops, margin call and stop-out.

All of them deal at the market as it now is: through a gap, that is the gap's price. Within one quote the
older ticket goes first; accounts are valued after that, lowest login first.
"""

from heapq import heappop

from prorata.messages.commands import BUY, OrderType, Quotes
from prorata.messages.events import Reason, Removal
from prorata.messages.refusals import Refusal
from prorata.trading import checks, configure, deals, guard, levels, orders, routing
from prorata.trading.desk import Desk, follow, wait_for_order, wait_for_position, waits_below
from prorata.trading.equity import can_afford
from prorata.trading.markets import Market
from prorata.trading.positions import tell_stops
from prorata.trading.state import Account, Holding, Order, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import PRICE_MAX, Points
from prorata.units.rounding import div_floor

LEAP_MAX = 10


def take_quotes(desk: Desk, command: Quotes) -> None:
    """Enter new quotes one by one; each has its effects before the next is seen.

    Unknown symbols and absurd prices are passed over.
    """
    markets, now = desk.markets, desk.now
    for new in command.quotes:
        market = markets.get(new.symbol)
        bid, ask = new.bid, new.ask
        if market is None or not 0 < bid <= ask <= PRICE_MAX:
            continue
        quote = market.quote
        if ask > quote.cap or bid * LEAP_MAX < quote.bid:
            if not _is_reckonable(desk, market, bid, ask):
                continue
        quote.bid = bid
        quote.ask = ask
        quote.at = now
        if market.bid_down < bid < market.bid_up and market.ask_down < ask < market.ask_up:
            continue
        if market.is_new:
            _take_first_quote(desk, market)
            markets = desk.markets
        elif market.is_open(now):
            stir(desk, market)
        else:
            revalue(desk, market)


def _is_reckonable(desk: Desk, market: Market, bid: Points, ask: Points) -> bool:
    """Say whether a price far from what was seen may be taken, and raise the cap if so.

    A leap to ten times the last price, or to a tenth, is an error of the feed; so is a price at which the worth of
    what some account holds would leave int64.
    """
    quote = market.quote
    if quote.bid and (bid * LEAP_MAX < quote.bid or ask > quote.ask * LEAP_MAX):
        return False
    most = max(
        (
            max(account.holdings[market.name].long_volume, account.holdings[market.name].short_volume)
            for account in desk.state.accounts.values()
            if market.name in account.holdings
        ),
        default=0,
    )
    if most * ask > market.cost_max:
        return False
    quote.cap = max(ask, min(2 * ask, div_floor(market.cost_max, most) if most else 2 * ask, PRICE_MAX))
    return True


def _take_first_quote(desk: Desk, market: Market) -> None:
    """Let amounts be converted through a symbol from its first quote on, where that is the better route."""
    market.is_new = False
    market.find_nearest()
    desk.rates += 1
    if desk.are_routes_changed():
        configure.rebuild(desk)
        levels.settle(desk)


def stir(desk: Desk, market: Market) -> None:
    """Wake everything that waited for the newest quote."""
    for ticket, login in market.take_reached():
        account = desk.state.accounts[login]
        terms = desk.groups[account.group].terms[market.name]
        order = account.orders.get(ticket)
        position = account.positions.get(ticket)
        if order is not None and order.state == OrderState.PENDING:
            _reach_order(desk, account, terms, order)
        elif position is not None:
            _reach_position(desk, account, terms, position)
    revalue(desk, market)


def revalue(desk: Desk, market: Market) -> None:
    """Value the accounts that the newest quote may have brought to a line; while the market is closed too."""
    for account in guard.take_unguarded(desk, market):
        levels.look(desk, account, market)
    market.find_nearest()
    if desk.uneasy:
        levels.settle(desk)


def _reach_order(desk: Desk, account: Account, terms: Terms, order: Order) -> None:
    price = routing.price_for(terms, order.side)
    reached = price <= order.price if waits_below(order) else price >= order.price
    if not reached or orders.check_not_closing(account, terms) is not None:
        wait_for_order(terms, order, account.login)
        return
    if order.type == OrderType.STOP_LIMIT:
        order.type, order.price, order.limit_price = OrderType.LIMIT, order.limit_price, 0
        orders.tell_modified(desk, account, order)
        _reach_order(desk, account, terms, order)
        return
    activate(desk, account, terms, order)


def activate(desk: Desk, account: Account, terms: Terms, order: Order) -> None:
    """Execute a pending or delayed order now, or remove it with the reason why it cannot be."""
    holding = account.holdings.get(terms.name)
    refusal = _check_activate(desk, account, terms, holding, order)
    reserved = 0
    if refusal is None and not order.position:
        price = routing.price_for(terms, order.side)
        _, needed, reserved, _ = orders.money_needed(account, terms, holding, order.side, order.volume, price)
        if needed > 0 and not can_afford(desk, account, terms.group, needed - order.reserved):
            refusal = Refusal.NOT_ENOUGH_FREE_MARGIN
    if refusal is not None:
        orders.remove(desk, account, order, Removal.REFUSED, refusal)
    else:
        routing.release(desk, account, order)
        if order.state == OrderState.PENDING:
            order.reason = Reason.PENDING
        order.state = OrderState.PENDING
        routing.send(desk, account, terms, order, reserved, known=True)
    if order.position or not terms.hedging:
        deals.wait_again(account, terms, order)
        desk.uneasy.append(account)


def _check_activate(desk: Desk, account: Account, terms: Terms, holding: Holding | None, order: Order) -> Refusal | None:
    delayed = order.state == OrderState.DELAYED
    if order.position:
        return checks.check_market(desk, terms) or checks.check_moved(terms, order.side, order.price, order.deviation)
    return (
        checks.check_account(account)
        or (Refusal.CLOSE_ONLY_ACCOUNT if account.access == 1 else None)
        or checks.check_mode(terms, order.side)
        or checks.check_market(desk, terms)
        or (checks.check_moved(terms, order.side, order.price, order.deviation) if delayed else None)
        or checks.check_side(terms, holding, order.side, order.volume)
    )


def _reach_position(desk: Desk, account: Account, terms: Terms, position: Position) -> None:
    if checks.check_in_flight(account, terms, position) is not None:
        return  # Its stops wait again once the venue has answered.
    price = terms.bid if position.side is BUY else terms.ask
    direction = 1 if position.side is BUY else -1
    if position.stop_loss and (price - position.stop_loss) * direction <= 0:
        routing.close_at_market(desk, account, terms, position, position.volume, Reason.STOP_LOSS, position.comment)
    elif position.take_profit and (price - position.take_profit) * direction >= 0:
        routing.close_at_market(desk, account, terms, position, position.volume, Reason.TAKE_PROFIT, position.comment)
    elif position.trailing and follow(terms, position):
        wait_for_position(terms, position, account.login)
        tell_stops(desk, account, position)


def take_due(desk: Desk) -> None:
    """Execute delayed orders whose time has come and remove expired ones, earliest first."""
    while desk.due and desk.due[0][0] <= desk.now:
        moment, ticket, login = heappop(desk.due)
        account = desk.state.accounts[login]
        order = account.orders.get(ticket)
        if order is None:
            continue
        if order.state == OrderState.DELAYED and order.due_at == moment:
            activate(desk, account, desk.terms_of(account, order.symbol), order)
        elif order.state == OrderState.PENDING and order.expires_at == moment:
            orders.remove(desk, account, order, Removal.EXPIRED)
