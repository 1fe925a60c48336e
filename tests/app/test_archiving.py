"""Archiving a journal: what is in the archive, and that no step of it loses anything."""

import asyncio
import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from prorata.app import archiving
from prorata.app.archiving import EXPORT_NAME, MANIFEST_NAME, Manifest, NotArchived, Wish, archive
from prorata.messages.commands import OpenAccount, PutGroup
from prorata.messages.groups import GroupSpec
from prorata.server.writer import Writer
from prorata.storage.export import export
from prorata.storage.journals import open_journal
from tests.databases import postgresql_schema

COUNT = 5


class Fell(Exception):
    """The power went."""


def written(url: str, engine: str) -> None:
    """Write a journal of a few batches."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir()

    async def write() -> None:
        writer = Writer(engine, open_journal(url, engine))
        await writer.start()
        await writer.submit(PutGroup(GroupSpec(name="standard", currency="USD")))
        for _ in range(COUNT - 1):
            await writer.submit(OpenAccount("standard"))
        await writer.stop()

    asyncio.run(write())


@pytest.fixture
def wish(tmp_path: Path) -> Wish:
    """A journal that is a file."""
    folder = tmp_path / "engine"
    url = f"sqlite:///{folder}/journal.db"
    written(url, "engine")
    target = tmp_path / "archive" / "engine"
    return Wish(journal=url, engine="engine", name="Live", uuid="u-u-i-d", folder=str(folder), target=str(target))


@pytest.fixture
def in_postgresql(tmp_path: Path) -> Iterator[Wish]:
    for url in postgresql_schema():
        written(url, "engine")
        target = tmp_path / "archive" / "engine"
        yield Wish(journal=url, engine="engine", name="Live", uuid="u-u-i-d", folder=None, target=str(target))


def lines(wish: Wish) -> list[dict[str, Any]]:
    with gzip.open(Path(wish.target) / EXPORT_NAME) as packed:
        return [json.loads(line) for line in packed]


def check(wish: Wish, manifest: Manifest) -> None:
    """The archive is whole."""
    target = Path(wish.target)
    assert msgspec.json.decode((target / MANIFEST_NAME).read_bytes(), type=Manifest) == manifest
    told = lines(wish)
    assert (manifest.finding, manifest.records) == ("sound", len(told))
    assert manifest.hash == told[-1]["hash"]
    assert sum("GroupSpec" not in json.dumps(one) and "standard" in json.dumps(one) for one in told) >= COUNT - 1
    assert not list(target.glob("*.new"))


def test_an_archive_has_the_journal_its_words_and_what_they_are(wish: Wish) -> None:
    manifest = archive(wish)
    check(wish, manifest)
    assert (manifest.platform, manifest.name) == ("u-u-i-d", "Live")
    assert not Path(wish.folder or "").exists()
    moved = open_journal(f"sqlite:///{wish.target}/journal.db", "engine")
    assert moved.last_number() == manifest.records
    moved.close()
    assert archive(wish) == manifest


def test_a_journal_in_a_database_server_is_told_in_words_and_stays_there(in_postgresql: Wish) -> None:
    check(in_postgresql, archive(in_postgresql))
    again = archive(in_postgresql)
    check(in_postgresql, again)
    journal = open_journal(in_postgresql.journal, "engine")
    assert journal.last_number() == again.records
    journal.close()


@pytest.mark.parametrize("step", ["verify", "_export", "_checked", "_write", "_sync"])
@pytest.mark.parametrize("time", [1, 2])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_archiving_that_fell_at_any_step_is_done_by_the_next_one(
    wish: Wish, monkeypatch: pytest.MonkeyPatch, step: str, time: int, after: bool
) -> None:
    calls = 0
    whole: Callable[..., Any] = getattr(archiving, step)

    def falling(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == time and not after:
            raise Fell
        done = whole(*arguments)
        if calls == time:
            raise Fell
        return done

    with monkeypatch.context() as patched:
        patched.setattr(archiving, step, falling)
        try:
            archive(wish)
        except Fell:
            pass
        else:
            assert time == 2
    check(wish, archive(wish))


def test_what_a_damaged_journal_still_tells_is_archived_and_the_damage_is_named(wish: Wish) -> None:
    journal = Path(wish.folder or "") / "journal.db"
    _damage(journal, 3)
    manifest = archive(wish)
    assert (manifest.finding, manifest.records) == ("damaged", 2)
    assert manifest.problem
    assert [line["number"] for line in lines(wish)] == [1, 2]
    assert (Path(wish.target) / "journal.db").exists()


def _damage(file: Path, number: int) -> None:
    database = sqlite3.connect(file)
    database.execute("UPDATE records SET hash = zeroblob(32) WHERE number = ?", (number,))
    database.commit()
    database.close()


def test_an_export_that_is_not_what_the_journal_says_is_not_taken_for_it(wish: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archiving, "export", lambda journal: list(export(journal))[:-1])
    with pytest.raises(NotArchived):
        archive(wish)
    assert Path(wish.folder or "").exists()
    assert not Path(wish.target).exists()


def test_a_platform_that_never_ran_is_archived_as_such(tmp_path: Path) -> None:
    folder, target = tmp_path / "never", tmp_path / "archive" / "never"
    url = f"sqlite:///{folder}/journal.db"
    wish = Wish(journal=url, engine="never", name="Never", uuid="u", folder=str(folder), target=str(target))
    manifest = archive(wish)
    assert (manifest.finding, manifest.records) == ("no journal", 0)
    assert (target / MANIFEST_NAME).exists()
