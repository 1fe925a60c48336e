"""Placing, changing and cancelling orders."""

from prorata.messages.commands import BUY, Access, CancelOrder, ModifyOrder, OrderType, PlaceOrder, Side
from prorata.messages.events import OrderModified, OrderRemoved, Reason, Refused, Removal
from prorata.messages.refusals import Refusal
from prorata.trading import checks, deals, routing
from prorata.trading.charges import Priced, price_deal
from prorata.trading.desk import Desk, refuse
from prorata.trading.equity import can_afford
from prorata.trading.margin import levered, margin_with
from prorata.trading.state import Account, Holding, Order, OrderState
from prorata.trading.terms import Terms
from prorata.units.numbers import Minor, Points, Volume
from prorata.units.rounding import div_ceil

FULL, MARKET = Access.FULL, OrderType.MARKET
PENDING, CLIENT = OrderState.PENDING, Reason.CLIENT


def place_order(desk: Desk, command: PlaceOrder) -> Refused | None:
    """Place a market order (it deals at once, after a delay, or at the venue) or a pending order."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    terms = desk.groups[account.group].terms.get(command.symbol)
    holding = account.holdings.get(command.symbol)
    if terms is not None and terms.opens_freely and account.access is FULL:
        refusal = _check_order(desk, account, terms, holding, command)
    else:
        refusal = _check_place(desk, account, terms, holding, command)
    if refusal is not None:
        return refuse(refusal)
    assert terms is not None
    if command.type is not MARKET:
        _place_pending(desk, account, command)
        return None
    side, volume = command.side, command.volume
    price = terms.quote.ask + terms.markup_ask if side is BUY else terms.quote.bid - terms.markup_bid
    priced, needed, reserved, margin = money_needed(account, terms, holding, side, volume, price)
    if needed > 0 and not can_afford(desk, account, terms.group, needed):
        return refuse(Refusal.NOT_ENOUGH_FREE_MARGIN)
    if terms.deals_at_once:  # where the long way would end
        state = desk.state
        ticket = state.next_ticket  # as `Desk.issue_ticket`
        state.next_ticket = ticket + 1
        deals.enter(desk, account, terms, holding, command, ticket, CLIENT, None, volume, price, 0, priced, margin)
    else:
        routing.execute(desk, account, terms, _order_of(desk, command), reserved, priced)
    return None


def _check_place(
    desk: Desk, account: Account, terms: Terms | None, holding: Holding | None, command: PlaceOrder
) -> Refusal | None:
    if account.access is not FULL:
        refusal = checks.check_account(account)
        if refusal is not None:
            return refusal
    if terms is None:
        return Refusal.UNKNOWN_SYMBOL
    reduces = not terms.hedging and _reduces(account, command)
    if account.access == Access.CLOSE_ONLY and not reduces:
        return Refusal.CLOSE_ONLY_ACCOUNT
    if not terms.enabled:
        return Refusal.SYMBOL_NOT_IN_GROUP
    return (
        check_not_closing(account, terms)
        or (None if reduces else checks.check_mode(terms, command.side))
        or _check_order(desk, account, terms, holding, command)
    )


def _check_order(desk: Desk, account: Account, terms: Terms, holding: Holding | None, command: PlaceOrder) -> Refusal | None:
    """Ask what is asked of every order: market, volume, prices, expiry, room."""
    side, volume, market = command.side, command.volume, command.type is MARKET
    has_prices = not market or command.stop_loss or command.take_profit or command.trailing or command.limit_price
    return (
        (None if desk.now < terms.deals_until else checks.check_market(desk, terms))
        or (checks.check_moved(terms, side, command.price, command.deviation) if market and command.price else None)
        or checks.check_volume(terms, volume)
        or (check_prices(terms, command) if has_prices else None)
        or (Refusal.EXPIRY_IN_PAST if command.expires_at and command.expires_at <= desk.now else None)
        or (checks.check_room(terms, account) if terms.orders_max else None)
        or checks.check_side(terms, holding, side, volume)
    )


def check_not_closing(account: Account, terms: Terms) -> Refusal | None:
    """A netting position that is being closed at the venue takes no other order until that is done."""
    if terms.hedging:
        return None
    held = deals.position_in(account, terms.name)
    return Refusal.POSITION_IN_FLIGHT if held is not None and held.in_flight else None


def check_prices(terms: Terms, command: PlaceOrder) -> Refusal | None:
    pending = command.type is not MARKET
    prices = (max(0, command.price) if pending else 0, command.limit_price, command.stop_loss, command.take_profit)
    outside = checks.check_range(*prices, command.trailing)
    if outside is not None:
        return outside
    if not pending:
        reference = terms.bid if command.side is BUY else terms.ask
    else:
        refusal = checks.check_pending_price(terms, command.type, command.side, command.price, command.limit_price)
        if refusal is not None:
            return refusal
        reference = command.limit_price if command.type == OrderType.STOP_LIMIT else command.price
    return checks.check_stops(
        terms,
        command.side,
        reference,
        stop_loss=command.stop_loss,
        take_profit=command.take_profit,
        trailing=command.trailing,
    ) or checks.check_tick(terms, command.price, command.limit_price, command.stop_loss, command.take_profit)


def _reduces(account: Account, command: PlaceOrder) -> bool:
    """Say whether the order only makes a netting account's position smaller."""
    held = deals.position_in(account, command.symbol)
    return held is not None and held.side != command.side and command.volume <= held.volume


def money_needed(
    account: Account, terms: Terms, holding: Holding | None, side: Side, volume: Volume, price: Points
) -> tuple[Priced, Minor, Minor, Minor]:
    """Return (the deal's price, free margin that it needs, margin to reserve while it is under way, the symbol's margin then).

    The commission is part of what it needs. Margin is taken on what the symbol will hold afterwards, so a deal that hedges
    or reduces may need none. `holding`: what it holds now.
    """
    priced = notional, commission = price_deal(terms, volume, price)
    if holding is None:
        after = levered(terms, notional, account.leverage)
        return priced, after + commission, after, after
    if not terms.hedging:
        held_against = holding.short_volume if side is BUY else holding.long_volume
        if held_against:
            rest = max(0, volume - held_against)
            after = levered(terms, div_ceil(notional * rest, volume), account.leverage)
            more = max(0, after - holding.margin)
            return priced, more + commission, more, after
    after = margin_with(terms, holding, account.leverage, side, volume, notional)
    more = after - holding.margin
    return priced, more + commission, more if more > 0 else 0, after


def _order_of(desk: Desk, command: PlaceOrder) -> Order:
    return Order(
        desk.issue_ticket(), command.symbol, command.side, command.type, command.volume, PENDING, desk.now, CLIENT,
        command.price, command.limit_price, command.deviation, command.stop_loss, command.take_profit,
        command.trailing, command.expires_at, command.comment,
    )  # fmt: skip


def _place_pending(desk: Desk, account: Account, command: PlaceOrder) -> None:
    order = _order_of(desk, command)
    account.orders[order.ticket] = order
    desk.expect_order(account, order)
    routing.announce(desk, account, order)


def modify_order(desk: Desk, command: ModifyOrder) -> Refused | None:
    """Give a pending order a new price, new stops or a new expiry."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    order = account.orders.get(command.ticket)
    refusal = _check_modify(desk, account, order, command)
    if refusal is not None:
        return refuse(refusal)
    assert order is not None
    change(desk, account, order, command)
    return None


def change(desk: Desk, account: Account, order: Order, wish: ModifyOrder | PlaceOrder) -> None:
    """Make a pending order as it is wished, and tell of it. The caller has checked that it may be."""
    order.price, order.limit_price = wish.price, wish.limit_price
    order.stop_loss, order.take_profit = wish.stop_loss, wish.take_profit
    order.trailing, order.expires_at = wish.trailing, wish.expires_at
    desk.expect_order(account, order)
    tell_modified(desk, account, order)


def _check_modify(desk: Desk, account: Account, order: Order | None, command: ModifyOrder) -> Refusal | None:
    refusal = checks.check_account(account)
    if refusal is not None:
        return refusal
    if order is None or order.state != OrderState.PENDING:
        return Refusal.UNKNOWN_ORDER
    terms = desk.terms_of(account, order.symbol)
    market = terms.ask if order.side is BUY else terms.bid
    new = PlaceOrder(
        account.login, order.symbol, order.side, order.volume, order.type, command.price, command.limit_price, -1,
        command.stop_loss, command.take_profit, command.trailing, command.expires_at,
    )  # fmt: skip
    return (
        checks.check_market(desk, terms)
        or check_prices(terms, new)
        or checks.check_frozen(terms, market, order.price)
        or (Refusal.EXPIRY_IN_PAST if command.expires_at and command.expires_at <= desk.now else None)
        or (Refusal.NOTHING_TO_CHANGE if is_as_wished(order, command) else None)
    )


def is_as_wished(order: Order, wish: ModifyOrder | PlaceOrder) -> bool:
    return (
        order.price == wish.price
        and order.limit_price == wish.limit_price
        and order.stop_loss == wish.stop_loss
        and order.take_profit == wish.take_profit
        and order.trailing == wish.trailing
        and order.expires_at == wish.expires_at
    )


def cancel_order(desk: Desk, command: CancelOrder) -> Refused | None:
    """Remove a pending order. It can be done while the market is closed, but not within the freeze level."""
    account = desk.state.accounts.get(command.login)
    if account is None:
        return refuse(Refusal.UNKNOWN_ACCOUNT)
    refusal = checks.check_account(account)
    if refusal is not None:
        return refuse(refusal)
    order = account.orders.get(command.ticket)
    if order is None or order.state != OrderState.PENDING:
        return refuse(Refusal.UNKNOWN_ORDER)
    terms = desk.terms_of(account, order.symbol)
    if terms.market.is_open(desk.now):
        frozen = checks.check_frozen(terms, terms.ask if order.side is BUY else terms.bid, order.price)
        if frozen is not None:
            return refuse(frozen)
    remove(desk, account, order, Removal.CANCELLED)
    return None


def remove(desk: Desk, account: Account, order: Order, removal: Removal, code: Refusal | None = None) -> None:
    """Take an order out without (further) deals and say why."""
    routing.release(desk, account, order)
    desk.events.append(removed(account, order, removal, code))


def removed(account: Account, order: Order, removal: Removal, code: Refusal | None = None, detail: str = "") -> OrderRemoved:
    return OrderRemoved(order.ticket, account.login, order.symbol, removal, code, detail)


def tell_modified(desk: Desk, account: Account, order: Order) -> None:
    desk.events.append(
        OrderModified(
            order.ticket, account.login, order.symbol, order.type, order.price, order.limit_price, order.stop_loss,
            order.take_profit, order.trailing, order.expires_at,
        )
    )  # fmt: skip
