"""Snapshots in files beside the database: `NAME.snapshot-NUMBER`, 32 bytes of digest and then the state.

A file gets its name only when all of it is on disk, so that a crash leaves a whole snapshot or none. The digest is
checked all the same: disks forget.
"""

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prorata.server.ports import JournalFailed, JournalFull

KEPT = 2
DIGEST_BYTES = 32


class SnapshotFiles:
    def __init__(self, database: Path) -> None:
        self._folder = database.absolute().parent
        self._prefix = f"{database.name}.snapshot-"

    def numbers(self) -> list[int]:
        """Return the batch numbers of the snapshots that are there, good or bad, in order."""
        if not self._folder.is_dir():
            return []
        pattern = re.compile(re.escape(self._prefix) + r"(\d+)")
        found = (pattern.fullmatch(name) for name in os.listdir(self._folder))
        return sorted(int(match[1]) for match in found if match)

    def save(self, number: int, state: bytes, digest: bytes) -> None:
        """Keep `state` and the snapshot before it; forget older ones.

        Raises:
            JournalFull: there is no room. The snapshots that were there still are.
            JournalFailed: the file could not be written for another reason; the same holds.
        """
        assert len(digest) == DIGEST_BYTES
        unfinished = self._folder / f"{self._prefix}unfinished"
        with _errors_translated():
            try:
                _write_through(unfinished, digest, state)
                os.replace(unfinished, self._file(number))
            finally:
                unfinished.unlink(missing_ok=True)
            self._sync_folder()
            for older in self.numbers()[:-KEPT]:
                self._file(older).unlink(missing_ok=True)

    def load(self) -> tuple[int, bytes] | None:
        """Return the newest snapshot whose digest is right, as (batch number, state); None if there is none."""
        for number in reversed(self.numbers()):
            state = self.state(number)
            if state is not None:
                return number, state
        return None

    def state(self, number: int) -> bytes | None:
        """Return the state after a batch; None if its snapshot is damaged."""
        with _errors_translated(), open(self._file(number), "rb") as file:
            digest = file.read(DIGEST_BYTES)
            state = file.read()
        return state if hashlib.sha256(state).digest() == digest else None

    def size(self, number: int) -> int:
        """Return how many bytes a snapshot has."""
        with _errors_translated():
            return self._file(number).stat().st_size - DIGEST_BYTES

    def _file(self, number: int) -> Path:
        return self._folder / f"{self._prefix}{number}"

    def _sync_folder(self) -> None:
        """Make the new name itself durable. Windows has no such call and needs none."""
        if os.name == "nt":
            return
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write_through(path: Path, *parts: bytes) -> None:
    with open(path, "wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise JournalFull("the disk is full") from error
        raise JournalFailed(str(error)) from error
