"""Follows a writer and keeps tables of what happens there up to date, on a thread of its own.

First it catches up from the outbox, then it takes each batch as it is applied. While the database is slow the
batches gather and the next transaction takes them all; when too many have gathered they are let go and read again
from the outbox, so that a slow database costs time and never memory. What has been written is remembered by the
tables themselves, so the thread may end anywhere.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from prorata.projections.marks import Mark, RebuildNeeded
from prorata.projections.recording import Happened
from prorata.server.ports import JournalFailed
from prorata.server.worker import WorkerStopped

GATHERED_EVENTS_MAX = 50_000
OUTBOX_PAGE = 256
OUTBOX_PAUSE_SECONDS = 0.1
"""The outbox is written with the batch that follows; until then there is nothing to read."""
GATHER_SECONDS = 0.1
"""Between two transactions, unless somebody waits: few large ones cost a third of many small ones."""
RETRY_SECONDS = 1.0
TEMPORARY = (OperationalError, InterfaceError, InternalError, NoConnectionFree, JournalFailed)
"""A database or journal that is away, full or busy. Whatever else is thrown is a fault of the program."""

log = structlog.get_logger()


class Source(Protocol):
    """What a projector needs of the writer."""

    @property
    def number(self) -> int: ...
    @property
    def sequence(self) -> int: ...
    def listen(self, callback: Callable[[Happened], None]) -> Callable[[], None]: ...
    def published(self, after_number: int, limit: int = 1000) -> Sequence[Happened]: ...


class Tables(Protocol):
    """What a projector writes into. `platform`: whose events they are; `what`: the name of the tables in the log."""

    @property
    def platform(self) -> str: ...
    @property
    def what(self) -> str: ...
    def journal_position(self) -> Mark:
        """Return how far the tables go."""
        ...

    def write(self, happened: Iterable[Happened], /) -> Mark:
        """Write batches and return how far the tables go then. Raises `RebuildNeeded`: they do not follow on them."""
        ...


class _Gathered:
    """Batches that were applied and are not written yet; beyond a bound it keeps none and says so."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._batches: deque[Happened] = deque()
        self._events = 0
        self._gathering = False
        self._closed = False

    def put(self, batch: Happened) -> None:
        with self._changed:
            if not self._gathering:
                return
            self._batches.append(batch)
            self._events += len(batch.events)
            if self._events > GATHERED_EVENTS_MAX:
                self._batches.clear()
                self._gathering = False
            if len(self._batches) <= 1:
                self._changed.notify()

    def begin(self) -> None:
        """Gather from now on."""
        with self._changed:
            if not self._gathering:
                self._gathering = True
                self._events = 0

    def take(self) -> list[Happened] | None:
        """Wait for batches and return all of them; None if some were let go, or nothing more will come."""
        with self._changed:
            while not self._batches and self._gathering and not self._closed:
                self._changed.wait()
            if not self._gathering or self._closed:
                return None
            taken = list(self._batches)
            self._batches.clear()
            self._events = 0
            return taken

    def let_gather(self, seconds: float, *, is_awaited: Callable[[], bool]) -> None:
        """Wait so long for more batches, or until somebody awaits them (then call `hurry`) or nothing more will come."""
        with self._changed:
            self._changed.wait_for(lambda: is_awaited() or self._closed, seconds)

    def hurry(self) -> None:
        """Have `let_gather` look again whether somebody waits."""
        with self._changed:
            self._changed.notify()

    def first_event(self) -> int | None:
        """Return the number of the first event that was gathered; None if there is none."""
        with self._changed:
            return next((batch.first for batch in self._batches if batch.events), None)

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()


class Projector:
    """Writes what `source` does into `tables`.

    `number`: the last batch that is in the tables. `failure`: why the tables fall behind; None while all is well.
    After a failure of the database it goes away when the database is back; after any other, such as `RebuildNeeded`,
    the projector has ended, and a new one is started when the cause is gone.
    """

    def __init__(self, tables: Tables, source: Source) -> None:
        self.number = 0
        self.failure: Exception | None = None
        self._tables = tables
        self._source = source
        self._gathered = _Gathered()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{tables.what} {tables.platform}", daemon=True)
        self._waiting_lock = threading.Lock()
        self._waiting: dict[asyncio.Future[None], int] = {}
        self._unlisten: Callable[[], None] | None = None

    def start(self) -> None:
        """Listen and begin to catch up. Call on the event loop of the writer, after it has started."""
        self.number = self._tables.journal_position().number
        self._gathered.begin()
        self._unlisten = self._source.listen(self._gathered.put)
        self._thread.start()

    async def stop(self) -> None:
        """Let the transaction under way end and go. What is not written then is written after the next start."""
        if self._unlisten is not None:
            self._unlisten()
        self._stopping.set()
        self._gathered.close()
        await asyncio.to_thread(self._thread.join)

    @property
    def lag(self) -> int:
        """How many batches the tables are behind the writer."""
        return max(0, self._source.number - self.number)

    async def wait_for(self, number: int, seconds: float) -> bool:
        """Wait until batch `number` is in the tables, at most so many seconds, and say whether it is."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with self._waiting_lock:
            if self.number >= number:
                return True
            self._waiting[future] = number
        self._gathered.hurry()
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return False
        finally:
            with self._waiting_lock:
                self._waiting.pop(future, None)
        return True

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._follow()
            except WorkerStopped:
                return  # The writer has stopped. What is missing is written after the next start.
            except RebuildNeeded as error:
                self.failure = error
                log.error(
                    "tables must be rebuilt", tables=self._tables.what, platform=self._tables.platform, problem=str(error)
                )
                return
            except TEMPORARY as error:
                self.failure = error
                log.error(
                    "tables are behind", tables=self._tables.what, platform=self._tables.platform, number=self.number,
                    problem=str(error),
                )  # fmt: skip
                self._stopping.wait(RETRY_SECONDS)
            except Exception as error:
                # A fault of the program. The thread ends, and must not do so unseen.
                self.failure = error
                log.exception(
                    "tables have stopped", tables=self._tables.what, platform=self._tables.platform, number=self.number
                )
                return

    def _follow(self) -> None:
        """Catch up and go along with the writer, until some batches had to be let go or it is time to stop."""
        self._catch_up()
        while (batches := self._gathered.take()) is not None:
            self._write(batches)
            self._gathered.let_gather(GATHER_SECONDS, is_awaited=lambda: bool(self._waiting))

    def _catch_up(self) -> None:
        """Read the outbox until it meets what is being gathered."""
        mark = self._tables.journal_position()
        if mark.number > self._source.number:
            raise RebuildNeeded(
                f"the {self._tables.what} goes up to batch {mark.number}, the journal only to {self._source.number}: "
                "it was made from another journal."
            )
        self._gathered.begin()
        gap_seen = False
        while not self._stopping.is_set():
            page = self._source.published(mark.number, OUTBOX_PAGE)
            if page:
                try:
                    mark = self._tables.write(page)
                except RebuildNeeded:
                    # The newest batches may be on their way into the outbox just as it is read. What is missing
                    # twice is gone.
                    if gap_seen:
                        raise
                    gap_seen = True
                    self._stopping.wait(OUTBOX_PAUSE_SECONDS)
                else:
                    gap_seen = False
                    self._advance(mark.number)
                continue
            # The order of the two readings matters: all events up to `number` are among the first `sequence`.
            number = self._source.number
            first_gathered = self._gathered.first_event()
            if first_gathered is not None and first_gathered <= mark.sequence + 1:
                return
            if first_gathered is None and self._source.sequence <= mark.sequence:
                self._advance(number)
                return
            self._stopping.wait(OUTBOX_PAUSE_SECONDS)

    def _write(self, batches: list[Happened]) -> None:
        # Batches of quotes alone come many times a second and leave nothing to write.
        if any(batch.events for batch in batches):
            self._tables.write(batches)
        self._advance(batches[-1].number)

    def _advance(self, number: int) -> None:
        self.failure = None
        with self._waiting_lock:
            self.number = max(self.number, number)
            reached = [future for future, wanted in self._waiting.items() if wanted <= self.number]
            for future in reached:
                del self._waiting[future]
        for future in reached:
            future.get_loop().call_soon_threadsafe(_answer, future)


def _answer(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
