"""What every journal promises, whatever it lies on."""

import hashlib

import pytest

from prorata.server.ports import JournalDamaged, JournalFailed, JournalFenced, JournalFull, Record
from prorata.storage.chain import FIRST_HASH, JournalUnusable, hash_after
from prorata.storage.journals import open_journal

from .journal_grounds import Ground, append_all, batch, chain, written


def test_an_empty_journal_opens_at_number_zero_in_epoch_one(ground: Ground) -> None:
    journal = ground.journal()
    assert journal.open() == (0, bytes(32), 1)
    assert list(journal.records()) == []
    assert (journal.published(), journal.last_published(), journal.load_snapshot()) == ([], 0, None)


def test_what_was_appended_is_there_after_reopening(ground: Ground) -> None:
    records = written(ground, 5)
    journal = ground.journal()
    assert journal.open() == (5, records[-1].hash, 2)
    assert list(journal.records()) == records
    journal.append(chain(6, 6, records[-1].hash)[0], [])
    assert journal.last_number() == 6


def test_records_are_read_from_any_number_on_and_in_more_than_one_page(ground: Ground) -> None:
    records = written(ground, 600)
    journal = ground.journal()
    assert list(journal.records(after=250)) == records[250:]
    assert list(journal.records(after=600)) == []
    assert list(journal.records(after=601)) == []


def test_outbox_rows_are_committed_with_the_next_record_and_read_in_order(ground: Ground) -> None:
    records = chain(1, 3)
    journal = ground.journal()
    journal.open()
    journal.append(records[0], [])
    journal.append(records[1], [(1, b"events of 1")])
    journal.append(records[2], [(2, b"events of 2")])
    assert journal.published() == [(1, b"events of 1"), (2, b"events of 2")]
    assert journal.published(after=1) == [(2, b"events of 2")]
    assert journal.published(limit=1) == [(1, b"events of 1")]
    assert journal.last_published() == 2
    journal.prune_published(before=2)
    assert journal.published() == [(2, b"events of 2")]


def test_a_stale_writer_is_fenced_and_writes_nothing(ground: Ground) -> None:
    first, second, third = chain(1, 3)
    stale, leader = ground.journal(), ground.journal()
    stale.open()
    stale.append(first, [])
    assert leader.open() == (1, first.hash, 2)
    for _ in range(2):
        with pytest.raises(JournalFenced):
            stale.append(second, [(1, b"events")])
    leader.append(second, [])
    with pytest.raises(JournalFenced):
        stale.append(second, [])
    leader.append(third, [])
    assert list(leader.records()) == [first, second, third]
    assert leader.published() == []


def test_an_epoch_that_is_given_must_be_above_the_last_writers(ground: Ground) -> None:
    assert ground.journal().open(epoch=7)[2] == 7
    for epoch in (6, 7):
        with pytest.raises(JournalFenced):
            ground.journal().open(epoch=epoch)
    assert ground.journal().open(epoch=9)[2] == 9
    assert ground.journal().open()[2] == 10


def test_a_full_disk_refuses_the_record_and_loses_nothing(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    first, second = chain(1, 2)
    journal.append(first, [])
    big = b"\0" * 100_000
    ground.fill(journal)
    for _ in range(3):
        with pytest.raises(JournalFull):
            journal.append(second, [(1, big)])
    assert list(journal.records()) == [first]
    assert journal.published() == []
    ground.make_room(journal)
    journal.append(second, [(1, big)])
    journal.close()
    again = ground.journal()
    assert again.open() == (2, second.hash, 2)
    assert again.published() == [(1, big)]


def test_appending_out_of_sequence_or_off_the_chain_is_a_bug(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    first, second = chain(1, 2)
    with pytest.raises(AssertionError):
        journal.append(second, [])
    with pytest.raises(AssertionError):
        journal.append(Record(1, first.body, second.hash), [])
    journal.append(first, [])


def test_a_journal_that_was_closed_takes_no_more_records(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    journal.close()
    with pytest.raises(JournalFailed):
        journal.append(chain(1, 1)[0], [])


def test_a_torn_last_record_is_cut_off_on_opening(ground: Ground) -> None:
    records = written(ground, 3)
    ground.alter(3, records[2].body[:20])
    journal = ground.journal()
    assert journal.open() == (2, records[1].hash, 2)
    other = batch(3, orders=2)
    replacement = Record(3, other, hash_after(records[1].hash, other))
    journal.append(replacement, [])
    assert list(journal.records()) == [*records[:2], replacement]


def test_a_torn_only_record_is_cut_off_on_opening(ground: Ground) -> None:
    records = written(ground, 1)
    ground.alter(1, records[0].body[:-1])
    assert ground.journal().open() == (0, FIRST_HASH, 2)


@pytest.mark.parametrize("altered", [1, 2, 4])
def test_a_bad_record_before_good_ones_halts_opening_and_reading(ground: Ground, altered: int) -> None:
    records = written(ground, 5)
    ground.alter(altered, records[altered - 1].body + b"\0")
    with pytest.raises(JournalDamaged) as damage:
        ground.journal().open()
    assert damage.value.number == altered
    with pytest.raises(JournalDamaged) as damage:
        list(ground.journal().records())
    assert damage.value.number == altered


def test_a_record_is_handed_out_only_after_its_check(ground: Ground) -> None:
    records = written(ground, 4)
    ground.alter(3, records[2].body + b"\0")
    reading = ground.journal().records()
    assert [next(reading), next(reading)] == records[:2]
    with pytest.raises(JournalDamaged):
        next(reading)


def test_two_bad_records_at_the_end_are_damage_and_no_tear(ground: Ground) -> None:
    records = written(ground, 4)
    ground.alter(3, records[2].body[:9])
    ground.alter(4, records[3].body[:9])
    with pytest.raises(JournalDamaged) as damage:
        ground.journal().open()
    assert damage.value.number == 3


def test_a_missing_record_halts_opening_and_is_named(ground: Ground) -> None:
    written(ground, 5)
    ground.remove(3)
    with pytest.raises(JournalDamaged, match="record 3: is missing"):
        ground.journal().open()
    with pytest.raises(JournalDamaged, match="record 3: is missing"):
        list(ground.journal().records(after=3))


def test_a_last_record_that_left_traces_was_whole_once_and_is_not_cut_off(ground: Ground) -> None:
    records = chain(1, 2)
    journal = ground.journal()
    journal.open()
    append_all(journal, records)
    journal.save_snapshot(2, b"state", hashlib.sha256(b"state").digest())
    journal.close()
    ground.alter(2, records[1].body[:9])
    with pytest.raises(JournalDamaged) as damage:
        ground.journal().open()
    assert damage.value.number == 2
    ground.remove(2)
    with pytest.raises(JournalDamaged, match="record 2: is missing, though"):
        ground.journal().open()


def test_opening_checks_the_stretch_that_a_restart_replays(ground: Ground) -> None:
    """What a snapshot covers is left to `verify`, so that a long journal opens at once."""
    records = chain(1, 6)
    journal = ground.journal()
    journal.open()
    append_all(journal, records)
    journal.save_snapshot(4, b"state", hashlib.sha256(b"state").digest())
    journal.close()
    ground.alter(2, b"edited")
    assert ground.journal().open()[0] == 6
    ground.alter(5, b"edited")
    with pytest.raises(JournalDamaged) as damage:
        ground.journal().open()
    assert damage.value.number == 5


@pytest.mark.parametrize("url", ["mysql://host/db", "live.db", "sqlite://", "sqlite:///", "sqlite:live.db", ""])
def test_an_address_of_no_known_kind_is_refused(url: str) -> None:
    with pytest.raises(JournalUnusable):
        open_journal(url, "live-1")
