"""Keeps one platform of an organization running: starts it, starts it again when it has failed, takes it down at the end.

What goes wrong with it is its own matter: the process and the other platforms go on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import structlog

from prorata.app.failures import DataInUse
from prorata.app.operations import problem_of
from prorata.app.platform import TradePlatform
from prorata.app.settings import BadSettings
from prorata.control.platforms.hosting import Running, RunState
from prorata.server.machine import Diverged
from prorata.server.ports import JournalDamaged
from prorata.storage.chain import JournalUnusable

RETRY_SECONDS = (1.0, 2.0, 5.0, 15.0, 60.0)
"""until it is tried again, after the first, second, ... failure; after the last ones always as long"""
STEADY_SECONDS = 60.0
"""A platform that has run so long has not failed several times in a row."""
LOOK_SECONDS = 0.2

log = structlog.get_logger()


class Surfaces(Protocol):
    """What serves platforms to the outside."""

    def meet(self, platform: TradePlatform) -> None:
        """Listen to a platform before it starts, so that no batch is missed."""
        ...

    async def open(self, platform: TradePlatform) -> None:
        """Let calls in: it runs."""
        ...

    def part(self, platform: TradePlatform) -> None:
        """Let no more calls in: it is about to stop. It may never have been opened."""
        ...


class Keeper:
    """`make` gives a platform that has not started. `note` is told why it failed, "" when it runs."""

    def __init__(
        self, name: str, make: Callable[[], TradePlatform], surfaces: Surfaces, note: Callable[[str], Awaitable[None]]
    ) -> None:
        self.name = name
        self.running = Running(RunState.STARTING)
        self._make = make
        self._surfaces = surfaces
        self._note = note
        self._ended = False
        self._woken = asyncio.Event()

    def end(self) -> None:
        """Have it taken down; `run` returns when it is."""
        self._ended = True
        self._woken.set()

    def retry(self) -> None:
        """Start it at once, if it has failed."""
        if self.running.state == RunState.FAILED:
            self._woken.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        failures = 0
        while not self._ended:
            began = loop.time()
            self.running = Running(RunState.STARTING, self.running.problem)
            problem = await self._live()
            if not problem:
                return
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            self.running = Running(RunState.FAILED, problem)
            await self._note(problem)
            await self._wait(RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1])

    async def _live(self) -> str:
        """Run the platform until it is to end or fails. Return why it failed, "" if it has not."""
        try:
            platform = self._make()
        except Exception as failure:
            return self._told(failure)
        problem = ""
        try:
            self._surfaces.meet(platform)
            await platform.start()
            await self._surfaces.open(platform)
            self.running = Running(RunState.RUNNING)
            await self._note("")
            while not (problem := problem_of(platform)) and not self._ended:
                await self._wait(LOOK_SECONDS)
        except Exception as failure:
            problem = self._told(failure)
        finally:
            self._surfaces.part(platform)
            try:
                await platform.stop()
            except Exception as failure:
                problem = problem or self._told(failure)
        return problem

    async def _wait(self, seconds: float) -> None:
        if self._ended:
            return
        self._woken.clear()
        try:
            await asyncio.wait_for(self._woken.wait(), seconds)
        except TimeoutError:
            return

    def _told(self, failure: Exception) -> str:
        """Return what the organization may know of a failure; the log has all of it."""
        log.error("an organization's platform has failed", platform=self.name, exc_info=failure)
        match failure:
            case BadSettings() | DataInUse() | JournalDamaged() | JournalUnusable() | Diverged():
                return str(failure)
            case _:
                return f"an error of the server ({type(failure).__name__})"
