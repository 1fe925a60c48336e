"""A server in a process of its own, to be killed."""

import asyncio
import contextlib
import sys
from pathlib import Path

READY_SECONDS = 60.0


class Broken(Exception):
    """A promise was not kept. The text says which."""


class Served:
    """The server process."""

    def __init__(self, settings: Path, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.address = ""

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "prorata", "serve", "--settings", str(self._settings),
                stdout=asyncio.subprocess.PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), READY_SECONDS)
        word, _, address = line.decode().strip().partition(" ")
        if word != "ready":
            raise Broken(f"the server did not start; its log is {self._log}")
        self.address = address

    async def kill(self) -> None:
        """End it without a warning."""
        await self._end("kill")

    async def stop(self) -> None:
        """Ask it to stop, and wait until it has."""
        code = await self._end("terminate")
        if code != 0:
            raise Broken(f"a graceful stop ended with exit code {code}; the log is {self._log}")

    async def end(self) -> None:
        """Kill it if it runs."""
        if self._process is not None and self._process.returncode is None:
            await self.kill()

    async def _end(self, how: str) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            getattr(self._process, how)()
        return await self._process.wait()
