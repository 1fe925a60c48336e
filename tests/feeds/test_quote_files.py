"""Quote files: what is read exactly, what is taken as it is, and what is refused with file and line."""

import asyncio
import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prorata.feeds.defaults import default_symbols
from prorata.feeds.files import BadQuoteFile, FileFeed, StampedQuote, read_quotes, spec_in_name
from prorata.feeds.formats import ReadReport
from prorata.messages.commands import Quote
from prorata.units.numbers import Moment

SPECS = {spec.name: spec for spec in default_symbols(2025)}
EURUSD, GBPUSD, USDJPY = SPECS["EURUSD"], SPECS["GBPUSD"], SPECS["USDJPY"]


def at(text: str) -> Moment:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000)


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


# The real files.


def test_real_histdata_ticks_are_read_to_the_last_quote(data: Path) -> None:
    report = ReadReport()
    quotes = list(read_quotes(data / "eurusd-ticks-2020-01.csv.gz", EURUSD, report))
    assert len(quotes) == report.quotes == 9_500
    assert quotes[0] == (at("2020-01-01 22:00:00.065"), Quote("EURUSD", 112_120, 112_172))
    assert quotes[-1] == (at("2020-01-02 04:00:52.125"), Quote("EURUSD", 112_130, 112_132))
    assert report.rounded == 0


def test_real_truefx_ticks_keep_their_duplicate_stamps(data: Path) -> None:
    quotes = list(read_quotes(data / "usdjpy-ticks-2013.csv.gz", USDJPY))
    stamps = [moment for moment, _ in quotes]
    assert len(quotes) == 1_000
    assert quotes[0] == (at("2013-01-01 22:00:00.295"), Quote("USDJPY", 86_655, 86_728))
    assert len(stamps) - len(set(stamps)) == 7


def test_real_minute_bars_become_four_quotes_a_minute(data: Path) -> None:
    report = ReadReport()
    paths = [data / "gbpusd-m1-bid-2012.csv.gz", data / "gbpusd-m1-ask-2012.csv.gz"]
    quotes = list(read_quotes(paths, GBPUSD, report))
    assert len(quotes) == 4 * 30_117
    # bid 1.57597,1.57606,1.57576,1.57576 falls: high before low
    assert quotes[:4] == [
        (at("2012-02-01 00:00:00"), Quote("GBPUSD", 157_597, 157_608)),
        (at("2012-02-01 00:00:20"), Quote("GBPUSD", 157_606, 157_610)),
        (at("2012-02-01 00:00:40"), Quote("GBPUSD", 157_576, 157_585)),
        (at("2012-02-01 00:00:59.999"), Quote("GBPUSD", 157_576, 157_585)),
    ]
    assert (report.one_sided, report.skipped, report.crossed) == (0, 0, 347 + 523 + 254 + 347)


def test_real_minute_bars_given_the_wrong_way_round_are_noticed(data: Path) -> None:
    paths = [data / "gbpusd-m1-ask-2012.csv.gz", data / "gbpusd-m1-bid-2012.csv.gz"]
    with pytest.raises(BadQuoteFile, match="is it the bid file"):
        list(read_quotes(paths, GBPUSD))


# The forms.


def test_truefx_lines_name_their_symbol(tmp_path: Path) -> None:
    path = write(
        tmp_path, "ticks.csv",
        "EUR/USD,20130101 22:00:00.295,1.31959,1.31971",
        "USD/JPY,20130101 22:00:00.300,86.655,86.728",
    )  # fmt: skip
    report = ReadReport()
    assert list(read_quotes(path, EURUSD, report)) == [(at("2013-01-01 22:00:00.295"), Quote("EURUSD", 131_959, 131_971))]
    assert report.skipped == 1


@pytest.mark.parametrize(
    "lines",
    [
        ["timestamp,bid,ask", "2025-07-14T08:00:00.5Z,1.1,1.10002"],
        ["Ask,Bid,Volume,Timestamp", "1.10002,1.1,3,2025-07-14 10:00:00.500+02:00"],
        ["timestamp,symbol,bid,ask", "1752480000500,EURUSD,1.10000,1.10002"],
        ["1752480000500,1.10000,1.10002"],
        ["2025-07-14 08:00:00.500999,EURUSD,1.10000,1.10002"],
        ["", "timestamp,bid,ask", "", "2025-07-14 08:00:00.500,1.10000,1.10002", ""],
    ],
)
def test_comma_separated_quotes_are_read_in_every_form(tmp_path: Path, lines: list[str]) -> None:
    expected = [(at("2025-07-14 08:00:00.500"), Quote("EURUSD", 110_000, 110_002))]
    assert list(read_quotes(write(tmp_path, "quotes.csv", *lines), EURUSD)) == expected


def test_histdata_clock_is_five_hours_behind_in_summer_too(tmp_path: Path) -> None:
    path = write(tmp_path, "ticks.csv", "20200701 120000001,1.1,1.2,0")
    assert [moment for moment, _ in read_quotes(path, EURUSD)] == [at("2020-07-01 17:00:00.001")]


def test_more_decimals_than_the_symbol_has_round_half_to_even_and_are_counted(tmp_path: Path) -> None:
    path = write(tmp_path, "ticks.csv", "20200101 170000065,1.121205,1.121215,0", "20200101 170000066,1.121210,1.1212151,0")
    report = ReadReport()
    prices = [(quote.bid, quote.ask) for _, quote in read_quotes(path, EURUSD, report)]
    assert prices == [(112_120, 112_122), (112_121, 112_122)]
    assert report.rounded == 3


def test_packed_files_are_known_by_their_content(tmp_path: Path) -> None:
    path = tmp_path / "quotes.csv"
    path.write_bytes(gzip.compress(b"timestamp,bid,ask\n1752480000500,1.1,1.2\n"))
    assert len(list(read_quotes(path, EURUSD))) == 1


def test_several_files_are_merged_by_time(tmp_path: Path) -> None:
    first = write(tmp_path, "a.csv", "1752480000000,EURUSD,1.1,1.2", "1752480002000,EURUSD,1.1,1.3")
    second = write(tmp_path, "b.csv", "1752480001000,USDJPY,147,147.1")
    symbols = [quote.symbol for _, quote in read_quotes([first, second], [EURUSD, USDJPY])]
    assert symbols == ["EURUSD", "USDJPY", "EURUSD"]


def test_a_gap_a_wide_spread_and_a_stamp_that_steps_back_are_taken_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path, "q.csv", "1752480002000,1.1,1.1", "1752480001000,0.5,9.9")
    assert [moment for moment, _ in read_quotes(path, EURUSD)] == [1_752_480_002_000, 1_752_480_001_000]


def test_the_symbol_is_found_in_the_name_of_a_file() -> None:
    assert spec_in_name(Path("eurusd-ticks-2020-01.csv.gz"), list(SPECS.values())) == EURUSD
    assert spec_in_name(Path("quotes.csv"), list(SPECS.values())) is None


# Minute bars.

BARS = "timestamp,open,high,low,close"


def test_a_rising_minute_goes_to_its_low_first(tmp_path: Path) -> None:
    bid = write(tmp_path, "bid.csv", BARS, "2025-07-14 08:00:00,1.10,1.14,1.09,1.12")
    ask = write(tmp_path, "ask.csv", BARS, "2025-07-14 08:00:00,1.11,1.15,1.10,1.13")
    bids = [quote.bid for _, quote in read_quotes([bid, ask], EURUSD)]
    assert bids == [110_000, 109_000, 114_000, 112_000]


def test_a_minute_of_one_side_gets_the_last_known_spread(tmp_path: Path) -> None:
    bid = write(tmp_path, "bid.csv", BARS, "2025-07-14 08:01:00,1.10,1.10,1.10,1.10", "2025-07-14 08:02:00,1.20,1.20,1.20,1.20")
    ask = write(
        tmp_path, "ask.csv", BARS,
        "2025-07-14 08:00:00,1.00,1.00,1.00,1.00",
        "2025-07-14 08:01:00,1.12,1.12,1.11,1.11",
        "2025-07-14 08:03:00,1.31,1.31,1.31,1.31",
    )  # fmt: skip
    report = ReadReport()
    quotes = list(read_quotes([bid, ask], EURUSD, report))
    closes = [(moment, quote.bid, quote.ask) for moment, quote in quotes[3::4]]
    assert closes == [
        (at("2025-07-14 08:01:59.999"), 110_000, 111_000),
        (at("2025-07-14 08:02:59.999"), 120_000, 121_000),
        (at("2025-07-14 08:03:59.999"), 130_000, 131_000),
    ]
    assert (report.one_sided, report.skipped) == (3, 1)


def test_a_bar_file_alone_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "bid.csv", BARS, "2025-07-14 08:00:00,1.10,1.14,1.09,1.12")
    with pytest.raises(BadQuoteFile, match="two files: bid, then ask"):
        read_quotes(path, EURUSD)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2025-07-14 08:00:30,1.1,1.1,1.1,1.1", "whole minute"),
        ("2025-07-14 08:00:00,1.1,1.0,1.0,1.0", "outside high and low"),
        ("2025-07-14 07:58:00,1.1,1.1,1.1,1.1", "earlier than the minute before"),
        ("2025-07-14 08:00:00,1.1,1.1,1.1", "4 fields, not 5"),
        ("2025-07-14 08:00:00,1.1,1e5,1.1,1.1", "not a price"),
    ],
)
def test_a_garbage_bar_names_file_and_line(tmp_path: Path, line: str, reason: str) -> None:
    good = "2025-07-14 07:59:00,1.1,1.1,1.1,1.1"
    bid = write(tmp_path, "bid.csv", BARS, good, good, good)
    ask = write(tmp_path, "ask.csv", BARS, good, line)
    with pytest.raises(BadQuoteFile, match=reason) as caught:
        list(read_quotes([bid, ask], EURUSD))
    assert (caught.value.path, caught.value.line) == (ask, 3)


# Garbage.


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1752480000500,NaN,1.2", "not a price: 'NaN'"),
        ("1752480000500,1.1,inf", "not a price: 'inf'"),
        ("1752480000500,1.1e0,1.2", "not a price: '1.1e0'"),
        ("1752480000500,,1.2", "not a price: ''"),
        ("1752480000500,1.2,1.1", "ask 1.10000 below bid 1.20000"),
        ("1752480000500,0,1.1", "price not above zero"),
        ("1752480000500,-1.1,1.1", "price not above zero"),
        ("1752480000500,1.1,99999999999999999999", "price too large"),
        ("1752480000500,1.1", "has 2 fields, not 3"),
        ("1752480000500,1.1,1.2,1.3", "has 4 fields, not 3"),
        ("yesterday,1.1,1.2", "not a time: 'yesterday'"),
        ("2025-13-14 08:00:00,1.1,1.2", "not a time"),
        ("1e12,1.1,1.2", "not a time"),
        ("\x00\x00", "has 1 fields, not 3"),
        ("1" * 5_000, "the line is too long"),
    ],
)
def test_garbage_names_file_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path, "quotes.csv", "timestamp,bid,ask", "1752480000000,1.1,1.2", line, "1752480001000,1.1,1.2")
    with pytest.raises(BadQuoteFile, match=re.escape(reason)) as caught:
        list(read_quotes(path, EURUSD))
    assert str(caught.value).startswith(f"{path}:3: ")


@pytest.mark.parametrize("stamp", ["20201301 120000000", "20200101 240000000", "20200101 126000000"])
def test_a_time_that_no_clock_shows_is_garbage(tmp_path: Path, stamp: str) -> None:
    path = write(tmp_path, "ticks.csv", "20200101 170000065,1.1,1.2,0", f"{stamp},1.1,1.2,0")
    with pytest.raises(BadQuoteFile, match=":2: not a time"):
        list(read_quotes(path, EURUSD))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadQuoteFile, match="not a known form"):
        list(read_quotes(write(tmp_path, "a.csv", "name,age", "Ann,7"), EURUSD))
    with pytest.raises(BadQuoteFile, match="no quotes in it"):
        read_quotes(write(tmp_path, "b.csv", ""), EURUSD)


def test_a_binary_file_and_a_torn_packed_file_are_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(BadQuoteFile, match="not text"):
        read_quotes(binary, EURUSD)
    torn = tmp_path / "torn.gz"
    lines = "".join(f"{1752480000000 + i},1.1,1.{i % 8 + 1}\n" for i in range(5_000))
    torn.write_bytes(gzip.compress(lines.encode())[:-3_000])
    with pytest.raises(BadQuoteFile, match="packed file is damaged"):
        list(read_quotes(torn, EURUSD))


def test_a_file_without_symbols_wants_exactly_one(tmp_path: Path) -> None:
    path = write(tmp_path, "q.csv", "1752480002000,1.1,1.1")
    with pytest.raises(BadQuoteFile, match="names no symbol, and 2 were given"):
        list(read_quotes(path, [EURUSD, USDJPY]))


# The feed.


class HandClock:
    def __init__(self) -> None:
        self.at = 0

    def now(self) -> Moment:
        return self.at


def replay(feed: FileFeed) -> list[tuple[Moment, tuple[Quote, ...]]]:
    async def collect() -> list[tuple[Moment, tuple[Quote, ...]]]:
        return [(feed.now(), group) async for group in feed.quotes()]

    return asyncio.run(collect())


def stream(*stamps: Moment) -> Iterator[StampedQuote]:
    return iter([(stamp, Quote("EURUSD", 110_000 + number, 110_010)) for number, stamp in enumerate(stamps)])


def test_a_group_holds_one_moment_and_each_symbol_once() -> None:
    one, two, other = Quote("EURUSD", 1, 2), Quote("EURUSD", 2, 3), Quote("USDJPY", 1, 2)
    groups = replay(FileFeed([(5, one), (5, other), (5, two), (6, one)], speed=0))
    assert groups == [(5, (one, other)), (5, (two,)), (6, (one,))]


def test_at_speed_0_the_time_is_that_of_the_last_quote_and_never_steps_back() -> None:
    assert [moment for moment, _ in replay(FileFeed(stream(10, 30, 20, 40), speed=0))] == [10, 30, 30, 40]


def test_the_replay_keeps_the_distances_of_the_quotes() -> None:
    began = asyncio.run(_timed(FileFeed(stream(0, 4_000, 8_000), speed=100.0)))
    assert 0.07 < began < 1.0


async def _timed(feed: FileFeed) -> float:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    async for _ in feed.quotes():
        pass
    return loop.time() - begin


def test_the_market_time_of_a_replay_runs_at_its_speed() -> None:
    clock = HandClock()
    feed = FileFeed(stream(1_000, 9_000), speed=10.0, clock=clock)
    assert feed.now() == 1_000
    clock.at = 200
    assert feed.now() == 3_000


def test_nothing_to_replay_is_an_error() -> None:
    with pytest.raises(ValueError, match="no quotes to replay"):
        FileFeed(stream())


def test_a_real_file_replays_whole(data: Path) -> None:
    feed = FileFeed(read_quotes(data / "eurusd-ticks-2020-01.csv.gz", EURUSD), speed=0)
    assert sum(len(group) for _, group in replay(feed)) == 9_500
