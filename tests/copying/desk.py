"""A platform of copy trading for the laws: one strategy, investors with terms of their own, streams that a test answers."""

from typing import NamedTuple

import msgspec

from prorata.copying.engine import Engine
from prorata.copying.state import CopyState, Strategy, decode_column
from prorata.messages.commands import Command, HedgeFilled, PutSymbol, Quote, Quotes
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    Invest,
    OpenStrategy,
    OpenWallet,
    PutCopySpec,
    PutStream,
    SendSignal,
)
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event, HedgeRequested, Refused
from prorata.trading.state import State
from prorata.units.numbers import Minor, Moment, Points, Volume
from tests.trading.stories import MONDAY
from tests.trading.words import new_symbol

SYMBOLS = ("EURUSD", "GBPUSD")
_decode = msgspec.msgpack.Decoder(tuple[State, CopyState], dec_hook=decode_column).decode


class Terms(NamedTuple):
    money: Minor
    factor: int = 100
    turnover: Minor = 0


class Desk:
    """Commands must be taken; whoever wants to see a refusal asks the engine itself."""

    def __init__(self, spec: CopySpec, stream: StreamSpec | None = None) -> None:
        self.engine = Engine()
        self.now: Moment = MONDAY
        for name in SYMBOLS:
            self.do(PutSymbol(new_symbol(name)))
        self.do(PutStream(stream or StreamSpec(id=1, name="lp")), PutCopySpec(spec))
        self.do(OpenWallet(1, 1), BookWallet(1, TransferType.FUND, spec.trader_min))
        self.do(OpenStrategy(1, "Gold", spec.trader_min))

    def do(self, *commands: Command) -> list[Event]:
        """Apply a batch."""
        events = self.engine.advance(self.now)
        for command in commands:
            applied = self.engine.apply(command, self.now)
            assert not any(isinstance(event, Refused) for event in applied), f"{command}: {applied}"
            events += applied
        return events + self.engine.finish()

    def invest(self, client: int, terms: Terms) -> None:
        """Let a client invest; investments are numbered from 2 on in order."""
        state = self.engine.copy.state
        wallet, offer = state.next_wallet, state.next_offer
        self.do(
            OpenWallet(client, 1),
            BookWallet(wallet, TransferType.FUND, terms.money),
            AddOffer(1, 0, terms.turnover, f"link{client}"),
            Invest(wallet, offer, terms.money, factor=terms.factor),
        )

    def quote(self, symbol: str, bid: Points, ask: Points) -> list[Event]:
        return self.do(Quotes((Quote(symbol, bid, ask),)))

    def signal(self, symbol: str, lot: Volume, equity: Minor) -> list[Event]:
        return self.do(SendSignal(1, symbol, lot, equity))

    def fill(self, events: list[Event], price: Points) -> None:
        """Let the venue fill whatever was asked for in `events`."""
        for event in events:
            if isinstance(event, HedgeRequested):
                self.fill(self.do(HedgeFilled(event.order, f"x{event.order}", event.volume, price, True)), price)

    @property
    def strategy(self) -> Strategy:
        return self.engine.copy.state.strategies[1]

    def held(self, symbol: str) -> dict[int, Volume]:
        """Return client -> volume of every investment but the trader's."""
        strategy = self.strategy
        head = strategy.legs.get(symbol)
        return {
            int(strategy.investments.client[row]): int(head.rows.volume[row]) if head is not None else 0
            for row in range(1, strategy.rows)
        }


def play(engine: Engine, now: Moment, commands: list[Command]) -> list[Event]:
    """Apply a batch."""
    events = engine.advance(now)
    for command in commands:
        events += engine.apply(command, now)
    return events + engine.finish()


def reloaded(engine: Engine) -> Engine:
    """Return an engine with the same state, read from its snapshot."""
    return Engine(*_decode(engine.snapshot()))
