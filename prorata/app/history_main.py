"""The process that writes a platform's history: `python -m prorata.app.history_main`, started by `history_process`.

Its standard input is the line to the server. It ends when the line does, after the transaction under way.
"""

import asyncio
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from prorata.app import logs
from prorata.app.history_line import Awaited, Begin, Told, Written, hear, say
from prorata.messages.batch import Published, decode_published
from prorata.projections.history import History
from prorata.projections.projector import Projector
from prorata.projections.recording import Happened
from prorata.server.ports import Journal
from prorata.storage.journals import open_journal

REPORT_SECONDS = 0.1
NICE = 10
"""The engine, the journal and the callers go first where there are fewer cores than work."""
AWAITED_SECONDS = 600.0
"""Nobody waits longer."""


class ToldWriter:
    """The writer as the projector sees it from here: by what it is told, and by its journal's outbox."""

    def __init__(self, journal: Journal) -> None:
        self.number = 0
        self.sequence = 0
        self._journal = journal
        self._unwritten: deque[Published] = deque()
        """told, and perhaps not in the outbox yet"""
        self._listeners: list[Callable[[Happened], None]] = []

    def take(self, told: Told) -> None:
        """Pass on what has happened, in order."""
        batches = [decode_published(body) for body in told.batches]
        while self._unwritten and self._unwritten[0].number <= told.written:
            self._unwritten.popleft()
        self._unwritten.extend(batch for batch in batches if batch.number > told.written)
        # The projector reads them the other way round: all events up to `number` are among the first `sequence`.
        self.sequence = told.sequence
        self.number = told.number
        if not batches or batches[-1].number < told.number:
            batches.append(Published(told.number, told.at, told.sequence + 1, ()))
        for batch in batches:
            for listener in self._listeners:
                listener(batch)

    def listen(self, callback: Callable[[Happened], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def published(self, after_number: int, limit: int = 1000) -> list[Published]:
        """Return published batches with numbers above `after_number`, oldest first. Blocks."""
        unwritten = list(self._unwritten)  # Taken first: a row that is written meanwhile is then seen twice, never missed.
        rows = [decode_published(body) for _, body in self._journal.published(after_number, limit)]
        newest = rows[-1].number if rows else after_number
        return rows + [batch for batch in unwritten if batch.number > newest][: limit - len(rows)]


async def follow(reader: asyncio.StreamReader, line: asyncio.StreamWriter) -> None:
    """Write the history that the server asks for, until it goes away."""
    begin, told = await hear(reader), await hear(reader)
    if begin is None or told is None:
        return
    assert isinstance(begin, Begin)
    assert isinstance(told, Told)
    logs.set_up(begin.log_level)
    journal = open_journal(begin.journal, begin.platform)
    history = await asyncio.to_thread(History, begin.history, begin.platform)
    writer = ToldWriter(journal)
    writer.take(told)
    projector = Projector(history, writer)
    projector.start()
    reporting = asyncio.create_task(_report(projector, line))
    await _listen(reader, line, writer, projector)
    reporting.cancel()
    await projector.stop()
    history.close()
    journal.close()


async def _listen(reader: asyncio.StreamReader, line: asyncio.StreamWriter, writer: ToldWriter, projector: Projector) -> None:
    awaiting: set[asyncio.Task[None]] = set()
    while (word := await hear(reader)) is not None:
        if isinstance(word, Told):
            writer.take(word)
        elif isinstance(word, Awaited):
            task = asyncio.create_task(_answer(projector, word.number, line))
            awaiting.add(task)
            task.add_done_callback(awaiting.discard)
    for task in awaiting:
        task.cancel()


async def _answer(projector: Projector, number: int, line: asyncio.StreamWriter) -> None:
    if await projector.wait_for(number, AWAITED_SECONDS):
        say(line, _written(projector))


async def _report(projector: Projector, line: asyncio.StreamWriter) -> None:
    said = Written(0, "")
    while True:
        written = _written(projector)
        if written != said:
            say(line, written)
            said = written
        await asyncio.sleep(REPORT_SECONDS)


def _written(projector: Projector) -> Written:
    failure = projector.failure
    return Written(projector.number, "" if failure is None else f"{type(failure).__name__}: {failure}")


async def main() -> None:
    reader, line = await asyncio.open_connection(sock=socket.socket(fileno=sys.stdin.fileno()))
    with suppress(ConnectionError):
        await follow(reader, line)
    line.close()


if __name__ == "__main__":
    # A signal to the whole group is the server's to obey; it then closes the line.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    if sys.platform != "win32":
        os.nice(NICE)
    asyncio.run(main())
