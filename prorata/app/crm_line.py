"""Lets the CRM hear what happens on the organizations' platforms of this process, as long as they run."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import islice

import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.app.platform import TradePlatform
from prorata.control.platforms.registry import Platforms
from prorata.crm.following import Follower, Following
from prorata.projections.history import REBUILD_BATCHES, replayed
from prorata.projections.marks import Mark
from prorata.projections.projector import Projector
from prorata.storage.journals import open_journal

LOOK_SECONDS = 1.0

log = structlog.get_logger()


class CrmLine:
    """`platforms`: those of this process, by the name of their engine; they come and go."""

    def __init__(self, following: Following, records: Platforms, platforms: Mapping[str, TradePlatform]) -> None:
        self._following = following
        self._records = records
        self._platforms = platforms
        self._beginning = asyncio.Lock()

    async def follow(self, platform: TradePlatform) -> None:
        """Follow a platform that has started, if it is an organization's and nobody does so yet."""
        async with self._beginning:
            record = self._records.of_engine(platform.name)
            if record is None or platform.crm is not None:
                return
            follower, writer = self._following.follower(record.uuid, platform.name), platform.writer
            await asyncio.to_thread(follower.begin, Mark(writer.number, writer.sequence, writer.at))
            await asyncio.to_thread(_catch_up, follower, platform)
            platform.crm = Projector(follower, writer)
            platform.crm.start()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Follow what an organization adopts meanwhile, until the end of the block."""
        looking = asyncio.create_task(self._look(), name="crm line")
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            for platform in list(self._platforms.values()):
                if platform.is_up and platform.writer.is_open:
                    try:
                        await self.follow(platform)
                    except SQLAlchemyError as problem:
                        log.warning("the CRM cannot follow", platform=platform.name, problem=type(problem).__name__)


def _catch_up(follower: Follower, platform: TradePlatform) -> None:
    """Read from the journal what the outbox has no more. Blocks."""
    mark = follower.journal_position()
    if mark.sequence == platform.writer.sequence:
        return
    follows = platform.writer.published(mark.number, 1)
    if follows and follows[0].first == mark.sequence + 1:
        return
    log.warning("the CRM reads a journal", platform=platform.name, after=mark.number)
    journal = open_journal(platform.settings.journal_url(platform.name), platform.name)
    try:
        batches = replayed(journal)
        while group := list(islice(batches, REBUILD_BATCHES)):
            follower.write(group)
    finally:
        journal.close()
