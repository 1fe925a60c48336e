"""`verify` names the first bad record and says what is wrong; `export` prints a journal in words."""

import json

import pytest

from prorata.server.ports import JournalDamaged, Record
from prorata.storage.chain import FIRST_HASH, hash_after
from prorata.storage.export import export
from prorata.storage.verify import Finding, Verdict, verify

from .journal_grounds import Ground, append_all, batch, chain, written


def test_a_good_journal_is_sound(ground: Ground) -> None:
    records = written(ground, 300)
    assert verify(ground.journal()) == Verdict(finding=Finding.SOUND, good=300, hash=records[-1].hash)


def test_an_empty_journal_is_sound(ground: Ground) -> None:
    written(ground, 0)
    assert verify(ground.journal()) == Verdict(finding=Finding.SOUND, good=0, hash=FIRST_HASH)


def test_an_altered_record_in_the_middle_is_named(ground: Ground) -> None:
    records = written(ground, 5)
    ground.alter(3, batch(3, orders=2))
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number, verdict.good) == (Finding.DAMAGED, 3, 2)
    assert verdict.problem == "its hash does not match its body and the record before it"
    assert verdict.hash == records[1].hash


def test_a_record_rewritten_with_its_own_hash_is_given_away_by_the_next(ground: Ground) -> None:
    records = written(ground, 5)
    forged = batch(3, orders=2)
    ground.alter(3, forged, hash_after(records[1].hash, forged))
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 4)


def test_a_truncated_record_in_the_middle_is_named_with_both_its_faults(ground: Ground) -> None:
    records = written(ground, 5)
    ground.alter(2, records[1].body[:20])
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 2)
    assert verdict.problem.startswith("its body cannot be decoded (")
    assert verdict.problem.endswith("; its hash does not match its body and the record before it")


def test_a_torn_last_record_is_told_apart_from_damage_and_gone_after_opening(ground: Ground) -> None:
    records = written(ground, 3)
    ground.alter(3, records[2].body[:20])
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number, verdict.good) == (Finding.TORN_TAIL, 3, 2)
    ground.journal().open()
    assert verify(ground.journal()) == Verdict(finding=Finding.SOUND, good=2, hash=records[1].hash)


def test_a_last_record_whose_events_were_published_was_not_torn(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    first, second = chain(1, 2)
    journal.append(first, [])
    journal.append(second, [(1, b"events")])
    journal.close()
    ground.remove(2)
    ground.alter(1, first.body[:20])
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 1)
    ground.remove(1)
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 1)
    assert verdict.problem == "is missing, though its events or a snapshot after it are kept"


@pytest.mark.parametrize(
    ("removed", "number", "problem"),
    [((1,), 1, "is missing"), ((3,), 3, "is missing"), ((3, 4, 5), 3, "is missing, as is all up to 5")],
)
def test_a_gap_is_named_by_its_first_number(ground: Ground, removed: tuple[int, ...], number: int, problem: str) -> None:
    written(ground, 6)
    for gone in removed:
        ground.remove(gone)
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number, verdict.good) == (Finding.DAMAGED, number, number - 1)
    assert verdict.problem == problem


def test_records_that_changed_places_are_named_as_such(ground: Ground) -> None:
    written(ground, 5)
    ground.renumber(2, 4)
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 2)
    assert verdict.problem.startswith("it holds batch 4: wrong order; its hash does not match")


def test_a_body_that_was_written_unreadable_is_damage_even_at_the_end(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    good = chain(1, 1)
    append_all(journal, [*good, Record(2, b"no batch", hash_after(good[0].hash, b"no batch"))])
    verdict = verify(ground.journal())
    assert (verdict.finding, verdict.number) == (Finding.DAMAGED, 2)
    assert verdict.problem.startswith("its body cannot be decoded (")


def test_verifying_does_not_disturb_the_writer(ground: Ground) -> None:
    journal = ground.journal()
    journal.open()
    records = chain(1, 4)
    append_all(journal, records[:2])
    reader = ground.journal()
    assert verify(reader).good == 2
    append_all(journal, records[2:])
    assert verify(reader).good == 4
    reader.close()


def test_progress_is_told_now_and_then_and_at_the_end(ground: Ground) -> None:
    written(ground, 1200)
    told: list[tuple[int, int]] = []
    verify(ground.journal(), lambda done, total: told.append((done, total)))
    assert told == [(1000, 1200), (1200, 1200)]


def test_an_export_is_json_with_field_names(ground: Ground) -> None:
    records = written(ground, 3)
    lines = [json.dumps(entry) for entry in export(ground.journal(), after=1)]
    first = json.loads(lines[0])
    assert len(lines) == 2
    assert first["number"] == 2
    assert first["hash"] == records[1].hash.hex()
    assert first["batch"]["at"] == 1_700_000_000_002
    assert first["batch"]["results_hash"] == "01" * 32
    submission = first["batch"]["submissions"][0]
    assert (submission["caller"], submission["key"]) == ("trader", "2-0")
    assert submission["command"]["message"] == "order"
    assert submission["command"]["symbol"] == "EURUSD"
    assert submission["command"]["volume"] == 10_000_000


def test_an_export_stops_at_a_bad_record(ground: Ground) -> None:
    written(ground, 3)
    ground.alter(2, b"edited")
    with pytest.raises(JournalDamaged):
        list(export(ground.journal()))
