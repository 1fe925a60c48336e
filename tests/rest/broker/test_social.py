"""Money managers over the Broker-API: in the order of a rating, and each with his statistics."""

from collections.abc import Iterator

import pytest

from prorata.access.permissions import Permission
from tests.rest.broker.stage import Stage
from tests.rest.copying import STREAM, Copying

BOARD = "/v1/social-trading/leaderboard"
ONE = "/v1/social-trading/money-managers"
MANAGER = {
    "id", "name", "status", "currency", "created", "ageDays", "yield", "monthlyYield", "fee", "investors", "equity",
}  # fmt: skip
FIGURES = {
    "profit", "deposits", "withdrawals", "yieldOfDay", "yieldOfWeek", "yieldOfMonth", "yieldOfQuarter", "maxDrawdown",
    "bestDay", "worstDay", "volatility", "sharpe", "sortino", "trades", "winRate", "profitFactor",
}  # fmt: skip


@pytest.fixture(scope="module")
def copying(stage: Stage) -> Iterator[Copying]:
    copying = Copying(stage.house, company=stage.first.id)
    copying.put(f"streams/{STREAM}", {"name": "main"})
    copying.put(f"copy-specs/{stage.first.id}/USD", {"stream": STREAM, "stream_trader": STREAM, "a_book_percent": 0})
    yield copying
    copying.close()


def test_money_managers_are_listed_by_a_rating_and_shown_with_their_statistics(stage: Stage, copying: Copying) -> None:
    manager = copying.strategy("10000.00")
    offer = copying.offer(manager)
    copying.put(f"strategies/{manager}/public-offer", {"offer": offer})
    copying.invest(offer, "1000.00")
    copying.sync(manager)
    copying.signal(manager, "0.50")
    copying.signal(manager, "0.00")
    private = copying.strategy("5000.00")
    stage.house.write_history()
    at = {"systemUuid": stage.live}
    found = stage.program.get(BOARD, **at, type="POPULAR").body["moneyManagers"]
    (listed,) = (one for one in found if one["id"] == manager)
    assert set(listed) == MANAGER
    assert (listed["currency"], listed["status"], listed["fee"], listed["investors"]) == ("USD", "ACTIVE", 20, 2)
    assert listed["yield"] < 0, "the spread was lost"
    assert private not in [one["id"] for one in found]
    assert stage.program.get(BOARD, **at, limit=1, type="ALL").body["moneyManagers"][0]["id"] == manager
    assert stage.program.get(BOARD, **at).body["moneyManagers"] == [], "too young to be rated"

    shown = stage.program.get(f"{ONE}/{manager}", **at).body
    assert set(shown) == MANAGER | {"figures", "months", "chart"}
    assert {name: shown[name] for name in MANAGER} == listed
    assert (set(shown["figures"]), shown["figures"]["trades"], shown["figures"]["winRate"]) == (FIGURES, 1, 0)
    assert [set(point) for point in shown["chart"]] == [{"time", "yield"}]
    assert [set(month) for month in shown["months"]] == [{"month", "yield"}]


def test_who_is_not_public_or_of_another_broker_is_not_shown(stage: Stage, copying: Copying) -> None:
    private = copying.strategy("5000.00")
    at = {"systemUuid": stage.live}
    assert stage.program.get(f"{ONE}/{private}", **at).status == 404
    assert stage.program.get(f"{ONE}/x", **at).status == 400
    assert stage.program.get(BOARD, **at, type="BEST").status == 400
    assert stage.program.get(BOARD, **at, limit=0).status == 400
    assert stage.program.get(BOARD).status == 400
    assert stage.stranger.get(BOARD, **at).status == 404
    assert stage.program_with([Permission.TRADES_READ]).get(BOARD, **at).status == 403
