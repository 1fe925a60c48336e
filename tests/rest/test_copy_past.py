"""What has happened in copy trading, as its tables tell it over HTTP."""

import json
from typing import Any

import pytest

from prorata.messages.commands import HedgeEnded
from tests.rest.copying import A_BOOK, STREAM, Copying
from tests.rest.house import House


def all_of(copying: Copying, path: str, **query: Any) -> list[dict[str, Any]]:
    """Read a list to its end in small parts."""
    rows: list[dict[str, Any]] = []
    while True:
        page = copying.get(path, limit=2, **query)
        rows += page["items"]
        if page["next_cursor"] is None:
            return rows
        query["cursor"] = page["next_cursor"]


def test_an_investments_deals_add_up_to_its_balance(house: House, copying: Copying) -> None:
    strategy, investment = copying.copied()
    copying.signal(strategy, "0.20")
    copying.signal(strategy, "-0.40")
    copying.post(f"investments/{investment}/close")
    house.write_history()
    deals = all_of(copying, f"investments/{investment}/deals", newest_first=False)
    assert [(deal["type"], deal["entry"], deal["volume"]) for deal in deals] == [
        ("balance", None, "0.00"), ("buy", "in", "0.05"), ("sell", "out", "-0.03"), ("sell", "inout", "-0.06"),
        ("buy", "out", "0.04"), ("balance", None, "0.00"),
    ]  # fmt: skip
    assert sum(round(float(deal["total"]) * 100) for deal in deals) == 0
    assert deals == all_of(copying, f"investments/{investment}/deals")[::-1]
    assert [deal["signal"] is not None for deal in deals] == [False, True, True, True, False, False]
    assert all_of(copying, f"investments/{investment}/deals", type="buy") == [deals[4], deals[1]]
    states = all_of(copying, f"investments/{investment}/states", newest_first=False)
    assert [row["state"] for row in states] == ["closing", "closed"]
    assert states[1]["equity"] == f"{-float(deals[-1]['total']):.2f}"


def test_a_wallets_transfers_and_a_reservation_are_listed(house: House, copying: Copying) -> None:
    strategy = copying.strategy()
    wallet = copying.client("1000.00")
    offer = copying.offer(strategy)
    investment = copying.post("investments", {"wallet": wallet, "offer": offer, "money": "400"})["investment"]
    reserved = copying.post(f"wallets/{wallet}/reservations", {"amount": "100", "external_id": "out-9"})["reservation"]
    copying.post(f"reservations/{reserved}/pay")
    house.write_history()
    rows = all_of(copying, f"wallets/{wallet}/transfers", newest_first=False)
    assert [(row["type"], row["amount"], row["balance"]) for row in rows] == [
        ("fund", "1000.00", "1000.00"), ("to_investment", "-400.00", "600.00"), ("withdraw", "-100.00", "500.00")
    ]  # fmt: skip
    assert (rows[1]["investment"], rows[1]["strategy"]) == (investment, strategy)
    assert all_of(copying, "transfers", investment=investment, external_id="") == [rows[1]]
    shown = copying.get(f"reservations/{reserved}")
    assert (shown["status"], shown["amount"], shown["external_id"]) == ("paid", "100.00", "out-9")
    assert shown["ended_at"] is not None
    assert copying.get("reservations", wallet=wallet, status="open")["items"] == []
    assert copying.refusal("get", "reservations/987654") == "UNKNOWN_RESERVATION"


def test_every_volume_that_was_changed_is_listed_with_its_reason(house: House, copying: Copying) -> None:
    strategy = copying.strategy()
    small = copying.invest(copying.offer(strategy), "250.00")
    copying.sync(strategy)
    signal = copying.signal(strategy, "0.0003")["signal"]
    huge = copying.signal(strategy, "60")["signal"]
    house.write_history()
    rows = all_of(copying, f"investments/{small}/trimmed-volumes", newest_first=False)
    assert [(row["signal"], row["reasons"]) for row in rows] == [(signal, ["raised_to_minimum"]), (huge, ["leverage"])]
    assert (rows[0]["asked"], rows[0]["given"]) == ("0.0000075", "0.0001")
    assert float(rows[1]["given"]) < float(rows[1]["asked"])
    assert {row["investment"] for row in all_of(copying, f"signals/{huge}/trimmed-volumes")} >= {small}
    copying.post(f"strategies/{strategy}/close")


def test_signals_are_listed_with_what_came_of_them(house: House, copying: Copying) -> None:
    strategy, _ = copying.copied("0.50")
    signal = copying.signal(strategy, "0.60", ticket="t-1", comment="more")["signal"]
    house.write_history()
    shown = copying.get(f"signals/{signal}")
    assert shown | {"symbol": "EURUSD", "lot": "0.60", "deals": 2, "ticket": "t-1", "status": "ok", "soft": False} == shown
    assert shown["price"] == "1.10005"
    rows = all_of(copying, "signals", strategy=strategy, newest_first=False)
    assert [(row["symbol"], row["lot"]) for row in rows] == [
        (None, "0.00"),
        (None, "0.00"),
        ("EURUSD", "0.50"),
        ("EURUSD", "0.60"),
    ]
    assert all_of(copying, "copy-deals", signal=signal, type="buy")[0]["strategy"] == strategy
    assert len(all_of(copying, "copy-deals", signal=signal)) == 2


def test_a_command_is_followed_to_its_end(house: House, copying: Copying) -> None:
    _, investment = copying.copied()
    command = copying.post(f"investments/{investment}/pause")["command"]
    house.write_history()
    shown = copying.get(f"copy-commands/{command}")
    assert (shown["kind"], shown["status"], shown["investment"]) == ("pause", "ok", investment)
    assert copying.refusal("get", "copy-commands/987654") == "NOT_FOUND"


def test_fills_and_what_the_venue_rejected_are_listed(house: House, copying: Copying) -> None:
    desk = Copying(house, A_BOOK)
    strategy = desk.strategy()
    desk.signal(strategy, "1.00", "GBPUSD")
    desk.fill("GBPUSD", 130_020)
    desk.signal(strategy, "1.20", "GBPUSD")
    (waiting,) = desk.get("fill-requests/working", symbol="GBPUSD")["items"]
    house.run(house.platforms["live"].writer.submit(HedgeEnded(waiting["request"], "off quotes")))
    house.write_history()
    requests = desk.get("fill-requests", symbol="GBPUSD", stream=STREAM)["items"][:2]
    assert [(row["filled"], row["rejected"], row["reason"]) for row in requests] == [
        ("0.00", "0.20", "off quotes"), ("1.00", "0.00", "")
    ]  # fmt: skip
    assert requests[0]["again_at"] is not None
    assert desk.get(f"fill-requests/{requests[1]['request']}") == requests[1]
    (fill,) = desk.get("fills", fill_request=requests[1]["request"])["items"]
    assert (fill["price"], fill["filled"], fill["hedge"]) == ("1.30020", "1.00", "1.00")
    # What was rejected is asked again a second later.
    house.clock.moment += 2_000
    house.quote()
    house.clock.moment -= 2_000
    desk.fill("GBPUSD", 130_020)
    desk.post(f"strategies/{strategy}/close")
    desk.fill("GBPUSD", 130_000)
    desk.close()


def test_days_tell_the_unit_price(house: House, copying: Copying) -> None:
    """The clock of the house stands still, so the end of a day is written as the journal would tell it."""
    strategy, investment = copying.copied()
    assert copying.get(f"strategies/{strategy}/days") == {"items": [], "next_cursor": None}
    assert copying.get(f"investments/{investment}/days") == {"items": [], "next_cursor": None}
    assert copying.refusal("get", "strategies/987654/days") == "UNKNOWN_STRATEGY"


@pytest.mark.parametrize(
    "path", ["transfers", "reservations", "copy-deals", "signals", "fill-requests", "fills", "signals/1/trimmed-volumes"]
)
def test_a_cursor_of_another_list_is_refused(copying: Copying, path: str) -> None:
    for cursor in ("x", "MQ", json.dumps([1])):
        answer = copying.call("get", path, params={"cursor": cursor})
        assert (answer.status_code, answer.json()["refusal"]) == (400, "MALFORMED")
