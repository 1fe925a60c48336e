"""The single writer of one trade platform: collect, stamp, journal, apply, publish, answer.

A batch is whatever has arrived while the one before it was being written: no timer holds anybody up, and
under load the batches grow by themselves. Nothing is answered, and nothing leaves the engine, before
the journal has it. The events of a batch go into the outbox with the next batch's commit; after a crash
the replay makes the missing ones again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from hashlib import sha256

import msgspec
import structlog

from prorata.copying.engine import Engine
from prorata.messages.batch import Batch, Published, Submission, decode_published, encode
from prorata.messages.commands import Command, Quote, Quotes
from prorata.messages.events import Event, Refused
from prorata.server import replay
from prorata.server.clock import SystemClock
from prorata.server.machine import TICK, Answered, Machine, batch_of
from prorata.server.ports import Clock, Journal, JournalFull, Record
from prorata.server.worker import Worker
from prorata.units.numbers import Moment

BATCH_MAX = 4_096
WAITING_MAX = 100_000
QUOTE_WAIT_S = 0.005
"""How long quotes alone may wait for company; a command takes them along at once."""
TIMER_S = 0.1
SNAPSHOT_EVERY = 200_000
"""Submissions after which a snapshot is taken, so that a restart stays short."""
OUTBOX_KEPT = 1_000_000
"""Batches whose events stay in the outbox, for subscribers that come back; older ones are forgotten with a snapshot."""

log = structlog.get_logger()


class WriterStopped(Exception):
    """The writer takes no more commands. `unknown`: this one may have been written; ask again with the same key."""

    def __init__(self, *, unknown: bool) -> None:
        super().__init__("the trade platform is stopping")
        self.unknown = unknown


class Overloaded(Exception):
    """Too many commands are waiting; this one was not taken."""


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The one answer to a command. `first`: sequence number of its first event, 0 if it published none."""

    events: tuple[Event, ...]
    number: int
    at: Moment
    first: int
    repeated: bool


class Applied(msgspec.Struct, frozen=True, gc=False):
    """A batch as listeners get it. Event i has sequence number `first` + i; `encoded` is the batch as a `Published`."""

    number: int
    at: Moment
    first: int
    events: tuple[Event, ...]
    quotes: tuple[Quote, ...]
    encoded: bytes


class Counters(msgspec.Struct):
    """What the metrics are made of."""

    batches: int = 0
    commands: int = 0
    commit_seconds: float = 0.0
    apply_seconds: float = 0.0
    full: int = 0
    refusals: dict[int, int] = {}
    batch_sizes: dict[int, int] = {}
    """power of two -> batches of at most that many submissions"""


Reply = Callable[[Answer | Exception], None]
"""Is told the answer to a command, or what prevented it: `JournalFull`, or `WriterStopped`."""
Waiting = tuple[Submission, Reply]
Listener = Callable[[Applied], None]


class Writer:
    """One trade platform, open for commands between `start` and `stop`."""

    def __init__(
        self,
        platform: str,
        journal: Journal,
        *,
        clock: Clock | None = None,
        snapshot_every: int = SNAPSHOT_EVERY,
        outbox_kept: int = OUTBOX_KEPT,
    ) -> None:
        self.platform = platform
        self.counters = Counters()
        self.failure: Exception | None = None
        self._journal = journal
        self._clock = clock if clock is not None else SystemClock()
        self._machine = Machine()
        self._epoch = 0
        self._hash = b""
        self._waiting: list[Waiting] = []
        self._quotes: dict[str, Quote] = {}
        self._outbox: list[tuple[int, bytes]] = []
        self._listeners: list[Listener] = []
        self._thread = Worker(f"journal {platform}")
        self._wake = asyncio.Event()
        self._quote_timer: asyncio.TimerHandle | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop
        self._open = False
        self._snapshot_every = snapshot_every
        self._outbox_kept = outbox_kept
        self._since_snapshot = 0
        self._snapshot: tuple[int, bytes] | None = None

    @property
    def engine(self) -> Engine:
        return self._machine.engine

    @property
    def number(self) -> int:
        """The journal position: the number of the last applied batch."""
        return self._machine.number

    @property
    def sequence(self) -> int:
        """The sequence number of the last published event."""
        return self._machine.sequence

    @property
    def at(self) -> Moment:
        return self._machine.at

    @property
    def not_in_outbox(self) -> Sequence[tuple[int, bytes]]:
        """What the outbox is still to get: (batch number, encoded `Published`), oldest first."""
        return self._outbox

    @property
    def number_in_outbox(self) -> int:
        """The outbox has the events of all batches up to this one."""
        return self._outbox[0][0] - 1 if self._outbox else self.number

    @property
    def results_hash(self) -> bytes:
        return self._machine.results_hash

    @property
    def is_open(self) -> bool:
        return self._open

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    # Asking.

    async def submit(self, command: Command, *, caller: str = "", key: str = "") -> Answer:
        """Have a command applied and return its answer, which is durable by then.

        Raises:
            JournalFull: nothing was written; the same call may succeed later.
            WriterStopped: the platform is stopping, or failed while the command was being written.
            Overloaded: too many commands wait.
        """
        return await self.submit_nowait(command, caller=caller, key=key)

    def submit_nowait(self, command: Command, *, caller: str = "", key: str = "") -> "asyncio.Future[Answer]":
        """Queue a command and return its future answer; many may be under way on one connection."""
        future: asyncio.Future[Answer] = self._loop.create_future()
        self.ask(command, partial(_resolve, future), caller=caller, key=key)
        return future

    def ask(self, command: Command, reply: Reply, *, caller: str = "", key: str = "") -> None:
        """Queue a command and have `reply` called on the event loop: what `submit_nowait` does without a future's price."""
        if not self._open:
            raise WriterStopped(unknown=False)
        if len(self._waiting) >= WAITING_MAX:
            raise Overloaded
        self._waiting.append((Submission(command, caller, key), reply))
        self._wake.set()

    def quote(self, quotes: Sequence[Quote]) -> None:
        """Take new quotes. Of each symbol only the newest enters the next batch; none is ever overtaken by an older one."""
        for quote in quotes:
            self._quotes.pop(quote.symbol, None)
            self._quotes[quote.symbol] = quote
        if self._open and self._quote_timer is None:
            self._quote_timer = self._loop.call_later(QUOTE_WAIT_S, self._wake.set)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called on the event loop after each batch, in order; return the way to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def published(self, after_number: int, limit: int = 1000) -> list[Published]:
        """Return published batches with numbers above `after_number`, oldest first. Blocks: call it from a worker thread."""
        unwritten = self._outbox[:]  # Taken first: a row that is written meanwhile is then seen twice, never missed.
        rows = self._thread.result_of(self._journal.published, after_number, limit)
        newest = rows[-1][0] if rows else after_number
        if len(rows) < limit:
            rows += [row for row in unwritten if row[0] > newest][: limit - len(rows)]
        return [decode_published(body) for _, body in rows]

    # Living.

    async def start(self, ready: Callable[[Machine], Awaitable[None]] | None = None) -> None:
        """Claim the journal, replay it, and open for commands."""
        self._loop = asyncio.get_running_loop()
        _, self._hash, self._epoch = await self._thread.run(self._journal.open)
        self._machine = await self._thread.run(self._recover)
        if ready is not None:
            await ready(self._machine)
        self._open = True
        self._tasks = [asyncio.create_task(self._write()), asyncio.create_task(self._keep_time())]
        self._wake.set()

    def _recover(self) -> Machine:
        last = self._journal.last_published()

        def watch(batch: Batch, published: list[Event], encoded: bytes) -> None:
            if published and batch.number > last:
                self._outbox.append((batch.number, encoded))

        return replay.replay(self._journal, watch=watch)

    async def stop(self) -> None:
        """Finish what is waiting, take a snapshot, and close the journal."""
        if self._open:
            await self._drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._fail_waiting(WriterStopped(unknown=False))
        if self._quote_timer is not None:
            self._quote_timer.cancel()
        await self._thread.run(self._journal.close)
        self._thread.stop()

    async def _drain(self) -> None:
        self.request_snapshot()
        try:
            # One batch to take the snapshot after, one to put its events into the outbox, one that waits until it is kept.
            for _ in range(3):
                await self.submit(TICK.command)
        except (JournalFull, WriterStopped):
            pass  # What is written stays written; the next start replays it.
        self._open = False

    def request_snapshot(self) -> None:
        """Take a snapshot with the next batch."""
        self._since_snapshot = self._snapshot_every
        self._wake.set()

    async def _keep_time(self) -> None:
        """Let timers fall due while nobody asks anything."""
        while True:
            await asyncio.sleep(TIMER_S)
            if self.engine.is_due(self._clock.now()) and not self._waiting:
                self._waiting.append((TICK, _tell_nobody))
                self._wake.set()

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting or self._quotes:
                    await self._write_batch()
        except Exception as failure:
            # Whatever it was (a disk that does not sync, another leader, a bug), nothing may be written after it: the
            # process ends and reads the journal anew.
            self.failure = failure
            self._open = False
            self._fail_waiting(WriterStopped(unknown=False))

    async def _write_batch(self) -> None:
        taken, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
        quotes, self._quotes = self._take_quotes()
        batch = batch_of(self._machine, self._clock.now(), self._epoch, [waiting[0] for waiting in taken], quotes)
        body = encode(batch)
        record = Record(batch.number, body, sha256(self._hash + body).digest())
        outbox = self._outbox[:]
        began = self._monotonic()
        try:
            await self._thread.run(self._journal.append, record, outbox)
        except JournalFull as full:
            self.counters.full += 1
            _fail(taken, full)
            return
        except Exception:
            _fail(taken, WriterStopped(unknown=True))
            raise
        self._hash = record.hash
        del self._outbox[: len(outbox)]
        committed = self._monotonic()
        kept, self._snapshot = self._snapshot, None
        self._apply(batch, taken, quotes)
        self._count(len(taken), committed - began, self._monotonic() - committed)
        if kept is not None:
            await self._keep_snapshot(*kept)

    def _take_quotes(self) -> tuple[Quotes | None, dict[str, Quote]]:
        if self._quote_timer is not None:
            self._quote_timer.cancel()
            self._quote_timer = None
        return (Quotes(tuple(self._quotes.values())) if self._quotes else None), {}

    def _apply(self, batch: Batch, taken: list[Waiting], quotes: Quotes | None) -> None:
        first = self._machine.sequence + 1
        try:
            answers, events, encoded = self._machine.apply(batch)
        except Exception:
            _fail(taken, WriterStopped(unknown=True))
            raise
        if events:
            self._outbox.append((batch.number, encoded))
        replies = self._replies(taken, answers if quotes is None else answers[1:], batch, events, first)
        self._loop.call_soon(_tell, replies)  # Once the listeners have heard, and while the next commit is under way.
        applied = Applied(batch.number, batch.at, first, tuple(events), quotes.quotes if quotes is not None else (), encoded)
        for listener in self._listeners[:]:
            listener(applied)

    def _replies(
        self, taken: list[Waiting], answers: list[Answered], batch: Batch, events: list[Event], first: int
    ) -> list[tuple[Reply, Answer]]:
        """Return who is told what. An answer's events stand in `events` as they are, so their place tells their number."""
        places = {id(event): first + place for place, event in enumerate(events)}
        number, at = batch.number, batch.at
        replies = []
        for (_, reply), (answer, repeated) in zip(taken, answers, strict=True):
            if not answer:
                replies.append((reply, Answer(answer, number, at, 0, repeated)))
                continue
            if type(answer[0]) is Refused:
                self._count_refusal(answer[0])
            replies.append((reply, Answer(answer, number, at, places.get(id(answer[0]), 0), repeated)))
        return replies

    def _count_refusal(self, refused: Refused) -> None:
        refusals, code = self.counters.refusals, int(refused.code)
        refusals[code] = refusals.get(code, 0) + 1

    async def _keep_snapshot(self, number: int, data: bytes) -> None:
        """Store the snapshot taken before the batch just written: by now the outbox has all that led to it."""
        try:
            await self._thread.run(self._journal.save_snapshot, number, data, sha256(data).digest())
            await self._thread.run(self._journal.prune_published, number - self._outbox_kept)
        except JournalFull:
            self.counters.full += 1  # The older snapshot still serves; the next one may find room.

    def _count(self, commands: int, commit: float, apply: float) -> None:
        counters = self.counters
        counters.batches += 1
        counters.commands += commands
        counters.commit_seconds += commit
        counters.apply_seconds += apply
        size = 1 << max(0, commands - 1).bit_length()
        counters.batch_sizes[size] = counters.batch_sizes.get(size, 0) + 1
        self._since_snapshot += commands
        if self._since_snapshot >= self._snapshot_every:
            self._since_snapshot = 0
            self._snapshot = (self.number, self._machine.save())

    @staticmethod
    def _monotonic() -> float:
        # Not the event loop's time, which stands still while a batch is applied.
        return time.perf_counter()

    def _fail_waiting(self, failure: Exception) -> None:
        waiting, self._waiting = self._waiting, []
        _fail(waiting, failure)


def _tell(replies: Iterable[tuple[Reply, Answer | Exception]]) -> None:
    for reply, answer in replies:
        try:
            reply(answer)
        except Exception:  # The others get theirs, and the writer goes on.
            log.exception("an answer could not be given")


def _fail(waiting: list[Waiting], failure: Exception) -> None:
    _tell((reply, failure) for _, reply in waiting)


def _resolve(future: "asyncio.Future[Answer]", answer: Answer | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Answer):
        future.set_result(answer)
    else:
        future.set_exception(answer)
        future.exception()  # Nobody may be waiting for it any more; that is no error.


def _tell_nobody(_answer: Answer | Exception) -> None:
    """Time has no caller."""
