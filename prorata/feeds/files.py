"""Real quotes from files, at any speed. The files may be packed with gzip; their form is seen from their first line.

`read_quotes` reads, `FileFeed` paces. What the market did is taken as it is: wide spreads, gaps, several
quotes of one moment, stamps that step back. What cannot be a quote stops the reading and names file, line and reason.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from heapq import merge
from pathlib import Path
from typing import NoReturn, TextIO, cast

from prorata.feeds.bars import CORNERS, CROSSED_MINUTES_MAX, Bar, pair_minutes, parse_bar, quotes_of_minute
from prorata.feeds.formats import (
    BAR_HEADER,
    BadLine,
    ReadReport,
    TickLayout,
    check_spread,
    points_of,
    sniff_ticks,
    split,
)
from prorata.feeds.pacing import MarketTime, WallClock
from prorata.messages.commands import Quote
from prorata.messages.symbols import SymbolSpec
from prorata.server.ports import Clock
from prorata.units.numbers import Moment

StampedQuote = tuple[Moment, Quote]

_GZIP_MAGIC = b"\x1f\x8b"
_LINE_MAX = 4_096
_BREATHE_EVERY = 256


class BadQuoteFile(ValueError):
    """A file that is no quote file, or a line that is no quote. `line` counts from 1."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line
        self.reason = reason


def read_quotes(
    paths: Path | Sequence[Path], specs: SymbolSpec | Sequence[SymbolSpec], report: ReadReport | None = None
) -> Iterator[StampedQuote]:
    """Yield the quotes of the files with their moments, in order of time as far as the files are.

    Args:
        paths: one tick file; or several, which are merged by time; or the bid and the ask file of minute bars,
            in this order (how a minute becomes quotes: `prorata.feeds.bars`).
        specs: whose quotes they are. Lines that name another symbol are skipped and counted. Files that name no
            symbol want exactly one.
        report: counts what was rounded, skipped and made up.

    Raises:
        BadQuoteFile: at the first line that is no quote; quotes before it have been given.
        OSError: if a file cannot be opened.
    """
    paths = [paths] if isinstance(paths, Path) else list(paths)
    book = {spec.name: spec for spec in ([specs] if isinstance(specs, SymbolSpec) else specs)}
    report = report or ReadReport()
    first_lines = [_first_line(path) for path in paths]
    are_bars = [split(line.lower()) == BAR_HEADER for line in first_lines]
    if any(are_bars):
        if are_bars != [True, True]:
            raise BadQuoteFile(paths[are_bars.index(True)], 1, "minute bars come as two files: bid, then ask")
        return _counted(_read_bars(paths[0], paths[1], _only(book, paths[0]), report), report)
    streams = [_read_ticks(path, line, book, report) for path, line in zip(paths, first_lines, strict=True)]
    return _counted(merge(*streams, key=lambda stamped: stamped[0]), report)


def spec_in_name(path: Path, specs: Sequence[SymbolSpec]) -> SymbolSpec | None:
    """Return the first symbol whose name is in the file's, in any case ("eurusd-2020.csv.gz")."""
    name = path.name.upper()
    return next((spec for spec in specs if spec.name.upper() in name), None)


def _counted(stream: Iterator[StampedQuote], report: ReadReport) -> Iterator[StampedQuote]:
    for stamped in stream:
        report.quotes += 1
        yield stamped


def _only(book: dict[str, SymbolSpec], path: Path) -> SymbolSpec:
    if len(book) != 1:
        raise BadQuoteFile(path, 1, f"the file names no symbol, and {len(book)} were given")
    return next(iter(book.values()))


def _read_ticks(path: Path, first_line: str, book: dict[str, SymbolSpec], report: ReadReport) -> Iterator[StampedQuote]:
    layout = sniff_ticks(first_line)
    if layout is None:
        raise BadQuoteFile(path, 1, f"not a known form of quotes: {first_line[:60]!r}")
    only = _only(book, path) if layout.symbol is None else None
    # The header, if there is one, is the first line that is not blank.
    header = layout.header
    for number, line in _lines(path):
        if header:
            header = False
            continue
        try:
            stamped = _parse_tick(split(line), layout, only, book, report)
        except BadLine as problem:
            _name_line(path, number, problem)
        if stamped is None:
            report.skipped += 1
        else:
            yield stamped


def _parse_tick(
    fields: list[str], layout: TickLayout, only: SymbolSpec | None, book: dict[str, SymbolSpec], report: ReadReport
) -> StampedQuote | None:
    """Return the quote of one line; None if it is another symbol's."""
    if len(fields) != layout.fields:
        raise BadLine(f"has {len(fields)} fields, not {layout.fields}")
    spec = only
    if layout.symbol is not None:
        spec = book.get(fields[layout.symbol].replace("/", ""))
    if spec is None:
        return None
    moment = layout.moment_of(fields[layout.stamp])
    bid = points_of(fields[layout.bid], spec.digits, report)
    ask = points_of(fields[layout.ask], spec.digits, report)
    check_spread(bid, ask, spec.digits)
    return moment, Quote(spec.name, bid, ask)


def _read_bars(bid_path: Path, ask_path: Path, spec: SymbolSpec, report: ReadReport) -> Iterator[StampedQuote]:
    bids, asks = _bars(bid_path, spec, report), _bars(ask_path, spec, report)
    crossed_on_end = 0
    for bid, ask in pair_minutes(bids, asks, report):
        quotes, crossed = quotes_of_minute(bid, ask, spec)
        report.crossed += crossed
        crossed_on_end = crossed_on_end + 1 if crossed == CORNERS else 0
        if crossed_on_end == CROSSED_MINUTES_MAX:
            raise BadQuoteFile(ask_path, ask.line, f"ask below bid for {crossed_on_end} minutes: is it the bid file?")
        yield from quotes


def _bars(path: Path, spec: SymbolSpec, report: ReadReport) -> Iterator[Bar]:
    lines = _lines(path)
    next(lines)
    before: Bar | None = None
    for number, line in lines:
        try:
            bar = parse_bar(split(line), number, spec.digits, report)
            if before is not None and bar.opens < before.opens:
                raise BadLine("earlier than the minute before it")
        except BadLine as problem:
            _name_line(path, number, problem)
        yield bar
        before = bar


def _name_line(path: Path, number: int, problem: BadLine) -> NoReturn:
    raise BadQuoteFile(path, number, str(problem)) from None


def _first_line(path: Path) -> str:
    for _, line in _lines(path):
        return line
    raise BadQuoteFile(path, 1, "there are no quotes in it")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank, with their numbers."""
    number = 0
    try:
        with _open(path) as file:
            while line := file.readline(_LINE_MAX):
                number += 1
                if len(line) == _LINE_MAX:
                    raise BadQuoteFile(path, number, "the line is too long")
                if line := line.strip():
                    yield number, line
    except UnicodeDecodeError:
        raise BadQuoteFile(path, number + 1, "not text") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise BadQuoteFile(path, number + 1, f"the packed file is damaged: {problem}") from None


def _open(path: Path) -> TextIO:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
    if packed:
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig"))
    return path.open(encoding="utf-8-sig")


class FileFeed:
    """Replays stamped quotes `speed` times as fast as they came; 0 is as fast as they are taken.

    A group holds quotes of one moment, each symbol once, so that no quote is merged with the next. `now` is the
    market's time: that of the replay, for a platform that is to live in it. It never steps back.

    Raises:
        BadQuoteFile: if there is no first quote, or it is bad; later ones raise from `quotes`.
    """

    def __init__(self, stream: Iterable[StampedQuote], *, speed: float = 1.0, clock: Clock | None = None) -> None:
        assert speed >= 0
        self._stream = iter(stream)
        self._next = next(self._stream, None)
        if self._next is None:
            raise ValueError("there are no quotes to replay")
        self._latest = self._next[0]
        self._time = MarketTime(self._latest, speed, clock or WallClock()) if speed else None

    def now(self) -> Moment:
        return self._latest if self._time is None else max(self._latest, self._time.now())

    async def quotes(self) -> AsyncIterator[tuple[Quote, ...]]:
        """Yield the groups until the files end."""
        number = 0
        while self._next is not None:
            moment, group = self._take_group()
            number += 1
            if self._time is not None and (wait := self._time.seconds_until(moment)) > 0:
                await asyncio.sleep(wait)
            elif number % _BREATHE_EVERY == 0:
                # A reader that never waits would keep everything else from running.
                await asyncio.sleep(0)
            self._latest = max(self._latest, moment)
            yield group

    def _take_group(self) -> tuple[Moment, tuple[Quote, ...]]:
        assert self._next is not None
        moment = self._next[0]
        group: dict[str, Quote] = {}
        while self._next is not None and self._next[0] == moment and self._next[1].symbol not in group:
            quote = self._next[1]
            group[quote.symbol] = quote
            self._next = next(self._stream, None)
        return moment, tuple(group.values())
