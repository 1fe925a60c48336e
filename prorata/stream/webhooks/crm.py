"""The CRM's outbox as a source of notices: numbered here, in the one process that delivers, as it is looked for each second."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.webhooks.notices import NoticeBatch
from prorata.crm.events import Events
from prorata.units.numbers import DAY_MS, Moment

LOOK_SECONDS = 1.0
FORGET_EVERY = 3_600
"""looks from one clearing of the outbox to the next"""

log = structlog.get_logger("webhooks")


class CrmNotices:
    """`kept_days`: how long the outbox keeps what was numbered, for subscriptions that are disabled meanwhile.

    Blocks when it is made.
    """

    def __init__(self, events: Events, now: Callable[[], Moment], *, kept_days: int) -> None:
        self._events = events
        self._now = now
        self._kept_days = kept_days
        self._listeners: list[Callable[[NoticeBatch], None]] = []
        self.sequence = events.last()

    def listen(self, listener: Callable[[NoticeBatch], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def after(self, sequence: int) -> NoticeBatch:
        return self._events.after(sequence)

    async def look(self) -> None:
        """Number what has happened, and tell of all that was numbered since, also by others."""
        last = await asyncio.to_thread(self._events.number)
        while self.sequence < last:
            batch = await asyncio.to_thread(self._events.after, self.sequence)
            self.sequence = batch.through
            for listener in list(self._listeners):
                listener(batch)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look again and again until the end of the block."""
        looking = asyncio.create_task(self._look_on())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look_on(self) -> None:
        looks = 0
        while True:
            try:
                await self.look()
                if looks % FORGET_EVERY == 0:
                    await asyncio.to_thread(self._events.forget, self._now() - self._kept_days * DAY_MS)
            except SQLAlchemyError as problem:
                log.warning("the CRM's outbox cannot be read", problem=type(problem).__name__)
            looks += 1
            await asyncio.sleep(LOOK_SECONDS)
