"""Keeps the tick and candle tables up to date, from the quotes that enter with each batch.

Quotes gather while a transaction runs and the next one takes them all. After a crash those that were not stored are
read again from the journal, so a candle has every quote exactly once.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.messages.batch import Batch, decode_batch
from prorata.messages.commands import Quote, Quotes
from prorata.projections.candles import CandleBuilder, Changes
from prorata.projections.quotes import QuoteStore
from prorata.server.ports import Clock, Journal, Record
from prorata.server.writer import Applied, Writer
from prorata.units.numbers import Moment

STORE_SECONDS = 0.5
RETRY_SECONDS = 2.0
PRUNE_SECONDS = 3_600.0
CATCH_UP_BATCHES = 2_000

Gathered = tuple[int, Moment, tuple[Quote, ...]]
"""batch number, its moment, its quotes"""

log = structlog.get_logger()


class QuoteRecorder:
    """`number`: the last batch whose quotes are in the tables. `failure`: why they fall behind; None while all is well."""

    def __init__(self, store: QuoteStore, writer: Writer, clock: Clock) -> None:
        self.number = 0
        self.failure: Exception | None = None
        self._store = store
        self._writer = writer
        self._clock = clock
        self._builder = CandleBuilder()
        self._gathered: list[Gathered] = []
        self._saving = threading.Lock()
        self._counted = 0
        """the last batch whose quotes the builder has"""
        self._unsaved: tuple[Changes, int] | None = None
        self._unlisten: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None

    def catch_up(self, journal: Journal) -> None:
        """Store the quotes of batches that were written before and are not in the tables. Blocks."""
        self.number = self._counted = self._store.position()
        self._builder.restore(*self._store.newest())
        written = self._writer.number
        for gathered in _in_groups(journal.records(after=self.number), CATCH_UP_BATCHES):
            self._save(gathered)
        self._save((), written)

    def rebuild(self, journal: Journal) -> None:
        """Make ticks and candles anew from the journal's first batch on: all of them, or none if it fails. Blocks.

        What comes meanwhile is stored after it.
        """
        with self._saving:
            builder = CandleBuilder()
            counted = 0

            def parts() -> Iterator[tuple[Changes, int]]:
                nonlocal counted
                for group in _in_groups(journal.records(), CATCH_UP_BATCHES):
                    for number, moment, quotes in group:
                        builder.add(moment, quotes)
                        counted = number
                    yield builder.take(), counted

            self._store.replace(parts())
            self._builder, self._unsaved = builder, None
            self.number = self._counted = counted

    def start(self) -> None:
        """Follow the writer. Call on its event loop, before its first new batch."""
        self._unlisten = self._writer.listen(self._gather)
        self._task = asyncio.create_task(self._record())

    async def stop(self) -> None:
        """Store what has come and end."""
        if self._unlisten is None or self._task is None:
            return
        self._unlisten()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        try:
            await asyncio.to_thread(self._save, self._taken(), self._writer.number)
        except SQLAlchemyError as problem:
            log.error("quotes not stored, they will be at the next start", problem=str(problem))

    @property
    def lag(self) -> int:
        """How many batches of quotes wait to be stored."""
        return len(self._gathered)

    def _gather(self, applied: Applied) -> None:
        if applied.quotes:
            self._gathered.append((applied.number, applied.at, applied.quotes))

    def _taken(self) -> list[Gathered]:
        gathered, self._gathered = self._gathered, []
        return gathered

    async def _record(self) -> None:
        loop = asyncio.get_running_loop()
        prune_at = loop.time()
        while True:
            await asyncio.sleep(STORE_SECONDS if self.failure is None else RETRY_SECONDS)
            try:
                # Not to be left half-way: a stop that comes meanwhile waits for it.
                await asyncio.shield(asyncio.create_task(asyncio.to_thread(self._save, self._taken())))
                if loop.time() >= prune_at:
                    prune_at = loop.time() + PRUNE_SECONDS
                    await asyncio.to_thread(self._store.prune, self._clock.now())
                self.failure = None
            except SQLAlchemyError as problem:
                if self.failure is None:
                    log.error("quotes are not stored", problem=str(problem))
                self.failure = problem

    def _save(self, gathered: Sequence[Gathered], through: int = 0) -> None:
        """Count the quotes, then store what has changed. What a failure left unstored is stored first the next time.

        `through`: no batch up to this one has other quotes, so that the next start need not read them to find that out.
        """
        with self._saving:
            for number, moment, quotes in gathered:
                if number > self._counted:  # else it came while all was made anew, and is in it
                    self._builder.add(moment, quotes)
                    self._counted = number
            self._counted = max(self._counted, through)
            while self._counted > self.number:
                if self._unsaved is None:
                    self._unsaved = (self._builder.take(), self._counted)
                changes, number = self._unsaved
                self._store.save(changes, number)
                self.number, self._unsaved = number, None


def _in_groups(records: Iterable[Record], size: int) -> Iterator[list[Gathered]]:
    """Yield the quotes of the batches that have any, up to `size` batches at a time."""
    quoted = ((batch.number, batch.at, _quotes_of(batch)) for batch in (decode_batch(record.body) for record in records))
    with_quotes = (gathered for gathered in quoted if gathered[2])
    while group := list(islice(with_quotes, size)):
        yield group


def _quotes_of(batch: Batch) -> tuple[Quote, ...]:
    """Return the quotes that the feed brought: they come first, from nobody."""
    if batch.submissions:
        first = batch.submissions[0]
        if isinstance(first.command, Quotes) and not first.caller:
            return first.command.quotes
    return ()
