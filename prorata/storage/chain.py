"""The hash chain: what makes a journal record good, and how the first bad one is found and judged.

Every journal keeps the same records; only where the rows lie differs. A journal that can be examined offers its rows
unchecked, through `StoredJournal`; the checks here are then the same for all of them.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Protocol

import msgspec

from prorata.server.ports import Journal, JournalDamaged, JournalFailed, Record

FIRST_HASH = bytes(32)
"""What the first record's hash follows."""
TRACE_WITHOUT_RECORD = "is missing, though its events or a snapshot after it are kept"
PAGE_ROWS = 256
"""Records read at a time: a read that stayed open between would hold up the database's own housekeeping."""


class JournalUnusable(Exception):
    """There is no journal at this address, or it belongs to another platform."""


class StoredJournal(Journal, Protocol):
    """A journal whose rows can be looked at without claiming it and without trusting them."""

    def raw_records(self, after: int = 0) -> Iterator[Record]:
        """Yield the rows with numbers above `after` as they lie there, unchecked."""
        ...

    def raw_record(self, number: int) -> Record | None: ...

    def last_number(self) -> int:
        """Return the number of the last row, good or bad; 0 if there is none."""
        ...

    def snapshot_numbers(self) -> list[int]:
        """Return the batches after which a snapshot is kept, in order."""
        ...


class Tail(msgspec.Struct, frozen=True, kw_only=True):
    """Where the chain ends: the last good record, and whether a torn one follows it."""

    number: int
    hash: bytes
    torn: bool


def hash_after(previous: bytes, body: bytes) -> bytes:
    """Return the hash of a record: SHA-256 over the hash of the record before it and its own body."""
    return hashlib.sha256(previous + body).digest()


def sequence_problem(record: Record, *, expected: int) -> str | None:
    """Say why `record` may not stand where number `expected` should."""
    if record.number == expected:
        return None
    if record.number < expected:
        return f"record {record.number} stands where this one should: wrong order"
    if record.number == expected + 1:
        return "is missing"
    return f"is missing, as is all up to {record.number - 1}"


def hash_problem(record: Record, previous: bytes) -> str | None:
    """Say whether `record`'s hash fails to follow from its body and the hash before."""
    if hash_after(previous, record.body) == record.hash:
        return None
    return "its hash does not match its body and the record before it"


def checked_records(journal: StoredJournal, after: int) -> Iterator[Record]:
    """Yield the records above `after`, each checked against the chain. The hash of `after` itself is trusted.

    Raises:
        JournalDamaged: at the first one that is missing, out of order or does not match its hash.
    """
    number, previous = after, _hash_of(journal, after)
    for record in journal.raw_records(after):
        number += 1
        problem = sequence_problem(record, expected=number) or hash_problem(record, previous)
        if problem is not None:
            raise JournalDamaged(number, problem)
        previous = record.hash
        yield record


def examine_tail(journal: StoredJournal) -> Tail:
    """Find where the chain ends, checking the stretch that a restart replays: all since the newest snapshot.

    What lies before that stretch is checked by whoever reads it (`records`, `verify`), so that opening a long journal
    takes no longer than its replay.

    Raises:
        JournalDamaged: a record is bad and is not a torn last one.
    """
    last = journal.last_number()
    start = max(0, min(max(journal.snapshot_numbers(), default=0), last) - 1)
    number, previous = start, _hash_of(journal, start)
    for record in journal.raw_records(start):
        number += 1
        problem = sequence_problem(record, expected=number)
        if problem is None and hash_problem(record, previous) is not None:
            if is_torn_tail(journal, number):
                return Tail(number=number - 1, hash=previous, torn=True)
            problem = hash_problem(record, previous)
        if problem is not None:
            raise JournalDamaged(number, problem)
        previous = record.hash
    if newest_trace(journal) > number:
        raise JournalDamaged(number + 1, TRACE_WITHOUT_RECORD)
    return Tail(number=number, hash=previous, torn=False)


def is_torn_tail(journal: StoredJournal, number: int) -> bool:
    """Tell whether record `number`, whose hash is wrong, was torn while being written.

    It must be the last. Nothing may have followed from it either: a batch whose events were published, or that a
    snapshot contains, was whole once, and cutting it off would lose what has been answered.
    """
    return number == journal.last_number() and number > newest_trace(journal)


def newest_trace(journal: StoredJournal) -> int:
    """Return the highest batch that has left a trace outside its record: published events or a snapshot."""
    return max([journal.last_published(), *journal.snapshot_numbers()])


def read_in_pages(read: Callable[[int, int], list[Record]], after: int) -> Iterator[Record]:
    """Yield all rows above `after` by `read(after, rows_max)`.

    Raises:
        JournalDamaged: the database itself cannot read a row; its neighbours before it are yielded first.
    """
    while rows := _page(read, after):
        yield from rows
        after = rows[-1].number


def _page(read: Callable[[int, int], list[Record]], after: int) -> list[Record]:
    try:
        return read(after, PAGE_ROWS)
    except JournalFailed:
        pass
    try:
        return read(after, 1)
    except JournalFailed as error:
        raise JournalDamaged(after + 1, f"cannot be read: {error}") from error


def _hash_of(journal: StoredJournal, number: int) -> bytes:
    if number == 0:
        return FIRST_HASH
    record = journal.raw_record(number)
    if record is not None:
        return record.hash
    if number < journal.last_number():
        raise JournalDamaged(number, "is missing")
    return FIRST_HASH  # Nothing lies above it, so nothing will be checked against it.
