"""A trade platform at work: its state, and what is derived from it so that a command finds everything at once.

Nothing here is remembered that could not be built again from the state: `Desk(state)` does so.
"""

from heapq import heappush

from prorata.messages.commands import BUY, OrderType
from prorata.messages.events import Event, Refused
from prorata.messages.refusals import Refusal
from prorata.trading.markets import Market
from prorata.trading.rates import Route, find_joints, find_route
from prorata.trading.state import Account, LastQuote, Order, OrderState, Position, State
from prorata.trading.terms import GroupTerms, Terms
from prorata.units.numbers import DealId, Login, Minor, Moment, Points, Ticket

Due = tuple[Moment, Ticket, Login]


class Desk:
    """The state with its derived indexes. `now` is the stamp of the command being applied; `events` its answer so far."""

    __slots__ = (
        "due", "elsewhere", "events", "groups", "in_flight", "markets", "now", "rates", "routes", "state", "uneasy",
    )  # fmt: skip

    def __init__(self, state: State) -> None:
        self.state = state
        self.now: Moment = 0
        self.events: list[Event] = []
        self.markets: dict[str, Market] = {}
        self.groups: dict[str, GroupTerms] = {}
        self.routes: dict[tuple[str, str], Route | None] = {}
        self.rates = 0
        """how often what converts money may have changed: markets built anew, a symbol's first quote"""
        self.due: list[Due] = []
        """when delayed and expiring orders must be looked at"""
        self.in_flight: dict[Ticket, Login] = {}
        self.elsewhere: dict[Ticket, str] = {}
        """symbols of orders that others than accounts have at the venue; kept by whoever sends them"""
        self.uneasy: list[Account] = []
        """accounts that must be valued before the command ends"""
        self.build()

    def build(self) -> None:
        """Derive everything anew; after a change of configuration, and when a state is loaded."""
        self.markets = {
            name: Market(spec, self.state.quotes.setdefault(name, LastQuote())) for name, spec in self.state.symbols.items()
        }
        self.rates += 1
        self.routes = self._routes()
        self.groups = {name: GroupTerms(spec, self.markets, self.routes) for name, spec in self.state.groups.items()}
        self.due.clear()
        self.in_flight.clear()
        for account in self.state.accounts.values():
            self._wait_for(account)
        for market in self.markets.values():
            market.order_guards()

    def _routes(self) -> dict[tuple[str, str], Route | None]:
        """Return a route from every profit and margin currency to every currency that a group keeps."""
        sources = {spec.profit_currency for spec in self.state.symbols.values()}
        sources |= {spec.margin_currency for spec in self.state.symbols.values()}
        targets = {spec.currency for spec in self.state.groups.values()}
        joints = find_joints(self.markets)
        return {
            (source, target): find_route(joints, source, target)
            for source in sorted(sources)
            for target in sorted(targets)
            if source != target
        }

    def are_routes_changed(self) -> bool:
        """Say whether a symbol's first quote has opened a better route between two currencies."""
        return any(
            route is not None and (known := self.routes[pair]) is not None and known.names != route.names
            for pair, route in self._routes().items()
        )

    def _wait_for(self, account: Account) -> None:
        for order in account.orders.values():
            self.expect_order(account, order)
        terms = self.groups[account.group].terms
        for position in account.positions.values():
            if position.stop_loss or position.take_profit or position.trailing:
                self.expect_position(account, position, terms[position.symbol])
        for name, holding in account.holdings.items():
            self.markets[name].enter_guards(holding, account.login)

    def expect_order(self, account: Account, order: Order) -> None:
        """Enter an order where it will be met: at its price, at its time, or among those at the venue."""
        if order.state == OrderState.IN_FLIGHT:
            self.in_flight[order.ticket] = account.login
            return
        if order.due_at:
            heappush(self.due, (order.due_at, order.ticket, account.login))
            return
        if order.expires_at:
            heappush(self.due, (order.expires_at, order.ticket, account.login))
        terms = self.groups[account.group].terms[order.symbol]
        wait_for_order(terms, order, account.login)

    def expect_position(self, account: Account, position: Position, terms: Terms) -> None:
        """Enter a position's stop loss, take profit and trailing stop at their prices."""
        wait_for_position(terms, position, account.login)

    def terms_of(self, account: Account, symbol: str) -> Terms:
        return self.groups[account.group].terms[symbol]

    def issue_ticket(self) -> Ticket:
        ticket = self.state.next_ticket
        self.state.next_ticket = ticket + 1
        return ticket

    def issue_deal(self) -> DealId:
        deal = self.state.next_deal
        self.state.next_deal = deal + 1
        return deal

    def book_house(self, name: str, currency: str, amount: Minor) -> None:
        """Add `amount` to one of the house's ledger accounts."""
        ledger = self.ledger_in(currency)
        ledger[name] = ledger.get(name, 0) + amount

    def ledger_of(self, group: GroupTerms) -> dict[str, Minor]:
        """Return the house's ledger accounts in a group's currency, which the group knows from then on."""
        group.ledger = ledger = self.ledger_in(group.currency)
        return ledger

    def ledger_in(self, currency: str) -> dict[str, Minor]:
        """Return the house's ledger accounts in a currency."""
        ledger = self.state.house.get(currency)
        if ledger is None:
            ledger = self.state.house[currency] = {}
        return ledger


_REFUSED = {code: Refused(code) for code in Refusal}


def refuse(code: Refusal, detail: str = "") -> Refused:
    return Refused(code, detail) if detail else _REFUSED[code]


def wait_for_order(terms: Terms, order: Order, login: Login) -> None:
    """Let the market wake a pending order: buys watch the ask, sells the bid, both before markup."""
    market = terms.market
    if order.side is BUY:
        price = order.price - terms.markup_ask
        wait = market.wait_ask_falls if waits_below(order) else market.wait_ask_rises
    else:
        price = order.price + terms.markup_bid
        wait = market.wait_bid_falls if waits_below(order) else market.wait_bid_rises
    wait(price, order.ticket, login)


def waits_below(order: Order) -> bool:
    """Say whether the order fires when the price falls to it: buy limits and sell stops do."""
    is_limit = order.type == OrderType.LIMIT
    return is_limit == (order.side is BUY)


def wait_for_position(terms: Terms, position: Position, login: Login) -> None:
    """Let the market wake a position's stops: longs watch the bid, shorts the ask, both before markup."""
    market, ticket = terms.market, position.ticket
    stop_loss, take_profit, follows = position.stop_loss, position.take_profit, trail_from(position)
    if position.side is BUY:
        markup = terms.markup_bid
        if stop_loss:
            market.wait_bid_falls(stop_loss + markup, ticket, login)
        if take_profit:
            market.wait_bid_rises(take_profit + markup, ticket, login)
        if follows:
            market.wait_bid_rises(follows + markup, ticket, login)
    else:
        markup = terms.markup_ask
        if stop_loss:
            market.wait_ask_rises(stop_loss - markup, ticket, login)
        if take_profit:
            market.wait_ask_falls(take_profit - markup, ticket, login)
        if follows:
            market.wait_ask_falls(follows - markup, ticket, login)


def trail_from(position: Position) -> Points:
    """Return the price from which the trailing stop moves again; 0 if the position has none."""
    if not position.trailing:
        return 0
    if position.side is BUY:
        return position.stop_loss + position.trailing + 1
    return position.stop_loss - position.trailing - 1


def follow(terms: Terms, position: Position) -> bool:
    """Pull the trailing stop after the market if it went the position's way; say whether it moved."""
    if position.side is BUY:
        stop = terms.bid - position.trailing
        moves = stop > position.stop_loss
    else:
        stop = terms.ask + position.trailing
        moves = stop < position.stop_loss or not position.stop_loss
    if moves:
        position.stop_loss = stop
    return moves
