"""Snapshots as they lie there: numbers, sizes, and each one's state."""

import hashlib
from pathlib import Path

from prorata.storage.snapshots import Snapshots, open_snapshots

from .journal_grounds import PLATFORM, PostgresqlGround, SqliteGround, append_all, chain


def check(ground: SqliteGround | PostgresqlGround, snapshots: Snapshots) -> None:
    journal = ground.journal()
    journal.open()
    assert snapshots.numbers() == []
    append_all(journal, chain(1, 20))
    for number in (3, 9, 11):
        state = b"state after %d" % number
        journal.save_snapshot(number, state, hashlib.sha256(state).digest())
    assert snapshots.numbers() == [9, 11]
    assert [snapshots.size(number) for number in (9, 11)] == [13, 14]
    assert snapshots.state(9) == b"state after 9"
    ground.damage_newest_snapshot()
    assert snapshots.state(11) is None
    assert snapshots.state(9) == b"state after 9"


def test_snapshots_in_files(sqlite_ground: SqliteGround, tmp_path: Path) -> None:
    check(sqlite_ground, open_snapshots(f"sqlite:///{tmp_path}/live%201.db", PLATFORM))


def test_snapshots_in_postgresql(postgresql_ground: PostgresqlGround) -> None:
    check(postgresql_ground, open_snapshots(postgresql_ground.url, PLATFORM))
