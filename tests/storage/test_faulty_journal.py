"""The journal in memory fails as disks fail, and the same seed fails alike."""

import pytest

from prorata.server.ports import JournalFailed
from prorata.sim.faulty_journal import Fate, FaultyDisk, FaultyJournal

from .journal_grounds import append_all, chain


@pytest.mark.parametrize(("fate", "there_after"), [(Fate.KEPT, 2), (Fate.LOST, 1), (Fate.TORN, 1)])
def test_a_failed_commit_leaves_the_whole_record_or_nothing(fate: Fate, there_after: int) -> None:
    disk = FaultyDisk(seed=5)
    journal = FaultyJournal(disk)
    journal.open()
    first, second = chain(1, 2)
    journal.append(first, [])
    disk.fail_next_commit(fate)
    for _ in range(2):
        with pytest.raises(JournalFailed):
            journal.append(second, [(1, b"events")])
    again = FaultyJournal(disk)
    assert again.open()[0] == there_after
    assert list(again.records()) == [first, second][:there_after]
    assert again.last_published() == (1 if fate is Fate.KEPT else 0)


def test_a_crash_ends_every_open_journal_and_keeps_what_was_committed() -> None:
    disk = FaultyDisk(seed=5)
    journal = FaultyJournal(disk)
    journal.open()
    records = chain(1, 3)
    append_all(journal, records[:2])
    disk.crash()
    with pytest.raises(JournalFailed):
        journal.append(records[2], [])
    with pytest.raises(JournalFailed):
        journal.published()
    again = FaultyJournal(disk)
    assert again.open()[0] == 2
    append_all(again, records[2:])


def test_the_same_seed_draws_the_same_faults() -> None:
    def run(seed: int) -> list[int]:
        disk = FaultyDisk(seed)
        lengths, records = [], chain(1, 30)
        for record in records:
            journal = FaultyJournal(disk)
            if journal.open()[0] == record.number - 1:
                disk.fail_next_commit()
                with pytest.raises(JournalFailed):
                    journal.append(record, [])
                lengths.append(sum(len(kept.body) for kept in disk.records))
        return lengths

    assert run(3) == run(3)
    assert len({tuple(run(seed)) for seed in range(10)}) > 1


def test_a_torn_last_record_is_cut_off_by_the_next_life() -> None:
    disk = FaultyDisk(seed=8)
    journal = FaultyJournal(disk)
    journal.open()
    append_all(journal, chain(1, 2))
    disk.tear_last_record()
    assert FaultyJournal(disk).open()[0] == 1
