"""Runs the platforms of organizations as the table says: what is added starts, what is removed stops and is archived.

It looks at the table again and again, so it is all the same who has changed it: a call, the command line, the process
before this one. Decision 0020.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.app.archiving import Wish, archive_in_process
from prorata.app.hosted import archive_folder, host_of, settings_with
from prorata.app.keeper import Keeper, Surfaces
from prorata.app.platform import TradePlatform, journal_file
from prorata.app.settings import ServerSettings
from prorata.control.platforms.hosting import Running, RunState
from prorata.control.platforms.records import PlatformRecord
from prorata.control.store import Control

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 60.0
"""until it is tried again to archive a journal"""

log = structlog.get_logger()


class PlatformHost:
    """Between `start` and `stop` the platforms of the table run. `own`: those of the settings file, which others run.

    `expected` gets the names of platforms that are kept here, whether they run just now or not.
    """

    def __init__(
        self, settings: ServerSettings, control: Control, surfaces: Surfaces, own: Mapping[str, TradePlatform],
        expected: set[str],
    ) -> None:  # fmt: skip
        self.id = host_of(settings)
        self._expected = expected
        self._settings = settings
        self._control = control
        self._surfaces = surfaces
        self._own = own
        self._keepers: dict[int, Keeper] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        """what is done for a platform: it is kept running, or archived"""
        self._woken = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None

    # As `control.platforms.hosting.Host`.

    def running(self, record: PlatformRecord) -> Running:
        assert record.is_hosted
        if record.archived_at:
            put_away = record.archive or record.hosting is None
            return Running(RunState.ARCHIVED if put_away else RunState.ARCHIVING, record.problem)
        if record.host != self.id:
            return Running(RunState.ELSEWHERE)
        if record.hosting is None:
            own = self._own.get(record.engine)
            return Running(RunState.RUNNING) if own is not None else Running(RunState.FAILED, "not in the settings file")
        keeper = self._keepers.get(record.id)
        return Running(RunState.STARTING) if keeper is None else keeper.running

    def has_own(self, record: PlatformRecord) -> bool:
        return record.host != self.id or record.engine in self._own

    def wake(self) -> None:
        self._woken.set()

    def retry(self, record: PlatformRecord) -> None:
        keeper = self._keepers.get(record.id)
        if keeper is not None:
            keeper.retry()

    def failed(self) -> dict[str, str]:
        """Return the platforms that do not run because they failed, each with its problem."""
        states = {keeper.name: keeper.running for keeper in self._keepers.values()}
        return {name: running.problem for name, running in states.items() if running.state == RunState.FAILED}

    # Running.

    def start(self) -> None:
        self._looking = asyncio.create_task(self._look(), name="hosting")

    async def stop(self) -> None:
        """Take all of them down. Archiving goes on after the next start."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        for number, task in self._tasks.items():
            if number in self._keepers:
                self._keepers[number].end()
            else:
                task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _look(self) -> None:
        while True:
            self._woken.clear()
            for record in self._control.platforms.all():
                if record.host == self.id and record.hosting is not None:
                    self._do_what_is_due(record)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)

    def _do_what_is_due(self, record: PlatformRecord) -> None:
        if record.archived_at and record.id in self._keepers:
            self._keepers[record.id].end()
        elif record.id in self._tasks:
            return
        elif not record.archived_at:
            self._keep(record)
        elif not record.archive:
            self._begin(record, self._archive(record))

    def _keep(self, record: PlatformRecord) -> None:
        settings = settings_with(self._settings, record)
        keeper = Keeper(
            record.engine, lambda: TradePlatform(record.engine, settings), self._surfaces,
            lambda problem: self._note(record.uuid, problem),
        )  # fmt: skip
        self._keepers[record.id] = keeper
        self._expected.add(record.engine)
        self._begin(record, keeper.run())

    def _begin(self, record: PlatformRecord, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"platform {record.engine}")
        self._tasks[record.id] = task
        task.add_done_callback(lambda _: self._has_ended(record, task))

    def _has_ended(self, record: PlatformRecord, task: "asyncio.Task[None]") -> None:
        del self._tasks[record.id]
        self._keepers.pop(record.id, None)
        self._expected.discard(record.engine)
        if not task.cancelled() and task.exception() is not None:
            log.error("a platform is no longer looked after", platform=record.engine, exc_info=task.exception())
        self._woken.set()

    async def _note(self, platform_uuid: str, problem: str) -> None:
        """Write down why a platform does not run. It is no reason to stop it that this cannot be written."""
        record = self._control.platforms.by_uuid[platform_uuid]
        if record.problem == problem:
            return
        try:
            await asyncio.to_thread(self._control.platforms.note_problem, record, problem)
        except SQLAlchemyError as failure:
            log.warning("the control database cannot be written", problem=type(failure).__name__)

    # Archiving.

    async def _archive(self, record: PlatformRecord) -> None:
        """Put the journal away. What cannot be done now is tried again, for as long as it takes."""
        settings = settings_with(self._settings, record)
        file = journal_file(settings, record.engine)
        target = archive_folder(settings, record)
        wish = Wish(
            journal=settings.journal_url(record.engine), engine=record.engine, name=record.name, uuid=record.uuid,
            folder=None if file is None else str(file.parent), target=str(target),
        )  # fmt: skip
        while True:
            problem = await archive_in_process(wish)
            if not problem:
                break
            log.error("a journal could not be archived", platform=record.engine, problem=problem)
            await self._note(record.uuid, f"not archived: {problem}")
            await asyncio.sleep(AGAIN_SECONDS)
        await asyncio.to_thread(self._control.platforms.note_archive, record, str(target))
        log.info("a platform was archived", platform=record.engine, place=str(target))
