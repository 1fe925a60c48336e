"""What administrators may have done to a platform that runs in this process: its feed, its charts, its backups."""

import asyncio
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from prorata.app.feeding import feed_source
from prorata.app.platform import TradePlatform
from prorata.app.settings import BadSettings, NoFeedSettings, NoVenueSettings, ServerSettings
from prorata.copying.engine import Engine
from prorata.messages.batch import decode_batch
from prorata.rest.webapi.upkeep import BackupInfo, FeedInfo, UpkeepFailed
from prorata.server.machine import Machine, OtherRules
from prorata.server.ports import JournalDamaged, JournalFailed
from prorata.storage.journals import open_journal
from prorata.storage.snapshots import open_snapshots

_FILE = "snapshot-"


class PlatformUpkeep:
    def __init__(self, platform: TradePlatform, settings: ServerSettings) -> None:
        self._platform = platform
        self._own = settings.platforms[platform.name]
        self._journal_url = settings.journal_url(platform.name)
        self._snapshots = open_snapshots(self._journal_url, platform.name)
        self._working = asyncio.Lock()

    # The feed and the venue.

    def feed(self) -> FeedInfo | None:
        feed = self._own.feed
        if isinstance(feed, NoFeedSettings):
            return None
        return FeedInfo(str(feed.__struct_config__.tag), feed_source(feed))

    def feed_log(self) -> Sequence[str]:
        return tuple(self._platform.feed_log)

    def venue(self) -> str | None:
        venue = self._own.venue
        return None if isinstance(venue, NoVenueSettings) else venue.name

    async def restart_feed(self) -> None:
        if self.feed() is None:
            raise UpkeepFailed("The platform has no feed")
        async with self._working:
            try:
                await self._platform.restart_feed()
            except BadSettings as problem:
                raise UpkeepFailed(f"The feed has ended and cannot be begun anew: {problem}") from None

    # The charts.

    async def rebuild_candles(self) -> None:
        async with self._working:
            journal = open_journal(self._journal_url, self._platform.name)
            try:
                await asyncio.to_thread(self._platform.recorder.rebuild, journal)
            except (JournalDamaged, JournalFailed, SQLAlchemyError) as problem:
                raise UpkeepFailed(f"The charts stay as they are: {type(problem).__name__}") from None
            finally:
                await asyncio.to_thread(journal.close)

    # The backups.

    def backups(self) -> Sequence[BackupInfo]:
        return [
            BackupInfo(f"{_FILE}{number}", self._snapshots.size(number), self._moment_of(number))
            for number in self._snapshots.numbers()
        ]

    def backup(self, file: str) -> Engine | None:
        digits = file.removeprefix(_FILE)
        if file == digits or not (digits.isascii() and digits.isdigit()) or int(digits) not in self._snapshots.numbers():
            return None
        state = self._snapshots.state(int(digits))
        try:
            return None if state is None else Machine.load(state).engine
        except OtherRules:
            return None

    def _moment_of(self, number: int) -> int:
        """Return the time of the batch that a snapshot was taken after."""
        journal = open_journal(self._journal_url, self._platform.name)
        try:
            record = journal.raw_record(number)
            return 0 if record is None else decode_batch(record.body).at
        finally:
            journal.close()
