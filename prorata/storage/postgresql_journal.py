"""The journal in PostgreSQL: rows of (platform, number), one server for many platforms (decision D7).

An append is one statement and so one commit and one round trip. It takes a shared lock on the platform's row in
`journal_writers` and writes only if that row still names its own epoch. A claim updates the same row: it waits for an
append in flight, and every append that comes after it finds another epoch and is fenced.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
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
from prorata.storage.snapshot_rows import SnapshotRows

SCHEMA: LiteralString = """
CREATE TABLE IF NOT EXISTS journal_writers (platform text PRIMARY KEY, epoch bigint NOT NULL);
CREATE TABLE IF NOT EXISTS journal_records (
    platform text NOT NULL, number bigint NOT NULL, body bytea NOT NULL, hash bytea NOT NULL,
    PRIMARY KEY (platform, number));
CREATE TABLE IF NOT EXISTS journal_outbox (
    platform text NOT NULL, number bigint NOT NULL, events bytea NOT NULL,
    PRIMARY KEY (platform, number));
CREATE TABLE IF NOT EXISTS journal_cut_records (
    platform text NOT NULL, number bigint NOT NULL, body bytea NOT NULL, hash bytea NOT NULL, epoch bigint NOT NULL);
CREATE TABLE IF NOT EXISTS journal_snapshots (
    platform text NOT NULL, number bigint NOT NULL, digest bytea NOT NULL,
    PRIMARY KEY (platform, number));
CREATE TABLE IF NOT EXISTS journal_snapshot_parts (
    platform text NOT NULL, number bigint NOT NULL, part int NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (platform, number, part),
    FOREIGN KEY (platform, number) REFERENCES journal_snapshots ON DELETE CASCADE);
"""
SCHEMA_LOCK = 7_016_996_765
"""An advisory lock: two programs that start on an empty database must not both create the tables."""
CLAIM: LiteralString = """
    INSERT INTO journal_writers AS w (platform, epoch) VALUES (%(platform)s, coalesce(%(epoch)s::bigint, 1))
    ON CONFLICT (platform) DO UPDATE SET epoch = coalesce(%(epoch)s::bigint, w.epoch + 1)
    WHERE coalesce(%(epoch)s::bigint > w.epoch, TRUE)
    RETURNING epoch
"""
APPEND: LiteralString = """
    WITH leader AS (
        SELECT platform FROM journal_writers WHERE platform = %(platform)s AND epoch = %(epoch)s FOR SHARE
    ), written AS (
        INSERT INTO journal_records (platform, number, body, hash)
        SELECT platform, %(number)s, %(body)b, %(hash)b FROM leader
        RETURNING platform
    ), told AS (
        INSERT INTO journal_outbox (platform, number, events)
        SELECT platform, entry.number, entry.events
        FROM written, unnest(%(numbers)b::bigint[], %(events)b::bytea[]) AS entry (number, events)
    )
    SELECT platform FROM written
"""
CUT: LiteralString = """
    WITH torn AS (
        DELETE FROM journal_records WHERE platform = %s AND number > %s RETURNING platform, number, body, hash
    )
    INSERT INTO journal_cut_records (platform, number, body, hash, epoch) SELECT torn.*, %s FROM torn
"""
NOT_WRITABLE = "the journal is not open for writing, or an earlier write failed"

log = structlog.get_logger()


class PostgresqlJournal:
    """See `prorata.server.ports.Journal`. Reading works without `open`, also beside another process that writes."""

    def __init__(self, url: str, platform: str) -> None:
        self._url = url
        self._platform = platform
        self._snapshots = SnapshotRows(url, platform)
        self._reading_lock = threading.Lock()
        self._reader: psycopg.Connection | None = None
        self._writer: psycopg.Connection | None = None
        self._epoch = 0
        self._number = 0
        self._hash = FIRST_HASH

    def open(self, epoch: int | None = None) -> tuple[int, bytes, int]:
        self.close()
        try:
            with errors_translated():
                self._open(epoch)
        except BaseException:
            self.close()
            raise
        return self._number, self._hash, self._epoch

    def append(self, record: Record, outbox: Sequence[tuple[int, bytes]]) -> None:
        if self._writer is None:
            raise JournalFailed(NOT_WRITABLE)
        assert record.number == self._number + 1
        assert record.hash == hash_after(self._hash, record.body)
        row = {
            "platform": self._platform,
            "epoch": self._epoch,
            "number": record.number,
            "body": record.body,
            "hash": record.hash,
            "numbers": [number for number, _ in outbox],
            "events": [events for _, events in outbox],
        }
        try:
            with errors_translated():
                written = self._writer.execute(APPEND, row, prepare=True).rowcount
        except JournalFailed:
            self._stop_writing()
            raise
        if written != 1:
            raise JournalFenced(f"epoch {self._epoch} of {self._platform} is over")
        self._number, self._hash = record.number, record.hash

    def records(self, after: int = 0) -> Iterator[Record]:
        return checked_records(self, after)

    def raw_records(self, after: int = 0) -> Iterator[Record]:
        return read_in_pages(self._records_page, after)

    def raw_record(self, number: int) -> Record | None:
        rows = self._read("SELECT number, body, hash FROM journal_records WHERE platform = %s AND number = %s", number)
        return Record(*rows[0]) if rows else None

    def last_number(self) -> int:
        return int(self._read("SELECT coalesce(max(number), 0) FROM journal_records WHERE platform = %s")[0][0])

    def published(self, after: int = 0, limit: int = 1000) -> list[tuple[int, bytes]]:
        query: LiteralString = """
            SELECT number, events FROM journal_outbox WHERE platform = %s AND number > %s ORDER BY number LIMIT %s
        """
        return self._read(query, after, limit)

    def last_published(self) -> int:
        return int(self._read("SELECT coalesce(max(number), 0) FROM journal_outbox WHERE platform = %s")[0][0])

    def prune_published(self, before: int) -> None:
        if self._writer is None:
            raise JournalFailed(NOT_WRITABLE)
        with errors_translated():
            delete: LiteralString = "DELETE FROM journal_outbox WHERE platform = %s AND number < %s"
            self._writer.execute(delete, (self._platform, before))

    def save_snapshot(self, number: int, state: bytes, digest: bytes) -> None:
        """Raise `JournalFull` or `JournalFailed`. Uses a connection of its own: a forked child of the writer may call it."""
        assert number <= (self._number or self.last_number())
        with errors_translated():
            self._snapshots.save(number, state, digest)

    def load_snapshot(self) -> tuple[int, bytes] | None:
        with errors_translated():
            return self._snapshots.load()

    def snapshot_numbers(self) -> list[int]:
        query: LiteralString = "SELECT number FROM journal_snapshots WHERE platform = %s ORDER BY number"
        return [number for (number,) in self._read(query)]

    def close(self) -> None:
        self._stop_writing()
        with self._reading_lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _records_page(self, after: int, limit: int) -> list[Record]:
        query: LiteralString = """
            SELECT number, body, hash FROM journal_records WHERE platform = %s AND number > %s ORDER BY number LIMIT %s
        """
        return [Record(*row) for row in self._read(query, after, limit)]

    def _open(self, epoch: int | None) -> None:
        self._writer = psycopg.connect(self._url, autocommit=True)
        _require_durable_commits(self._writer)
        _create_tables(self._writer)
        # Claim first: from here on no other writer can change the tail that is then examined.
        self._epoch = self._claim(self._writer, epoch)
        tail = examine_tail(self)
        if tail.torn:
            self._cut_off(self._writer, tail)
        self._number, self._hash = tail.number, tail.hash

    def _claim(self, writer: psycopg.Connection, epoch: int | None) -> int:
        row = writer.execute(CLAIM, {"platform": self._platform, "epoch": epoch}).fetchone()
        if row is None:
            raise JournalFenced(f"epoch {epoch} of {self._platform} is not above the last writer's")
        return int(row[0])

    def _cut_off(self, writer: psycopg.Connection, tail: Tail) -> None:
        """Take the torn record out of the chain. Its bytes are kept aside for whoever asks what was lost."""
        writer.execute(CUT, (self._platform, tail.number, self._epoch))
        log.warning("torn journal record cut off", platform=self._platform, number=tail.number + 1)

    def _read(self, query: LiteralString, *arguments: int) -> list[Any]:
        """Read on a connection of its own, so that readers on other threads never wait for a commit."""
        with self._reading_lock, errors_translated():
            if self._reader is None or self._reader.closed:
                self._reader = self._connect_reader()
            return self._reader.execute(query, (self._platform, *arguments), binary=True).fetchall()

    def _connect_reader(self) -> psycopg.Connection:
        reader = psycopg.connect(self._url, autocommit=True)
        try:
            known = "SELECT FROM journal_writers WHERE platform = %s"
            if reader.execute(known, (self._platform,)).rowcount == 0:
                raise JournalUnusable(f"the database holds no journal of platform {self._platform!r}")
        except psycopg.errors.UndefinedTable:
            reader.close()
            raise JournalUnusable("the database holds no journal") from None
        except (psycopg.Error, JournalUnusable):
            reader.close()
            raise
        return reader

    def _stop_writing(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _require_durable_commits(writer: psycopg.Connection) -> None:
    """Commit to disk even where the server is set not to. A stronger setting (standbys) is left as it is."""
    writer.execute("SELECT set_config('synchronous_commit', 'on', FALSE) WHERE current_setting('synchronous_commit') = 'off'")


def _create_tables(writer: psycopg.Connection) -> None:
    with writer.transaction():
        writer.execute("SELECT pg_advisory_xact_lock(%s)", (SCHEMA_LOCK,))
        writer.execute(SCHEMA)


@contextmanager
def errors_translated() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise JournalFull("the database's disk is full") from error
    except psycopg.Error as error:
        raise JournalFailed(f"{error.sqlstate or 'no answer'}: {error}") from error
