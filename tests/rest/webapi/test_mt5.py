"""The MT5 surface: the clock, the caller, accounts, symbols, and what groups hold and did."""

from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import pytest

from prorata.access.permissions import Permission
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    ClosePosition,
    Command,
    OrderType,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Side,
)
from prorata.messages.groups import GroupSpec
from prorata.messages.symbols import MarginMode, Session, SwapType, SymbolSpec, TradeMode
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

LOT = 100_000_000
NUMBERS = count(1)


@pytest.fixture
def group(house: House) -> str:
    """A group of the test's own."""
    spec = GroupSpec(name=f"mt5\\own-{next(NUMBERS)}", currency="EUR", leverage=200)
    do(house, PutGroup(spec))
    return spec.name


@pytest.fixture
def symbol(house: House) -> str:
    """A symbol of the test's own."""
    model = next(spec for spec in default_symbols(2026) if spec.name == "EURUSD")
    spec = msgspec.structs.replace(model, name=f"OWN{next(NUMBERS)}")
    do(house, PutSymbol(spec))
    return spec.name


def do(house: House, command: Command) -> Any:
    return house.run(house.platforms["live"].writer.submit(command)).events[0]


def spec_of(house: House, symbol: str) -> SymbolSpec:
    return house.platforms["live"].desk.state.symbols[symbol]


def sendable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: sendable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [sendable(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else value


def test_the_clock_is_utc(mt5: Client) -> None:
    assert mt5.get("TimeGet").data == {"timeZone": 0, "timeServer": "", "daylight": False, "daylightState": 0}


def test_the_caller_is_the_manager(office: Office, mt5: Client) -> None:
    everything = mt5.get("ManagerCurrent").data
    assert {"Admin", "Manager", "AccRead", "TradesDealer"} <= set(everything["right"])
    reader = office.allowed(Permission.MARKET_READ)
    reader.surface = "MT5"
    assert reader.get("ManagerCurrent").data["right"] == ["Manager", "Market", "SymbolDetails"]


# Accounts.


def test_an_account_is_the_same_on_both_surfaces(mt4: Client, mt5: Client) -> None:
    login = mt4.post("UserRecordNew", body={"group": "standard", "name": "Jane", "email": "jane@mail.test"}).data["login"]
    user = mt5.get("UserGet/{login}", login).data
    assert (user["name"], user["eMail"], user["group"]) == ("Jane", "jane@mail.test", "standard")
    assert user["rights"] == "Enabled, Password, Trailing, Expert, Reports"
    changes = {"firstName": "Janet", "eMail": "janet@mail.test", "clientID": 2**40, "leverage": 20}
    assert mt5.patch("UserRecord/{login}", login, body=changes).data == {**user, **changes}
    after = mt4.get("UserRecordGet/{login}", login).data
    assert (after["email"], after["leverage"]) == ("janet@mail.test", 20)


def test_rights_are_kept_bit_by_bit(house: House, mt4: Client, mt5: Client) -> None:
    login = house.open_account()
    rights = "Enabled, TradeDisabled, Confirmed, Bit40"
    assert mt5.patch("UserRecord/{login}", login, body={"rights": rights}).data["rights"] == rights
    assert mt5.patch("UserRecord/{login}", login, body={"comment": "x"}).data["rights"] == rights
    assert mt4.get("UserRecordGet/{login}", login).data["enableFlags"] == 5
    assert house.platforms["live"].desk.state.accounts[login].access.name == "TRADING_DISABLED"
    assert mt5.patch("UserRecord/{login}", login, body={"rights": "none"}).data["rights"] == "None"
    assert house.platforms["live"].desk.state.accounts[login].access.name == "LOGIN_DISABLED"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"login": 5}, "login: cannot be changed"),
        ({"lastIP": "::1"}, "lastIP: cannot be changed"),
        ({"rights": "Enabled, Wings"}, "rights: wings is no flag"),
        ({"rights": 1}, "rights: expected names"),
        ({"rights": None}, "rights: "),
        ({"rights": "Bit64"}, "rights: bit64 is no flag"),
        ({"clientID": 2**63}, "clientID: "),
        ({"email": "x@y.test"}, "body: names no field"),
    ],
)
def test_a_bad_change_of_an_account_is_refused(house: House, mt5: Client, body: Any, message: str) -> None:
    login = house.open_account()
    answer = mt5.patch("UserRecord/{login}", login, body=body)
    assert answer.code == "Validation"
    assert answer.message.startswith(message)


# Symbols.


def test_a_symbol_is_shown_as_it_is(mt5: Client, symbol: str) -> None:
    shown = mt5.get("SymbolGet/{symbol}", symbol).data
    told = ("symbol", "digits", "point", "currencyBase", "currencyProfit", "calcMode", "tradeMode", "swapMode", "swap3Day")
    expected = [symbol, 5, Decimal("0.00001"), "EUR", "USD", "Forex", "Full", "ByPoints", "Wednesday"]
    assert [shown[name] for name in told] == expected
    assert shown["path"].endswith(f"\\{symbol}")
    assert (shown["volumeMin"], shown["volumeMinExt"]) == (100, 1_000_000)
    assert len(shown["sessionTrade"]) == 7
    assert mt5.get("SymbolGet/{symbol}", symbol.lower()).code == "NotFound"


def test_a_whole_symbol_can_be_written_back(house: House, mt5: Client, symbol: str) -> None:
    before = spec_of(house, symbol)
    shown = mt5.get("SymbolGet/{symbol}", symbol).data
    assert mt5.patch("SymbolRecord/{symbol}", symbol, body=sendable(shown)).data == shown
    assert spec_of(house, symbol) == before


def test_a_patch_of_a_symbol_takes_effect_in_the_engine(house: House, mt5: Client, symbol: str) -> None:
    changes = {
        "description": "Own", "path": f"Own\\Deep\\{symbol}", "stopsLevel": 12, "volumeMax": 50_000, "volumeStepExt": 500_000,
        "volumeMin": 100, "tradeMode": "CloseOnly", "swapMode": "ByGroupCurrency", "swapLong": -1.25, "swapShort": 0.5,
        "swap3Day": "Disabled", "calcMode": "Cfd", "source": "feed",
    }  # fmt: skip
    after = mt5.patch("SymbolRecord/{symbol}", symbol, body=changes).data
    assert {name: sendable(after[name]) for name in changes} == changes
    spec = spec_of(house, symbol)
    assert (spec.category, spec.stop_level, spec.volume_max, spec.volume_step) == ("Own/Deep", 12, 5 * LOT, 500_000)
    assert (spec.swap_type, spec.swap_long, spec.swap_triple_day) == (SwapType.MONEY, -125, 7)
    assert (spec.trade_mode, spec.margin_mode) == (TradeMode.CLOSE_ONLY, MarginMode.CFD)
    rates = {**after["marginRateInitial"], "Buy": 0.05}
    patched = mt5.patch("SymbolRecord/{symbol}", symbol, body={"marginRateInitial": sendable(dict.fromkeys(rates, 0.05))})
    assert patched.data["marginRateInitial"]["Sell"] == Decimal("0.050000")
    assert spec_of(house, symbol).margin_rate_ppm == 50_000


def test_hours_of_a_symbol_can_be_set(house: House, mt5: Client, symbol: str) -> None:
    day = [{"openHours": 8, "openMinutes": 30, "closeHours": 17, "closeMinutes": 0}]
    answer = mt5.patch("SymbolRecord/{symbol}", symbol, body={"sessionTrade": [[], day, day, day, day, day, []]})
    assert answer.data["sessionTrade"][1][0]["open"] == 510
    assert spec_of(house, symbol).sessions[1] == (Session(30_600, 61_200),)


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"symbol": "OTHER"}, "Validation", "symbol: cannot be changed"),
        ({"point": 1}, "Validation", "point: cannot be changed"),
        ({"execMode": "Instant"}, "Validation", "execMode: orders are dealt at the market"),
        ({"calcMode": "ExchStocks"}, "Validation", "calcMode: Forex, Cfd"),
        ({"swapMode": "ReopenByBid"}, "Validation", "swapMode: Disabled, ByPoints"),
        ({"tradeMode": "Sometimes"}, "Validation", "tradeMode: "),
        ({"path": "Forex\\OTHER"}, "Validation", "path: must end in"),
        ({"marginRateInitial": {"Buy": 0.5}}, "Validation", "marginRateInitial: it can be set where calcMode is Cfd"),
        ({"isin": "US0000000000"}, "Validation", "isin: cannot be changed"),
        ({"contractSize": 0.5}, "Validation", "contractSize: has more than 0 decimal places"),
        ({"currencyProfit": "QQQ"}, "Validation", "currencyProfit: is no currency"),
        ({"volumeMin": -1}, "MT5Error", "volume"),
        ({"sessionTrade": []}, "MT5Error", "sessions"),
    ],
)
def test_a_symbol_that_cannot_be_so_is_refused(
    house: House, mt5: Client, symbol: str, body: Any, code: str, message: str
) -> None:
    before = house.state_hash()
    answer = mt5.patch("SymbolRecord/{symbol}", symbol, body=body)
    assert answer.code == code
    assert message in answer.message
    assert house.state_hash() == before


# What groups hold and did.


def test_positions_orders_and_deals_of_a_group(house: House, mt5: Client, group: str) -> None:
    login = house.open_account(group, deposit=1_000_000)
    other = house.open_account("standard")
    do(house, PlaceOrder(login, "EURUSD", Side.BUY, LOT // 2, stop_loss=109_000, comment="mine"))
    do(house, PlaceOrder(other, "EURUSD", Side.BUY, LOT))
    do(house, PlaceOrder(login, "GBPUSD", Side.SELL, LOT, OrderType.STOP_LIMIT, price=129_000, limit_price=129_500))
    (position,) = mt5.get("PositionByGroup/{mask}", group).data
    told = ("login", "symbol", "action", "volume", "volumeExt", "priceOpen", "priceCurrent", "priceSL", "comment", "profit")
    assert [position[name] for name in told] == [
        login, "EURUSD", "Buy", 5_000, LOT // 2, Decimal("1.10010"), Decimal("1.10000"), Decimal("1.09000"), "mine",
        Decimal("-4.55"),
    ]  # fmt: skip
    assert position["rateProfit"] == Decimal("0.90900827")
    (order,) = mt5.get("OrderByGroup/{mask}", group).data
    asked = ("login", "type", "state", "priceTrigger", "priceOrder", "volumeCurrent", "typeTime")
    assert [order[name] for name in asked] == [
        login, "SellStopLimit", "Placed", Decimal("1.29000"), Decimal("1.29500"), 10_000, "GtC",
    ]  # fmt: skip
    do(house, ClosePosition(login, position["position"], LOT // 4))
    do(house, BookBalance(login, BalanceKind.CREDIT_IN, 500))
    house.write_history()
    deals = mt5.get("DealByGroup/{mask}", group).data
    assert [(deal["action"], deal["entry"], deal["volume"]) for deal in deals] == [
        ("Balance", "In", 0), ("Buy", "In", 5_000), ("Sell", "Out", 2_500), ("Credit", "In", 0),
    ]  # fmt: skip
    assert deals[0]["profit"] == Decimal("10000.00")
    assert deals[2]["positionID"] == position["position"]
    assert (deals[2]["volumeClosed"], deals[2]["pricePosition"]) == (2_500, Decimal("1.10010"))
    assert mt5.get("PositionByGroup/{mask}", "nothing,!*").data == []


def test_lists_of_groups_come_in_pages(house: House, mt5: Client, group: str) -> None:
    login = house.open_account(group)
    for _ in range(3):
        do(house, PlaceOrder(login, "EURUSD", Side.BUY, LOT // 100))
        do(house, PlaceOrder(login, "EURUSD", Side.BUY, LOT // 100, OrderType.LIMIT, price=100_000))
    house.write_history()
    for template, number in (
        ("PositionByGroup/{mask}", "position"), ("OrderByGroup/{mask}", "order"), ("DealByGroup/{mask}", "deal"),
    ):  # fmt: skip
        everything = [one[number] for one in mt5.get(template, group).data]
        assert everything == sorted(everything)
        assert len(everything) >= 3
        seen: list[int] = []
        cursor: dict[str, Any] = {}
        while True:
            answer = mt5.get(template, group, limit=2, **cursor)
            seen += [one[number] for one in answer.data]
            if not answer.paging["hasMore"]:
                break
            cursor = {"cursor": answer.paging["nextCursor"]}
        assert seen == everything


def test_masks_mean_groups(house: House, mt5: Client, group: str) -> None:
    login = house.open_account(group)
    do(house, PlaceOrder(login, "EURUSD", Side.BUY, LOT // 100))
    for mask, there in (("mt5*", True), ("*", True), ("*,!mt5*", False), (group.upper(), False), ("standard, mt5*", True)):
        logins = {one["login"] for one in mt5.get("PositionByGroup/{mask}", mask).data}
        assert (login in logins) is there
