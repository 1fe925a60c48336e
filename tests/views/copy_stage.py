"""A platform with copy trading for tests of what is read of it: no journal, no server, only the engine."""

from typing import Any

from prorata.copying.engine import Engine
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import Command, PutSymbol, Quote, Quotes
from prorata.messages.copy_commands import BookWallet, Invest, OpenStrategy, OpenWallet, PutCopySpec, PutStream
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event, Refused

MONDAY_NOON = 1_772_452_800_000
COMPANY, OTHER_COMPANY = 1, 2


class Stage:
    """EURUSD and USDJPY with quotes, two companies that deal everything at our own quote."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.copy = self.engine.copy
        self.now = MONDAY_NOON
        for spec in default_symbols(2026):
            if spec.name in ("EURUSD", "USDJPY"):
                self.do(PutSymbol(spec))
        self.engine.advance(self.now)
        self.quote(110_000)
        self.do(PutStream(StreamSpec(id=1, name="Hedge")))
        for company in (COMPANY, OTHER_COMPANY):
            self.do(PutCopySpec(CopySpec(company=company, a_book_percent=0)))

    def do(self, command: Command) -> list[Event]:
        """Have a command done; a refusal is a failure of the test."""
        events = [*self.engine.apply(command, self.now), *self.engine.finish()]
        assert not any(type(event) is Refused for event in events), events
        return events

    def quote(self, bid: int) -> None:
        """Let EURUSD be at `bid`, with an ask of one pip above."""
        self.do(Quotes((Quote("EURUSD", bid, bid + 10), Quote("USDJPY", 150_000, 150_010))))

    def client(self, client: int, money: int = 10_000_00, company: int = COMPANY) -> int:
        """Let a client have a wallet with money; return its number."""
        wallet = _first(self.do(OpenWallet(client, company))).wallet
        if money:
            self.do(BookWallet(wallet, TransferType.FUND, money))
        return int(wallet)

    def strategy(self, wallet: int, name: str, money: int = 5_000_00, **more: Any) -> int:
        return int(_first(self.do(OpenStrategy(wallet, name, money, **more))).strategy)

    def invest(self, wallet: int, offer: int, money: int, **more: Any) -> int:
        return int(_first(self.do(Invest(wallet, offer, money, **more))).investment)


def _first(events: list[Event]) -> Any:
    return events[0]
