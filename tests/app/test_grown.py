"""The same server with everything in PostgreSQL, and metrics on a port of their own."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.app.programs import here, running
from tests.databases import connected

SERVER = "postgresql://postgres:unused@127.0.0.1:5432"


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a database of the test's own, dropped after it."""
    name = f"prorata_{uuid4().hex}"
    with connected(f"{SERVER}/postgres") as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"{SERVER}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def test_a_server_with_everything_in_postgresql_keeps_what_it_answered_over_a_kill(tmp_path: Path, database: str) -> None:
    metrics = free_port()
    settings = tmp_path / "grown.toml"
    everything = [f'data = "{tmp_path}"', f'tables = "{database}"', "port = 0", f"metrics_port = {metrics}"]
    everything += ["[platforms.live]", f'journal = "{database}"']
    settings.write_text("\n".join(everything))
    token = here("keys", "add", "--settings", settings, "--scope", "admin").out.strip()
    headers = {"authorization": f"Bearer {token}"}
    with running("serve", "--settings", settings) as (process, address, _):
        with httpx2.Client(verify=False, base_url=address, headers=headers) as client:
            assert client.post("/api/v1/accounts", json={"group": "ecn-usd", "login": 7}).is_success
            assert client.get("/metrics").status_code == 404
        told = httpx2.get(f"http://127.0.0.1:{metrics}/metrics", verify=False).text
        assert 'prorata_accounts{platform="live"} 1.0' in told
        process.kill()
    with (
        running("serve", "--settings", settings) as (_, address, _),
        httpx2.Client(verify=False, base_url=address, headers=headers) as client,
    ):
        assert client.get("/api/v1/accounts/7").json()["login"] == 7
        time.sleep(0.5)
        proven = here("ledger", "verify", "--settings", settings, "--json")
        assert proven.code == 0, proven.err
        assert "unused" not in proven.out + proven.err
