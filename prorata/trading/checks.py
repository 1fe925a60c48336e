"""The questions that every order is asked, in order of precedence. Each gives a refusal or None and changes nothing."""

from prorata.messages.commands import BUY, SELL, Access, OrderType, Side
from prorata.messages.refusals import Refusal
from prorata.messages.symbols import TradeMode
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Holding, OrderState, Position
from prorata.trading.terms import Terms
from prorata.units.numbers import PRICE_MAX, Points, Volume

FULL = Access.FULL
_OPENING_REFUSED: dict[TradeMode, Refusal] = {
    TradeMode.DISABLED: Refusal.SYMBOL_DISABLED,
    TradeMode.CLOSE_ONLY: Refusal.SYMBOL_CLOSE_ONLY,
}


def check_account(account: Account) -> Refusal | None:
    """May the account trade at all?"""
    if account.access is FULL or account.access == Access.CLOSE_ONLY:
        return None
    return Refusal.LOGIN_DISABLED if account.access == Access.LOGIN_DISABLED else Refusal.TRADING_DISABLED


def check_mode(terms: Terms, side: Side) -> Refusal | None:
    """May new positions on `side` be opened in the symbol?"""
    mode = terms.trade_mode
    if mode == TradeMode.FULL:
        return None
    if mode == TradeMode.LONG_ONLY:
        return Refusal.SYMBOL_LONG_ONLY if side is SELL else None
    if mode == TradeMode.SHORT_ONLY:
        return Refusal.SYMBOL_SHORT_ONLY if side is BUY else None
    return _OPENING_REFUSED[mode]


def check_market(desk: Desk, terms: Terms) -> Refusal | None:
    """Is there a market: hours, quotes, and rates to convert by?

    The answer yes is kept until the hours end: time does not go back, and quotes and rates that have come do not go.
    Before `Terms.deals_until` nobody need ask.
    """
    market = terms.market
    if not market.is_open(desk.now):
        return Refusal.MARKET_CLOSED
    refusal = check_quotes(terms)
    if refusal is None:
        terms.deals_until = market.hours_to
    return refusal


def check_quotes(terms: Terms) -> Refusal | None:
    """Are there quotes to value by, and rates to convert by?"""
    if not terms.quote.bid:
        return Refusal.NO_QUOTE
    if not terms.rates_ready and not terms.has_rates():
        return Refusal.NO_CONVERSION_RATE
    return None


def check_moved(terms: Terms, side: Side, price: Points, deviation: Points) -> Refusal | None:
    """Has the market moved against the caller by more than `deviation` since they saw `price`?"""
    if deviation < 0 or not price:
        return None
    against = terms.ask - price if side is BUY else price - terms.bid
    return Refusal.PRICE_MOVED if against > deviation else None


def check_volume(terms: Terms, volume: Volume) -> Refusal | None:
    if volume < terms.volume_min:
        return Refusal.VOLUME_TOO_SMALL
    if volume > terms.volume_max:
        return Refusal.VOLUME_TOO_LARGE
    if volume % terms.volume_step:
        return Refusal.VOLUME_OFF_STEP
    return None


def check_closing_volume(terms: Terms, volume: Volume, held: Volume) -> Refusal | None:
    """A part must be a sound volume itself; the whole may always be closed."""
    if volume > held:
        return Refusal.VOLUME_ABOVE_POSITION
    if volume == held:
        return None
    if volume < terms.volume_min:
        return Refusal.VOLUME_TOO_SMALL
    return Refusal.VOLUME_OFF_STEP if volume % terms.volume_step else None


def check_tick(terms: Terms, *prices: Points) -> Refusal | None:
    if terms.tick_size == 1:
        return None
    return Refusal.PRICE_OFF_TICK if any(price % terms.tick_size for price in prices) else None


def check_range(*prices: Points) -> Refusal | None:
    """Are these prices and distances that could ever be? A stop that follows the market must fit int64 too."""
    return None if all(0 <= price <= PRICE_MAX for price in prices) else Refusal.OUT_OF_RANGE


def check_pending_price(terms: Terms, type: OrderType, side: Side, price: Points, limit_price: Points) -> Refusal | None:
    """Is the pending price on the side of the market that its type waits on, and far enough from it?

    A limit waits for a better price, a stop for a worse one. A stop-limit's limit is better than its stop.
    """
    if price <= 0 or (type == OrderType.STOP_LIMIT and limit_price <= 0):
        return Refusal.PRICE_MISSING
    market = terms.ask if side is BUY else terms.bid
    beyond = price - market if side is BUY else market - price
    distance = -beyond if type == OrderType.LIMIT else beyond
    if distance <= 0:
        return Refusal.PRICE_WRONG_SIDE
    if type == OrderType.STOP_LIMIT and (limit_price - price if side is BUY else price - limit_price) > 0:
        return Refusal.PRICE_WRONG_SIDE
    return Refusal.PRICE_TOO_NEAR if distance < terms.stop_level else None


def check_stops(
    terms: Terms, side: Side, reference: Points, *, stop_loss: Points, take_profit: Points, trailing: Points
) -> Refusal | None:
    """Are stops on the right side of `reference` and no nearer than the symbol's stop level?

    `reference`: where the position would be closed now (the bid for longs), or a pending order's price.
    """
    direction = 1 if side is BUY else -1
    if stop_loss and (reference - stop_loss) * direction <= 0:
        return Refusal.STOP_LOSS_WRONG_SIDE
    if take_profit and (take_profit - reference) * direction <= 0:
        return Refusal.TAKE_PROFIT_WRONG_SIDE
    level = terms.stop_level
    if stop_loss and abs(reference - stop_loss) < level:
        return Refusal.STOP_TOO_NEAR
    if take_profit and abs(take_profit - reference) < level:
        return Refusal.STOP_TOO_NEAR
    return Refusal.STOP_TOO_NEAR if trailing and trailing < level else None


def check_frozen(terms: Terms, market: Points, *prices: Points) -> Refusal | None:
    """Is one of `prices` so near to the market that it may no longer be changed?"""
    level = terms.freeze_level
    if not level:
        return None
    return Refusal.FROZEN if any(price and abs(price - market) <= level for price in prices) else None


def check_in_flight(account: Account, terms: Terms, position: Position) -> Refusal | None:
    """Is the position being closed already? In a netting account any opposite order that travels may do so."""
    if position.in_flight:
        return Refusal.POSITION_IN_FLIGHT
    if terms.hedging:
        return None
    travels = any(
        order.symbol == terms.name and order.side != position.side and order.state != OrderState.PENDING
        for order in account.orders.values()
    )
    return Refusal.POSITION_IN_FLIGHT if travels else None


def check_room(terms: Terms, account: Account) -> Refusal | None:
    """Would the account hold too many things?"""
    most = terms.orders_max
    return Refusal.TOO_MANY_ORDERS if most and len(account.positions) + len(account.orders) >= most else None


def check_side(terms: Terms, holding: Holding | None, side: Side, volume: Volume) -> Refusal | None:
    """Would an account with that holding have too much on one side of the symbol?"""
    after = volume
    if holding is not None:
        after += holding.long_volume if side is BUY else holding.short_volume
    return Refusal.VOLUME_LIMIT if after > terms.volume_limit or after * terms.quote.cap > terms.market.cost_max else None
