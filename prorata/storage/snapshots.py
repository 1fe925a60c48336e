"""The snapshots of a platform as they lie there, for whoever wants to look into an older one."""

from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from prorata.storage.snapshot_files import SnapshotFiles
from prorata.storage.snapshot_rows import SnapshotRows


class Snapshots(Protocol):
    """Snapshots by the number of the batch that each was taken after. Its methods block."""

    def numbers(self) -> list[int]:
        """Return the numbers of those that are there, good or bad, in order."""

    def size(self, number: int) -> int:
        """Return how many bytes one has."""

    def state(self, number: int) -> bytes | None:
        """Return the state; None if the snapshot is damaged."""


def open_snapshots(url: str, platform: str) -> Snapshots:
    """Return the snapshots of the journal at `url` (`open_journal` says of which kinds there are)."""
    scheme, _, place = url.partition("://")
    if scheme.partition("+")[0] == "sqlite":
        return SnapshotFiles(Path(unquote(place[1:])))
    return SnapshotRows(f"postgresql://{place}", platform)
