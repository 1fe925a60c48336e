"""People move a client's money between his accounts in the workspace, and settle what could not be done."""

from typing import Any

import pytest

from prorata.messages.commands import BalanceKind, BookBalance
from prorata.units.numbers import MONEY_MAX
from tests.rest.broker.stage import Stage


class Holder:
    """A person with two accounts in USD, the first of which has 100.00."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.account = stage.account(stage.standard)
        opened = stage.program.post(
            f"/v1/accounts/{self.account['uuid']}/trading-accounts", {"offerUuid": stage.standard.uuid}
        )  # fmt: skip
        assert opened.status == 200, opened.text
        self.first, self.second = sorted(one["login"] for one in stage.trading_accounts(self.account))
        stage.deposit(self.first, 10_000)

    def place(self, login: str) -> dict[str, Any]:
        return {"platform": self.stage.live, "login": int(login)}


@pytest.fixture
def holder(stage: Stage) -> Holder:
    return Holder(stage)


def test_money_is_moved_between_accounts_and_the_wallet(holder: Holder) -> None:
    stage = holder.stage
    finance, support, path = stage.person("Finance"), stage.person("Support"), f"{stage.office}/transfers"
    body = {"account": holder.account["uuid"], "source": holder.place(holder.first), "amount": "40.00"}
    assert support.post(path, body).status == 403
    made = finance.post(path, {**body, "target": holder.place(holder.second)})
    assert (made.status, made.body["status"], made.body["arriving"]) == (201, "DONE", "40.00"), made.text
    assert [stage.engine(login).balance for login in (holder.first, holder.second)] == [6_000, 4_000]
    wallet = finance.post(path, body)
    assert (wallet.body["status"], wallet.body["target"]) == ("DONE", None)
    assert finance.post(path, body).status == 422, "there is not as much any more"
    listed = finance.get(path, status="DONE").body
    assert {made.body["uuid"], wallet.body["uuid"]} <= {one["uuid"] for one in listed}
    for wrong, status in (({"login": 5}, 422), ({"platform": stage.other}, 404)):
        assert finance.post(path, {**body, "target": {**holder.place(holder.second), **wrong}}).status == status
    terms, boss = f"{stage.office}/transfer-terms", stage.person("Administrator")
    assert boss.get(terms).body == {"markup_percent": "0.00"}
    assert boss.put(terms, {"markup_percent": "0.5"}).body == {"markup_percent": "0.50"}
    assert boss.put(terms, {"markup_percent": "11"}).status == 400


def test_what_could_not_go_back_is_listed_tried_and_settled(holder: Holder) -> None:
    stage = holder.stage
    boss = stage.person("Administrator")
    bank = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid], "withdrawal_approvals": 1}
    gateway = boss.post(f"{stage.office}/payment-gateways", bank).body["uuid"]
    given = {"systemUuid": stage.live, "login": holder.first, "paymentGatewayUuid": gateway, "amount": 60}
    payment = stage.program.post("/v1/withdrawals/manual", given).body["uuid"]

    def correct(amount: int) -> None:
        writer = stage.house.platforms["live"].writer
        stage.house.run(writer.submit(BookBalance(int(holder.first), BalanceKind.CORRECTION, amount)))

    correct(MONEY_MAX - 4_000)
    path = f"{stage.office}/payment-problems"
    assert boss.post(f"{stage.office}/payments/{payment}/decision", {"agree": False, "reason": "no"}).status >= 400

    def listed() -> list[Any]:
        return [one for one in boss.get(path).body if one["about"] == payment]

    (problem,) = listed()
    assert (problem["step"], problem["tries"], problem["next_at"] is not None) == ("return", 1, True)
    assert stage.person("Support").post(f"{path}/{problem['uuid']}/attempt").status == 403
    assert boss.post(f"{path}/{problem['uuid']}/attempt").body["tries"] == 2
    assert boss.post(f"{path}/{problem['uuid']}/settlement", {"note": ""}).status == 400
    settled = boss.post(f"{path}/{problem['uuid']}/settlement", {"note": "paid by cheque"})
    assert settled.body["outcome"] == "paid by cheque"
    assert boss.post(f"{path}/{problem['uuid']}/settlement", {"note": "again"}).status == 409
    assert listed() == []
    correct(4_000 - MONEY_MAX)
    assert stage.engine(holder.first).balance == 4_000
