"""A server that starts: orders first, then everything else that it serves."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from prorata.app import server, surfaces
from prorata.app.settings import load
from tests.app.programs import here

ORDER = {"login": 1001, "symbol": "BTCUSD", "side": "buy", "volume": "0.10"}


@pytest.fixture(autouse=True)
def _interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process of the tests be as it was."""
    monkeypatch.setattr(server, "tune_interpreter", lambda: None)
    monkeypatch.setattr(gc, "freeze", lambda: None)


def test_orders_are_let_in_while_all_else_is_still_being_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    begun, go_on = asyncio.Event(), asyncio.Event()
    opened = surfaces.opened_surfaces

    @asynccontextmanager
    async def held_up(ground: surfaces.Ground) -> AsyncIterator[surfaces.Surfaces]:
        begun.set()
        await go_on.wait()
        async with opened(ground) as all_of_them:
            yield all_of_them

    monkeypatch.setattr(surfaces, "opened_surfaces", held_up)

    async def answers(client: httpx2.AsyncClient, *calls: tuple[str, str]) -> list[tuple[int, Any]]:
        told = [await client.request(method, path) for method, path in calls]
        return [(answer.status_code, answer.json()) for answer in told]

    async def start() -> None:
        service = server.Service(load(environment={"PRORATA_DATA": str(tmp_path), "PRORATA_PORT": "0"}))
        starting = asyncio.create_task(service.start())
        try:
            await asyncio.wait_for(begun.wait(), 30)
            headers = {"authorization": f"Bearer {key}"}
            async with httpx2.AsyncClient(base_url=service.address, headers=headers, verify=False) as client:
                await client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001})
                await client.post("/api/v1/accounts/1001/balance-operations", json={"kind": "deposit", "amount": "10000.00"})
                assert (await client.post("/api/v1/orders", json=ORDER)).status_code == 201
                async with connect(f"{service.address.replace('http', 'ws')}/api/v1/stream", additional_headers=headers):
                    pass
                later = [
                    ("GET", "/v1/offers"), ("GET", "/api/v1/me"), ("GET", "/api/v2/TradePlatforms"),
                    ("POST", "/api/client/v1/session.login"), ("GET", "/.well-known/openid-configuration"),
                ]  # fmt: skip
                early = await answers(client, ("GET", "/readyz"), *later)
                assert [status for status, _ in early] == [503] * 6
                assert not early[0][1]["ready"]
                assert early[0][1]["platforms"]["main"]["ready"]
                assert early[1][1]["refusal"] == "NOT_READY"
                assert early[4][1]["Error"]["Code"] == "not_ready"
                with pytest.raises(InvalidStatus):
                    await connect(f"{service.address.replace('http', 'ws')}/hubs/mt4")
                go_on.set()
                await asyncio.wait_for(starting, 60)
                assert [status for status, _ in await answers(client, ("GET", "/readyz"))] == [200]
                assert 503 not in [(await client.request(method, path)).status_code for method, path in later]
        finally:
            go_on.set()
            await service.stop()

    asyncio.run(start())
