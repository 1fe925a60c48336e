"""People set up the CRM in the workspace and decide on payments there; programs see what came of it."""

from decimal import Decimal

from tests.rest.broker.stage import Program, Stage


def test_what_people_set_up_programs_see(stage: Stage) -> None:
    risk, reader = stage.person("Risk"), stage.person("Read-only")
    office = stage.office
    branch = risk.post(f"{office}/branches", {"name": "Cyprus", "two_factor": True})
    assert branch.status == 201, branch.text
    offer = {
        "name": "Cyprus demo", "branch": branch.body["uuid"], "platform": stage.live, "group": "standard",
        "currency": "USD", "leverage": 30, "demo": True, "initial_deposit": "5000.00",
    }  # fmt: skip
    assert reader.post(f"{office}/offers", offer).status == 403
    made = risk.post(f"{office}/offers", offer)
    assert made.status == 201, made.text
    changed = risk.patch(f"{office}/offers/{made.body['uuid']}", {"hidden": True, "initial_deposit": "7000"})
    assert (changed.body["hidden"], changed.body["initial_deposit"]) == (True, "7000.00")
    (seen,) = [one for one in stage.program.get("/v1/offers").body["offers"] if one["uuid"] == made.body["uuid"]]
    assert (seen["hidden"], seen["initialDeposit"], seen["branch"]["name"]) == (True, Decimal("7000.00"), "Cyprus")
    gateway = {"name": "Bank", "currency": "USD", "branches": [branch.body["uuid"]], "deposit_fee_percent": "1.25"}
    bank = risk.post(f"{office}/payment-gateways", gateway)
    assert bank.status == 201, bank.text
    path = f"{office}/payment-gateways/{bank.body['uuid']}"
    assert risk.put(path, {**gateway, "currency": "EUR"}).status == 422
    assert risk.put(path, {**gateway, "withdrawal_approvals": 2}).body["withdrawal_approvals"] == 2
    seen = {one["uuid"]: one for one in stage.program.get("/v1/payment-gateways").body["paymentGateways"]}[bank.body["uuid"]]
    assert seen["processingSettings"]["autoWithdrawals"] is False
    for body, status in (
        ({**offer, "branch": stage.foreign_branch.uuid}, 422),
        ({**offer, "platform": stage.other}, 404),
        ({**offer, "initial_deposit": "0.001"}, 400),
    ):
        assert risk.post(f"{office}/offers", body).status == status
    assert reader.get(f"{office}/offers").status == 200
    stranger = f"/api/v1/organizations/{stage.second.uuid}"
    assert reader.get(f"{stranger}/offers").status == 404


def waiting(stage: Stage, boss: Program) -> tuple[str, str]:
    """Have a withdrawal of 60.00 out of 100.00 wait; return login and the payment's path."""
    bank = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid], "withdrawal_approvals": 2}
    gateway = boss.post(f"{stage.office}/payment-gateways", bank).body["uuid"]
    (account,) = stage.trading_accounts(stage.account(stage.standard))
    stage.deposit(account["login"], 10_000)
    body = {"systemUuid": stage.live, "login": account["login"], "paymentGatewayUuid": gateway, "amount": 60}
    asked = stage.program.post("/v1/withdrawals/manual", body)
    return account["login"], f"{stage.office}/payments/{asked.body['uuid']}"


def test_two_people_agree_and_a_third_pays_out(stage: Stage) -> None:
    boss, first, second = stage.person("Administrator"), stage.person("Finance"), stage.person("Finance")
    login, path = waiting(stage, boss)
    listed = boss.get(f"{stage.office}/payments", status="AWAITING_CONFIRMATION").body
    assert [one["amount"] for one in listed if path.endswith(one["uuid"])] == ["60.00"]
    assert stage.person("Support").post(f"{path}/decision", {"agree": True}).status == 403
    assert boss.post(f"{path}/payout", {"paid": True}).status == 409, "nobody has agreed yet"
    assert first.post(f"{path}/decision", {"agree": True}).body["status"] == "AWAITING_CONFIRMATION"
    assert first.post(f"{path}/decision", {"agree": True}).status == 409
    assert second.post(f"{path}/decision", {"agree": True}).body["status"] == "BOOKED"
    assert boss.post(f"{path}/decision", {"agree": False}).status == 409, "it is too late"
    paid = boss.post(f"{path}/payout", {"paid": True, "note": "transfer 17"}).body
    assert (paid["status"], paid["reference"]) == ("DONE", "transfer 17")
    assert stage.engine(login).balance == 4_000


def test_what_is_rejected_or_cannot_be_paid_goes_back(stage: Stage) -> None:
    boss, first, second = stage.person("Administrator"), stage.person("Finance"), stage.person("Finance")
    login, path = waiting(stage, boss)
    rejected = first.post(f"{path}/decision", {"agree": False, "reason": "no document"}).body
    assert (rejected["status"], rejected["remark"]) == ("REJECTED", "no document")
    assert stage.engine(login).balance == 10_000
    login, path = waiting(stage, boss)
    for person in (first, second):
        person.post(f"{path}/decision", {"agree": True})
    assert boss.post(f"{path}/payout", {"paid": False, "note": "closed account"}).body["status"] == "FAILED_PAYMENT"
    assert stage.engine(login).balance == 10_000


def test_a_chargeback_needs_two_and_what_is_owed_is_settled(stage: Stage) -> None:
    boss, first, second = stage.person("Administrator"), stage.person("Finance"), stage.person("Finance")
    bank = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid], "withdrawal_approvals": 1}
    gateway = boss.post(f"{stage.office}/payment-gateways", bank).body["uuid"]
    (account,) = stage.trading_accounts(stage.account(stage.standard))
    body = {"systemUuid": stage.live, "login": account["login"], "paymentGatewayUuid": gateway, "amount": 60}
    payment = stage.program.post("/v1/deposits/manual", body).body["uuid"]
    out = stage.program.post("/v1/withdrawals/manual", {**body, "amount": 40}).body["uuid"]
    path = f"{stage.office}/payments/{payment}/chargebacks"
    assert stage.person("Support").post(path, {"amount": "60.00"}).status == 403
    assert first.post(path, {"amount": "60.01"}).status == 422
    assert first.post(f"{stage.office}/payments/{out}/chargebacks", {"amount": "1.00"}).status == 422
    asked = first.post(path, {"amount": "60.00", "reason": "stolen card"})
    assert (asked.status, asked.body["status"]) == (201, "AWAITING_CONFIRMATION")
    path = f"{stage.office}/chargebacks/{asked.body['uuid']}"
    assert first.post(f"{path}/decision", {"agree": True}).status == 403
    done = second.post(f"{path}/decision", {"agree": True}).body
    assert (done["status"], done["claim"], stage.engine(account["login"]).balance) == ("DONE", "40.00", 0)
    assert [one["uuid"] for one in boss.get(f"{stage.office}/chargebacks", owed="true").body] == [asked.body["uuid"]]
    assert boss.post(f"{path}/claim", {"note": "written off"}).body["claim_note"] == "written off"
    assert boss.get(f"{stage.office}/chargebacks", owed="true").body == []
