"""Symbols through the WebAPI: what is shown of the engine's, what changes it, what is refused and changes nothing."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import Access, ChangeAccount, OrderType, PlaceOrder, PutSymbol, Quote, Side
from prorata.messages.symbols import MarginMode, SwapType, SymbolSpec, TradeMode
from prorata.units.numbers import VOLUME_PER_LOT
from tests.rest.house import House
from tests.rest.webapi.office import Client, Office

EURUSD = next(spec for spec in default_symbols(2026) if spec.name == "EURUSD")


def put(house: House, name: str, **changes: Any) -> None:
    """Have a symbol of one's own to change."""
    spec = msgspec.structs.replace(EURUSD, name=name, **changes)
    house.run(house.platforms["live"].writer.submit(PutSymbol(spec)))


def spec_of(house: House, name: str) -> SymbolSpec:
    return house.platforms["live"].desk.state.symbols[name]


def test_a_symbol_is_shown_with_the_engines_numbers(mt4: Client, own_house: House) -> None:
    put(own_house, "SHOWN", swap_long=-9_828, swap_short=4_994, freeze_level=7)
    shown = mt4.get("CfgRequestSymbol/{symbol}", "SHOWN").data
    assert (shown["symbol"], shown["currency"], shown["marginCurrency"], shown["digits"]) == ("SHOWN", "USD", "EUR", 5)
    assert (shown["contractSize"], shown["point"], shown["multiply"]) == (100_000, Decimal("0.00001"), 100_000)
    assert (shown["swapEnable"], shown["swapType"], shown["swapRollover3Days"]) == (1, "Points", 3)
    assert (shown["swapLong"], shown["swapShort"]) == (Decimal("-9.828"), Decimal("4.994"))
    assert (shown["tradeMode"], shown["longOnly"], shown["symbolExecMode"], shown["gtcMode"]) == ("Full", 0, "Market", "GTC")
    assert (shown["marginCalculationMode"], shown["profitCalculationMode"], shown["percentage"]) == ("Forex", "Forex", 100)
    assert (shown["bidTickValue"], shown["marginDivider"], shown["freezeLevel"]) == (1, 1, 7)
    assert shown["starting"] == "0001-01-01T00:00:00Z"
    assert mt4.get("CfgRequestSymbol/{symbol}", "NOSUCH").code == "NotFound"


def test_all_symbols_are_listed_with_the_places_of_their_groups(mt4: Client) -> None:
    groups = [group["name"] for group in mt4.get("SymbolsGroupsGet").data]
    types = {symbol["symbol"]: groups[symbol["type"]] for symbol in mt4.get("CfgRequestSymbol").data}
    assert types["EURUSD"] == "Forex/Majors"
    assert types["XAUUSD"] == spec_category("XAUUSD")


def spec_category(name: str) -> str:
    return next(spec.category for spec in default_symbols(2026) if spec.name == name)


def test_an_update_changes_what_is_given_and_leaves_the_rest(mt4: Client, own_house: House) -> None:
    put(own_house, "UPDATED", trade_mode=TradeMode.SHORT_ONLY, swap_long=-9_828)
    before = spec_of(own_house, "UPDATED")
    given = {"description": "Euro", "stopsLevel": 25, "swapLong": -1.234, "swapRollover3Days": 5, "backgroundColor": 255}
    answer = mt4.post("CfgUpdateSymbol/{symbol}", "UPDATED", body=given).data
    assert (answer["description"], answer["stopsLevel"], answer["swapLong"]) == ("Euro", 25, Decimal("-1.234"))
    assert answer["backgroundColor"] == 255
    wanted = msgspec.structs.replace(before, description="Euro", stop_level=25, swap_long=-1_234, swap_triple_day=5)
    assert spec_of(own_house, "UPDATED") == wanted  # SHORT_ONLY, which the record cannot say, is still there


def test_the_whole_record_can_be_written_back(mt4: Client, own_house: House) -> None:
    put(own_house, "ROUND", trade_mode=TradeMode.SHORT_ONLY, swap_type=SwapType.PERCENT, swap_long=12_345)
    before = spec_of(own_house, "ROUND")
    record = mt4.get("CfgRequestSymbol/{symbol}", "ROUND").data
    text = msgspec.json.Encoder(decimal_format="number").encode(record)
    assert mt4.patch("SymbolConfig/{symbol}", "ROUND", body=text).data == record
    assert spec_of(own_house, "ROUND") == before


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"tradeMode": "Close"}, {"trade_mode": TradeMode.CLOSE_ONLY}),
        ({"tradeMode": "No"}, {"trade_mode": TradeMode.DISABLED}),
        ({"longOnly": 1}, {"trade_mode": TradeMode.LONG_ONLY}),
        ({"swapEnable": 0}, {"swap_type": SwapType.NONE}),
        (
            {"swapType": "Interest", "swapLong": 2.5, "swapShort": -1},
            {"swap_type": SwapType.PERCENT, "swap_long": 25_000, "swap_short": -10_000},
        ),
        ({"swapType": "Dollars", "swapLong": 0.5}, {"swap_type": SwapType.MONEY, "swap_long": 50}),
        ({"swapRollover3Days": 7}, {"swap_triple_day": 0}),
        ({"swapRollover3Days": 0}, {"swap_triple_day": 7}),
        ({"marginCalculationMode": "CFD", "percentage": 3.33}, {"margin_mode": MarginMode.CFD, "margin_rate_ppm": 33_300}),
        ({"marginDivider": 25}, {"margin_rate_ppm": 40_000}),
        (
            {"marginCalculationMode": "Futures", "marginInitial": 1_250.5},
            {"margin_mode": MarginMode.FIXED, "margin_fixed": 125_050},
        ),
        ({"digits": 4}, {"digits": 4}),
        ({"contractSize": 1000}, {"contract_size": 1000}),
        ({"tickSize": 0.0005, "tickValue": 12.5}, {"tick_size": 50, "tick_value": 1_250}),
        ({"currency": "JPY", "marginCurrency": "USD"}, {"quote": "JPY", "profit_currency": "JPY", "margin_currency": "USD"}),
        ({"freezeLevel": 3, "instantMaxVolume": 0}, {"freeze_level": 3}),
    ],
)
def test_a_field_changes_the_engines_terms(
    mt4: Client, own_house: House, given: dict[str, Any], changed: dict[str, Any]
) -> None:
    base = {"swap_type": SwapType.POINTS, "swap_long": 0, "swap_short": 0}
    put(own_house, "TERMS", **base)
    before = spec_of(own_house, "TERMS")
    answer = mt4.patch("SymbolConfig/{symbol}", "TERMS", body=given).data
    assert {name: float(answer[name]) if isinstance(answer[name], Decimal) else answer[name] for name in given} == given
    assert spec_of(own_house, "TERMS") == msgspec.structs.replace(before, **changed)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"spread": 10}, "spread"),
        ({"symbolExecMode": "Instant"}, "symbolExecMode"),
        ({"swapType": "MarginCurrency"}, "swapType"),
        ({"marginCalculationMode": "CFDIndex"}, "marginCalculationMode"),
        ({"marginDivider": 30}, "marginDivider"),
        ({"expiration": "2027-01-01T00:00:00Z"}, "expiration"),
        ({"tradeMode": "Sometimes"}, "tradeMode"),
        ({"tradeMode": "Close", "longOnly": 1}, "longOnly"),
        ({"currency": "XXX"}, "currency"),
        ({"type": 99}, "type"),
        ({"swapLong": 0.00001}, "swapLong"),
        ({"contractSize": 0.5}, "contractSize"),
        ({"swapRollover3Days": 8}, "swapRollover3Days"),
        ({"tickSize": -0.0001}, "tickSize"),
        ({"point": 0.1}, "point"),
        ({"symbol": "OTHER"}, "symbol"),
        ({"source": "x" * 65}, "source"),
        ({"digits": "five"}, "digits"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_what_has_no_meaning_here_is_refused_by_name(mt4: Client, given: dict[str, Any], field: str) -> None:
    answer = mt4.patch("SymbolConfig/{symbol}", "EURUSD", body=given)
    assert answer.code == "Validation"
    assert answer.message.startswith(field)


@pytest.mark.usefixtures("unchanged")
def test_terms_that_do_not_fit_together_are_refused_by_the_engine(mt4: Client) -> None:
    answer = mt4.post("CfgUpdateSymbol/{symbol}", "EURUSD", body={"digits": 11})
    assert (answer.code, answer.manager_code) == ("MT4Error", "InvalidData")
    assert mt4.post("CfgUpdateSymbol/{symbol}", "EURUSD", body={"nothing": 1}).code == "Validation"
    assert mt4.post("CfgUpdateSymbol/{symbol}", "EURUSD", body={}).code == "Validation"


def test_terms_of_a_symbol_that_is_held_keep_its_money(mt4: Client, own_house: House) -> None:
    login = own_house.open_account("netting")
    order = PlaceOrder(login, "GBPUSD", Side.BUY, VOLUME_PER_LOT // 100, OrderType.MARKET)
    own_house.run(own_house.platforms["live"].writer.submit(order))
    answer = mt4.post("CfgUpdateSymbol/{symbol}", "GBPUSD", body={"contractSize": 1000})
    assert (answer.code, answer.manager_code) == ("MT4Error", "InvalidData")
    assert mt4.post("CfgUpdateSymbol/{symbol}", "GBPUSD", body={"stopsLevel": 1}).data["stopsLevel"] == 1
    own_house.run(own_house.platforms["live"].writer.submit(ChangeAccount(login, access=Access.CLOSE_ONLY)))


def test_dealers_change_stops_level_and_colour(mt4: Client, own_office: Office, own_house: House) -> None:
    put(own_house, "DEALT")
    dealer = own_office.allowed("market.write")
    assert dealer.post("SymbolChange", body={"symbol": "DEALT", "stopsLevel": 40, "color": 16_711_680}).data is True
    shown = mt4.get("CfgRequestSymbol/{symbol}", "DEALT").data
    assert (shown["stopsLevel"], shown["backgroundColor"]) == (40, 16_711_680)
    refused = dealer.post("SymbolChange", body={"symbol": "DEALT", "spread": 12})
    assert refused.code == "Validation"
    assert "CfgUpdateGatewayMarkup" in refused.message
    assert dealer.post("SymbolChange", body={"stopsLevel": 1}).code == "NotFound"
    assert dealer.post("CfgUpdateSymbol/{symbol}", "DEALT", body={"stopsLevel": 1}).code == "Forbidden"


def test_a_hidden_symbol_is_not_traded_until_it_is_shown_again(mt4: Client, own_house: House) -> None:
    put(own_house, "HIDDEN", trade_mode=TradeMode.LONG_ONLY)
    own_house.quote(Quote("HIDDEN", 110_000, 110_010))
    assert mt4.post("SymbolHide/{symbol}", "HIDDEN").data is True
    assert mt4.post("SymbolHide/{symbol}", "HIDDEN").data is True
    assert spec_of(own_house, "HIDDEN").trade_mode == TradeMode.DISABLED
    assert "HIDDEN" not in [info["symbol"] for info in mt4.get("SymbolInfoUpdated").data]
    assert mt4.post("SymbolSendTick", symbol="HIDDEN", bid=1.1, ask=1.1001).code == "Validation"
    assert mt4.post("SymbolAdd/{symbol}", "HIDDEN").data is True
    assert mt4.post("SymbolAdd/{symbol}", "HIDDEN").data is True
    assert spec_of(own_house, "HIDDEN").trade_mode == TradeMode.LONG_ONLY
    assert "HIDDEN" in [info["symbol"] for info in mt4.get("SymbolInfoUpdated").data]
    assert mt4.post("SymbolAdd/{symbol}", "NOSUCH").code == "NotFound"
    assert mt4.post("SymbolsRefresh").data is True


def test_prices_tell_the_days_range_and_where_the_last_tick_went(mt4: Client, own_house: House) -> None:
    put(own_house, "PRICED")
    for bid in (110_000, 110_500, 109_800, 110_100):
        own_house.clock.moment += 1_000
        own_house.quote(Quote("PRICED", bid, bid + 12))
    own_house.write_quotes()
    info = mt4.get("SymbolInfoGet", symbol="PRICED").data
    assert (info["bid"], info["ask"], info["spread"]) == (Decimal("1.10100"), Decimal("1.10112"), 12)
    assert (info["high"], info["low"], info["direction"]) == (Decimal("1.10500"), Decimal("1.09800"), "Up")
    own_house.quote(Quote("PRICED", 110_050, 110_062))
    assert mt4.get("SymbolInfoGet", symbol="PRICED").data["direction"] == "Down"
    assert mt4.get("SymbolInfoGet", symbol="NOSUCH").code == "NotFound"
    assert mt4.get("SymbolInfoGet").code == "NotFound"


def test_prices_come_in_pages(mt4: Client) -> None:
    whole = [info["symbol"] for info in mt4.get("SymbolInfoUpdated").data]
    first = mt4.get("SymbolInfoUpdated", limit=2)
    rest = mt4.get("SymbolInfoUpdated", cursor=first.paging["nextCursor"])
    assert [info["symbol"] for info in (*first.data, *rest.data)] == whole == sorted(whole)
    assert rest.paging == {"nextCursor": None, "hasMore": False}


def test_a_symbol_tells_its_hours(mt4: Client) -> None:
    week = mt4.get("SymbolSessionsGet/{symbol}", "EURUSD").data
    assert [day["dayOfWeek"] for day in week] == list(range(7))
    monday, saturday = week[1], week[6]
    assert monday["trade"][0] | {"closeHour": 0} == {"openHour": 0, "openMinute": 0, "closeHour": 0, "closeMinute": 0}
    assert saturday["trade"] == []
    assert mt4.get("SymbolSessionsGet/{symbol}", "NOSUCH").code == "NotFound"


def test_a_tick_that_is_sent_is_the_newest_quote(mt4: Client, own_house: House) -> None:
    put(own_house, "TICKED")
    assert mt4.post("SymbolSendTick", symbol="TICKED", bid="1.10000", ask="1.10012").data is True
    quote = own_house.platforms["live"].desk.state.quotes["TICKED"]
    assert (quote.bid, quote.ask) == (110_000, 110_012)
    assert mt4.post("SymbolSendTick", symbol="TICKED", bid="1.20000", ask="1.20012").data is True
    assert (quote.bid, quote.ask) == (120_000, 120_012)


@pytest.mark.parametrize(
    ("bid", "ask", "code"),
    [
        ("1.30000", "1.40000", "MT4Error"),
        ("0.90000", "1.10000", "MT4Error"),
        ("1.10000", "1.09000", "Validation"),
        ("1.100001", "1.10012", "Validation"),
        ("-1", "1", "Validation"),
        ("0", "0", "Validation"),
        ("1e30", "1e30", "Validation"),
        ("NaN", "1", "Validation"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_tick_out_of_bounds_is_refused(mt4: Client, bid: str, ask: str, code: str) -> None:
    assert mt4.post("SymbolSendTick", symbol="EURUSD", bid=bid, ask=ask).code == code


def test_a_symbol_without_history_can_be_taken_away(mt4: Client, own_house: House) -> None:
    put(own_house, "GONE")
    names = [symbol["symbol"] for symbol in mt4.get("CfgRequestSymbol").data]
    assert mt4.post("CfgDeleteSymbol/{pos}", names.index("GONE")).data is True
    assert mt4.get("CfgRequestSymbol/{symbol}", "GONE").code == "NotFound"
    assert mt4.post("CfgDeleteSymbol/{pos}", 10_000).code == "NotFound"


def test_a_symbol_that_is_held_or_has_history_stays(mt4: Client, own_house: House) -> None:
    put(own_house, "DEALTIN")
    own_house.quote(Quote("DEALTIN", 110_000, 110_010))
    login = own_house.open_account("netting")
    writer = own_house.platforms["live"].writer
    own_house.run(writer.submit(PlaceOrder(login, "DEALTIN", Side.BUY, VOLUME_PER_LOT // 100)))
    names = [symbol["symbol"] for symbol in mt4.get("CfgRequestSymbol").data]
    held = mt4.post("CfgDeleteSymbol/{pos}", names.index("DEALTIN"))
    assert (held.code, held.manager_code) == ("MT4Error", "InvalidData")
    own_house.run(writer.submit(PlaceOrder(login, "DEALTIN", Side.SELL, VOLUME_PER_LOT // 100)))
    own_house.write_history()
    past = mt4.post("CfgDeleteSymbol/{pos}", names.index("DEALTIN"))
    assert past.code == "MT4Error"
    assert "SymbolHide" in past.message
    assert mt4.get("CfgRequestSymbol/{symbol}", "DEALTIN").data["symbol"] == "DEALTIN"


def test_symbols_are_moved_within_the_list(mt4: Client, own_house: House) -> None:
    put(own_house, "MOVED")
    names = [symbol["symbol"] for symbol in mt4.get("CfgRequestSymbol").data]
    place = names.index("MOVED")
    assert mt4.post("CfgShiftSymbol/{pos}", place, shift=-2).data is True
    after = [symbol["symbol"] for symbol in mt4.get("CfgRequestSymbol").data]
    assert after.index("MOVED") == place - 2
    assert sorted(after) == sorted(names)
    assert mt4.post("CfgShiftSymbol/{pos}", 0, shift=-1).code == "Validation"
    assert mt4.post("CfgShiftSymbol/{pos}", 9_999, shift=-1).code == "NotFound"


def test_a_symbol_group_is_renamed_with_its_symbols(mt4: Client, own_house: House) -> None:
    put(own_house, "GROUPED", category="Exotics")
    groups = [group["name"] for group in mt4.get("SymbolsGroupsGet").data]
    place = groups.index("Exotics")
    given = {"name": "Rare pairs", "description": "thin markets"}
    assert mt4.post("CfgUpdateSymbolGroup/{pos}", place, body=given).data == given
    assert spec_of(own_house, "GROUPED").category == "Rare pairs"
    assert mt4.get("SymbolsGroupsGet").data[place] == given
    assert mt4.get("CfgRequestSymbol/{symbol}", "GROUPED").data["type"] == place
    taken = mt4.post("CfgUpdateSymbolGroup/{pos}", place, body={"name": groups[0]})
    assert taken.code == "Validation"
    assert mt4.post("CfgUpdateSymbolGroup/{pos}", 99, body=given).code == "NotFound"
    new = {"name": "Empty", "description": ""}
    assert mt4.post("CfgUpdateSymbolGroup/{pos}", len(groups), body=new, add="true").data == new
    assert mt4.patch("SymbolConfig/{symbol}", "GROUPED", body={"type": len(groups)}).data["type"] == len(groups)
    assert spec_of(own_house, "GROUPED").category == "Empty"


def test_account_groups_are_moved_within_the_list(mt4: Client) -> None:
    assert mt4.post("CfgShiftGroup/{pos}", 0, shift=1).data is True
    assert mt4.post("CfgShiftGroup/{pos}", 1, shift=-1).data is True
    assert mt4.post("CfgShiftGroup/{pos}", 99, shift=-1).code == "NotFound"
