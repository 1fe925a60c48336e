"""Trading on behalf of an account, over HTTP, on a real engine: EURUSD is 1.10000/1.10010, the group adds 2 and 3 points."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from prorata.messages.commands import PutSymbol, Quote
from tests.rest.broker.stage import Answer, Stage

ROOT = "/v1/trading-accounts"
OPEN, EDIT, CLOSE = f"{ROOT}/positions/open", f"{ROOT}/positions/edit", f"{ROOT}/positions/close"
PLACE, CANCEL = f"{ROOT}/pending-order/create", f"{ROOT}/pending-order/cancel"
CORRECT = f"{ROOT}/correction-order/create"
BUY: dict[str, Any] = {"instrument": "EURUSD", "orderSide": "BUY", "volume": 1}


class Trader:
    """An account, and the calls on its behalf."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.login = stage, stage.trader()
        self.at = {"systemUuid": stage.live, "login": self.login}

    def asks(self, path: str, *, key: str = "", **body: Any) -> Answer:
        return self.stage.program.post(path, self.at | body, key=key)

    def opens(self, side: str = "BUY", volume: Any = 1, **more: Any) -> str:
        answer = self.asks(OPEN, instrument="EURUSD", orderSide=side, volume=volume, **more)
        assert (answer.status, answer.body["status"]) == (200, "OK"), answer.text
        name: str = answer.body["orderId"]
        return name

    def holds(self) -> dict[str, Any]:
        answer = self.stage.program.get(f"{ROOT}/trading-data/open-positions", **self.at)
        return {one["id"]: one for one in answer.body["positions"]}

    def waits(self) -> dict[str, Any]:
        answer = self.stage.program.get(f"{ROOT}/trading-data/active-orders", **self.at)
        return {one["id"]: one for one in answer.body["orders"]}


@pytest.fixture
def trader(stage: Stage) -> Trader:
    return Trader(stage)


def check_rejected(answer: Answer, code: str) -> None:
    assert answer.status == 200, answer.text
    assert (answer.body["status"], answer.body["nativeCode"], answer.body["orderId"]) == ("REJECTED", code, None)
    assert answer.body["errorMessage"]


def test_a_position_is_opened_edited_and_closed_in_parts(trader: Trader) -> None:
    name = trader.opens(volume=0.3, slPrice=1.09, comment="by hand")
    assert (len(name), name[0], name[1:].isdigit()) == (14, "W", True)
    held = trader.holds()[name]
    assert held == held | {
        "symbol": "EURUSD", "alias": "EURUSD", "volume": Decimal("0.3"), "side": "BUY", "openTime": trader.stage.platform_time,
        "openPrice": Decimal("1.10013"), "currentPrice": Decimal("1.09998"), "stopLoss": Decimal("1.09000"), "takeProfit": 0,
        "profit": Decimal("-4.50"), "swap": 0, "commission": 0, "netProfit": Decimal("-4.50"), "margin": Decimal("330.03"),
    }  # fmt: skip
    (part,) = held["positions"]
    assert (part["id"], part["oldPartialVolume"], part["netProfit"]) == (name, held["volume"], held["netProfit"])

    # A stop that is not told stays; 0 removes one.
    assert trader.asks(EDIT, id=name, tpPrice=1.2).body == {
        "status": "OK", "orderId": name, "nativeCode": None, "errorMessage": None, "partialResponses": None,
    }  # fmt: skip
    held = trader.holds()[name]
    assert (held["stopLoss"], held["takeProfit"]) == (Decimal("1.09"), Decimal("1.2"))
    assert trader.asks(EDIT, id=name, slPrice=0).body["status"] == "OK"
    held = trader.holds()[name]
    assert (held["stopLoss"], held["takeProfit"]) == (0, Decimal("1.2"))

    done = trader.asks(f"{CLOSE}-partially", positionId=name, instrument="EURUSD", volume="0.1").body
    assert (done["status"], done["orderId"]) == ("OK", name)
    assert trader.holds()[name]["volume"] == Decimal("0.2")
    done = trader.asks(CLOSE, closePositions=[{"positionId": name, "instrument": "EURUSD"}]).body
    assert (done["status"], done["orderId"]) == ("OK", name)
    assert done["partialResponses"] == [{"positionId": name, "status": "OK", "errorMessage": None}]
    assert trader.holds() == {}


def test_of_several_positions_those_that_are_there_are_closed(trader: Trader) -> None:
    first, second = trader.opens(), trader.opens("SELL")
    foreign = Trader(trader.stage).opens()
    wanted = [{"positionId": name, "instrument": "EURUSD"} for name in (first, foreign)]
    answer = trader.asks(CLOSE, closePositions=wanted)
    assert (answer.status, answer.body["status"]) == (200, "PARTIAL_SUCCESS")
    assert [(one["positionId"], one["status"]) for one in answer.body["partialResponses"]] == [
        (first, "OK"), (foreign, "REJECTED"),
    ]  # fmt: skip
    assert list(trader.holds()) == [second]
    everything = {"systemUuid": trader.stage.live, "logins": [trader.login]}
    answer = trader.stage.program.post(f"{CLOSE}-all", everything)
    assert (answer.body["status"], answer.body["orderId"]) == ("OK", second)
    assert trader.holds() == {}
    assert trader.stage.program.post(f"{CLOSE}-all", everything).body["status"] == "OK"


def test_a_pending_order_waits_and_is_cancelled(trader: Trader) -> None:
    wanted: dict[str, Any] = {
        "instrument": "EURUSD", "orderSide": "BUY", "volume": 0.1, "type": "LIMIT", "activationPrice": 1.05,
    }  # fmt: skip
    answer = trader.asks(PLACE, **wanted, slPrice=1.04, tpPrice=1.2, goodTillDate="2026-03-03T00:00:00.000Z")
    name = answer.body["orderId"]
    assert trader.waits()[name] == {
        "id": name, "symbol": "EURUSD", "alias": "EURUSD", "volume": Decimal("0.1"), "type": "LIMIT",
        "creationTime": trader.stage.platform_time, "activationPrice": Decimal("1.05000"), "side": "BUY",
        "stopLoss": Decimal("1.04000"), "takeProfit": Decimal("1.20000"), "comment": "",
    }  # fmt: skip
    gone = {"instrument": "EURUSD", "orderId": name}
    other = Trader(trader.stage)
    check_rejected(trader.stage.program.delete(CANCEL, other.at | gone), "UNKNOWN_ORDER")
    assert trader.stage.program.delete(CANCEL, trader.at | gone).body["status"] == "OK"
    assert trader.waits() == {}


def test_a_correction_opens_and_closes_at_the_price_it_names(trader: Trader) -> None:
    wanted: dict[str, Any] = {"instrument": "EURUSD", "volume": 1, "side": "BUY", "price": "1.09000"}
    name = trader.asks(CORRECT, **wanted, comment="as promised").body["orderId"]
    assert trader.holds()[name]["openPrice"] == Decimal("1.09000")
    answer = trader.asks(CORRECT, **wanted | {"price": "1.09500"}, closingOrderId=name)
    assert (answer.body["status"], answer.body["orderId"]) == ("OK", name), answer.text
    assert trader.stage.engine(trader.login).balance == 1_000_000 + 50_000


def test_a_call_under_the_same_key_is_done_once(trader: Trader) -> None:
    wanted: dict[str, Any] = {"instrument": "EURUSD", "orderSide": "BUY", "volume": 1}
    first, again = (trader.asks(OPEN, key="k1", **wanted) for _ in range(2))
    assert first.body == again.body
    assert list(trader.holds()) == [first.body["orderId"]]
    answer = trader.asks(OPEN, key="k1", **wanted | {"volume": 2})
    assert answer.status == 409, answer.text
    closing = [{"positionId": first.body["orderId"], "instrument": "EURUSD"}]
    first, again = (trader.asks(CLOSE, key="k2", closePositions=closing) for _ in range(2))
    assert (first.body["status"], first.body) == ("OK", again.body)
    assert trader.asks(OPEN, key="k" * 256, **wanted).status == 400


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"instrument": "NONE"}, "UNKNOWN_SYMBOL"),
        ({"instrument": "BTCUSD"}, "SYMBOL_NOT_IN_GROUP"),
        ({"instrument": "EURCLOSED"}, "MARKET_CLOSED"),
        ({"volume": 0.001}, "VOLUME_TOO_SMALL"),
        ({"volume": 0}, "VOLUME_TOO_SMALL"),
        ({"volume": 0.015}, "VOLUME_OFF_STEP"),
        ({"volume": 50}, "NOT_ENOUGH_FREE_MARGIN"),
        ({"slPrice": 1.2}, "STOP_LOSS_WRONG_SIDE"),
        ({"tpPrice": 1.0}, "TAKE_PROFIT_WRONG_SIDE"),
    ],
)
def test_what_the_platform_refuses_is_rejected_by_name(trader: Trader, wanted: dict[str, Any], code: str) -> None:
    check_rejected(trader.asks(OPEN, **BUY | wanted), code)
    assert trader.holds() == {}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"orderSide": "LONG"}, 400),
        ({"volume": -1}, 400),
        ({"volume": "NaN"}, 400),
        ({"volume": 1e300}, 400),
        ({"volume": "1e999999999"}, 400),
        ({"volume": None}, 400),
        ({"slPrice": 1.1234567}, 400),
        ({"login": "99999999"}, 404),
        ({"login": "x"}, 400),
        ({"systemUuid": "00000000-0000-4000-8000-000000000000"}, 404),
    ],
)
def test_what_cannot_be_meant_is_an_error(trader: Trader, wanted: dict[str, Any], status: int) -> None:
    answer = trader.asks(OPEN, **BUY | wanted)
    assert (answer.status, answer.body["status"]) == (status, status), answer.text
    assert trader.holds() == {}


def test_another_organization_reaches_nothing(trader: Trader) -> None:
    body = trader.at | {"instrument": "EURUSD", "orderSide": "BUY", "volume": 1}
    assert trader.stage.stranger.post(OPEN, body).status == 404
    assert trader.stage.program_with(["trades.read"]).post(OPEN, body).status == 403
    assert trader.stage.program_with(["trades.deal"]).post(CORRECT, body).status == 403
    assert trader.holds() == {}


def test_stops_level_and_freeze_level_bind(stage: Stage, trader: Trader) -> None:
    spec = stage.house.platforms["live"].desk.state.symbols["GBPUSD"]
    submit = stage.house.platforms["live"].writer.submit
    narrow = msgspec.structs.replace(spec, stop_level=50, freeze_level=40)
    stage.house.run(submit(PutSymbol(narrow)))
    try:
        opening: dict[str, Any] = {"instrument": "GBPUSD", "orderSide": "BUY", "volume": 0.1}
        check_rejected(trader.asks(OPEN, **opening, slPrice=1.2998), "STOP_TOO_NEAR")
        name = trader.asks(OPEN, **opening, slPrice=1.299).body["orderId"]
        stage.house.quote(Quote("GBPUSD", 129_930, 129_950))
        check_rejected(trader.asks(EDIT, id=name, slPrice=1.29), "FROZEN")
        assert trader.holds()[name]["stopLoss"] == Decimal("1.29900")
    finally:
        stage.house.quote(Quote("GBPUSD", 130_000, 130_020))
        stage.house.run(submit(PutSymbol(spec)))
