"""A symbol's market: its newest quote, its trading hours, and who waits for which price.

Waiting prices sit in four heaps: `bid_falls` fires at a bid at or below its top, `bid_rises` at or above,
and the same for the ask. Two more hold the edges at which the guards of accounts wait; many accounts share an edge, for
a band is as wide as others that were set at the same quote. A quote first meets four plain numbers, the nearest price of
each direction: most quotes end there.
"""

from heapq import heappop, heappush
from math import gcd

from prorata.messages.symbols import Session, SymbolSpec
from prorata.trading.state import Holding, LastQuote
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import COST_MAX, DAY_MS, SECOND_MS, VOLUME_PER_LOT, Login, Moment, Points, Ticket
from prorata.units.rounding import div_ceil, div_floor

BAND_PART = 10
"""The widest band: a tenth of the price. Wider ones would bind floor without sparing more looks."""
NEVER_LOW = -1
NEVER_HIGH = 1 << 62

Waiting = tuple[int, Ticket, Login]
Guarded = dict[Points, list[Login]]


class Market:
    """One symbol's market, derived from the state. The quote is shared with it."""

    __slots__ = (
        "ask_down", "ask_falls", "ask_rises", "ask_up", "bands_set", "bid_down", "bid_falls", "bid_rises", "bid_up",
        "cost_max", "guard_high", "guard_low", "guarded_above", "guarded_below", "hours_from", "hours_open", "hours_to",
        "is_new", "name", "quote", "spec", "wide_above", "wide_ask", "wide_below", "wide_bid", "wide_high", "wide_low",
    )  # fmt: skip

    def __init__(self, spec: SymbolSpec, quote: LastQuote) -> None:
        self.name = spec.name
        self.spec = spec
        self.quote = quote
        numerator, denominator = point_value(spec)
        self.cost_max = COST_MAX // max(1, div_ceil(numerator, denominator))
        """the most that volume x price of one side may be, so that neither it nor its worth leaves int64"""
        self.bid_falls: list[Waiting] = []
        self.bid_rises: list[Waiting] = []
        self.ask_falls: list[Waiting] = []
        self.ask_rises: list[Waiting] = []
        self.guard_low: list[int] = []
        self.guard_high: list[Points] = []
        self.guarded_below: Guarded = {}
        """edge of `guard_low` -> accounts to look at once the bid is below it; some of them no longer wait there"""
        self.guarded_above: Guarded = {}
        self.wide_bid: Points = 0
        """the bid from which `wide_low` was reckoned, the lower edge of the widest band; `wide_below` waits there"""
        self.wide_low: Points = 0
        self.wide_below: list[Login] = []
        self.wide_ask: Points = 0
        self.wide_high: Points = 0
        self.wide_above: list[Login] = []
        self.bands_set = 0
        """how often a band was set since those that no longer wait were last dropped"""
        self.bid_down: Points = NEVER_LOW
        self.bid_up: Points = NEVER_HIGH
        self.ask_down: Points = NEVER_LOW
        self.ask_up: Points = NEVER_HIGH if quote.bid else 0
        self.is_new = not quote.bid
        """no quote has come; the first one is never quiet"""
        self.hours_from: Moment = 0
        self.hours_to: Moment = 0
        self.hours_open = False

    def is_open(self, now: Moment) -> bool:
        """Say whether trading is open. The answer is kept until the next change of hours."""
        if not self.hours_from <= now < self.hours_to:
            self.hours_open, self.hours_from, self.hours_to = hours_around(self.spec, now)
        return self.hours_open

    def wait_bid_falls(self, price: Points, ticket: Ticket, login: Login) -> None:
        heappush(self.bid_falls, (-price, ticket, login))
        if price > self.bid_down:
            self.bid_down = price

    def wait_bid_rises(self, price: Points, ticket: Ticket, login: Login) -> None:
        heappush(self.bid_rises, (price, ticket, login))
        if price < self.bid_up:
            self.bid_up = price

    def wait_ask_falls(self, price: Points, ticket: Ticket, login: Login) -> None:
        heappush(self.ask_falls, (-price, ticket, login))
        if price > self.ask_down:
            self.ask_down = price

    def wait_ask_rises(self, price: Points, ticket: Ticket, login: Login) -> None:
        heappush(self.ask_rises, (price, ticket, login))
        if price < self.ask_up:
            self.ask_up = price

    def guard_below(self, low: Points, login: Login) -> None:
        """Look at the account again once the bid is below `low`."""
        self._below(low).append(login)

    def guard_above(self, high: Points, login: Login) -> None:
        """Look at the account again once the ask is above `high`."""
        self._above(high).append(login)

    def guard_far_below(self, login: Login) -> Points:
        """Look at the account again once the bid is below the widest band around it; return that edge."""
        bid = self.quote.bid
        if bid != self.wide_bid:
            self.wide_bid, self.wide_low = bid, bid - bid // BAND_PART
            self.wide_below = self._below(self.wide_low)
        self.wide_below.append(login)
        return self.wide_low

    def guard_far_above(self, login: Login) -> Points:
        """Look at the account again once the ask is above the widest band around it; return that edge."""
        ask = self.quote.ask
        if ask != self.wide_ask:
            self.wide_ask, self.wide_high = ask, ask + ask // BAND_PART
            self.wide_above = self._above(self.wide_high)
        self.wide_above.append(login)
        return self.wide_high

    def _below(self, low: Points) -> list[Login]:
        """Return who waits for a bid below `low`, to be added to."""
        logins = self.guarded_below.get(low)
        if logins is None:
            logins = self.guarded_below[low] = []
            heappush(self.guard_low, -low)
            self.bid_down = max(self.bid_down, low - 1)
        return logins

    def _above(self, high: Points) -> list[Login]:
        logins = self.guarded_above.get(high)
        if logins is None:
            logins = self.guarded_above[high] = []
            heappush(self.guard_high, high)
            self.ask_up = min(self.ask_up, high + 1)
        return logins

    def enter_guards(self, holding: Holding, login: Login) -> None:
        """Enter the edges of a holding among others that are being entered in any order; `order_guards` ends that."""
        if holding.low:
            self.guarded_below.setdefault(holding.low, []).append(login)
        if holding.high:
            self.guarded_above.setdefault(holding.high, []).append(login)

    def order_guards(self) -> None:
        """Make heaps of the edges that were entered in any order."""
        self.guard_low = sorted(-low for low in self.guarded_below)
        self.guard_high = sorted(self.guarded_above)
        if not self.is_new:
            self.find_nearest()

    def forget_guards(self) -> None:
        self.guarded_below, self.guarded_above = {}, {}
        self.wide_bid = self.wide_ask = self.bands_set = 0

    def take_reached(self) -> list[tuple[Ticket, Login]]:
        """Remove and return the orders and positions whose price is reached, oldest ticket first, each once."""
        bid, ask = self.quote.bid, self.quote.ask
        reached: set[tuple[Ticket, Login]] = set()
        for heap, key in (
            (self.bid_falls, -bid), (self.bid_rises, bid), (self.ask_falls, -ask), (self.ask_rises, ask),
        ):  # fmt: skip
            while heap and heap[0][0] <= key:
                _, ticket, login = heappop(heap)
                reached.add((ticket, login))
        return sorted(reached)

    def take_unguarded(self) -> list[Login]:
        """Remove and return the accounts whose guarded band the quote has left, lowest login first, each once."""
        bid, ask = self.quote.bid, self.quote.ask
        logins: set[Login] = set()
        while self.guard_low and -self.guard_low[0] > bid:
            logins.update(self.guarded_below.pop(-heappop(self.guard_low)))
        while self.guard_high and self.guard_high[0] < ask:
            logins.update(self.guarded_above.pop(heappop(self.guard_high)))
        self.wide_bid = self.wide_ask = 0  # Who waits from now on must not join those that were taken.
        return sorted(logins)

    def find_nearest(self) -> None:
        """Set the four numbers from the tops of the heaps, after some were taken."""
        self.bid_down = -self.bid_falls[0][0] if self.bid_falls else NEVER_LOW
        if self.guard_low:
            self.bid_down = max(self.bid_down, -self.guard_low[0] - 1)
        self.ask_up = self.ask_rises[0][0] if self.ask_rises else NEVER_HIGH
        if self.guard_high:
            self.ask_up = min(self.ask_up, self.guard_high[0] + 1)
        self.bid_up = self.bid_rises[0][0] if self.bid_rises else NEVER_HIGH
        self.ask_down = -self.ask_falls[0][0] if self.ask_falls else NEVER_LOW


def hours_around(spec: SymbolSpec, now: Moment) -> tuple[bool, Moment, Moment]:
    """Return (open?, from, to): the stretch of the day around `now` in which the answer does not change.

    A holiday's hours replace its weekday's.
    """
    day = div_floor(now, DAY_MS)
    midnight = day * DAY_MS
    begins = midnight
    for session in _sessions_of(spec, day):
        opens = midnight + session.opens * SECOND_MS
        closes = midnight + session.closes * SECOND_MS
        if now < opens:
            return False, begins, opens
        if now < closes:
            return True, opens, closes
        begins = closes
    return False, begins, midnight + DAY_MS


def _sessions_of(spec: SymbolSpec, day: int) -> tuple[Session, ...]:
    for holiday in spec.holidays:
        if holiday.day == day:
            return holiday.sessions
    return spec.sessions[weekday_of(day)]


def weekday_of(day: int) -> int:
    """Return the weekday of a day since 1970-01-01, Sunday 0 (that day was a Thursday)."""
    return (day + 4) % 7


def point_value(spec: SymbolSpec) -> tuple[int, int]:
    """Return the fraction that turns volume x points into minor units of the profit currency.

    From the contract size: 1.00 lot of EURUSD x 1 point is 100_000 x 0.00001 USD = 1.00 USD.
    From a tick value: volume x points / tick size x tick value / one lot.
    """
    if spec.tick_value:
        return reduced(spec.tick_value, spec.tick_size * VOLUME_PER_LOT)
    digits = CURRENCY_DIGITS[spec.profit_currency]
    return reduced(spec.contract_size * 10**digits, 10**spec.digits * VOLUME_PER_LOT)


def reduced(numerator: int, denominator: int) -> tuple[int, int]:
    common = gcd(numerator, denominator) or 1
    return numerator // common, denominator // common
