"""From the settings to a feed, and from the feed to the writer."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

import structlog

from prorata.app.market_clock import MarketClock
from prorata.app.settings import BadSettings, FeedSettings, FileFeedSettings, SimulatedFeedSettings
from prorata.feeds.defaults import default_model
from prorata.feeds.files import FileFeed, StampedQuote, read_quotes, spec_in_name
from prorata.feeds.formats import ReadReport
from prorata.feeds.simulated import SimulatedFeed
from prorata.messages.commands import Quote
from prorata.messages.symbols import SymbolSpec
from prorata.server.machine import TICK
from prorata.server.writer import Writer
from prorata.trading.state import State
from prorata.units.numbers import Moment

log = structlog.get_logger()


class TimedFeed(Protocol):
    """A feed with a time of its own."""

    def now(self) -> Moment: ...
    def quotes(self) -> AsyncIterator[tuple[Quote, ...]]: ...


def simulated_feed(settings: SimulatedFeedSettings, state: State, specs: Sequence[SymbolSpec], at: Moment) -> SimulatedFeed:
    """Return the seeded market, going on from the last quotes. It quotes the symbols of `specs` that it knows."""
    known = default_model().symbols
    quoted = [spec for spec in specs if spec.name in known]
    left_out = [spec.name for spec in specs if spec.name not in known]
    if left_out:
        log.warning("the simulated market does not quote these symbols", symbols=left_out)
    if not quoted:
        raise BadSettings("the simulated market knows none of the platform's symbols; set feed.kind to file or none")
    opening = [Quote(name, last.bid, last.ask) for name, last in state.quotes.items() if last.bid]
    return SimulatedFeed(settings.seed, quoted, at=at, opening=opening, rate=settings.rate, speed=settings.speed)


class FileQuotes:
    """Quotes from files, those after `after`: a platform that starts again goes on where it stopped."""

    def __init__(self, settings: FileFeedSettings, specs: Sequence[SymbolSpec], after: Moment) -> None:
        self.report = ReadReport()
        self.feed: FileFeed
        self._after = after
        chosen = _specs_for(settings, specs)
        try:
            self.feed = FileFeed(self._rest(read_quotes(list(settings.paths), chosen, self.report)), speed=settings.speed)
        except OSError as problem:
            raise BadSettings(f"feed.paths: {problem.filename} cannot be read ({problem.strerror})") from None
        except ValueError as problem:
            if after and self.report.quotes:
                raise BadSettings(
                    f"the journal has reached {_day(after)}, and all quotes of the file are older: "
                    "take a fresh data directory to replay them again"
                ) from None
            raise BadSettings(f"feed.paths: {problem}") from None

    def _rest(self, stream: Iterator[StampedQuote]) -> Iterator[StampedQuote]:
        return (stamped for stamped in stream if stamped[0] > self._after)


def _specs_for(settings: FileFeedSettings, specs: Sequence[SymbolSpec]) -> SymbolSpec | Sequence[SymbolSpec]:
    """Return whose quotes the files hold: the symbol that is set, or that the name says, or all, if the lines name them."""
    if settings.symbol:
        named = next((spec for spec in specs if spec.name == settings.symbol), None)
        if named is None:
            raise BadSettings(f"feed.symbol: the platform has no symbol {settings.symbol}")
        return named
    return spec_in_name(settings.paths[0], specs) or specs


def _day(moment: Moment) -> str:
    return datetime.fromtimestamp(moment / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def feed_source(settings: FeedSettings) -> str:
    """Return what a feed's quotes are made of: its seed or its files."""
    if isinstance(settings, FileFeedSettings):
        return ", ".join(path.name for path in settings.paths)
    return f"seed {settings.seed}" if isinstance(settings, SimulatedFeedSettings) else ""


class Feeding:
    """Hands the quotes of a feed to the writer. `taken`: how many; `last`: the feed's time at the newest; `ended`: no more."""

    def __init__(self, feed: TimedFeed, writer: Writer, clock: MarketClock, *, every_quote: bool) -> None:
        self.taken = 0
        self.last: Moment = 0
        self.ended = False
        self._feed = feed
        self._writer = writer
        self._clock = clock
        self._every_quote = every_quote

    async def run(self) -> None:
        """Feed until the feed ends.

        With `every_quote` each group has a batch of its own and the next one waits for it; otherwise the
        writer takes the newest of each symbol when it is busy.
        """
        async for group in self._feed.quotes():
            self._writer.quote(group)
            self.taken += len(group)
            self.last = self._clock.now()
            if self._every_quote:
                await self._writer.submit(TICK.command)
        self.ended = True
