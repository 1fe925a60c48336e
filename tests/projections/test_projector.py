"""Claims about the projector: it follows a writer from anywhere, through anything, to the same tables."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from prorata.messages.batch import Published
from prorata.projections import projector as projecting
from prorata.projections.history import History
from prorata.projections.marks import RebuildNeeded
from prorata.projections.projector import Projector
from prorata.projections.recording import Happened
from prorata.server.worker import WorkerStopped
from tests.databases import sqlite_history

from .conftest import PLATFORM
from .happened import Story, busy_story
from .test_history import contents

SOON = 20.0


class FakeWriter:
    """Tells a story batch by batch. Its outbox holds what is `kept` and is one batch late, as the real one's."""

    def __init__(self, story: Story, applied: int = 0) -> None:
        self.story = story
        self.number = applied
        self.kept_from = 1
        self.late = 1
        self.listeners: list[Callable[[Happened], None]] = []

    @property
    def sequence(self) -> int:
        events = [batch for batch in self.story.batches[: self.number] if batch.events]
        return events[-1].first + len(events[-1].events) - 1 if events else 0

    def listen(self, callback: Callable[[Happened], None]) -> Callable[[], None]:
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)

    def published(self, after_number: int, limit: int = 1000) -> list[Published]:
        known = self.story.batches[: self.number - self.late]
        kept = [batch for batch in known if batch.events and batch.number >= self.kept_from]
        return [batch for batch in kept if batch.number > after_number][:limit]

    def apply(self, count: int = 1) -> None:
        for batch in self.story.batches[self.number : self.number + count]:
            self.number = batch.number
            for listener in self.listeners:
                listener(batch)


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, list[str]]:
    """What the tables hold after the whole of the busy story."""
    with closing(History(sqlite_history(tmp_path / "expected.db"), PLATFORM)) as history:
        history.write(busy_story().batches)
        return contents(history)


def test_it_catches_up_and_then_goes_along(history: History, expected: dict[str, list[str]]) -> None:
    writer = FakeWriter(busy_story(), applied=20)

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        while writer.number < 40:
            writer.apply()
            assert await projector.wait_for(writer.number, SOON)
            assert projector.lag == 0
        assert not await projector.wait_for(41, 0.01)
        await projector.stop()
        assert writer.listeners == []

    asyncio.run(follow())
    assert contents(history) == expected


def test_stopped_anywhere_it_goes_on_to_the_same_tables(history: History, expected: dict[str, list[str]]) -> None:
    writer = FakeWriter(busy_story())

    async def follow() -> None:
        while writer.number < 40:
            projector = Projector(history, writer)
            projector.start()
            writer.apply(5)
            await projector.stop()
            writer.apply(2)
        writer.late = 0
        projector = Projector(history, writer)
        projector.start()
        assert await projector.wait_for(40, SOON)
        await projector.stop()

    asyncio.run(follow())
    assert contents(history) == expected


def test_too_many_gathered_batches_are_read_again_from_the_outbox(
    history: History, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "GATHERED_EVENTS_MAX", 4)
    writer = FakeWriter(busy_story())

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        writer.apply(39)
        writer.late = 0
        writer.apply()
        assert await projector.wait_for(40, SOON)
        await projector.stop()

    asyncio.run(follow())
    assert contents(history) == expected


def test_batches_without_events_are_counted_but_not_written(history: History) -> None:
    story = Story()
    story.tell(story.deposit(1001, 100))
    for _ in range(5):
        story.tell()
    writer = FakeWriter(story, applied=1)
    writer.late = 0

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        assert await projector.wait_for(1, SOON)
        writer.apply(5)
        assert await projector.wait_for(6, SOON)
        await projector.stop()

    asyncio.run(follow())
    assert history.journal_position().number == 1


def test_a_pruned_outbox_ends_it_with_a_clear_word(history: History) -> None:
    story = busy_story()
    history.write(story.batches[:5])
    writer = FakeWriter(story, applied=30)
    writer.kept_from = 10

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        assert not await projector.wait_for(30, 0.5)
        await projector.stop()
        assert isinstance(projector.failure, RebuildNeeded)
        assert "are gone" in str(projector.failure)

    asyncio.run(follow())
    assert history.journal_position().number == 5


def test_a_writer_that_stops_while_it_catches_up_is_no_failure(
    history: History, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = FakeWriter(busy_story(), applied=40)

    def stopped(after_number: int, limit: int = 1000) -> list[Published]:
        raise WorkerStopped

    async def follow() -> None:
        with monkeypatch.context() as stopping:
            stopping.setattr(writer, "published", stopped)
            projector = Projector(history, writer)
            projector.start()
            assert not await projector.wait_for(40, 0.2)
            await projector.stop()
            assert projector.failure is None
        writer.late = 0
        projector = Projector(history, writer)
        projector.start()
        assert await projector.wait_for(40, SOON)
        await projector.stop()

    asyncio.run(follow())
    assert contents(history) == expected


def test_a_history_ahead_of_the_journal_ends_it_with_a_clear_word(history: History) -> None:
    story = busy_story()
    history.write(story.batches)
    writer = FakeWriter(story, applied=3)

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        await asyncio.to_thread(projector._thread.join)
        await projector.stop()
        assert "another journal" in str(projector.failure)

    asyncio.run(follow())


def test_a_database_that_fails_for_a_while_loses_nothing(
    history: History, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "RETRY_SECONDS", 0.02)
    writer = FakeWriter(busy_story(), applied=10)
    failing = iter(range(6))

    @event.listens_for(history._database, "before_cursor_execute")
    def fail(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO deals") and next(failing, None) is not None:
            raise OperationalError(statement, None, Exception("disk I/O error"))

    async def follow() -> None:
        projector = Projector(history, writer)
        projector.start()
        for _ in range(30):
            writer.apply()
            await asyncio.sleep(0.002)
        writer.late = 0
        assert await projector.wait_for(40, SOON)
        assert projector.failure is None
        await projector.stop()

    asyncio.run(follow())
    assert contents(history) == expected


def test_what_happens_while_it_gathers_is_one_transaction_and_nobody_who_waits_is_kept(
    history: History, expected: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(projecting, "GATHER_SECONDS", 60.0)
    writer = FakeWriter(busy_story(), applied=10)
    commits: list[int] = []

    @event.listens_for(history._database, "commit")
    def note(_connection: object) -> None:
        commits.append(writer.number)

    gathers = threading.Event()
    let_gather = projecting._Gathered.let_gather

    def noted(gathered: projecting._Gathered, seconds: float, *, is_awaited: Callable[[], bool]) -> None:
        gathers.set()
        let_gather(gathered, seconds, is_awaited=is_awaited)

    monkeypatch.setattr(projecting._Gathered, "let_gather", noted)

    async def follow() -> None:
        projector = Projector(history, writer)
        writer.late = 0
        projector.start()
        assert await projector.wait_for(10, SOON)
        # Catching up may last a few batches more; the claim is about what comes once it gathers.
        while not gathers.is_set():
            writer.apply()
            assert await projector.wait_for(writer.number, SOON)
            await asyncio.to_thread(gathers.wait, 0.2)
        commits.clear()
        while writer.number < 40:
            writer.apply()
            await asyncio.sleep(0.002)
        assert len(commits) <= 1
        assert await projector.wait_for(40, SOON)
        assert len(commits) <= 3
        await projector.stop()

    asyncio.run(follow())
    assert contents(history) == expected
