"""Bad input: each gets its number and changes nothing."""

import json
from collections.abc import Iterator

import httpx2
import pytest

from prorata.access.callers import Scope
from prorata.messages.refusals import Refusal
from tests.rest.house import House

INT64_MAX = 2**63 - 1


@pytest.fixture(scope="module")
def login(house: House) -> int:
    return house.open_account()


@pytest.fixture(scope="module")
def dealer(house: House) -> Iterator[httpx2.Client]:
    key = house.keys.create("live", [Scope.READ, Scope.TRADE, Scope.DEALER])
    with house.client(key) as client:
        yield client


def refusal_of(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.text
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["type"] == f"/problems/{problem['code']}"
    assert Refusal[problem["refusal"]].value == problem["code"]
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert answer.status_code < 500
    name: str = problem["refusal"]
    return name


ORDERS = [
    ({"symbol": "NOSUCH"}, "UNKNOWN_SYMBOL"),
    ({"symbol": "BTCUSD"}, "SYMBOL_NOT_IN_GROUP"),
    ({"symbol": "XAUUSD"}, "NO_QUOTE"),
    ({"volume": "0.015"}, "VOLUME_OFF_STEP"),
    ({"volume": "0"}, "VOLUME_TOO_SMALL"),
    ({"volume": "0.000000001"}, "OUT_OF_RANGE"),
    ({"volume": "-1"}, "OUT_OF_RANGE"),
    ({"volume": "1000000"}, "VOLUME_TOO_LARGE"),
    ({"volume": "1000001"}, "OUT_OF_RANGE"),
    ({"volume": "92233720368.54775807"}, "OUT_OF_RANGE"),
    ({"volume": str(INT64_MAX)}, "OUT_OF_RANGE"),
    ({"volume": "9" * 60}, "OUT_OF_RANGE"),
    ({"volume": "9" * 65}, "MALFORMED"),
    ({"volume": "NaN"}, "MALFORMED"),
    ({"volume": "Infinity"}, "MALFORMED"),
    ({"volume": "1e2"}, "MALFORMED"),
    ({"volume": "1E400"}, "MALFORMED"),
    ({"volume": " 1"}, "MALFORMED"),
    ({"volume": "1\n"}, "MALFORMED"),
    ({"volume": "+1"}, "MALFORMED"),
    ({"volume": ".5"}, "MALFORMED"),
    ({"volume": "\u0661"}, "MALFORMED"),
    ({"volume": ""}, "MALFORMED"),
    ({"volume": 1}, "MALFORMED"),
    ({"volume": 0.1}, "MALFORMED"),
    ({"volume": None}, "MALFORMED"),
    ({"volume": True}, "MALFORMED"),
    ({"price": "1.09", "deviation_points": 5}, "PRICE_MOVED"),
    ({"price": "0"}, "OUT_OF_RANGE"),
    ({"price": "1.100001"}, "OUT_OF_RANGE"),
    ({"price": str(INT64_MAX)}, "OUT_OF_RANGE"),
    ({"price": "10000000.00001"}, "OUT_OF_RANGE"),
    ({"deviation_points": -1}, "OUT_OF_RANGE"),
    ({"deviation_points": INT64_MAX}, "OUT_OF_RANGE"),
    ({"deviation_points": 2**64}, "OUT_OF_RANGE"),
    ({"deviation_points": 1.5}, "MALFORMED"),
    ({"volume": "100.00"}, "NOT_ENOUGH_FREE_MARGIN"),
    ({"stop_loss": "1.2"}, "STOP_LOSS_WRONG_SIDE"),
    ({"take_profit": "1.0"}, "TAKE_PROFIT_WRONG_SIDE"),
    ({"type": "limit"}, "PRICE_MISSING"),
    ({"type": "limit", "price": "1.2"}, "PRICE_WRONG_SIDE"),
    ({"type": "stop", "price": "1.0"}, "PRICE_WRONG_SIDE"),
    ({"type": "stop_limit", "price": "1.2"}, "PRICE_MISSING"),
    ({"type": "limit", "price": "1.05", "expires_at": "2020-01-01T00:00:00Z"}, "EXPIRY_IN_PAST"),
    ({"type": "limit", "price": "1.05", "expires_at": "2030-02-30T00:00:00Z"}, "MALFORMED"),
    ({"type": "limit", "price": "1.05", "expires_at": "tomorrow"}, "MALFORMED"),
    ({"type": "limit", "price": "1.05", "expires_at": "1960-01-01T00:00:00Z"}, "OUT_OF_RANGE"),
    ({"type": "iceberg"}, "MALFORMED"),
    ({"side": "BUY"}, "MALFORMED"),
    ({"stoploss": "1.05"}, "MALFORMED"),
    ({"login": 999_999}, "UNKNOWN_ACCOUNT"),
    ({"login": 0}, "OUT_OF_RANGE"),
    ({"login": -1}, "OUT_OF_RANGE"),
    ({"login": INT64_MAX}, "OUT_OF_RANGE"),
    ({"login": INT64_MAX + 1}, "OUT_OF_RANGE"),
    ({"login": "1001"}, "MALFORMED"),
    ({"comment": "a\x00b"}, "MALFORMED"),
    ({"comment": "x" * 129}, "MALFORMED"),
    ({"symbol": ""}, "MALFORMED"),
]


@pytest.mark.parametrize(("changes", "refusal"), ORDERS, ids=lambda part: json.dumps(part)[:60])
def test_a_bad_order_is_refused_by_its_number_and_changes_nothing(
    house: House, dealer: httpx2.Client, login: int, changes: dict[str, object], refusal: str
) -> None:
    before = house.state_hash()
    body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10", **changes}
    assert refusal_of(dealer.post("/api/v1/orders", json=body)) == refusal
    assert house.state_hash() == before


BODIES = [
    (b"", "MALFORMED"),
    (b"{", "MALFORMED"),
    (b"null", "MALFORMED"),
    (b"[]", "MALFORMED"),
    (b"[" * 60_000, "MALFORMED"),
    (b'{"login": NaN}', "MALFORMED"),
    (b'{"login": 1e3}', "MALFORMED"),
    (b'{"login": 1001, "volume": 1e400}', "MALFORMED"),
    (b'{"symbol": "\xff"}', "MALFORMED"),
    (b'{"symbol": "\\ud800"}', "MALFORMED"),
    (b" " * 65_537, "BODY_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "refusal"), BODIES, ids=lambda part: str(part)[:30])
@pytest.mark.parametrize("path", ["/api/v1/orders", "/api/v1/accounts"])
def test_a_bad_body_is_refused_the_same_on_both_ways_in(house: House, path: str, body: bytes, refusal: str) -> None:
    before = house.state_hash()
    with house.client("admin") as admin:
        answer = admin.post(path, content=body, headers={"content-type": "application/json"})
    assert refusal_of(answer) == refusal
    assert house.state_hash() == before


def test_a_large_body_without_its_length_is_refused_too(dealer: httpx2.Client) -> None:
    parts = (b" " * 1_000 for _ in range(70))
    answer = dealer.post("/api/v1/orders", content=parts, headers={"content-type": "application/json"})
    assert refusal_of(answer) == "BODY_TOO_LARGE"


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1"])
def test_a_body_that_is_not_json_is_refused(dealer: httpx2.Client, media: str) -> None:
    answer = dealer.post("/api/v1/orders", content=b"{}", headers={"content-type": media})
    assert refusal_of(answer) == "UNSUPPORTED_MEDIA"


def test_a_closed_market_is_refused_and_may_be_tried_again(dealer: httpx2.Client, login: int) -> None:
    answer = dealer.post("/api/v1/orders", json={"login": login, "symbol": "EURCLOSED", "side": "buy", "volume": "0.1"})
    assert refusal_of(answer) == "MARKET_CLOSED"
    assert answer.json()["retryable"] is True


PARAMETERS = [
    ("/api/v1/accounts?limit=0", "OUT_OF_RANGE"),
    ("/api/v1/accounts?limit=1001", "OUT_OF_RANGE"),
    ("/api/v1/accounts?limit=ten", "MALFORMED"),
    ("/api/v1/accounts?gruop=standard", "MALFORMED"),
    ("/api/v1/accounts?session=x", "MALFORMED"),
    ("/api/v1/accounts?cursor=%00", "MALFORMED"),
    ("/api/v1/accounts?cursor=AAAA", "MALFORMED"),
    ("/api/v1/deals?cursor=AAAA", "MALFORMED"),
    ("/api/v1/deals?since=yesterday", "MALFORMED"),
    ("/api/v1/days?since_day=2030-13-01", "MALFORMED"),
    ("/api/v1/accounts?access=some", "MALFORMED"),
    (f"/api/v1/accounts/{INT64_MAX}", "OUT_OF_RANGE"),
    (f"/api/v1/accounts/{10**30}", "OUT_OF_RANGE"),
    ("/api/v1/accounts/-1", "OUT_OF_RANGE"),
    ("/api/v1/accounts/abc", "NOT_FOUND"),
    ("/api/v1/accounts/999999", "UNKNOWN_ACCOUNT"),
    ("/api/v1/symbols/NOSUCH", "UNKNOWN_SYMBOL"),
    ("/api/v1/groups/nosuch", "UNKNOWN_GROUP"),
    ("/api/v1/quotes?group=nosuch", "UNKNOWN_GROUP"),
    ("/api/v1/quotes/NOSUCH", "UNKNOWN_SYMBOL"),
    ("/api/v1/quotes/XAUUSD", "NO_QUOTE"),
    ("/api/v1/quotes/EURUSD/candles?period=M2", "MALFORMED"),
    ("/api/v1/nothing", "NOT_FOUND"),
    ("/elsewhere", "NOT_FOUND"),
    ("/schema", "NOT_FOUND"),
    ("/problems/999", "NOT_FOUND"),
]


@pytest.mark.parametrize(("path", "refusal"), PARAMETERS)
def test_a_bad_parameter_is_refused_by_its_number(dealer: httpx2.Client, path: str, refusal: str) -> None:
    assert refusal_of(dealer.get(path)) == refusal


def test_an_unknown_method_is_refused_and_the_right_ones_named(dealer: httpx2.Client) -> None:
    answer = dealer.delete("/api/v1/accounts")
    assert refusal_of(answer) == "METHOD_NOT_ALLOWED"
    assert "GET" in answer.headers["allow"]


TICKETS = [
    ("get", "orders/77", "UNKNOWN_ORDER"),
    ("delete", "orders/77", "UNKNOWN_ORDER"),
    ("get", "positions/77", "UNKNOWN_POSITION"),
    ("delete", "positions/77", "UNKNOWN_POSITION"),
    ("post", "positions/77/reverse", "UNKNOWN_POSITION"),
    ("delete", f"positions/{INT64_MAX}", "OUT_OF_RANGE"),
]


@pytest.mark.parametrize(("method", "path", "refusal"), TICKETS)
def test_an_unknown_ticket_is_refused(dealer: httpx2.Client, login: int, method: str, path: str, refusal: str) -> None:
    path = path.replace("77", "7777777")
    assert refusal_of(dealer.request(method, f"/api/v1/accounts/{login}/{path}")) == refusal


BOOKINGS = [
    ({"amount": "0"}, "AMOUNT_NOT_POSITIVE"),
    ({"amount": "-5"}, "AMOUNT_NOT_POSITIVE"),
    ({"amount": "0.001"}, "OUT_OF_RANGE"),
    ({"amount": "92233720368547758.07"}, "OUT_OF_RANGE"),
    ({"amount": "1000000000000000.00"}, "AMOUNT_TOO_LARGE"),
    ({"kind": "withdrawal", "amount": "10000.01"}, "NOT_ENOUGH_MONEY"),
    ({"kind": "credit_out"}, "NOT_ENOUGH_CREDIT"),
    ({"kind": "gift"}, "MALFORMED"),
    ({"amount": "1e3"}, "MALFORMED"),
    ({"amount": 5}, "MALFORMED"),
]


@pytest.mark.parametrize(("changes", "refusal"), BOOKINGS, ids=lambda part: json.dumps(part)[:60])
def test_a_bad_booking_is_refused_by_its_number_and_changes_nothing(
    house: House, dealer: httpx2.Client, login: int, changes: dict[str, object], refusal: str
) -> None:
    before = house.state_hash()
    body = {"kind": "deposit", "amount": "1.00", **changes}
    assert refusal_of(dealer.post(f"/api/v1/accounts/{login}/balance-operations", json=body)) == refusal
    assert house.state_hash() == before
