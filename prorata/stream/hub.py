"""From the writer to the subscribers of one platform.

The hub hears every batch once. A subscription that is up to date is *live*: it is told at once. One that
is behind *follows*: it reads from the ring, or from the outbox, as fast as its reader takes it, and turns live
when nothing is missing. All of it happens on the event loop, so there is no moment between the two.
"""

import asyncio
import logging

from prorata.copying.engine import Engine
from prorata.server.writer import Applied, Writer
from prorata.stream.copy_subscriptions import CopySubscription
from prorata.stream.limits import Limits
from prorata.stream.outbox import OutboxReader, Pruned
from prorata.stream.quotes import QuoteBoard
from prorata.stream.ring import Ring, Told
from prorata.stream.subscriptions import EventSubscription
from prorata.trading.desk import Desk
from prorata.units.numbers import Login
from prorata.views.events import login_of

_AT_ONCE = 500
"""events that are told in one go, if a mailbox holds four times as many; whoever takes all events reads a larger
batch (a rollover) at its own pace"""

_log = logging.getLogger(__name__)


class Hub:
    def __init__(self, writer: Writer, limits: Limits) -> None:
        self.writer = writer
        self.ring = Ring(limits.ring_events)
        self._at_once = max(1, min(_AT_ONCE, limits.mailbox_count // 4))
        self.quotes = QuoteBoard(writer, limits.quote_interval_ms / 1000)
        self._everything: dict[EventSubscription, None] = {}
        self._by_login: dict[Login, dict[EventSubscription, None]] = {}
        self._copying: dict[CopySubscription, None] = {}
        self._unlisten = writer.listen(self._applied)

    @property
    def engine(self) -> Engine:
        return self.writer.engine

    @property
    def desk(self) -> Desk:
        return self.writer.engine.desk

    def close(self) -> None:
        self._unlisten()
        self.quotes.close()

    def _applied(self, applied: Applied) -> None:
        if applied.quotes:
            self.quotes.note(applied)
        if not applied.events:
            return
        batch = Told(self.engine, applied.number, applied.at, applied.first, applied.events)
        self.ring.add(batch)
        if self._everything or self._by_login or self._copying:
            try:
                self._tell(batch)
            except Exception as failure:
                # The writer must go on, and no subscriber may be left with a gap: all of them must come again.
                _log.exception("batch %d cannot be told", batch.number)
                self._lose_all(failure)

    def _tell(self, batch: Told) -> None:
        if len(batch.events) > self._at_once:
            for subscription in (*self._everything, *self._copying):
                self.leave(subscription)
                subscription.seen = batch.first - 1
                self.follow(subscription)
        everything, by_login, copying = self._everything, self._by_login, self._copying
        for place, event in enumerate(batch.events):
            told = by_login.get(login_of(event))
            if told is not None:
                for subscription in told:
                    subscription.tell(batch.first + place, batch.tail(place))
            for subscription in everything:
                subscription.tell(batch.first + place, batch.tail(place))
            for subscription in copying:
                subscription.take(batch, place)

    def _lose_all(self, failure: Exception) -> None:
        live: dict[EventSubscription, None] = dict.fromkeys((*self._everything, *self._copying))
        for subscriptions in self._by_login.values():
            live |= subscriptions
        for subscription in live:
            self.leave(subscription)
            subscription.on_lost(subscription, failure)

    def join(self, subscription: EventSubscription) -> None:
        """Tell the subscription everything from the next event on."""
        if isinstance(subscription, CopySubscription):
            self._copying[subscription] = None
            return
        if subscription.logins is None:
            self._everything[subscription] = None
            return
        for login in subscription.logins:
            self._by_login.setdefault(login, {})[subscription] = None

    def leave(self, subscription: EventSubscription) -> None:
        if subscription.task is not None:
            subscription.task.cancel()
            subscription.task = None
        self._everything.pop(subscription, None)
        if isinstance(subscription, CopySubscription):
            self._copying.pop(subscription, None)
        for login in subscription.logins or ():
            others = self._by_login.get(login)
            if others is not None:
                others.pop(subscription, None)
                if not others:
                    del self._by_login[login]

    def seen_by(self, subscription: EventSubscription) -> int:
        """Return the last event of the platform up to which the subscription has been told all that it asked for."""
        return self.writer.sequence if subscription.task is None else subscription.seen

    def follow(self, subscription: EventSubscription) -> None:
        """Read what the subscription misses, then let it join. If that cannot be, it is told so by `on_lost`."""
        if subscription.seen == self.writer.sequence:
            self.join(subscription)
        else:
            subscription.task = asyncio.get_running_loop().create_task(self._follow(subscription))

    async def _follow(self, subscription: EventSubscription) -> None:
        outbox = OutboxReader(self.writer)
        try:
            while subscription.seen < self.writer.sequence:
                await subscription.mailbox.room()
                batch = self.ring.batch_of(subscription.seen + 1)
                if batch is not None:
                    subscription.tell_some(batch, self._at_once)
                    await asyncio.sleep(0)
                else:
                    await self._tell_older(subscription, outbox)
        except Exception as failure:
            if not isinstance(failure, Pruned):
                _log.exception("event %d cannot be told", subscription.seen + 1)
            subscription.on_lost(subscription, failure)
            return
        subscription.task = None
        self.join(subscription)

    async def _tell_older(self, subscription: EventSubscription, outbox: OutboxReader) -> None:
        for row in await asyncio.to_thread(outbox.read, subscription.seen + 1):
            batch = Told(self.engine, row.number, row.at, row.first, row.events)
            while subscription.seen < batch.last:
                await subscription.mailbox.room()
                subscription.tell_some(batch, self._at_once)
                await asyncio.sleep(0)
