"""What the single writer needs from the outside. Adapters live in `storage`, `feeds` and `venues`; fakes in tests."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Protocol

import msgspec

from prorata.messages.commands import HedgeEnded, HedgeFilled, Quote, VenuePositions
from prorata.messages.events import HedgeRequested
from prorata.units.numbers import Moment, Ticket


class JournalFull(Exception):
    """There is no room for the record. Nothing was written; the same write may succeed later."""


class JournalFailed(Exception):
    """The journal could not say whether the record is on disk. The writer must stop and read it again."""


class JournalFenced(Exception):
    """Another writer with a higher epoch has taken over. This one must stop."""


class JournalDamaged(Exception):
    """A record does not match its hash. `number` is the first bad one."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"journal record {number}: {problem}")
        self.number = number
        self.problem = problem


class Record(msgspec.Struct, frozen=True, gc=False):
    """One row of the journal. `hash` = SHA-256 over the previous record's hash and `body`; the first follows 32 zero bytes."""

    number: int
    body: bytes
    hash: bytes


class Journal(Protocol):
    """The durable, ordered, hash-chained list of batches. Its methods block; the writer calls them from one thread."""

    def open(self, epoch: int | None = None) -> tuple[int, bytes, int]:
        """Claim the journal for writing and return (last number, last hash, epoch); an empty one: (0, 32 zero bytes, epoch).

        The epoch is one more than the last writer's unless given. A torn record at the very end is cut off;
        a bad one before good ones raises `JournalDamaged`.
        """
        ...

    def append(self, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        """Write one record, and the published events of earlier batches, in one durable commit.

        Raises:
            JournalFull, JournalFailed, JournalFenced: as their names say.
        """
        ...

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the records with numbers above `after`, in order, each checked against the chain."""
        ...

    def published(self, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        """Return up to `limit` outbox rows (batch number, encoded `Published`) with numbers above `after`, in order."""
        ...

    def last_published(self) -> int:
        """Return the number of the newest outbox row; 0 if there is none."""
        ...

    def prune_published(self, before: int) -> None:
        """Forget outbox rows below `before`."""
        ...

    def save_snapshot(self, number: int, state: bytes, digest: bytes) -> None:
        """Keep the state after batch `number`. The last two are kept, older ones forgotten."""
        ...

    def load_snapshot(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot whose digest (SHA-256 of the state) is right, as (batch number, state)."""
        ...

    def close(self) -> None: ...


class Clock(Protocol):
    def now(self) -> Moment: ...


class Feed(Protocol):
    """Where quotes come from."""

    def quotes(self) -> AsyncIterator[tuple[Quote, ...]]:
        """Yield groups of quotes as they come, for ever or until the source ends."""
        ...


class VenueDown(Exception):
    """The venue cannot be reached. An order sent meanwhile may or may not have arrived: ask with `find`."""


VenueAnswer = HedgeFilled | HedgeEnded


class Venue(Protocol):
    """Where the A-book share is executed. May be slow, reject, fill in part, repeat itself or vanish."""

    name: str

    async def send(self, order: HedgeRequested) -> None:
        """Send an order. Its answers come through `answers`. The same order id is executed once. Raises `VenueDown`."""
        ...

    async def find(self, order: Ticket) -> list[VenueAnswer] | None:
        """Return every answer that the venue has given for `order` so far; None if it never arrived. Raises `VenueDown`."""
        ...

    def answers(self) -> AsyncIterator[VenueAnswer]:
        """Yield fills and ends as they come; repeats are possible."""
        ...

    async def positions(self) -> VenuePositions:
        """Return what we hold there. Raises `VenueDown`."""
        ...
