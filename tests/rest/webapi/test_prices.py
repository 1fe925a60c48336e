"""Charts, their corrections, and ticks. Each test has a symbol of its own in one quote store."""

from decimal import Decimal
from itertools import count
from typing import Any

import msgspec
import pytest

from prorata.messages.commands import PutSymbol, Quote
from prorata.projections.candles import CandleBuilder
from prorata.rest.webapi.mt4 import prices
from prorata.units.numbers import DAY_MS, MINUTE_MS
from tests.rest.house import MONDAY_NOON, House
from tests.rest.webapi.office import Client, Office
from tests.trading.words import new_symbol

BEGIN = MONDAY_NOON - 12 * 60 * MINUTE_MS
"""Monday 00:00"""
_NUMBERS = count(1)


@pytest.fixture
def symbol(house: House) -> str:
    """Ten minutes of quotes from Monday 00:00 on, three a minute: at 1.1000 + a pip a minute, one up, one down."""
    name = f"CHART{next(_NUMBERS)}"
    quotes = house.platforms["live"].quotes
    spec = msgspec.structs.replace(new_symbol("EURUSD"), name=name)
    house.run(house.platforms["live"].writer.submit(PutSymbol(spec)))
    builder = CandleBuilder()
    for minute in range(10):
        for second, move in enumerate((0, 4, -3)):
            bid = 110_000 + 10 * minute + move
            builder.add(BEGIN + minute * MINUTE_MS + second * 250, [Quote(name, bid, bid + 10)])
    quotes.save(builder.take(), quotes.position() + 1)
    return name


def minute(number: int) -> str:
    return f"2026-03-02T00:{number:02}:00Z"


def bars_of(mt4: Client, symbol: str, **query: Any) -> Any:
    return mt4.get("ChartRequest/{symbol}", symbol, **query).data


def times_of(bars: Any) -> list[int]:
    return [int(bar["time"][14:16]) for bar in bars]


# Reading.


def test_a_chart_has_exact_prices_and_counts_ticks(mt4: Client, symbol: str) -> None:
    bars = bars_of(mt4, symbol)
    assert len(bars) == 10
    assert bars[3] == {
        "time": minute(3), "open": Decimal("1.1003"), "high": Decimal("1.10034"), "low": Decimal("1.10027"),
        "close": Decimal("1.10027"), "volume": 3,
    }  # fmt: skip


def test_all_periods_are_there(mt4: Client, symbol: str) -> None:
    lengths = {period: len(bars_of(mt4, symbol, period=period)) for period in ("M1", "m5", "M15", "M30", "H1", "H4", "D1")}
    assert lengths == {"M1": 10, "m5": 2, "M15": 1, "M30": 1, "H1": 1, "H4": 1, "D1": 1}
    (week,), (month,) = bars_of(mt4, symbol, period="W1"), bars_of(mt4, symbol, period="Mn1")
    assert (week["time"], month["time"]) == ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z")
    assert (month["low"], month["high"], month["volume"]) == (Decimal("1.09997"), Decimal("1.10094"), 30)


def test_each_mode_asks_for_other_bars(mt4: Client, symbol: str) -> None:
    span = {"start": "2026-03-02T00:03:30Z", "end": minute(6)}
    asked = {mode: times_of(bars_of(mt4, symbol, mode=mode, **span)) for mode in MODES}
    assert asked == MODES
    assert times_of(bars_of(mt4, symbol, **span)) == MODES["RangeInExcludeOutOfRage"]
    only_end = {"end": minute(6)}
    assert times_of(bars_of(mt4, symbol, mode="RangeOut", **only_end)) == [7, 8, 9]
    assert times_of(bars_of(mt4, symbol, start="0001-01-01T00:00:00Z", **only_end)) == [0, 1, 2, 3, 4, 5, 6]


MODES = {
    "RangeIn": [3, 4, 5, 6],
    "RangeOut": [0, 1, 2, 3, 7, 8, 9],
    "RangeLast": [4, 5, 6, 7, 8, 9],
    "RangeInExcludeOutOfRage": [4, 5, 6],
}


def test_more_bars_or_ticks_than_fit_in_an_answer_are_refused(
    mt4: Client, symbol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "READ_AT_ONCE", 3)
    assert len(bars_of(mt4, symbol)) == 10
    assert len(mt4.get("TicksRequest/{symbol}", symbol).data) == 30
    monkeypatch.setattr(prices, "BARS_MAX", 9)
    monkeypatch.setattr(prices, "TICKS_MAX", 29)
    for template in ("ChartRequest/{symbol}", "TicksRequest/{symbol}"):
        answer = mt4.get(template, symbol)
        assert (answer.code, "ask for a shorter span" in answer.message) == ("Validation", True)


def test_ticks_of_a_span(mt4: Client, symbol: str) -> None:
    ticks = mt4.get("TicksRequest/{symbol}", symbol, start=minute(2), end="2026-03-02T00:02:00.250Z", flags="Raw").data
    assert ticks == [
        {"time": minute(2), "bid": Decimal("1.1002"), "ask": Decimal("1.1003"), "dataFeed": 0, "flags": "Raw, Normal"},
        {
            "time": "2026-03-02T00:02:00.250000Z", "bid": Decimal("1.10024"), "ask": Decimal("1.10034"), "dataFeed": 0,
            "flags": "Raw, Normal",
        },
    ]  # fmt: skip
    assert mt4.get("TicksRequest/{symbol}", symbol, flags="Loud").code == "Validation"


def test_last_ticks(mt4: Client, symbol: str) -> None:
    tick = mt4.get("TickInfoLast/{symbol}", "USDJPY").data
    assert (tick["symbol"], tick["bid"], tick["ask"]) == ("USDJPY", Decimal(150), Decimal("150.01"))
    everything = mt4.get("TickInfoLast").data
    assert tick in everything
    names = [one["symbol"] for one in everything]
    assert names == sorted(names)
    assert symbol not in names
    assert mt4.get("TickInfoLast/{symbol}", symbol).code == "NotFound"


def test_unknown_symbols_and_modes_are_refused(mt4: Client, symbol: str) -> None:
    for template in ("ChartRequest/{symbol}", "TicksRequest/{symbol}", "TickInfoLast/{symbol}"):
        assert mt4.get(template, "NOTHING").code == "NotFound"
    assert mt4.get("ChartRequest/{symbol}", symbol, period="M2").code == "Validation"
    assert mt4.get("ChartRequest/{symbol}", symbol, mode="RangeWhatever").code == "Validation"
    assert mt4.get("ChartRequest/{symbol}", symbol, start="whenever").code == "Validation"


# Writing.


def bar(number: int, price: float, **more: float) -> dict[str, Any]:
    return {"time": minute(number), "open": price, "high": price, "low": price, "close": price, "volume": 1, **more}


def write(mt4: Client, operation: str, symbol: str, *rates: dict[str, Any], **query: Any) -> Any:
    return mt4.post(f"{operation}/{{symbol}}", symbol, body={"rates": rates}, **query)


def test_bars_are_added_updated_and_deleted(mt4: Client, office: Office, symbol: str) -> None:
    before = bars_of(mt4, symbol)
    assert write(mt4, "ChartUpdate", symbol, bar(4, 1.2, high=1.3), bar(30, 1.2)).data is True
    after = bars_of(mt4, symbol)
    assert (after[4]["high"], after[4]["volume"], len(after)) == (Decimal("1.3"), 1, 10)
    assert after[:4] + after[5:] == before[:4] + before[5:]
    assert write(mt4, "ChartAdd", symbol, bar(4, 1.5), bar(30, 1.2)).data is True
    assert times_of(bars_of(mt4, symbol)) == [*range(10), 30]
    assert bars_of(mt4, symbol)[4] == after[4]
    assert write(mt4, "ChartDelete", symbol, {"time": minute(30)}, {"time": minute(0)}, {"time": minute(59)}).data is True
    assert times_of(bars_of(mt4, symbol)) == list(range(1, 10))
    reader = office.allowed("market.read")
    assert write(reader, "ChartDelete", symbol, {"time": minute(1)}).code == "Forbidden"
    assert times_of(bars_of(reader, symbol)) == list(range(1, 10))


def test_longer_bars_follow_when_the_history_is_corrected(mt4: Client, symbol: str) -> None:
    write(mt4, "ChartUpdate", symbol, bar(4, 1.2))
    assert bars_of(mt4, symbol, period="M5")[0]["high"] == Decimal("1.10044")
    # Noon has come: M5 to H4 have closed, the day, the week and the month have not.
    assert mt4.post("HistoryCorrect/{symbol}", symbol, key=f"correct {symbol}").data == 5
    for period in ("M5", "M15", "M30", "H1", "H4"):
        first = bars_of(mt4, symbol, period=period)[0]
        assert first["high"] == Decimal("1.2")
    assert bars_of(mt4, symbol, period="D1")[0]["high"] < Decimal("1.2")
    assert mt4.post("HistoryCorrect/{symbol}", symbol).data == 0
    assert mt4.post("HistoryCorrect/{symbol}", "NOTHING").code == "NotFound"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"time": "2026-03-02T00:00:30Z"}, "rates[0].time: is not the time at which a bar of M1 opens"),
        ({"time": "2026-03-02T12:00:00Z"}, "rates[0].time: the bar has not closed yet"),
        ({"time": "2031-01-01T00:00:00Z"}, "rates[0].time: the bar has not closed yet"),
        ({"time": "1969-12-31T00:00:00Z"}, "rates[0].time: is before 1970"),
        ({"high": 1.0}, "rates[0]: low is above 0"),
        ({"low": 1.3}, "rates[0]: low is above 0"),
        ({"low": 0}, "rates[0]: low is above 0"),
        ({"open": 1.123456}, "rates[0].open: has more than 5 decimal places"),
        ({"close": -1}, "rates[0].close: is below 0"),
        ({"volume": 1.5}, "rates[0].volume"),
        ({"volume": -1}, "rates[0].volume: is below 0"),
        ({"spread": 1}, "rates[0].spread: there is no such field"),
    ],
)
def test_bars_that_cannot_be_are_refused_by_their_place(
    mt4: Client, symbol: str, changes: dict[str, Any], message: str
) -> None:
    before = bars_of(mt4, symbol)
    for operation in ("ChartAdd", "ChartUpdate"):
        answer = write(mt4, operation, symbol, {**bar(4, 1.2), **changes})
        assert answer.code == "Validation"
        assert answer.message.startswith(message)
    assert write(mt4, "ChartAdd", symbol).message == "rates: is missing"
    assert bars_of(mt4, symbol) == before


def test_a_bar_of_a_week_begins_on_a_sunday(mt4: Client, symbol: str) -> None:
    sunday = {**bar(0, 1.1), "time": "2026-02-22T00:00:00Z"}
    assert write(mt4, "ChartAdd", symbol, sunday, period="W1").data is True
    assert write(mt4, "ChartAdd", symbol, {**sunday, "time": "2026-02-23T00:00:00Z"}, period="W1").code == "Validation"
    assert [one["time"] for one in bars_of(mt4, symbol, period="W1")] == ["2026-02-22T00:00:00Z", "2026-03-01T00:00:00Z"]
    assert BEGIN % DAY_MS == 0
