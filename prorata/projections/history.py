"""The history of a trade platform in tables: orders, deals, balance operations, ledger, swaps, days, margin events.

It is written in batches, in order, and remembers in the same transaction how far it has got (`Mark`): after a crash it
goes on from there, and a batch that comes twice changes nothing. All methods block; call them from a thread.

Lists come in parts, newest or oldest first; `since` is included, `until` is not. `lists` has the queries.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import Connection, delete, insert, select, update

from prorata.messages.batch import Published, decode_batch
from prorata.projections.lists import HistoryLists
from prorata.projections.marks import Mark, follow
from prorata.projections.recording import Happened, Recording
from prorata.projections.storing import store
from prorata.projections.tables import history_marks, metadata
from prorata.server.machine import Machine
from prorata.server.ports import Journal
from prorata.storage.database import open_database
from prorata.storage.migrate import upgrade

REBUILD_BATCHES = 256
"""Batches written in one transaction while a history is rebuilt."""


class History(HistoryLists):
    """The tables of one platform in the database at `url` (see `prorata.storage.database`); made when missing."""

    what = "history"

    def __init__(self, url: str, platform: str) -> None:
        database = open_database(url)
        upgrade(database)
        super().__init__(database, platform)

    def close(self) -> None:
        self._database.dispose()

    def journal_position(self) -> Mark:
        """Return how far the tables go. Batches without events need not be counted in."""
        with self.reading() as connection:
            return self.mark(connection)

    def write(self, happened: Iterable[Happened]) -> Mark:
        """Write the batches that are not written yet, all in one transaction, and return how far the tables go then.

        The batches come in order; those up to the mark are passed over.

        Raises:
            RebuildNeeded: the first new one does not follow on the mark. Nothing was written.
        """
        with self._writing() as connection:
            before = self._claim(connection)
            recording = Recording(self.platform)
            after = before
            for batch in happened:
                if batch.number > after.number:
                    after = follow(after, batch)
                    recording.record(batch)
            if after.number > before.number:
                store(connection, recording)
                self._set_mark(connection, after)
        return after

    def clear(self) -> None:
        """Forget everything of this platform."""
        with self._writing() as connection:
            self._claim(connection)
            for table in metadata.tables.values():
                if table is not history_marks:
                    connection.execute(delete(table).where(table.c.platform == self.platform))
            self._set_mark(connection, Mark())

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def _claim(self, connection: Connection) -> Mark:
        """Return the mark and hold its row, so that two that write the same history take turns."""
        query = select(history_marks.c.number).where(history_marks.c.platform == self.platform).with_for_update()
        if connection.execute(query).one_or_none() is None:
            connection.execute(insert(history_marks).values(platform=self.platform, number=0, sequence=0, at=0))
        return self.mark(connection)

    def _set_mark(self, connection: Connection, mark: Mark) -> None:
        here = history_marks.c.platform == self.platform
        values = {"number": mark.number, "sequence": mark.sequence, "at": mark.at}
        connection.execute(update(history_marks).where(here).values(values))


def replayed(journal: Journal) -> Iterator[Published]:
    """Replay a journal from its first batch and yield the batches that had events.

    Raises:
        JournalDamaged, Diverged: as `prorata.server.replay` does.
    """
    machine = Machine()
    for record in journal.records():
        batch = decode_batch(record.body)
        first = machine.sequence + 1
        _, events, _ = machine.apply(batch)
        if events:
            yield Published(batch.number, batch.at, first, tuple(events))


def rebuild(history: History, happened: Iterable[Happened]) -> Mark:
    """Make the history anew from all batches since the first (`replayed`).

    Killed half-way it leaves a shorter history, which a projector continues if the outbox still reaches back to it;
    otherwise rebuild again.
    """
    history.clear()
    remaining = iter(happened)
    mark = Mark()
    while group := list(islice(remaining, REBUILD_BATCHES)):
        mark = history.write(group)
    return mark
