"""The demo: a broker alive on simulated and on real quotes, with examples that work as they are printed."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import grpc
import pytest

from prorata.app.copy_demo.characters import CHARACTERS
from prorata.app.demo import PLATFORM, SETTINGS_NAME, DemoWish, beginning_of_a_week, lively_moment, prepare
from prorata.server.machine import Machine
from prorata.server.replay import replay
from prorata.sim.copy_oracle import check_copying
from prorata.storage.journals import open_journal
from prorata.stream.grpc.proto import broker_v1_pb2
from prorata.units.numbers import DAY_MS
from tests.app.programs import READY_SECONDS, environment, here, prorata, running

SATURDAY_NOON = 1_795_262_400_000
"""2026-11-21T12:00:00Z"""


def test_the_printed_examples_work_and_the_demo_stops_gracefully(tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        assert os.environ.get("CI") != "true", "no curl to try the examples with"
        pytest.skip("no curl to try the examples with")
    with running("demo", "--data", tmp_path / "demo", "--port", "0", "--investors", "40") as (process, _, said):
        examples = re.findall(r"^  (curl .*)$", said, re.MULTILINE)
        assert len(examples) == 14
        answers = [json.loads(subprocess.check_output(example, shell=True, text=True)) for example in examples]
        account, outcome, positions, accounts, session, found, greeting, strategies, *workspace = answers
        platforms, trades, registered, mails, deposits, signed_in = workspace
        assert account["login"] == 1001
        assert outcome["events"][0]["event"] == "deal", outcome
        assert outcome["ticket"] in {position["ticket"] for position in positions}
        assert len(accounts["items"]) == 3
        assert session["Session"]["Token"]
        assert found["Pagination"]["TotalRecords"] == len(CHARACTERS)
        assert (greeting["Strategy"]["Status"], greeting["Account"]["Asset"]) == (1, "USD")
        assert [strategy["name"] for strategy in strategies["items"]] == [one.name for one in CHARACTERS[:3]]
        assert [(platform["name"], platform["state"]) for platform in platforms] == [("Demo", "running")]
        assert (trades["error"], len(trades["data"]) <= 3) == (None, True)
        assert registered == {"accepted": True}
        # People of the demo are written to meanwhile, too.
        assert [mail["recipient"] for mail in mails].count("you@broker.example") == 1
        assert first_group_over_grpc(said) == "ecn-usd"
        assert statuses_of(deposits) | settled(next(example for example in examples if "/v1/deposits" in example)) >= {
            "DONE", "AWAITING_CONFIRMATION",
        }  # fmt: skip
        assert [one["offer"]["name"] for one in signed_in["tradingAccounts"]] == ["Standard", "Swap-free", "Training"]
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "sum of the ledger 0" in out


def first_group_over_grpc(said: str) -> str:
    """Return the name of the first group that the printed program hears of at the printed address."""
    (address, secret, platform) = (
        re.findall(pattern, said)[0] for pattern in (r"gRPC +(\S+)", r"program +\S+ +(\S+)", r"program .*\(platform (\S+)\)")
    )
    path = "/com.matchtrade.broker_api.grpc.GroupServiceExternal/getGroupChangesStream"
    with grpc.insecure_channel(address) as channel:
        method = channel.unary_stream(
            path, request_serializer=broker_v1_pb2.GroupChangeStreamRequestExternal.SerializeToString,
            response_deserializer=broker_v1_pb2.GroupChangeStreamResponseExternal.FromString,
        )  # fmt: skip
        request = broker_v1_pb2.GroupChangeStreamRequestExternal(systemUuid=platform)
        call = method(request, metadata=(("authorization", f"Bearer {secret}"),), timeout=20)
        group: str = next(iter(call)).groupUpdated.group
        (metrics,) = re.findall(r"^  metrics +(\S+)$", said, re.MULTILINE)
        with urllib.request.urlopen(metrics, timeout=20) as answer:
            assert "prorata_grpc_streams 1.0" in answer.read().decode()
    return group


def test_started_again_it_goes_on_with_the_same_journal(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    sizes = ("--accounts", "20", "--investors", "20", "--rate", "50")
    wish = ("demo", "--data", folder, "--port", "0", "--duration", "1", *sizes)
    assert prorata(*wish).code == 0
    before = here("journal", "replay", "--settings", folder / SETTINGS_NAME, "--json").json()
    again = prorata(*wish)
    assert again.code == 0, again.err
    after = here("journal", "replay", "--settings", folder / SETTINGS_NAME, "--json").json()
    assert after["position"] > before["position"]
    assert here("ledger", "verify", "--settings", folder / SETTINGS_NAME).code == 0


@pytest.mark.parametrize(
    ("files", "speed"),
    [
        (("eurusd-ticks-2020-01.csv.gz",), "1000"),
        (("gbpusd-m1-bid-2012.csv.gz", "gbpusd-m1-ask-2012.csv.gz"), "3000"),
    ],
)
def test_real_quotes_run_through_the_whole_server_and_replay_to_the_same_hash(
    tmp_path: Path, data: Path, files: tuple[str, ...], speed: str
) -> None:
    folder = tmp_path / "demo"
    quotes = [part for file in files for part in ("--quotes", str(data / file))]
    done = prorata(
        "demo",
        "--data",
        folder,
        "--port",
        "0",
        "--duration",
        "3",
        "--rate",
        "60",
        "--accounts",
        "30",
        "--investors",
        "30",
        "--speed",
        speed,
        *quotes,
    )
    assert done.code == 0, done.err
    told = re.search(r"stopped at batch \d+, event \d+; (\d+) deals, .*; sum of the ledger 0", done.out)
    assert told, done.out
    assert int(told[1]) > 10
    settings = folder / SETTINGS_NAME
    hashes = {
        here("journal", "replay", *how, "--settings", settings, "--json").json()["state_hash"]
        for how in ((), ("--from-snapshot",))
    }
    assert len(hashes) == 1
    assert here("ledger", "verify", "--settings", settings).code == 0


def test_days_and_a_week_end_for_investors_and_it_all_replays_to_the_same_hash(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    wish = ("--accounts", "10", "--investors", "100", "--speed", "30000", "--duration", "8")
    done = prorata("demo", "--data", folder, "--port", "0", *wish)
    assert done.code == 0, done.err
    told = re.search(r"1[23] strategies, (\d+) investors .* (\d+) deals, .* (\d+) days ended; sum of the ledger 0", done.out)
    assert told, done.out
    assert int(told[1]) > 50
    assert int(told[2]) > 50
    assert int(told[3]) >= 2
    settings = folder / SETTINGS_NAME
    hashes = {
        here("journal", "replay", *how, "--settings", settings, "--json").json()["state_hash"]
        for how in ((), ("--from-snapshot",))
    }
    assert len(hashes) == 1
    assert here("ledger", "verify", "--settings", settings).code == 0
    copy = recovered(folder).engine.copy
    assert all(strategy.interval_began_at > strategy.created_at for strategy in copy.state.strategies.values())
    check_copying(copy)


def test_a_demo_that_is_killed_while_it_opens_or_runs_goes_on_with_each_client_and_strategy_once(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    wish = ("demo", "--data", folder, "--port", "0", "--accounts", "10", "--investors", "300")
    kill_once(wish, lambda: size_of(folder / PLATFORM / "journal.db-wal") > 100_000)
    with running(*wish) as (process, _, _):
        time.sleep(1)
        process.kill()
    again = prorata(*wish, "--duration", "2")
    assert again.code == 0, again.err
    assert "sum of the ledger 0" in again.out
    machine = recovered(folder)
    check_copying(machine.engine.copy)
    state = machine.engine.copy.state
    people = 1 + len(CHARACTERS) + 300
    with closing(sqlite3.connect(folder / "control.db")) as control:
        clients = control.execute(
            "SELECT id, wallet_id FROM control_clients WHERE id NOT IN (SELECT id FROM crm_accounts)"
        ).fetchall()
    wallets = {wallet.client: number for number, wallet in state.wallets.items()}
    assert len(clients) == people
    assert {client: wallets.get(client) for client, _ in clients} == dict(clients)
    assert [strategy.name for strategy in state.strategies.values()] == [one.name for one in CHARACTERS]
    assert sum(strategy.rows for strategy in state.strategies.values()) >= len(CHARACTERS) + 300 - 5
    assert here("ledger", "verify", "--settings", folder / SETTINGS_NAME).code == 0


def statuses_of(deposits: Any) -> set[str]:
    return {one["paymentRequestInfo"]["financialDetails"]["status"] for one in deposits["content"]}


def settled(example: str) -> set[str]:
    """Return the statuses of deposits as soon as one is booked: the sandbox calls back after a moment."""
    until = time.monotonic() + READY_SECONDS
    while True:
        found = statuses_of(json.loads(subprocess.check_output(example, shell=True, text=True)))
        if "DONE" in found or time.monotonic() > until:
            return found
        time.sleep(0.1)


def kill_once(wish: Sequence[str | Path], ready: Callable[[], bool]) -> None:
    """Start the demo, and kill it as soon as `ready` says so."""
    command = [sys.executable, "-m", "prorata", *map(str, wish)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())
    until = time.monotonic() + READY_SECONDS
    try:
        while not ready():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.005)
    finally:
        process.kill()
        process.wait()


def size_of(file: Path) -> int:
    return file.stat().st_size if file.is_file() else 0


def recovered(folder: Path) -> Machine:
    journal = open_journal(f"sqlite:///{folder / PLATFORM / 'journal.db'}", PLATFORM)
    try:
        return replay(journal)
    finally:
        journal.close()


def test_a_market_that_is_fast_begins_with_its_week() -> None:
    monday_noon = SATURDAY_NOON - 5 * DAY_MS
    assert beginning_of_a_week(SATURDAY_NOON) == monday_noon
    assert beginning_of_a_week(monday_noon + 1) == monday_noon


def test_fresh_forgets_what_was_there_before(tmp_path: Path) -> None:
    wish = wish_for(tmp_path / "demo", fresh=True)
    prepare(wish)
    (wish.data / "old").touch()
    prepare(wish_for(tmp_path / "demo", fresh=False))
    assert (wish.data / "old").exists()
    prepare(wish)
    assert not (wish.data / "old").exists()


def wish_for(folder: Path, *, fresh: bool) -> DemoWish:
    return DemoWish(
        data=folder, fresh=fresh, quotes=(), symbol="", speed=None, rate=1.0, accounts=3, investors=0, seed=1,
        host="127.0.0.1", port=0, grpc_port=0, duration=0.0,
    )  # fmt: skip


def test_quotes_are_replayed_without_leaving_one_out(tmp_path: Path, data: Path) -> None:
    done = prorata("quotes", "replay", data / "usdjpy-ticks-2013.csv.gz", "--data", tmp_path, "--json")
    assert done.code == 0, done.err
    replayed = done.json()
    assert replayed["quotes"] == 1000
    assert replayed["position"] > 900
    assert here("journal", "replay", "--data", tmp_path, "--json").json()["state_hash"] == replayed["state_hash"]


def test_a_demo_shown_at_the_weekend_lives_on_friday() -> None:
    assert lively_moment(SATURDAY_NOON) == SATURDAY_NOON - DAY_MS
    assert lively_moment(SATURDAY_NOON - DAY_MS) == SATURDAY_NOON - DAY_MS
