"""Version 2 of the Broker-API: money and trades, over HTTP, on a real engine. EURUSD is 1.10000/1.10010."""

from decimal import Decimal
from typing import Any

import pytest

from prorata.rest.broker_v2.balance import AdditionalType
from tests.rest.broker.stage import Answer, Stage
from tests.rest.broker_v2.office import SPAN, Office, check_failed

ROOT = "/v1/trading-accounts"


class Trader(Office):
    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.login = self.account()["login"]

    def asks(self, path: str, **body: Any) -> Answer:
        return self.post(f"{ROOT}/{path}", {"login": self.login, **body})

    def books(self, what: str, **body: Any) -> Answer:
        return self.post(f"{ROOT}/{self.login}/{what}", body)

    def opens(self, volume: Any = 1, **more: Any) -> str:
        answer = self.asks("positions/open", symbol="EURUSD", orderSide="BUY", volume=volume, **more)
        assert (answer.status, answer.body["status"]) == (200, "OK"), answer.text
        name: str = answer.body["orderId"]
        return name

    def data(self, what: str, **more: Any) -> Any:
        self.stage.house.write_history()
        answer = self.post(f"{ROOT}/trading-data/{what}", {"logins": [self.login], **more})
        assert answer.status == 200, answer.text
        return answer.body

    @property
    def money(self) -> Any:
        return self.get(f"{ROOT}/{self.login}").body["financeInfo"]


@pytest.fixture
def trader(stage: Stage) -> Trader:
    return Trader(stage)


def test_money_comes_and_goes_and_is_named_in_the_ledger(trader: Trader) -> None:
    assert trader.books("deposit", amount=50.5, comment="in", additionalType="CRYPTO").status == 204
    assert trader.books("withdraw", amount=20, additionalType="MONTHLY_FEE").status == 204
    assert trader.books("credit-in", amount=7).status == 204
    assert trader.books("credit-out", amount=3).status == 204
    assert (trader.money["balance"], trader.money["credit"]) == (Decimal("10030.50"), Decimal("4.00"))
    (mine,) = trader.data("ledgers", types=["DEPOSIT", "WITHDRAWAL", "CREDIT_IN"])
    assert [(one["type"], one["profit"], one["comment"], one["additionalType"]) for one in mine["operations"]] == [
        ("DEPOSIT", Decimal("10000.00"), "", "NONE"), ("DEPOSIT", Decimal("50.50"), "in", "CRYPTO"),
        ("WITHDRAWAL", Decimal("-20.00"), "", "MONTHLY_FEE"), ("CREDIT_IN", Decimal("7.00"), "", "NONE"),
    ]  # fmt: skip
    (all_of_it,) = trader.data("ledgers", **SPAN)
    assert len(all_of_it["operations"]) == 5
    assert trader.books("deposit", amount=1.5, comment="May", additionalType="IB_COMMISSION").status == 204
    (earned,) = trader.data("ledgers", types=["AGENT_COMMISSION"])[0]["operations"]
    assert (earned["profit"], earned["comment"], earned["additionalType"]) == (Decimal("1.50"), "May", "IB_COMMISSION")


def test_the_first_deposit_makes_a_client_of_a_lead(trader: Trader) -> None:
    user = trader.user()
    account = trader.account(user, initialDeposit=None)
    found = trader.stage.program.get(f"/v1/accounts/by-uuid/{user['uuid']}").body
    assert found["leadDetails"]["becomeActiveClientTime"] is None
    trader.post(f"{ROOT}/{account['login']}/deposit", {"amount": 5})
    found = trader.stage.program.get(f"/v1/accounts/by-uuid/{user['uuid']}").body
    assert found["leadDetails"]["becomeActiveClientTime"]


@pytest.mark.parametrize(
    ("what", "body", "type"),
    [
        ("withdraw", {"amount": 99_999}, "not-enough-money"),
        ("credit-out", {"amount": 1}, "not-enough-credit"),
        ("deposit", {"amount": 0}, "out-of-range"),
        ("deposit", {"amount": -1}, "out-of-range"),
        ("deposit", {"amount": 1, "additionalType": "GIFT"}, "malformed"),
        ("deposit", {}, "malformed"),
    ],
)
def test_money_that_cannot_be_booked_is_not(trader: Trader, what: str, body: dict[str, Any], type: str) -> None:
    check_failed(trader.books(what, **body), 400, type)
    assert trader.money["balance"] == Decimal("10000.00")


def test_a_booking_under_a_key_is_booked_once_and_without_one_as_often_as_it_is_told(trader: Trader) -> None:
    path, body = f"{ROOT}/{trader.login}/deposit", {"amount": 5}
    assert [trader.post(path, body, key="one").status for _ in range(2)] == [204, 204]
    check_failed(trader.post(path, {"amount": 6}, key="one"), 409, "key-reused")
    assert trader.money["balance"] == Decimal("10005.00")
    assert [trader.post(path, body).status for _ in range(2)] == [204, 204]
    assert trader.money["balance"] == Decimal("10015.00")
    # What was refused has used no key.
    check_failed(trader.post(f"{ROOT}/{trader.login}/withdraw", {"amount": 10_020}, key="two"), 400, "not-enough-money")
    trader.post(path, {"amount": 10})
    assert trader.post(f"{ROOT}/{trader.login}/withdraw", {"amount": 10_020}, key="two").status == 204


def test_the_34_additional_types_are_known() -> None:
    assert len(AdditionalType) == 34


def test_a_position_is_opened_edited_closed_in_part_and_closed(trader: Trader) -> None:
    name = trader.opens(slPrice=1.09, comment="by hand")
    assert trader.asks("positions/edit", id=name, tpPrice=1.2).body["status"] == "OK"
    (mine,) = trader.data("open-positions")
    (held,) = mine["positions"]
    assert (mine["login"], mine["group"]) == (int(trader.login), "standard")
    assert (held["id"], held["volume"], held["stopLoss"], held["takeProfit"]) == (
        name,
        1,
        Decimal("1.09000"),
        Decimal("1.20000"),
    )
    assert trader.asks("positions/close-partially", positionId=name, volume=0.4).body["status"] == "OK"
    other = trader.opens(0.5)
    told = trader.asks("positions/close", closePositions=[{"positionId": name}, {"positionId": "W0000000099999"}]).body
    assert (told["status"], [one["status"] for one in told["partialResponses"]]) == ("PARTIAL_SUCCESS", ["OK", "REJECTED"])
    assert not told["partialResponses"][0]["errorMessage"]
    assert told["partialResponses"][1]["errorMessage"]
    closed = trader.data("closed-positions", **SPAN)["closedPositions"]
    assert [(one["id"], one["volume"], one["reason"]) for one in closed] == [
        (name, Decimal("0.4"), "CLOSE_REASON_PARTIAL"), (name, Decimal("0.6"), "CLOSE_REASON_USER"),
    ]  # fmt: skip
    assert closed[0].keys() >= {"closeTime", "closingOrderId", "uid"}
    assert closed[0].keys().isdisjoint({"login", "time", "closingOrderID"})
    assert trader.asks("positions/close-all").body["partialResponses"][0]["positionId"] == other
    assert trader.data("open-positions")[0]["positions"] == []
    nobody = trader.asks("positions/close-all", login=None)
    check_failed(nobody, 400, "out-of-range")


def test_a_pending_order_is_placed_edited_cancelled_and_told_in_the_history(trader: Trader) -> None:
    name = trader.asks(
        "pending-order/create", symbol="EURUSD", orderSide="BUY", volume=1, type="LIMIT", activationPrice=1.05
    ).body["orderId"]
    assert trader.asks("pending-order/edit", orderId=name, activationPrice=1.06, slPrice=1.01).body["status"] == "OK"
    ((order,),) = (one["orders"] for one in trader.data("active-orders"))
    assert (order["activationPrice"], order["stopLoss"], order["type"]) == (Decimal("1.06000"), Decimal("1.01000"), "LIMIT")
    path = f"{ROOT}/pending-order/cancel?login={trader.login}&orderId={name}"
    first, again = trader.delete(path).body, trader.delete(path).body
    assert (first["status"], first["orderId"], again["status"], again["nativeCode"]) == (
        "OK",
        name,
        "REJECTED",
        "UNKNOWN_ORDER",
    )
    (mine,) = trader.data("orders-history", statuses=["CANCELLED"])
    assert [(one["orderId"], one["limit"]) for one in mine["historicalOrders"]] == [(name, Decimal("1.06000"))]


def test_a_correction_opens_and_closes_at_its_price(trader: Trader) -> None:
    common = {"symbol": "EURUSD", "volume": 0.1, "side": "BUY"}
    name = trader.asks("correction-order/create", price=1.08, **common).body["orderId"]
    assert trader.data("open-positions")[0]["positions"][0]["openPrice"] == Decimal("1.08000")
    assert trader.asks("correction-order/create", price=1.09, closingOrderId=name, **common).body["status"] == "OK"
    assert trader.data("closed-positions", **SPAN)["closedPositions"][0]["profit"] == Decimal("100.00")


def test_many_accounts_are_those_named_and_those_of_groups_that_have_the_access_asked_for(trader: Trader) -> None:
    trader.opens()
    version = trader.get(f"{ROOT}/{trader.login}").body["version"]
    trader.patch(f"{ROOT}/{trader.login}", {"version": version, "accessRight": "TRADING_DISABLED"})
    assert [one["login"] for one in trader.data("open-positions")] == [int(trader.login)]
    assert trader.data("open-positions", accessRightsFilter=["FULL"]) == []
    of_group = trader.post(
        f"{ROOT}/trading-data/open-positions", {"groups": ["standard"], "accessRightsFilter": ["TRADING_DISABLED"]}
    )
    assert int(trader.login) in {one["login"] for one in of_group.body}
    check_failed(trader.post(f"{ROOT}/trading-data/open-positions", {}), 400, "malformed")


def test_the_market_is_shown_as_a_group_trades_it(trader: Trader) -> None:
    (euro,) = trader.get("/v1/symbols", group="standard", symbols="EURUSD").body
    assert (euro["symbol"], euro["bidMarkup"], euro["askMarkup"]) == ("EURUSD", 2, 3)
    assert "standard" in trader.get("/v1/group-names").body
    (group,) = trader.post("/v1/groups", {"names": ["standard"]}).body
    assert (group["id"], group["symbols"]["EURUSD"]["bidMarkup"]) == ("standard", 2)
    wanted = {"symbol": "EURUSD", "interval": "H1", **SPAN}
    candles = trader.get("/v1/candles", size=1, **wanted).body
    assert (candles["symbol"], len(candles["candles"]) <= 1) == ("EURUSD", True)
    check_failed(
        trader.get("/v1/candles", symbol="EURUSD", interval="H1", size=1_001, from_=SPAN["from"], to=SPAN["to"]),
        400,
        "out-of-range",
    )
    assert trader.get("/service-info").body["artifact"] == "broker-api"
