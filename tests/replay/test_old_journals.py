"""Journals of every release replay to the results that were given then."""

from pathlib import Path

import pytest

from prorata.messages.batch import decode_batch
from prorata.server.machine import Machine
from tests.replay.keep import FOLDER, play, read

JOURNALS = sorted(FOLDER.glob("*.journal.gz"))


def test_there_are_journals_to_replay() -> None:
    assert JOURNALS


@pytest.mark.parametrize("path", JOURNALS, ids=lambda path: path.name)
def test_an_old_journal_gives_the_results_that_were_given_then(path: Path) -> None:
    kept, machine = read(path), Machine()
    for body in kept.bodies:
        machine.apply(decode_batch(body))
    assert machine.sequence == kept.sequence
    assert machine.results_hash == kept.results_hash


def test_the_day_that_is_kept_is_the_same_whenever_it_is_played() -> None:
    assert play(seed=2) == play(seed=2)
