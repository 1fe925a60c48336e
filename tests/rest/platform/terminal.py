"""A trader's front end for tests: signed in, on one of his trading accounts."""

from typing import Any

import httpx2

from tests.rest.broker.stage import PASSWORD, Answer, Stage


class Terminal:
    """Keeps its cookies as a browser does. `here`: the path of the trade platform's operations."""

    def __init__(self, stage: Stage, email: str) -> None:
        self.stage, self.email = stage, email
        self.http = httpx2.Client(verify=False, base_url=stage.url, timeout=20)
        stage.browsers.append(self.http)
        self.here = f"/mtr-api/{stage.live}"

    def signs_in(self, path: str = "/manager/mtr-login", **more: Any) -> Any:
        """Sign in, and take the first trading account."""
        answer = self.sends(path, email=self.email, password=PASSWORD, brokerId=str(self.stage.first.id), **more)
        assert answer.status == 200, answer.text
        self.takes(answer.body)
        return answer.body

    def takes(self, shown: Any, which: int = 0) -> None:
        accounts = shown.get("tradingAccounts") or shown["accounts"]
        self.http.headers["auth-trading-api"] = accounts[which]["tradingApiToken"]

    def sends(self, path: str, **body: Any) -> Answer:
        return Answer(self.http.post(path, json=body))

    def asks(self, name: str, **query: Any) -> Answer:
        return Answer(self.http.get(f"{self.here}/{name}", params=query))

    def does(self, name: str, *, key: str = "", **body: Any) -> Answer:
        return Answer(self.http.post(f"{self.here}/{name}", json=body, headers={"idempotency-key": key} if key else {}))


def trader(stage: Stage, amount: int = 1_000_000) -> Terminal:
    """Return a new person's terminal, who has a trading account with 10,000.00, and is signed in."""
    account = stage.account(stage.standard)
    (made,) = stage.trading_accounts(account)
    stage.deposit(made["login"], amount)
    terminal = Terminal(stage, account["email"])
    terminal.signs_in()
    return terminal
