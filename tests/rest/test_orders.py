"""Orders and positions over HTTP, from the order to the last deal."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.rest.house import House


@pytest.fixture
def login(house: House) -> int:
    return house.open_account()


@pytest.fixture
def trader(house: House, login: int) -> Iterator[httpx2.Client]:
    with house.trader(login) as client:
        yield client


def place(trader: httpx2.Client, login: int, **changes: object) -> dict[str, Any]:
    body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10", **changes}
    answer = trader.post("/api/v1/orders", json=body)
    assert answer.status_code == 201, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def done(answer: httpx2.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def test_a_market_order_is_answered_with_its_deal(trader: httpx2.Client, login: int) -> None:
    outcome = place(trader, login, stop_loss="1.09", comment="first")
    deal = outcome["events"][0]
    assert (deal["price"], deal["volume"], deal["side"], deal["entry"]) == ("1.10013", "0.10", "buy", "in")
    assert outcome["ticket"] == deal["order"] == deal["position"]
    assert (deal["event"], deal["topic"], deal["at"], deal["currency"]) == ("deal", "deal", outcome["at"], "USD")
    assert deal["seq"] > 0
    position = trader.get(f"/api/v1/accounts/{login}/positions/{outcome['ticket']}").json()
    assert (position["open_price"], position["current_price"], position["profit"]) == ("1.10013", "1.09998", "-1.50")
    assert (position["stop_loss"], position["take_profit"], position["comment"]) == ("1.09000", None, "first")
    account = trader.get(f"/api/v1/accounts/{login}").json()
    assert (account["balance"], account["equity"], account["margin"]) == ("10000.00", "9998.50", "110.01")
    assert (account["free_margin"], account["margin_level"]) == ("9888.49", "9088.71")


PENDING = [
    {"type": "limit", "price": "1.09"},
    {"type": "stop", "price": "1.11"},
    {"type": "stop_limit", "price": "1.11", "limit_price": "1.105"},
    {"type": "limit", "side": "sell", "price": "1.11", "expires_at": "2030-01-31T10:30:00+01:00"},
]


@pytest.mark.parametrize("changes", PENDING, ids=lambda changes: f"{changes.get('side', 'buy')} {changes['type']}")
def test_a_pending_order_waits_changes_and_is_cancelled(trader: httpx2.Client, login: int, changes: dict[str, object]) -> None:
    ticket = place(trader, login, **changes)["ticket"]
    path = f"/api/v1/accounts/{login}/orders/{ticket}"
    order = trader.get(path).json()
    assert (order["state"], order["type"]) == ("pending", changes["type"])
    assert order["expires_at"] == ("2030-01-31T09:30:00.000Z" if "expires_at" in changes else None)
    change = {name: order[name] for name in ("symbol", "price", "limit_price", "trailing_points", "expires_at")}
    stop = {"stop_loss": "1.08"} if order["side"] == "buy" else {"stop_loss": "1.12"}
    outcome = done(trader.patch(path, json={**change, **stop, "take_profit": None}))
    assert outcome["events"][0]["event"] == "order-modified"
    assert trader.get(path).json()["stop_loss"] == f"{stop['stop_loss']}000"
    assert [row["ticket"] for row in trader.get(f"/api/v1/accounts/{login}/orders").json()] == [ticket]
    removed = done(trader.delete(path))["events"][0]
    assert (removed["event"], removed["removal"]) == ("order-removed", "cancelled")
    assert trader.get(f"/api/v1/accounts/{login}/orders").json() == []


def test_a_change_that_leaves_a_stop_out_is_refused_instead_of_removing_it(trader: httpx2.Client, login: int) -> None:
    ticket = place(trader, login, stop_loss="1.09")["ticket"]
    answer = trader.patch(f"/api/v1/accounts/{login}/positions/{ticket}", json={"symbol": "EURUSD", "take_profit": "1.12"})
    assert answer.json()["refusal"] == "MALFORMED"
    assert "stop_loss" in answer.json()["detail"]


def test_a_positions_stops_are_set_and_removed(trader: httpx2.Client, login: int) -> None:
    ticket = place(trader, login)["ticket"]
    path = f"/api/v1/accounts/{login}/positions/{ticket}"
    stops = {"symbol": "EURUSD", "stop_loss": "1.09", "take_profit": "1.12", "trailing_points": 500}
    changed = done(trader.patch(path, json=stops))["events"][0]
    assert (changed["take_profit"], changed["trailing_points"]) == ("1.12000", 500)
    none = {"symbol": "EURUSD", "stop_loss": None, "take_profit": None, "trailing_points": None}
    assert done(trader.patch(path, json=none))["events"][0]["stop_loss"] is None


def test_prices_given_in_another_symbol_than_the_positions_are_refused(trader: httpx2.Client, login: int) -> None:
    ticket = place(trader, login)["ticket"]
    stops = {"symbol": "USDJPY", "stop_loss": "150", "take_profit": None, "trailing_points": None}
    answer = trader.patch(f"/api/v1/accounts/{login}/positions/{ticket}", json=stops)
    assert answer.json()["refusal"] == "UNKNOWN_POSITION"


def test_a_position_is_closed_in_parts_and_whole(trader: httpx2.Client, login: int) -> None:
    ticket = place(trader, login)["ticket"]
    path = f"/api/v1/accounts/{login}/positions/{ticket}"
    part = done(trader.post(f"{path}/close", json={"volume": "0.04"}))["events"][0]
    assert (part["entry"], part["volume"], part["position_volume"], part["profit"]) == ("out", "0.04", "0.06", "-0.60")
    moved = trader.post(f"{path}/close", json={"symbol": "EURUSD", "price": "1.2", "deviation_points": 3})
    assert moved.json()["refusal"] == "PRICE_MOVED"
    assert trader.post(f"{path}/close", json={"price": "1.2"}).json()["refusal"] == "MALFORMED"
    assert trader.post(f"{path}/close", json={"volume": "0.07"}).json()["refusal"] == "VOLUME_ABOVE_POSITION"
    assert trader.post(f"{path}/close", json={"volume": "0.00"}).json()["refusal"] == "VOLUME_TOO_SMALL"
    assert done(trader.delete(path))["events"][0]["position_volume"] == "0.00"
    assert trader.get(f"/api/v1/accounts/{login}/positions").json() == []


def test_two_opposite_positions_close_each_other(trader: httpx2.Client, login: int) -> None:
    long = place(trader, login)["ticket"]
    short = place(trader, login, side="sell")["ticket"]
    outcome = done(trader.post(f"/api/v1/accounts/{login}/positions/{long}/close-by", json={"by_ticket": short}))
    assert [event["reason"] for event in outcome["events"]] == ["close_by", "close_by"]
    assert trader.get(f"/api/v1/accounts/{login}/positions").json() == []


def test_a_position_is_turned_round(trader: httpx2.Client, login: int) -> None:
    ticket = place(trader, login)["ticket"]
    done(trader.post(f"/api/v1/accounts/{login}/positions/{ticket}/reverse"))
    (position,) = trader.get(f"/api/v1/accounts/{login}/positions").json()
    assert (position["side"], position["volume"]) == ("sell", "0.10")


def test_all_positions_are_closed_or_those_of_one_symbol(trader: httpx2.Client, login: int) -> None:
    for symbol in ("EURUSD", "USDJPY", "GBPUSD"):
        place(trader, login, symbol=symbol)
    path = f"/api/v1/accounts/{login}/close-all"
    assert len(done(trader.post(path, json={"symbol": "USDJPY"}))["events"]) == 1
    assert len(done(trader.post(path, json={}))["events"]) == 2
    assert trader.post(path, json={}).json()["refusal"] == "NOTHING_TO_CLOSE"


def test_a_key_repeats_the_first_answer_even_after_the_position_is_gone(trader: httpx2.Client, login: int) -> None:
    body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
    first = trader.post("/api/v1/orders", json=body, headers={"idempotency-key": "k1"}).json()
    again = trader.post("/api/v1/orders", json=body, headers={"idempotency-key": "k1"}).json()
    assert (first["repeated"], again["repeated"]) == (False, True)
    assert again["ticket"] == first["ticket"]
    path = f"/api/v1/accounts/{login}/positions/{first['ticket']}"
    closing = {"symbol": "EURUSD", "price": "1.09998", "deviation_points": 10}
    closed = done(trader.post(f"{path}/close", json=closing, headers={"idempotency-key": "k2"}))
    repeated = done(trader.post(f"{path}/close", json=closing, headers={"idempotency-key": "k2"}))
    assert repeated["repeated"] is True
    assert repeated["events"][0]["deal"] == closed["events"][0]["deal"]
    assert (repeated["events"][0]["seq"], repeated["events"][0]["at"]) == (None, None)
    assert len(trader.get(f"/api/v1/accounts/{login}/positions").json()) == 0


def test_a_key_with_other_content_is_refused_and_changes_nothing(house: House, trader: httpx2.Client, login: int) -> None:
    body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
    key = {"idempotency-key": "k3"}
    trader.post("/api/v1/orders", json=body, headers=key)
    before = house.state_hash()
    answer = trader.post("/api/v1/orders", json={**body, "volume": "0.20"}, headers=key)
    assert (answer.status_code, answer.json()["refusal"]) == (409, "KEY_REUSED")
    assert house.state_hash() == before


@pytest.mark.parametrize("key", ["", "x" * 129, "with blank", "\u00fc"])
def test_a_bad_key_is_refused(trader: httpx2.Client, login: int, key: str) -> None:
    headers = {"idempotency-key": key.encode("latin-1")}
    answer = trader.request("delete", f"/api/v1/accounts/{login}/orders/1", headers=headers)  # type: ignore[arg-type]
    assert answer.json()["refusal"] == "MALFORMED"


def test_a_refusal_uses_no_key(trader: httpx2.Client, login: int) -> None:
    body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.015"}
    key = {"idempotency-key": "k4"}
    assert trader.post("/api/v1/orders", json=body, headers=key).json()["refusal"] == "VOLUME_OFF_STEP"
    assert trader.post("/api/v1/orders", json={**body, "volume": "0.01"}, headers=key).status_code == 201
