"""Reads of the WebAPI a second, beside a bare ASGI application that sends as many bytes from the same server.

The server is a process of its own with the whole surface over a real platform: envelope, token, permission, deadline and
all. It serves both, so the difference is what a read costs: finding, reckoning and rendering. The client is a process on
the other core: connections that each ask, wait for the answer, and ask the next; raw sockets and ready-made bytes.
"""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import httpx2
import msgspec
import uvicorn

from bench import world
from prorata.access.permissions import EVERYTHING, Grant
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.projections.history import History
from prorata.projections.quotes import QuoteStore
from prorata.rest.own.session import Platform
from prorata.rest.webapi.app import WebApi
from prorata.rest.webapi.callers import Caller, House, Organization, TradePlatform
from prorata.server.writer import Writer
from prorata.storage.database import open_database
from prorata.storage.journals import open_journal

ACCOUNTS, POSITIONS = 10_000, 100_000
UUID = "11111111-1111-4111-8111-111111111111"
ROOT = f"/api/v2/MT4/{UUID}"
BARE = "/bare/"
CONNECTIONS = 16
SECONDS = 3.0
WALKED = 200
"""pages whose cursors are asked for, one after the other"""
START_SECONDS = 120.0


class Figures(msgspec.Struct):
    """Reads a second, and of the bare application beside; the size of an answer in bytes."""

    reads: float
    bare: float
    size: int


def trades_pages(port: int, limit: int) -> Figures:
    """Measure pages of `TradesGet`, one after the other."""
    return _beside_bare(port, list(_pages(port, limit)))


def margin_levels(port: int) -> Figures:
    """Measure `MarginLevelGet` of one account after the other."""
    return _beside_bare(port, [f"{ROOT}/MarginLevelGet/{world.FIRST_LOGIN + place}" for place in range(WALKED)])


def _pages(port: int, limit: int) -> Iterator[str]:
    cursor: str | None = ""
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": "Bearer x"}) as client:
        for _ in range(WALKED):
            path = f"{ROOT}/TradesGet?limit={limit}" + (f"&cursor={cursor}" if cursor else "")
            yield path
            cursor = client.get(path).json()["meta"]["paging"]["nextCursor"]
            if cursor is None:
                return


def _beside_bare(port: int, paths: list[str]) -> Figures:
    with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers={"authorization": "Bearer x"}) as client:
        size = len(client.get(paths[0]).content)
    reads = _measured(port, paths)
    bare = _measured(port, [f"{BARE}{size}"])
    return Figures(reads, bare, size)


def _measured(port: int, paths: list[str]) -> float:
    """Return answers a second, the better of two turns: what else runs here only takes."""
    command = [sys.executable, "-m", "bench.webapi", "ask", str(port)]
    rates = []
    for _ in range(2):
        done = subprocess.run(command, input="\n".join(paths), capture_output=True, text=True, check=True, timeout=60)
        rates.append(float(json.loads(done.stdout)["a_second"]))
    return max(rates)


@contextmanager
def served() -> Iterator[int]:
    """Run the server in a process of its own and give its port."""
    with TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        probe.close()
        process = subprocess.Popen([sys.executable, "-m", "bench.webapi", "serve", str(port), folder])
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert process.poll() is None, "the server has ended"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)
        else:
            return


# The server.


class OnePlatform:
    """A directory with one trade platform."""

    def __init__(self, platform: Platform) -> None:
        organization = Organization("aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "Bench", world.NOW)
        self._platform = TradePlatform(UUID, "bench", "MT4", "", organization, world.NOW, True, platform)

    def platform_for(self, caller: Caller, uuid: str) -> TradePlatform | None:
        return self._platform if uuid == UUID else None

    def platforms_of(self, caller: Caller) -> list[TradePlatform]:
        return [self._platform]

    def organizations_of(self, caller: Caller) -> list[Organization]:
        return [self._platform.organization]


async def serve(port: int, folder: Path) -> None:
    writer = Writer("bench", open_journal(f"sqlite:///{folder}/journal.db", "bench"), snapshot_every=1 << 40)
    await writer.start()
    commands = chain(world.setup(ACCOUNTS), world.opening(POSITIONS, ACCOUNTS))
    while chunk := list(islice(commands, 50_000)):
        await asyncio.gather(*(writer.submit_nowait(command) for command in chunk))
    quotes = QuoteStore(open_database(f"sqlite:///{folder}/quotes.db"), "bench")
    platform = Platform(writer, History(f"sqlite:///{folder}/history.db", "bench"), quotes, lambda: world.NOW)
    vault = Vault(folder / "vault.keys")
    caller = Caller("bench", Grant(1, frozenset(EVERYTHING)))
    webapi = WebApi(
        House(
            control=Control(f"sqlite:///{folder}/control.db", bytes(32), vault, now=lambda: world.NOW),
            authenticate=lambda token, address: caller,
            directory=OnePlatform(platform),
            audit=lambda action: None,
        )
    )

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(BARE):
            await _answer_bare(int(scope["path"][len(BARE) :]), send)
        else:
            await webapi(scope, receive, send)

    config = uvicorn.Config(app, port=port, log_level="warning", lifespan="off", access_log=False)
    await uvicorn.Server(config).serve()


async def _answer_bare(size: int, send: Any) -> None:
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", b"%d" % size)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": bytes(size), "more_body": False})


# The client.


class Connection(asyncio.Protocol):
    def __init__(self, load: "Load") -> None:
        self.load = load
        self.missing = 0
        self.head = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(next(self.load.requests))

    def data_received(self, data: bytes) -> None:
        if self.missing:
            self.missing -= len(data)
        else:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            assert self.head[9:12] == b"200", self.head
            assert b'{"data":null' not in self.head, self.head
            at = self.head.lower().find(b"content-length:", 0, end)
            length = int(self.head[at + 15 : self.head.find(b"\r\n", at)])
            self.missing, self.head = length - (len(self.head) - end - 4), b""
        if not self.missing:
            self.load.answered += 1
            self.transport.write(next(self.load.requests))


class Load:
    def __init__(self, port: int, paths: list[str]) -> None:
        head = f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer x\r\n\r\n"
        self.requests = cycle([f"GET {path} {head}".encode() for path in paths])
        self.answered = 0


async def ask(port: int, paths: list[str]) -> None:
    load, loop = Load(port, paths), asyncio.get_running_loop()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Connection(load), "127.0.0.1", port)
    await asyncio.sleep(1.0)
    before, began = load.answered, time.perf_counter()
    await asyncio.sleep(SECONDS)
    print(json.dumps({"a_second": (load.answered - before) / (time.perf_counter() - began)}))


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        asyncio.run(serve(int(sys.argv[2]), Path(sys.argv[3])))
    else:
        asyncio.run(ask(int(sys.argv[2]), sys.stdin.read().split("\n")))
