"""The engine in process: orders, quotes, replay, memory. One core, CPU seconds, the collector off as in production."""

import gc
import statistics
import time
from collections.abc import Callable
from itertools import islice

from bench import world
from prorata.app.memory import use_huge_pages
from prorata.messages.batch import Submission, decode_batch, encode
from prorata.messages.commands import Command
from prorata.messages.events import Dealt
from prorata.server.machine import Machine, batch_of
from prorata.trading.equity import equity_of
from prorata.trading.state import Account

ORDERS = 60_000
ACCOUNTS = 10_000


def median_of(runs: int, measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(runs))


def orders_a_second(held: int) -> float:
    """Market orders applied, half opening and half closing again, beside `held` positions on 10,000 accounts."""
    engine = world.build(ACCOUNTS, held)
    opening = world.orders(ORDERS // 2, ACCOUNTS)
    gc.collect()
    use_huge_pages()  # As the server does with what it holds.

    def trade() -> float:
        began = time.process_time()
        for order in opening:
            event = engine.apply(order, world.NOW)[0]
            assert type(event) is Dealt, event
            engine.apply(world.closing(order.login, event.position), world.NOW)
        return ORDERS / (time.process_time() - began)

    return median_of(3, trade)


def quotes_a_second(held: int, *, count: int = 300_000, step_ppm: int = 30) -> tuple[float, int]:
    """Return (quotes applied a second, events they caused) with `held` positions on 10,000 accounts."""
    engine = world.build(ACCOUNTS, held)
    walk = world.walk(count, step_ppm)
    gc.collect()
    events = 0
    began = time.process_time()
    for quotes in walk:
        events += len(engine.apply(quotes, world.NOW))
    return count / (time.process_time() - began), events


def valued_a_second(held: int, count: int = 300) -> float:
    """The baseline: for each quote, value exactly every account that holds its symbol."""
    engine = world.build(ACCOUNTS, held)
    desk = engine.desk
    holders: dict[str, list[Account]] = {name: [] for name in world.NAMES}
    for account in desk.state.accounts.values():
        for name in account.holdings:
            holders[name].append(account)
    began = time.process_time()
    for quotes in world.walk(count):
        engine.apply(quotes, world.NOW)
        for account in holders[quotes.quotes[0].symbol]:
            equity_of(desk, account)
    return count / (time.process_time() - began)


def journal_of(orders: int, per_batch: int = 128, quotes_each: int = 0) -> list[bytes]:
    """Return a journal whose last batches hold `orders` market orders, opening and closing in turn.

    `quotes_each`: quotes for each order, entering before it.
    """
    walk = iter(world.walk(orders * quotes_each))
    machine = Machine()
    bodies: list[bytes] = []

    def write(commands: list[Command]) -> list[tuple[object, ...]]:
        batch = batch_of(machine, world.NOW, 1, [Submission(command) for command in commands])
        bodies.append(encode(batch))
        return [events for events, _ in machine.apply(batch)[0]]

    write(list(world.setup(ACCOUNTS)))
    opening = world.orders(orders // 2, ACCOUNTS)
    for start in range(0, len(opening), per_batch):
        placed: list[Command] = list(opening[start : start + per_batch])
        dealt = [events[0] for events in write(placed) if events]
        quotes: list[Command] = list(islice(walk, 2 * quotes_each * len(placed)))
        write([*quotes, *(world.closing(deal.login, deal.position) for deal in dealt if isinstance(deal, Dealt))])
    return bodies


def replayed_a_second(quotes_each: int = 0) -> float:
    """Commands decoded and applied again from journal records, results hashed and compared."""
    bodies = journal_of(ORDERS, quotes_each=quotes_each)
    commands = sum(len(decode_batch(body).submissions) for body in bodies[1:])

    def replay() -> float:
        machine = Machine()
        machine.apply(decode_batch(bodies[0]))
        began = time.process_time()
        for body in bodies[1:]:
            machine.apply(decode_batch(body))
        return commands / (time.process_time() - began)

    return median_of(3, replay)


def decoded_a_second() -> float:
    """The baseline of a replay: the same records decoded and thrown away."""
    bodies = journal_of(ORDERS)
    began = time.process_time()
    for body in bodies[1:]:
        decode_batch(body)
    return ORDERS / (time.process_time() - began)
