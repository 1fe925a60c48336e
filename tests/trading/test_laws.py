"""Laws that hold after every command of any day: several accounts, groups and symbols, quotes with jumps."""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prorata.messages.commands import Access, Command, OrderType, Quotes, Side
from prorata.messages.events import Event, Reason, Refused
from prorata.trading import checks, orders
from prorata.trading.desk import Desk
from prorata.trading.engine import Engine
from prorata.trading.equity import equity_of
from prorata.trading.state import Account, Order, OrderState, Position
from prorata.units.numbers import Moment

from .books import check_books
from .crowd import KINDS, MONDAY, Step, command_of, moment_after, opening

IN_CI = os.environ.get("CI") == "true"
bounded = settings(max_examples=100, derandomize=IN_CI, deadline=None, database=None, suppress_health_check=list(HealthCheck))

numbers = st.integers(0, 999)
hours = st.lists(st.tuples(st.sampled_from(KINDS), numbers, numbers, numbers), max_size=60)
days = st.tuples(*[hours] * 20).map(lambda parts: [step for part in parts for step in part])
"""Some hundred steps; in parts, because Hypothesis makes one long list seldom and cuts a day of short ones well."""

Entry = tuple[Moment, Command]


class Day:
    """A day being played. `entries` is its journal; `events` what came of it."""

    def __init__(self, net_a_book: int) -> None:
        self.engine = Engine()
        self.entries: list[Entry] = []
        self.events: list[list[Event]] = []
        self.net_a_book = net_a_book
        for command in opening(net_a_book):
            self.apply(MONDAY, command)

    def apply(self, now: Moment, command: Command) -> list[Event]:
        self.entries.append((now, command))
        passed = self.engine.advance(now)
        before = self.engine.snapshot()
        events = self.engine.apply(command, now)
        if events and isinstance(events[0], Refused):
            assert len(events) == 1
            assert self.engine.snapshot() == before, "a refused command has changed something"
        self.events.append(passed + events)
        return events

    def play(self, steps: list[Step]) -> None:
        now = MONDAY
        for step in steps:
            now = moment_after(now, step)
            command = command_of(self.engine.desk, step)
            self.apply(now, command)
            check_laws(self.engine.desk, command)
            if not self.net_a_book:
                check_hedge(self.engine.desk)


def check_laws(desk: Desk, command: Command) -> None:
    check_books(desk)
    for account in desk.state.accounts.values():
        check_levels(desk, account)
        check_guards(desk, account)
    if isinstance(command, Quotes):
        for quote in command.quotes:
            check_nothing_missed(desk, quote.symbol)


def check_levels(desk: Desk, account: Account) -> None:
    """Nobody is below a line unless called, closed, or without a market to close in."""
    group, equity = desk.groups[account.group], equity_of(desk, account)
    if account.positions and not account.called:
        assert equity >= group.call_line(account.margin), f"{account.login} was not called"
    stopping = any(order.reason == Reason.STOP_OUT for order in account.orders.values())
    if not stopping and any(_can_close(desk, account, position) for position in account.positions.values()):
        assert equity >= group.stop_line(account.margin), f"{account.login} was not stopped out"


def check_guards(desk: Desk, account: Account) -> None:
    """Nobody is at a line of a guard that he still has; after a loss nothing waits, and what can be closed is."""
    guards = account.guards
    if guards is None:
        return
    equity = equity_of(desk, account)
    assert not guards.floor or equity > guards.floor
    assert not guards.daily_loss or equity > guards.base - guards.daily_loss
    assert not guards.target or equity < guards.target
    if guards.closing:
        assert account.access >= Access.TRADING_DISABLED
        assert account.positions or account.orders
        assert all(order.state == OrderState.IN_FLIGHT for order in account.orders.values())
        assert not any(_can_close(desk, account, position) for position in account.positions.values())


def _can_close(desk: Desk, account: Account, position: Position) -> bool:
    """Say whether the position's market is open and has been quoted since it opened."""
    market = desk.markets[position.symbol]
    in_flight = checks.check_in_flight(account, desk.terms_of(account, position.symbol), position) is not None
    return market.is_open(desk.now) and market.quote.at >= market.hours_from and not in_flight


def check_nothing_missed(desk: Desk, symbol: str) -> None:
    """After a quote no order and no stop of its symbol is left behind the market."""
    if not desk.markets[symbol].is_open(desk.now):
        return
    for account in desk.state.accounts.values():
        terms = desk.terms_of(account, symbol)
        for order in account.orders.values():
            if order.symbol == symbol and order.state == OrderState.PENDING and not orders.check_not_closing(account, terms):
                price = terms.ask if order.side == Side.BUY else terms.bid
                assert not _is_reached(order, price), f"order {order.ticket} was missed"
        for position in account.positions.values():
            if position.symbol == symbol and position.opened_at < desk.now:
                if checks.check_in_flight(account, terms, position) is None:
                    price = terms.bid if position.side == Side.BUY else terms.ask
                    assert not _is_stopped(position, price), f"a stop of {position.ticket} was missed"


def _is_reached(order: Order, price: int) -> bool:
    waits_below = (order.type == OrderType.LIMIT) == (order.side == Side.BUY)
    return price <= order.price if waits_below else price >= order.price


def _is_stopped(position: Position, price: int) -> bool:
    gain = 1 if position.side == Side.BUY else -1
    lost = bool(position.stop_loss) and (price - position.stop_loss) * gain <= 0
    won = bool(position.take_profit) and (price - position.take_profit) * gain >= 0
    return lost or won


def check_hedge(desk: Desk) -> None:
    """What the venue holds for us is what it holds against our clients' positions."""
    held: dict[str, int] = {}
    for account in desk.state.accounts.values():
        for position in account.positions.values():
            signed = position.hedged if position.side == Side.BUY else -position.hedged
            held[position.symbol] = held.get(position.symbol, 0) + signed
    for symbol, hedge in desk.state.hedges.items():
        assert hedge.volume == held.get(symbol, 0), f"the hedge of {symbol}"


@bounded
@given(steps=days, net_a_book=st.sampled_from((0, 100)))
def test_every_day_keeps_the_laws(steps: list[Step], net_a_book: int) -> None:
    Day(net_a_book).play(steps)


@bounded
@given(steps=days, net_a_book=st.sampled_from((0, 100)), cut=numbers)
def test_a_day_replayed_or_continued_from_a_snapshot_comes_out_the_same(steps: list[Step], net_a_book: int, cut: int) -> None:
    day = Day(net_a_book)
    day.play(steps)
    first = cut % len(day.entries)
    again, continued = Engine(), Engine()
    for number, (now, command) in enumerate(day.entries):
        if number == first:
            continued = Engine.load(again.snapshot())
        assert again.advance(now) + again.apply(command, now) == day.events[number]
        if number >= first:
            assert continued.advance(now) + continued.apply(command, now) == day.events[number]
    assert again.state_hash() == day.engine.state_hash()
    assert continued.state_hash() == day.engine.state_hash()


@pytest.mark.parametrize("seed", range(24))
def test_long_days_keep_the_laws(seed: int) -> None:
    Day(net_a_book=seed % 2 * 100).play(long_day(seed))


def long_day(seed: int) -> list[Step]:
    chance = Random(seed)
    return [(chance.choice(KINDS), chance.randrange(1000), chance.randrange(1000), chance.randrange(1000)) for _ in range(400)]


def test_the_long_days_meet_the_events_that_matter() -> None:
    """A law proves nothing about what never happens."""
    met: set[str] = set()
    for seed in range(24):
        day = Day(net_a_book=seed % 2 * 100)
        day.play(long_day(seed))
        met |= {type(event).__name__ for events in day.events for event in events}
    assert met >= {
        "StoppedOut", "MarginCalled", "NegativeBalanceCovered", "HedgeBooked", "HedgeClosed", "SwapCharged", "OrderRemoved",
        "OrderModified", "PositionModified", "DayClosed", "Repeated", "CommentChanged",
        "GuardsSet", "GuardReached",
    }  # fmt: skip
