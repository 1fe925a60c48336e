"""Trading events, ledgers and equity over gRPC, over the real engine. The group adds 2 and 3 points to EURUSD."""

from collections.abc import Iterable
from typing import Any

import pytest

from prorata.messages.commands import Access, BalanceKind, BookBalance, ChangeAccount, ClosePosition, OrderType, Quote
from tests.stream.grpc.stage import GrpcStage, name_of

EVENTS = "TradingEventsServiceExternal/getTradingEventsStream"
DEPOSIT, WITHDRAWAL, CREDIT_IN, CREDIT_OUT, OTHER, CLOSED_POSITION = 0, 1, 2, 3, 7, 8
M2P = 12
KINDS = ("f1", "f2", "f3", "f4", "f5")
"""margin call, stop-out, take profit, stop loss, activation"""


def events(lists: Iterable[Any]) -> list[tuple[str, Any]]:
    """Return kind and content of each event."""
    return [
        (kind, getattr(event, kind)) for several in lists for event in several.f1 for kind in KINDS if event.HasField(kind)
    ]  # fmt: skip


def test_trading_events(grpc_port: GrpcStage) -> None:
    winner, loser, waiter, broke = (grpc_port.trader(amount=amount) for amount in (1_000_000, 1_000_000, 1_000_000, 120_000))
    logins = [winner, loser, waiter, broke]
    first = grpc_port.v1(EVENTS, "IncludedAsked", "Events", {"f2": logins})
    newer = grpc_port.v1(EVENTS, "IncludedAsked", "NewEventsTold", {"f2": logins}, enveloped=True)
    second = grpc_port.v2(EVENTS, "FilteredAsked", "EventsTold", {"f1": [str(login) for login in logins]})
    winning = grpc_port.buy(winner, 1, take_profit=110_050)
    losing = grpc_port.buy(loser, 1, stop_loss=109_970)
    pending = grpc_port.buy(waiter, 0.5, type=OrderType.STOP, price=110_040)
    lost = grpc_port.buy(broke, 1)
    grpc_port.quote(Quote("EURUSD", 110_055, 110_065))
    grpc_port.quote(Quote("EURUSD", 109_960, 109_970))
    grpc_port.quote(Quote("EURUSD", 109_800, 109_810))
    grpc_port.quote(Quote("EURUSD", 109_300, 109_310))
    first.until(lambda heard: len(events(heard)) >= 5)
    told = dict(events(first.heard))
    assert [kind for kind, _ in events(first.heard)] == ["f3", "f5", "f4", "f1", "f2"]
    taken, stopped, activated, called, stopped_out = (told[kind] for kind in ("f3", "f4", "f5", "f1", "f2"))
    assert (taken.f1, taken.f2, taken.f3, taken.f4, taken.f5) == (winner, name_of(winning), "EURUSD", 0, 1.0)
    assert (taken.f7, taken.f8) == (40.0, "USD")
    assert (stopped.f1, stopped.f2, stopped.f5, stopped.f7) == (loser, name_of(losing), 1.0, -55.0)
    assert (activated.f1, activated.f2, activated.f5, activated.f7) == (waiter, name_of(pending), 0.5, 1.1004)
    assert (called.f1, called.f2 < 100.0) == (broke, True)
    assert (stopped_out.f1, stopped_out.f2, stopped_out.f3, stopped_out.f4) == (broke, name_of(lost), "EURUSD", 1.0)
    assert {(event.f6, event.f7) for message in first.heard for event in message.f1} == {
        (login, "standard") for login in logins
    }

    newer.until(lambda heard: len(events(message.f1 for message in heard)) >= 5)
    assert events(message.f1 for message in newer.heard) == [(kind, told[kind]) for kind in ("f3", "f5", "f4", "f1", "f2")]
    second.until(lambda heard: len(events(message.f1 for message in heard)) >= 5)
    again = dict(events(message.f1 for message in second.heard))
    taken = again["f3"]
    assert (taken.f1, taken.f2, taken.f3, taken.f4, taken.f5, taken.f6) == (name_of(winning), "EURUSD", 1, 1.0, 40.0, "USD")
    assert again["f5"].f5 == 1.1004
    assert again["f2"].f3 == 1.0
    assert again["f1"].f1 == called.f2


def test_whoever_may_not_trade_or_sign_in_is_passed_over(grpc_port: GrpcStage) -> None:
    """As in lists over HTTP: `includeLocked` takes those that may not trade, `includeBlocked` those that may not sign in."""
    shown, locked, blocked = (grpc_port.trader() for _ in range(3))
    grpc_port.do(ChangeAccount(locked, access=Access.TRADING_DISABLED))
    grpc_port.do(ChangeAccount(blocked, access=Access.LOGIN_DISABLED))
    path, logins = "EquityServiceExternal/getClientEquityStream", [shown, locked, blocked]

    def those(**included: int) -> set[int]:
        ear = grpc_port.v1(path, "EquityAsked", "EquityTold", {"f3": logins, **included})
        last = logins[-1] if included.get("f4") else logins[1] if included else logins[0]
        return {one.f1.f1 for one in ear.until(lambda heard: any(one.f1.f1 == last for one in heard)) if one.HasField("f1")}

    assert those() == {shown}
    assert those(f5=1) == {shown, locked}
    assert those(f4=1) == {shown, blocked}
    rights = {"f2": [str(login) for login in logins], "f3": [3]}
    ear = grpc_port.v2("EquityServiceExternal/getEquityStream", "EquityAsked", "EquityTold", rights)
    assert ear.count(1)[0].f1.f1 == str(locked)


def test_equity_is_told_when_it_differs(grpc_port: GrpcStage) -> None:
    login = grpc_port.trader()
    first = grpc_port.v1("EquityServiceExternal/getClientEquityStream", "EquityAsked", "EquityTold", {"f3": [login]})
    second = grpc_port.v2("EquityServiceExternal/getEquityStream", "EquityAsked", "EquityTold", {"f2": [str(login)]})
    grpc_port.do(BookBalance(login, BalanceKind.CREDIT_IN, 5_000))
    grpc_port.buy(login)
    grpc_port.quote(Quote("EURUSD", 110_113, 110_123))
    wanted = [
        ("10000.00", "10000.00", "0.00"), ("10050.00", "10000.00", "50.00"), ("10035.00", "10000.00", "50.00"),
        ("10148.00", "10000.00", "50.00"),
    ]  # fmt: skip
    for ear, shown in ((first, login), (second, str(login))):
        ear.until(lambda heard: sum(message.HasField("f1") for message in heard) >= len(wanted))
        told = [message.f1 for message in ear.heard if message.HasField("f1")]
        assert [(one.f2, one.f3, one.f4) for one in told] == wanted
        assert {one.f1 for one in told} == {shown}


def test_the_ledger_says_what_a_program_has_called_its_booking(grpc_port: GrpcStage) -> None:
    """It is read from a database meanwhile; what happens then waits, and all stays in order."""
    stage = grpc_port.stage
    (account,) = stage.trading_accounts(stage.account(stage.standard))
    login, path = account["login"], "LedgerServiceExternal/getLedgersStream"
    ear = grpc_port.v2(path, "LedgersAsked", "EntriesTold", {"f2": [login]})
    narrowed = grpc_port.v2(path, "LedgersAsked", "EntriesTold", {"f2": [login], "f5": [M2P]})
    booked = {"amount": 100, "comment": "by chain", "additionalType": "M2P"}
    assert stage.program.post(f"/broker-api-v2/v1/trading-accounts/{login}/deposit", booked).status == 204
    grpc_port.do(BookBalance(int(login), BalanceKind.DEPOSIT, 700))
    ear.until(lambda heard: sum(len(message.f1.f1) for message in heard) >= 2)
    told = [(one.f4, one.f5, one.f8) for message in ear.heard for one in message.f1.f1]
    assert told == [(100.0, "by chain", M2P), (7.0, "", 0)]
    assert [one.f4 for message in narrowed.count(1) for one in message.f1.f1] == [100.0]


@pytest.mark.parametrize("enveloped", [False, True])
def test_the_ledger(grpc_port: GrpcStage, enveloped: bool) -> None:
    login, other = grpc_port.trader(), grpc_port.trader()
    one = grpc_port.v1(
        "LedgerServiceExternal/getLedgersStreamByLogin", "LedgerAsked", "NewEntry" if enveloped else "Entry",
        {"f2": str(login)}, enveloped=enveloped,
    )  # fmt: skip
    many = grpc_port.v1(
        "LedgerServiceExternal/getLedgersStreamByGroupsOrLogins", "LedgersAsked", "NewEntriesTold" if enveloped else "Entries",
        {"f3": ["standard"], "f4": [DEPOSIT, CLOSED_POSITION]}, enveloped=enveloped,
    )  # fmt: skip
    second = grpc_port.v2("LedgerServiceExternal/getLedgersStream", "LedgersAsked", "EntriesTold", {"f2": [str(login)]})
    grpc_port.do(BookBalance(login, BalanceKind.DEPOSIT, 12_345, comment="by wire"))
    grpc_port.do(BookBalance(login, BalanceKind.WITHDRAWAL, 2_345))
    grpc_port.do(BookBalance(login, BalanceKind.CREDIT_IN, 100))
    grpc_port.do(BookBalance(login, BalanceKind.CREDIT_OUT, 50))
    grpc_port.do(BookBalance(login, BalanceKind.CORRECTION, 7))
    grpc_port.do(BookBalance(other, BalanceKind.DEPOSIT, 100))
    ticket = grpc_port.buy(login)
    grpc_port.do(ClosePosition(login, ticket))
    wanted = [
        (DEPOSIT, 123.45), (WITHDRAWAL, -23.45), (CREDIT_IN, 1.0), (CREDIT_OUT, -0.5), (OTHER, 0.07), (CLOSED_POSITION, -15.0),
    ]  # fmt: skip

    def entries(heard: list[Any]) -> list[Any]:
        """Return the entries of messages, whatever form these have."""
        found: list[Any] = []
        for message in heard:
            if message.DESCRIPTOR.name == "Entry":
                found.append(message)
            elif message.DESCRIPTOR.name != "NewEntry":
                found += entries(message.f1 if message.DESCRIPTOR.name == "Entries" else message.f1.f1)
            elif message.HasField("f1"):
                found.append(message.f1)
        return found

    one.until(lambda heard: len(entries(heard)) == 6)
    told = entries(one.heard)
    assert [(entry.f2, entry.f4) for entry in told] == wanted
    assert (told[0].f5, told[0].f6, told[0].f7, told[0].f3) == ("by wire", "standard", login, "2026-03-02T12:00:00.000Z")
    assert told[4].f8 == 2
    many.until(lambda heard: len(entries(heard)) == 3)
    assert [(entry.f7, entry.f2, entry.f4) for entry in entries(many.heard)] == [
        (login, DEPOSIT, 123.45), (other, DEPOSIT, 1.0), (login, CLOSED_POSITION, -15.0),
    ]  # fmt: skip
    second.until(lambda heard: len(entries(heard)) == 6)
    assert [(entry.f2 - 1, entry.f4, entry.f1) for entry in entries(second.heard)] == [
        (*pair, entry.f1) for pair, entry in zip(wanted, told, strict=True)
    ]
    # The ids are those of the list over HTTP.
    grpc_port.stage.house.write_history()
    at = {"systemUuid": grpc_port.stage.live, "login": login, "types[]": ["DEPOSIT", "CLOSED_POSITION"]}
    listed = grpc_port.stage.program.get("/v1/trading-accounts/trading-data/ledgers", **at).body["operations"]
    assert {entry.f1 for entry in told if entry.f2 in (DEPOSIT, CLOSED_POSITION)} <= {one["id"] for one in listed}
