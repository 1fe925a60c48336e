"""One sender at a time for a token: two of them would take back each other's positions."""

import hashlib
import sys
import tempfile
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl


class TokenInUse(Exception):
    """Another sender on this machine runs with this token."""


class TokenLock:
    """Held from `take` to `release`, and no longer than the process lives. Only a hash of the token is written anywhere.

    Where the system has no such locks (Windows), nothing is locked.
    """

    def __init__(self, token: str, folder: Path | None = None) -> None:
        name = hashlib.sha256(token.encode()).hexdigest()[:32]
        self._path = (folder or Path(tempfile.gettempdir())) / f"prorata-signals-{name}.lock"
        self._file: IO[str] | None = None

    def take(self) -> None:
        """Raises `TokenInUse`."""
        if sys.platform == "win32":
            return
        try:
            file = self._path.open("a+")
        except PermissionError:
            raise TokenInUse("another user's sender runs with this token") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise TokenInUse("a sender already runs with this token; stop it first") from None
        self._file = file

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
