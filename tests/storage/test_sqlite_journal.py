"""What only SQLite's journal promises: real full disks, killed processes, a log that is copied in the background."""

import hashlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from prorata.server.ports import JournalDamaged, JournalFailed, JournalFull, Record
from prorata.storage import sqlite_checkpoint
from prorata.storage.chain import JournalUnusable, StoredJournal
from prorata.storage.verify import Finding, verify

from .journal_grounds import SqliteGround, append_all, batch, chain, written

WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from prorata.server.ports import Record
from prorata.storage.chain import hash_after
from prorata.storage.sqlite_journal import SqliteJournal

journal = SqliteJournal(Path(sys.argv[1]), "live-1")
number, previous, _ = journal.open()
while True:
    number, body = number + 1, b"x" * 5000
    previous = hash_after(previous, body)
    journal.append(Record(number, body, previous), [(number - 1, b"events")])
    print(number, flush=True)
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SqliteGround]:
    """A journal's place on a disk of one megabyte. Needs the right to mount."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("no right to mount a small disk here")
    with closing(SqliteGround(disk / "live.db")) as ground:
        yield ground
    subprocess.run(["umount", str(disk)], check=True)


def use_up(disk: Path, left: int) -> Path:
    """Fill the disk but for `left` bytes."""
    free = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"\0" * (free.f_bavail * free.f_bsize - left))
    return ballast


def append_until_full(journal: StoredJournal, records: list[Record]) -> int:
    """Return how many of `records` were accepted."""
    for accepted, record in enumerate(records):
        try:
            journal.append(record, [])
        except JournalFull:
            return accepted
    raise AssertionError("the disk was not filled")


def test_a_really_full_disk_refuses_records_and_snapshots_and_loses_nothing(small_disk: SqliteGround) -> None:
    disk, records = small_disk.path.parent, chain(1, 400)
    journal = small_disk.journal()
    journal.open()
    append_all(journal, records[:3])
    journal.save_snapshot(2, b"state", hashlib.sha256(b"state").digest())
    ballast = use_up(disk, left=40_000)
    accepted = 3 + append_until_full(journal, records[3:])
    with pytest.raises(JournalFull):
        journal.append(records[accepted], [])
    with pytest.raises(JournalFull):
        journal.save_snapshot(accepted, bytes(500_000), hashlib.sha256(bytes(500_000)).digest())
    assert list(journal.records()) == records[:accepted]
    ballast.unlink()
    journal.append(records[accepted], [])
    journal.close()
    again = small_disk.journal()
    assert again.open()[0] == accepted + 1
    assert list(again.records()) == records[: accepted + 1]
    assert again.load_snapshot() == (2, b"state")
    assert [file.name for file in disk.glob("*snapshot*")] == ["live.db.snapshot-2"]


def test_a_process_that_ends_on_a_full_disk_leaves_all_that_was_accepted(small_disk: SqliteGround) -> None:
    use_up(small_disk.path.parent, left=300_000)
    command = [sys.executable, "-c", WRITE_UNTIL_KILLED, str(small_disk.path)]
    child = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "JournalFull" in child.stderr
    accepted = int(child.stdout.split()[-1])
    assert small_disk.journal().last_number() == accepted


def test_every_record_accepted_before_a_kill_is_there_after_it(sqlite_ground: SqliteGround) -> None:
    last = 0
    for _ in range(3):
        child = subprocess.Popen([sys.executable, "-c", WRITE_UNTIL_KILLED, str(sqlite_ground.path)], stdout=subprocess.PIPE)
        assert child.stdout is not None
        for _ in range(20):
            last = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        for line in child.stdout.read().splitlines():
            last = int(line)
        child.wait()
        child.stdout.close()
        # The kill may have come between the commit and the print, so one more record may be there.
        journal = sqlite_ground.journal()
        assert journal.last_number() in (last, last + 1)
        assert sum(1 for _ in journal.records()) == journal.last_number()
        assert journal.last_published() == journal.last_number() - 1
        journal.close()


def test_a_file_holds_one_platform(sqlite_ground: SqliteGround) -> None:
    written(sqlite_ground, 1)
    other = sqlite_ground.journal(platform="live-2")
    with pytest.raises(JournalUnusable, match="platform 'live-1', not of 'live-2'"):
        other.open()
    with pytest.raises(JournalUnusable):
        verify(other)


def test_reading_makes_no_journal_where_there_is_none(sqlite_ground: SqliteGround) -> None:
    with pytest.raises(JournalUnusable, match="there is no journal at"):
        verify(sqlite_ground.journal())
    assert not sqlite_ground.path.exists()
    sqlite_ground.run("CREATE TABLE other (a)")
    with pytest.raises(JournalUnusable, match="holds no journal"):
        verify(sqlite_ground.journal())


def test_the_path_of_an_address_is_relative_after_three_slashes_and_absolute_after_four(
    sqlite_ground: SqliteGround, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sqlite_ground.at("sqlite:///near.db").open()
    sqlite_ground.at(f"sqlite:///{tmp_path}/far%20away.db").open()
    assert (tmp_path / "near.db").is_file()
    assert (tmp_path / "far away.db").is_file()


def test_an_error_that_is_no_full_disk_stops_the_writer_until_it_opens_again(sqlite_ground: SqliteGround) -> None:
    first, second = chain(1, 2)
    journal = sqlite_ground.journal()
    journal.open()
    journal.append(first, [])
    sqlite_ground.run("ALTER TABLE outbox RENAME TO hidden")
    with pytest.raises(JournalFailed):
        journal.append(second, [(1, b"events")])
    sqlite_ground.run("ALTER TABLE hidden RENAME TO outbox")
    with pytest.raises(JournalFailed):
        journal.append(second, [(1, b"events")])
    assert journal.open() == (1, first.hash, 2)
    journal.append(second, [(1, b"events")])


def test_a_page_that_sqlite_cannot_read_is_reported_as_damage_with_its_number(sqlite_ground: SqliteGround) -> None:
    written(sqlite_ground, 400)
    content = bytearray(sqlite_ground.path.read_bytes())
    # The rows lie in the order they were written; overwrite one page of rows in the middle, header and all.
    page = content.index(b"150-0") // 4096
    content[page * 4096 : (page + 1) * 4096] = b"\xff" * 4096
    sqlite_ground.path.write_bytes(content)
    verdict = verify(sqlite_ground.journal())
    assert verdict.finding is Finding.DAMAGED
    assert 120 < verdict.number <= 150
    assert verdict.problem.startswith("cannot be read: SQLITE_CORRUPT")
    with pytest.raises(JournalDamaged):
        sqlite_ground.journal().open()


def test_the_log_is_copied_in_the_background_and_does_not_grow_for_ever(
    sqlite_ground: SqliteGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_checkpoint, "COPY_EVERY_PAGES", 200)
    monkeypatch.setattr(sqlite_checkpoint, "LOG_MAX_PAGES", 100)
    journal = sqlite_ground.journal()
    journal.open()
    records = chain(1, 6000)
    log = sqlite_ground.path.with_name(f"{sqlite_ground.path.name}-wal")
    done = 0
    while done == 0 or log.stat().st_size > done * sqlite_checkpoint.PAGE_BYTES / 2:
        assert done < len(records)
        append_all(journal, records[done : done + 500])
        done += 500
    assert list(journal.records()) == records[:done]


def test_a_copy_of_the_log_that_fails_stops_the_writer(sqlite_ground: SqliteGround) -> None:
    journal = sqlite_ground.journal()
    journal.open()
    first, second = chain(1, 2)
    journal.append(first, [])
    journal._checkpointer.failure = sqlite3.OperationalError("disk I/O error")  # type: ignore[attr-defined]
    with pytest.raises(JournalFailed):
        journal.append(second, [])


def test_half_a_snapshot_left_by_a_crash_is_no_snapshot(sqlite_ground: SqliteGround) -> None:
    written(sqlite_ground, 1)
    unfinished = sqlite_ground.path.with_name(f"{sqlite_ground.path.name}.snapshot-unfinished")
    unfinished.write_bytes(b"half")
    journal = sqlite_ground.journal()
    journal.open()
    assert journal.load_snapshot() is None
    journal.save_snapshot(1, b"whole", hashlib.sha256(b"whole").digest())
    assert not unfinished.exists()
    assert journal.load_snapshot() == (1, b"whole")


def test_what_is_cut_off_is_kept_aside(sqlite_ground: SqliteGround) -> None:
    written(sqlite_ground, 2)
    sqlite_ground.alter(2, batch(2)[:10])
    sqlite_ground.journal().open()
    with closing(sqlite3.connect(sqlite_ground.path)) as connection:
        kept = connection.execute("SELECT number, body, epoch FROM cut_records").fetchall()
    assert kept == [(2, batch(2)[:10], 2)]
