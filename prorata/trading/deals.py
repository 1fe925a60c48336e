"""Deals: entering and leaving positions. Everything that trades ends here.

By the time a function here is called the deal is certain: nothing in this file refuses.
"""

from prorata.messages.commands import BUY, SELL, PlaceOrder
from prorata.messages.events import Dealt, Entry, Posting, PostingKind, Reason
from prorata.messages.groups import GroupSpec
from prorata.trading import guard
from prorata.trading.charges import Priced, commission_of, price_deal, profit_of
from prorata.trading.desk import Desk, follow, wait_for_position
from prorata.trading.margin import margin_of
from prorata.trading.state import Account, Holding, Order, OrderState, Position
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import Minor, Points, Ticket, Volume
from prorata.units.rounding import div_half_even

IN, OUT = Entry.IN, Entry.OUT
PROFIT, COMMISSION, SWAP = PostingKind.PROFIT, PostingKind.COMMISSION, PostingKind.SWAP
"""Looking a member up in its class costs more than many a step here; these names are looked up once."""


def fill(
    desk: Desk, account: Account, terms: Terms, order: Order, volume: Volume, price: Points, hedged: Volume,
    priced: Priced | None = None,
) -> None:  # fmt: skip
    """Execute `volume` of an order at `price`, `hedged` of it at the venue.

    A closing order closes its position. In a netting account an opposite order first closes what is held
    and opens the other side with the rest; a closing order does so too if the position has shrunk or gone while
    it travelled, for what the venue has filled is done. `priced`: the whole, if it was worked out.
    """
    position = account.positions.get(order.position) if order.position else None
    assert position is not None or not (order.position and terms.hedging)
    if position is not None and volume <= position.volume:
        leave(desk, account, terms, position, volume, price, order.ticket, order.reason, order.comment, hedged)
        return
    netted = None if terms.hedging else position_in(account, terms.name)
    if netted is None or netted.side == order.side:
        _open_or_add(desk, account, terms, order, netted, volume, price, hedged, priced)
        return
    closing = min(volume, netted.volume)
    # Until its last fill an order that turns a position round may have brought more or less than was hedged.
    leaving = hedged if closing < netted.volume else netted.hedged
    leave(desk, account, terms, netted, closing, price, order.ticket, order.reason, order.comment, leaving)
    if closing < volume:
        _open_or_add(desk, account, terms, order, None, volume - closing, price, hedged - leaving)


def _open_or_add(
    desk: Desk, account: Account, terms: Terms, order: Order, netted: Position | None, volume: Volume, price: Points,
    hedged: Volume, priced: Priced | None = None,
) -> None:  # fmt: skip
    """Add to `netted`, or to the position that an earlier fill of the same order opened, or open one."""
    position = account.positions.get(order.ticket) if netted is None else netted
    if priced is None:
        priced = price_deal(terms, volume, price)
    holding = account.holdings.get(terms.name)
    enter(desk, account, terms, holding, order, order.ticket, order.reason, position, volume, price, hedged, priced)
    if position is None and order.filled > volume:
        # An earlier fill's position was closed meanwhile, and orders that were to close it may still travel.
        account.positions[order.ticket].in_flight = sum(
            other.volume - other.filled
            for other in account.orders.values()
            if other.position == order.ticket and other.state != OrderState.PENDING
        )


def position_in(account: Account, symbol: str) -> Position | None:
    """Return the oldest position in a symbol; in a netting account the only one."""
    for position in account.positions.values():
        if position.symbol == symbol:
            return position
    return None


def wait_again(account: Account, terms: Terms, order: Order) -> None:
    """Let the stops of the order's position wait again: one that was reached while the order travelled was passed over."""
    position = account.positions.get(order.position)
    if position is None and not terms.hedging:
        position = position_in(account, terms.name)
    if position is not None:
        wait_for_position(terms, position, account.login)


def enter(
    desk: Desk,
    account: Account,
    terms: Terms,
    holding: Holding | None,
    order: Order | PlaceOrder,
    ticket: Ticket,
    reason: Reason,
    position: Position | None,
    volume: Volume,
    price: Points,
    hedged: Volume,
    priced: Priced,
    margin: Minor | None = None,
) -> None:
    """Open a position, or add to `position`.

    `holding`: what is held of the symbol, if anything ever was. `margin`: the symbol's afterwards, if it was worked out.
    """
    side, name, cost = order.side, terms.name, volume * price
    notional, commission = priced
    if holding is None:
        new = Holding(volume, cost, notional) if side is BUY else Holding(0, 0, 0, volume, cost, notional)
        holding = account.holdings[name] = new
    elif side is BUY:
        holding.long_volume += volume
        holding.long_cost += cost
        holding.long_notional += notional
    else:
        holding.short_volume += volume
        holding.short_cost += cost
        holding.short_notional += notional
    if position is None:
        open_price = price
        position = account.positions[ticket] = Position(
            ticket, name, side, volume, cost, notional, desk.now, order.stop_loss, order.take_profit, order.trailing,
            0, hedged, 0, order.comment, -commission, reason,
        )  # fmt: skip
        if order.stop_loss or order.take_profit or order.trailing:
            if order.trailing:
                follow(terms, position)
            wait_for_position(terms, position, account.login)
    else:
        position.volume += volume
        position.cost += cost
        position.notional += notional
        position.hedged += hedged
        position.commission -= commission
        open_price = position.open_price
    if margin is None:
        margin = margin_of(terms, holding, account.leverage)
    account.margin += margin - holding.margin
    holding.margin = margin
    postings: tuple[Posting, ...] = ()
    if commission:
        account.balance -= commission
        group = terms.group
        postings = (_commission(group.ledger or desk.ledger_of(group), f"account/{account.login}", commission, group.currency),)
    state = desk.state
    deal = state.next_deal
    state.next_deal = deal + 1
    desk.events.append(
        Dealt(
            deal, ticket, position.ticket, account.login, name, side, IN, volume, price,
            0, -commission, 0, reason, position.volume, open_price, position.stop_loss,
            position.take_profit, account.balance, account.margin, order.comment, postings,
        )
    )  # fmt: skip
    guard.after_deal(desk, account, terms, holding, side, volume, cost, -commission)


def leave(
    desk: Desk,
    account: Account,
    terms: Terms,
    position: Position,
    volume: Volume,
    price: Points,
    order: Ticket,
    reason: Reason,
    comment: str,
    hedged: Volume,
) -> None:
    """Close `volume` of a position at `price` and book what it made.

    Cost, notional, swap and the commission of opening leave in proportion; whatever rounding left behind goes with the
    last part.
    """
    side = position.side
    held, cost, notional, swap = position.volume, position.cost, position.notional, position.swap
    open_price, rest = divmod(cost, held)
    if rest:
        open_price = position.open_price
    if volume == held:
        del account.positions[position.ticket]
    else:
        cost, notional, swap = _leave_part(position, volume, hedged)
    holding = account.holdings[terms.name]
    if side is BUY:
        holding.long_volume -= volume
        holding.long_cost -= cost
        holding.long_notional -= notional
    else:
        holding.short_volume -= volume
        holding.short_cost -= cost
        holding.short_notional -= notional
    margin = margin_of(terms, holding, account.leverage) if holding.long_volume or holding.short_volume else 0
    account.margin += margin - holding.margin
    holding.margin = margin
    profit = profit_of(terms, side, volume, cost, price)
    commission = commission_of(terms, volume, price)
    account.balance += profit + swap - commission
    postings = _book(desk, account, terms.group, profit, commission, swap) if profit or commission or swap else ()
    state = desk.state
    deal = state.next_deal
    state.next_deal = deal + 1
    desk.events.append(
        Dealt(
            deal, order, position.ticket, account.login, terms.name, SELL if side is BUY else BUY,
            OUT, volume, price, profit, -commission, swap, reason, held - volume, open_price,
            position.stop_loss, position.take_profit, account.balance, account.margin, comment, postings,
        )
    )  # fmt: skip
    guard.after_deal(desk, account, terms, holding, side, -volume, -cost, profit - commission)
    if account.balance < 0 and not account.positions:
        desk.uneasy.append(account)


def _leave_part(position: Position, volume: Volume, hedged: Volume) -> tuple[int, Minor, Minor]:
    """Take `volume` out of a position, and of all that it carries in proportion; return (cost, notional, swap) of that."""
    held = position.volume
    cost = div_half_even(position.cost * volume, held)
    notional = div_half_even(position.notional * volume, held)
    swap = div_half_even(position.swap * volume, held)
    if position.commission:
        position.commission -= div_half_even(position.commission * volume, held)
    position.volume -= volume
    position.cost -= cost
    position.notional -= notional
    position.swap -= swap
    position.hedged -= hedged
    return cost, notional, swap


def _book(
    desk: Desk, account: Account, group: GroupTerms, profit: Minor, commission: Minor, swap: Minor
) -> tuple[Posting, ...]:
    """Book the house's half of what leaving a position has moved: at least one of the three is not 0."""
    currency, ledger, own = group.currency, group.ledger or desk.ledger_of(group), f"account/{account.login}"
    postings: list[Posting] = []
    if profit:
        postings.append(_charge(ledger, "house/profit", own, profit, PROFIT, currency))
    if commission:
        postings.append(_commission(ledger, own, commission, currency))
    if swap:
        account.swap -= swap
        postings.append(_charge(ledger, "house/swap", own, swap, SWAP, currency))
    return tuple(postings)


def take_margin(account: Account, terms: Terms, holding: Holding) -> None:
    """Bring the margin of one symbol, and with it the account's, in line with what is held."""
    margin = margin_of(terms, holding, account.leverage)
    account.margin += margin - holding.margin
    holding.margin = margin


def post(desk: Desk, account: Account, house: str, amount: Minor, kind: PostingKind) -> Posting:
    """Move `amount` (not 0) from the house to the account's balance, or the other way if below 0."""
    account.balance += amount
    currency = desk.groups[account.group].currency
    return _charge(desk.ledger_in(currency), house, f"account/{account.login}", amount, kind, currency)


def _commission(ledger: dict[str, Minor], own: str, amount: Minor, currency: str) -> Posting:
    """Book the house's half of a commission that the account `own` has paid already."""
    ledger["house/commission"] = ledger.get("house/commission", 0) + amount
    return Posting(own, "house/commission", amount, currency, COMMISSION)


def _charge(ledger: dict[str, Minor], house: str, own: str, amount: Minor, kind: PostingKind, currency: str) -> Posting:
    """Book the house's half of a movement whose other half, `amount`, is in the balance of the account `own` already."""
    ledger[house] = ledger.get(house, 0) - amount
    if amount > 0:
        return Posting(house, own, amount, currency, kind)
    return Posting(own, house, -amount, currency, kind)


def protects_balance(group: GroupSpec, account: Account) -> bool:
    """Say whether the house must make good the account's balance: it is below zero and nothing is open."""
    return group.negative_balance_protection and account.balance < 0 and not account.positions
