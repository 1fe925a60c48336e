"""Deposits, withdrawals and credit over HTTP."""

from decimal import Decimal
from typing import Any

from prorata.access.permissions import EVERYTHING, READS
from prorata.crm.gateways import Gateway, NewGateway
from tests.rest.broker.stage import Stage
from tests.rest.broker.test_refusals import NOBODY, check


def gateway(stage: Stage, *, currency: str = "USD", branch_id: int = 0, **terms: Any) -> Gateway:
    new = NewGateway(name="Bank", currency=currency, **terms)
    return stage.crm.gateways.add(stage.first.id, new, [branch_id or stage.branch.id])


def payer(stage: Stage, found: Gateway) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return an account, and the beginning of a payment of it."""
    account = stage.account(stage.standard)
    (trading_account,) = stage.trading_accounts(account)
    at = {"systemUuid": stage.live, "login": trading_account["login"], "paymentGatewayUuid": found.uuid}
    return account, at


def test_money_comes_in_and_goes_out_as_the_guide_tells_it(stage: Stage) -> None:
    bank = gateway(stage, processing_fee=50, withdrawal_fee_ppm=12_500)
    program = stage.program
    shown = {one["uuid"]: one for one in program.get("/v1/payment-gateways").body["paymentGateways"]}[bank.uuid]
    assert shown == {
        "uuid": bank.uuid, "name": "Bank", "method": "BANK_TRANSFER",
        "supportedOperationTypes": {"deposits": True, "withdrawals": True},
        "paymentSettings": {
            "currency": "USD",
            "feesConfig": {"processingFee": Decimal("0.50"), "depositFee": 0, "withdrawalFee": Decimal("1.25")},
        },
        "processingSettings": {"autoDeposits": True, "autoWithdrawals": True, "verificationRequired": False},
    }  # fmt: skip
    branches = {one["uuid"]: one for one in program.get("/v1/branches").body["branches"]}
    assert bank.uuid in branches[stage.branch.uuid]["paymentGatewayUuids"]

    account, at = payer(stage, bank)
    paid_in = program.post("/v1/deposits/manual", {**at, "amount": 1000.10, "comment": "by bank"})
    assert paid_in.status == 200, paid_in.text
    assert paid_in.body["status"] == "DONE"
    assert paid_in.body["transactionInfo"] == {
        "amount": Decimal("1000.10"), "netAmount": Decimal("999.60"), "currency": "USD",
    }  # fmt: skip
    paid_out = program.post("/v1/withdrawals/manual", {**at, "amount": 400})
    assert (paid_out.body["status"], paid_out.body["transactionInfo"]["netAmount"]) == ("DONE", Decimal("394.50"))
    assert stage.engine(at["login"]).balance == 59_960

    (listed,) = program.get("/v1/deposits", query=account["email"]).body["content"]
    assert listed["uuid"] == paid_in.body["uuid"]
    assert listed["accountInfo"]["tradingAccount"]["login"] == at["login"]
    assert listed["paymentRequestInfo"]["financialDetails"] == {
        "status": "DONE", "amount": Decimal("1000.10"), "netAmount": Decimal("999.60"), "currency": "USD",
    }  # fmt: skip
    assert listed["paymentRequestInfo"]["paymentGatewayDetails"] == {"uuid": bank.uuid, "name": "Bank"}
    assert program.get("/v1/withdrawals", query=account["email"]).body["totalElements"] == 1
    assert stage.stranger.get("/v1/deposits", query=account["email"]).body["totalElements"] == 0
    lead = program.get(f"/v1/accounts/by-uuid/{account['uuid']}").body["leadDetails"]
    assert lead["becomeActiveClientTime"], "the first deposit makes a client"


def test_credit_is_given_and_taken_back(stage: Stage) -> None:
    _, at = payer(stage, gateway(stage))
    del at["paymentGatewayUuid"]
    assert stage.program.post("/v1/credit/in", {**at, "amount": 50, "comment": "bonus"}).status == 204
    assert stage.engine(at["login"]).credit == 5_000
    check(stage.program.post("/v1/credit/out", {**at, "amount": 50.01}), 422, "/v1/credit/out")
    assert stage.program.post("/v1/credit/out", {**at, "amount": 20.5}).status == 204
    assert stage.engine(at["login"]).credit == 2_950


def test_a_withdrawal_that_people_must_agree_to_waits(stage: Stage) -> None:
    account, at = payer(stage, gateway(stage, withdrawal_approvals=2))
    stage.deposit(at["login"], 10_000)
    asked = stage.program.post("/v1/withdrawals/manual", {**at, "amount": 60})
    assert asked.body["status"] == "AWAITING_CONFIRMATION"
    assert stage.engine(at["login"]).balance == 4_000
    path = f"/v1/accounts/{account['uuid']}/timeline-events"
    events = stage.program.get(path, eventType="WITHDRAWAL_TO_CONFIRM").body["timelineEvents"]
    assert len(events) == 1


def test_a_payment_is_refused_that_does_not_fit(stage: Stage) -> None:
    bank = gateway(stage, deposit_min=1_000, withdrawal_max=5_000)
    account, at = payer(stage, bank)
    stage.deposit(at["login"], 10_000)
    branch = stage.crm.settings.add_branch(stage.first.id, "Elsewhere")
    program, into, out = stage.program, "/v1/deposits/manual", "/v1/withdrawals/manual"
    given = {**at, "amount": 20}
    for path, change, status, said in (
        (into, {"paymentGatewayUuid": gateway(stage, currency="EUR").uuid}, 422, "EUR"),
        (into, {"paymentGatewayUuid": gateway(stage, branch_id=branch.id).uuid}, 422, "branch"),
        (into, {"paymentGatewayUuid": gateway(stage, deposits=False).uuid}, 422, "deposits"),
        (into, {"paymentGatewayUuid": gateway(stage, verification_required=True).uuid}, 422, "verified"),
        (into, {"paymentGatewayUuid": gateway(stage, processing_fee=2_000).uuid}, 422, "fee"),
        (into, {"paymentGatewayUuid": NOBODY}, 422, "paymentGatewayUuid"),
        (into, {"systemUuid": NOBODY}, 404, "systemUuid"),
        (into, {"login": "7"}, 404, "login"),
        (into, {"amount": 0}, 400, "amount"),
        (into, {"amount": -20}, 400, "amount"),
        (into, {"amount": 20.001}, 400, "amount"),
        (into, {"amount": 1e30}, 400, "amount"),
        (into, {"amount": "20"}, 400, "amount"),
        (into, {"amount": 9.99}, 422, "limits"),
        (out, {"amount": 50.01}, 422, "limits"),
        (out, {"paymentGatewayUuid": gateway(stage).uuid, "amount": 100.01}, 422, ""),
    ):
        check(program.post(path, {**given, **change}), status, path, said)
    check(stage.program_with(READS).post(into, given), 403, into, "money.move")
    assert stage.engine(at["login"]).balance == 10_000
    for path in ("/v1/deposits", "/v1/withdrawals"):
        assert program.get(path, query=account["email"]).body["totalElements"] == 0


def test_a_program_that_repeats_itself_under_a_key_books_once(stage: Stage) -> None:
    login = stage.trader(amount=0)
    bank = stage.crm.gateways.add(stage.first.id, NewGateway(name="Bank", currency="USD"), [stage.branch.id])
    body = {"systemUuid": stage.live, "login": login, "paymentGatewayUuid": bank.uuid, "amount": 12.5}
    uuids = {stage.program.post("/v1/deposits/manual", body, key="d-1").body["uuid"] for _ in range(3)}
    assert (len(uuids), stage.engine(login).balance) == (1, 1_250)
    assert stage.program.post("/v1/deposits/manual", {**body, "amount": 13}, key="d-1").status == 409
    for _ in range(2):
        credit = {"systemUuid": stage.live, "login": login, "amount": 5}
        assert stage.program.post("/v1/credit/in", credit, key="c-1").status == 204
    assert stage.engine(login).credit == 500
    assert stage.program_with(EVERYTHING).post("/v1/deposits/manual", body, key="d-1").body["uuid"] not in uuids
    assert stage.engine(login).balance == 2_500
