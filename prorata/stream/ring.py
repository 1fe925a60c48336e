"""The newest batches of events in memory. Each event becomes JSON once, when the first subscriber needs it."""

from bisect import bisect_left
from collections import deque

from prorata.copying.engine import Engine
from prorata.messages.events import Event
from prorata.units.numbers import Moment
from prorata.views.events import event_json
from prorata.views.texts import moment_text


class Told:
    """The events of one batch: event i has sequence number `first` + i."""

    __slots__ = ("_tails", "at", "engine", "events", "first", "last", "number")

    def __init__(self, engine: Engine, number: int, at: Moment, first: int, events: tuple[Event, ...]) -> None:
        self.engine = engine
        self.number = number
        self.first = first
        self.last = first + len(events) - 1
        self.events = events
        self.at = moment_text(at)
        self._tails: list[bytes | None] = [None] * len(events)

    def tail(self, index: int) -> bytes:
        """Return event `index` as JSON without the opening brace: a subscription puts its own fields first."""
        tail = self._tails[index]
        if tail is None:
            tail = event_json(self.engine, self.events[index], self.first + index, self.at)[1:]
            self._tails[index] = tail
        return tail


class Ring:
    """The last batches that told something, up to `events_max` events (the newest batch always)."""

    __slots__ = ("_batches", "_count", "_events_max")

    def __init__(self, events_max: int) -> None:
        self._batches: deque[Told] = deque()
        self._events_max = events_max
        self._count = 0

    def add(self, batch: Told) -> None:
        batches = self._batches
        batches.append(batch)
        self._count += len(batch.events)
        while self._count > self._events_max and len(batches) > 1:
            self._count -= len(batches.popleft().events)

    def batch_of(self, seq: int) -> Told | None:
        """Return the batch that holds event `seq`; None if it is not here: no longer, or not yet."""
        batches = self._batches
        if not batches or not batches[0].first <= seq <= batches[-1].last:
            return None
        if seq >= batches[-1].first:
            return batches[-1]
        return batches[bisect_left(batches, seq, key=_last)]


def _last(batch: Told) -> int:
    return batch.last
