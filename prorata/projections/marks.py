"""How far a reader of a platform's events has come, and whether a batch follows on that."""

import msgspec

from prorata.projections.recording import Happened
from prorata.units.numbers import Moment


class RebuildNeeded(Exception):
    """A reader cannot go on: events between it and the next batch are gone, or it has followed another journal."""


class Mark(msgspec.Struct, frozen=True):
    """How far a reader has come: the last batch, the last event in it, and its time. All 0 at the beginning."""

    number: int = 0
    sequence: int = 0
    at: Moment = 0


def follow(mark: Mark, batch: Happened) -> Mark:
    """Return the mark after a batch. Raises `RebuildNeeded`: it is not the next one."""
    if not batch.events:
        return Mark(batch.number, mark.sequence, batch.at)
    if batch.first > mark.sequence + 1:
        raise RebuildNeeded(
            f"what is written goes up to batch {mark.number} and event {mark.sequence}, but the next batch to be had is "
            f"{batch.number} with event {batch.first}: events {mark.sequence + 1} to {batch.first - 1} are gone. "
            "Rebuild by replaying the journal."
        )
    if batch.first <= mark.sequence:
        raise RebuildNeeded(
            f"batch {batch.number} begins with event {batch.first}, but what is written goes up to batch {mark.number} and "
            f"event {mark.sequence}: it was made from another journal. Rebuild by replaying the journal."
        )
    return Mark(batch.number, batch.first + len(batch.events) - 1, batch.at)
