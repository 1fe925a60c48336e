"""Quotations, groups, symbols and account information over gRPC."""

from typing import Any

import msgspec

from prorata.messages.commands import Access, ChangeAccount, PutGroup, PutSymbol, Quote, RemoveSymbol
from prorata.messages.groups import Commission, CommissionType, GroupSymbol
from tests.stream.grpc.stage import TERMS, Ear, GrpcStage

QUOTES = "QuotationsServiceExternal/getQuotationsWithMarkupStream"
GROUPS = "GroupServiceExternal/getGroupChangesStream"
SYMBOLS = "SymbolsServiceExternal/getSymbolsChangedStream"


def test_quotations_with_markup(grpc_port: GrpcStage) -> None:
    asked = {"f2": ["EURUSD", "USDJPY"], "f3": "standard", "f5": 1}
    first = grpc_port.v1(QUOTES, "QuotesAsked", "Quotes", asked)
    newer = grpc_port.v1(QUOTES, "QuotesAsked", "NewQuote", asked, enveloped=True)
    second = grpc_port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f1": ["EURUSD", "USDJPY"], "f2": "standard"})
    raw = grpc_port.v1(QUOTES, "QuotesAsked", "Quotes", {"f2": ["EURUSD"]})
    grpc_port.quote(Quote("EURUSD", 111_100, 111_110), Quote("GBPUSD", 130_000, 130_020))
    grpc_port.quote(Quote("EURUSD", 108_900, 108_910))
    grpc_port.quote(Quote("EURUSD", 110_550, 110_560))
    told = [one for message in first.until(lambda heard: sum(len(one.f1) for one in heard) >= 5) for one in message.f1]
    assert [(one.f1, one.f2, one.f3) for one in told] == [
        ("EURUSD", 1.09998, 1.10013), ("USDJPY", 150.0, 150.01), ("EURUSD", 1.11098, 1.11113), ("EURUSD", 1.08898, 1.08913),
        ("EURUSD", 1.10548, 1.10563),
    ]  # fmt: skip
    assert told[-1].f4 == 1_772_452_800_000
    statistics = told[-1].f5
    assert (statistics.f1, statistics.f2, statistics.f3) == (0.5, 1.111, 1.089)
    newer.until(lambda heard: sum(message.HasField("f1") for message in heard) >= 5)
    assert [message.f1 for message in newer.heard if message.HasField("f1")] == told
    second.until(lambda heard: sum(message.HasField("f1") for message in heard) >= 5)
    again = [message.f1 for message in second.heard if message.HasField("f1")]
    assert [one.SerializeToString() for one in again] == [one.SerializeToString() for one in told]
    unmarked = [one for message in raw.until(lambda heard: sum(len(one.f1) for one in heard) >= 4) for one in message.f1]
    assert (unmarked[-1].f2, unmarked[-1].f3, unmarked[-1].HasField("f5")) == (1.1055, 1.1056, False)


def test_throttled_quotations_are_the_newest(grpc_port: GrpcStage) -> None:
    slow = grpc_port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f1": ["EURUSD"], "f3": 150})
    smart = grpc_port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f1": ["EURUSD"], "f3": 150, "f4": 1})
    for bid in range(110_001, 110_021):
        grpc_port.quote(Quote("EURUSD", bid, bid + 10))
    for ear in (slow, smart):
        ear.until(lambda heard: any(message.f1.f2 == 1.1002 for message in heard))
        assert len([message for message in ear.heard if message.HasField("f1")]) < 10


def test_the_house_may_throttle_all_streams(grpc_port: GrpcStage) -> None:
    port = GrpcStage(grpc_port.stage, msgspec.structs.replace(TERMS, throttling_ms_min=150))
    try:
        ear = port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f1": ["EURUSD"]})
        for bid in range(110_001, 110_021):
            port.quote(Quote("EURUSD", bid, bid + 10))
        ear.until(lambda heard: any(message.f1.f2 == 1.1002 for message in heard))
        assert len([message for message in ear.heard if message.HasField("f1")]) < 10
    finally:
        port.close()


def test_a_symbol_that_the_group_does_not_trade_has_no_quotations(grpc_port: GrpcStage) -> None:
    ear = grpc_port.v2(QUOTES, "QuotesAsked", "QuoteTold", {"f2": "standard"})
    ear.beat()
    assert {message.f1.f1 for message in ear.heard} == {"EURUSD", "GBPUSD", "USDJPY"}


def told_by(ear: Ear, count: int) -> list[Any]:
    """Wait for so many groups, and return them."""
    ear.until(lambda heard: sum(message.HasField("f1") for message in heard) >= count)
    return [message.f1 for message in ear.heard if message.HasField("f1")]


def test_groups(grpc_port: GrpcStage) -> None:
    desk = grpc_port.stage.house.platforms["live"].desk
    spec, euro = desk.groups["standard"].spec, desk.state.symbols["EURUSD"]
    first = grpc_port.v1(GROUPS, "GroupsAsked", "GroupChange", {"f2": ["standard"]})
    second = grpc_port.v2(GROUPS, "GroupsAsked", "GroupChange", {"f1": ["standard", "netting"]})
    try:
        grpc_port.do(
            PutGroup(
                msgspec.structs.replace(
                    spec, swap_free=True, execution_delay_ms=250, commission=Commission(CommissionType.PER_MILLION, 3_000),
                    symbols=(GroupSymbol(symbol="EURUSD", markup_bid=7, freeze_level=4),),
                )
            )
        )  # fmt: skip
        before, after = told_by(first, 2)
        told = second.until(lambda heard: sum(message.HasField("f1") for message in heard) >= 3)
        # What a symbol has, its groups have, unless they have their own.
        grpc_port.do(PutSymbol(msgspec.structs.replace(euro, volume_min=2 * euro.volume_min)))
        assert told_by(first, 3)[-1].f5["EURUSD"].f10 == "0.02"
    finally:
        grpc_port.do(PutGroup(spec))
        grpc_port.do(PutSymbol(euro))
    assert (before.f1, before.f2, before.f3, before.f10, before.f13, before.f24, before.f25) == (
        "standard", "USD", 2, 100, 1, 50.0, 1,
    )  # fmt: skip
    assert (before.f5["EURUSD"].f2, before.f5["EURUSD"].f3, before.f27, before.f17) == ("2", "3", 100, 2)
    assert "BTCUSD" not in before.f5
    assert (after.f15, after.f23, after.f28) == (1, 250, 30)
    symbol = after.f5["EURUSD"]
    assert (symbol.f2, symbol.f3, symbol.f7, symbol.f15, symbol.f16) == ("7", "0", 4, 1, 30)
    groups = [message.f1 for message in told if message.HasField("f1")]
    assert [group.f1 for group in groups] == ["netting", "standard", "standard"]
    assert (groups[0].f24, groups[1].f24, groups[2].f14, groups[2].f22, groups[2].f23) == (0, 1, 1, 250, 50.0)
    assert groups[2].f5["EURUSD"].f7 == "4"


def test_symbols(grpc_port: GrpcStage) -> None:
    desk = grpc_port.stage.house.platforms["live"].desk
    spec = msgspec.structs.replace(desk.state.symbols["EURUSD"], name="EURNEW", description="a new one")
    ears = [
        grpc_port.v1(SYMBOLS, "SymbolsAsked", "SymbolChange"),
        grpc_port.v1(SYMBOLS, "SymbolsAsked", "SymbolChange", enveloped=True),
        grpc_port.v2(SYMBOLS, "SymbolsAsked", "SymbolChange"),
    ]
    count = len(desk.state.symbols)
    grpc_port.do(PutSymbol(spec))
    grpc_port.do(PutSymbol(msgspec.structs.replace(spec, description="changed")))
    grpc_port.do(RemoveSymbol("EURNEW"))
    for ear, created in zip(ears, ("f1", "f3", "f3"), strict=True):
        heard = [one for one in ear.until(lambda heard: any(one.HasField("f2") for one in heard)) if not one.HasField("f4")]
        assert [next(kind for kind in ("f1", "f2", "f3") if one.HasField(kind)) for one in heard] == [
            *["f1"] * count, created, "f1", "f2",
        ]  # fmt: skip
        assert heard[-1].f2.f1 == "EURNEW"
    flat = ears[0].heard[count].f1
    assert (flat.f7, flat.f9, flat.f10, flat.f11, flat.f12, flat.f16, flat.f20) == (
        "EURNEW", "EUR", "USD", 5, 1, "100000", "a new one",
    )  # fmt: skip
    assert (flat.f3, flat.f4, flat.f6, flat.f17, flat.f18) == ("0.01", "0.01", "0.00001", 1, 1)
    assert flat.f1[0].f1 in range(7)
    newer = ears[2].heard[count].f3
    assert (newer.f1, newer.f3, newer.f5, newer.f7, newer.f9, newer.f15, newer.f12) == (
        "EURNEW", "EUR", 1, 5, "0.01", "0.00001", "100000",
    )  # fmt: skip


def test_account_information(grpc_port: GrpcStage) -> None:
    stage = grpc_port.stage
    account = stage.account(stage.standard, addressDetails={"country": "Poland"})
    (trading_account,) = stage.trading_accounts(account)
    login = int(trading_account["login"])
    path = "AccountInfoServiceExternal"
    first = grpc_port.v1(f"{path}/getAccountInfoChangedStream", "AccountsAsked", "UserChange", {"f4": 1})
    newer = grpc_port.v1(f"{path}/getAccountInfoChangedStream", "AccountsAsked", "NewUserChange", {"f4": 1}, enveloped=True)
    second = grpc_port.v2(f"{path}/getTradingAccountInfoChangedStream", "AccountsAsked", "AccountChange")
    ears = (first, newer, second)
    grpc_port.do(ChangeAccount(login, leverage=20, access=Access.TRADING_DISABLED))
    for ear in ears:
        ear.until(lambda heard: any(message.HasField("f1") for message in heard))
    stage.control.account_cards.change("live", login, {"country": "Spain"})
    for ear in ears:
        ear.until(lambda heard: sum(message.HasField("f1") for message in heard) >= 2)
    stage.control.account_cards.delete("live", login)
    for ear in ears:
        ear.until(lambda heard: any(message.HasField("f2") for message in heard))
    flat = [message.f1 for message in first.heard if message.HasField("f1")]
    assert [(one.f1, one.f3, one.f4, one.f7, one.f8, one.f9) for one in flat] == [
        (login, "standard", 20, 0, 1, "Poland"), (login, "standard", 20, 0, 1, "Spain"),
    ]  # fmt: skip
    assert (flat[0].f2, flat[0].f10, flat[0].f12) == (trading_account["uuid"], "Ann Lee", account["email"])
    assert (flat[0].f19, flat[0].f20) == ("USD", 2)
    changed, moved = (message.f1 for message in newer.heard if message.HasField("f1"))
    assert (changed.f2.f3, changed.f3.f3, changed.f2.f22, changed.f3.f22) == (100, 20, 1, 3)
    assert (moved.f3.f9 if moved.f3.HasField("f9") else "", changed.f3.f1) == ("Ann Lee", trading_account["uuid"])
    before, after = (message.f1 for message in second.heard if message.HasField("f1"))
    assert (before.f1, before.f2.f3, before.f3.f3, before.f2.f22, before.f3.f22) == (str(login), 20, 100, 3, 1)
    assert (before.f2.f9, before.f2.f10, before.f3.HasField("f8")) == ("Ann", "Lee", False)
    assert (after.f2.f8, after.f3.f8) == ("Spain", "Poland")
    stage.control.refresh()
    heard = [row.action for row in stage.control.audit.rows() if row.action.method.startswith("grpc ")]
    assert {action.method for action in heard} == {
        "grpc getAccountInfoChangedStream", "grpc getTradingAccountInfoChangedStream",
    }, "who hears of people is in the audit"  # fmt: skip
    assert {action.organization_id for action in heard} == {stage.first.id}
    gone = next(message.f2 for message in second.heard if message.HasField("f2"))
    assert (gone.f1, gone.f2, gone.f3) == (str(login), "standard", 1)
