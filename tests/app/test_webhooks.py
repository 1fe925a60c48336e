"""Webhooks of the running program: added, tested, delivered, counted, and still there after a kill."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.app.programs import here, prorata, running
from tests.stream.webhooks.receiver import Receiver, receiving

LOCAL = "port = 0\n[webhooks]\nallow_http = true\nallow_private = true\npublisher = 'house'\n"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver on a thread of its own."""
    loop = asyncio.new_event_loop()
    opened = receiving()
    ready, done = threading.Event(), asyncio.Event()
    here: list[Receiver] = []

    async def live() -> None:
        async with opened as made:
            here.append(made)
            ready.set()
            await done.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),))
    thread.start()
    assert ready.wait(10)
    yield here[0]
    loop.call_soon_threadsafe(done.set)
    thread.join()
    loop.close()


def settings_in(folder: Path) -> Path:
    file = folder / "prorata.toml"
    file.write_text(f"data = '{folder}'\n{LOCAL}")
    return file


def delivered(client: httpx2.Client, webhook: str, count: int) -> list[dict[str, Any]]:
    """Wait until the log has so many deliveries that were made."""
    for _ in range(200):
        items: list[dict[str, Any]] = client.get(f"/api/v1/webhooks/{webhook}/deliveries").json()["items"]
        if [item["state"] for item in items] == ["delivered"] * count:
            return items
        threading.Event().wait(0.05)
    raise AssertionError(items)


def test_a_webhook_of_a_running_platform_is_delivered_counted_and_kept_by_a_kill(tmp_path: Path, receiver: Receiver) -> None:
    token = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    headers = {"authorization": f"Bearer {token}"}
    serve = ("serve", "--settings", settings_in(tmp_path))
    with running(*serve) as (process, address, _), httpx2.Client(verify=False, base_url=address, headers=headers) as client:
        made = client.post("/api/v1/webhooks", json={"url": receiver.url}).json()
        webhook = made["webhook"]["id"]
        assert client.post(f"/api/v1/webhooks/{webhook}/test").status_code == 201
        delivered(client, webhook, 1)
        samples = {
            (sample.name, sample.labels.get("state", "")): sample.value
            for family in text_string_to_metric_families(client.get("/metrics").text)
            for sample in family.samples
            if sample.labels.get("platform") != "crm/"
        }
        assert samples["prorata_webhooks_up", ""] == 1
        assert samples["prorata_webhook_attempts_total", "delivered"] == 1
        assert samples["prorata_webhook_deliveries_pending", "waiting"] == 0
        assert samples["prorata_webhook_oldest_pending_seconds", ""] == 0
        process.kill()
    with running(*serve) as (_, address, _), httpx2.Client(verify=False, base_url=address, headers=headers) as client:
        assert [row["id"] for row in client.get("/api/v1/webhooks").json()] == [webhook]
        client.post(f"/api/v1/webhooks/{webhook}/test")
        delivered(client, webhook, 2)
    bodies = [json.loads(request.body) for request in receiver.requests]
    assert [(body["type"], body["publisher"]) for body in bodies] == [("ping", "house")] * 2
    assert bodies[0]["uuid"] != bodies[1]["uuid"]


def test_a_lost_key_file_stops_the_start_with_a_reason(tmp_path: Path) -> None:
    serve = ("serve", "--settings", settings_in(tmp_path))
    with running(*serve) as (process, _, _):
        process.kill()
    (tmp_path / "webhooks.key").unlink()
    refused = prorata(*serve)
    assert refused.code == 2
    assert "secrets of its webhooks were made with another key" in refused.err
