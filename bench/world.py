"""The same broker for every benchmark: default symbols that never close, one USD group with commission, funded accounts."""

import random
from collections.abc import Iterator

import msgspec

from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    ClosePosition,
    Command,
    OpenAccount,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.events import Dealt
from prorata.messages.groups import Commission, CommissionType, GroupSpec
from prorata.messages.symbols import ALWAYS_OPEN, MarginMode
from prorata.trading.engine import Engine
from prorata.units.numbers import VOLUME_PER_LOT

NOW = 1_772_452_800_000
"""Monday, 2 March 2026, 12:00 UTC."""
FIRST_LOGIN = 100_001
MICRO_LOT = VOLUME_PER_LOT // 100
BASE_PRICES = {"AUD": 0.66, "CAD": 0.73, "CHF": 1.13, "EUR": 1.10, "GBP": 1.27, "JPY": 0.0067, "NZD": 0.60, "USD": 1.0}
SYMBOLS = tuple(
    msgspec.structs.replace(spec, sessions=ALWAYS_OPEN, holidays=(), stop_level=0, freeze_level=0)
    for spec in default_symbols(2026)
    if spec.margin_mode == MarginMode.FOREX
)
NAMES = tuple(spec.name for spec in SYMBOLS)


def first_quotes() -> tuple[Quote, ...]:
    prices = {s.name: round(BASE_PRICES[s.base] / BASE_PRICES[s.quote] * 10**s.digits) for s in SYMBOLS}
    return tuple(Quote(name, price, price + 12) for name, price in prices.items())


def setup(accounts: int) -> Iterator[Command]:
    """Yield the commands that make the broker and its accounts, each with 10,000.00 USD."""
    for spec in SYMBOLS:
        yield PutSymbol(spec)
    commission = Commission(CommissionType.PER_LOT, 350)
    yield PutGroup(GroupSpec(name="bench", currency="USD", orders_max=0, commission=commission))
    yield Quotes(first_quotes())
    for login in range(FIRST_LOGIN, FIRST_LOGIN + accounts):
        yield OpenAccount("bench", login)
        yield BookBalance(login, BalanceKind.DEPOSIT, 10_000_00)


def build(accounts: int, positions: int) -> Engine:
    """Return an engine with that many accounts and open positions of 0.01 lot, spread over all symbols and both sides."""
    engine = Engine()
    engine.advance(NOW)
    for command in setup(accounts):
        engine.apply(command, NOW)
    for order in opening(positions, accounts):
        (event,) = engine.apply(order, NOW)
        assert isinstance(event, Dealt), event
    return engine


def opening(positions: int, accounts: int) -> Iterator[PlaceOrder]:
    """Yield market orders of 0.01 lot that open positions on all accounts in turn, over all symbols and both sides."""
    rng = random.Random(1)
    for place in range(positions):
        symbol, side = NAMES[rng.randrange(len(NAMES))], Side(rng.randrange(2))
        yield PlaceOrder(FIRST_LOGIN + place % accounts, symbol, side, MICRO_LOT)


def orders(count: int, accounts: int) -> list[PlaceOrder]:
    rng = random.Random(2)
    return [
        PlaceOrder(FIRST_LOGIN + rng.randrange(accounts), NAMES[rng.randrange(len(NAMES))], Side(rng.randrange(2)), MICRO_LOT)
        for _ in range(count)
    ]


def closing(login: int, position: int) -> ClosePosition:
    return ClosePosition(login, position)


def walk(count: int, step_ppm: int = 30) -> list[Quotes]:
    """Return single quotes of a random walk over all symbols, by up to `step_ppm` of the price at a time."""
    rng = random.Random(3)
    bids = {quote.symbol: quote.bid for quote in first_quotes()}
    steps = []
    for _ in range(count):
        name = NAMES[rng.randrange(len(NAMES))]
        widest = max(1, bids[name] * step_ppm // 1_000_000)
        bids[name] += rng.randrange(-widest, widest + 1)
        steps.append(Quotes((Quote(name, bids[name], bids[name] + 12),)))
    return steps
