"""What a story calls clients, strategies and offers, and the numbers that they have on the platform.

A client has the name under which its first wallet is opened. Its investment has the same name: `A` is the newest one of
client A, `A@Gold` the newest one in the strategy Gold. A strategy keeps the name it was opened with, an offer is its
private link. A bare number is taken as it is, so that a story can ask for what is not there.
"""

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_events import StrategyOpened
from prorata.messages.copy_terms import OfferType
from prorata.messages.events import Event
from tests.trading.words import BadStory


class Names:
    def __init__(self, copy: CopyDesk) -> None:
        self._copy = copy
        self._clients: dict[str, int] = {}
        self._strategies: dict[str, int] = {}

    def note(self, event: Event) -> None:
        if isinstance(event, StrategyOpened):
            self._strategies[event.name] = event.strategy

    # From names to numbers.

    def client(self, name: str) -> int:
        return self._clients.setdefault(name, len(self._clients) + 1)

    def wallet(self, text: str) -> int:
        """`A` is the wallet in USD, `A/EUR` the one in euros."""
        if text.isdigit():
            return int(text)
        name, _, currency = text.partition("/")
        return self._copy.wallet_of[self._clients[name], currency or "USD"]

    def strategy(self, text: str) -> int:
        return int(text) if text.isdigit() else self._strategies[text]

    def offer(self, text: str) -> int:
        """`basic`, or `Gold/own` for the trader's own of Gold."""
        if text.isdigit():
            return int(text)
        name, _, own = text.partition("/")
        if own:
            return self._copy.state.strategies[self._strategies[name]].offers[0]
        return self._copy.links[text]

    def investment(self, text: str) -> int:
        if text.isdigit():
            return int(text)
        strategy, row = self.place(text)
        return int(strategy.investments.number[row])

    def place(self, text: str) -> tuple[Strategy, int]:
        """Return the strategy and the row of an investment."""
        name, _, within = text.partition("@")
        client = self._clients[name]
        found: tuple[int, Strategy, int] | None = None
        for strategy in self._copy.state.strategies.values():
            if within and strategy.number != self._strategies[within]:
                continue
            columns = strategy.investments
            for row in range(strategy.rows):
                number = int(columns.number[row])
                if columns.client[row] == client and (found is None or number > found[0]):
                    found = number, strategy, row
        if found is None:
            raise BadStory(f"{text} has no investment")
        return found[1], found[2]

    # And back.

    def of_client(self, number: int) -> str:
        return next(name for name, client in self._clients.items() if client == number)

    def of_wallet(self, number: int) -> str:
        wallet = self._copy.state.wallets[number]
        name = self.of_client(wallet.client)
        return name if wallet.currency == "USD" else f"{name}/{wallet.currency}"

    def of_strategy(self, number: int) -> str:
        return next((name for name, strategy in self._strategies.items() if strategy == number), "none")

    def of_offer(self, number: int) -> str:
        offer = self._copy.state.offers.get(number)
        if offer is None:
            return "none"
        return f"{self.of_strategy(offer.strategy)}/own" if offer.type == OfferType.TRADER else offer.link

    def of_investment(self, number: int) -> str:
        found = self._copy.find_investment(number)
        if found is None:
            return "none"
        strategy, row = found
        return self.of_client(int(strategy.investments.client[row]))
