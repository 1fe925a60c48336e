"""`prorata signals send`: from a file, from an account, its words and exit codes."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest

from tests.app.programs import environment, here, running
from tests.collectors.trading_api import TradingApi

FILE = {"equity": "10000.00", "positions": [{"ticket": "1", "symbol": "EURUSD.m", "lot": "0.30"}]}


@pytest.fixture
def api() -> Iterator[TradingApi]:
    with TradingApi() as api:
        yield api


@pytest.fixture
def positions(tmp_path: Path) -> Path:
    path = tmp_path / "positions.json"
    path.write_text(json.dumps(FILE))
    return path


def start(*arguments: str | Path, **variables: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "prorata", "signals", "send", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(**variables))


def test_a_file_is_sent_until_ctrl_c_by_secrets_of_the_environment(api: TradingApi, positions: Path, tmp_path: Path) -> None:
    secrets = {"PRORATA_SIGNALS_TOKEN": "env-token", "PRORATA_SIGNALS_APP_TOKEN": "env-app", "TMPDIR": str(tmp_path)}
    wish = ("--address", api.address, "--file", positions, "--postfix", ".m", "--multiplier", "EURUSD=0.5", "--json")
    process = start(*wish, **secrets)
    try:
        api.wait(lambda: api.holds == {"EURUSD": Decimal("0.15")}, 30)
        positions.write_text(json.dumps({**FILE, "positions": []}))
        api.wait(lambda: api.holds == {"EURUSD": 0})
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    lines = [json.loads(line) for line in out.splitlines()]
    assert (process.returncode, err) == (0, "")
    assert [(line["kind"], line["text"]) for line in lines[:3]] == [
        ("heartbeat", "strategy active"),
        ("sync", "hard sync of 1 positions"),
        ("signal", "EURUSD 0.00"),
    ]
    assert lines[-1]["finished"] == "stopped"
    assert lines[-1]["counts"] | {"heartbeats": 0} == {"heartbeats": 0, "signals": 1, "syncs": 1, "failed": 0}
    assert {(told.token, told.app_token) for told in api.told} == {("env-token", "env-app")}


def test_an_account_of_a_running_platform_feeds_a_strategy_elsewhere(api: TradingApi, tmp_path: Path) -> None:
    admin = here("keys", "add", "--data", tmp_path, "--scope", "admin").out.strip()
    key = here("keys", "add", "--data", tmp_path, "--scope", "read", "--login", "1001").out.strip()
    with running("serve", "--data", tmp_path, "--port", "0") as (_, address, _):
        headers = {"authorization": f"Bearer {admin}"}
        with httpx2.Client(verify=False, base_url=address, headers=headers) as client:
            assert client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001}).is_success
            deposit = {"kind": "deposit", "amount": "10000.00"}
            assert client.post("/api/v1/accounts/1001/balance-operations", json=deposit).is_success
            wish = ("--address", api.address, "--token", "t-account", "--app-token", "a", "--login", "1001", "--key", key)
            process = start(*wish, "--source-address", address, TMPDIR=str(tmp_path))
            try:
                api.wait(lambda: 3 in api.types(), 30)
                order = {"login": 1001, "symbol": "BTCUSD", "side": "sell", "volume": "0.10"}
                assert client.post("/api/v1/orders", json=order).is_success
                api.wait(lambda: api.holds == {"BTCUSD": Decimal("-0.1")})
                assert client.post("/api/v1/accounts/1001/balance-operations", json=deposit).is_success
                api.wait(lambda: any("Ticket" in told.body and told.body["Ticket"] == "Balance" for told in api.told))
                process.send_signal(signal.SIGTERM)
                out, err = process.communicate(timeout=20)
            finally:
                process.kill()
    assert (process.returncode, err) == (0, "")
    assert "signal: BTCUSD -0.10" in out
    assert "sync: balance sync of 1 positions" in out
    assert out.splitlines()[-1].startswith("stopped: ")


def test_a_closed_strategy_ends_it_with_exit_code_3(api: TradingApi, positions: Path) -> None:
    api.answer = lambda _body: (200, '{"Strategy":{"Status":4}}')
    done = here(
        "signals", "send", "--address", api.address, "--token", f"t{positions}", "--app-token", "a", "--file", positions
    )
    assert (done.code, "the strategy is closed" in done.err) == (3, True)
    assert done.out == "closed: 0 signals, 0 syncs, 1 heartbeats, 0 failed\n"


def test_a_bad_token_ends_it_with_exit_code_3(api: TradingApi, positions: Path) -> None:
    api.answer = lambda _body: (401, "")
    wish = ("--address", api.address, "--token", f"t{positions}", "--app-token", "a", "--file", positions)
    done = here("signals", "send", *wish, "--json")
    assert (done.code, "HTTP 401" in done.err) == (3, True)
    assert json.loads(done.out.splitlines()[-1])["finished"] == "unauthorized"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "either --file, or --login with --key"),
        (("--file", "a.json", "--login", "1001"), 2, "either --file, or --login with --key"),
        (("--login", "1001"), 2, "--login needs --key"),
        (("--file", "a.txt"), 2, "must end in .json or .csv"),
        (("--file", "a.json", "--name", "BRN"), 2, "expected NAME=NAME"),
        (("--file", "a.json", "--multiplier", "EURUSD=0"), 2, "no decimal number above 0"),
        (("--file", "a.json", "--multiplier", "EURUSD=half"), 2, "no decimal number above 0"),
        (("--file", "a.json", "--address", "broker.example"), 2, "begins with https://"),
    ],
)
def test_what_is_wrong_or_missing_has_its_exit_code_and_a_sentence(arguments: tuple[str, ...], code: int, told: str) -> None:
    wish = ("--token", "t", "--app-token", "a", *(() if "--address" in arguments else ("--address", "http://127.0.0.1:9")))
    done = here("signals", "send", *wish, *arguments)
    assert (done.code, told in done.err, "Traceback" in done.err) == (code, True, False), done.err


def test_the_environment_of_the_sender_is_no_setting_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRORATA_SIGNALS_TOKEN", "secret")
    assert here("keys", "list", "--data", tmp_path, "--json").code == 0
