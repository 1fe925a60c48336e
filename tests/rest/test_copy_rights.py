"""Who may do what in copy trading; what is refused changes nothing; what is repeated is done once."""

from typing import Any

import pytest

from prorata.access.callers import Scope
from tests.rest.copying import B_BOOK, Copying
from tests.rest.house import House

READS = [
    "wallets", "wallets/1", "wallets/1/transfers", "transfers", "reservations", "reservations/1", "reservations/working",
    "strategies/1/days", "strategies/1/statistics", "strategies/1/chart", "strategies/1/yields", "strategies/1/portfolio",
    "strategies/1/symbols", "investments/1/statistics", "investments/1/chart", "investments/1/statement",
    "investments/1/deals", "investments/1/trimmed-volumes", "investments/1/days",
    "investments/1/states", "copy-deals", "copy-commands/1", "signals", "signals/1", "signals/1/trimmed-volumes",
    "fill-requests", "fill-requests/1", "fills", "strategies", "strategies/1", "strategies/1/offers", "strategies/1/positions",
    "offers", "offers/1", "offer-links/x", "investments", "investments/1", "investments/1/positions", "routes",
    "fill-requests/working", "streams", "copy-specs",
]  # fmt: skip
CLIENTS = [
    ("post", "strategies"), ("patch", "strategies/1"), ("post", "strategies/1/pause"), ("post", "strategies/1/resume"),
    ("post", "strategies/1/close"), ("post", "strategies/1/offers"), ("put", "strategies/1/public-offer"),
    ("post", "offers/1/end"), ("post", "investments"), ("post", "investments/1/fund"), ("post", "investments/1/withdraw"),
    ("post", "investments/1/pause"), ("post", "investments/1/resume"), ("post", "investments/1/close"),
    ("patch", "investments/1/profile"), ("post", "signals"), ("post", "signals/sync"),
]  # fmt: skip
DEALERS = [
    ("post", "wallets"), ("post", "wallets/1/transfers"), ("post", "wallets/1/reservations"),
    ("post", "reservations/1/pay"), ("post", "reservations/1/void"), ("post", "strategies/1/disable"),
    ("post", "strategies/1/enable"), ("patch", "investments/1/route"), ("put", "streams/1"), ("put", "copy-specs/1/USD"),
]  # fmt: skip


@pytest.fixture(scope="module")
def keys(house: House) -> dict[str, str]:
    return {
        "read": house.keys.create("live", [Scope.READ]),
        "trade": house.keys.create("live", [Scope.TRADE]),
        "dealer": house.keys.create("live", [Scope.DEALER]),
        "bound": house.keys.create("live", [Scope.ADMIN], logins=[1001]),
    }


def refused(house: House, token: str, method: str, path: str) -> bool:
    with house.client(token) as client:
        answer = client.request(method, f"/api/v1/{path}")
    return answer.status_code == 403 and answer.json()["refusal"] == "NOT_PERMITTED"


@pytest.mark.parametrize("path", READS)
def test_copy_trading_is_read_by_keys_that_see_everything(house: House, keys: dict[str, str], path: str) -> None:
    assert not refused(house, keys["read"], "get", path)
    assert all(refused(house, keys[name], "get", path) for name in ("trade", "dealer", "bound"))


@pytest.mark.parametrize(("method", "path"), CLIENTS)
def test_what_clients_do_needs_trade_or_dealer(house: House, keys: dict[str, str], method: str, path: str) -> None:
    assert not any(refused(house, keys[name], method, path) for name in ("trade", "dealer"))
    assert all(refused(house, keys[name], method, path) for name in ("read", "bound"))


@pytest.mark.parametrize(("method", "path"), DEALERS)
def test_money_and_terms_need_dealer(house: House, keys: dict[str, str], method: str, path: str) -> None:
    assert not refused(house, keys["dealer"], method, path)
    assert all(refused(house, keys[name], method, path) for name in ("read", "trade", "bound"))


def test_any_reader_sees_public_strategies_and_no_others(house: House, copying: Copying) -> None:
    shown, hidden = copying.strategy(), copying.strategy()
    offer = copying.offer(shown, fee_percent="25")
    copying.put(f"strategies/{shown}/public-offer", {"offer": offer})
    with house.trader(house.open_account()) as trader:
        public = trader.get(f"/api/v1/public-strategies/{shown}").json()
        assert (public["fee_percent"], public["offer"]) == ("25.00", offer)
        assert not {"client", "wallet", "own_equity", "link"} & public.keys()
        listed = trader.get("/api/v1/public-strategies", params={"limit": 1_000}).json()["items"]
        assert shown in [row["strategy"] for row in listed]
        assert hidden not in [row["strategy"] for row in listed]
        assert trader.get(f"/api/v1/public-strategies/{hidden}").json()["refusal"] == "UNKNOWN_STRATEGY"


def test_another_platforms_things_are_as_if_absent(house: House, copying: Copying) -> None:
    strategy, investment = copying.copied()
    wallet = copying.get(f"investments/{investment}")["wallet"]
    paths = (f"wallets/{wallet}", f"strategies/{strategy}", f"investments/{investment}", f"public-strategies/{strategy}")
    with house.client("other") as other:
        answers = [other.get(f"/api/v1/{path}") for path in paths]
        absent = [other.get(f"/api/v1/{path.partition('/')[0]}/987654321") for path in paths]
    strip = {"instance", "request_id"}
    for mine, none in zip(answers, absent, strict=True):
        assert mine.status_code == 404
        assert {key: value for key, value in mine.json().items() if key not in strip} == {
            key: value for key, value in none.json().items() if key not in strip
        }


def bodies(copying: Copying) -> list[tuple[str, str, Any, str]]:
    """Calls that are refused, each for another reason."""
    strategy, investment = copying.copied()
    poor = copying.client("10.00")
    offer = copying.get(f"investments/{investment}")["offer"]
    signal = {"strategy": strategy, "symbol": "EURUSD", "lot": "1", "equity": "1"}
    good = {"wallet": poor, "name": "A New Name", "money": "10"}
    return [
        ("post", f"wallets/{poor}/transfers", {"type": "withdraw", "amount": "10.01"}, "NOT_ENOUGH_MONEY"),
        ("post", "strategies", good, "BELOW_LEAST_BALANCE"),
        ("post", "strategies", good | {"name": "No\u00e9"}, "NAME_INVALID"),
        ("post", "strategies", good | {"manage": "account", "source_login": 987654}, "SOURCE_MISSING"),
        ("post", "strategies", good | {"tags": "{"}, "MALFORMED"),
        ("post", "strategies", good | {"wallet": 987654}, "UNKNOWN_WALLET"),
        ("post", f"strategies/{strategy}/offers", {"link": "no link", "fee_percent": "1"}, "MALFORMED"),
        ("post", f"strategies/{strategy}/offers", {"link": "x", "fee_percent": "101"}, "SHARE_OUT_OF_RANGE"),
        ("post", "investments", {"wallet": poor, "offer": offer, "money": "10"}, "BELOW_LEAST_BALANCE"),
        ("post", "investments", {"wallet": poor, "offer": offer, "money": "10", "factor": "0"}, "FACTOR_OUT_OF_RANGE"),
        ("post", "investments", {"wallet": poor, "offer": 987654, "money": "10"}, "UNKNOWN_OFFER"),
        ("post", f"investments/{investment}/resume", None, "INVESTMENT_NOT_PAUSED"),
        ("patch", f"investments/{investment}/profile", {"protection_percent": "100"}, "PROTECTION_OUT_OF_RANGE"),
        ("patch", f"investments/{investment}/route", {"stream": 99}, "UNKNOWN_STREAM"),
        ("post", "signals", signal | {"symbol": "NOPE"}, "UNKNOWN_SYMBOL"),
        ("post", "signals", signal | {"equity": "0"}, "SOURCE_EQUITY_NOT_POSITIVE"),
        ("post", "signals", signal | {"strategy": 987654}, "UNKNOWN_STRATEGY"),
        ("put", "streams/1", {"name": "s", "lot_step": "0"}, "BAD_STREAM"),
        ("put", f"copy-specs/{B_BOOK}/USD", {"stream": 98}, "BAD_COPY_SPEC"),
        ("put", f"copy-specs/{B_BOOK}/NONE", {}, "MALFORMED"),
        ("post", "reservations/987654/pay", None, "UNKNOWN_RESERVATION"),
        ("post", "offers/987654/end", {}, "UNKNOWN_OFFER"),
    ]  # fmt: skip


def test_what_is_refused_has_changed_nothing(house: House, copying: Copying) -> None:
    calls = bodies(copying)
    before = house.state_hash()
    for method, path, body, refusal in calls:
        assert copying.refusal(method, path, body) == refusal, (method, path, body)
    assert house.state_hash() == before


def test_a_repeated_key_gives_the_first_answer_and_does_nothing(house: House, copying: Copying) -> None:
    strategy = copying.strategy()
    offer = copying.offer(strategy)
    calls: list[tuple[str, Any]] = [
        ("investments", {"wallet": copying.client("600"), "offer": offer, "money": "300"}),
        ("signals", {"strategy": strategy, "symbol": "EURUSD", "lot": "0.20", "equity": "10000"}),
        (f"strategies/{strategy}/pause", None),
    ]
    for path, body in calls:
        key = {"idempotency-key": f"once-{path}"}
        first = copying.post(path, body, headers=key)
        before = house.state_hash()
        again = copying.post(path, body, headers=key)
        assert house.state_hash() == before
        assert (first["repeated"], again["repeated"]) == (False, True)
        numbers = ("investment", "signal", "command", "transfer")
        assert [first[name] for name in numbers] == [again[name] for name in numbers]
        assert [event["event"] for event in first["events"]] == [event["event"] for event in again["events"]]
        assert all(event["seq"] is None for event in again["events"])
    body = {"strategy": strategy, "symbol": "EURUSD", "lot": "0.30", "equity": "10000"}
    other = copying.call("post", "signals", body, headers={"idempotency-key": "once-signals"})
    assert other.json()["refusal"] == "KEY_REUSED"


@pytest.mark.parametrize("cursor", ["x", "MS4x", "LTEuMi4z", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5LjEuMQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(copying: Copying, cursor: str) -> None:
    for path in ("wallets", "strategies", "offers", "investments", "reservations"):
        answer = copying.call("get", path, params={"cursor": cursor})
        assert answer.json()["refusal"] == "MALFORMED"
