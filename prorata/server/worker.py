"""A thread of one's own for what blocks, in the order in which it is asked.

An executor would do; its queues, locks and futures cost the event loop three times as much for every batch.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class WorkerStopped(RuntimeError):
    """The thread has ended; nothing more is done."""


class Worker:
    """Runs until `stop`. A daemon: a process that ends by accident does not wait for it."""

    def __init__(self, name: str) -> None:
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._asking = threading.Lock()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> "asyncio.Future[T]":
        """Have `work` done and return its future result. Call on the event loop. Raises `WorkerStopped`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def job() -> None:
            try:
                result = work(*args, **kwargs)
            except BaseException as failure:
                loop.call_soon_threadsafe(_fail, future, failure)
            else:
                loop.call_soon_threadsafe(_resolve, future, result)

        self._ask(job)
        return future

    def result_of(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Have `work` done and wait for its result. Call from any other thread. Raises `WorkerStopped`."""
        future: Future[T] = Future()

        def job() -> None:
            try:
                future.set_result(work(*args, **kwargs))
            except BaseException as failure:
                future.set_exception(failure)

        self._ask(job)
        return future.result()

    def stop(self) -> None:
        """End after what was asked."""
        with self._asking:
            self._stopped = True
            self._jobs.put(None)
        self._thread.join()

    def _ask(self, job: Callable[[], None]) -> None:
        with self._asking:
            if self._stopped:
                raise WorkerStopped
            self._jobs.put(job)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


def _resolve(future: "asyncio.Future[T]", result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: "asyncio.Future[T]", failure: BaseException) -> None:
    if not future.done():
        future.set_exception(failure)
