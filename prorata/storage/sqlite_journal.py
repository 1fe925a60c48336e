"""The journal in one SQLite file: the default, with no server to install (decision D7).

A batch is a row and a commit is one fsync of the write-ahead log (`synchronous=FULL`). The log is copied into the
database by a thread of its own (`sqlite_checkpoint`), so that no commit waits for it, and snapshots lie in files beside
the database (`snapshot_files`), so that they never pass through the log.

Every append looks at the epoch row in its own transaction: a stale process that still has the file open is fenced.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog

from prorata.server.ports import JournalFailed, JournalFenced, JournalFull, Record
from prorata.storage.chain import (
    FIRST_HASH,
    JournalUnusable,
    Tail,
    checked_records,
    examine_tail,
    hash_after,
    read_in_pages,
)
from prorata.storage.snapshot_files import SnapshotFiles
from prorata.storage.sqlite_checkpoint import Checkpointer, copy_log

SCHEMA = (
    "CREATE TABLE IF NOT EXISTS writers (platform TEXT PRIMARY KEY, epoch INTEGER NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS records (number INTEGER PRIMARY KEY, body BLOB NOT NULL, hash BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY, events BLOB NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS cut_records (number INTEGER, body BLOB NOT NULL, hash BLOB NOT NULL, epoch INTEGER) STRICT",
)
CLAIM = """
    INSERT INTO writers (platform, epoch) VALUES (:platform, coalesce(:epoch, 1))
    ON CONFLICT (platform) DO UPDATE SET epoch = coalesce(:epoch, epoch + 1) WHERE coalesce(:epoch > epoch, TRUE)
    RETURNING epoch
"""
APPENDING = (
    """
    CREATE TEMP VIEW appended AS
    SELECT r.number, r.body, r.hash, w.platform, w.epoch, o.number AS told, o.events FROM records r, writers w, outbox o
    """,
    """
    CREATE TEMP TRIGGER append INSTEAD OF INSERT ON appended BEGIN
        SELECT RAISE (ABORT, 'fenced') WHERE NOT EXISTS
            (SELECT 1 FROM writers WHERE platform = NEW.platform AND epoch = NEW.epoch);
        INSERT INTO records (number, body, hash) VALUES (NEW.number, NEW.body, NEW.hash);
        INSERT INTO outbox (number, events) SELECT NEW.told, NEW.events WHERE NEW.told IS NOT NULL;
    END
    """,
)
"""A whole append as one statement, which is its own transaction. The driver gives the interpreter away for each statement
and must get it back from a busy event loop, which need not be four times for a commit (decision 0036)."""
APPEND = "INSERT INTO appended (number, body, hash, platform, epoch, told, events) VALUES (?, ?, ?, ?, ?, ?, ?)"
INSERT_OUTBOX = "INSERT INTO outbox (number, events) VALUES (?, ?)"
NOTHING_TOLD = (None, None)
LOCK_WAIT_SECONDS = 10.0
NOT_WRITABLE = "the journal is not open for writing, or an earlier write failed"

log = structlog.get_logger()


class SqliteJournal:
    """See `prorata.server.ports.Journal`. Reading works without `open`, also beside another process that writes."""

    def __init__(self, path: Path, platform: str) -> None:
        self._path = path
        self._platform = platform
        self._snapshots = SnapshotFiles(path)
        self._reading_lock = threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._checkpointer: Checkpointer | None = None
        self._epoch = 0
        self._number = 0
        self._hash = FIRST_HASH

    def open(self, epoch: int | None = None) -> tuple[int, bytes, int]:
        self.close()
        try:
            with _errors_translated():
                self._open(epoch)
        except BaseException:
            self.close()
            raise
        return self._number, self._hash, self._epoch

    def append(self, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        if self._writer is None or self._checkpointer is None or self._checkpointer.failure is not None:
            raise JournalFailed(NOT_WRITABLE)
        assert record.number == self._number + 1
        assert record.hash == hash_after(self._hash, record.body)
        try:
            if self._checkpointer.log_is_long:
                with _errors_translated():
                    self._checkpointer.finish(self._writer)
            with _errors_translated():
                self._append(self._writer, record, outbox)
        except JournalFailed:
            self._stop_writing()
            raise
        self._number, self._hash = record.number, record.hash
        self._checkpointer.written(len(record.body) + sum(len(events) for _, events in outbox))

    def _append(self, writer: sqlite3.Connection, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        row = (record.number, record.body, record.hash, self._platform, self._epoch)
        try:
            if len(outbox) <= 1:
                writer.execute(APPEND, row + (outbox[0] if outbox else NOTHING_TOLD))
                return
            with _transaction(writer):
                writer.executemany(INSERT_OUTBOX, outbox)
                writer.execute(APPEND, row + NOTHING_TOLD)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_TRIGGER:
                raise
            raise JournalFenced(f"epoch {self._epoch} of {self._platform} is over") from None

    def records(self, after: int = 0) -> Iterator[Record]:
        return checked_records(self, after)

    def raw_records(self, after: int = 0) -> Iterator[Record]:
        return read_in_pages(self._records_page, after)

    def raw_record(self, number: int) -> Record | None:
        rows = self._read("SELECT number, body, hash FROM records WHERE number = ?", number)
        return Record(*rows[0]) if rows else None

    def last_number(self) -> int:
        return int(self._read("SELECT coalesce(max(number), 0) FROM records")[0][0])

    def published(self, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        return self._read("SELECT number, events FROM outbox WHERE number > ? ORDER BY number LIMIT ?", after, limit)

    def last_published(self) -> int:
        return int(self._read("SELECT coalesce(max(number), 0) FROM outbox")[0][0])

    def prune_published(self, before: int) -> None:
        if self._writer is None:
            raise JournalFailed(NOT_WRITABLE)
        with _errors_translated(), _transaction(self._writer):
            self._writer.execute("DELETE FROM outbox WHERE number < ?", (before,))

    def save_snapshot(self, number: int, state: bytes, digest: bytes) -> None:
        """Raise `JournalFull` or `JournalFailed`. Uses no connection: a forked child of the writer may call it."""
        assert number <= (self._number or self.last_number())
        self._snapshots.save(number, state, digest)

    def load_snapshot(self) -> tuple[int, bytes] | None:
        return self._snapshots.load()

    def snapshot_numbers(self) -> list[int]:
        return self._snapshots.numbers()

    def close(self) -> None:
        self._stop_writing()
        with self._reading_lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _records_page(self, after: int, limit: int) -> list[Record]:
        query = "SELECT number, body, hash FROM records WHERE number > ? ORDER BY number LIMIT ?"
        return [Record(*row) for row in self._read(query, after, limit)]

    def _open(self, epoch: int | None) -> None:
        self._writer = _connect(self._path, mode="rwc")
        self._writer.execute("PRAGMA journal_mode=WAL")
        self._writer.execute("PRAGMA synchronous=FULL")
        self._writer.execute("PRAGMA wal_autocheckpoint=0")
        # Claim first: from here on no other writer can change the tail that is then examined.
        self._epoch = self._claim(self._writer, epoch)
        for statement in APPENDING:
            self._writer.execute(statement)
        # What an fsync that failed in an earlier life left in memory only is written once more, to the database.
        copy_log(self._writer)
        tail = examine_tail(self)
        if tail.torn:
            self._cut_off(self._writer, tail)
        self._number, self._hash = tail.number, tail.hash
        self._checkpointer = Checkpointer(self._path)

    def _claim(self, writer: sqlite3.Connection, epoch: int | None) -> int:
        with _transaction(writer):
            for statement in SCHEMA:
                writer.execute(statement)
            self._check_platform(writer)
            row = writer.execute(CLAIM, {"platform": self._platform, "epoch": epoch}).fetchone()
        if row is None:
            raise JournalFenced(f"epoch {epoch} of {self._platform} is not above the last writer's")
        return int(row[0])

    def _check_platform(self, connection: sqlite3.Connection) -> None:
        other = connection.execute("SELECT platform FROM writers WHERE platform <> ?", (self._platform,)).fetchone()
        if other is not None:
            raise JournalUnusable(f"{self._path} is the journal of platform {other[0]!r}, not of {self._platform!r}")

    def _cut_off(self, writer: sqlite3.Connection, tail: Tail) -> None:
        """Take the torn record out of the chain. Its bytes are kept aside for whoever asks what was lost."""
        with _transaction(writer):
            keep_aside = "INSERT INTO cut_records SELECT number, body, hash, ? FROM records WHERE number > ?"
            writer.execute(keep_aside, (self._epoch, tail.number))
            writer.execute("DELETE FROM records WHERE number > ?", (tail.number,))
        log.warning("torn journal record cut off", platform=self._platform, number=tail.number + 1)

    def _read(self, query: str, *arguments: int) -> list[Any]:
        """Read on a connection of its own, so that readers on other threads never wait for a commit."""
        with self._reading_lock, _errors_translated():
            if self._reader is None:
                self._reader = self._connect_reader()
            return self._reader.execute(query, arguments).fetchall()

    def _connect_reader(self) -> sqlite3.Connection:
        if not self._path.is_file():
            raise JournalUnusable(f"there is no journal at {self._path}")
        reader = _connect(self._path, mode="rw")
        try:
            reader.execute("PRAGMA query_only=ON")
            if reader.execute("SELECT 1 FROM sqlite_schema WHERE name = 'writers'").fetchone() is None:
                raise JournalUnusable(f"{self._path} holds no journal")
            self._check_platform(reader)
        except (sqlite3.Error, JournalUnusable):
            reader.close()
            raise
        return reader

    def _stop_writing(self) -> None:
        if self._checkpointer is not None:
            self._checkpointer.stop()
            self._checkpointer = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _connect(path: Path, *, mode: str) -> sqlite3.Connection:
    # Statements begin and end transactions in so many words (isolation_level=None). A connection may pass from the
    # thread that opens to the thread that writes; it is never used by two at once.
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
            raise JournalFull("the disk is full") from error
        raise JournalFailed(f"{error.sqlite_errorname}: {error}") from error
