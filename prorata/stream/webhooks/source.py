"""From the writer's events to notices: live as each batch is applied, older ones from the outbox.

What an event tells subscribers is said by one function, which is handed in: `NoticesOf`.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import structlog

from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.projections.recording import Happened
from prorata.server.writer import Applied, Writer
from prorata.stream.outbox import OutboxReader, Pruned

NoticesOf: TypeAlias = Callable[[Happened], Sequence[Notice]]
"""Returns the notices of one batch, in order of sequence and part; the same ones for the same batch, whenever it is
asked. Called on the event loop for each batch that is not large, so it must be quick, and on another thread for others."""

log = structlog.get_logger("webhooks")


def never_large(_batch: Happened) -> bool:
    return False


class NoticeSource(Protocol):
    """Where notices come from."""

    @property
    def sequence(self) -> int:
        """The number of the last event there is."""
        ...

    def listen(self, listener: Callable[[NoticeBatch], None]) -> Callable[[], None]:
        """Have `listener` called on the event loop with each new batch, in order; return the way to end it."""
        ...

    def after(self, sequence: int) -> NoticeBatch:
        """Return some notices from event `sequence` + 1 on, which exists, without gap. Blocks.

        Nothing to be had as yet: a batch that ends where it begins, at `sequence`.
        """
        ...


class WriterNotices:
    """The notices of one writer's events.

    `is_large`: of which batches the notices are too many for the event loop; the listener asks for those.
    """

    def __init__(
        self, writer: Writer, notices_of: NoticesOf, is_large: Callable[[Happened], bool] = never_large
    ) -> None:  # fmt: skip
        self._writer = writer
        self._notices_of = notices_of
        self._is_large = is_large
        self._outbox = OutboxReader(writer)

    @property
    def sequence(self) -> int:
        return self._writer.sequence

    def listen(self, listener: Callable[[NoticeBatch], None]) -> Callable[[], None]:
        def hear(applied: Applied) -> None:
            if not applied.events:
                return
            last = applied.first + len(applied.events) - 1
            try:
                # Whoever hears of what comes after a large batch alone notices the gap, and reads on from there.
                large = self._is_large(applied)
                batch = NoticeBatch(last + 1, last) if large else self._batch_of(applied, applied.first)
            except Exception:
                # The writer must go on. The listener notices the gap and asks for it, on its own account.
                log.exception("a batch cannot be made into notices", number=applied.number)
                return
            listener(batch)

        return self._writer.listen(hear)

    def after(self, sequence: int) -> NoticeBatch:
        try:
            published = self._outbox.read(sequence + 1)
        except Pruned as pruned:
            if pruned.first <= sequence + 1:
                return NoticeBatch(sequence + 1, sequence)
            log.error("events are no longer in the outbox: subscribers miss them", first=sequence + 1, before=pruned.first)
            return NoticeBatch(sequence + 1, pruned.first - 1)
        batches = [self._batch_of(batch, sequence + 1) for batch in published]
        notices = tuple(notice for batch in batches for notice in batch.notices)
        return NoticeBatch(sequence + 1, batches[-1].through, notices)

    def _batch_of(self, happened: Happened, first: int) -> NoticeBatch:
        notices = tuple(notice for notice in self._notices_of(happened) if notice.sequence >= first)
        return NoticeBatch(max(first, happened.first), happened.first + len(happened.events) - 1, notices)
