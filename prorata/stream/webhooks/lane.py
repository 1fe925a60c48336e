"""One subscription's deliveries: what is due, a few requests at a time, one for each order key.

The lane knows the order keys with something pending and when each is due; what is first in a key is read from the
tables when its time has come. So a backlog of millions needs no memory but for its keys, and a delivery that is put
in line again is sent in its place.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import ParamSpec, TypeVar

import structlog

from prorata.control.webhooks.line import DeliveryLine
from prorata.control.webhooks.rows import Delivery, DeliveryState, Subscription
from prorata.control.webhooks.store import WebhookStore
from prorata.projections.projector import TEMPORARY
from prorata.server.worker import Worker
from prorata.stream.webhooks.backoff import outcome_of
from prorata.stream.webhooks.sending import Sender
from prorata.stream.webhooks.terms import WebhookTerms
from prorata.units.numbers import MINUTE_MS, SECOND_MS, Moment

LOOK_SECONDS = 5.0
"""The clock is looked at so often at least: it may have been set."""
RETRY_SECONDS = 1.0

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger("webhooks")


async def patiently(worker: Worker, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Have `work` done by the tables' thread; while the database is away, again and again."""
    while True:
        try:
            return await worker.run(work, *args, **kwargs)
        except TEMPORARY as problem:
            log.warning("the webhooks' database cannot be used", problem=str(problem))
            await asyncio.sleep(RETRY_SECONDS)


class Lane:
    """Runs until `close`. `on_done` hears what became of each request."""

    def __init__(
        self,
        subscription: Subscription,
        store: WebhookStore,
        worker: Worker,
        sender: Sender,
        terms: WebhookTerms,
        on_done: Callable[[DeliveryState], None],
    ) -> None:
        self.subscription = subscription
        self._store = store
        self._line = DeliveryLine(store)
        self._worker = worker
        self._sender = sender
        self._terms = terms
        self._on_done = on_done
        self._heap: list[tuple[Moment, str]] = []
        self._due: dict[str, Moment] = {}
        """when each key is due; what the heap says besides is out of date"""
        self._busy: set[str] = set()
        self._again: set[str] = set()
        """busy keys that got something new meanwhile"""
        self._wake = asyncio.Event()
        self._closing = False

    @property
    def is_closing(self) -> bool:
        return self._closing

    def add(self, order_keys: Iterable[str]) -> None:
        """Look at these keys now: there is something new."""
        now = self._store.now()
        for key in order_keys:
            if key in self._busy:
                self._again.add(key)
            else:
                self._set_due(key, now)
        self._wake.set()

    def close(self) -> None:
        """Begin no more requests; `run` ends when those under way have."""
        self._closing = True
        self._wake.set()

    async def load(self) -> None:
        """Look at every key with something pending."""
        self.add(await patiently(self._worker, self._line.pending_keys, self.subscription.id))

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as requests:
                await self.load()
                while not self._closing:
                    self._wake.clear()
                    keys = self._take_due()
                    if keys:
                        await self._begin(requests, keys)
                    else:
                        await self._wait()
        finally:
            await self._sender.close()

    def _take_due(self) -> list[str]:
        """Return keys whose time has come, as many as there is room for; they are busy from now on."""
        now = self._store.now()
        keys: list[str] = []
        while self._heap and self._heap[0][0] <= now and len(self._busy) < self._terms.concurrency:
            at, key = heapq.heappop(self._heap)
            if self._due.get(key) == at:
                del self._due[key]
                self._busy.add(key)
                keys.append(key)
        return keys

    async def _begin(self, requests: asyncio.TaskGroup, keys: list[str]) -> None:
        heads = await patiently(self._worker, self._line.heads, self.subscription.id, keys)
        now = self._store.now()
        for key in keys:
            head = heads.get(key)
            if head is None or self._closing:
                self._release(key, None)
            elif head.next_at > now:
                self._release(key, head.next_at)
            else:
                requests.create_task(self._deliver(head))

    async def _deliver(self, head: Delivery) -> None:
        secrets = self._store.secrets_of(self.subscription, self._store.now())
        answer = await self._sender.send(self.subscription.url, head, secrets)
        outcome = outcome_of(head, answer, give_up_ms=self._terms.give_up_hours * 60 * MINUTE_MS)
        await patiently(self._worker, self._line.note, head, outcome)
        self._on_done(outcome.state)
        if outcome.gone:
            self.close()
            self._store.on_change()
        self._release(head.order_key, outcome.next_at)

    def _release(self, key: str, due_at: Moment | None) -> None:
        """Let a key go. `due_at` None: nothing is pending in it, unless it got something new meanwhile."""
        self._busy.discard(key)
        if key in self._again:
            self._again.discard(key)
            due_at = 0
        if due_at is not None:
            self._set_due(key, due_at)
        self._wake.set()

    def _set_due(self, key: str, at: Moment) -> None:
        if self._due.get(key) != at:
            self._due[key] = at
            heapq.heappush(self._heap, (at, key))

    async def _wait(self) -> None:
        seconds = LOOK_SECONDS
        if self._heap and len(self._busy) < self._terms.concurrency:
            seconds = min(seconds, max(0, self._heap[0][0] - self._store.now()) / SECOND_MS)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()
