"""What must hold after every step, checked against the state without the engine's own shortcuts.

The formulas are written a second time, naively, from the documents: an error in the engine cannot hide behind itself.
"""

from collections import defaultdict
from fractions import Fraction

from prorata.copying.engine import Engine
from prorata.messages.commands import Access, OrderType, Side
from prorata.messages.events import BalanceBooked, BreakSettled, Dealt, Entry, Event, Reason
from prorata.messages.groups import GroupSpec, HedgedMargin, Level, LevelType
from prorata.messages.symbols import MarginMode, SymbolSpec
from prorata.projections.ledger import Ledger
from prorata.sim.claims import must
from prorata.sim.copy_oracle import check_copying, held_at_venue
from prorata.trading.desk import Desk
from prorata.trading.equity import equity_of
from prorata.trading.markets import hours_around
from prorata.trading.rates import Route
from prorata.trading.state import Account, Order, OrderState, Position, State
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import PPM, VOLUME_PER_LOT, Login, Minor, Volume


class Oracle:
    """Follows what is published and judges the state by it."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.rests: dict[str, Volume] = defaultdict(int)
        """signed volume in the hedge book that no client's position stands for: rounding rests, and settled breaks"""
        self.netted_rests = 0
        """how often a netting position left such a rest"""
        self.owing: set[Login] = set()
        """accounts that a correction, or a time without protection, left below zero"""

    def read(self, events: tuple[Event, ...]) -> None:
        self.ledger.post(events)

    def note(self, engine: Engine, events: list[Event]) -> None:
        """Note what a command has done that changes what is expected, before the next command of its batch is applied."""
        for event in events:
            if isinstance(event, BreakSettled):
                self.rests[event.symbol] += event.theirs - event.ours
            elif isinstance(event, BalanceBooked) and event.balance < 0:
                self.owing.add(event.login)
            elif isinstance(event, Dealt):
                self._note_deal(engine, event)

    def _note_deal(self, engine: Engine, deal: Dealt) -> None:
        state = engine.desk.state
        group = state.groups[state.accounts[deal.login].group]
        if deal.balance < 0 and not group.negative_balance_protection:
            self.owing.add(deal.login)
        if deal.entry == Entry.OUT and not deal.position_volume and not group.hedging:
            self._absorb(engine, deal.symbol)

    def check(self, engine: Engine, *, exactly: bool) -> None:
        """Check everything; `exactly`: the valuations by fractions too, which take longer."""
        desk = engine.desk
        self._check_money(engine)
        check_copying(engine.copy)
        for account in desk.state.accounts.values():
            check_holdings(desk.state, account)
            check_orders(account, nets=not desk.state.groups[account.group].hedging)
            check_margin(desk.state, account)
            check_levels(desk, account, exactly=exactly)
            check_guards(desk, account)
            self._check_protection(desk.state, account)
        self.check_hedges(engine)
        check_index(desk)

    def _check_money(self, engine: Engine) -> None:
        report = self.ledger.verify(engine.desk.state, engine.copy.state)
        must(report.balanced, "money sums to zero and balances equal their postings", *report.differences[:4])

    def _check_protection(self, state: State, account: Account) -> None:
        """A balance that fell below zero unprotected stays so when its group is protected later; new ones may not."""
        if account.balance >= 0 or account.positions:
            self.owing.discard(account.login)
        elif not state.groups[account.group].negative_balance_protection:
            self.owing.add(account.login)
        else:
            must(account.login in self.owing, "a protected balance is not below zero", account.login, account.balance)

    def check_hedges(self, engine: Engine) -> None:
        """The hedge book is what clients' positions and orders and the streams stand for, and the rests that are known."""
        for symbol, (ours, expected) in self.hedges(engine).items():
            must(
                ours == expected, "clients' hedged positions equal the hedge book",
                symbol, "hedge book", ours, "clients and rests", expected, "rests", self.rests.get(symbol, 0),
            )  # fmt: skip

    def hedges(self, engine: Engine) -> dict[str, tuple[Volume, Volume]]:
        """Return (hedge book, what it should be) for each symbol, signed."""
        state = engine.desk.state
        expected = held_at_venue(engine.copy)
        for symbol, rest in self.rests.items():
            expected[symbol] += rest
        for account in state.accounts.values():
            for position in account.positions.values():
                expected[position.symbol] = expected.get(position.symbol, 0) + _signed(position.side, position.hedged)
            for order in account.orders.values():
                undealt = order.hedge_filled - order.hedge_dealt
                expected[order.symbol] = expected.get(order.symbol, 0) + _signed(order.side, undealt)
        books = {symbol: hedge.volume for symbol, hedge in state.hedges.items()}
        return {symbol: (books.get(symbol, 0), expected.get(symbol, 0)) for symbol in sorted(expected.keys() | books.keys())}

    def _absorb(self, engine: Engine, symbol: str) -> None:
        """Take what a closed netting position leaves in the hedge book for a rest.

        An order that turns a position round is filled in proportion, so it may close a hedged position before the
        venue has given all of it back; when it then ends early, the difference has no client. Hedging accounts have no
        such orders: there a rest is known exactly.
        """
        ours, expected = self.hedges(engine).get(symbol, (0, 0))
        if ours != expected:
            self.rests[symbol] += ours - expected
            self.netted_rests += 1


def _signed(side: Side, volume: Volume) -> Volume:
    return volume if side == Side.BUY else -volume


# Positions, holdings, orders.


def check_holdings(state: State, account: Account) -> None:
    """Each holding is the sum of its positions, in volume, cost and notional."""
    nets = not state.groups[account.group].hedging
    sums: dict[str, list[int]] = {}
    swap = 0
    for position in account.positions.values():
        must(position.volume > 0, "an open position has a volume", account.login, position)
        # An order that travels outlives a netting position that shrinks meanwhile.
        travels_whole = position.in_flight >= 0 and (nets or position.in_flight <= position.volume)
        must(travels_whole, "no more of a position travels than there is", account.login, position)
        place = 0 if position.side == Side.BUY else 3
        total = sums.setdefault(position.symbol, [0] * 6)
        total[place] += position.volume
        total[place + 1] += position.cost
        total[place + 2] += position.notional
        swap += position.swap
    must(swap == account.swap, "an account carries the swap of its positions", account.login, account.swap, swap)
    for name, holding in account.holdings.items():
        kept = [
            holding.long_volume, holding.long_cost, holding.long_notional, holding.short_volume, holding.short_cost,
            holding.short_notional,
        ]  # fmt: skip
        must(kept == sums.pop(name, [0] * 6), "positions equal holdings", account.login, name, holding)
    must(not sums, "positions equal holdings", account.login, sums)
    if nets:
        names = [position.symbol for position in account.positions.values()]
        must(len(names) == len(set(names)), "a netting account has one position for each symbol", account.login, names)


def check_orders(account: Account, *, nets: bool) -> None:
    """What orders hold is what the account and its positions say is held."""
    reserved = sum(order.reserved for order in account.orders.values())
    must(reserved == account.reserved, "reserved margin is that of the orders", account.login, account.reserved, reserved)
    travelling: dict[int, Volume] = defaultdict(int)
    for order in account.orders.values():
        must(0 <= order.filled <= order.volume, "no order is filled beyond its volume", account.login, order)
        must(order.hedge_filled <= order.hedge_volume, "no hedge order is filled beyond its volume", account.login, order)
        if order.position and order.state != OrderState.PENDING:
            travelling[order.position] += order.volume - order.filled
    for position in account.positions.values():
        must(
            position.in_flight == travelling.pop(position.ticket, 0),
            "what travels of a position is what its orders close", account.login, position,
        )  # fmt: skip
    must(nets or not any(travelling.values()), "closing orders have a position", account.login, dict(travelling))


def check_index(desk: Desk) -> None:
    """The desk's index of orders at the venue is that of the state."""
    flying = {
        order.ticket: account.login
        for account in desk.state.accounts.values()
        for order in account.orders.values()
        if order.state == OrderState.IN_FLIGHT
    }
    must(flying == desk.in_flight, "orders in flight are those that the desk waits for", flying, desk.in_flight)


# Margin.


def check_margin(state: State, account: Account) -> None:
    group = state.groups[account.group]
    total = 0
    for name, holding in account.holdings.items():
        margin = margin_by_hand(state.symbols[name], group, account, holding.long_volume, holding.long_notional,
                                holding.short_volume, holding.short_notional)  # fmt: skip
        must(margin == holding.margin, "margin recomputed equals margin kept", account.login, name, holding, margin)
        total += holding.margin
    must(total == account.margin, "an account's margin is the sum over its symbols", account.login, account.margin, total)


def margin_by_hand(
    spec: SymbolSpec, group: GroupSpec, account: Account, longs: Volume, long_value: Minor, shorts: Volume, short_value: Minor
) -> Minor:
    """Return the margin of one symbol by the rules of docs/trade/margin.md, each rounding up."""
    larger, value = (longs, long_value) if longs >= shorts else (shorts, short_value)
    if longs and shorts:
        if group.hedged_margin == HedgedMargin.BOTH_SIDES:
            value = long_value + short_value
        elif group.hedged_margin == HedgedMargin.NETTING:
            value = _up(Fraction(value * abs(longs - shorts), larger))
    own = next((own for own in group.symbols if own.symbol == spec.name), None)
    own = own or next((own for own in group.symbols if own.symbol == "*"), None)
    if spec.margin_mode == MarginMode.FIXED:
        return value
    if spec.margin_mode == MarginMode.CFD:
        rate = spec.margin_rate_ppm if own is None or own.margin_rate_ppm is None else own.margin_rate_ppm
        return _up(Fraction(value * rate, PPM))
    cap = spec.leverage_max if own is None or own.leverage_max is None else own.leverage_max
    leverage = min(account.leverage, cap) if cap else account.leverage
    if not group.tiers:
        return _up(Fraction(value, leverage))
    margin, below = 0, 0
    for tier in group.tiers:
        upper = value if tier.notional == 0 else min(value, tier.notional)
        margin += _up(Fraction(max(0, upper - below), min(tier.leverage, leverage)))
        below = max(below, upper)
    return margin


def _up(amount: Fraction) -> int:
    return -(-amount.numerator // amount.denominator)


# Equity, margin call, stop-out.


def check_levels(desk: Desk, account: Account, *, exactly: bool) -> None:
    group = desk.state.groups[account.group]
    equity = equity_of(desk, account)
    if exactly:
        check_equity(desk, account, equity)
    must(
        account.equity_floor <= equity,
        "the guard promises no more equity than there is",
        account.login,
        account.equity_floor,
        equity,
    )
    if not account.positions:
        return
    call, stop = line_by_hand(group.margin_call, account.margin), line_by_hand(group.stop_out, account.margin)
    must(
        call is None or equity >= call or account.called, "nobody is below the call line without a margin call",
        account.login, "equity", equity, "margin", account.margin, "line", call,
    )  # fmt: skip
    if stop is not None and equity < stop and not _is_being_stopped_out(account):
        closable = [position for position in account.positions.values() if is_closable(desk, account, position)]
        must(
            not closable, "nobody with something to close is below the stop-out line",
            account.login, "equity", equity, "margin", account.margin, "line", stop, closable,
        )  # fmt: skip


def check_guards(desk: Desk, account: Account) -> None:
    """No guard is reached that has not acted; after a loss nothing stays that could be closed."""
    guards = account.guards
    if guards is None:
        return
    if guards.closing:
        must(
            account.access >= Access.TRADING_DISABLED, "who was closed for a loss may not trade", account.login, account.access
        )
        waiting = [order for order in account.orders.values() if order.state != OrderState.IN_FLIGHT]
        closable = [position for position in account.positions.values() if is_closable(desk, account, position)]
        must(not waiting and not closable, "a loss leaves nothing that could be closed", account.login, waiting, closable)
    equity = equity_of(desk, account)
    lost = guards.base - equity
    must(
        not (guards.floor and equity <= guards.floor) and not (guards.daily_loss and lost >= guards.daily_loss),
        "nobody trades on at the floor, or with the day's loss", account.login, "equity", equity, guards,
    )  # fmt: skip
    must(
        not guards.target or equity < guards.target, "a target that is reached is told", account.login, "equity", equity, guards
    )


def line_by_hand(level: Level, margin: Minor) -> Minor | None:
    if level.type == LevelType.PERCENT:
        return _up(Fraction(margin * level.value, 10_000)) if level.value else None
    return level.value if level.type == LevelType.MONEY else None


def _is_being_stopped_out(account: Account) -> bool:
    return any(order.reason == Reason.STOP_OUT for order in account.orders.values())


def is_blocked(desk: Desk, account: Account, order: Order) -> bool:
    """Say whether a pending order waits for the netting position of its symbol to be closed."""
    held = [position for position in account.positions.values() if position.symbol == order.symbol]
    return not desk.state.groups[account.group].hedging and any(position.in_flight for position in held)


def is_closing(desk: Desk, account: Account, position: Position) -> bool:
    """Say whether a position is being closed; in a netting account any opposite order that travels may do so."""
    if position.in_flight or desk.state.groups[account.group].hedging:
        return bool(position.in_flight)
    return any(
        order.symbol == position.symbol and order.side != position.side and order.state != OrderState.PENDING
        for order in account.orders.values()
    )


def is_closable(desk: Desk, account: Account, position: Position) -> bool:
    """Say whether a position could be closed: nothing of it travels, and its market has had a quote since it opened."""
    spec = desk.state.symbols[position.symbol]
    is_open, since, _ = hours_around(spec, desk.now)
    return is_open and not is_closing(desk, account, position) and desk.state.quotes[position.symbol].at >= since


def check_equity(desk: Desk, account: Account, equity: Minor) -> None:
    """Value every position by fractions; the engine may be lower by its roundings, never higher."""
    exact = Fraction(account.balance + account.credit + account.swap)
    slack = Fraction(1)
    foreign: dict[str, tuple[Route, Fraction, int]] = {}
    for position in account.positions.values():
        terms = desk.terms_of(account, position.symbol)
        price = terms.bid if position.side == Side.BUY else terms.ask
        moved = _signed(position.side, position.volume * price - position.cost)
        worth = moved * point_value(terms.spec)
        if terms.spec.profit_currency == desk.state.groups[account.group].currency:
            exact += worth
            slack += 1
            continue
        must(terms.profit_route is not None, "what is held can be valued", account.login, position)
        assert terms.profit_route is not None
        _, before, count = foreign.get(terms.spec.profit_currency, (None, Fraction(0), 0))
        foreign[terms.spec.profit_currency] = terms.profit_route, before + worth, count + 1
    for route, worth, count in foreign.values():
        exact += worth * _rate(route, gains=worth > 0)
        slack += (count + 1) * max(_rate(route, gains=True), _rate(route, gains=False)) + 1
    must(
        exact - slack <= equity <= exact,
        "equity is exact but for rounding down",
        account.login,
        equity,
        float(exact),
        float(slack),
    )


def point_value(spec: SymbolSpec) -> Fraction:
    """Return what one point of one volume step is worth, in minor units of the profit currency."""
    if spec.tick_value:
        return Fraction(spec.tick_value, spec.tick_size * VOLUME_PER_LOT)
    return Fraction(spec.contract_size * 10 ** CURRENCY_DIGITS[spec.profit_currency], 10**spec.digits * VOLUME_PER_LOT)


def _rate(route: Route, *, gains: bool) -> Fraction:
    rate = Fraction(route.numerator, route.denominator)
    for market, inverted in route.legs:
        quote = market.quote
        rate = rate / (quote.ask if gains else quote.bid) if inverted else rate * (quote.bid if gains else quote.ask)
    return rate


# Triggers.


def check_triggers(desk: Desk, symbols: set[str]) -> None:
    """After quotes of `symbols`: whatever they have reached is gone. What has just been opened waits for the next quote."""
    for account in desk.state.accounts.values():
        for order in account.orders.values():
            if order.symbol not in symbols or not desk.markets[order.symbol].is_open(desk.now):
                continue
            if order.state == OrderState.PENDING and not is_blocked(desk, account, order):
                must(not is_reached(desk, account, order), "no reached order waits in an open market", account.login, order)
        for position in account.positions.values():
            if position.symbol not in symbols or not desk.markets[position.symbol].is_open(desk.now):
                continue
            if position.opened_at != desk.now and not is_closing(desk, account, position):
                must(
                    not is_stopped(desk, account, position), "no reached stop waits in an open market", account.login, position
                )


def is_reached(desk: Desk, account: Account, order: Order) -> bool:
    terms = desk.terms_of(account, order.symbol)
    price = terms.ask if order.side == Side.BUY else terms.bid
    waits_for_less = (order.side == Side.BUY) == (order.type == OrderType.LIMIT)
    return price <= order.price if waits_for_less else price >= order.price


def is_stopped(desk: Desk, account: Account, position: Position) -> bool:
    """Say whether a stop loss, take profit or trailing stop should have acted at the present price."""
    terms = desk.terms_of(account, position.symbol)
    if position.side == Side.BUY:
        price, stop, profit, trails = terms.bid, position.stop_loss, position.take_profit, terms.bid - position.trailing
        return bool((stop and price <= stop) or (profit and price >= profit) or (position.trailing and trails > stop))
    price, stop, profit, trails = terms.ask, position.stop_loss, position.take_profit, terms.ask + position.trailing
    return bool((stop and price >= stop) or (profit and price <= profit) or (position.trailing and (not stop or trails < stop)))
