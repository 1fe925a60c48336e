"""An officer sets levels up and decides; the person does his part in his terminal, and may do what he has reached."""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from prorata.crm.crossing import YOUNG_MS, NotSent
from prorata.messages.commands import BalanceKind, BookBalance
from tests.rest.broker.stage import Program, Stage
from tests.rest.platform.terminal import Terminal, trader

QUESTIONS = {
    "questions": [
        {"id": "years", "text": "For how long have you traded?", "choices": [
            {"id": "none", "text": "not yet", "weight": 0}, {"id": "five", "text": "five years", "weight": 10},
        ]},
    ],
    "suitable_from": 10, "warn_from": 5,
}  # fmt: skip


@pytest.fixture
def rules(stage: Stage) -> Iterator[dict[str, Any]]:
    """Give the organization a level that trades; take it away in the end, for other tests know of none."""
    risk = stage.person("Risk")
    levels = f"{stage.office}/kyc/levels"
    base = {"rank": 0, "name": "Guest", "rights": ["DEPOSIT"], "deposit_limits": [{"currency": "USD", "amount": "500.00"}]}
    full = {
        "rank": 1, "name": "Known", "rights": ["TRADE", "DEPOSIT", "WITHDRAW"], "verifies": True, "reviewers": 2,
        "valid_days": 365, "appropriateness": "NOT_UNSUITABLE",
    }  # fmt: skip
    made = [risk.post(levels, body) for body in (base, full)]
    assert [answer.status for answer in made] == [201, 201], [answer.text for answer in made]
    assert risk.post(levels, full).status == 422, "there is one of this rank"
    assert risk.post(f"{stage.office}/kyc/questionnaires", QUESTIONS).body["version"] >= 1
    yield made[1].body
    for level in risk.get(levels).body:
        assert risk.delete(f"{levels}/{level['uuid']}").status == 200


def buys(terminal: Terminal) -> Any:
    answer = terminal.does("position/open", instrument="EURUSD", orderSide="BUY", volume="0.1").body
    return answer["status"], answer["nativeCode"]


def decides(officer: Program, path: str, verdict: str = "AGREE", **more: Any) -> Any:
    return officer.post(f"{path}/decision", {"verdict": verdict, **more})


def test_a_person_is_known_and_then_trades(stage: Stage, rules: dict[str, Any]) -> None:
    terminal = trader(stage)
    assert buys(terminal) == ("REJECTED", "LEVEL_NEEDED")
    key = {"tradingAccountUuid": terminal.asks("account-details").body["uuid"], "name": "robot"}
    assert [terminal.sends("/client/api-keys", **key, scopes=[scope]).status for scope in ("trade", "read")] == [403, 200]
    seen = terminal.http.get("/client/kyc").json()
    assert (seen["verificationStatus"], seen["levelName"], seen["rights"]) == ("NEW", "Guest", ["DEPOSIT"])
    (level,) = seen["levels"]
    assert (level["uuid"], level["questionnaire"]) == (rules["uuid"], True)
    check = terminal.sends("/client/kyc/checks", levelUuid=rules["uuid"]).body
    assert terminal.sends("/client/kyc/submit", checkUuid=check["uuid"]).status == 422, "nothing is answered"
    asked = terminal.http.get("/client/kyc/questionnaire").json()
    assert "weight" not in str(asked)
    answered = terminal.sends("/client/kyc/questionnaire", version=asked["version"], choices={"years": "five"})
    assert (answered.status, answered.body["result"]) == (200, "SUITABLE")
    assert terminal.sends("/client/kyc/submit", checkUuid=check["uuid"]).body["state"] == "SUBMITTED"
    assert trader(stage).sends("/client/kyc/submit", checkUuid=check["uuid"]).status == 404

    first, second = stage.person("Compliance"), stage.person("Compliance")
    path = f"{stage.office}/kyc/checks/{check['uuid']}"
    assert stage.person("Support").post(f"{path}/review").status == 403
    (waiting,) = first.get(f"{stage.office}/kyc/checks", check_state="SUBMITTED").body
    assert (waiting["uuid"], waiting["email"], waiting["needed"]) == (check["uuid"], terminal.email, 2)
    assert first.post(f"{path}/review").body["state"] == "IN_REVIEW"
    assert decides(first, path, "REJECT").status == 422, "a reason is missing"
    assert decides(first, path).body["agreed"] == 1
    assert decides(first, path).status == 409
    assert buys(terminal) == ("REJECTED", "LEVEL_NEEDED")
    done = decides(second, path, reason="seen").body
    assert (done["state"], done["reason"]) == ("APPROVED", "seen")
    assert buys(terminal) == ("OK", None)
    assert terminal.sends("/client/api-keys", **key, scopes=["trade"]).status == 200
    account = stage.program.get(f"/v1/accounts/by-email/{terminal.email}").body
    assert account["verificationStatus"] == "VERIFIED"
    standing = first.get(f"{stage.office}/accounts/{account['uuid']}/standing").body
    assert [one["step"] for one in standing["history"]] == ["start", "submit", "take", "agree", "agree", "approve"]
    assert standing["answers"][0]["score"] == 10

    # A key that sets the status by hand overrides, and is named.
    patched = stage.program.patch(f"/v1/accounts/{account['uuid']}", {"verificationStatus": "UNVERIFIED"})
    assert (patched.status, patched.body["verificationStatus"]) == (200, "UNVERIFIED")
    assert buys(terminal) == ("REJECTED", "LEVEL_NEEDED")
    stage.trader_keys.end_unpermitted()
    assert [one["scopes"] for one in terminal.http.get("/client/api-keys").json()["apiKeys"]] == [["read"]]
    (position,) = terminal.asks("open-positions").body["positions"]
    assert terminal.does("position/close", positionId=position["id"], instrument="EURUSD").body["status"] == "OK"
    standing = first.get(f"{stage.office}/accounts/{account['uuid']}/standing").body
    assert (standing["override_by"], standing["history"][-1]["step"]) == ("website", "override")
    resumed = first.delete(f"{stage.office}/accounts/{account['uuid']}/standing/override")
    assert (resumed.status, resumed.body["verification"], resumed.body["level_name"]) == (200, "VERIFIED", "Known")
    reads = [row.action.method for row in stage.control.audit.rows(stage.first.id)]
    assert "platform submit" in reads


def test_a_deposit_is_refused_beyond_the_levels_limit(stage: Stage, rules: dict[str, Any]) -> None:
    (account,) = stage.trading_accounts(stage.account(stage.standard))
    bank = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid]}
    gateway = stage.person("Risk").post(f"{stage.office}/payment-gateways", bank).body["uuid"]

    def deposit(amount: int) -> int:
        body = {"systemUuid": stage.live, "login": account["login"], "paymentGatewayUuid": gateway, "amount": amount}
        return stage.program.post("/v1/deposits/manual", body).status

    assert [deposit(400), deposit(101), deposit(100), deposit(1)] == [200, 403, 200, 403]


def test_documents_are_handed_in_looked_at_and_read_by_those_who_may(stage: Stage) -> None:
    terminal, officer = trader(stage), stage.person("Compliance")
    photo = b"\xff\xd8\xff\xe0 a passport" + bytes(200_000)

    def sends(content: bytes, media: str = "image/jpeg") -> Any:
        query = {"kind": "PASSPORT", "name": "pass.jpg"}
        return terminal.http.post("/client/documents", params=query, content=content, headers={"content-type": media})

    made = sends(photo)
    assert made.status_code == 200, made.text
    assert made.json()["status"] == "UPLOADED"
    statuses = [sends(*one).status_code for one in ((b"MZ", "image/jpeg"), (photo, "text/html"), (bytes(11 << 20),))]
    assert statuses == [422, 422, 413]
    assert trader(stage).http.get(f"/client/documents/{made.json()['uuid']}").status_code == 404
    own = terminal.http.get(f"/client/documents/{made.json()['uuid']}")
    assert (own.content, own.headers["content-type"]) == (photo, "image/jpeg")

    path = f"{stage.office}/documents/{made.json()['uuid']}"
    (waiting,) = officer.get(f"{stage.office}/documents", status="UPLOADED").body
    assert (waiting["email"], waiting["size"]) == (terminal.email, len(photo))
    assert stage.person("Support").get(f"{path}/content").status == 403
    shown = officer.http.get(f"{path}/content")
    assert (shown.content, shown.headers["content-disposition"]) == (photo, "attachment")
    assert officer.post(f"{path}/review", {"accepted": False}).status == 422
    assert officer.post(f"{path}/review", {"accepted": True, "expires_on": "2030-12-31"}).body["status"] == "ACCEPTED"
    (own_view,) = terminal.http.get("/client/documents").json()["documents"]
    assert (own_view["status"], own_view["expiresOn"]) == ("ACCEPTED", "2030-12-31")

    upload = f"{stage.office}/accounts/{waiting['account']}/documents"
    query = {"kind": "PROOF_OF_ADDRESS", "name": "bill.pdf"}
    bill = officer.http.post(upload, params=query, content=b"%PDF-1.7 a bill", headers={"content-type": "application/pdf"})
    assert bill.status_code == 201, bill.text
    assert stage.program_of("").http.post(upload, params=query, content=b"%PDF-1.7").status_code == 401
    assert len(officer.get(upload).body) == 2
    stage.control.refresh()
    rows = [row.action for row in stage.control.audit.rows(stage.first.id, limit=10_000)]
    about = {(one.actor.partition(" ")[0], one.method.partition(" ")[0]) for one in rows if waiting["uuid"] in one.request}
    assert about >= {("person", "GET"), ("person", "POST"), ("account", "platform")}


def test_a_person_is_told_everything_and_then_forgotten(stage: Stage) -> None:
    terminal, officer = trader(stage, amount=0), stage.person("Compliance")
    account = stage.program.get(f"/v1/accounts/by-email/{terminal.email}").body
    path = f"{stage.office}/accounts/{account['uuid']}"
    assert terminal.sends("/client/consents", kind="marketing", version="1", given=True).status == 400
    for given in (True, False):
        assert terminal.sends("/client/consents", kind="MARKETING", version="1", given=given).status == 200
    assert terminal.http.get("/client/consents").json()["consents"][0]["given"] is False
    assert [one["given"] for one in officer.get(f"{path}/consents").body] == [False, True]

    for answer in (terminal.http.get("/client/export"), officer.http.get(f"{path}/export")):
        assert answer.headers["content-type"] == "application/zip", answer.text
        with ZipFile(io.BytesIO(answer.content)) as archive:
            assert msgspec.json.decode(archive.read("person.json"))["email"] == terminal.email
            assert len(msgspec.json.decode(archive.read("consents.json"))) == 2

    stage.deposit(terminal.asks("account-details").body["login"], 100)
    bound = officer.delete(f"{path}/personal-data")
    assert (bound.status, bound.body["refusal"]) == (409, "PERSON_BOUND")
    login = terminal.asks("account-details").body["login"]
    take = BookBalance(int(login), BalanceKind.WITHDRAWAL, 100)
    stage.house.run(stage.house.platforms["live"].writer.submit(take))
    assert stage.person("Support").delete(f"{path}/personal-data").status == 403
    for _ in range(2):
        gone = officer.delete(f"{path}/personal-data")
        assert gone.status == 200, gone.text
        assert gone.body["audit_rows"]
    assert terminal.http.get("/manager/profile").status_code == 401
    assert stage.program.get(f"/v1/accounts/by-uuid/{account['uuid']}").status == 404
    assert terminal.sends("/manager/mtr-login", email=terminal.email, password="correct horse").status == 403  # noqa: S106
    assert stage.control.audit.first_bad() is None
    boss = stage.person("Risk")
    assert boss.put(f"{stage.office}/privacy", {"decisions_days": 30}).body == boss.get(f"{stage.office}/privacy").body


def test_nobody_is_forgotten_while_an_account_or_money_of_his_is_on_its_way(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, boss, carrier = stage.person("Compliance"), stage.person("Administrator"), stage.crm.carrier
    account = stage.account(stage.standard)
    (first,) = stage.trading_accounts(account)
    path = f"{stage.office}/accounts/{account['uuid']}/personal-data"

    def is_bound(by: str) -> None:
        refused = officer.delete(path)
        assert (refused.status, refused.body["refusal"]) == (409, "PERSON_BOUND"), refused.text
        assert by in refused.body["detail"]
        assert stage.program.get(f"/v1/accounts/by-uuid/{account['uuid']}").status == 200

    async def not_now(*_command: Any) -> None:
        raise NotSent

    def carried_later() -> None:
        monkeypatch.undo()
        stage.now += 2 * YOUNG_MS
        stage.house.run(carrier.carry_waiting())

    monkeypatch.setattr(stage.engines, "submit", not_now)
    path_of_accounts = f"/v1/accounts/{account['uuid']}/trading-accounts"
    assert stage.program.post(path_of_accounts, {"offerUuid": stage.standard.uuid}).body["status"] == "PENDING"
    is_bound("trading accounts")
    carried_later()
    monkeypatch.setattr(stage.engines, "submit", not_now)
    booked = f"/broker-api-v2/v1/trading-accounts/{first['login']}/deposit"
    assert stage.program.post(booked, {"amount": 10}).status == 500
    is_bound("direct bookings")
    carried_later()
    is_bound("money")
    bank = {"name": "Bank", "currency": "USD", "branches": [stage.branch.uuid], "withdrawal_approvals": 1}
    gateway = boss.post(f"{stage.office}/payment-gateways", bank).body["uuid"]
    given = {"systemUuid": stage.live, "login": first["login"], "paymentGatewayUuid": gateway, "amount": 10}
    asked = stage.program.post("/v1/withdrawals/manual", given).body
    is_bound("payment")
    payment = f"{stage.office}/payments/{asked['uuid']}"
    assert stage.person("Finance").post(f"{payment}/decision", {"agree": True}).body["status"] == "BOOKED"
    is_bound("payment")
    assert stage.person("Finance").post(f"{payment}/payout", {"paid": True, "note": "sent"}).body["status"] == "DONE"
    assert officer.delete(path).status == 200


def test_people_are_sorted_and_found(stage: Stage) -> None:
    risk, support = stage.person("Risk"), stage.person("Support")
    office, people = stage.office, f"{stage.office}/accounts"
    phone = {"phoneNumber": "+357 99 765432"}
    first, second = stage.account(contactDetails=phone), stage.account(contactDetails=phone)
    assert support.post(f"{office}/tags", {"name": "VIP"}).status == 403
    tag = risk.post(f"{office}/tags", {"name": "VIP", "color": "#ff0000"}).body
    assert risk.post(f"{office}/tags", {"name": "VIP"}).status == 409
    pool = risk.post(f"{office}/pools", {"name": "Cyprus"}).body
    field = risk.post(f"{office}/fields", {"name": "Shoe size", "kind": "NUMBER"}).body
    status = risk.get(f"{office}/lead-statuses").body[0]
    wanted = {"accounts": [first["uuid"], second["uuid"]], "more_tags": [tag["uuid"]], "pool": pool["uuid"]}
    assert support.post(f"{people}/sorting", {**wanted, "lead_status": status["uuid"]}).body == {"accounts": 2}
    assert support.post(f"{people}/sorting", {**wanted, "pool": first["uuid"]}).status == 422
    values = f"{people}/{first['uuid']}/fields"
    assert support.put(values, {"values": [{"field": field["uuid"], "value": "many"}]}).status == 422
    assert support.put(values, {"values": [{"field": field["uuid"], "value": "42.0"}]}).body[0]["value"] == "42"

    def found(**query: Any) -> list[str]:
        answer = support.get(people, **query)
        assert answer.status == 200, answer.text
        return [one["uuid"] for one in answer.body["accounts"]]

    both = [second["uuid"], first["uuid"]]
    assert found(tag=tag["uuid"], pool=pool["uuid"], lead_status=status["uuid"]) == both
    assert found(field=field["uuid"], value="42") == [first["uuid"]]
    assert found(tag=tag["uuid"], limit=1, offset=1) == [first["uuid"]]
    assert found(tag=tag["uuid"], verification="VERIFIED") == []
    assert set(both) <= set(found(suspected=True, limit=500))
    shown = support.get(people, tag=tag["uuid"]).body
    assert (shown["total"], shown["accounts"][0]["suspected"], shown["accounts"][0]["tags"][0]["name"]) == (2, True, "VIP")
    scope = stage.program.get(f"/v1/accounts/by-uuid/{first['uuid']}").body["accountConfiguration"]["crmUserScope"]
    assert scope["managerPools"] == [pool["uuid"]]

    (pair,) = support.get(f"{people}/{second['uuid']}/duplicates").body
    assert (pair["kinds"], pair["first"]["uuid"], pair["status"]) == (["PHONE"], first["uuid"], "SUSPECTED")
    decided = support.post(f"{office}/duplicates/{pair['uuid']}/decision", {"status": "DIFFERENT", "note": "married"})
    assert (decided.status, decided.body["note"]) == (200, "married")
    assert pair["uuid"] in [one["uuid"] for one in support.get(f"{office}/duplicates", status="DIFFERENT").body]
    assert support.get(people, tag=tag["uuid"]).body["accounts"][0]["suspected"] is False
    stranger = f"/api/v1/organizations/{stage.second.uuid}/duplicates/{pair['uuid']}/decision"
    assert support.post(stranger, {"status": "DIFFERENT"}).status == 404
    for path in (f"tags/{tag['uuid']}", f"pools/{pool['uuid']}", f"fields/{field['uuid']}"):
        assert risk.delete(f"{office}/{path}").status == 200
    assert found(tag=tag["uuid"]) == []
