"""Nobody learns what is not theirs: another platform's account, or another client's, answers like none at all."""

import pytest

from prorata.access.callers import Scope
from tests.rest.house import House

CALLS = [
    ("get", "/api/v1/accounts/{login}", None),
    ("get", "/api/v1/accounts/{login}/orders", None),
    ("get", "/api/v1/accounts/{login}/orders/1", None),
    ("delete", "/api/v1/accounts/{login}/orders/1", None),
    ("get", "/api/v1/accounts/{login}/order-history", None),
    ("get", "/api/v1/accounts/{login}/positions", None),
    ("get", "/api/v1/accounts/{login}/positions/1", None),
    ("delete", "/api/v1/accounts/{login}/positions/1", None),
    ("post", "/api/v1/accounts/{login}/positions/1/reverse", None),
    ("post", "/api/v1/accounts/{login}/positions/1/close", {"volume": "0.01"}),
    ("post", "/api/v1/accounts/{login}/positions/1/close", {"symbol": "EURUSD", "price": "1.1"}),
    ("post", "/api/v1/accounts/{login}/positions/1/close-by", {"by_ticket": 2}),
    (
        "patch", "/api/v1/accounts/{login}/positions/1",
        {"symbol": "EURUSD", "stop_loss": None, "take_profit": None, "trailing_points": None},
    ),
    ("post", "/api/v1/accounts/{login}/close-all", {}),
    ("get", "/api/v1/accounts/{login}/deals", None),
    ("get", "/api/v1/accounts/{login}/ledger-entries", None),
    ("get", "/api/v1/accounts/{login}/days", None),
    ("get", "/api/v1/accounts/{login}/margin-events", None),
    ("get", "/api/v1/accounts/{login}/balance-operations", None),
    ("patch", "/api/v1/accounts/{login}", {"leverage": 10}),
    ("put", "/api/v1/accounts/{login}/guards", {"floor": "1.00"}),
    ("post", "/api/v1/accounts/{login}/balance-operations", {"kind": "deposit", "amount": "1.00"}),
    ("post", "/api/v1/orders", {"login": "{login}", "symbol": "EURUSD", "side": "buy", "volume": "0.10"}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), CALLS, ids=lambda part: str(part)[:60])
def test_a_foreign_account_answers_exactly_like_none(
    house: House, method: str, path: str, body: dict[str, object] | None
) -> None:
    theirs, own = house.open_account(), house.open_account()
    scopes = [Scope.READ, Scope.TRADE, Scope.DEALER]
    bound = house.keys.create("live", scopes, logins=[own])
    other_platform = house.keys.create("other", [Scope.ADMIN])
    before = house.state_hash()
    answers = []
    for token, login in ((bound, theirs), (bound, 987_654), (other_platform, 987_654), (other_platform, theirs)):
        content = {**body, "login": login} if body and "login" in body else body
        with house.client(token) as client:
            answer = client.request(method, path.format(login=login), json=content)
        problem = answer.json()
        answers.append((answer.status_code, problem["code"], problem["title"], problem["detail"]))
    assert answers[0][:2] == (404, 2001)
    assert len(set(answers)) == 1
    assert house.state_hash() == before


def test_lists_show_only_the_accounts_of_the_key(house: House) -> None:
    own = [house.open_account(), house.open_account()]
    house.open_account()
    with house.trader(*own) as trader:
        body = {"login": own[0], "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
        trader.post("/api/v1/orders", json=body)
        assert [row["login"] for row in trader.get("/api/v1/accounts").json()["items"]] == own
        assert {row["login"] for row in trader.get("/api/v1/positions").json()["items"]} == {own[0]}


HOUSE_CALLS = [
    "groups", "groups/standard", "deals", "ledger-entries", "days", "margin-events", "exposure/symbols", "exposure/groups",
    "exposure/accounts", "balance-sheet", "hedge/positions", "hedge/orders", "breaks",
]  # fmt: skip


@pytest.mark.parametrize("path", HOUSE_CALLS)
def test_the_houses_own_figures_are_not_for_keys_bound_to_accounts(house: House, path: str) -> None:
    bound = house.keys.create("live", [Scope.ADMIN], logins=[1001])
    for token, wanted in ((bound, 403), ("read", 403), ("dealer", 200)):
        with house.client(token) as client:
            assert client.get(f"/api/v1/{path}").status_code == wanted, token


@pytest.mark.parametrize("token", ["prk_aaaaaaaa_wrong", "Bearer", "prk_" + "x" * 5_000, "%00"], ids=lambda token: token[:20])
def test_without_a_good_key_nothing_is_answered(house: House, token: str) -> None:
    with house.client("none") as client:
        answer = client.get("/api/v1/accounts", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["refusal"]) == (401, "NOT_AUTHENTICATED")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_key_is_out_at_once(house: House) -> None:
    token = house.keys.create("live", [Scope.READ], label="to be revoked")
    with house.client(token) as client:
        assert client.get("/api/v1/time").status_code == 200
        house.keys.revoke(token.split("_")[1])
        assert client.get("/api/v1/time").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/orders", {"login": 1001, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}),
        ("post", "/api/v1/accounts", {"group": "standard"}),
        ("put", "/api/v1/symbols/EURUSD", {}),
        ("patch", "/api/v1/accounts/1001", {}),
    ],
)
def test_a_key_without_the_scope_is_refused(house: House, method: str, path: str, body: dict[str, object]) -> None:
    with house.client("read") as client:
        answer = client.request(method, path, json=body)
    assert (answer.status_code, answer.json()["refusal"]) == (403, "NOT_PERMITTED")


def test_a_locked_account_shuts_its_trader_out(house: House) -> None:
    login = house.open_account()
    with house.client("dealer") as dealer, house.trader(login) as trader:
        assert dealer.patch(f"/api/v1/accounts/{login}", json={"access": "login_disabled"}).status_code == 200
        assert trader.get(f"/api/v1/accounts/{login}").json()["refusal"] == "LOGIN_DISABLED"
        assert trader.get("/api/v1/accounts").json()["items"] == []
        assert dealer.get(f"/api/v1/accounts/{login}").json()["access"] == "login_disabled"
