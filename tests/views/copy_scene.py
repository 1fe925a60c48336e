"""A small house of copy trading: one company, clients with wallets, strategies and investments, without a venue."""

from typing import Any

import msgspec

from prorata.copying.engine import Engine
from prorata.feeds.defaults import default_symbols
from prorata.messages import copy_commands as ask
from prorata.messages.commands import Command, PutSymbol, Quote, Quotes
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event, Refused

NOON = 1_772_452_800_000
"""2026-03-02T12:00:00Z, a Monday"""
LOT = 100_000_000
COMPANY = 1


class Stage:
    """Applies commands one batch each. `told`: all that was published, in order."""

    def __init__(self, *, a_book_percent: int = 0) -> None:
        self.engine = Engine()
        self.now = NOON
        self.told: list[Event] = []
        for spec in default_symbols(2026):
            if spec.name in ("EURUSD", "XAUUSD"):
                self.do(PutSymbol(spec))
        self.do(ask.PutStream(StreamSpec(id=1, name="main")))
        self.do(ask.PutCopySpec(CopySpec(company=COMPANY, a_book_percent=a_book_percent)))
        self.quote(110_000, 110_010)

    def quote(self, bid: int, ask_: int) -> None:
        self.do(Quotes((Quote("EURUSD", bid, ask_),)))

    def do(self, command: Command) -> list[Event]:
        """Apply a command that must not be refused, and return what happened."""
        happened = [*self.engine.advance(self.now)]
        answer = list(self.engine.apply(command, self.now))
        assert not isinstance(answer[0] if answer else None, Refused), answer
        happened += answer
        happened += self.engine.finish()
        self.told += happened
        return happened

    def client(self, number: int, money: int) -> int:
        """Open a client's wallet with money in it, and return its number."""
        opened: Any = self.do(ask.OpenWallet(number, COMPANY))[0]
        self.do(ask.BookWallet(opened.wallet, TransferType.FUND, money))
        return int(opened.wallet)

    def strategy(self, name: str, money: int = 10_000_00, fee_ppm: int = 200_000) -> tuple[int, int]:
        """Open a strategy with an offer; returns their numbers."""
        number = len(self.engine.copy.state.strategies) + 1
        wallet = self.client(number, money)
        self.do(ask.OpenStrategy(wallet, name, money))
        self.do(ask.AddOffer(number, fee_ppm, 10_00, f"link{number}"))
        return number, self.engine.copy.state.next_offer - 1

    def invest(self, client: int, offer: int, money: int, **terms: int) -> int:
        wallet = self.client(client, money)
        self.do(ask.Invest(wallet, offer, money, **terms))
        return self.engine.copy.state.next_investment - 1

    def sync(self, strategy: int) -> None:
        self.do(ask.SendSync(strategy, soft=False, equity=10_000_00, held=()))

    def signal(self, strategy: int, lot: int) -> None:
        self.do(ask.SendSignal(strategy, "EURUSD", lot, 10_000_00))

    def events(self, kind: type) -> list[Any]:
        return [event for event in self.told if type(event) is kind]


def shown(text: bytes) -> dict[str, Any]:
    read: dict[str, Any] = msgspec.json.decode(text)
    return read
