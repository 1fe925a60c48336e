"""A position that was closed is opened again, and its account has what it had before."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest

from prorata.access.permissions import EVERYTHING
from prorata.messages.commands import BookBalance, Command
from prorata.messages.dealer_commands import DealerOpen
from prorata.projections.trade_history import TradeHistory
from prorata.rest.broker.dealing import Dealing
from tests.rest.broker.stage import Stage
from tests.rest.broker.test_trading import CLOSE, CORRECT, Trader

REOPEN = "/v1/trading-accounts/positions/reopen"


def closed(trader: Trader) -> list[Any]:
    trader.stage.house.write_history()
    found: list[Any] = trader.stage.program.get("/v1/trading-accounts/closed-positions", **trader.at).body["closedPositions"]
    return found


def test_a_closed_position_is_open_again_at_its_price_and_costs_nothing(stage: Stage) -> None:
    trader = Trader(stage)
    name = trader.opens(volume=0.3)
    trader.asks(CLOSE, closePositions=[{"positionId": name}])
    (one,) = closed(trader)
    assert stage.engine(trader.login).balance == 1_000_000 + int(one["netProfit"] * 100) == 999_550
    answer = trader.asks(REOPEN, positionId=name)
    assert answer.status == 200, answer.text
    (part,) = answer.body["partialResponses"]
    assert (answer.body["status"], part) == (
        "SUCCESS",
        {"uid": one["uid"], "positionId": answer.body["positionId"], "status": "SUCCESS", "errorMessage": None},
    )
    held = trader.holds()[answer.body["positionId"]]
    assert (held["openPrice"], held["volume"], held["side"]) == (one["openPrice"], Decimal("0.3"), "BUY")
    assert stage.engine(trader.login).balance == 1_000_000
    stage.house.write_history()
    ledger = stage.program.get("/v1/trading-accounts/ledgers", **trader.at, **{"types[]": ["OTHER"]}).body["operations"]
    assert [(row["profit"], row["comment"]) for row in ledger] == [
        (Decimal("4.50"), f"reopened as {answer.body['positionId']}"),
    ]  # fmt: skip

    again = trader.asks(REOPEN, positionId=name)
    assert (again.status, again.body["status"], again.body["positionId"]) == (200, "FAILURE", None)
    assert again.body["partialResponses"][0]["errorMessage"] == "it was reopened before"
    assert len(trader.holds()) == 1
    assert stage.engine(trader.login).balance == 1_000_000


@pytest.mark.parametrize("bases", [("", ""), ("", "/broker-api-v2"), ("/broker-api-v2", "/broker-api-v2")])
def test_a_closing_that_two_programs_reopen_at_once_is_reopened_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, bases: tuple[str, str]
) -> None:
    trader = Trader(stage)
    name = trader.opens(volume=0.3)
    trader.asks(CLOSE, closePositions=[{"positionId": name}])
    closed(trader)
    both, real = Barrier(2, timeout=10), TradeHistory.dealt_again

    def unseen_by_the_other(self: TradeHistory, *closing: Any) -> Any:
        found = real(self, *closing)
        both.wait()
        return found

    monkeypatch.setattr(TradeHistory, "dealt_again", unseen_by_the_other)
    programs = stage.program, stage.program_with(EVERYTHING)
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(program.post, base + REOPEN, trader.at | {"positionId": name})
            for base, program in zip(bases, programs, strict=True)
        ]
    answers = [one.result().body for one in asked]
    assert answers[0] == answers[1]
    assert answers[0]["status"] == "SUCCESS"
    assert list(trader.holds()) == [answers[0]["positionId"]]
    assert stage.engine(trader.login).balance == 1_000_000


class Killed(Exception):
    """The process was killed here."""


def forget_keys(stage: Stage) -> None:
    """As a trade platform does after a day."""
    stage.house.platforms["live"].writer._machine.keys.clear()
    stage.house.write_history()


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", [DealerOpen, BookBalance])
@pytest.mark.parametrize("forgotten", [False, True], ids=["soon", "late"])
def test_an_interrupted_reopening_is_ended_by_asking_again_whenever_that_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, step: type[Command], after: bool, forgotten: bool
) -> None:
    trader = Trader(stage)
    name = trader.opens(volume=0.3)
    trader.asks(CLOSE, closePositions=[{"positionId": name}])
    closed(trader)
    real = Dealing.answer

    async def dying(self: Dealing, command: Command, key: str) -> Any:
        if isinstance(command, step) and not after:
            raise Killed
        answer = await real(self, command, key)
        if isinstance(command, step):
            raise Killed
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(Dealing, "answer", dying)
        assert trader.asks(REOPEN, positionId=name).status == 500
    stage.house.write_history()
    if forgotten:
        forget_keys(stage)
    whole = step is BookBalance and after
    again = trader.asks(REOPEN, positionId=name).body
    assert again["status"] == ("FAILURE" if whole else "SUCCESS")
    held = trader.holds()
    assert len(held) == 1
    assert again["positionId"] in ({None} if whole else held)
    assert stage.engine(trader.login).balance == 1_000_000


def test_what_has_cost_nothing_is_reopened_once_as_well(stage: Stage) -> None:
    trader = Trader(stage)
    name = trader.opens(volume=0.3)
    price = trader.holds()[name]["openPrice"]
    answer = trader.asks(
        CORRECT, instrument="EURUSD", side="BUY", volume=0.3, price=f"{price}", closingOrderId=name
    )  # fmt: skip
    assert answer.body["status"] == "OK", answer.text
    (one,) = closed(trader)
    assert one["netProfit"] == 0
    assert trader.asks(REOPEN, positionId=name).body["status"] == "SUCCESS"
    forget_keys(stage)
    again = trader.asks(REOPEN, positionId=name).body
    assert again["partialResponses"][0]["errorMessage"] == "it was reopened before"
    assert len(trader.holds()) == 1


def test_one_part_or_all_parts_are_reopened(stage: Stage) -> None:
    trader = Trader(stage)
    name = trader.opens(volume=0.3)
    trader.asks(f"{CLOSE}-partially", positionId=name, volume=0.1)
    trader.asks(CLOSE, closePositions=[{"positionId": name}])
    first, second = closed(trader)
    one = trader.asks(REOPEN, positionId=name, uid=first["uid"], closedDateTime=first["time"]).body
    assert (one["status"], trader.holds()[one["positionId"]]["volume"]) == ("SUCCESS", Decimal("0.1"))
    stage.house.write_history()
    rest = trader.asks(REOPEN, positionId=name).body
    assert (rest["status"], [part["status"] for part in rest["partialResponses"]]) == (
        "PARTIAL_SUCCESS", ["FAILURE", "SUCCESS"],
    )  # fmt: skip
    assert [part["uid"] for part in rest["partialResponses"]] == [first["uid"], second["uid"]]
    assert stage.engine(trader.login).balance == 1_000_000


def test_what_cannot_be_reopened_changes_nothing(stage: Stage) -> None:
    trader, other = Trader(stage), Trader(stage)
    name = trader.opens(volume=0.3)
    stage.house.write_history()
    assert trader.asks(REOPEN, positionId=name).status == 404, "it is open"
    trader.asks(CLOSE, closePositions=[{"positionId": name}])
    stage.house.write_history()
    assert other.asks(REOPEN, positionId=name).status == 404, "it is another account's"
    assert trader.asks(REOPEN, positionId=name, uid="1").status == 404
    assert trader.asks(REOPEN, positionId="42").status == 400
    assert stage.stranger.post(REOPEN, trader.at | {"positionId": name}).status == 404
    assert stage.program_with(["trades.deal"]).post(REOPEN, trader.at | {"positionId": name}).status == 403
    assert trader.holds() == {}
    assert other.holds() == {}


def test_trading_accounts_are_told_by_a_list_of_numbers_and_managers_by_their_organization(stage: Stage) -> None:
    first, second = (stage.trader() for _ in range(2))
    path = "/v1/trading-accounts/by-logins"
    found = stage.program.post(path, {"systemUuid": stage.live, "logins": [second, first, 7]}).body["tradingAccounts"]
    assert [one["login"] for one in found] == [first, second]
    assert found[0] == stage.program.get("/v1/trading-account", systemUuid=stage.live, login=first).body
    assert stage.stranger.post(path, {"systemUuid": stage.live, "logins": [first]}).status == 404
    assert stage.program.post(path, {"systemUuid": stage.live, "logins": [1] * 1_001}).status == 400
    managers = stage.program.get("/v1/account-managers").body["accountManagers"]
    assert {"uuid": stage.owner.uuid, "email": "owner@broker.test", "name": ""} in managers
    assert managers == sorted(managers, key=lambda one: one["email"])


def test_pools_of_managers_are_told_with_their_members(stage: Stage) -> None:
    stage.crm.pools.add(stage.first.id, "Desk one", [stage.owner.uuid])
    found = {one["name"]: one for one in stage.program.get("/v1/manager-pools").body["managerPools"]}
    assert found["Desk one"]["accountManagerUuids"] == [stage.owner.uuid]
    assert stage.stranger.get("/v1/manager-pools").body == {"managerPools": []}
