"""A receiver of webhooks: a real HTTP server that keeps what it gets, and answers as it is told to."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec


class Request(msgspec.Struct):
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def sequence(self) -> int:
        return int(self.json()["data"]["n"])


Answering = Callable[[Request], Awaitable[int]]


async def fine(_request: Request) -> int:
    return 200


class Receiver:
    """`answer` gives the status of each request; `before` are raw lines put into the head of each answer."""

    def __init__(self, answer: Answering = fine) -> None:
        self.answer = answer
        self.before = b""
        self.requests: list[Request] = []
        self.url = ""
        self.at_once_max = 0
        self._at_once = 0
        self._came = asyncio.Event()

    async def came(self, count: int, seconds: float = 10) -> list[Request]:
        """Wait until so many requests have come and return all."""
        async with asyncio.timeout(seconds):
            while len(self.requests) < count:
                self._came.clear()
                await self._came.wait()
        return self.requests

    def sequences(self) -> list[int]:
        return [request.sequence for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) and await self._one(head.decode(), reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _one(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        first, *lines = head.rstrip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = Request(first.split()[1], headers, body)
        self.requests.append(request)
        self._came.set()
        self._at_once += 1
        self.at_once_max = max(self.at_once_max, self._at_once)
        status = await self.answer(request)
        self._at_once -= 1
        writer.write(b"HTTP/1.1 %d x\r\n%scontent-length: 2\r\n\r\nok" % (status, self.before))
        await writer.drain()
        return True


@asynccontextmanager
async def receiving(
    answer: Answering = fine, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    receiver = Receiver(answer)
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            await receiver.serve(reader, writer)
        except asyncio.CancelledError:
            writer.close()
        finally:
            connections.discard(task)

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    receiver.url = f"{'https' if tls else 'http'}://{'localhost' if tls else host}:{port}/hook"
    try:
        yield receiver
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
