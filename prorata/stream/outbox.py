"""Older events than the ring's, from the writer's outbox. Everything here blocks: call it from a worker thread."""

from prorata.messages.batch import Published
from prorata.server.writer import Writer

_TRIES = 5


class Pruned(Exception):
    """The event is no longer kept. `first`: the oldest one that is."""

    def __init__(self, first: int) -> None:
        super().__init__(f"the oldest event kept is {first}")
        self.first = first


class OutboxReader:
    """Reads published batches in order, from any sequence number on."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._number = 0
        """the last batch that was read"""
        self._next = -1
        """the sequence number that follows it; -1: none was read yet"""
        self._limit = 8

    def read(self, seq: int) -> list[Published]:
        """Return some batches, without gap, of which the first holds event `seq`. Raises `Pruned`."""
        for _ in range(_TRIES):
            if seq != self._next:
                self._number = self._find(seq)
            batches = self._without_gap(self._writer.published(self._number, self._limit), seq)
            if batches:
                self._remember(batches)
                return batches
            # The row may have been between the writer's memory and its journal while we looked: look again.
            self._next = -1
        raise Pruned(self._oldest())

    def _remember(self, batches: list[Published]) -> None:
        last = batches[-1]
        self._number, self._next = last.number, last.first + len(last.events)
        events = sum(len(batch.events) for batch in batches)
        self._limit = min(self._limit * 2, 1_024) if events < 1_000 else max(self._limit // 2, 1)

    def _find(self, seq: int) -> int:
        """Return the number of a batch that lies before the one with event `seq`, and after all earlier ones.

        Batches are found by number only, so their numbers are halved down.
        """
        oldest = self._oldest()
        if seq < oldest:
            raise Pruned(oldest)
        low, high = 0, self._writer.number
        while high - low > 1:
            middle = (low + high) // 2
            found = self._writer.published(middle, 1)
            if found and found[0].first <= seq:
                low = max(middle, found[0].number - 1)
            else:
                high = middle
        return low

    def _oldest(self) -> int:
        rows = self._writer.published(0, 1)
        return rows[0].first if rows else self._writer.sequence + 1

    @staticmethod
    def _without_gap(rows: list[Published], seq: int) -> list[Published]:
        batches: list[Published] = []
        for row in rows:
            begins = row.first if batches else seq
            wanted = batches[-1].first + len(batches[-1].events) if batches else seq
            last = row.first + len(row.events) - 1
            if not row.first <= wanted <= last or begins < wanted:
                break
            batches.append(row)
        return batches
