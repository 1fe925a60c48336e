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


@contextmanager
def running() -> Iterator[tuple[int, str]]:
    """Run a server with funded accounts; give its port and a key."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        environment = {
            **os.environ,
            "PRORATA_DATA": str(data),
            "PRORATA_PORT": str(port),
            "PRORATA_PLATFORMS__MAIN__FEED__KIND": "none",
            "PRORATA_PLATFORMS__MAIN__VENUE__KIND": "none",
            "PRORATA_PLATFORMS__MAIN__BEGIN_WITH": "nothing",
            "PRORATA_LOG_LEVEL": "warning",
        }
        settings = load(environment=environment)
        (data / "main").mkdir()
        asyncio.run(_fund(settings.journal_url("main")))
        keys = KeyStore(settings.keys_url())
        token = keys.create("main", [Scope.READ, Scope.TRADE])
        keys.close()
        serve = [str(Path(sys.executable).with_name("prorata")), "serve"]
        server = subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL)
        try:
            _wait_ready(port)
            yield port, token
        finally:
            server.terminate()
            server.wait(60)


async def _fund(url: str) -> None:
    writer = Writer("main", open_journal(url, "main"))
    await writer.start()
    await asyncio.gather(*(writer.submit_nowait(command) for command in world.setup(ACCOUNTS)))
    await writer.stop()


def _wait_ready(port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def orders_over_http(port: int, token: str, count: int, connections: int = 64) -> dict[str, Any]:
    return _client("bench.load", "127.0.0.1", str(port), token, str(count), str(ACCOUNTS), str(connections))


def orders_over_socket(port: int, token: str, count: int, window: int = 1_024) -> dict[str, Any]:
    return _client("bench.session", str(port), token, str(count), str(ACCOUNTS), str(window))


def _client(*words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True, timeout=120)
    result: dict[str, Any] = json.loads(done.stdout)
    return result
