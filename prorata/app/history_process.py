"""The history of a platform is written by a process of its own, so that it never takes the interpreter from the orders.

This is the server's side: it starts the process, tells it what happens, hears how far the tables are, and starts it anew
when it has ended. Nothing depends on that process: what it was not told, or had not written when it was killed, it reads
from the journal's outbox (decision 0011).
"""

import asyncio
import os
import socket
import sys
from pathlib import Path

import structlog

from prorata.app import logs
from prorata.app.history_line import Awaited, Begin, Told, Word, Written, hear, say
from prorata.server.writer import Applied, Writer

TELL_SECONDS = 0.05
"""How long news gathers, unless somebody waits for it."""
UNREAD_MAX_BYTES = 64_000_000
"""A process that leaves so much unread is ended; the next one reads it from the outbox."""
RESTART_SECONDS = 1.0
END_SECONDS = 20.0
"""A transaction under way may end; after that the process is killed."""
PROGRAM = "prorata.app.history_main"

log = structlog.get_logger()


class HistoryProcess:
    """`number`: the last batch that is in the tables. `failure`: why they fall behind; "" while all is well."""

    def __init__(self, writer: Writer, *, journal: str, history: str, log_level: str) -> None:
        self.number = 0
        self.failure = ""
        self._writer = writer
        self._eventful = 0
        """the last batch that had events, as far as is known; those after it leave nothing to write"""
        self._begin = Begin(writer.platform, journal, history, log_level)
        self._news: list[bytes] = []
        self._telling: asyncio.TimerHandle | None = None
        self._waiting: dict[asyncio.Future[None], int] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._line: asyncio.StreamWriter | None = None

    @property
    def pid(self) -> int | None:
        """The process that writes now; None between two."""
        return None if self._process is None else self._process.pid

    @property
    def lag(self) -> int:
        """How many batches the tables are behind the writer; 0 when they have all events."""
        return 0 if self.number >= self._eventful else self._writer.number - self.number

    def start(self) -> None:
        """Begin to follow the writer, which has started. Call on its event loop."""
        self._eventful = self._writer.number
        self._unlisten = self._writer.listen(self._note)
        self._stop_wish: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeping = asyncio.create_task(self._keep(), name=f"history {self._writer.platform}")

    async def stop(self) -> None:
        """Let the transaction under way end and go. What is not written then is written after the next start."""
        self._unlisten()
        if not self._stop_wish.done():
            self._stop_wish.set_result(None)
        if self._line is not None:
            self._tell()
            self._line.close()
        done, _ = await asyncio.wait({self._keeping}, timeout=END_SECONDS)
        if not done and self._process is not None:
            self._process.kill()
        await self._keeping

    async def wait_for(self, number: int, seconds: float) -> bool:
        """Wait until batch `number` is in the tables, at most so many seconds, and say whether it is."""
        if number <= self._writer.number:
            number = min(number, self._eventful)
        if self.number >= number:
            return True
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[future] = number
        if self._line is not None:
            self._tell()
            say(self._line, Awaited(number))
        try:
            await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return False
        finally:
            self._waiting.pop(future, None)
        return True

    # Telling.

    def _note(self, applied: Applied) -> None:
        if applied.events:
            self._eventful = applied.number
        if self._line is None:
            return  # The outbox will tell it.
        if applied.events:
            self._news.append(applied.encoded)
        if self._waiting:
            self._tell()
        elif applied.events and self._telling is None:
            self._telling = asyncio.get_running_loop().call_later(TELL_SECONDS, self._tell)

    def _tell(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            self._telling = None
        news, self._news = self._news, []
        if self._line is not None:
            say(self._line, self._told(news))
            if self._line.transport.get_write_buffer_size() > UNREAD_MAX_BYTES:
                self._line.transport.abort()

    def _told(self, batches: list[bytes]) -> Told:
        writer = self._writer
        return Told(writer.number, writer.at, writer.sequence, writer.number_in_outbox, tuple(batches))

    # Living.

    async def _keep(self) -> None:
        while not self._stop_wish.done():
            try:
                await self._live()
            except OSError as problem:
                self.failure = f"history's process cannot be started: {problem}"
            if not self._stop_wish.done():
                log.error("history's process has ended and is started anew", platform=self._writer.platform)
                await asyncio.wait({self._stop_wish}, timeout=RESTART_SECONDS)

    async def _live(self) -> None:
        """Start the process and go along with it until it ends."""
        ours, theirs = socket.socketpair()
        with theirs:
            reader, line = await asyncio.open_connection(sock=ours)
            try:
                self._process = await _started(theirs)
            except BaseException:
                line.close()
                raise
        try:
            self._introduce(line)
            while (word := await hear(reader)) is not None:
                self._take(word)
        finally:
            self._line = None
            line.transport.abort()
            await self._end()

    async def _end(self) -> None:
        """Wait for the process, which has nobody to talk to any more. It is killed if it takes too long."""
        assert self._process is not None
        try:
            await asyncio.wait_for(self._process.wait(), END_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            self._process.kill()
            await self._process.wait()
        self._process = None

    def _introduce(self, line: asyncio.StreamWriter) -> None:
        """Say what is to be done and where we are. From here on every batch is told."""
        say(line, self._begin)
        say(line, self._told([body for _, body in self._writer.not_in_outbox]))
        for number in self._waiting.values():
            say(line, Awaited(number))
        self._news.clear()
        self._line = line
        if self._stop_wish.done():
            line.close()

    def _take(self, word: Word) -> None:
        assert isinstance(word, Written)
        self.number, self.failure = max(self.number, word.number), word.failure
        for future, wanted in list(self._waiting.items()):
            if wanted <= self.number and not future.done():
                future.set_result(None)


async def _started(line: socket.socket) -> asyncio.subprocess.Process:
    """Start the program from where this one was loaded, and nothing that lies about in the working directory."""
    places = os.pathsep.join(place or str(Path.cwd()) for place in sys.path)
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", PROGRAM, stdin=line.fileno(), stderr=logs.file(), env={**os.environ, "PYTHONPATH": places}
    )
