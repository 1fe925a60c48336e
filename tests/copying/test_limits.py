"""Limits are found at the quote that reaches them: by a strategy's watch, and by an engine that looks at everybody."""

from random import Random

import msgspec

from prorata.messages.commands import PutSymbol, Quote, Quotes
from prorata.messages.copy_commands import AddOffer, BookWallet, Invest, OpenWallet, SendSignal
from prorata.messages.copy_events import StatesChanged
from prorata.messages.copy_terms import CopySpec, InvestmentState, TransferType
from prorata.messages.symbols import MarginMode
from prorata.sim.copy_oracle import check_copying
from prorata.units.numbers import VOLUME_PER_LOT
from tests.trading.words import new_symbol

from .desk import Desk, play, reloaded

PEOPLE = 60
MONEY = 1_000_00
PRICES = {"EURUSD": 110_000, "EURNOK": 1_150_000, "OILNOK": 100_000, "XAUUSD": 200_000}
LOTS = {"EURNOK": 0.03, "OILNOK": -0.60, "XAUUSD": 0.02}
"""converted by two quotes, by two, and by none"""


def crowded(rng: Random) -> Desk:
    """Return a desk with investors whose limits are everywhere, above and below."""
    desk = Desk(
        CopySpec(company=1, investor_min=1, trader_min=MONEY, a_book_percent=0, stop_out_ppm=1_000_000, leverage_max=10)
    )
    for name in PRICES:
        symbol = new_symbol(name)
        by_price = msgspec.structs.replace(symbol, margin_currency=symbol.quote, margin_mode=MarginMode.LEVERAGE)
        desk.do(PutSymbol(symbol if symbol.base == "EUR" else by_price))
    desk.do(Quotes(tuple(Quote(name, price, price + 10) for name, price in PRICES.items())), AddOffer(1, 0, 0, "basic"))
    for client in range(2, 2 + PEOPLE):
        protection, target = rng.choice((0, rng.randrange(800_000, 1_000_000))), rng.randrange(1_000, 500_000)
        desk.do(
            OpenWallet(client, 1),
            BookWallet(client, TransferType.FUND, MONEY),
            Invest(client, 2, MONEY, rng.randint(40, 75), protection, target),
        )
    desk.do(*(SendSignal(1, name, round(lot * VOLUME_PER_LOT), MONEY) for name, lot in LOTS.items()))
    return desk


def moved(rng: Random, prices: dict[str, int]) -> Quotes:
    """Return quotes of one or two symbols, a little off where they were, at times with a wide spread. `prices` follow."""
    names = rng.sample(list(PRICES), rng.choice((1, 1, 2)))
    for name in names:
        prices[name] += prices[name] * rng.randint(-9_000, 9_000) // 1_000_000
    spread = rng.choice((0, 10, 10, 1_000))
    return Quotes(tuple(Quote(name, prices[name], prices[name] + prices[name] * spread // 100_000) for name in names))


def test_a_watch_finds_what_looking_at_everybody_finds() -> None:
    left = set[InvestmentState]()
    for seed in range(3):
        rng, prices = Random(seed), dict(PRICES)
        desk = crowded(rng)
        for _ in range(60):
            quotes = moved(rng, prices)
            anew = reloaded(desk.engine)
            events = desk.do(quotes)
            assert play(anew, desk.now, [quotes]) == events
            check_copying(desk.engine.copy)
            left |= {event.state for event in events if isinstance(event, StatesChanged)}
    assert left >= {InvestmentState.STOPPING_OUT, InvestmentState.PROTECTING, InvestmentState.TAKING_TARGET}
