"""One trade platform, wired: who talks to whom, on one screen.

    1  journal        opened and claimed; a torn record is cut off
    2  writer         the journal is replayed into the engine; the clock and the feed are chosen
    3  projections    history, ticks and candles catch up, then follow the writer
    4  webhooks       the deliverer goes on where it was, then follows the writer
    5  configuration  an empty platform gets its symbols and groups
    6  venue          the router asks what became of orders in flight, then serves
    7  feed           quotes begin

It stops in the reverse order, so that nothing is lost between two of them.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import structlog

from prorata.app.feeding import Feeding, FileQuotes, TimedFeed, feed_source, simulated_feed
from prorata.app.folder_lock import FolderLock
from prorata.app.groups import default_groups
from prorata.app.history_process import HistoryProcess
from prorata.app.market_clock import MarketClock
from prorata.app.quote_recorder import QuoteRecorder
from prorata.app.rebuilding import rebuild_if_needed
from prorata.app.settings import (
    BadSettings,
    FileFeedSettings,
    ServerSettings,
    SimulatedFeedSettings,
    SimulatedVenueSettings,
    redacted,
)
from prorata.app.venue_line import VenueLine, simulated_router
from prorata.app.webhook_line import PlatformWebhooks, open_webhooks
from prorata.feeds.defaults import default_symbols
from prorata.messages.commands import PutGroup, PutSymbol
from prorata.messages.events import Refused
from prorata.messages.symbols import SymbolSpec
from prorata.projections.history import History
from prorata.projections.projector import Projector
from prorata.projections.quotes import QuoteStore
from prorata.server.machine import TICK, Machine
from prorata.server.writer import Writer
from prorata.storage.database import open_database
from prorata.storage.journals import open_journal
from prorata.trading.state import State
from prorata.units.numbers import Moment
from prorata.venues.router import Router
from prorata.views.texts import moment_text

SEEDER = "settings"
"""The caller under which an empty platform is configured."""

FEED_LOG_LINES = 1_000

log = structlog.get_logger()


def journal_file(settings: ServerSettings, name: str) -> Path | None:
    """Return the file that a platform's journal is; None if it is in a database server."""
    url = settings.journal_url(name)
    return Path(unquote(url.removeprefix("sqlite:///"))) if url.startswith("sqlite:///") else None


class TradePlatform:
    """A platform between `start` and `stop`.

    `market_at`: where the simulated market's time begins, given the real time; None is the real time.
    `failure`: why a part has stopped that should run; None while all is well.
    """

    def __init__(
        self,
        name: str,
        settings: ServerSettings,
        *,
        market_at: Callable[[Moment], Moment] | None = None,
    ) -> None:
        self.name = name
        self.clock = MarketClock()
        self.writer = Writer(
            name,
            open_journal(settings.journal_url(name), name),
            clock=self.clock,
            snapshot_every=settings.platforms[name].snapshot_every,
            outbox_kept=settings.platforms[name].outbox_kept,
        )
        self.feeding: Feeding | None = None
        self.router: Router | None = None
        self.failure: BaseException | None = None
        self.fed = asyncio.Event()
        """set when the feed has ended"""
        self.feed_log: deque[str] = deque(maxlen=FEED_LOG_LINES)
        """what happened to the feed, oldest first"""
        self.history: History
        self.projector: HistoryProcess
        self.quotes: QuoteStore
        self.recorder: QuoteRecorder
        self.webhooks: PlatformWebhooks | None = None
        self.crm: Projector | None = None
        """tells the CRM what happens; None: the platform is no organization's, or nobody follows it yet"""
        self.settings = settings
        self._own = settings.platforms[name]
        self._market_at = market_at
        self._feed: TimedFeed | None = None
        self._symbols: tuple[SymbolSpec, ...] = ()
        self._line: VenueLine | None = None
        self._lock: FolderLock | None = None
        self._projecting = False
        self._up = False
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def is_up(self) -> bool:
        """Say whether every part has started."""
        return self._up

    async def start(self) -> None:
        """Bring the platform up, in the order of the module's page."""
        log.info("platform starts", platform=self.name, journal=redacted(self.settings.journal_url(self.name)))
        self._lock_folder()
        await self.writer.start(self._choose_time)
        await self._start_projections()
        await self._start_webhooks()
        await self._configure()
        self._start_venue()
        self._start_feed()
        self._up = True
        log.info("platform ready", platform=self.name, position=self.writer.number, events=self.writer.sequence)

    async def stop(self) -> None:
        """Take the platform down: no more quotes, no more fills, the last commands, the tables.

        Also after a start that failed half-way.
        """
        await self._end("feed")
        if self.router is not None:
            self.router.stop()
            await self._end("venue", cancel=False)
        if self._line is not None:
            self._line.close()
        if self.webhooks is not None:
            await self.webhooks.stop()
        if self.crm is not None:
            await self.crm.stop()
        await self.writer.stop()
        await self._stop_projections()
        if self._lock is not None:
            self._lock.release()
        log.info("platform stopped", platform=self.name, position=self.writer.number, events=self.writer.sequence)

    # 1. The journal's folder.

    def _lock_folder(self) -> None:
        file = journal_file(self.settings, self.name)
        if file is not None:
            lock = FolderLock(file.parent / "lock")
            lock.take()
            self._lock = lock

    # 2. The writer's clock, and the feed it belongs to.

    async def _choose_time(self, machine: Machine) -> None:
        now = self.clock.now()
        at = max(machine.at, self._market_at(now) if self._market_at is not None else now)
        self._choose_feed(machine.engine.desk.state, machine.at, at)

    def _choose_feed(self, state: State, after: Moment, at: Moment) -> None:
        """Make the feed: a simulated market that is at `at`, or the quotes of files after `after`. Raises `BadSettings`."""
        feed = self._own.feed
        now = self.clock.now()
        if isinstance(feed, SimulatedFeedSettings):
            self._symbols = tuple(state.symbols.values()) or default_symbols(_year_of(at))
            self._feed = simulated_feed(feed, state, self._symbols, at)
        elif isinstance(feed, FileFeedSettings):
            # The symbols' holidays are those of the replay's own years, which only the file knows.
            self._symbols = tuple(state.symbols.values()) or default_symbols(_year_of(now))
            self._feed = FileQuotes(feed, self._symbols, after).feed
            if not state.symbols:
                self._symbols = default_symbols(_year_of(self._feed.now()))
        else:
            self._symbols = default_symbols(_year_of(now))
        if self._feed is not None:
            self.clock.follow(self._feed.now)

    # 3. The tables.

    async def _start_projections(self) -> None:
        settings = self.settings
        self.history = await asyncio.to_thread(History, settings.history_url(), self.name)
        self.quotes = QuoteStore(open_database(settings.quotes_url()), self.name, settings.retention)
        await asyncio.to_thread(self.quotes.create_tables)
        self.recorder = QuoteRecorder(self.quotes, self.writer, self.clock)
        reader = open_journal(settings.journal_url(self.name), self.name)
        try:
            await asyncio.to_thread(rebuild_if_needed, self.history, self.writer, reader)
            await asyncio.to_thread(self.recorder.catch_up, reader)
        finally:
            reader.close()
        self.recorder.start()
        self.projector = HistoryProcess(
            self.writer,
            journal=settings.journal_url(self.name),
            history=settings.history_url(),
            log_level=settings.log_level,
        )
        self.projector.start()
        self._projecting = True

    async def _stop_projections(self) -> None:
        if not self._projecting:
            return
        if self.writer.failure is None:
            await self.projector.wait_for(self.writer.number, seconds=5)
        await self.projector.stop()
        await self.recorder.stop()
        self.history.close()

    # 4. The webhooks. What is not in line yet when they stop is taken from the outbox at the next start.

    async def _start_webhooks(self) -> None:
        self.webhooks = await asyncio.to_thread(open_webhooks, self.settings, self.writer)
        self.webhooks.start()

    # 5. What an empty platform begins with.

    async def _configure(self) -> None:
        if self._own.begin_with != "defaults" or self.writer.engine.desk.state.symbols:
            return
        commands = [PutSymbol(spec) for spec in self._symbols] + [PutGroup(spec) for spec in default_groups()]
        for answer in await asyncio.gather(*(self.writer.submit(command, caller=SEEDER) for command in commands)):
            assert not isinstance(answer.events[0], Refused), answer.events[0]
        log.info("defaults put", platform=self.name, symbols=len(self._symbols), groups=len(default_groups()))

    # 6. The venue.

    def _start_venue(self) -> None:
        venue = self._own.venue
        if isinstance(venue, SimulatedVenueSettings):
            self._line = VenueLine(self.writer, venue.name)
            self.router = simulated_router(venue, self.writer, self._line, self.clock)
            self._run("venue", self.router.run())

    # 7. The feed.

    def _start_feed(self) -> None:
        feed = self._own.feed
        if self._feed is not None:
            every_quote = isinstance(feed, FileFeedSettings) and feed.speed == 0
            self.feeding = Feeding(self._feed, self.writer, self.clock, every_quote=every_quote)
            self._run("feed", self._feed_to_the_end(self.feeding))
            self._note_feed(f"begins ({feed_source(feed)})")

    async def _feed_to_the_end(self, feeding: Feeding) -> None:
        await feeding.run()
        log.info("the quotes have ended", platform=self.name, quotes=feeding.taken)
        self._note_feed(f"has ended after {feeding.taken} quotes")
        self.fed.set()

    async def restart_feed(self) -> None:
        """Begin the feed anew where it is in time, with the symbols that there are now.

        Raises:
            BadSettings: it cannot be begun, and has ended; the text says why.
        """
        await self._end("feed")
        await self.writer.submit(TICK.command)  # The quotes that are on their way have entered then.
        state = self.writer.engine.desk.state
        try:
            self._choose_feed(state, self.writer.at, self.clock.now())
        except BadSettings as problem:
            self._note_feed(f"has ended: {problem}")
            raise
        self.fed.clear()
        self._start_feed()

    def _note_feed(self, what: str) -> None:
        self.feed_log.append(f"{moment_text(self.clock.now())} {what}")

    # Parts that run by themselves.

    def _run(self, part: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{part} {self.name}")
        self._tasks[part] = task
        task.add_done_callback(lambda ended: self._note_end(part, ended))

    def _note_end(self, part: str, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            self.failure = task.exception()
            log.error("a part has stopped", platform=self.name, part=part, exc_info=self.failure)
            self.fed.set()

    async def _end(self, part: str, *, cancel: bool = True) -> None:
        task = self._tasks.pop(part, None)
        if task is None:
            return
        if cancel:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _year_of(moment: Moment) -> int:
    return datetime.fromtimestamp(moment / 1000, UTC).year
