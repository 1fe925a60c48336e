"""Copy trading in the house of the tests: companies, clients with wallets, strategies and investments, all over HTTP."""

from itertools import count
from typing import Any

import httpx2

from prorata.messages.commands import HedgeFilled
from tests.rest.house import House

B_BOOK, A_BOOK = 101, 102
"""companies whose investments are dealt at our own quote, and at the venue"""
STREAM = 7

_numbers = count(1)


class Copying:
    """A desk that does everything. Each test uses clients of its own."""

    def __init__(self, house: House, company: int = B_BOOK) -> None:
        self.house = house
        self.company = company
        self.http = house.client("dealer")

    def set_up(self) -> None:
        """Put the stream and the account specifications. Putting the same again changes nothing."""
        self.put(f"streams/{STREAM}", {"name": "main"})
        for company, share in ((B_BOOK, 0), (A_BOOK, 100)):
            spec = {"stream": STREAM, "stream_trader": STREAM, "a_book_percent": share}
            self.put(f"copy-specs/{company}/USD", spec)

    def close(self) -> None:
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx2.Response:
        content = {} if body is None else {"json": body}
        return self.http.request(method, f"/api/v1/{path}", **content, **more)

    def done(self, answer: httpx2.Response) -> dict[str, Any]:
        assert answer.status_code in (200, 201), answer.text
        body: dict[str, Any] = answer.json()
        return body

    def post(self, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
        return self.done(self.call("post", path, body, **more))

    def put(self, path: str, body: Any) -> dict[str, Any]:
        return self.done(self.call("put", path, body))

    def patch(self, path: str, body: Any) -> dict[str, Any]:
        return self.done(self.call("patch", path, body))

    def get(self, path: str, **query: Any) -> Any:
        answer = self.call("get", path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refusal(self, method: str, path: str, body: Any = None) -> str:
        """Make a call that is refused, and return why."""
        answer = self.call(method, path, body)
        assert answer.status_code >= 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        return str(answer.json()["refusal"])

    # Things of a test's own.

    def client(self, money: str = "10000.00") -> int:
        """Return the wallet of a new client."""
        wallet = self.post("wallets", {"client": next(_numbers), "company": self.company})["wallet"]
        if float(money):
            self.post(f"wallets/{wallet}/transfers", {"type": "fund", "amount": money})
        return int(wallet)

    def strategy(self, money: str = "10000.00", **more: Any) -> int:
        """Open a strategy that is in line with its source, which holds nothing."""
        body = {"wallet": self.client(money), "name": f"Strategy {next(_numbers)}", "money": money, **more}
        strategy = int(self.post("strategies", body)["strategy"])
        self.sync(strategy)
        return strategy

    def offer(self, strategy: int, **terms: Any) -> int:
        body = {"fee_percent": "20", "link": f"link{next(_numbers)}", **terms}
        return int(self.post(f"strategies/{strategy}/offers", body)["offer"])

    def invest(self, offer: int, money: str = "1000.00", **more: Any) -> int:
        wallet = self.client(money)
        return int(self.post("investments", {"wallet": wallet, "offer": offer, "money": money, **more})["investment"])

    def sync(self, strategy: int, *held: tuple[str, str], **more: Any) -> dict[str, Any]:
        lines = [{"symbol": symbol, "lot": lot} for symbol, lot in held]
        return self.post("signals/sync", {"strategy": strategy, "equity": "10000.00", "held": lines, **more})

    def signal(self, strategy: int, lot: str, symbol: str = "EURUSD", **more: Any) -> dict[str, Any]:
        return self.post("signals", {"strategy": strategy, "symbol": symbol, "lot": lot, "equity": "10000.00", **more})

    def copied(self, lot: str = "0.50", money: str = "1000.00") -> tuple[int, int]:
        """Return a strategy and an investment in it, both of which hold EURUSD."""
        strategy = self.strategy()
        investment = self.invest(self.offer(strategy), money)
        self.sync(strategy)
        self.signal(strategy, lot)
        return strategy, investment

    def fill(self, symbol: str, price: int) -> None:
        """Let the venue fill every order of investments in a symbol."""
        for request in self.get("fill-requests/working", symbol=symbol)["items"]:
            volume = round(abs(float(request["volume"])) * 1e8)
            filled = HedgeFilled(request["request"], f"x{request['request']}", volume, price, last=True)
            self.house.run(self.house.platforms["live"].writer.submit(filled))
