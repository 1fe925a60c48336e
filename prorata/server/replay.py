"""From snapshot and journal back to the state; the same road at start, after a crash, and for `journal replay`."""

from collections.abc import Callable
from hashlib import sha256

from prorata.messages.batch import Batch, decode_batch
from prorata.messages.events import Event
from prorata.server.machine import Machine
from prorata.server.ports import Journal

Watch = Callable[[Batch, list[Event], bytes], None]
"""Called after each replayed batch with its events, and with it all as the outbox keeps it."""


def replay(journal: Journal, *, from_snapshot: bool = True, watch: Watch | None = None) -> Machine:
    """Return the machine after the journal's last batch.

    Args:
        from_snapshot: start from the newest sound snapshot; False replays from the first batch.
        watch: told of each batch.

    Raises:
        Diverged: if a batch gives other results than those the journal recorded.
        JournalDamaged: if a record does not match its hash.
    """
    snapshot = journal.load_snapshot() if from_snapshot else None
    machine = Machine() if snapshot is None else Machine.load(snapshot[1])
    for record in journal.records(after=machine.number):
        batch = decode_batch(record.body)
        _, published, encoded = machine.apply(batch)
        if watch is not None:
            watch(batch, published, encoded)
    return machine


def save_snapshot(journal: Journal, machine: Machine) -> int:
    """Keep the machine's state in the journal's store; return its size in bytes."""
    data = machine.save()
    journal.save_snapshot(machine.number, data, sha256(data).digest())
    return len(data)
