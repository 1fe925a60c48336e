"""Claims about the process that writes the history: whatever happens to it, the tables come to say what the journal says."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx2
import pytest

from prorata.app import history_process
from prorata.app.history_line import Told
from prorata.app.history_main import ToldWriter
from prorata.app.history_process import HistoryProcess
from prorata.messages.batch import Published
from prorata.messages.commands import BalanceKind, BookBalance, Quote
from prorata.projections.history import History, replayed
from prorata.projections.recording import Happened
from prorata.server.writer import Applied, Writer
from prorata.storage.journals import open_journal
from tests.app.programs import here, running
from tests.databases import sqlite_history
from tests.projections.conftest import history_url  # noqa: F401
from tests.projections.test_history import contents
from tests.server.stage import SetClock, buy, set_up

PLATFORM = "live-1"
SOON = 30.0


class Stage:
    """A writer whose history is written by a process."""

    def __init__(self, folder: Path, history: str) -> None:
        self.history = history
        self.journal = f"sqlite:///{folder}/journal.db"
        self.writer = Writer(PLATFORM, open_journal(self.journal, PLATFORM), clock=SetClock())
        self.process = self.new_process()

    def new_process(self) -> HistoryProcess:
        return HistoryProcess(self.writer, journal=self.journal, history=self.history, log_level="error")

    async def start(self) -> None:
        await self.writer.start()
        self.process.start()
        await set_up(self.writer)
        self.writer.quote([Quote("EURUSD", 110_000, 110_010)])

    async def trade(self, orders: int) -> None:
        for _ in range(orders):
            await self.writer.submit(buy(1))

    async def process_is_there(self) -> int:
        """Wait until there is a process that writes, and return its number."""
        assert await self.process.wait_for(self.writer.number, SOON)
        assert self.process.pid is not None
        return self.process.pid

    async def stop(self) -> None:
        assert await self.process.wait_for(self.writer.number, SOON)
        await self.writer.stop()
        await self.process.stop()


@pytest.fixture
def stage(tmp_path: Path, history_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:  # noqa: F811
    """Afterwards the tables hold what a replay of the journal gives."""
    monkeypatch.setattr(history_process, "RESTART_SECONDS", 0.05)
    staged = Stage(tmp_path, history_url)
    yield staged
    journal = open_journal(staged.journal, PLATFORM)
    with (
        closing(journal),
        closing(History(sqlite_history(tmp_path / "expected.db"), PLATFORM)) as expected,
        closing(History(history_url, PLATFORM)) as history,
    ):
        expected.write(replayed(journal))
        assert contents(history) == contents(expected)
        assert len(contents(history)["deals"]) > 10


def test_who_waits_reads_what_was_just_written(stage: Stage) -> None:
    async def live() -> None:
        await stage.start()
        for turn in range(1, 13):
            await stage.trade(1)
            assert await stage.process.wait_for(stage.writer.number, SOON)
            assert stage.process.lag == 0
            with closing(History(stage.history, PLATFORM)) as history:
                assert len(contents(history)["deals"]) == turn
        assert not await stage.process.wait_for(stage.writer.number + 100, 0.01)
        await stage.stop()

    asyncio.run(live())


def test_a_killed_process_is_started_anew_and_nobody_who_waits_is_forgotten(stage: Stage) -> None:
    async def live() -> None:
        await stage.start()
        for _ in range(3):
            pid = await stage.process_is_there()
            os.kill(pid, signal.SIGSTOP)  # So that it has not written by the time that it is killed.
            await stage.trade(5)
            waiting = asyncio.create_task(stage.process.wait_for(stage.writer.number, SOON))
            await asyncio.sleep(0)
            assert not waiting.done()
            os.kill(pid, signal.SIGKILL)
            await stage.trade(5)
            assert await waiting
            assert stage.process.pid != pid
        await stage.stop()

    asyncio.run(live())


def test_what_the_outbox_does_not_have_yet_is_told_to_a_new_process(stage: Stage) -> None:
    async def live() -> None:
        await stage.start()
        await stage.trade(12)
        assert await stage.process.wait_for(stage.writer.number, SOON)
        await stage.process.stop()
        await stage.trade(1)
        stage.process = stage.new_process()
        stage.process.start()
        assert await stage.process.wait_for(stage.writer.number, SOON)
        await stage.stop()

    asyncio.run(live())


def test_a_process_that_reads_nothing_is_replaced(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_process, "UNREAD_MAX_BYTES", 1_000)
    monkeypatch.setattr(history_process, "END_SECONDS", 0.2)

    async def live() -> None:
        await stage.start()
        pid = await stage.process_is_there()
        assert await stage.process.wait_for(stage.writer.number, SOON)
        os.kill(pid, signal.SIGSTOP)
        async with asyncio.timeout(SOON):
            while stage.process.pid == pid:
                await stage.writer.submit(BookBalance(1001, BalanceKind.DEPOSIT, 1, comment="much to read " * 10_000))
                await asyncio.sleep(history_process.TELL_SECONDS)
        await stage.trade(12)
        monkeypatch.setattr(history_process, "UNREAD_MAX_BYTES", 1 << 30)
        monkeypatch.setattr(history_process, "END_SECONDS", 20.0)
        await stage.stop()

    asyncio.run(live())


def test_the_outbox_and_what_was_told_are_one_list(tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/journal.db", PLATFORM)
    writer = ToldWriter(journal)
    heard: list[Happened] = []

    async def live() -> None:
        real = Writer(PLATFORM, journal, clock=SetClock())
        await real.start()
        applied: list[Applied] = []
        real.listen(applied.append)
        await set_up(real)
        bodies = [batch.encoded for batch in applied]
        # The outbox has the first six; of the seven that happened the last two are told, one of them twice.
        writer.take(Told(6, 0, applied[5].first, 4, tuple(bodies[4:6])))
        writer.listen(heard.append)
        writer.take(Told(8, 0, applied[6].first, 6, (bodies[6],)))
        assert [batch.number for batch in writer.published(0)] == [1, 2, 3, 4, 5, 6, 7]
        assert [batch.number for batch in writer.published(5, limit=1)] == [6]
        await real.stop()

    asyncio.run(live())
    assert (writer.number, writer.sequence) == (8, 7)
    assert [(batch.number, len(batch.events)) for batch in heard] == [(7, 1), (8, 0)]
    assert isinstance(heard[0], Published)


# The server, as a whole.


@contextmanager
def served(folder: Path) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    """(the server's process, client with an admin key)"""
    token = here("keys", "add", "--data", folder, "--scope", "admin").out.strip()
    with (
        running("serve", "--data", folder, "--port", "0") as (process, address, _),
        httpx2.Client(verify=False, base_url=address, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        yield process, client


def children(pid: int) -> list[int]:
    return [int(word) for task in Path(f"/proc/{pid}/task").iterdir() for word in (task / "children").read_text().split()]


def until(condition: str, seconds: float = SOON) -> Iterator[None]:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        yield
        time.sleep(0.05)
    raise AssertionError(f"never: {condition}")


def test_the_server_goes_on_while_its_history_is_started_anew(tmp_path: Path) -> None:
    with served(tmp_path) as (process, client):
        (child,) = children(process.pid)
        os.kill(child, signal.SIGKILL)
        assert client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001}).is_success
        booked = client.post("/api/v1/accounts/1001/balance-operations", json={"kind": "deposit", "amount": "10.00"})
        assert booked.is_success
        for _ in until("the tables have it"):
            if client.get("/api/v1/accounts/1001/balance-operations").json()["items"]:
                break
        assert client.get("/readyz").json()["ready"]
        assert children(process.pid) != [child]


def test_a_killed_server_leaves_no_process_behind(tmp_path: Path) -> None:
    with served(tmp_path) as (process, _):
        (child,) = children(process.pid)
        process.kill()
        for _ in until("it ends"):
            if not Path(f"/proc/{child}").exists():
                break


def test_a_signal_to_the_whole_group_stops_the_server_and_then_its_history(tmp_path: Path) -> None:
    with served(tmp_path) as (process, client):
        (child,) = children(process.pid)
        assert client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001}).is_success
        for _ in until("the tables have it"):
            if client.get("/readyz").json()["platforms"]["main"]["history_lag"] == 0:
                break
        for number in (child, process.pid):
            os.kill(number, signal.SIGTERM)
        process.communicate(timeout=SOON)
        assert process.returncode == 0
        assert not Path(f"/proc/{child}").exists()
    proven = here("ledger", "verify", "--data", tmp_path, "--json").json()
    assert proven["tables"]["made"]
