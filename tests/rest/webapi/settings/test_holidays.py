"""The holiday calendar is the holidays of the symbols themselves."""

from datetime import date
from typing import Any

import msgspec
import pytest

from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import PutSymbol
from prorata.messages.symbols import Holiday, Session, SymbolSpec
from prorata.rest.webapi.mt4.holiday_rows import calendar, changed_specs
from prorata.rest.webapi.schemas.mt4_server import MT4Holiday
from tests.rest.house import House
from tests.rest.webapi.office import Client

CHRISTMAS = (date(2026, 12, 25) - date(1970, 1, 1)).days
PLAIN = msgspec.structs.replace(default_symbols(2026)[0], holidays=())
CLOSED = {"year": 2030, "month": 12, "day": 24, "from": 0, "to": 0, "symbol": "All", "description": "Eve", "enable": True}
EVE = (date(2030, 12, 24) - date(1970, 1, 1)).days


def symbol(name: str, category: str, *holidays: Holiday) -> SymbolSpec:
    return msgspec.structs.replace(PLAIN, name=name, category=category, holidays=holidays)


def row(name: str, from_: int = 0, to: int = 0, *, enable: bool = True, description: str = "Christmas") -> MT4Holiday:
    return MT4Holiday(year=2026, month=12, day=25, from_=from_, to=to, symbol=name, description=description, enable=enable)


def names(rows: list[MT4Holiday]) -> list[str | None]:
    return [one.symbol for one in rows]


# The rows.

SHUT = Holiday(CHRISTMAS, (), "Christmas")
MORNING = Holiday(CHRISTMAS, (Session(0, 43_200),), "Christmas")
TWO_PARTS = Holiday(CHRISTMAS, (Session(0, 36_000), Session(43_200, 64_800)), "Christmas")


def test_a_holiday_of_all_symbols_is_one_row() -> None:
    specs = [symbol("A", "Forex/Majors", SHUT), symbol("B", "Forex/Crosses", SHUT), symbol("C", "Metals", SHUT)]
    assert calendar([], specs) == [row("All")]
    assert names(calendar([], [*specs, symbol("D", "Crypto")])) == ["Forex", "Metals"]
    assert names(calendar([], [*specs, symbol("D", "Metals", MORNING)])) == ["Forex", "C", "D"]


def test_hours_of_several_parts_are_shown_from_the_first_to_the_last_and_kept() -> None:
    specs = [symbol("A", "X", TWO_PARTS)]
    (shown,) = calendar([], specs)
    assert (shown.from_, shown.to) == (0, 1_080)
    assert changed_specs(specs, [shown], [shown, row("B")]) == []
    assert calendar([shown], specs) == [shown]


def test_the_most_particular_row_counts() -> None:
    specs = [symbol("A", "Forex/Majors"), symbol("B", "Forex/Majors"), symbol("C", "Metals")]
    after = changed_specs(specs, [], [row("All"), row("Forex", 0, 720), row("A", enable=False), row("B", 60, 120)])
    hours = {spec.name: spec.holidays[0].sessions for spec in after}
    assert hours == {"A": (Session(0, 43_200),), "B": (Session(3_600, 7_200),), "C": ()}


def test_a_kept_row_stays_while_it_says_how_it_is() -> None:
    rows = [row("Forex/Majors"), row("Nothing here"), row("C", enable=False)]
    specs = [symbol("A", "Forex/Majors", SHUT), symbol("B", "Forex/Majors", SHUT), symbol("C", "Metals")]
    assert calendar(rows, specs) == rows
    # Another surface has taken the holiday from B: the row is not so any more, what is left is told anew.
    assert names(calendar(rows, [specs[0], symbol("B", "Forex/Majors"), specs[2]])) == ["Nothing here", "C", "A"]


def test_only_the_days_that_change_are_touched() -> None:
    other = Holiday(CHRISTMAS + 7, (), "New Year")
    specs = [symbol("A", "X", TWO_PARTS, other)]
    before = calendar([], specs)
    (after,) = changed_specs(specs, before, before[:1])
    assert after.holidays == (TWO_PARTS,)


# Through the WebAPI.


def test_the_calendar_has_the_symbols_own_holidays(mt4: Client) -> None:
    rows = mt4.get("CfgRequestHoliday").data
    christmas = [one["symbol"] for one in rows if (one["year"], one["month"], one["day"]) == (2026, 12, 25)]
    assert christmas
    first = mt4.get("CfgRequestHoliday", limit=3)
    rest = mt4.get("CfgRequestHoliday", cursor=first.paging["nextCursor"])
    assert [*first.data, *rest.data] == rows


def test_a_holiday_is_entered_changed_and_forgotten(mt4: Client, own_house: House) -> None:
    symbols = own_house.platforms["live"].desk.state.symbols
    before = dict(symbols)
    place = len(mt4.get("CfgRequestHoliday").data)
    assert mt4.post("CfgUpdateHoliday/{pos}", place, body=CLOSED).code == "NotFound"
    assert mt4.post("CfgUpdateHoliday/{pos}", place, body=CLOSED, add="true").data == CLOSED
    assert mt4.get("CfgRequestHoliday").data[place] == CLOSED
    assert all(Holiday(EVE, (), "Eve") in spec.holidays for spec in symbols.values())

    only_gold = CLOSED | {"symbol": "XAUUSD", "from": 0, "to": 780}
    assert mt4.post("CfgUpdateHoliday/{pos}", place, body=only_gold).data == only_gold
    assert [name for name, spec in symbols.items() if any(holiday.day == EVE for holiday in spec.holidays)] == ["XAUUSD"]
    assert Holiday(EVE, (Session(0, 46_800),), "Eve") in symbols["XAUUSD"].holidays

    assert mt4.post("CfgShiftHoliday/{pos}", place, shift=-1).data is True
    assert mt4.get("CfgRequestHoliday").data[place - 1] == only_gold
    assert mt4.post("CfgDeleteHoliday/{pos}", place - 1).data is True
    assert dict(symbols) == before


def test_a_holiday_that_is_off_or_of_a_symbol_elsewhere_is_kept_and_does_nothing(mt4: Client, own_house: House) -> None:
    before = own_house.state_hash()
    place = len(mt4.get("CfgRequestHoliday").data)
    for more in ({"enable": False}, {"symbol": "COCOA"}):
        assert mt4.post("CfgUpdateHoliday/{pos}", place, body=CLOSED | more, add="true").code is None
        assert mt4.get("CfgRequestHoliday").data[place] == CLOSED | more
        assert mt4.post("CfgDeleteHoliday/{pos}", place).data is True
    assert own_house.state_hash() == before


def test_a_holiday_put_elsewhere_is_in_the_calendar(mt4: Client, own_house: House) -> None:
    writer, symbols = own_house.platforms["live"].writer, own_house.platforms["live"].desk.state.symbols
    holiday = Holiday(EVE + 400, (), "Jubilee")
    before = symbols["BTCUSD"]
    own_house.run(writer.submit(PutSymbol(msgspec.structs.replace(before, holidays=(*before.holidays, holiday)))))
    (found,) = [one for one in mt4.get("CfgRequestHoliday").data if one["description"] == "Jubilee"]
    assert found["symbol"] in ("BTCUSD", before.category, before.category.partition("/")[0])
    own_house.run(writer.submit(PutSymbol(before)))
    assert not [one for one in mt4.get("CfgRequestHoliday").data if one["description"] == "Jubilee"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"year": 0}, "year"),
        ({"month": 2, "day": 30}, "day"),
        ({"from": 600, "to": 600}, "to"),
        ({"from": 0, "to": 1_441}, "to"),
        ({"from": -1, "to": 10}, "to"),
        ({"symbol": None}, "symbol"),
        ({"description": "x" * 129}, "description"),
        ({"enable": 1}, "enable"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_a_holiday_that_is_no_day_or_no_hours_is_refused(mt4: Client, wrong: dict[str, Any], field: str) -> None:
    place = len(mt4.get("CfgRequestHoliday").data)
    answer = mt4.post("CfgUpdateHoliday/{pos}", place, body=CLOSED | wrong, add="true")
    assert answer.code == "Validation"
    assert answer.message.startswith(field)
    assert mt4.post("CfgDeleteHoliday/{pos}", place).code == "NotFound"
