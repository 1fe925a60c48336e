"""The whole server: durable orders over HTTP and over one WebSocket, from a client process on the other core.

The server is the product as it is run, on a SQLite journal in a fresh directory, with authentication,
idempotency keys, projections and everything else; only quotes and timers are still.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import Any

from bench import world
from prorata.access.callers import Scope
from prorata.access.keys import KeyStore
from prorata.app.settings import load
from prorata.server.writer import Writer
from prorata.storage.journals import open_journal

ACCOUNTS = 2_000
START_SECONDS = 60.0
CATCH_UP_SECONDS = 300.0


@contextmanager
def running(accounts: int = ACCOUNTS, positions: int = 0) -> Iterator["Server"]:
    """Make a platform with funded accounts and open positions in a fresh folder, and run it."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        asyncio.run(_fill(server.journal, accounts, positions))
        server.start()
        server.wait_until_whole()
        try:
            yield server
        finally:
            server.stop()


class Server:
    """`prorata serve` on a folder of its own."""

    def __init__(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PRORATA_DATA": str(data),
            "PRORATA_PORT": str(self.port),
            "PRORATA_PLATFORMS__MAIN__FEED__KIND": "none",
            "PRORATA_PLATFORMS__MAIN__VENUE__KIND": "none",
            "PRORATA_PLATFORMS__MAIN__BEGIN_WITH": "nothing",
            "PRORATA_LOG_LEVEL": "warning",
        }
        settings = load(environment=self._environment)
        self.journal = settings.journal_url("main")
        (data / "main").mkdir()
        keys = KeyStore(settings.keys_url())
        self.token = keys.create("main", [Scope.READ, Scope.TRADE])
        keys.close()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Return the seconds from starting the process to the answer to its first order."""
        began = time.monotonic()
        serve = [str(Path(sys.executable).with_name("prorata")), "serve"]
        self._process = subprocess.Popen(serve, env=self._environment, stdout=subprocess.DEVNULL)
        while not self._answers_an_order():
            assert time.monotonic() < began + START_SECONDS, "the server did not start"
            time.sleep(0.01)
        return time.monotonic() - began

    def _answers_an_order(self) -> bool:
        body = {"login": world.FIRST_LOGIN, "symbol": "EURUSD", "side": "buy", "type": "market", "volume": "0.01"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/orders",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return bool(answer.status == 201)
        except (urllib.error.URLError, OSError):
            return False

    def wait_until_whole(self) -> None:
        """Wait until everything is open: that follows the first order, and would cost those that are measured."""
        until = time.monotonic() + START_SECONDS
        while not self._is_whole():
            assert time.monotonic() < until, "not everything has opened"
            time.sleep(0.01)

    def _is_whole(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=30) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError:
            return False

    def wait_for_tables(self) -> None:
        """Wait until the projections have caught up with the journal."""
        until = time.monotonic() + CATCH_UP_SECONDS
        lags = [1.0]
        while any(lags):
            assert time.monotonic() < until, "the tables did not catch up"
            time.sleep(0.2)
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=30) as answer:
                lines = answer.read().decode().splitlines()
            lags = [float(line.split()[-1]) for line in lines if line.startswith("prorata_projection_lag_batches")]

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(120)

    def orders_over_http(self, count: int, connections: int = 64) -> dict[str, Any]:
        return _client("bench.load", "127.0.0.1", str(self.port), self.token, str(count), str(ACCOUNTS), str(connections))

    def orders_over_socket(self, count: int, window: int = 1_024) -> dict[str, Any]:
        return _client("bench.session", str(self.port), self.token, str(count), str(ACCOUNTS), str(window))


def bare_orders_over_http(count: int, connections: int = 64) -> dict[str, Any]:
    """The floor: the same requests to a server that only makes them durable (`bench.bare`)."""
    command = [sys.executable, "-m", "bench.bare"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdin is not None
        assert bare.stdout is not None
        port = bare.stdout.readline().decode().strip()
        result = _client("bench.load", "127.0.0.1", port, "none", str(count), str(ACCOUNTS), str(connections))
        bare.stdin.close()
    return result


async def _fill(url: str, accounts: int, positions: int) -> None:
    writer = Writer("main", open_journal(url, "main"), snapshot_every=1 << 40)
    await writer.start()
    commands = chain(world.setup(accounts), world.opening(positions, accounts))
    while chunk := list(islice(commands, 50_000)):
        await asyncio.gather(*(writer.submit_nowait(command) for command in chunk))
    await writer.stop()


def restart_seconds(accounts: int, positions: int) -> tuple[float, int]:
    """Return (seconds from process start to the first answered order, bytes of the snapshot it loads).

    A restart: the server has run before, and its tables are as far as its journal.
    """
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        asyncio.run(_fill(server.journal, accounts, positions))
        server.start()
        server.wait_for_tables()
        server.stop()
        took = server.start()
        server.stop()
        return took, max(file.stat().st_size for file in Path(folder).rglob("*snapshot*"))


def _client(*words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True, timeout=120)
    result: dict[str, Any] = json.loads(done.stdout)
    return result
