"""What a trader's front end does, over HTTP, on a real engine. Numbers of the account come as texts."""

from decimal import Decimal
from typing import Any

import pytest

from prorata.messages.commands import Access, ChangeAccount
from tests.rest.broker.stage import Stage
from tests.rest.platform.terminal import Terminal, trader

LOGINS = ["/manager/mtr-login", "/mtr-core-edge/login", "/manager/co-login"]


@pytest.fixture(scope="module")
def told(stage: Stage) -> Terminal:
    """A trader for tests that only read."""
    return trader(stage)


def login_of(terminal: Terminal) -> int:
    return int(terminal.asks("account-details").body["login"])


def test_who_signs_in_sees_his_trading_accounts(stage: Stage) -> None:
    account = stage.account(stage.standard)
    stage.program.post(f"/v1/accounts/{account['uuid']}/trading-accounts", {"offerUuid": stage.netting.uuid})
    terminal = Terminal(stage, account["email"].upper())
    shown = terminal.signs_in()
    assert set(shown) == {"email", "token", "tradingAccounts", "selectedTradingAccount"}
    first, second = shown["tradingAccounts"]
    assert first == shown["selectedTradingAccount"]
    assert first["tradingAccountToken"] == {"token": first["tradingApiToken"]}
    assert first["tradingApiToken"].count(".") == 2
    offer = first["offer"]
    assert (offer["uuid"], offer["name"], offer["currency"]) == (stage.standard.uuid, "Standard", "USD")
    assert offer["branch"] == {"uuid": first["branchUuid"]}
    assert (offer["system"]["uuid"], offer["system"]["active"]) == (stage.live, True)
    assert "group" not in str(shown).lower()
    cookies = {cookie.name: cookie for cookie in terminal.http.cookies.jar}
    assert cookies["co-auth"].value == shown["token"]
    assert cookies["rt"].path == "/manager"
    # Another account: its own token.
    assert terminal.asks("account-details").body["login"] == first["tradingAccountId"]
    terminal.takes(shown, 1)
    details = terminal.asks("account-details").body
    assert (details["login"], details["offerName"], details["leverage"]) == (second["tradingAccountId"], "Netting", 50)


@pytest.mark.parametrize("path", LOGINS)
def test_every_known_log_in_opens_the_same_session(stage: Stage, path: str) -> None:
    terminal = Terminal(stage, trader(stage).email)
    terminal.signs_in(path)
    assert terminal.asks("balance").status == 200


def test_a_log_in_by_form_names_the_broker_in_its_query(stage: Stage) -> None:
    terminal = Terminal(stage, trader(stage).email)
    query = {"partnerId": str(stage.first.id), "email": terminal.email}
    answer = terminal.http.post("/manager/login-v2", params=query, data={"password": "correct horse"})
    assert answer.status_code == 200, answer.text
    terminal.takes(answer.json())
    assert terminal.asks("balance").status == 200


def test_a_wrong_password_an_unknown_person_and_another_broker_answer_alike(stage: Stage) -> None:
    email = trader(stage).email
    answers = [
        Terminal(stage, email).sends("/manager/mtr-login", email=given, password=password, brokerId=broker)
        for given, password, broker in (
            (email, "wrong horse", "0"), ("nobody@mail.test", "correct horse", "0"),
            (email, "correct horse", str(stage.second.id)),
        )
    ]  # fmt: skip
    assert {(answer.status, answer.body["detail"]) for answer in answers} == {(403, answers[0].body["detail"])}
    for _ in range(5):
        answer = Terminal(stage, email).sends("/manager/mtr-login", email=email, password="x")  # noqa: S106
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) > 0


def test_a_token_for_a_single_use_signs_in_once(stage: Stage) -> None:
    account = stage.account(stage.standard)
    terminal = Terminal(stage, account["email"])
    shown = terminal.sends("/manager/login/co/with-token", token=account["oneTimeToken"])
    assert (shown.status, shown.body["email"]) == (200, account["email"])
    assert terminal.sends("/manager/login/co/with-token", token=account["oneTimeToken"]).status == 410


def test_a_refresh_ends_what_was_before(stage: Stage) -> None:
    terminal = trader(stage)
    before = dict(terminal.http.cookies), terminal.http.headers["auth-trading-api"]
    answer = terminal.sends("/manager/refresh-token")
    assert answer.status == 200, answer.text
    assert terminal.asks("balance").status == 401, "the old trading token is of the old session"
    terminal.takes(answer.body)
    assert terminal.asks("balance").status == 200
    stale = Terminal(stage, terminal.email)
    stale.http.cookies.update(before[0])
    stale.http.headers["auth-trading-api"] = before[1]
    assert stale.asks("balance").status == 401
    assert stale.sends("/manager/refresh-token").status == 401
    assert [terminal.sends("/manager/refresh-token").status for _ in range(4)] == [200, 200, 200, 429]


def test_a_session_ends_after_a_quarter_of_an_hour(stage: Stage) -> None:
    terminal = trader(stage)
    stage.now += 16 * 60_000
    assert terminal.asks("balance").status == 401
    terminal.takes(terminal.sends("/manager/refresh-token").body)
    assert terminal.asks("balance").status == 200


def test_a_token_is_worth_nothing_without_its_session(stage: Stage) -> None:
    first, second = trader(stage), trader(stage)
    first.http.headers["auth-trading-api"] = second.http.headers["auth-trading-api"]
    assert first.asks("balance").status == 401
    second.http.headers["auth-trading-api"] += "x"
    assert second.asks("balance").status == 401
    del second.http.headers["auth-trading-api"]
    assert second.asks("balance").status == 401
    other = trader(stage)
    other.here = f"/mtr-api/{stage.other}"
    assert other.asks("balance").status == 404
    other.http.cookies.clear()
    other.here = f"/mtr-api/{stage.live}"
    assert other.asks("balance").status == 401


def test_a_new_password_signs_everybody_out(stage: Stage) -> None:
    terminal = trader(stage)
    assert terminal.http.get("/manager/profile").json() == terminal.http.get("/manager/profile").json() | {
        "email": terminal.email, "firstname": "Ann", "lastname": "Lee",
    }  # fmt: skip
    change = "/manager/change-password"
    assert terminal.sends(change, oldPassword="wrong", newPassword="another horse").status == 403
    assert terminal.sends(change, oldPassword="correct horse", newPassword="short").status == 422
    kept = dict(terminal.http.cookies)
    assert terminal.sends(change, oldPassword="correct horse", newPassword="another horse").status == 204
    terminal.http.cookies.update(kept)
    assert terminal.asks("balance").status == 401
    assert terminal.sends("/manager/refresh-token").status == 401
    body = {"email": terminal.email, "password": "another horse"}
    assert terminal.sends("/manager/mtr-login", **body).status == 200
    assert terminal.sends("/manager/logout").status == 204
    assert terminal.http.get("/manager/profile").status_code == 401


def test_an_account_that_may_not_sign_in_is_closed_to_its_owner(stage: Stage) -> None:
    terminal = trader(stage)
    change = ChangeAccount(login_of(terminal), access=Access.LOGIN_DISABLED)
    stage.house.run(stage.house.platforms["live"].writer.submit(change))
    assert terminal.asks("balance").status == 403


def test_the_account_is_told_in_texts(told: Terminal) -> None:
    money = told.asks("balance").body
    assert money == {
        "balance": "10000.00", "equity": "10000.00", "profit": "0.00", "netProfit": "0.00", "margin": "0.00",
        "freeMargin": "10000.00", "marginLevel": "0.00", "credit": "0.00", "currency": "USD", "currencyPrecision": 2,
    }  # fmt: skip


def test_the_market_is_told_with_the_groups_markup(stage: Stage, told: Terminal) -> None:
    found = {one["symbol"]: one for one in told.asks("effective-instruments").body}
    assert "BTCUSD" not in found
    assert "BTCUSD" in [one["symbol"] for one in told.asks("instruments").body]
    assert found["EURUSD"] == found["EURUSD"] | {
        "terminationType": "UNDEFINED", "terminationDateIso": None, "fixedLeverage": False, "multiplierCurrency": "EUR",
    }  # fmt: skip
    (one,) = told.asks("quotations", symbols="EURUSD,NONE").body
    assert one == one | {"symbol": "EURUSD", "bid": Decimal("1.09998"), "ask": Decimal("1.10013")}
    (raw,) = told.asks("quotations", symbols="EURUSD", applyMarkup="false").body
    assert (raw["bid"], raw["ask"], raw["timestampSec"]) == (Decimal("1.1"), Decimal("1.1001"), 1_772_452_800)
    stage.house.write_quotes()
    span = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"}
    shown = told.asks("candles", symbol="EURUSD", interval="M1", **span).body
    assert set(shown["candles"][0]) == {"time", "open", "high", "low", "close", "volume"}
    assert told.asks("candles", symbol="EURUSD", interval="M1").status == 400


def test_a_position_lives_from_opening_to_closing(stage: Stage) -> None:
    terminal = trader(stage)
    opening: dict[str, Any] = {"instrument": "EURUSD", "orderSide": "BUY", "volume": "0.3", "slPrice": 1.09, "tpPrice": 0}
    answer = terminal.does("position/open", key="one", **opening, isMobile=False).body
    assert (answer["status"], answer["nativeCode"], answer["errorMessage"]) == ("OK", None, None)
    name = answer["orderId"]
    assert terminal.does("position/open", key="one", **opening, isMobile=False).body["orderId"] == name
    (held,) = terminal.asks("open-positions").body["positions"]
    assert held == held | {
        "id": name, "volume": "0.3", "side": "BUY", "openPrice": "1.10013", "stopLoss": "1.09000", "profit": "-4.50",
        "currentPrice": "1.09998", "bidPrice": "1.09998", "askPrice": "1.10013", "stopLossInMainWallet": "-303.90",
        "takeProfitInMainWallet": "0.00", "openTimeMillis": 1_772_452_800_000,
    }  # fmt: skip
    changed: dict[str, Any] = {
        "id": name,
        "instrument": "EURUSD",
        "orderSide": "BUY",
        "volume": 0.3,
        "slPrice": 0,
        "tpPrice": 1.2,
    }
    assert terminal.does("position/edit", **changed).body["status"] == "OK"
    (held,) = terminal.asks("open-positions").body["positions"]
    assert (held["stopLoss"], held["takeProfit"]) == ("0.00000", "1.20000")
    closing = {"positionId": name, "instrument": "EURUSD", "orderSide": "BUY"}
    stranger = trader(stage)
    for action in ("position/close", "position/close-partially"):
        refused = stranger.does(action, **closing, volume="0.1").body
        assert (refused["status"], refused["nativeCode"]) == ("REJECTED", "UNKNOWN_POSITION")
    assert stranger.does("position/edit", **changed).body["nativeCode"] == "UNKNOWN_POSITION"
    assert terminal.does("position/close-partially", **closing, volume="0.1").body["status"] == "OK"
    assert terminal.does("position/close", **closing, volume="0.2").body["status"] == "OK"
    assert terminal.asks("open-positions").body == {"positions": []}
    stage.house.write_history()
    spans: tuple[dict[str, Any], ...] = (
        {"from": "2026-03-02T00:00:00Z", "to": "2026-03-03T00:00:00Z"},
        {"from": 1_772_400_000_000, "to": 1_772_500_000_000},
    )
    for span in spans:
        part, rest = terminal.does("closed-positions", **span).body["operations"]
        assert (part["id"], part["volume"], part["closeReason"]) == (name, "0.1", "CLOSE_REASON_PARTIAL")
        assert (rest["volume"], rest["closeReason"], rest["netProfit"]) == ("0.2", "CLOSE_REASON_USER", "-3.00")
        assert part["uid"] != rest["uid"]


def test_the_price_of_an_order_has_three_names(stage: Stage) -> None:
    terminal = trader(stage)
    same: dict[str, Any] = {"instrument": "EURUSD", "orderSide": "BUY", "volume": 0.1, "type": "LIMIT", "isMobile": False}
    name = terminal.does("pending-order/create", **same, price=1.05, slPrice=1.04, tpPrice=0).body["orderId"]
    assert terminal.does("pending-order/edit", **same, id=name, priceOrder="1.06").body["status"] == "OK"
    (order,) = terminal.asks("active-orders").body["orders"]
    assert (order["activationPrice"], order["stopLoss"], order["type"]) == ("1.06000", "1.04000", "LIMIT")
    assert trader(stage).does("pending-order/cancel", **same, id=name).body["nativeCode"] == "UNKNOWN_ORDER"
    assert terminal.does("pending-order/cancel", **same, id=name).body["status"] == "OK"
    assert terminal.asks("active-orders").body == {"orders": []}
    wrong = terminal.does("pending-order/create", **same, price=1.2).body
    assert (wrong["status"], wrong["nativeCode"]) == ("REJECTED", "PRICE_WRONG_SIDE")


def test_what_is_no_operation_or_no_json_is_refused_in_the_documented_form(told: Terminal) -> None:
    for answer, status in (
        (told.asks("nothing"), 404),
        (told.does("balance"), 405),
        (told.does("position/open"), 400),
        (told.does("position/open", instrument="EURUSD", orderSide="UP", volume=1), 400),
        (told.sends("/manager/nothing"), 404),
    ):
        assert (answer.status, answer.body["status"]) == (status, status), answer.text
        assert set(answer.body) == {"status", "title", "detail", "path", "timestamp"}
