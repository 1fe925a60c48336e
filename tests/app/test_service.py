"""The process as those see it who run it: health, metrics, a stop that loses nothing, a kill that loses nothing."""

import asyncio
import json
import signal
import sqlite3
import time
from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from prorata.sim.kill import KillRun
from tests.app.programs import here, running

ORDER = {"login": 1001, "symbol": "BTCUSD", "side": "buy", "volume": "0.10"}


@pytest.fixture
def served(tmp_path: Path):  # type: ignore[no-untyped-def]
    """(process, client with an admin key)"""
    token = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    with (
        running("serve", "--data", tmp_path, "--port", "0") as (process, address, _),
        httpx2.Client(verify=False, base_url=address, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        yield process, client


def deposited(client: httpx2.Client) -> None:
    assert client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001}).is_success
    booked = client.post("/api/v1/accounts/1001/balance-operations", json={"kind": "deposit", "amount": "10000.00"})
    assert booked.is_success


def test_health_readiness_metrics_and_status_tell_what_happened(served) -> None:  # type: ignore[no-untyped-def]
    _, client = served
    deposited(client)
    assert client.post("/api/v1/orders", json=ORDER).is_success
    assert client.post("/api/v1/orders", json={**ORDER, "volume": "900"}).status_code == 422
    assert client.get("/healthz").json() == {"alive": True}
    main = client.get("/readyz").json()["platforms"]["main"]
    assert main["ready"]
    assert main["accounts"] == 1
    assert main["quote_age_ms"] < 5_000
    samples = {
        (sample.name, sample.labels.get("refusal", "")): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }
    assert samples["prorata_refusals_total", "VOLUME_TOO_LARGE"] == 1
    assert samples["prorata_commands_total", ""] >= 44
    assert samples["prorata_commit_seconds_total", ""] > 0
    assert samples["prorata_batch_commands_count", ""] == samples["prorata_batches_total", ""]
    for name in ("journal_position", "projection_lag_batches", "quote_age_seconds", "connections", "ready"):
        assert (f"prorata_{name}", "") in samples
    status = here("status", "--url", str(client.base_url), "--json")
    assert (status.code, status.json()["ready"]) == (0, True)


def test_what_was_answered_before_a_stop_is_there_after_it(tmp_path: Path) -> None:
    token = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    headers = {"authorization": f"Bearer {token}"}
    with running("serve", "--data", tmp_path, "--port", "0") as (process, address, _):
        with httpx2.Client(verify=False, base_url=address, headers=headers) as client:
            deposited(client)
            first = client.post("/api/v1/orders", json=ORDER, headers={"idempotency-key": "one"}).json()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0
    with (
        running("serve", "--data", tmp_path, "--port", "0") as (_, address, _),
        httpx2.Client(verify=False, base_url=address, headers=headers) as client,
    ):
        again = client.post("/api/v1/orders", json=ORDER, headers={"idempotency-key": "one"}).json()
        assert (again["repeated"], again["ticket"]) == (True, first["ticket"])
        assert len(client.get("/api/v1/accounts/1001/positions").json()) == 1


def test_candles_have_every_quote_once_after_a_kill(tmp_path: Path) -> None:
    with running("serve", "--data", tmp_path, "--port", "0") as (process, _, _):
        time.sleep(1.2)
        process.kill()
    with running("serve", "--data", tmp_path, "--port", "0") as (process, _, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    batches = [json.loads(line)["batch"] for line in here("journal", "export", "--data", tmp_path).out.splitlines()]
    journaled = [batch["at"] for batch in batches for asked in batch["submissions"] for _ in asked["command"].get("quotes", ())]
    database = sqlite3.connect(tmp_path / "quotes.db")
    stored = database.execute("SELECT count(*), max(at) FROM ticks").fetchone()
    database.close()
    assert stored == (len(journaled), max(journaled))


def test_no_answered_command_is_lost_and_none_applied_twice_by_three_kills(tmp_path: Path) -> None:
    outcome = asyncio.run(KillRun(tmp_path / "kill", kills=3, seed=11, clients=4).run())
    assert outcome.kills == 3
    assert outcome.answered > 50
    assert outcome.asked_again > 50
    assert outcome.copied > 100
    assert outcome.hedging > 0


def test_tables_that_were_dropped_are_made_anew_from_the_journal(tmp_path: Path) -> None:
    token = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    (tmp_path / "few.toml").write_text(f"data = '{tmp_path}'\nport = 0\n[platforms.main]\noutbox_kept = 1\n")
    wish = ("serve", "--settings", tmp_path / "few.toml")
    with running(*wish) as (process, address, _):
        with httpx2.Client(verify=False, base_url=address, headers={"authorization": f"Bearer {token}"}) as client:
            deposited(client)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    for file in tmp_path.glob("history.db*"):
        file.unlink()
    with running(*wish) as (process, _, _):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    proven = here("ledger", "verify", "--settings", tmp_path / "few.toml", "--json").json()
    assert (proven["balanced"], proven["tables"]["made"]) == (True, True)
    assert proven["tables"]["accounts"] > 1
