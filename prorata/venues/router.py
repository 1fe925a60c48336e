"""Between the single writer and one venue: hedge orders go out, their fills come back as commands.

What to do about each order is decided in `blotter`. Here is what moves: one conversation with the venue
(send and ask, in order), one ear for its answers, and lanes in which the answers reach the engine. All
answers of an order go through one lane, so they arrive in the order in which they were given; different
orders do not wait for each other's commit.

Nothing is kept on disk. Which orders are in flight is the engine's state, and what became of them is the
venue's: after a restart both are asked.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import msgspec
import structlog

from prorata.messages.batch import Published
from prorata.messages.commands import Command
from prorata.messages.events import Event, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import Clock, JournalFull, Venue, VenueAnswer, VenueDown
from prorata.units.numbers import SECOND_MS
from prorata.venues.blotter import Ask, Blotter, InFlight, Request, Send, flaw_of, key_of

Submit = Callable[[Command, str], Awaitable[Sequence[Event]]]
"""Hand a command and its idempotency key to the single writer; gives the events, or raises `JournalFull`."""
Subscribe = Callable[[int], AsyncIterator[Published]]
"""Yield what was published after an event's sequence number. May end: the router then subscribes again."""

LANES = 32
"""Orders whose answers may wait for a commit at the same time."""

TRY_AGAIN = frozenset(
    {
        Refusal.STORAGE_FULL,
        Refusal.STOPPING,
        Refusal.OVERLOADED,
        Refusal.NOT_READY,
        Refusal.OUTCOME_UNKNOWN,
    }
)
"""Answers of the server, not of the engine: the same command with the same key may yet be taken."""

log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class RouterSettings(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True):
    """Times in milliseconds."""

    age_max_ms: int = 30_000
    """an order that the venue does not have is not sent when older than this: it is ended"""
    ask_after_ms: int = 5_000
    """an order of which nothing was heard for this long is asked for"""
    report_every_ms: int = 10_000
    """how often the venue's positions are compared with ours"""
    retry_min_ms: int = 100
    retry_max_ms: int = 10_000
    """pauses after failures: the first, and the longest; each is twice the one before"""


class RouterStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the router has seen since it started."""

    venue: str
    reachable: bool
    in_flight: int
    sent: int
    answers: int
    refused: dict[str, int]
    """answers of the venue that were refused, by the refusal's name or "unfit" """
    reports: int


class Router:
    """Drives one venue. `run` works until `stop` is called or something fails that is not the venue's doing.

    Args:
        venue: where the orders go.
        submit: the way to the single writer.
        subscribe: what the engine publishes, from a sequence number on.
        in_flight: the engine's hedge orders that are not done, and the sequence number at which this is so.
        clock: the platform's clock, the one that stamps batches.
    """

    def __init__(
        self,
        venue: Venue,
        *,
        submit: Submit,
        subscribe: Subscribe,
        in_flight: Callable[[], InFlight],
        clock: Clock,
        settings: RouterSettings,
    ) -> None:
        self._venue = venue
        self._submit = submit
        self._subscribe = subscribe
        self._in_flight = in_flight
        self._clock = clock
        self._settings = settings
        self._blotter = Blotter(age_max_ms=settings.age_max_ms, ask_after_ms=settings.ask_after_ms)
        self._lanes: list[asyncio.Queue[VenueAnswer]] = [asyncio.Queue() for _ in range(LANES)]
        self._handled = 0
        self._work = asyncio.Event()
        self._quiet = asyncio.Event()
        self._stopping = asyncio.Event()
        self._reachable = False
        self._sent = 0
        self._answers = 0
        self._refused: dict[str, int] = {}
        self._reports = 0

    async def run(self) -> None:
        """Reconcile what is in flight, then serve until `stop`. Leaves no task behind.

        Raises:
            ExceptionGroup: of what `submit`, the subscription or the venue's adapter raised beyond `JournalFull`
                and `VenueDown`. The router has stopped; a new one takes up where it was.
        """
        self._take_over()
        async with asyncio.TaskGroup() as group:
            parts = (self._read(), self._converse(), self._listen(), self._watch(), self._report())
            tasks = [group.create_task(part) for part in parts]
            tasks += [group.create_task(self._tell(lane)) for lane in self._lanes]
            await self._stopping.wait()
            for task in tasks:
                task.cancel()

    def stop(self) -> None:
        """Let `run` return. Answers not yet submitted are learnt again by asking at the next start."""
        self._stopping.set()

    def status(self) -> RouterStatus:
        return RouterStatus(
            venue=self._venue.name,
            reachable=self._reachable,
            in_flight=len(self._blotter),
            sent=self._sent,
            answers=self._answers,
            refused=dict(self._refused),
            reports=self._reports,
        )

    # From the engine.

    def _take_over(self) -> None:
        """Enter what is in flight. It may have been sent by an earlier run, so each order is asked for first."""
        before = self._in_flight()
        self._handled = before.sequence
        for request in before.requests:
            self._blotter.enter(request, self._clock.now(), fresh=False)
        self._note_change()

    async def _read(self) -> None:
        """Take up hedge orders as the engine asks for them; subscribe again when the subscription ends."""
        pause = self._backoff()
        while True:
            async for published in self._subscribe(self._handled):
                self._take_up(published)
            await pause.wait()

    def _take_up(self, published: Published) -> None:
        for sequence, event in enumerate(published.events, published.first):
            if sequence > self._handled and isinstance(event, HedgeRequested):
                self._blotter.enter(Request(event, published.at), self._clock.now(), fresh=True)
        self._handled = max(self._handled, published.first + len(published.events) - 1)
        self._note_change()

    # To the venue.

    async def _converse(self) -> None:
        """Do what the blotter says next, one thing at a time; pause while the venue is away."""
        pause = self._backoff()
        while True:
            job = self._blotter.next_job(self._clock.now())
            if job is None:
                self._work.clear()
                await self._work.wait()
            elif not isinstance(job, Send | Ask):
                self._pass_on(job)
            elif not await self._reaches(job):
                await pause.wait()

    async def _reaches(self, job: Send | Ask) -> bool:
        """Send or ask. False if the venue is down: the order is asked for when it is back."""
        ticket = job.order.order if isinstance(job, Send) else job.order
        try:
            if isinstance(job, Send):
                await self._venue.send(job.order)
                self._sent += 1
                self._blotter.sent(ticket, self._clock.now())
            else:
                answers = await self._venue.find(ticket)
                for answer in self._blotter.found(ticket, answers, self._clock.now()):
                    self._pass_on(answer)
        except VenueDown as down:
            self._blotter.failed(ticket)
            self._note_reach(False, str(down))
            return False
        self._note_reach(True)
        return True

    # From the venue.

    async def _listen(self) -> None:
        """Pass the venue's answers on; after a break ask for everything that may be there, and listen again.

        The adapter lets `find` succeed only once it collects answers again, so nothing falls between the two.
        """
        pause = self._backoff()
        while True:
            try:
                async for answer in self._venue.answers():
                    if self._blotter.hear(answer, self._clock.now()):
                        self._pass_on(answer)
                reason = "answers ended"
            except VenueDown as down:
                reason = str(down)
            self._note_reach(False, reason)
            self._blotter.lost()
            self._note_change()
            await pause.wait()

    async def _watch(self) -> None:
        """Find the orders that are silent or too old."""
        while True:
            await _sleep_ms(max(1, self._settings.ask_after_ms // 2))
            for ended in self._blotter.watch(self._clock.now()):
                self._pass_on(ended)
            self._note_change()

    async def _report(self) -> None:
        """Submit what we hold at the venue, every so often, at a moment when both books stand still.

        A figure taken while a fill is under way would be compared with a book that has or has not booked it
        yet, and a break would be seen where there is none.
        """
        while True:
            await _sleep_ms(self._settings.report_every_ms)
            while not await self._reported():
                await _sleep_ms(self._settings.retry_min_ms)

    async def _reported(self) -> bool:
        """Ask for positions and submit them. False if orders came in between."""
        await self._quiet.wait()
        taken = self._blotter.taken
        try:
            positions = await self._venue.positions()
        except VenueDown as down:
            self._note_reach(False, str(down))
            return True
        if len(self._blotter) or self._blotter.taken != taken:
            return False
        try:
            # Not tried again when refused: by then the figure would be old.
            await self._submit(positions, "")
        except JournalFull:
            return True
        self._reports += 1
        return True

    # To the engine.

    def _pass_on(self, answer: VenueAnswer) -> None:
        self._lanes[answer.order % LANES].put_nowait(answer)

    async def _tell(self, lane: asyncio.Queue[VenueAnswer]) -> None:
        """Submit the answers of one lane, in order."""
        while True:
            answer = await lane.get()
            if not self._blotter.is_news(answer):
                continue
            self._answers += 1
            flaw = flaw_of(answer)
            if flaw is None:
                end = self._blotter.settle(answer, await self._submitted(answer))
            else:
                self._note_refused(answer, "unfit", flaw)
                end = self._blotter.dismiss(answer, flaw)
            if end is not None:
                self._pass_on(end)
            self._note_change()

    async def _submitted(self, answer: VenueAnswer) -> Sequence[Event]:
        """Return the engine's events, trying again under the same key for as long as the server has no room."""
        pause = self._backoff()
        while True:
            try:
                events = await self._submit(answer, key_of(answer))
            except JournalFull:
                await pause.wait()
                continue
            refused = events[0] if events and isinstance(events[0], Refused) else None
            if refused is None:
                return events
            if refused.code not in TRY_AGAIN:
                self._note_refused(answer, refused.code.name, refused.detail)
                return events
            await pause.wait()

    # Notes.

    def _note_change(self) -> None:
        self._work.set()
        if len(self._blotter):
            self._quiet.clear()
        else:
            self._quiet.set()

    def _note_reach(self, reachable: bool, reason: str = "") -> None:
        if reachable != self._reachable:
            self._reachable = reachable
            log.info("venue reached" if reachable else "venue away", venue=self._venue.name, reason=reason)

    def _note_refused(self, answer: VenueAnswer, code: str, detail: str) -> None:
        self._refused[code] = self._refused.get(code, 0) + 1
        log.warning("venue answer refused", venue=self._venue.name, order=answer.order, code=code, detail=detail)

    def _backoff(self) -> "_Backoff":
        return _Backoff(self._settings.retry_min_ms, self._settings.retry_max_ms)


class _Backoff:
    """Pauses that double from failure to failure, and start anew after a longest pause without one."""

    def __init__(self, least_ms: int, most_ms: int) -> None:
        self._least_ms = least_ms
        self._most_ms = most_ms
        self._next_ms = least_ms
        self._waited_at = 0.0

    async def wait(self) -> None:
        loop = asyncio.get_running_loop()
        if (loop.time() - self._waited_at) * SECOND_MS > self._most_ms:
            self._next_ms = self._least_ms
        await _sleep_ms(self._next_ms)
        self._waited_at = loop.time()
        self._next_ms = min(self._next_ms * 2, self._most_ms)


async def _sleep_ms(milliseconds: int) -> None:
    await asyncio.sleep(milliseconds / SECOND_MS)
