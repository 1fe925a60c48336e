"""What can be asked of a hosted trade platform as a whole: its feed, its venue, its charts, its backups.

The process that runs the platform implements it. A backup is a snapshot of the journal: the whole state after a batch.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from prorata.copying.engine import Engine
from prorata.units.numbers import Moment


class FeedInfo(msgspec.Struct, frozen=True):
    """The feed that quotes a platform. `source`: its file, or what makes its quotes."""

    name: str
    source: str


class BackupInfo(msgspec.Struct, frozen=True):
    """A snapshot: its file's name, its size in bytes, the time of the batch that it was taken after."""

    file: str
    size: int
    at: Moment


class UpkeepFailed(Exception):
    """It could not be done. The text says why, and what it is like now."""


class Upkeep(Protocol):
    """`backups` and `backup` block; call them from a thread."""

    def feed(self) -> FeedInfo | None:
        """Return the feed; None if the platform has none."""

    def feed_log(self) -> Sequence[str]:
        """Return what happened to the feed since the process began, oldest first."""

    def venue(self) -> str | None:
        """Return the name of the venue that executes the A-book; None if there is none."""

    async def restart_feed(self) -> None:
        """Begin the feed anew where it is in time. Raises `UpkeepFailed`."""

    async def rebuild_candles(self) -> None:
        """Make ticks and candles anew from the journal. Raises `UpkeepFailed`."""

    def backups(self) -> Sequence[BackupInfo]:
        """Return the backups that there are, oldest first."""

    def backup(self, file: str) -> Engine | None:
        """Return the engine as it was; None if there is no such backup, or it is damaged."""
