"""What a person asks for with his own money waits for the broker's people where they move it; nobody moves another's."""

from typing import Any

import pytest

from prorata.crm.gateways import SANDBOX, NewGateway
from tests.rest.broker.stage import Answer, Stage
from tests.rest.platform.terminal import Terminal, trader


class Saver:
    """A person with 10,000.00 USD on a trading account, in front of his terminal."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.terminal = stage, trader(stage)
        self.login = str(self.terminal.asks("account-details").body["login"])
        new = NewGateway(name="Bank", currency="USD", processing_fee=100)
        self.gateway = stage.crm.gateways.add(stage.first.id, new, [stage.branch.id])
        self.place = {"systemUuid": stage.live, "login": self.login}

    def sends(self, what: str, amount: str, **more: Any) -> Answer:
        body = {**self.place, "paymentGatewayUuid": self.gateway.uuid, "amount": amount, **more}
        return self.terminal.sends(f"/client/{what}", **body)

    def gets(self, what: str) -> Any:
        return self.terminal.http.get(f"/client/{what}").json()

    @property
    def balance(self) -> int:
        return self.stage.engine(self.login).balance


@pytest.fixture
def saver(stage: Stage) -> Saver:
    return Saver(stage)


def test_what_people_move_waits_for_them_although_the_gateway_says_nobody_must_agree(saver: Saver) -> None:
    paid_in, paid_out = saver.sends("deposits", "50.00").body, saver.sends("withdrawals", "70.00").body
    assert (paid_in["status"], paid_in["netAmount"]) == ("AWAITING_CONFIRMATION", "49.00")
    assert (paid_out["status"], saver.balance) == ("AWAITING_CONFIRMATION", 993_000)
    assert len(paid_in["reference"]) == 10
    assert [one["uuid"] for one in saver.gets("payments")["payments"]] == [paid_out["uuid"], paid_in["uuid"]]
    person = saver.stage.person("Finance")
    path = f"{saver.stage.office}/payments"
    assert person.post(f"{path}/{paid_in['uuid']}/decision", {"agree": True}).body["status"] == "DONE"
    assert person.post(f"{path}/{paid_out['uuid']}/decision", {"agree": True}).body["status"] == "BOOKED"
    assert saver.balance == 997_900


def test_he_takes_back_what_he_has_asked_for_while_people_decide(saver: Saver) -> None:
    paid_out = saver.sends("withdrawals", "70.00").body
    other = Saver(saver.stage)
    assert other.terminal.sends(f"/client/payments/{paid_out['uuid']}/cancel").status == 404
    cancelled = saver.terminal.sends(f"/client/payments/{paid_out['uuid']}/cancel").body
    assert (cancelled["status"], saver.balance) == ("CANCELLED_BY_USER", 1_000_000)
    assert saver.terminal.sends(f"/client/payments/{paid_out['uuid']}/cancel").status == 409


def test_he_sees_gateways_of_his_branch_and_uses_no_other(saver: Saver) -> None:
    stage = saver.stage
    branch = stage.crm.settings.add_branch(stage.first.id, f"Branch of {saver.login}")
    elsewhere = stage.crm.gateways.add(stage.first.id, NewGateway(name="Else", currency="USD"), [branch.id])
    sandbox = stage.crm.gateways.add(
        stage.first.id, NewGateway(name="Card", currency="USD", provider=SANDBOX), [stage.branch.id]
    )  # fmt: skip
    seen = {one["uuid"] for one in saver.gets("payment-gateways")["paymentGateways"]}
    assert saver.gateway.uuid in seen
    assert elsewhere.uuid not in seen
    for gateway, status in ((elsewhere.uuid, 422), (stage.first.uuid, 422), (sandbox.uuid, 422)):
        assert saver.sends("deposits", "10.00", paymentGatewayUuid=gateway).status == status
    assert saver.sends("withdrawals", "10000.01").status == 422
    for amount in ("0", "-1", "0.001", "NaN", "sNaN", "Infinity", "1e999999999", "1e-999999999"):
        assert saver.sends("deposits", amount).status == 400
    assert saver.gets("payments")["payments"] == []


def test_he_moves_money_between_his_accounts_and_not_anybody_elses(saver: Saver) -> None:
    other = Saver(saver.stage)
    assert saver.gets("wallet") == {"currency": "USD", "balance": "0.00", "opened": False}
    moved = saver.terminal.sends("/client/transfers", source=saver.place, amount="100.00").body
    assert (moved["status"], moved["target"], saver.balance) == ("DONE", None, 990_000)
    company = saver.stage.control.companies.get(saver.stage.first.id)
    assert company is not None
    specs = saver.stage.house.platforms["live"].engine.copy.state.specs
    assert f"{company.id}/{company.currency}" in specs, "whoever has a wallet may invest"
    back = saver.terminal.sends("/client/transfers", target=saver.place, amount="40.00").body
    assert (back["status"], saver.balance) == ("DONE", 994_000)
    assert saver.gets("wallet") == {"currency": "USD", "balance": "60.00", "opened": True}
    for body in ({"source": other.place}, {"source": saver.place, "target": other.place}):
        assert saver.terminal.sends("/client/transfers", **body, amount="1.00").status == 404
    assert [one["uuid"] for one in saver.gets("transfers")["transfers"]] == [back["uuid"], moved["uuid"]]
    assert Terminal(saver.stage, saver.terminal.email).http.get("/client/transfers").status_code == 401


def test_a_call_that_is_repeated_under_its_key_has_one_payment(saver: Saver) -> None:
    def ask(what: str, amount: str, key: str = "k-1") -> Answer:
        body = {**saver.place, "paymentGatewayUuid": saver.gateway.uuid, "amount": amount, "source": saver.place}
        return Answer(saver.terminal.http.post(f"/client/{what}", json=body, headers={"idempotency-key": key}))

    for what in ("withdrawals", "transfers"):
        key = f"key of {what}"
        first, again = ask(what, "10.00", key).body, ask(what, "10.00", key).body
        assert first["uuid"] == again["uuid"]
        assert ask(what, "10.01", key).status == 409
        assert ask(what, "10.00", f"another {what}").body["uuid"] != first["uuid"]
    assert saver.balance == 1_000_000 - 4_000
    everything = [ask("withdrawals", "9960.00", "all").body["uuid"] for _ in range(2)]
    assert everything[0] == everything[1], "although there is nothing left"
    assert ask("deposits", "10.00", "key of withdrawals").status == 409
