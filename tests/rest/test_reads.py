"""Everything that can be read, against trades that were really made."""

from typing import Any

import httpx2
import pytest

from prorata.messages.commands import Quote
from tests.rest.house import House


def get(client: httpx2.Client, path: str, **query: Any) -> Any:
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def trade(house: House, login: int, **changes: object) -> int:
    with house.trader(login) as trader:
        body = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10", **changes}
        ticket: int = trader.post("/api/v1/orders", json=body).json()["ticket"]
        return ticket


def test_an_accounts_history_tells_its_deals_orders_postings_and_operations(house: House) -> None:
    login = house.open_account()
    ticket = trade(house, login)
    with house.trader(login) as trader:
        trader.delete(f"/api/v1/accounts/{login}/positions/{ticket}")
        house.write_history()
        base = f"accounts/{login}"
        deals = get(trader, f"{base}/deals", newest_first=False)["items"]
        assert [(deal["entry"], deal["profit"]) for deal in deals] == [("in", "0.00"), ("out", "-1.50")]
        entries = get(trader, f"{base}/ledger-entries", newest_first=False)["items"]
        assert [(entry["kind"], entry["amount"]) for entry in entries] == [("deposit", "10000.00"), ("profit", "1.50")]
        (operation,) = get(trader, f"{base}/balance-operations")["items"]
        assert (operation["kind"], operation["amount"], operation["balance"]) == ("deposit", "10000.00", "10000.00")
        assert get(trader, f"{base}/orders/{ticket}")["state"] == "filled"
        past = get(trader, f"{base}/order-history", symbol="EURUSD")["items"]
        assert len(past) == 2
        assert get(trader, f"{base}/days")["items"] == []
        assert get(trader, f"{base}/margin-events")["items"] == []


def test_an_order_of_another_account_is_unknown_in_the_history_too(house: House) -> None:
    theirs, own = house.open_account(), house.open_account()
    ticket = trade(house, theirs)
    house.write_history()
    with house.trader(own) as trader:
        assert trader.get(f"/api/v1/accounts/{own}/orders/{ticket}").json()["refusal"] == "UNKNOWN_ORDER"


def test_a_list_comes_in_parts_without_gap_or_repetition(house: House) -> None:
    logins = [house.open_account() for _ in range(5)]
    for login in logins:
        trade(house, login)
        trade(house, login, symbol="USDJPY")
    house.write_history()
    for path, count in (("accounts", 5), ("positions", 10), ("deals", 10)):
        with house.client("dealer") as dealer:
            whole = get(dealer, path, limit=1_000)["items"]
            parts, cursor = [], None
            while True:
                page = get(dealer, path, limit=3, **({"cursor": cursor} if cursor else {}))
                parts += page["items"]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        assert parts == whole
        assert len(whole) >= count


def test_accounts_are_found_by_group_access_and_kind(house: House) -> None:
    login = house.open_account("euro")
    with house.client("dealer") as dealer:
        found = get(dealer, "accounts", group="euro", access="full", demo=False)["items"]
        assert login in [row["login"] for row in found]
        assert {row["currency"] for row in found} == {"EUR"}
        assert get(dealer, "accounts", demo=True)["items"] == []


def test_an_account_is_opened_changed_and_funded_once(house: House) -> None:
    with house.client("dealer") as dealer:
        opened = dealer.post("/api/v1/accounts", json={"group": "standard", "leverage": 50, "demo": True})
        assert opened.status_code == 201, opened.text
        login = opened.json()["login"]
        path = f"/api/v1/accounts/{login}"
        booking = {"kind": "deposit", "amount": "250.50", "external_id": "bank-1"}
        first = dealer.post(f"{path}/balance-operations", json=booking).json()
        again = dealer.post(f"{path}/balance-operations", json=booking).json()
        assert (first["repeated"], again["repeated"]) == (False, True)
        assert again["events"][0]["operation"] == first["events"][0]["operation"]
        other = dealer.post(f"{path}/balance-operations", json={**booking, "amount": "1.00"})
        assert other.json()["refusal"] == "EXTERNAL_ID_REUSED"
        assert dealer.patch(path, json={"leverage": 10, "access": "close_only"}).status_code == 200
        account = dealer.get(path).json()
        assert (account["balance"], account["leverage"], account["access"]) == ("250.50", 10, "close_only")
        assert dealer.patch(path, json={"leverage": 101}).json()["refusal"] == "LEVERAGE_OUT_OF_RANGE"
        taken = dealer.post("/api/v1/accounts", json={"group": "standard", "login": login})
        assert taken.json()["refusal"] == "ACCOUNT_EXISTS"


def test_an_accounts_guards_are_set_shown_and_told_when_they_are_reached(house: House) -> None:
    login = house.open_account()
    path = f"/api/v1/accounts/{login}"
    with house.client("dealer") as dealer, house.trader(login) as trader:
        assert dealer.get(path).json()["guards"] is None
        guards = {"floor": "5000.00", "daily_loss": "500.00", "daily_base": "higher", "target": "20000.00"}
        done = dealer.put(f"{path}/guards", json=guards).json()
        assert [event["event"] for event in done["events"]] == ["guards-set"]
        told = trader.get(path).json()["guards"]
        assert told == {**guards, "base": "10000.00", "closing": False}
        assert dealer.put(f"{path}/guards", json={"floor": "5.00", "target": "4.00"}).json()["code"] == 2007
        assert trader.put(f"{path}/guards", json={}).status_code == 403
        events = dealer.put(f"{path}/guards", json={"daily_loss": "0.01", "base": "10000.01"}).json()["events"]
        assert [event["event"] for event in events] == ["guards-set", "guard-reached", "account-changed", "guards-set"]
        account = dealer.get(path).json()
        assert (account["guards"], account["access"]) == (None, "trading_disabled")


def test_quotes_are_shown_raw_or_as_a_group_sees_them(house: House) -> None:
    login = house.open_account()
    with house.client("dealer") as dealer, house.trader(login) as trader:
        raw = get(dealer, "quotes/EURUSD")
        assert (raw["bid"], raw["ask"], raw["open"]) == ("1.10000", "1.10010", True)
        marked_up = get(dealer, "quotes/EURUSD", group="standard")
        assert (marked_up["bid"], marked_up["ask"]) == ("1.09998", "1.10013")
        assert get(trader, "quotes/EURUSD") == marked_up
        assert marked_up in get(trader, "quotes")
        assert trader.get("/api/v1/quotes?group=euro").json()["refusal"] == "UNKNOWN_GROUP"


def test_candles_and_ticks_come_from_the_quote_history(house: House) -> None:
    house.quote(Quote("GBPUSD", 130_050, 130_070), Quote("GBPUSD", 130_010, 130_030))
    house.write_quotes()
    with house.client("read") as reader:
        (candle,) = get(reader, "quotes/GBPUSD/candles", period="H1")["items"]
        assert (candle["high"], candle["close"], candle["ticks"]) == ("1.30050", "1.30010", 3)
        first = get(reader, "quotes/GBPUSD/ticks", limit=2)
        rest = get(reader, "quotes/GBPUSD/ticks", cursor=first["next_cursor"])
        assert [tick["bid"] for page in (first, rest) for tick in page["items"]] == [
            "1.30000",
            "1.30050",
            "1.30010",
        ]
        last = get(reader, "quotes/GBPUSD/ticks", last=True, limit=1)["items"]
        assert [tick["bid"] for tick in last] == ["1.30010"]


def test_exposure_adds_up_over_symbols_groups_and_accounts(house: House) -> None:
    login = house.open_account("netting")
    with house.client("dealer") as dealer:
        before = {row["symbol"]: row for row in get(dealer, "exposure/symbols")}
        trade(house, login, symbol="USDJPY", side="sell", volume="0.50")
        after = {row["symbol"]: row for row in get(dealer, "exposure/symbols")}["USDJPY"]
        sold_before = float(before["USDJPY"]["short_volume"]) if "USDJPY" in before else 0.0
        assert float(after["short_volume"]) - sold_before == pytest.approx(0.5)
        assert float(after["house_volume"]) == -float(after["net_volume"])
        (group,) = [row for row in get(dealer, "exposure/groups") if row["group"] == "netting"]
        account = get(dealer, f"accounts/{login}")
        assert (group["short_volume"], group["equity"]) == ("0.50", account["equity"])
        rows = get(dealer, "exposure/accounts", limit=1_000)["items"]
        (own,) = [row for row in rows if row["login"] == login]
        assert (own["net_volume"], own["floating"]) == ("-0.50", account["floating"])


def test_the_balance_sheet_sums_to_zero_in_every_currency(house: House) -> None:
    trade(house, house.open_account("euro"))
    with house.client("dealer") as dealer:
        sheets = get(dealer, "balance-sheet")
    assert {sheet["currency"] for sheet in sheets} >= {"USD", "EUR"}
    assert {sheet["total"] for sheet in sheets} == {"0.00"}


def test_a_break_is_listed_and_settled(house: House) -> None:
    house.find_break()
    with house.client("dealer") as dealer:
        (found,) = get(dealer, "breaks")
        assert (found["symbol"], found["ours"], found["theirs"]) == ("EURUSD", "0.00", "1.00")
        settled = dealer.post("/api/v1/breaks/EURUSD/settle", json={"price": "1.1", "comment": "by phone"})
        assert settled.json()["events"][0]["event"] == "break-settled", settled.text
        assert get(dealer, "breaks") == []
        (held,) = get(dealer, "hedge/positions")
        assert (held["volume"], held["average_price"]) == ("1.00", "1.10000")
        assert get(dealer, "hedge/orders") == []
        again = dealer.post("/api/v1/breaks/EURUSD/settle", json={"price": "1.1"})
        assert again.json()["refusal"] == "UNKNOWN_BREAK"


def test_symbols_and_groups_come_back_as_they_were_put(house: House) -> None:
    with house.client("admin") as admin:
        for path in ("symbols/EURUSD", "symbols/XAUUSD", "groups/standard", "groups/euro"):
            before = get(admin, path)
            body = {name: value for name, value in before.items() if name != "name"}
            assert admin.put(f"/api/v1/{path}", json=body).status_code == 200
            assert get(admin, path) == before
        changed = {**body, "commission": {"type": "per_lot", "rate": "3.50"}, "stop_out": {"type": "percent", "value": "30"}}
        assert admin.put("/api/v1/groups/new", json=changed).status_code == 200
        assert get(admin, "groups/new")["commission"] == {"type": "per_lot", "rate": "3.50", "minimum": "0.00"}
        bad = admin.put("/api/v1/groups/new", json={**changed, "currency": "ZZZ"})
        assert bad.json()["refusal"] == "MALFORMED"
        assert len(get(admin, "symbols")) >= 5


def test_a_change_of_terms_holds_for_the_next_order(house: House) -> None:
    login = house.open_account("standard")
    with house.client("admin") as admin:
        group = get(admin, "groups/standard")
        body = {name: value for name, value in group.items() if name not in ("name", "symbols")}
        assert admin.put("/api/v1/groups/standard", json={**body, "symbols": []}).status_code == 200
        order = {"login": login, "symbol": "EURUSD", "side": "buy", "volume": "0.10"}
        deal = admin.post("/api/v1/orders", json=order).json()["events"][0]
        assert deal["price"] == "1.10010"
        admin.put("/api/v1/groups/standard", json={**body, "symbols": group["symbols"]})


def test_the_journal_position_and_status_move_on(house: House) -> None:
    with house.client("read") as reader:
        before = get(reader, "journal")
        house.open_account()
        after = get(reader, "journal")
        assert after["number"] > before["number"]
        assert after["results_hash"] != before["results_hash"]
        status = get(reader, "status")
        assert (status["ready"], status["platform"]) == (True, "live")
        assert get(reader, "time")["time"] == "2026-03-02T12:00:00.000Z"
