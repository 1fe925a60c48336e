"""Version 2 of the Broker-API: people and their trading accounts, over HTTP, on a real engine."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.rest.broker.stage import PASSWORD, Stage
from tests.rest.broker_v2.office import BASE, DETAILS, Office, check_failed


@pytest.fixture
def office(stage: Stage) -> Office:
    return Office(stage)


def test_a_user_is_made_found_changed_and_deleted(office: Office) -> None:
    user = office.user()
    assert user.keys() == {"uuid", "email", "created", "updated", "brokerId"}
    path = f"/v1/user-accounts/{user['uuid']}"
    assert office.get(path).body == user
    assert office.get(f"/v1/user-accounts/email/{user['email'].upper()}").body == user
    check_failed(
        office.post("/v1/user-accounts", {"email": user["email"], "password": PASSWORD}), 409, "user-account/already-exists"
    )
    newer = office.stage.email()
    assert office.patch(path, {"email": newer}).body["email"] == newer
    assert office.post(f"{path}/change-password", {"newPassword": "another horse"}).status == 204
    check_failed(office.post(f"{path}/change-password", {"newPassword": "short"}), 400, "password-unfit")
    gone = office.delete(f"{path}?deleteFromTradingSystem=true").body
    assert gone == {"userAccountUuid": user["uuid"], "deleted": True, "errorMessage": None, "tradingAccounts": []}
    check_failed(office.get(path), 404, "not-found")


def test_users_are_listed_by_when_they_were_made_and_changed(office: Office) -> None:
    first, second = office.user(), office.user()
    office.patch(f"/v1/user-accounts/{first['uuid']}", {"email": office.stage.email()})
    since = office.get("/v1/user-accounts", createdFrom=second["created"]).body
    assert (since["totalElements"], since["content"][0]["uuid"]) == (1, second["uuid"])
    changed = office.get(
        "/v1/user-accounts", createdFrom=first["created"], updatedFrom=second["created"], sort="updated,desc"
    ).body
    assert [one["uuid"] for one in changed["content"]] == [first["uuid"], second["uuid"]]
    assert office.get("/v1/user-accounts", size=1).body.keys() >= {"content", "totalPages", "totalElements", "number", "size"}


def test_a_trading_account_is_opened_in_a_group_with_money_credit_and_leverage(office: Office) -> None:
    user = office.user()
    address = {"city": "Oslo", "zipCode": "1"}
    opened = office.account(
        user, leverageRatioPercent=50, accessRight="CLOSE_ONLY", isProView=True, remarks="by phone",
        initialDeposit={"amount": 500.25, "comment": "first", "additionalType": "BANK"}, initialCredit=20,
        accountDetails=DETAILS | {"phoneNumber": "", "dateOfBirth": "1990-12-31", "addressDetails": address},
    )  # fmt: skip
    assert opened == office.get(f"/v1/trading-accounts/{opened['login']}").body
    money = opened["financeInfo"]
    assert (money["balance"], money["credit"], money["currency"]) == (Decimal("500.25"), Decimal("20.00"), "USD")
    assert opened == opened | {
        "group": "standard", "leverageRatioPercent": 50, "accessRight": "CLOSE_ONLY", "accountType": "REAL",
        "isProView": True, "remarks": "by phone",
    }  # fmt: skip
    assert opened["accountDetails"]["addressDetails"] == {
        "address": None, "country": None, "state": None, "city": "Oslo", "zipCode": "1",
    }  # fmt: skip
    assert office.get(f"/v1/user-accounts/{user['uuid']}/trading-accounts").body == [opened]
    # Under the offer that people have, so that version 1 shows it as well.
    listed = office.stage.program.get("/v1/trading-accounts", query=user["email"]).body["content"]
    assert [(one["login"], one["offerUuid"]) for one in listed] == [(opened["login"], office.stage.standard.uuid)]


def test_a_group_without_an_offer_gets_one_that_nobody_else_sees(office: Office) -> None:
    user = office.user()
    demo, again = (office.account(user, accountType="DEMO", initialDeposit=100) for _ in range(2))
    assert (demo["accountType"], again["accountType"]) == ("DEMO", "DEMO")
    made = [one for one in office.stage.program.get("/v1/offers").body["offers"] if one["demo"]]
    assert [(one["groupName"], one["hidden"]) for one in made] == [("standard", True)]


@pytest.mark.parametrize(
    ("wrong", "type"),
    [
        ({"group": "nowhere"}, "unknown-group"),
        ({"leverageRatioPercent": 5_000}, "leverage-out-of-range"),
        ({"initialDeposit": 0.001}, "out-of-range"),
        ({"initialDeposit": {"amount": 1, "additionalType": "GIFT"}}, "malformed"),
        ({"accountType": "PAPER"}, "malformed"),
        ({"accountDetails": {**DETAILS, "dateOfBirth": "tomorrow"}}, "malformed"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_new_account_opens_none(office: Office, wrong: dict[str, object], type: str) -> None:
    user = office.user()
    body = {"group": "standard", "leverageRatioPercent": 100, "accountType": "REAL", "accountDetails": DETAILS, **wrong}
    answer = office.post(f"/v1/user-accounts/{user['uuid']}/trading-accounts", body)
    check_failed(answer, 404 if type == "unknown-group" else 400, type)
    assert office.get(f"/v1/user-accounts/{user['uuid']}/trading-accounts").body == []


def test_the_same_call_under_the_same_key_opens_one_account(office: Office) -> None:
    user, other = office.user(), office.user()
    opened = office.asks_for_account(user, key="k").body
    office.post(f"/v1/trading-accounts/{opened['login']}/withdraw", {"amount": 1})
    again = office.asks_for_account(user, key="k").body
    assert (again["login"], again["financeInfo"]["balance"]) == (opened["login"], Decimal(9_999))
    for answer in (office.asks_for_account(user, key="k", initialDeposit=1), office.asks_for_account(other, key="k")):
        check_failed(answer, 409, "key-reused")
    assert office.asks_for_account(other).body["login"] != opened["login"]


def test_a_key_is_for_the_trade_platform_that_the_call_has_named(office: Office, tmp_path: Path) -> None:
    stage = Stage(tmp_path, office.stage.house)
    second = stage.control.platforms.adopt(stage.first.id, "Second", "second", host="here").uuid
    stage.reached["second"] = stage.house.platforms["other"]
    http, answers = stage.program.http, []
    path = f"/broker-api-v2/v1/user-accounts/{stage.account()['uuid']}/trading-accounts"
    body = {"group": "standard", "leverageRatioPercent": 100, "accountType": "REAL", "accountDetails": DETAILS}
    for platform in (stage.live, second, stage.live):
        headers = {"idempotency-key": "k", "prorata-platform": platform}
        answers.append(http.post(path, json=body, headers=headers).status_code)
    stage.close()
    assert answers == [200, 409, 200]


def test_a_change_needs_the_version_that_was_seen(office: Office) -> None:
    account = office.account()
    path = f"/v1/trading-accounts/{account['login']}"
    check_failed(office.patch(path, {"leverageRatioPercent": 50}), 400, "malformed")
    change = {
        "version": account["version"], "leverageRatioPercent": 50, "accessRight": "LOCKED_CLOSE_ONLY", "remarks": "seen",
        "accountDetails": {"lastName": "Moe"},
    }  # fmt: skip
    assert office.patch(path, change).status == 204
    changed = office.get(path).body
    assert (changed["leverageRatioPercent"], changed["accessRight"], changed["remarks"]) == (50, "CLOSE_ONLY", "seen")
    assert changed["accountDetails"]["lastName"] == "Moe"
    check_failed(office.patch(path, change), 409, "change-under-way")
    # Whoever else changes it makes the version another one, too.
    system = {"systemUuid": office.stage.live, "login": account["login"]}
    assert office.stage.program.patch("/v1/trading-account", {"access": "FULL"}, **system).status == 204
    check_failed(office.patch(path, {"version": changed["version"], "remarks": "late"}), 409, "change-under-way")
    moved = {"version": office.get(path).body["version"], "group": "netting"}
    assert office.patch(path, moved).status == 204
    assert office.get(path).body["group"] == "netting"
    wrong = {"version": office.get(path).body["version"], "group": "euro"}
    check_failed(office.patch(path, wrong), 400, "offer-unfit")


def test_accounts_are_listed_by_group_and_access(office: Office) -> None:
    closed, full = (
        office.account(accessRight=right, group="netting", leverageRatioPercent=50) for right in ("TRADING_DISABLED", "FULL")
    )
    listed = office.get("/v1/trading-accounts", group="netting", accessRightsFilter="TRADING_DISABLED", size=1_000).body
    assert closed["login"] in {one["login"] for one in listed["content"]}
    assert {one["accessRight"] for one in listed["content"]} == {"TRADING_DISABLED"}
    both = office.get("/v1/trading-accounts", group="netting", size=2).body
    assert [one["login"] for one in both["content"]] == [full["login"], closed["login"]]


def test_an_account_with_something_open_is_not_deleted(office: Office) -> None:
    user = office.user()
    holding, empty = office.account(user), office.account(user)
    opened = office.post("/v1/trading-accounts/positions/open", {
        "login": holding["login"], "symbol": "EURUSD", "orderSide": "BUY", "volume": 0.1,
    }).body  # fmt: skip
    assert opened["status"] == "OK"
    told = office.delete(f"/v1/user-accounts/{user['uuid']}").body
    assert (told["deleted"], {one["deleted"] for one in told["tradingAccounts"]}) == (False, {False})
    some = office.post("/v1/trading-accounts/bulk-delete", {"logins": [holding["login"], empty["login"], "999"]}).body
    assert (some["status"], [one["status"] for one in some["responses"]]) == (
        "PARTIAL_SUCCESS", ["FAILURE", "SUCCESS", "FAILURE"],
    )  # fmt: skip
    assert office.get(f"/v1/trading-accounts/{empty['login']}").body["accessRight"] == "TRADING_AND_LOGIN_DISABLED"
    office.post("/v1/trading-accounts/positions/close-all", {"login": holding["login"]})
    both = office.post("/v1/user-accounts/bulk-delete", {"uuids": [user["uuid"], office.stage.live]}).body
    assert (both["status"], [one["deleted"] for one in both["responses"]]) == ("PARTIAL_SUCCESS", [True, False])


def test_a_key_of_several_platforms_names_one_and_of_another_organization_reaches_none(office: Office) -> None:
    account = office.account()
    path = f"{BASE}/v1/trading-accounts/{account['login']}"
    foreign = Office(office.stage, office.stage.stranger)
    check_failed(foreign.get(f"/v1/trading-accounts/{account['login']}"), 404, "not-found")
    http = office.program.http
    assert http.get(path, headers={"prorata-platform": office.stage.live}).status_code == 200
    assert http.get(path, headers={"prorata-platform": office.stage.other}).status_code == 404
    # A host name may be set aside for it: then the paths are its own.
    named = {"host": "broker-v2.test"}
    assert http.get(f"/v1/trading-accounts/{account['login']}", headers=named).json()["login"] == account["login"]


def test_a_token_to_sign_in_with_needs_a_key_of_known_addresses(office: Office) -> None:
    user = office.user()
    wish = {"email": user["email"], "validityTime": 60}
    check_failed(office.post("/v1/one-time-token", wish), 403, "not-permitted")
    bound = Office(office.stage, office.stage.program_with(["accounts.passwords"], addresses=("127.0.0.0/8",)))
    assert bound.post("/v1/one-time-token", wish).body["token"]
