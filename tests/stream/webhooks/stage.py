"""A deliverer over real tables, with a hand-made source of notices (a port) and a clock that is set by hand."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.control.webhooks.office import WebhookOffice
from prorata.control.webhooks.rows import Delivery, DeliveryState
from prorata.control.webhooks.signing import MasterKey
from prorata.control.webhooks.store import WebhookStore
from prorata.stream.webhooks.deliverer import Deliverer
from prorata.stream.webhooks.terms import WebhookTerms
from prorata.units.numbers import Moment

KEY = MasterKey(bytes(range(32)))
PLATFORM = "live"
NOON: Moment = 1_772_452_800_000
"""2026-03-02T12:00:00Z"""
LOCAL = WebhookTerms(allow_http=True, allow_private=True, timeout_seconds=5)


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so that is told in no other way."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class HandClock:
    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> Moment:
        return self.moment


class HandSource:
    """Notices as they are told to happen, one event each; `page`: how many are read at once."""

    def __init__(self) -> None:
        self.notices: list[Notice] = []
        self.sequence = 0
        self.page = 3
        self._listeners: list[Callable[[NoticeBatch], None]] = []

    def listen(self, listener: Callable[[NoticeBatch], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def after(self, sequence: int) -> NoticeBatch:
        through = min(sequence + self.page, self.sequence)
        found = tuple(notice for notice in self.notices if sequence < notice.sequence <= through)
        return NoticeBatch(sequence + 1, through, found)

    def happen(self, *order_keys: str, type: str = "event_deal_create", told: bool = True) -> None:
        """Let one event happen for each order key, all in one batch. `told` False: nobody was listening."""
        first = self.sequence + 1
        made = []
        for key in order_keys:
            self.sequence += 1
            data = {"n": self.sequence, "key": key}
            made.append(Notice(sequence=self.sequence, at=NOON, order_key=key, type=type, data=data))
        self.notices += made
        for listener in self._listeners if told else ():
            listener(NoticeBatch(first, self.sequence, tuple(made)))


class Stage:
    def __init__(self, url: str, *, platform: str = PLATFORM, company: str = "ours") -> None:
        self.clock = HandClock()
        self.source = HandSource()
        self.store = WebhookStore(url, platform, KEY, company=company, publisher="ramm", now=self.clock.now)
        self.office = WebhookOffice(self.store, LOCAL.allowed)
        self.deliverer: Deliverer

    def subscribe(self, url: str, **wishes: Any) -> str:
        made = self.office.subscribe(url, **{"position": self.source.sequence, **wishes})
        return made.subscription.id

    def log(self, subscription: str, **filters: Any) -> list[Delivery]:
        return list(self.office.deliveries(subscription, newest_first=False, limit=1_000, **filters).rows)

    async def settled(self, subscription: str, *states: DeliveryState, seconds: float = 10) -> list[Delivery]:
        """Wait until the log holds deliveries in exactly these states and return it."""
        log: list[Delivery] = []
        try:
            async with asyncio.timeout(seconds):
                while [row.state for row in log] != list(states):
                    await asyncio.sleep(0.02)
                    log = await asyncio.to_thread(self.log, subscription)
        except TimeoutError:
            raise AssertionError([row.state.name for row in log]) from None
        return log

    def pass_time(self, milliseconds: int) -> None:
        self.clock.moment += milliseconds
        self.store.on_change()

    @asynccontextmanager
    async def delivering(self, terms: WebhookTerms = LOCAL, **more: Any) -> AsyncIterator[asyncio.Task[None]]:
        """Deliver, and stop in an orderly way at the end, unless the task was cancelled: that is a crash."""
        self.deliverer = Deliverer(self.store, self.source, terms, **more)
        running = asyncio.create_task(self.deliverer.run())
        try:
            yield running
        finally:
            self.deliverer.stop()
            await asyncio.gather(running, return_exceptions=True)
            assert self.deliverer.failure is None, self.deliverer.failure


@contextmanager
def staged(url: str, **more: str) -> Iterator[Stage]:
    stage = Stage(url, **more)
    try:
        yield stage
    finally:
        stage.store.close()
