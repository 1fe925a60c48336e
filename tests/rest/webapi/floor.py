"""Accounts to trade on through the WebAPI, and a hand on the house behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any

from prorata.messages.commands import HedgeFilled, PutGroup, Quote, Tick
from prorata.messages.groups import Commission, CommissionType, GroupSpec
from tests.rest.house import QUOTES, House
from tests.rest.webapi.office import Answer, Client

LOT = 100_000_000
GROUPS = (
    GroupSpec(name="charged", currency="USD", commission=Commission(CommissionType.PER_LOT, 333)),
    GroupSpec(name="street", currency="USD", a_book_percent=100),
    GroupSpec(name="slow", currency="USD", execution_delay_ms=500),
)
"""besides those of the house: 3.33 a lot and deal; all at the venue; half a second late"""


class Floor:
    def __init__(self, house: House, mt4: Client) -> None:
        self.house = house
        self.mt4 = mt4
        self.writer = house.platforms["live"].writer
        for group in GROUPS:
            house.run(self.writer.submit(PutGroup(group)))

    def account(self, group: str = "standard", deposit: int = 1_000_000) -> int:
        return self.house.open_account(group, deposit)

    def do(self, kind: str, *, key: str = "", headers: dict[str, str] | None = None, **fields: Any) -> Answer:
        """Ask for a trade transaction: do("OpenMarket", orderBy=1001, symbol="EURUSD", volume=100)."""
        body = {"tradeTransactionType": kind, **fields}
        return self.mt4.post("TradeTransaction", body=body, key=key, headers=headers)

    def open(self, login: int, command: str = "Buy", volume: int = 100, symbol: str = "EURUSD", **fields: Any) -> int:
        answer = self.do("OpenMarket", orderBy=login, tradeCommand=command, symbol=symbol, volume=volume, **fields)
        order: int = answer.data["order"]
        return order

    def trade(self, order: int) -> Any:
        """Return a trade as it is now, open or over."""
        return self.request(order).data

    def request(self, order: int) -> Answer:
        self.house.write_history()
        return self.mt4.get("TradeRecordRequest/{order}", order)

    def past(self, login: int, **span: Any) -> list[Any]:
        self.house.write_history()
        found: list[Any] = self.mt4.get("TradesUserHistory/{login}", login, **span).data
        return found

    def fill(self, order: int, volume: int, price: int, *, last: bool = True) -> None:
        """The venue fills an order, in hundredths of a lot."""
        execution = f"{order}-{volume}-{price}"
        self.house.run(self.writer.submit(HedgeFilled(order, execution, volume * LOT // 100, price, last)))

    def in_flight(self, login: int) -> int:
        """Return the ticket of an account's order that travels, as soon as there is one."""
        orders, until = self.writer.engine.desk.state.accounts[login].orders, monotonic() + 10
        while not orders:
            assert monotonic() < until, "no order is under way"
            sleep(0.005)
        return next(iter(orders))

    @contextmanager
    def quoted(self, *quotes: Quote) -> Iterator[None]:
        """Other quotes for a while."""
        self.house.quote(*quotes)
        try:
            yield
        finally:
            self.house.quote(*QUOTES)

    def wait(self, milliseconds: int) -> None:
        """Let time pass. Only in a house of its own: time does not go back."""
        self.house.clock.moment += milliseconds
        self.house.run(self.writer.submit(Tick()))
