"""What takes time: spans of history, synchronisations, delays, days and their reports. In a house whose clock goes on."""

import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prorata.access.permissions import Permission
from prorata.messages.commands import Quote
from prorata.units.numbers import DAY_MS, MINUTE_MS
from tests.rest.webapi.floor import Floor
from tests.rest.webapi.office import Office, office_of_its_own

HOUR_MS = 60 * MINUTE_MS


@pytest.fixture(scope="module")
def days_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office_of_its_own(Path(tmp_path_factory.mktemp("days"))) as office:
        yield office


@pytest.fixture(scope="module")
def floor(days_office: Office) -> Floor:
    return Floor(days_office.house, days_office.client())


def since(time: str) -> dict[str, Any]:
    """The parameter `from`, which Python has for a word of its own."""
    return {"from": time}


def orders_of(trades: list[Any]) -> list[int]:
    return [trade["order"] for trade in trades]


def test_history_has_what_was_over_within_its_span(floor: Floor) -> None:
    login = floor.account()
    order = floor.open(login)
    floor.wait(90_000)
    floor.do("CloseMarket", order=order)
    deposit, trade = floor.past(login)
    opened, closed = trade["openTime"], trade["closeTime"]
    assert (opened, closed) == ("2026-03-02T12:00:00Z", "2026-03-02T12:01:30Z")
    assert floor.past(login, fromTime="2026-03-02T12:01:30Z") == [trade]
    assert floor.past(login, fromTime="2026-03-02T12:01:30", toTime="2026-03-02T12:01:30") == [trade]
    assert floor.past(login, fromTime="2026-03-02T12:01:31Z") == []
    assert floor.past(login, toTime="2026-03-02T13:01:29+01:00") == [deposit]
    assert floor.past(login, fromTime="0001-01-01T00:00:00Z", toTime="9999-12-31T23:59:59Z") == [deposit, trade]
    report = floor.mt4.get("ReportsRequest", **since(closed), to=closed, logins=[login, 987_654_321])
    assert report.data == [trade]
    wrong = floor.mt4.get("TradesUserHistory/{login}", login, fromTime="2026-03-03T00:00:00Z", toTime="2026-03-01T00:00:00Z")
    assert wrong.code == "Validation"
    assert floor.mt4.get("TradesUserHistory/{login}", 999_999_999).code == "NotFound"
    assert floor.mt4.get("TradesUserHistory/{login}", login, fromTime="yesterday").code == "Validation"


def test_a_synchronisation_tells_once_what_is_open_and_what_was_over_since(floor: Floor, days_office: Office) -> None:
    login = floor.account()
    assert floor.mt4.get("TradesSyncRead").manager_code == "InvalidData"
    before, after, held = (floor.open(login) for _ in range(3))
    floor.do("CloseMarket", order=before)
    floor.wait(5_000)
    floor.do("CloseMarket", order=after)
    floor.house.write_history()
    assert floor.mt4.post("TradesSyncStart", timestamp=floor.house.clock.moment // 1_000).data is True
    reader = days_office.allowed(Permission.TRADES_READ)
    assert reader.get("TradesSyncRead").manager_code == "InvalidData"
    told = orders_of(floor.mt4.get("TradesSyncRead").data)
    assert (before in told, after in told, held in told) == (False, True, True)
    assert floor.mt4.get("TradesSyncRead").manager_code == "InvalidData"
    floor.mt4.post("TradesSyncStart")
    assert before in orders_of(floor.mt4.get("TradesSyncRead").data)
    floor.mt4.post("TradesSyncStart", timestamp=0)
    assert len(floor.mt4.get("TradesSyncRead", limit=3).data) == 3
    assert floor.mt4.post("TradesSyncStart", timestamp=-1).code == "Validation"


def test_an_order_that_waits_for_its_groups_delay_can_be_called_back(floor: Floor) -> None:
    login = floor.account("slow")
    answers = []

    def ask() -> None:
        answers.append(floor.do("OpenMarket", orderBy=login, symbol="EURUSD", volume=50))

    asking = threading.Thread(target=ask)
    asking.start()
    order = floor.in_flight(login)
    assert floor.mt4.get("TradesGet/{ticket}", order).code == "NotFound"
    assert floor.mt4.post("TradeClearRollback/{order}", order).data is True
    asking.join(10)
    assert (answers[0].code, answers[0].manager_code) == ("MT4Error", "TradeUserCancel")
    assert floor.mt4.post("TradeClearRollback/{order}", order).data is True
    assert floor.mt4.post("TradeClearRollback/{order}", 999_999_999).code == "NotFound"
    asking = threading.Thread(target=ask)
    asking.start()
    order = floor.in_flight(login)
    floor.wait(500)
    asking.join(10)
    assert answers[1].data["order"] == order


def test_a_pending_order_expires(floor: Floor) -> None:
    login = floor.account()
    order = floor.do(
        "PendingOpen", tradeCommand="BuyLimit", orderBy=login, symbol="EURUSD", volume=1, price=1.0,
        expiration="2026-03-02T13:00:00Z",
    ).data["order"]  # fmt: skip
    floor.wait(HOUR_MS)
    trade = floor.trade(order)
    assert (trade["tradeRecordState"], trade["comment"]) == ("Deleted", "expired")


def test_daily_reports_sum_from_day_to_day(floor: Floor) -> None:
    """Monday to Wednesday: money in, a loss closed, a swap charged, a correction of the loss, credit, money out."""
    login, idle = floor.account("charged", deposit=1_000_000), floor.account(deposit=0)
    floor.do("CloseMarket", order=floor.open(login))
    held = floor.open(login, volume=10)
    floor.wait(11 * HOUR_MS)
    loss = floor.past(login)[1]
    done = threading.Event()
    writing = threading.Thread(target=lambda: write_until(floor, done))
    writing.start()
    floor.mt4.post("AdmTradeRecordModify/{ticket}", loss["order"], body={"profit": 0})
    done.set()
    writing.join()
    asked: dict[str, Any] = {"orderBy": login, "tradeCommand": "Balance"}
    floor.do("BrBalance", price=-500, **asked)
    floor.do("BrBalance", orderBy=login, tradeCommand="Credit", price=70)
    floor.wait(DAY_MS)
    floor.do("BrBalance", price=250, **asked)
    floor.wait(DAY_MS)
    floor.house.write_history()
    whole_week: dict[str, Any] = {"from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z"}
    monday, tuesday, wednesday = floor.mt4.get("DailyReportsRequest", **whole_week, logins=[login, idle]).data
    assert [day["ctm"] for day in (monday, tuesday, wednesday)] == [f"2026-03-0{day}T22:00:00Z" for day in (2, 3, 4)]
    # 100,000 EUR closed at a loss of 10.00; 3.33 each of opening and closing; 0.34 for opening what is held.
    assert (monday["balancePrev"], monday["deposit"], monday["profitClosed"]) == (0, 10_000, Decimal("-17.00"))
    assert (tuesday["balancePrev"], tuesday["deposit"], tuesday["profitClosed"]) == (monday["balance"], -500, 10)
    assert (wednesday["balancePrev"], wednesday["deposit"], wednesday["profitClosed"]) == (tuesday["balance"], 250, 0)
    assert [day["credit"] for day in (monday, tuesday, wednesday)] == [0, 70, 70]
    for day in (monday, tuesday, wednesday):
        assert day["equity"] == day["balance"] + day["credit"] + day["profit"]
        assert day["marginFree"] == day["equity"] - day["margin"]
        assert (day["login"], day["group"], day["bank"]) == (login, "charged", "")
    only: dict[str, Any] = {"from": "2026-03-03T22:00:00Z", "to": "2026-03-03T22:00:00Z"}
    assert floor.mt4.get("DailyReportsRequest", **only, logins=[login]).data == [tuesday]
    by_login = floor.mt4.get("DailyReportsRequestEx", **whole_week, logins=[login, idle]).data
    assert by_login == {str(login): [monday, tuesday, wednesday], str(idle): []}
    assert floor.mt4.post("DailySyncRead").manager_code == "InvalidData"
    floor.mt4.post("DailySyncStart", timestamp=1_772_575_200)
    told = [day for day in floor.mt4.post("DailySyncRead").data if day["login"] == login]
    assert told == [tuesday, wednesday]
    assert floor.mt4.get("DailyReportsRequest", **whole_week).code == "Validation"
    assert floor.mt4.get("DailyReportsRequest", **whole_week, logins=[login], name="n" * 33).code == "Validation"
    assert floor.mt4.get("DailyReportsRequest", logins=[login]).code == "Validation"
    storage = floor.trade(held)["storage"]
    assert storage < 0


def write_until(floor: Floor, done: threading.Event) -> None:
    while not done.wait(0.02):
        floor.house.write_history()


def test_the_servers_load_is_sampled_as_time_goes_on(floor: Floor, days_office: Office) -> None:
    floor.house.quote(Quote("EURUSD", 110_000, 110_010))
    floor.wait(6 * MINUTE_MS)
    samples = floor.mt4.get("PerformanceRequest", **since("2026-03-01T00:00:00Z")).data
    assert len(samples) >= 2
    times = [sample["ctm"] for sample in samples]
    assert times == sorted(set(times))
    assert all(0 <= sample["cpu"] <= 100 and sample["freeMem"] >= 0 and sample["sockets"] >= 0 for sample in samples)
    assert floor.mt4.get("PerformanceRequest", **since("2036-03-01T00:00:00Z")).data == []
    assert days_office.allowed(Permission.TRADES_READ).get("PerformanceRequest").code == "Forbidden"
