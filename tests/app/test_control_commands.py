"""Companies and tokens made at the console, used over HTTP in the running server."""

import sqlite3
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.app.programs import here, running

LOGIN = "boss@broker.test"


def call(address: str, method: str, token: str = "", **body: Any) -> httpx2.Response:
    headers = {"Token": token} if token else {}
    return httpx2.post(f"{address}/api/manager/v1/{method}", json=body, headers=headers, timeout=20, verify=False)


def added(data: Path, *more: str) -> Any:
    made = here("company", "add", "First Broker", "--login", LOGIN, "--data", data, "--json", *more)
    assert made.code == 0, made.err
    return made.json()


def test_a_company_made_at_the_console_works_with_the_server_and_outlives_it(tmp_path: Path) -> None:
    with running("serve", "--data", tmp_path, "--port", "0") as (process, address, _):
        made = added(tmp_path)
        body = {"Login": LOGIN, "Password": made["password"]}
        for _ in range(100):
            companies = call(address, "session.login", **body).json()["Companies"]
            if companies:
                break
            time.sleep(0.1)
        assert companies == [{"ID": made["company"], "Name": "First Broker", "Demo": False, "URL": address}]
        token = call(address, "session.login", **body, CompanyID=made["company"]).json()["Token"]
        symbols = call(address, "symbols.search", token, Filter={"Name": "EURUSD"}).json()["Symbols"]
        assert [(symbol["Name"], symbol["IDAssetQuote"]) for symbol in symbols] == [("EURUSD", 840)]
        wallet = call(address, "clients.addWithWallet", token, Login="joe@mail.test").json()["Wallet"]["ID"]
        booked = call(address, "walletTransfers.add", token, WalletID=wallet, Type=0, Amount=500)
        assert (booked.status_code, list(booked.json())) == (200, ["WalletTransferID"])
        opened = call(address, "strategies.add", token, WalletID=wallet, Name="Alpha", Money=199.99)
        assert (opened.status_code, "'Money': below the minimum" in opened.text) == (400, True)
        assert call(address, "strategies.add", token, WalletID=wallet, Name="Alpha", Money=200).status_code == 200
        process.terminate()
        assert process.wait(30) == 0
    with running("serve", "--data", tmp_path, "--port", "0") as (_, address, _):
        assert call(address, "session.get", token).json()["Login"] == LOGIN
        assert call(address, "wallets.get", token, ID=wallet).json()["Invested"] == 200
    assert here("audit", "verify", "--data", tmp_path, "--json").json() == {"sound": True, "first_bad": None}


def test_a_changed_audit_is_not_sound(tmp_path: Path) -> None:
    added(tmp_path)
    with sqlite3.connect(tmp_path / "control.db") as database:
        database.execute("UPDATE control_audit SET outcome = 'never'")
    database.close()
    checked = here("audit", "verify", "--data", tmp_path)
    assert (checked.code, checked.out) == (1, "row 1 of the audit does not fit the chain\n")


def test_companies_are_listed_without_secrets(tmp_path: Path) -> None:
    made = added(tmp_path, "--demo", "--currency", "EUR", "--min-investment", "50.5", "--rating-yield", "-0.1")
    listed = here("company", "list", "--data", tmp_path, "--json")
    (company,) = listed.json()
    assert (company["id"], company["demo"], company["currency"], company["account_min_balance"]) == (1, True, "EUR", 5_050)
    assert (company["rating_age_min"], company["rating_yield_min_ppm"]) == (30, -100_000)
    assert "First Broker" in here("company", "list", "--data", tmp_path).out
    assert made["password"].encode() not in (tmp_path / "control.db").read_bytes()


def test_a_company_is_changed_and_a_lost_password_renewed(tmp_path: Path) -> None:
    made = added(tmp_path)
    changed = here("company", "set", "1", "--name", "New", "--min-investment", "75", "--no-show-portfolio", "--data", tmp_path)
    assert changed.code == 0, changed.err
    (company,) = here("company", "list", "--data", tmp_path, "--json").json()
    assert (company["name"], company["account_min_balance"], company["shows_portfolio"]) == ("New", 7_500, False)
    renewed = here("company", "password", "1", "--login", LOGIN.upper(), "--data", tmp_path, "--json").json()
    assert renewed["login"] == LOGIN
    assert renewed["password"] != made["password"]
    with running("serve", "--data", tmp_path, "--port", "0") as (_, address, _):
        passwords = (made["password"], renewed["password"])
        assert [call(address, "session.login", Login=LOGIN, Password=one).status_code for one in passwords] == [401, 200]
        assert here("company", "set", "1", "--deleted", "--data", tmp_path).code == 0
        for _ in range(100):
            offered = call(address, "session.login", Login=LOGIN, Password=renewed["password"]).json()["Companies"]
            if not offered:
                break
            time.sleep(0.1)
        assert offered == []


def test_tokens_are_made_listed_without_their_secret_and_revoked(tmp_path: Path) -> None:
    company = added(tmp_path)["company"]
    app = here("app-token", "add", "EA", "--version", "2.19", "--data", tmp_path).out.strip()
    partner = here("partner-token", "add", "--company", str(company), "--label", "page", "--data", tmp_path).out.strip()
    for kind, token in (("app-token", app), ("partner-token", partner)):
        (listed,) = here(kind, "list", "--data", tmp_path, "--json").json()
        assert len(token) == 43
        assert token not in here(kind, "list", "--data", tmp_path).out
        assert here(kind, "revoke", str(listed["id"]), "--data", tmp_path).code == 0
        assert here(kind, "list", "--data", tmp_path, "--json").json()[0]["revoked_at"] > 0
        assert here(kind, "revoke", str(listed["id"]), "--data", tmp_path).code == 3
    assert here("app-token", "add", "EA", "--token", app, "--data", tmp_path).code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("company", "add", "X", "--login", "a", "--platform", "none"), 2, "there is no platform none"),
        (("company", "add", "X", "--login", "a", "--currency", "XXX"), 2, "there is no currency XXX"),
        (("company", "add", "X", "--login", "a", "--min-strategy", "1.001"), 2, "--min-strategy: expected an amount in USD"),
        (("company", "add", "X", "--login", " "), 2, "the first manager needs a login"),
        (("company", "add", "X", "--login", "a", "--parent", "7"), 3, "there is no company 7"),
        (("partner-token", "add", "--company", "7"), 3, "there is no company 7"),
        (("company", "set", "7", "--name", "X"), 3, "there is no company 7"),
        (("company", "password", "7", "--login", "a"), 3, "there is no company 7"),
    ],
)
def test_what_is_missing_or_wrong_has_its_exit_code_and_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = here(*arguments, "--data", tmp_path)
    assert (done.code, words in done.err) == (code, True), done.err


def test_a_key_that_is_none_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "control.key").write_bytes(b"short")
    done = here("company", "list", "--data", tmp_path)
    assert (done.code, "a key has 32 bytes, this file 5" in done.err) == (2, True)
