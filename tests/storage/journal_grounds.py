"""The grounds a journal stands on, each with a hand that can do what a disk or an intruder does to its rows."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg

from prorata.messages.batch import RULES_VERSION, Batch, Submission, encode
from prorata.messages.commands import PlaceOrder, Side
from prorata.server.ports import Record
from prorata.sim.faulty_journal import FaultyDisk, FaultyJournal
from prorata.storage.chain import FIRST_HASH, StoredJournal, hash_after
from prorata.storage.journals import open_journal

PLATFORM = "live-1"


class Ground(Protocol):
    def journal(self) -> StoredJournal:
        """Return one more journal on the same rows, as another process would. The fixture closes it."""
        ...

    def alter(self, number: int, body: bytes, digest: bytes | None = None) -> None:
        """Overwrite a record's body, and its hash if one is given."""
        ...

    def remove(self, number: int) -> None: ...

    def renumber(self, number: int, other: int) -> None:
        """Let two records change places."""
        ...

    def fill(self, writer: StoredJournal) -> None:
        """Leave no room for the next append."""
        ...

    def make_room(self, writer: StoredJournal) -> None: ...

    def damage_newest_snapshot(self) -> None: ...


class Opened:
    """Remembers the journals of a test, to close them after it."""

    def __init__(self) -> None:
        self._journals: list[StoredJournal] = []

    def at(self, url: str, platform: str = PLATFORM) -> StoredJournal:
        self._journals.append(open_journal(url, platform))
        return self._journals[-1]

    def close(self) -> None:
        for journal in self._journals:
            journal.close()


class MemoryGround:
    def __init__(self) -> None:
        self.disk = FaultyDisk(seed=1)

    def journal(self) -> StoredJournal:
        return FaultyJournal(self.disk)

    def alter(self, number: int, body: bytes, digest: bytes | None = None) -> None:
        place = self._place(number)
        self.disk.records[place] = Record(number, body, digest or self.disk.records[place].hash)

    def remove(self, number: int) -> None:
        del self.disk.records[self._place(number)]

    def renumber(self, number: int, other: int) -> None:
        one, two = self._place(number), self._place(other)
        first, second = self.disk.records[one], self.disk.records[two]
        self.disk.records[one] = Record(number, second.body, second.hash)
        self.disk.records[two] = Record(other, first.body, first.hash)

    def fill(self, writer: StoredJournal) -> None:
        self.disk.fill()

    def make_room(self, writer: StoredJournal) -> None:
        self.disk.make_room()

    def damage_newest_snapshot(self) -> None:
        self.disk.damage_newest_snapshot()

    def _place(self, number: int) -> int:
        return next(place for place, record in enumerate(self.disk.records) if record.number == number)


class SqliteGround(Opened):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def journal(self, platform: str = PLATFORM) -> StoredJournal:
        return self.at(f"sqlite:///{self.path}", platform)

    def alter(self, number: int, body: bytes, digest: bytes | None = None) -> None:
        self.run("UPDATE records SET body = ?, hash = coalesce(?, hash) WHERE number = ?", body, digest, number)

    def remove(self, number: int) -> None:
        self.run("DELETE FROM records WHERE number = ?", number)

    def renumber(self, number: int, other: int) -> None:
        change = "UPDATE records SET number = ? WHERE number = ?"
        for new, old in ((-1, number), (number, other), (other, -1)):
            self.run(change, new, old)

    def fill(self, writer: StoredJournal) -> None:
        connection = writer._writer  # type: ignore[attr-defined]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages}")

    def make_room(self, writer: StoredJournal) -> None:
        writer._writer.execute("PRAGMA max_page_count=1000000000")  # type: ignore[attr-defined]

    def damage_newest_snapshot(self) -> None:
        newest = max(self.path.parent.glob(f"{self.path.name}.snapshot-*"), key=lambda file: int(file.name.rpartition("-")[2]))
        content = bytearray(newest.read_bytes())
        content[-1] ^= 1
        newest.write_bytes(content)

    def run(self, statement: str, *arguments: object) -> None:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.execute(statement, arguments)


class PostgresqlGround(Opened):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url

    def journal(self, platform: str = PLATFORM) -> StoredJournal:
        return self.at(self.url, platform)

    def alter(self, number: int, body: bytes, digest: bytes | None = None) -> None:
        change = "UPDATE journal_records SET body = %s, hash = coalesce(%s, hash) WHERE number = %s"
        self.run(change, body, digest, number)

    def remove(self, number: int) -> None:
        self.run("DELETE FROM journal_records WHERE number = %s", number)

    def renumber(self, number: int, other: int) -> None:
        change = "UPDATE journal_records SET number = %s WHERE number = %s"
        for new, old in ((-1, number), (number, other), (other, -1)):
            self.run(change, new, old)

    def fill(self, writer: StoredJournal) -> None:
        """Let the server itself report a full disk, from the statement that writes."""
        self.run("CREATE FUNCTION no_room() RETURNS trigger AS 'BEGIN RAISE disk_full; END' LANGUAGE plpgsql")
        self.run("CREATE TRIGGER no_room BEFORE INSERT ON journal_outbox FOR EACH ROW EXECUTE FUNCTION no_room()")

    def make_room(self, writer: StoredJournal) -> None:
        self.run("DROP FUNCTION no_room CASCADE")

    def damage_newest_snapshot(self) -> None:
        self.run(
            """
            UPDATE journal_snapshot_parts SET content = set_byte(content, 0, get_byte(content, 0) # 1)
            WHERE number = (SELECT max(number) FROM journal_snapshots) AND part = 0
            """
        )

    def run(self, statement: str, *arguments: object) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement, arguments)


def batch(number: int, orders: int = 1) -> bytes:
    """Return a journal record's body: a batch of `orders` market orders."""
    order = PlaceOrder(login=1001, symbol="EURUSD", side=Side.BUY, volume=10_000_000)
    asked = tuple(Submission(order, caller="trader", key=f"{number}-{place}") for place in range(orders))
    at = 1_700_000_000_000 + number
    return encode(Batch(number=number, at=at, epoch=1, rules=RULES_VERSION, results_hash=b"\1" * 32, submissions=asked))


def chain(first: int, last: int, previous: bytes = FIRST_HASH) -> list[Record]:
    """Return good records `first` to `last`, following from `previous`."""
    records = []
    for number in range(first, last + 1):
        body = batch(number)
        previous = hash_after(previous, body)
        records.append(Record(number, body, previous))
    return records


def append_all(journal: StoredJournal, records: list[Record]) -> None:
    for record in records:
        journal.append(record, [])


def written(ground: Ground, last: int) -> list[Record]:
    """Write records 1 to `last` and close, as a writer does that stops in good order."""
    records = chain(1, last)
    journal = ground.journal()
    journal.open()
    append_all(journal, records)
    journal.close()
    return records
