"""Groups: their terms on both surfaces, and who is connected."""

from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import pytest

from prorata.messages.commands import PutGroup
from prorata.messages.groups import (
    Commission,
    CommissionType,
    FreeMarginMode,
    GroupSpec,
    GroupSymbol,
    HedgedMargin,
    Level,
    LevelType,
)
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

NUMBERS = count(1)


@pytest.fixture
def group(house: House) -> str:
    """A group of the test's own."""
    spec = GroupSpec(
        name=f"real\\own-{next(NUMBERS)}",
        currency="USD",
        leverage=200,
        margin_call=Level(LevelType.PERCENT, 12_050),
        commission=Commission(CommissionType.PER_MILLION, 3_000),
        symbols=(
            GroupSymbol(symbol="EURUSD", markup_bid=2, markup_ask=3, swap_long=-500, margin_rate_ppm=2_000_000),
            GroupSymbol(symbol="GBPUSD", commission=Commission(CommissionType.PER_LOT, 700)),
            GroupSymbol(symbol="BTCUSD", enabled=False),
        ),
    )
    house.run(house.platforms["live"].writer.submit(PutGroup(spec)))
    return spec.name


def spec_of(house: House, group: str) -> GroupSpec:
    return house.platforms["live"].desk.state.groups[group]


def sendable(record: dict[str, Any]) -> dict[str, Any]:
    return {name: float(value) if isinstance(value, Decimal) else value for name, value in record.items()}


def test_a_group_is_shown_as_it_is(mt4: Client, group: str) -> None:
    shown = mt4.get("GroupRecordGet/{group}", group).data
    told = ("defaultLeverage", "currency", "marginCall", "marginStopout", "marginControllingType", "marginMode", "useSwap")
    assert [shown[name] for name in told] == [200, "USD", 120, 50, "Percent", "UseAll", 1]
    assert (shown["hedgeProhibited"], shown["hedgeLargeLeg"], shown["secMarginsTotal"]) == (0, 1, 1)
    assert shown in mt4.get("GroupsGet").data
    assert shown in mt4.get("GroupsRequest").data


def test_groups_come_in_pages_by_name(mt4: Client, group: str) -> None:
    everything = [one["group"] for one in mt4.get("GroupsRequest").data]
    assert everything == sorted(everything)
    first = mt4.get("GroupsRequest", limit=1)
    rest = mt4.get("GroupsRequest", cursor=first.paging["nextCursor"])
    assert [one["group"] for one in first.data + rest.data] == everything


def test_a_patch_of_a_group_takes_effect_in_the_engine(house: House, mt4: Client, group: str) -> None:
    changes = {
        "defaultLeverage": 50, "marginStopout": 30, "useSwap": 0, "maxPositions": 7, "hedgeProhibited": 1,
        "marginMode": "useloss", "hedgeLargeLeg": 0, "company": "First Broker", "supportEmail": "help@broker.test",
    }  # fmt: skip
    after = mt4.patch("GroupRecord/{group}", group, body=changes).data
    assert {name: after[name] for name in changes} == {**changes, "marginMode": "UseLoss"}
    spec = spec_of(house, group)
    assert (spec.leverage, spec.swap_free, spec.orders_max, spec.hedging) == (50, True, 7, False)
    assert (spec.free_margin, spec.hedged_margin) == (FreeMarginMode.LOSS_ONLY, HedgedMargin.NETTING)
    assert spec.stop_out == Level(LevelType.PERCENT, 3_000)
    assert spec.margin_call == Level(LevelType.PERCENT, 12_050), "a half per cent is not lost by a change beside it"
    assert mt4.get("GroupRecordGet/{group}", group).data == after


def test_levels_can_be_amounts(house: House, mt4: Client, group: str) -> None:
    body = {"marginControllingType": "Currency", "marginCall": 500, "marginStopout": 0}
    assert mt4.post("GroupRecordUpdate/{group}", group, body=body).data["marginControllingType"] == "Currency"
    spec = spec_of(house, group)
    assert (spec.margin_call, spec.stop_out) == (Level(LevelType.MONEY, 50_000), Level(LevelType.OFF, 0))


def test_a_whole_group_can_be_written_back(house: House, mt4: Client, mt5: Client, group: str) -> None:
    before = spec_of(house, group)
    four, five = mt4.get("GroupRecordGet/{group}", group).data, mt5.get("GroupGet/{group}", group).data
    assert mt4.patch("GroupRecord/{group}", group, body=four).data == four
    commissions = five.pop("commissions")
    assert mt5.patch("GroupRecord/{group}", group, body=sendable(five)).data == {**five, "commissions": commissions}
    assert spec_of(house, group) == before


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"enable": 0}, "Validation", "enable: accounts are enabled and disabled one by one"),
        ({"interestRate": 2}, "Validation", "interestRate: free money bears no interest"),
        ({"closeFIFO": 1}, "Validation", "closeFIFO: "),
        ({"marginMode": "UseProfit"}, "Validation", "marginMode: UseAll, UseLoss and DontUse"),
        ({"marginMode": "UseNothing"}, "Validation", "marginMode: "),
        ({"groupRights": "Advisor"}, "Validation", "groupRights: "),
        ({"groupRights": "Advisor, Magic"}, "Validation", "groupRights: magic is no flag"),
        ({"groupRights": 3}, "Validation", "groupRights: "),
        ({"group": "other"}, "Validation", "group: cannot be changed"),
        ({"secMarginsTotal": 9}, "Validation", "secMarginsTotal: cannot be changed"),
        ({"company": "x" * 257}, "Validation", "company: "),
        ({"currency": "QQQ"}, "MT4Error", "unknown currency"),
        ({"defaultLeverage": 0}, "MT4Error", "leverage"),
        ({"defaultLeverage": 99_999}, "MT4Error", "leverage"),
        ({"marginCall": -1}, "MT4Error", "levels"),
        ({"unknown": 1}, "Validation", "body: names no field"),
    ],
)
def test_a_group_that_cannot_be_so_is_refused(
    house: House, mt4: Client, group: str, body: Any, code: str, message: str
) -> None:
    before = house.state_hash(), mt4.get("GroupRecordGet/{group}", group).data
    answer = mt4.patch("GroupRecord/{group}", group, body=body)
    assert answer.code == code
    assert message in answer.message
    assert (house.state_hash(), mt4.get("GroupRecordGet/{group}", group).data) == before


def test_a_group_that_is_not_there_is_not_found(mt4: Client, mt5: Client) -> None:
    for template in ("GroupRecordGet/{group}", "GroupSecGroupsGet/{group}", "GroupSecMarginsGet/{group}"):
        assert mt4.get(template, "STANDARD").code == "NotFound"
    assert mt4.patch("GroupRecord/{group}", "nowhere", body={"company": "x"}).code == "NotFound"
    assert mt5.get("GroupGet/{group}", "nowhere").code == "NotFound"
    assert mt4.get("EnsureGroupNameExist/{group}", "STANDARD").data is False
    assert mt4.get("EnsureGroupNameExist/{group}", "standard").data is True


def test_a_groups_terms_for_groups_of_symbols_have_32_places(mt4: Client, group: str) -> None:
    rows = mt4.get("GroupSecGroupsGet/{group}", group).data
    assert len(rows) == 32
    names = [one["name"] for one in mt4.get("SymbolsGroupsGet").data]
    category = next(spec["type"] for spec in mt4.get("CfgRequestSymbol").data if spec["symbol"] == "EURUSD")
    row = rows[category]
    assert (row["trade"], row["spreadDiff"], row["commissionType"]) == (1, 5, "Percent")
    assert row["standardCommission"] == Decimal("0.003"), "30 USD for each million of turnover"
    assert rows[len(names)]["trade"] == 0


def test_special_symbols_of_a_group(mt4: Client, group: str) -> None:
    (row,) = mt4.get("GroupSecMarginsGet/{group}", group).data
    assert (row["symbol"], row["swapLong"], row["marginDivider"]) == ("EURUSD", Decimal("-0.500"), Decimal("0.5"))


# MetaTrader 5.


def test_a_group_of_mt5_is_shown_as_it_is(mt5: Client, group: str) -> None:
    shown = mt5.get("GroupGet/{group}", group).data
    told = ("group", "currency", "currencyDigits", "demoLeverage", "marginMode", "marginFreeMode", "marginSOMode")
    assert [shown[name] for name in told] == [group, "USD", 2, 200, "RetailHedged", "UsePL", "Percent"]
    assert (shown["marginCall"], shown["marginStopOut"], shown["limitOrders"]) == (Decimal("120.50"), Decimal("50.00"), 500)
    assert "Swaps" in shown["tradeFlags"].split(", ")
    assert {one["path"] for one in shown["commissions"].values()} == {"*", "GBPUSD"}
    per_lot = next(one for one in shown["commissions"].values() if one["path"] == "GBPUSD")["tiers"][0]
    assert (per_lot["mode"], per_lot["type"], per_lot["value"]) == ("MoneyDeposit", "Volume", Decimal("7.00"))
    assert shown["reportsSMTPPass"] is None


def test_a_patch_of_a_group_of_mt5_takes_effect_in_the_engine(house: House, mt5: Client, group: str) -> None:
    flags = mt5.get("GroupGet/{group}", group).data["tradeFlags"].replace("Swaps, ", "")
    changes = {
        "marginCall": 75.25, "marginSOMode": "Percent", "marginMode": "Retail", "limitPositions": 9, "tradeFlags": flags,
        "companyPage": "https://broker.test", "marginFreeMode": "NotUsePL",
    }  # fmt: skip
    after = mt5.patch("GroupRecord/{group}", group, body=changes).data
    assert {name: after[name] for name in changes} == {**changes, "marginCall": Decimal("75.25")}
    spec = spec_of(house, group)
    assert spec.margin_call == Level(LevelType.PERCENT, 7_525)
    assert (spec.hedging, spec.orders_max, spec.swap_free, spec.free_margin) == (False, 9, True, FreeMarginMode.NONE)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"reportsSMTPPass": "secret"}, "reportsSMTPPass: "),
        ({"commissions": None}, "commissions: as published"),
        ({"commissions": {"0": {"name": "Other"}}}, "commissions: as published"),
        ({"newsLang": [9]}, "newsLang: "),
        ({"tradeFlags": "All"}, "tradeFlags: "),
        ({"tradeFlags": "Bit40"}, "tradeFlags: "),
        ({"marginMode": "ExchangeDiscount"}, "marginMode: "),
        ({"marginCall": "75"}, "marginCall: expected number"),
        ({"marginCall": 75.255}, "marginCall: has more than 2 decimal places"),
        ({"group": "other"}, "group: cannot be changed"),
        ({"currencyDigits": 3}, "currencyDigits: cannot be changed"),
    ],
)
def test_a_group_of_mt5_that_cannot_be_so_is_refused(house: House, mt5: Client, group: str, body: Any, message: str) -> None:
    before = house.state_hash()
    answer = mt5.patch("GroupRecord/{group}", group, body=body)
    assert answer.code == "Validation"
    assert answer.message.startswith(message)
    assert house.state_hash() == before


def test_currency_and_netting_stay_while_there_are_accounts(mt4: Client, group: str) -> None:
    mt4.post("UserRecordNew", body={"group": group})
    answer = mt4.patch("GroupRecord/{group}", group, body={"hedgeProhibited": 1})
    assert (answer.code, answer.manager_code) == ("MT4Error", "InvalidData")


# Who is connected.


def test_connected_accounts_are_listed(office: Office, house: House, mt4: Client) -> None:
    first, second = house.open_account(), house.open_account(group="euro")
    office.online[:] = [second, first, first, 987_654_321]
    expected = [{"login": first, "group": "standard"}, {"login": second, "group": "euro"}]
    assert mt4.get("OnlineGet").data == expected
    assert mt4.get("OnlineRequest", limit=1).data == expected[:1]
    office.online.clear()
    assert mt4.get("OnlineGet").data == []


def test_the_server_says_its_name_and_version(mt4: Client) -> None:
    shown = mt4.get("ManagerCommon").data
    assert (shown["name"], shown["owner"], shown["timeZone"]) == ("live", "First Broker", 0)
    assert msgspec.json.encode(shown) == msgspec.json.encode(mt4.get("CfgRequestCommon").data)
