"""The single writer without its event loop: the same batches, journal, outbox and snapshots, one call at a time.

Where the real one may be cut off by a crash, so may this one, at a place that is chosen beforehand.
"""

from collections.abc import Sequence
from enum import Enum
from hashlib import sha256

from prorata.messages.batch import Batch, Published, Submission, decode_batch, decode_published, encode
from prorata.messages.commands import Quotes
from prorata.messages.events import Event
from prorata.server import replay
from prorata.server.machine import Answered, Machine, batch_of
from prorata.server.ports import JournalFailed, Record
from prorata.sim.faulty_journal import FaultyDisk, FaultyJournal
from prorata.storage.chain import hash_after
from prorata.units.numbers import Moment


class Cut(Enum):
    """Where the power fails."""

    BEFORE_WRITING = "before writing"
    AFTER_WRITING = "after writing"
    AFTER_APPLYING = "after applying"


class PowerCut(Exception):
    """The process is gone; what it was about to answer is not known."""


class Done(Published, frozen=True):
    """An applied batch with the answer to each submission (that of the quotes left out)."""

    batch: Batch
    answers: tuple[Answered, ...]
    encoded: bytes


class Life:
    """One life of the platform, from a start to a crash. `disk` outlives it."""

    def __init__(self, disk: FaultyDisk) -> None:
        self.disk = disk
        self.journal = FaultyJournal(disk)
        _, self._hash, self._epoch = self.journal.open()
        self.remade: list[Published] = []
        """every batch that the start has replayed and that published something"""
        self._outbox: list[tuple[int, bytes]] = []
        self._snapshot: tuple[int, bytes] | None = None
        last = self.journal.last_published()

        def watch(batch: Batch, events: list[Event], encoded: bytes) -> None:
            if events:
                self.remade.append(decode_published(encoded))
                if batch.number > last:
                    self._outbox.append((batch.number, encoded))

        self.machine: Machine = replay.replay(self.journal, watch=watch)

    def submit(
        self, submissions: Sequence[Submission], now: Moment, *, quotes: Quotes | None = None, cut: Cut | None = None
    ) -> Done:
        """Write a batch, apply it and return the answers.

        Raises:
            JournalFull: nothing was written.
            PowerCut: this life is over, and nobody knows what became of the batch.
        """
        batch = batch_of(self.machine, now, self._epoch, submissions, quotes)
        body = encode(batch)
        record = Record(batch.number, body, hash_after(self._hash, body))
        outbox = self._outbox[:]
        if cut is Cut.BEFORE_WRITING:
            raise PowerCut
        try:
            self.journal.append(record, outbox)
        except JournalFailed as failed:
            raise PowerCut from failed
        self._hash = record.hash
        del self._outbox[: len(outbox)]
        self._keep_snapshot()
        if cut is Cut.AFTER_WRITING:
            raise PowerCut
        # What is applied is what was written, read back.
        done = self._apply(decode_batch(body), quoted=quotes is not None)
        if cut is Cut.AFTER_APPLYING:
            raise PowerCut
        return done

    def _apply(self, batch: Batch, *, quoted: bool) -> Done:
        first = self.machine.sequence + 1
        answers, events, encoded = self.machine.apply(batch)
        if events:
            self._outbox.append((batch.number, encoded))
        return Done(batch.number, batch.at, first, tuple(events), batch, tuple(answers[1:] if quoted else answers), encoded)

    def take_snapshot(self) -> None:
        """Keep the state as it is now; it is stored with the next batch, when the outbox has all that led to it."""
        self._snapshot = self.machine.number, self.machine.save()

    def _keep_snapshot(self) -> None:
        if self._snapshot is None:
            return
        number, data = self._snapshot
        self._snapshot = None
        self.journal.save_snapshot(number, data, sha256(data).digest())

    def published(self, after: int) -> list[Published]:
        """Return every published batch with a number above `after`, from the journal's outbox and our own."""
        rows = self.journal.published(after, 1 << 40)
        newest = rows[-1][0] if rows else after
        rows += [row for row in self._outbox if row[0] > newest]
        return [decode_published(body) for _, body in rows]
