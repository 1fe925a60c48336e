"""A broker whose clients copy: companies with terms, clients with money, strategies with senders.

All that is asked goes by HTTP; only the world's side (deposits, quotes, fills) is said to the platform itself.
"""

from decimal import Decimal
from typing import Any

import msgspec

from prorata.control.clients import Client
from prorata.control.companies import Company
from prorata.messages.commands import Command, HedgeFilled, Quote
from prorata.messages.copy_commands import BookWallet, OpenWallet, PutCopySpec, PutStream
from prorata.messages.copy_events import WalletOpened
from prorata.messages.copy_terms import CopySpec, StreamSpec, TransferType
from prorata.messages.events import Event, Refused
from prorata.units.numbers import Minor
from tests.rest.ramm.broker import Answered, Broker, Caller


class Person(msgspec.Struct, frozen=True):
    """A client with a wallet, signed in. `call("accounts.get", AccountID=1)` asks the second version of the Client API."""

    client: Client
    wallet: int
    call: Caller

    @property
    def number(self) -> int:
        return self.client.id

    def done(self, method: str, **body: Any) -> Any:
        """Ask for what must succeed; return the body of the answer."""
        answer = self.call(method, **body)
        assert answer.status == 200, (method, answer.text)
        return answer.body


class Stage:
    """One company of a broker. `a_book`: percent of its deals that go to the hedge account; without it all is dealt at once."""

    def __init__(self, broker: Broker, company: Company | None = None, *, a_book: int = 0, **terms: Any) -> None:
        self.broker = broker
        self.company = company or broker.add_company("Copy Broker")
        self.app_token = broker.control.app_tokens.add("Tester", "1.2", newest="1.3", importance=2)
        self.do(PutStream(StreamSpec(id=1, name="Hedge")))
        self.do(PutCopySpec(CopySpec(company=self.company.id, a_book_percent=a_book, **terms)))
        self._names = 0
        self.quote("EURUSD", 110_000, 110_010)  # Whatever another test has left.

    def do(self, command: Command) -> tuple[Event, ...]:
        """Have the platform do something; it must not refuse."""
        events = self.broker.house.run(self.broker.house.platforms["live"].writer.submit(command)).events
        assert not events or not isinstance(events[0], Refused), events
        return events

    def client(self, money: Minor = 10_000_00, version: int = 2) -> Person:
        client = self.broker.enrol(self.company)
        opened = self.do(OpenWallet(client.id, self.company.id))[0]
        assert isinstance(opened, WalletOpened)
        self.broker.control.clients.note_wallet(client.id, opened.wallet)
        if money:
            self.do(BookWallet(opened.wallet, TransferType.FUND, money))
        return Person(client, opened.wallet, self.broker.client(client, version))

    def other_version(self, person: Person, version: int) -> Person:
        return Person(person.client, person.wallet, self.broker.client(person.client, version))

    def name(self) -> str:
        self._names += 1
        return f"Strategy {self.company.id} {self._names}"

    def strategy(self, trader: Person, money: float = 5_000, **more: Any) -> dict[str, Any]:
        """Let a trader open a strategy; return the answer."""
        opened: dict[str, Any] = trader.done("myStrategies.add", Name=self.name(), Money=money, **more)
        return opened

    def public(self, trader: Person, strategy: int, fee: float = 0.25, commission: float = 0) -> int:
        """Let a trader add an offer and show it to everybody; return its number."""
        offer = trader.done("myStrategies.addOffer", StrategyID=strategy, FeeRate=fee, CommissionRate=commission)
        trader.done("myStrategies.setPublicOffer", StrategyID=strategy, OfferID=offer["OfferID"])
        number: int = offer["OfferID"]
        return number

    def invest(self, investor: Person, strategy: int, offer: int, money: float = 1_000, **more: Any) -> int:
        account: int = investor.done("accounts.add", StrategyID=strategy, OfferID=offer, Money=money, **more)["AccountID"]
        return account

    def sender(self, trader: Person, strategy: int) -> Caller:
        """Return a program that sends a strategy's signals."""
        token = trader.done("myStrategies.getToken", StrategyID=strategy)["Token"]
        return self.broker.caller("trading/v1", token, AppToken=self.app_token)

    def signal(self, sender: Caller, symbol: str, lot: float, equity: float = 10_000, **more: Any) -> int:
        answer = sender("signals.send", Type=1, Symbol=symbol, Lot=lot, Equity=equity, **more)
        assert answer.status == 200, answer.text
        number: int = answer.body["SignalID"]
        return number

    def sync(self, sender: Caller, *lines: tuple[str, float], soft: bool = False, equity: float = 10_000) -> Answered:
        signals = [{"Symbol": symbol, "Lot": lot, "Equity": equity} for symbol, lot in lines]
        answer = sender("signals.send", Type=2 if soft else 3, Signals=signals)
        assert answer.status == 200, answer.text
        return answer

    # The world.

    def quote(self, symbol: str, bid: int, ask: int) -> None:
        self.broker.house.quote(Quote(symbol, bid, ask))

    def fill(self, price: int, part: float = 1.0) -> list[tuple[str, Decimal]]:
        """Let the venue fill everything that is asked of it; return the symbols and lots."""
        filled = []
        copy = self.broker.house.platforms["live"].writer.engine.copy
        for ticket, request in list(copy.state.requests.items()):
            volume = int(abs(request.volume) * part)
            self.do(HedgeFilled(order=ticket, execution=f"fill {ticket}", volume=volume, price=price, last=True))
            filled.append((request.symbol, Decimal(request.volume) / 10**8))
        return filled

    def settle(self) -> None:
        """Let the tables know all that has happened."""
        history = self.broker.house.platforms["live"].history
        before = -1
        while history.journal_position().number > before:
            before = history.journal_position().number
            self.broker.house.write_history()

    def state_hash(self) -> str:
        return self.broker.house.state_hash()
