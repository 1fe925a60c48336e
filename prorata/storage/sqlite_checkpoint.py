"""Copies SQLite's write-ahead log into the database, away from the thread that commits."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

PAGE_BYTES = 4096
COPY_EVERY_PAGES = 256
"""1 MB: about how much log is written between two copies. A commit that meets a copy waits for its fsync, so they are
small: of the commits under a steady load the slowest hundredth took 2.5 to 3.0 ms or more, with 4 MB 3.5 to 3.9."""
LOG_MAX_PAGES = 2048
"""8 MB of log. Past this the writer itself copies the few pages that are left, so that the log starts over.

Short on purpose: an fsync of a file that is written over costs half of one that also grows (0.13 ms against 0.25 to
0.31 ms on ext4, 13 kB a write), and the log's file grows only until it is this long.
"""
HARMLESS = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)
"""The log keeps everything; the next copy tries again."""


class Checkpointer:
    """A thread with a connection of its own, which sleeps until enough has been written.

    `failure` is what went wrong beyond `HARMLESS`, above all an fsync that failed: the writer must then stop.

    SQLite starts its log over only when all of it is copied, and this thread never comes to the end of it while the
    writer keeps writing (nor does it get the lock that would stop the writer: it polls, the writer is always back first).
    So it copies what there is, and once the log is too long it sets `log_is_long`: the writer then calls `finish`.
    """

    def __init__(self, path: Path) -> None:
        self.failure: sqlite3.Error | None = None
        self.log_is_long = False
        self._path = path
        self._pages_written = 0
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="journal checkpoint", daemon=True)
        self._thread.start()

    def written(self, size: int) -> None:
        """Note that `size` bytes were committed. Called by the writer; wakes the thread when it is time."""
        # A commit logs whole pages: one of records and one of the outbox, however little was added, and what overflows.
        self._pages_written += 2 + size // PAGE_BYTES
        if self._pages_written >= COPY_EVERY_PAGES:
            self._pages_written = 0
            self._wake.set()

    def finish(self, writer: sqlite3.Connection) -> None:
        """Copy what was logged since the last copy, between two commits. The next commit then starts the log over."""
        self.log_is_long = False
        copy_log(writer)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                while self._wait():
                    self.log_is_long = copy_log(connection) > LOG_MAX_PAGES
        except sqlite3.Error as error:
            self.failure = error

    def _wait(self) -> bool:
        self._wake.wait()
        self._wake.clear()
        return not self._stopping


def copy_log(connection: sqlite3.Connection) -> int:
    """Copy as much of the log as can be without waiting for anybody, and return its length in pages."""
    try:
        _busy, log_pages, _copied = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in HARMLESS:  # the low byte; the rest says which kind
            raise
        return 0
    return int(log_pages)
