"""What is asked of the journal's thread is done in order, and nobody waits for a thread that has ended."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from prorata.server.worker import Worker, WorkerStopped


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker("a worker")
    yield worker
    worker.stop()


def test_it_does_what_is_asked_in_order_on_one_other_thread(worker: Worker) -> None:
    done: list[tuple[int, int]] = []

    def work(number: int, *, more: int = 0) -> int:
        done.append((number, threading.get_ident()))
        return number + more

    async def ask() -> list[int]:
        return await asyncio.gather(*(worker.run(work, number, more=1) for number in range(50)))

    assert asyncio.run(ask()) == list(range(1, 51))
    assert worker.result_of(work, 7) == 7
    assert [number for number, _ in done] == [*range(50), 7]
    assert {thread for _, thread in done}.isdisjoint({threading.get_ident()})
    assert len({thread for _, thread in done}) == 1


def test_a_failure_is_the_askers_and_the_thread_goes_on(worker: Worker) -> None:
    def fail() -> None:
        raise OSError("the disk is gone")

    async def ask() -> None:
        with pytest.raises(OSError, match="the disk is gone"):
            await worker.run(fail)

    asyncio.run(ask())
    with pytest.raises(OSError, match="the disk is gone"):
        worker.result_of(fail)
    assert worker.result_of(str, 1) == "1"


def test_an_asker_that_no_longer_waits_is_passed_over(worker: Worker) -> None:
    go_on = threading.Event()

    async def ask() -> int:
        worker.run(go_on.wait, 5).cancel()
        go_on.set()
        return await worker.run(int, "2")

    assert asyncio.run(ask()) == 2


def test_what_was_asked_before_the_end_is_done_and_nothing_after_it() -> None:
    worker = Worker("a worker")
    done: list[int] = []

    async def ask() -> None:
        futures = [worker.run(done.append, number) for number in range(10)]
        worker.stop()
        await asyncio.gather(*futures)
        with pytest.raises(WorkerStopped):
            worker.run(done.append, 10)

    asyncio.run(ask())
    assert done == list(range(10))
    with pytest.raises(WorkerStopped):
        worker.result_of(done.append, 11)
