"""Payments through a provider: it is asked once, and what it tells by signed calls is booked once."""

from typing import Any

import httpx2
import msgspec
import pytest

from prorata.crm.gateways import SANDBOX, Gateway, NewGateway
from prorata.crm.inquiries import WAITS_MS
from prorata.crm.providers import Order, ProviderAway, Told, signed
from prorata.crm.store import CALLS_PATH
from tests.rest.broker.stage import Answer, Stage
from tests.rest.broker.test_refusals import check


class Counter:
    """A demo account, and a gateway of the sandbox."""

    def __init__(self, stage: Stage, money: int = 0, **terms: Any) -> None:
        self.stage = stage
        offer = stage.offer("Demo", "standard", demo=True)
        new = NewGateway(name="Sandbox", currency="USD", method="CARD", provider=SANDBOX, **terms)
        self.gateway: Gateway = stage.crm.gateways.add(stage.first.id, new, [stage.branch.id])
        _, self.secret = stage.crm.gateways.called(self.gateway.uuid)
        (account,) = stage.trading_accounts(stage.account(offer))
        self.login = account["login"]
        if money:
            stage.deposit(self.login, money)
        self.given = {"systemUuid": stage.live, "login": self.login, "paymentGatewayUuid": self.gateway.uuid}

    def begin(self, kind: str, amount: float) -> str:
        answer = self.stage.program.post(f"/v1/{kind}", {**self.given, "amount": amount})
        assert answer.status == 200, answer.text
        uuid: str = answer.body["uuid"]
        return uuid

    def status(self, payment: str) -> str:
        return self.stage.crm.payments.find(self.stage.first.id, payment).status

    @property
    def balance(self) -> int:
        return self.stage.engine(self.login).balance

    def tell(self, payment: str, amount: int, *, secret: str = "", age_ms: int = 0, **more: Any) -> Answer:
        told = msgspec.structs.replace(
            Told(payment_uuid=payment, provider_id="P-1", paid=True, amount=amount, currency="USD"), **more
        )
        body = msgspec.json.encode(told)
        headers = signed(secret or self.secret, "call-1", body, self.stage.now - age_ms)
        headers["content-type"] = "application/json"
        return Answer(httpx2.post(self.stage.url + CALLS_PATH + self.gateway.uuid, verify=False, content=body, headers=headers))


def test_a_deposit_is_booked_when_the_provider_has_the_money_and_once(stage: Stage) -> None:
    counter = Counter(stage)
    payment = counter.begin("deposits", 75.5)
    assert (counter.status(payment), counter.balance) == ("AWAITING_CONFIRMATION", 0)
    for _ in range(2):
        assert counter.tell(payment, 7_550).status == 204
        assert (counter.status(payment), counter.balance) == ("DONE", 7_550)


def test_the_sandbox_calls_back_until_it_is_heard(stage: Stage) -> None:
    counter = Counter(stage, money=20_000, withdrawal_fee_ppm=100_000)
    paid, failing = counter.begin("deposits", 10), counter.begin("deposits", 10.13)
    out, failing_out = counter.begin("withdrawals", 50), counter.begin("withdrawals", 20.14)  # the last pays out 18.12
    rejected = counter.begin("withdrawals", 20.15)  # 2.02 are fees: 18.13 would be paid out
    stage.hears = False
    stage.house.run(stage.crm.cashier.pay_out_waiting())
    stage.house.run(stage.crm.cashier.pay_out_waiting())
    stage.house.run(stage.crm.sandbox.tell_waiting())
    assert counter.status(out) == "PROCESSING_PAYMENT"
    assert counter.balance == 20_000 - 5_000 - 2_014 - 2_015
    stage.hears = True
    for _ in range(2):
        stage.house.run(stage.crm.sandbox.tell_waiting())
    assert [counter.status(one) for one in (paid, failing, out, failing_out, rejected)] == [
        "DONE", "FAILED", "DONE", "DONE", "FAILED_PAYMENT",
    ]  # fmt: skip
    assert counter.balance == 20_000 - 5_000 - 2_014 + 1_000


def test_a_call_that_is_not_the_providers_changes_nothing(stage: Stage) -> None:
    counter, other = Counter(stage), Counter(stage)
    payment = counter.begin("deposits", 75.5)
    path = CALLS_PATH + counter.gateway.uuid
    check(counter.tell(payment, 7_550, secret=other.secret), 401, path, "signature")
    check(counter.tell(payment, 7_550, age_ms=600_000), 401, path, "old")
    check(counter.tell(payment, 7_551), 422, path, "amount")
    check(counter.tell(payment, 7_550, currency="EUR"), 422, path, "amount")
    check(other.tell(payment, 7_550), 404, CALLS_PATH + other.gateway.uuid)
    assert (counter.status(payment), counter.balance) == ("AWAITING_CONFIRMATION", 0)
    assert counter.tell(payment, 7_550, paid=False, reason="card expired").status == 204
    check(counter.tell(payment, 7_550), 409, path)
    assert (counter.status(payment), counter.balance) == ("FAILED", 0)


def test_a_gateway_that_moves_no_money_is_for_demo_accounts(stage: Stage) -> None:
    counter = Counter(stage)
    (real,) = stage.trading_accounts(stage.account(stage.standard))
    body = {**counter.given, "login": real["login"], "amount": 10}
    check(stage.program.post("/v1/deposits", body), 422, "/v1/deposits", "demo")
    check(stage.program.post("/v1/deposits/manual", {**counter.given, "amount": 10}), 422, "/v1/deposits/manual", "by hand")


def test_the_sandbox_charges_back_what_has_come_in(stage: Stage) -> None:
    counter = Counter(stage)
    payment = counter.begin("deposits", 50.77)
    for expected in (5_077, 0, 0):
        stage.house.run(stage.crm.sandbox.tell_waiting())
        assert (counter.status(payment), counter.balance) == ("DONE", expected)
    (chargeback,) = [one for one in stage.crm.chargebacks.all(stage.first.id) if one.payment_uuid == payment]
    assert (chargeback.amount, chargeback.claim, chargeback.created_by) == (5_077, 0, "provider")


def test_a_withdrawal_whose_provider_never_calls_is_asked_about(stage: Stage) -> None:
    """The sandbox knows how it came out, though its calls have not arrived."""
    counter = Counter(stage, money=20_000)
    stage.hears = False
    paid, failing = counter.begin("withdrawals", 50), counter.begin("withdrawals", 20.13)
    stage.house.run(stage.crm.cashier.pay_out_waiting())
    stage.house.run(stage.crm.sandbox.tell_waiting())
    stage.now += WAITS_MS[0]
    stage.house.run(stage.crm.cashier.ask_about_waiting())
    assert [counter.status(one) for one in (paid, failing)] == ["DONE", "FAILED_PAYMENT"]
    assert counter.balance == 20_000 - 5_000
    stage.hears = True
    stage.house.run(stage.crm.sandbox.tell_waiting())
    assert counter.balance == 20_000 - 5_000


def test_people_find_out_what_no_provider_tells(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = Counter(stage, money=20_000)
    stage.hears = False
    out = counter.begin("withdrawals", 50)
    stage.house.run(stage.crm.cashier.pay_out_waiting())

    async def away(_order: Order) -> Told:
        raise ProviderAway

    monkeypatch.setattr(stage.crm.sandbox, "look_up", away)
    for wait_ms in (*WAITS_MS, WAITS_MS[-1]):
        stage.now += wait_ms
        stage.house.run(stage.crm.cashier.ask_about_waiting())
    boss, path = stage.person("Administrator"), f"{stage.office}/payment-problems"
    (problem,) = [one for one in boss.get(path).body if one["about"] == out]
    assert (problem["step"], problem["kind"], problem["next_at"]) == ("unanswered", "payments", None)
    assert boss.post(f"{path}/{problem['uuid']}/attempt").body["tries"] == 2
    unsaid = boss.post(f"{path}/{problem['uuid']}/settlement", {"note": "asked"})
    assert (unsaid.status, "paid" in unsaid.text) == (400, True)
    settled = boss.post(f"{path}/{problem['uuid']}/settlement", {"note": "asked by telephone", "paid": False})
    assert (settled.body["outcome"], counter.status(out), counter.balance) == ("asked by telephone", "FAILED_PAYMENT", 20_000)
    assert boss.post(f"{path}/{problem['uuid']}/attempt").status == 409

    check(counter.tell(out, 5_000), 409, CALLS_PATH + counter.gateway.uuid)
    (late,) = [one for one in boss.get(path).body if one["about"] == out]
    assert (late["step"], late["kind"]) == ("unexpected-money", "payments")
    assert (counter.status(out), counter.balance) == ("FAILED_PAYMENT", 20_000)
