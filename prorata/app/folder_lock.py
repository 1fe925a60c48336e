"""One process at a time in a data directory.

Two writers can do no harm to a journal: the newer fences the older. But then the older stops, which nobody means
who types `prorata demo` twice; so the second is turned away. The lock goes with its process, however that ends.
"""

import os
import sys
from pathlib import Path
from typing import IO

from prorata.app.failures import DataInUse

if sys.platform != "win32":
    import fcntl


class FolderLock:
    """Held from `take` to `release`. Where the system has no such locks, fencing alone must do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises `DataInUse`."""
        if sys.platform == "win32":
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            holder = file.read(32).strip() or "unknown"
            file.close()
            raise DataInUse(f"{self._path.parent} is in use by process {holder}; stop it, or take another directory") from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
