"""Walks a journal from its first record and names the first that is torn, altered, missing or out of order."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from prorata.messages.batch import decode_batch
from prorata.server.ports import JournalDamaged, Record
from prorata.storage.chain import (
    FIRST_HASH,
    TRACE_WITHOUT_RECORD,
    StoredJournal,
    hash_problem,
    is_torn_tail,
    newest_trace,
    sequence_problem,
)

PROGRESS_EVERY = 1000


class Finding(StrEnum):
    SOUND = "sound"
    TORN_TAIL = "torn tail"
    """The last record was torn while being written. Opening the journal cuts it off; nothing that was answered is lost."""
    DAMAGED = "damaged"
    """A record before good ones is bad, or one that was whole once. The journal does not open."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What `verify` found. `number` and `problem` name the first bad record; they are 0 and "" if there is none."""

    finding: Finding
    good: int
    """how many records are good, counted from the first"""
    hash: bytes
    """of the last good one: whoever kept it can prove that the history before has not been changed"""
    number: int = 0
    problem: str = ""


def verify(journal: StoredJournal, progress: Callable[[int, int], None] | None = None) -> Verdict:
    """Examine every record of `journal`, which may be in use by a writer meanwhile.

    Args:
        progress: called now and then, and at the end, with (records examined, records there were at the start).
    """
    total = journal.last_number()
    # Asked for before the walk: a writer at work leaves traces of records that the walk did not come to.
    trace = newest_trace(journal)
    number, previous = 0, FIRST_HASH
    try:
        for record in journal.raw_records():
            _check(journal, record, number + 1, previous)
            number, previous = number + 1, record.hash
            if progress is not None and number % PROGRESS_EVERY == 0:
                progress(number, max(total, number))
        if trace > number:
            raise JournalDamaged(number + 1, TRACE_WITHOUT_RECORD)
    except JournalDamaged as damage:
        finding = Finding.TORN_TAIL if isinstance(damage, _TornTail) else Finding.DAMAGED
        return Verdict(finding=finding, good=number, hash=previous, number=damage.number, problem=damage.problem)
    if progress is not None:
        progress(number, number)
    return Verdict(finding=Finding.SOUND, good=number, hash=previous)


class _TornTail(JournalDamaged):
    pass


def _check(journal: StoredJournal, record: Record, expected: int, previous: bytes) -> None:
    problem = sequence_problem(record, expected=expected)
    if problem is not None:
        raise JournalDamaged(expected, problem)
    problems = [text for text in (_content_problem(record), hash_problem(record, previous)) if text is not None]
    if not problems:
        return
    # A body that cannot be read but matches its hash was written that way: no tear does that.
    torn = hash_problem(record, previous) is not None and is_torn_tail(journal, expected)
    raise (_TornTail if torn else JournalDamaged)(expected, "; ".join(problems))


def _content_problem(record: Record) -> str | None:
    try:
        batch = decode_batch(record.body)
    except msgspec.MsgspecError as error:
        return f"its body cannot be decoded ({error})"
    if batch.number != record.number:
        return f"it holds batch {batch.number}: wrong order"
    return None
