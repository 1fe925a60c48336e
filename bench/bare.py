"""The floor under orders over HTTP: a server that reads each request, makes it durable with all that wait, and answers.

No key, no money, no engine: one append and fdatasync for everything that came meanwhile, and always the same answer.
Prints its port and serves until its input ends.
"""

import asyncio
import os
import sys
import tempfile
from typing import cast

ANSWER_BYTES = 600
"""about what a deal is told in"""
ANSWER = (
    b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
    % (ANSWER_BYTES, b"x" * ANSWER_BYTES)
)  # fmt: skip


class Log:
    """Group commit: what has come while one fdatasync ran goes with the next."""

    def __init__(self, file: int) -> None:
        self._file = file
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []
        self._wake = asyncio.Event()

    def add(self, transport: asyncio.Transport, request: bytes) -> None:
        self._waiting.append((transport, request))
        self._wake.set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                taken, self._waiting = self._waiting, []
                await loop.run_in_executor(None, self._commit, b"".join(request for _, request in taken))
                for transport, _ in taken:
                    transport.write(ANSWER)

    def _commit(self, data: bytes) -> None:
        os.write(self._file, data)
        os.fdatasync(self._file)


class Connection(asyncio.Protocol):
    def __init__(self, log: Log) -> None:
        self._log = log
        self._read = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """The generator sends one request at a time, which ends with the body's brace."""
        self._read += data
        if self._read.endswith(b"}"):
            self._log.add(self._transport, self._read)
            self._read = b""


async def main() -> None:
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryFile() as file:
        log = Log(file.fileno())
        committing = asyncio.create_task(log.run())
        server = await loop.create_server(lambda: Connection(log), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)
        committing.cancel()


if __name__ == "__main__":
    import uvloop

    uvloop.run(main())
