"""The service that delivers the webhooks of one platform.

Notices are put in line durably, for each subscription together with how far it has been served; only then are they sent.
So after a crash the service goes on from the tables: what was put in line is sent, perhaps once more, and what was
not is taken again from the platform's outbox, with the same ids.

A bug in it ends it, and never the platform: `failure` says why, and the age of the oldest waiting delivery grows.
"""

import asyncio
import ssl
from collections.abc import Iterable

import httpx2
import msgspec
import structlog

from prorata.control.webhooks.line import DeliveryLine, Taken
from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.control.webhooks.rows import Backlog, DeliveryState, Subscription
from prorata.control.webhooks.store import WebhookStore
from prorata.projections.projector import TEMPORARY
from prorata.server.worker import Worker, WorkerStopped
from prorata.stream.webhooks.lane import Lane, patiently
from prorata.stream.webhooks.sending import AddressBook, Sender
from prorata.stream.webhooks.source import NoticeSource
from prorata.stream.webhooks.terms import WebhookTerms
from prorata.units.numbers import DAY_MS

GATHERED_MAX = 10_000
"""Notices that wait in memory for the tables; beyond it they are let go and read again from the outbox."""
POSITION_EVERY = 10_000
"""Events without notices after which the position is written: so many are looked through again after a crash."""
OUTBOX_PAUSE_SECONDS = 0.1
BACKLOG_SECONDS = 10.0
PRUNE_EVERY = 360
"""looks at the backlog from one clearing of the log to the next: an hour"""
STOP_SECONDS = 5.0
"""How long a stop waits for requests under way. Those that are cut off are sent again."""

log = structlog.get_logger("webhooks")


class Counters(msgspec.Struct):
    """Requests since the start, by what became of the delivery."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0


class _Gathered:
    """Notices of the events `first` to `through` that wait for the tables."""

    def __init__(self, batch: NoticeBatch) -> None:
        self.first = batch.first
        self.through = batch.through
        self.notices: list[Notice] = list(batch.notices)

    def add(self, batch: NoticeBatch) -> None:
        self.through = batch.through
        self.notices.extend(batch.notices)

    def let_go(self) -> None:
        """Keep nothing of what is gathered, and gather from here on."""
        self.first = self.through + 1
        self.notices.clear()


class Deliverer:
    """Runs in `run` until `stop`. `backlog`: what is pending, as of some seconds ago."""

    def __init__(
        self, store: WebhookStore, source: NoticeSource, terms: WebhookTerms, *, tls: ssl.SSLContext | None = None
    ) -> None:
        self.failure: Exception | None = None
        self.counters = Counters()
        self.backlog = Backlog()
        self._store = store
        self._line = DeliveryLine(store)
        self._source = source
        self._terms = terms
        self._tls = tls
        self._addresses = AddressBook()
        self._reached: int | None = None
        """the event up to which every subscription has been served; None while there is nobody to serve"""
        self._gathered: _Gathered | None = None
        self._reading_on = False
        """older notices are read; what was put in line again beyond them waits for the end of it"""
        self._lanes: dict[str, Lane] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        """the last lane of each subscription, which may be ending"""
        self._new = asyncio.Event()
        self._changed = asyncio.Event()
        self._stopping = asyncio.Event()
        self._worker: Worker

    def stop(self) -> None:
        """Begin no more requests; `run` returns when those under way have ended, or after `STOP_SECONDS`."""
        self._stopping.set()

    def take(self, batch: NoticeBatch) -> None:
        """Take what has just happened. Called on the event loop, for each batch in order."""
        gathered = self._gathered
        if gathered is None or gathered.through + 1 != batch.first:
            self._gathered = _Gathered(batch)
            self._new.set()
            return
        gathered.add(batch)
        if len(gathered.notices) > GATHERED_MAX:
            gathered.let_go()
        if batch.notices:
            self._new.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        self._worker = Worker(f"webhooks {self._store.platform}")
        unlisten = self._source.listen(self.take)

        def changed() -> None:
            loop.call_soon_threadsafe(self._changed.set)

        self._store.on_change = changed
        try:
            await self._work()
        except Exception as failure:
            self.failure = failure
            log.error("webhooks are no longer delivered", platform=self._store.platform, exc_info=failure)
        finally:
            self._store.on_change = _nobody
            unlisten()
            self._worker.stop()
            self._addresses.close()

    async def _work(self) -> None:
        if self._tls is None:
            self._tls = await asyncio.to_thread(httpx2.create_ssl_context)
        if await patiently(self._worker, self._line.cut_back, self._source.sequence):
            log.warning("webhooks were ahead of the journal, which was put back", platform=self._store.platform)
        self._changed.set()
        async with asyncio.TaskGroup() as group:
            parts = [
                group.create_task(self._follow_changes(group)),
                group.create_task(self._take_all()),
                group.create_task(self._watch()),
            ]
            await self._stopping.wait()
            for part in parts:
                part.cancel()
            for lane in self._lanes.values():
                lane.close()
            if self._running:
                await asyncio.wait(self._running.values(), timeout=STOP_SECONDS)
            for running in self._running.values():
                running.cancel()

    # Subscriptions.

    async def _follow_changes(self, group: asyncio.TaskGroup) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            enabled = await patiently(self._worker, self._line.enabled)
            self._reached = min((subscription.position for subscription in enabled), default=None)
            self._new.set()
            self._arrange(group, {subscription.id: subscription for subscription in enabled})
            await self._load_lanes()

    async def _load_lanes(self) -> None:
        for lane in list(self._lanes.values()):
            await lane.load()

    def _arrange(self, group: asyncio.TaskGroup, enabled: dict[str, Subscription]) -> None:
        for subscription_id in self._lanes.keys() - enabled.keys():
            self._lanes.pop(subscription_id).close()
        for subscription_id in [name for name, task in self._running.items() if task.done() and name not in self._lanes]:
            del self._running[subscription_id]
        for subscription_id, subscription in enabled.items():
            lane = self._lanes.get(subscription_id)
            if lane is not None and not lane.is_closing:
                lane.subscription = subscription
                continue
            before = self._running.get(subscription_id)
            lane = self._lane_for(subscription)
            self._lanes[subscription_id] = lane
            self._running[subscription_id] = group.create_task(_run_after(before, lane))

    def _lane_for(self, subscription: Subscription) -> Lane:
        assert self._tls is not None
        sender = Sender(self._terms, self._addresses, self._tls, self._store.now)
        return Lane(subscription, self._store, self._worker, sender, self._terms, self._count)

    def _count(self, state: DeliveryState) -> None:
        if state == DeliveryState.DELIVERED:
            self.counters.delivered += 1
        elif state == DeliveryState.DEAD:
            self.counters.dead += 1
        else:
            self.counters.failed += 1

    # Notices.

    async def _take_all(self) -> None:
        while True:
            await self._new.wait()
            self._new.clear()
            while (batch := await self._next_batch()) is not None:
                taken: Taken = await patiently(self._worker, self._line.take, batch)
                self._reached = taken.reached
                for subscription_id, keys in taken.keys.items():
                    self._tell(subscription_id, keys)
            if self._reading_on:
                self._reading_on = False
                await self._load_lanes()

    def _tell(self, subscription_id: str, keys: Iterable[str]) -> None:
        lane = self._lanes.get(subscription_id)
        if lane is not None:  # One that begins later looks at everything.
            lane.add(keys)

    async def _next_batch(self) -> NoticeBatch | None:
        """Return what comes next for whoever is furthest behind; None if there is nothing to put in line."""
        gathered, reached = self._gathered, self._reached
        if gathered is not None and (reached is None or gathered.through <= reached):
            gathered.let_go()
        if reached is None:
            return None
        if gathered is not None and gathered.first <= reached + 1:
            if not gathered.notices and gathered.through - reached < POSITION_EVERY:
                return None
            batch = NoticeBatch(gathered.first, gathered.through, tuple(gathered.notices))
            gathered.let_go()
            return batch
        return await self._read_on(reached) if reached < self._source.sequence else None

    async def _read_on(self, reached: int) -> NoticeBatch | None:
        """Read older notices. None: somebody has come or gone meanwhile, look again."""
        self._reading_on = True
        while self._reached == reached:
            try:
                batch = await asyncio.to_thread(self._source.after, reached)
            except (*TEMPORARY, WorkerStopped):
                batch = NoticeBatch(reached + 1, reached)
            if batch.through > reached:
                return batch
            await asyncio.sleep(OUTBOX_PAUSE_SECONDS)
        self._new.set()
        return None

    # The backlog and the log.

    async def _watch(self) -> None:
        looks = 0
        while True:
            self.backlog = await patiently(self._worker, self._line.backlog)
            if looks % PRUNE_EVERY == 0:
                before = self._store.now() - self._terms.retention_days * DAY_MS
                while await patiently(self._worker, self._line.prune, before):
                    pass
            looks += 1
            await asyncio.sleep(BACKLOG_SECONDS)
            self._new.set()  # Events without notices wake nobody, and their count may be large by now.


async def _run_after(before: asyncio.Task[None] | None, lane: Lane) -> None:
    """Run a lane when the one before it has ended, so that an order key is never in two."""
    if before is not None:
        await asyncio.wait([before])
    await lane.run()


def _nobody() -> None:
    pass
