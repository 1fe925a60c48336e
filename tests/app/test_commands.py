"""The commands that examine a journal say what is so, in words and in JSON, and their exit codes say whether it is sound."""

import json
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from prorata.app import demo
from tests.app.programs import here, prorata


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's directory after three seconds of trading."""
    folder = tmp_path_factory.mktemp("lived") / "demo"
    done = prorata("demo", "--data", folder, "--duration", "3", "--port", "0", "--accounts", "12", "--rate", "60")
    assert done.code == 0, done.err
    return folder


@pytest.fixture
def copied(lived: Path, tmp_path: Path) -> Path:
    """A copy that may be spoiled; returns its settings file."""
    folder = tmp_path / "demo"
    shutil.copytree(lived, folder)
    settings = folder / demo.SETTINGS_NAME
    settings.write_text(settings.read_text().replace(json.dumps(str(lived)), json.dumps(str(folder))))
    return settings


def settings_of(lived: Path) -> Path:
    return lived / demo.SETTINGS_NAME


def change(settings: Path, database: str, statement: str) -> None:
    with sqlite3.connect(settings.parent / database) as connection:
        assert connection.execute(statement).rowcount == 1
    connection.close()


def test_a_sound_journal_verifies(lived: Path) -> None:
    done = here("journal", "verify", "--settings", settings_of(lived), "--json")
    found = done.json()
    assert (done.code, found["finding"], found["bad_record"]) == (0, "sound", None)
    assert found["records"] > 20


def test_replays_from_the_first_batch_and_from_the_snapshot_give_one_hash_in_any_process(lived: Path) -> None:
    settings = settings_of(lived)
    whole = prorata("journal", "replay", "--settings", settings, "--json", PYTHONHASHSEED="1").json()
    short = prorata("journal", "replay", "--settings", settings, "--json", "--from-snapshot", PYTHONHASHSEED="2").json()
    assert whole["state_hash"] == short["state_hash"]
    assert whole["batches"] == whole["position"] == short["position"]
    assert short["batches"] < 5


def test_the_ledger_of_journal_and_tables_sums_to_zero(lived: Path) -> None:
    done = here("ledger", "verify", "--settings", settings_of(lived), "--json")
    proven = done.json()
    assert (done.code, proven["balanced"]) == (0, True)
    for proof in (proven["journal"], proven["tables"]):
        assert proof["made"]
        assert proof["differences"] == []
        assert {float(total) for total in proof["sums"].values()} == {0.0}


def test_the_journal_is_exported_a_batch_a_line(lived: Path, tmp_path: Path) -> None:
    settings = settings_of(lived)
    whole = [json.loads(line) for line in here("journal", "export", "--settings", settings).out.splitlines()]
    assert [batch["number"] for batch in whole] == list(range(1, len(whole) + 1))
    assert "order" in {asked["command"]["message"] for batch in whole for asked in batch["batch"]["submissions"]}
    target = tmp_path / "journal.ndjson"
    here("journal", "export", "--settings", settings, "--after", str(len(whole) - 2), "--output", target)
    assert [json.loads(line) for line in target.read_text().splitlines()] == whole[-2:]


def test_an_altered_record_is_named_and_nothing_builds_on_it(copied: Path) -> None:
    altered = "CAST(substr(body, 1, length(body) - 1) || x'00' AS BLOB)"
    change(copied, "demo/journal.db", f"UPDATE records SET body = {altered} WHERE number = 9")
    verified = here("journal", "verify", "--settings", copied)
    assert verified.code == 1
    assert "record 9: " in verified.out
    for command in (("journal", "replay"), ("journal", "export"), ("ledger", "verify")):
        done = here(*command, "--settings", copied)
        assert (done.code, "journal record 9" in done.err) == (1, True), command


def test_an_altered_balance_in_the_tables_is_named(copied: Path) -> None:
    change(copied, "history.db", "UPDATE ledger_entries SET amount = amount + 1 WHERE sequence = 60")
    done = here("ledger", "verify", "--settings", copied)
    assert done.code == 1
    assert "NOT BALANCED" in done.out
    assert "expected" in done.out


def test_a_snapshot_shortens_the_next_replay(copied: Path) -> None:
    for file in (copied.parent / "demo").glob("*.snapshot-*"):
        file.unlink()
    position = here("snapshot", "--settings", copied, "--json").json()["position"]
    replayed = here("journal", "replay", "--settings", copied, "--from-snapshot", "--json").json()
    assert (replayed["position"], replayed["batches"]) == (position, 0)


def test_keys_are_made_listed_without_their_secret_and_revoked(tmp_path: Path) -> None:
    token = here("keys", "add", "--data", tmp_path, "--scope", "trade", "--login", "1001", "--label", "Ann").out.strip()
    assert token.startswith("prk_")
    listed = here("keys", "list", "--data", tmp_path, "--json")
    (key,) = listed.json()
    assert (key["scopes"], key["logins"], key["label"], key["revoked_at"]) == (["trade"], [1001], "Ann", 0)
    assert token.rsplit("_", 1)[1] not in listed.out
    assert here("keys", "revoke", key["id"], "--data", tmp_path).code == 0
    assert here("keys", "list", "--data", tmp_path, "--json").json()[0]["revoked_at"] > 0


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("journal", "verify"), 3, "there is no journal at"),
        (("keys", "revoke", "nobody"), 3, "there is no key nobody"),
        (("keys", "add", "--scope", "king"), 2, "there is no scope king"),
        (("journal", "verify", "--platform", "other"), 2, "there is no platform other"),
    ],
)
def test_what_is_missing_or_wrong_has_its_exit_code_and_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, told: str
) -> None:
    done = here(*arguments, "--data", tmp_path)
    assert (done.code, told in done.err, "Traceback" in done.err) == (code, True, False), done.err


def test_a_server_that_is_not_there_is_said_so() -> None:
    done = here("status", "--url", "http://127.0.0.1:9")
    assert (done.code, "cannot be reached" in done.err) == (3, True)


def test_a_directory_in_use_turns_the_second_process_away(copied: Path) -> None:
    from prorata.app.folder_lock import FolderLock

    lock = FolderLock(copied.parent / "demo" / "lock")
    lock.take()
    try:
        done = prorata("serve", "--settings", copied, "--port", "0")
    finally:
        lock.release()
    assert (done.code, "is in use by process" in done.err) == (3, True)


def test_it_refuses_to_run_without_its_assertions() -> None:
    import subprocess

    done = subprocess.run([sys.executable, "-O", "-m", "prorata", "status"], capture_output=True, text=True, check=False)
    assert (done.returncode, "python -O" in done.stderr) == (2, True)


def test_a_directory_that_is_no_demo_is_never_wiped(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    done = prorata("demo", "--data", tmp_path, "--fresh", "--duration", "1", "--port", "0")
    assert (done.code, (tmp_path / "thesis.txt").exists()) == (2, True)
