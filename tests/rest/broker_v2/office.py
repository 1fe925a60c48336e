"""A program that speaks version 2, with a base address that ends in /broker-api-v2, as its only setting."""

from typing import Any

from tests.rest.broker.stage import PASSWORD, Answer, Program, Stage

BASE = "/broker-api-v2"
SPAN = {"from": "2026-01-01T00:00:00.000Z", "to": "2027-01-01T00:00:00.000Z"}
DETAILS = {"firstName": "Ann", "lastName": "Lee"}


class Office:
    def __init__(self, stage: Stage, program: Program | None = None) -> None:
        self.stage = stage
        self.program = program or stage.program

    def get(self, path: str, **query: Any) -> Answer:
        return self.program.get(BASE + path, **query)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self.program.post(BASE + path, body, **more)

    def patch(self, path: str, body: Any) -> Answer:
        return self.program.patch(BASE + path, body)

    def delete(self, path: str) -> Answer:
        return self.program.delete(BASE + path)

    def user(self, email: str = "") -> dict[str, Any]:
        answer = self.post("/v1/user-accounts", {"email": email or self.stage.email(), "password": PASSWORD})
        assert answer.status == 200, answer.text
        made: dict[str, Any] = answer.body
        return made

    def asks_for_account(self, user: dict[str, Any], *, key: str = "", **more: Any) -> Answer:
        body = {
            "group": "standard", "leverageRatioPercent": 100, "accountType": "REAL", "accountDetails": DETAILS,
            "initialDeposit": 10_000, **more,
        }  # fmt: skip
        return self.post(f"/v1/user-accounts/{user['uuid']}/trading-accounts", body, key=key)

    def account(self, user: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        """Open a trading account with 10,000.00, or as said."""
        answer = self.asks_for_account(user or self.user(), **more)
        assert answer.status == 200, answer.text
        made: dict[str, Any] = answer.body
        return made


def check_failed(answer: Answer, status: int, type: str) -> None:
    assert (answer.status, answer.body["status"]) == (status, status), answer.text
    assert answer.body["type"] == f"error://broker-api/{type}"
    assert answer.body.keys() == {"status", "title", "detail", "path", "timestamp", "type"}
