"""A journal in memory whose disk fails when told to, for simulations and tests.

`FaultyDisk` is what outlives a crash; each life of the writer opens a new `FaultyJournal` on it. Where chance decides,
the disk's seed decides: the same seed and the same calls give the same faults.
"""

import hashlib
from collections.abc import Iterator, Sequence
from enum import Enum
from random import Random

from prorata.server.ports import JournalFailed, JournalFenced, JournalFull, Record
from prorata.storage.chain import FIRST_HASH, checked_records, examine_tail, hash_after

SNAPSHOTS_KEPT = 2


class Fate(Enum):
    """What a commit that failed has left on the disk. Its writer cannot know."""

    KEPT = "kept"
    LOST = "lost"
    TORN = "torn"


class FaultyDisk:
    def __init__(self, seed: int) -> None:
        self.records: list[Record] = []
        self.outbox: dict[int, bytes] = {}
        self.snapshots: dict[int, tuple[bytes, bytes]] = {}
        """state and digest by batch number"""
        self.epoch = 0
        self.life = 0
        """raised by each crash: journals of an earlier life answer no more"""
        self.full = False
        self._chance = Random(seed)
        self._next_fate: Fate | None = None

    def fill(self) -> None:
        """Leave no room: appends and snapshots are refused until `make_room`."""
        self.full = True

    def make_room(self) -> None:
        self.full = False

    def fail_next_commit(self, fate: Fate | None = None) -> None:
        """Let the next append raise `JournalFailed`; what it leaves is `fate`, or drawn by chance."""
        self._next_fate = fate if fate is not None else self._chance.choice(list(Fate))

    def crash(self) -> None:
        """Cut the power: what was not committed is gone, and so is every journal that was open."""
        self.life += 1
        self._next_fate = None

    def tear_last_record(self) -> None:
        """Leave only the beginning of the last record's body, cut at a place drawn by chance."""
        self.records[-1] = self._torn(self.records[-1])

    def damage_newest_snapshot(self) -> None:
        """Flip one bit of the newest snapshot, drawn by chance."""
        newest = max(self.snapshots)
        state, digest = self.snapshots[newest]
        place = self._chance.randrange(len(state))
        flipped = state[place] ^ (1 << self._chance.randrange(8))
        self.snapshots[newest] = state[:place] + bytes([flipped]) + state[place + 1 :], digest

    def commit(self, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        """Keep a record and its outbox rows, or fail as told."""
        if self.full:
            raise JournalFull("the simulated disk is full")
        fate, self._next_fate = self._next_fate, None
        if fate is Fate.TORN:
            self.records.append(self._torn(record))
        elif fate is not Fate.LOST:
            self.records.append(record)
            self.outbox.update(outbox)
        if fate is not None:
            raise JournalFailed("the simulated disk did not answer")

    def _torn(self, record: Record) -> Record:
        return Record(record.number, record.body[: self._chance.randrange(len(record.body))], record.hash)


class FaultyJournal:
    """See `prorata.server.ports.Journal`. Any number may stand on one disk; the newest to open it is its writer."""

    def __init__(self, disk: FaultyDisk) -> None:
        self._disk = disk
        self._life = disk.life
        self._writable = False
        self._epoch = 0
        self._number = 0
        self._hash = FIRST_HASH

    def open(self, epoch: int | None = None) -> tuple[int, bytes, int]:
        self._life = self._disk.life
        if epoch is not None and epoch <= self._disk.epoch:
            raise JournalFenced(f"epoch {epoch} is not above the last writer's")
        self._epoch = self._disk.epoch = epoch if epoch is not None else self._disk.epoch + 1
        tail = examine_tail(self)
        if tail.torn:
            self._disk.records.pop()
        self._number, self._hash = tail.number, tail.hash
        self._writable = True
        return self._number, self._hash, self._epoch

    def append(self, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        self._check_writable()
        assert record.number == self._number + 1
        assert record.hash == hash_after(self._hash, record.body)
        if self._epoch != self._disk.epoch:
            raise JournalFenced(f"epoch {self._epoch} is over")
        try:
            self._disk.commit(record, outbox)
        except JournalFailed:
            self._writable = False
            raise
        self._number, self._hash = record.number, record.hash

    def records(self, after: int = 0) -> Iterator[Record]:
        return checked_records(self, after)

    def raw_records(self, after: int = 0) -> Iterator[Record]:
        self._check_alive()
        # The disk's list is in order of writing; a search from the end keeps a read of the newest short.
        first = len(self._disk.records)
        while first > 0 and self._disk.records[first - 1].number > after:
            first -= 1
        return iter(self._disk.records[first:])

    def raw_record(self, number: int) -> Record | None:
        self._check_alive()
        return next((record for record in reversed(self._disk.records) if record.number == number), None)

    def last_number(self) -> int:
        self._check_alive()
        return self._disk.records[-1].number if self._disk.records else 0

    def published(self, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        self._check_alive()
        numbers = sorted(number for number in self._disk.outbox if number > after)
        return [(number, self._disk.outbox[number]) for number in numbers[:limit]]

    def last_published(self) -> int:
        self._check_alive()
        return max(self._disk.outbox, default=0)

    def prune_published(self, before: int) -> None:
        self._check_writable()
        for number in [number for number in self._disk.outbox if number < before]:
            del self._disk.outbox[number]

    def save_snapshot(self, number: int, state: bytes, digest: bytes) -> None:
        self._check_alive()
        assert number <= (self._number or self.last_number())
        if self._disk.full:
            raise JournalFull("the simulated disk is full")
        self._disk.snapshots[number] = state, digest
        for older in self.snapshot_numbers()[:-SNAPSHOTS_KEPT]:
            del self._disk.snapshots[older]

    def load_snapshot(self) -> tuple[int, bytes] | None:
        self._check_alive()
        for number in reversed(self.snapshot_numbers()):
            state, digest = self._disk.snapshots[number]
            if hashlib.sha256(state).digest() == digest:
                return number, state
        return None

    def snapshot_numbers(self) -> list[int]:
        self._check_alive()
        return sorted(self._disk.snapshots)

    def close(self) -> None:
        self._writable = False

    def _check_alive(self) -> None:
        if self._life != self._disk.life:
            raise JournalFailed("the power was cut")

    def _check_writable(self) -> None:
        self._check_alive()
        if not self._writable:
            raise JournalFailed("the journal is not open for writing, or an earlier write failed")
