"""Positions and pending orders over gRPC. The market: EURUSD 1.10000/1.10010, to which the group adds 2 and 3 points."""

import asyncio
from collections.abc import Callable, Iterable
from itertools import cycle
from typing import Any

import pytest

from prorata.messages.commands import (
    Access,
    BalanceKind,
    BookBalance,
    CancelOrder,
    ChangeAccount,
    ClosePosition,
    ModifyOrder,
    ModifyPosition,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PutGroup,
    Quote,
    Side,
)
from prorata.messages.events import AccountOpened
from prorata.messages.groups import GroupSpec
from prorata.stream.grpc import feed
from prorata.units.numbers import VOLUME_PER_LOT
from tests.stream.grpc.stage import Ear, GrpcStage, name_of

NEW, UPDATE, CLOSED, PROFIT_CHANGE, PARTIALLY_CLOSED = range(5)
POSITIONS = "PositionsServiceExternal"
ORDERS = "OrderServiceExternal"


def told(heard: Iterable[Any]) -> list[tuple[int, str, float]]:
    """Return update, id and volume of each position, whatever form the messages have; results are left out."""
    found = []
    for message in heard:
        first = message.f1
        for one in first.f1 if hasattr(first, "f1") else first:
            update, position = (one.f1, one.f2) if hasattr(one.f2, "f1") else (one.f16, one)
            if update != PROFIT_CHANGE:
                found.append((update, position.f1, position.f3))
    return found


def test_the_life_of_a_position(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    held = grpc_port.buy(login, 0.5, stop_loss=109_000)
    streams = [
        grpc_port.v1(f"{POSITIONS}/getClientPositionsStream", "OneAsked", "States", {"f2": str(login)}),
        grpc_port.v1(
            f"{POSITIONS}/getClientPositionsStream", "OneAsked", "NewPositionsTold", {"f2": str(login)}, enveloped=True
        ),
    ]  # fmt: skip
    ticket = grpc_port.buy(login, 1)
    grpc_port.do(ModifyPosition(login, ticket, take_profit=120_000))
    grpc_port.do(ClosePosition(login, ticket, VOLUME_PER_LOT // 4))
    grpc_port.do(ClosePosition(login, ticket))
    name = name_of(ticket)
    wanted = [
        (UPDATE, name_of(held), 0.5),
        (NEW, name, 1.0),
        (UPDATE, name, 1.0),
        (PARTIALLY_CLOSED, name, 0.75),
        (CLOSED, name, 0.75),
    ]
    for ear in streams:
        ear.until(lambda heard: len(told(heard)) >= 5)
        assert told(ear.heard) == wanted
    states = [state for message in streams[0].heard for state in message.f1 if state.f1 != PROFIT_CHANGE]
    snapshot, _, modified, reduced, closed = (state.f2 for state in states)
    assert (snapshot.f7, snapshot.f2, snapshot.f15, snapshot.f4) == (1.09, "EURUSD", "EURUSD", 0)
    assert (snapshot.f5, snapshot.f6, snapshot.f12) == ("2026-03-02T12:00:00.000Z", 1.10013, 1.09998)
    assert (snapshot.f10, snapshot.f11) == (-7.5, -7.5)
    assert modified.f8 == 1.2
    assert (reduced.f14[0].f3, reduced.f14[0].f4) == (0.75, 1.0)
    assert (closed.f12, closed.f10, closed.f11) == (1.09998, -11.25, -11.25)


def test_positions_of_groups_and_logins(grpc_port: GrpcStage) -> None:
    mine, other, third = grpc_port.trader("netting"), grpc_port.trader(), grpc_port.trader("netting")
    held = grpc_port.buy(mine)
    first = grpc_port.v1(
        f"{POSITIONS}/getOpenPositionsStreamByGroupsOrLogins", "ManyPositionsAsked", "ManyPositions",
        {"f2": ["netting"], "f3": [str(mine)]},
    )  # fmt: skip
    second = grpc_port.v2(
        f"{POSITIONS}/getOpenPositionsStream", "PositionsAsked", "PositionsTold", {"f2": [str(mine), str(third)]}
    )
    everything = grpc_port.v2(f"{POSITIONS}/getOpenPositionsStream", "PositionsAsked", "PositionsTold")
    grpc_port.buy(other)
    opened = grpc_port.buy(third, 2)

    def by_login(heard: list[Any]) -> dict[str, tuple[int, str, str]]:
        return {
            login: (one.f16, one.f1, one.f17)
            for message in heard
            for login, one in message.f1.f1.items()
            if one.f16 != PROFIT_CHANGE
        }

    wanted = {str(mine): (UPDATE, name_of(held), "netting"), str(third): (NEW, name_of(opened), "netting")}
    first.until(lambda heard: wanted.items() <= by_login(heard).items())
    assert str(other) not in by_login(first.heard)

    def of(ear: Ear) -> list[tuple[str, int, str]]:
        return [(one.f1, one.f18, one.f3) for message in ear.heard for one in message.f1.f1 if one.f18 != PROFIT_CHANGE + 1]

    second.until(lambda _: len(of(second)) >= 2)
    assert of(second) == [(str(mine), UPDATE + 1, name_of(held)), (str(third), NEW + 1, name_of(opened))]
    (position,) = [one for message in second.heard for one in message.f1.f1 if one.f3 == name_of(opened)][:1]
    assert (position.f2, position.f5, position.f6, position.f8, position.f16[0].f2) == ("netting", 2.0, 1, 1.1001, 2.0)
    everything.until(lambda _: {str(mine), str(other), str(third)} <= {login for login, *_ in of(everything)})


def test_results_follow_the_market(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    grpc_port.buy(login)
    ear = grpc_port.v1(f"{POSITIONS}/getClientPositionsStream", "OneAsked", "States", {"f2": str(login)})
    grpc_port.quote(Quote("EURUSD", 110_113, 110_123))
    heard = ear.until(lambda heard: any(state.f2.f12 == 1.10111 for message in heard for state in message.f1))
    last = next(state for state in heard[-1].f1 if state.f2.f12 == 1.10111)
    assert (last.f1, last.f2.f10) == (PROFIT_CHANGE, 98.0)
    # A quote that changes nothing is not told.
    count = sum(len(message.f1) for message in heard)
    grpc_port.quote(Quote("GBPUSD", 130_001, 130_021))
    grpc_port.buy(login, 0.1)
    ear.until(lambda heard: sum(len(message.f1) for message in heard) >= count + 1)
    assert [state.f1 for message in ear.heard for state in message.f1][count] == NEW


def test_an_account_that_may_trade_again_is_told_with_its_orders(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    ticket = grpc_port.buy(login, 1, type=OrderType.LIMIT, price=109_000)
    grpc_port.do(ChangeAccount(login, access=Access.TRADING_DISABLED))
    path = f"{ORDERS}/getOrdersUpdateStreamByGroupsOrLogins"
    ear = grpc_port.v1(path, "IncludedAsked", "Order", {"f2": [login]})
    all_of_it = grpc_port.v1(path, "IncludedAsked", "Order", {"f2": [login], "f5": 1})
    grpc_port.do(ChangeAccount(login, access=Access.FULL))
    grpc_port.do(CancelOrder(login, ticket))
    assert [(one.f12, one.f1) for one in ear.count(2)] == [(UPDATE, name_of(ticket)), (CLOSED, name_of(ticket))]
    assert len(all_of_it.count(2)) == 2


@pytest.mark.parametrize("version", [1, 2])
def test_no_position_is_missed_and_none_told_twice(
    grpc_port: GrpcStage, version: int, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Accounts open and close positions while streams begin: what a stream was told adds up to what is there."""
    monkeypatch.setattr(feed, "AT_ONCE", 3)
    group, house = f"crowd{version}", grpc_port.stage.house
    writer = house.platforms["live"].writer
    accounts = writer.engine.desk.state.accounts
    grpc_port.do(PutGroup(GroupSpec(name=group, currency="USD")))
    stop = False

    async def trade(logins: list[int]) -> None:
        for login in cycle(logins):
            held = list(accounts[login].positions)
            if len(held) > 1:
                await writer.submit(ClosePosition(login, held[0]))
            else:
                await writer.submit(PlaceOrder(login, "EURUSD", Side.BUY, VOLUME_PER_LOT // 100))
            if stop:
                return

    async def begin() -> list[asyncio.Task[None]]:
        opened = await asyncio.gather(*(writer.submit(OpenAccount(group)) for _ in range(120)))
        logins = [event.login for answer in opened for event in answer.events if isinstance(event, AccountOpened)]
        await asyncio.gather(*(writer.submit(BookBalance(login, BalanceKind.DEPOSIT, 1_000_000)) for login in logins))
        return [asyncio.create_task(trade(part)) for part in (logins, logins[::-1], logins[60:] + logins[:60])]

    trading = house.run(begin())
    asked = {"f2": [group]} if version == 1 else {"f1": [group]}
    ears = []
    for count in range(6):
        if version == 1:
            path = f"{POSITIONS}/getOpenPositionsStreamByGroupsOrLogins"
            ears.append(grpc_port.v1(path, "ManyPositionsAsked", "ManyPositions", asked))
        else:
            path = f"{POSITIONS}/getOpenPositionsStream"
            ears.append(grpc_port.v2(path, "PositionsAsked", "PositionsTold", asked))
        ears[-1].until(more_than(20 * count, version))
    for ear in ears:
        ear.until(more_than(400, version))
    stop = True

    async def end() -> set[str]:
        await asyncio.gather(*trading)
        return {name_of(ticket) for account in accounts.values() if account.group == group for ticket in account.positions}

    there = house.run(end())
    for ear in ears:
        ear.until(lambda heard: state_of(heard, version) == there)
        opened = [name for update, name in changes(ear.heard, version) if update == NEW]
        assert len(opened) == len(set(opened))
        assert any(update == UPDATE for update, _ in changes(ear.heard, version)) or ear is ears[0]


def more_than(count: int, version: int) -> Callable[[list[Any]], bool]:
    return lambda heard: len(changes(heard, version)) > count


def changes(heard: list[Any], version: int) -> list[tuple[int, str]]:
    """Return update and id of each position, in order."""
    if version == 1:
        return [(one.f16, one.f1) for message in heard for one in message.f1.f1.values()]
    return [(one.f18 - 1, one.f3) for message in heard for one in message.f1.f1]


def state_of(heard: list[Any], version: int) -> set[str]:
    """Return the positions that are there by what was told."""
    there: set[str] = set()
    for update, name in changes(heard, version):
        assert (name in there) == (update in (CLOSED, PROFIT_CHANGE)), "told twice, or of something unknown"
        if update == CLOSED:
            there.remove(name)
        else:
            there.add(name)
    return there


def test_the_life_of_pending_orders(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    waiting = grpc_port.buy(login, 1, type=OrderType.LIMIT, price=109_000, comment="waits")
    asked = {"f2": [login]}
    flat = grpc_port.v1(f"{ORDERS}/getOrdersUpdateStreamByGroupsOrLogins", "IncludedAsked", "Order", asked)
    newer = grpc_port.v1(f"{ORDERS}/getOrdersUpdateStreamByGroupsOrLogins", "IncludedAsked", "NewOrder", asked, enveloped=True)
    second = grpc_port.v2(f"{ORDERS}/getOrdersUpdateStream", "FilteredAsked", "OrderTold", {"f1": [str(login)]})
    stop = grpc_port.buy(login, 0.25, type=OrderType.STOP, price=111_000, stop_loss=100_000)
    grpc_port.do(ModifyOrder(login, stop, 110_900, stop_loss=100_000))
    grpc_port.do(CancelOrder(login, waiting))
    grpc_port.quote(Quote("EURUSD", 110_900, 110_910))
    first, last = name_of(waiting), name_of(stop)
    wanted = [(UPDATE, first), (NEW, last), (UPDATE, last), (CLOSED, first), (CLOSED, last)]
    assert [(one.f12, one.f1) for one in flat.count(5)] == wanted
    newer.until(lambda heard: sum(message.HasField("f1") for message in heard) == 5)
    assert [(one.f1.f12, one.f1.f1) for one in newer.heard if one.HasField("f1")] == wanted
    second.until(lambda heard: sum(message.HasField("f1") for message in heard) == 5)
    assert [(one.f1.f12 - 1, one.f1.f1) for one in second.heard if one.HasField("f1")] == wanted
    limit, placed, modified = flat.heard[:3]
    assert (limit.f4, limit.f5, limit.f7, limit.f8, limit.f11) == ("1", 1, "1.09000", 0, "waits")
    assert (placed.f2, placed.f4, placed.f5, placed.f9, placed.f13, placed.f14) == (
        "EURUSD", "0.25", 2, "1.00000", "standard", login,
    )  # fmt: skip
    assert modified.f7 == "1.10900"
    placed = [one.f1 for one in second.heard if one.HasField("f1")][1]
    assert (placed.f4, placed.f5, placed.f7, placed.f8, placed.f14) == (0.25, 2, 1.11, 1, str(login))
