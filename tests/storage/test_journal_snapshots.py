"""Snapshots shorten a replay; a bad one costs time and never truth."""

import hashlib

import pytest

from prorata.storage.chain import StoredJournal

from .journal_grounds import Ground, append_all, chain


def writer(ground: Ground) -> StoredJournal:
    journal = ground.journal()
    journal.open()
    append_all(journal, chain(1, 20))
    return journal


def save(journal: StoredJournal, number: int, state: bytes) -> None:
    journal.save_snapshot(number, state, hashlib.sha256(state).digest())


def test_the_newest_snapshot_is_loaded_and_two_are_kept(ground: Ground) -> None:
    journal = writer(ground)
    for number in (3, 9, 11):
        save(journal, number, b"state after %d" % number)
    journal.close()
    again = ground.journal()
    assert again.load_snapshot() == (11, b"state after 11")
    assert again.snapshot_numbers() == [9, 11]


def test_a_snapshot_may_be_saved_without_claiming_the_journal(ground: Ground) -> None:
    leader, beside = writer(ground), ground.journal()
    save(beside, 20, b"replayed elsewhere")
    leader.append(chain(21, 21, list(leader.records())[-1].hash)[0], [])
    assert leader.load_snapshot() == (20, b"replayed elsewhere")


def test_a_snapshot_of_what_was_never_journaled_is_a_bug(ground: Ground) -> None:
    with pytest.raises(AssertionError):
        save(writer(ground), 21, b"state")


def test_a_damaged_newest_snapshot_gives_way_to_the_one_before(ground: Ground) -> None:
    journal = writer(ground)
    save(journal, 9, b"older")
    save(journal, 10, b"newer")
    ground.damage_newest_snapshot()
    assert journal.load_snapshot() == (9, b"older")
    save(journal, 11, b"newest")
    assert journal.load_snapshot() == (11, b"newest")


def test_without_a_good_snapshot_none_is_loaded(ground: Ground) -> None:
    journal = writer(ground)
    assert journal.load_snapshot() is None
    save(journal, 9, b"only")
    ground.damage_newest_snapshot()
    assert journal.load_snapshot() is None


def test_a_snapshot_of_the_same_batch_takes_the_place_of_the_old_one(ground: Ground) -> None:
    journal = writer(ground)
    save(journal, 9, b"once")
    save(journal, 9, b"twice")
    assert journal.load_snapshot() == (9, b"twice")
    assert journal.snapshot_numbers() == [9]


def test_a_snapshot_of_many_megabytes_comes_back_whole(ground: Ground) -> None:
    state = bytes(range(256)) * (17 * 4096)
    journal = writer(ground)
    save(journal, 9, state)
    assert journal.load_snapshot() == (9, state)
