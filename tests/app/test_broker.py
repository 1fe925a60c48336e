"""The Broker-API of the running server, on a platform of its own."""

import json
import time
from pathlib import Path
from typing import Any

import httpx2
from websockets.sync.client import connect

from prorata.access.permissions import EVERYTHING
from prorata.app.crm_engines import RunningEngines
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.api_clients.store import NewApiClient
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, insert_person
from prorata.crm.accounts import AccountWish
from prorata.crm.settings import NewOffer
from prorata.crm.store import Crm
from tests.app.programs import here, running

SETTINGS = '[platforms.live]\nfeed = {kind = "none"}\n'


def test_trading_accounts_are_opened_also_those_that_waited_and_their_owner_signs_in(tmp_path: Path) -> None:
    file = tmp_path / "prorata.toml"
    file.write_text(f'data = "{tmp_path}"\nport = 0\n{SETTINGS}')
    settings = ServerSettings(data=tmp_path)
    with opened_control(settings) as control:
        with control.database.writing() as connection:
            person = insert_person(connection, NewPerson(email="owner@broker.test"), hashed("correct horse"), 1)
        organization = control.organizations.add(person.id, "First Broker")
        new = NewApiClient(name="website", permissions=frozenset(EVERYTHING))
        _, key = control.api_clients.add(organization.id, new, by=person.id)
    adopted = here("platform", "adopt", "live", "--organization", organization.uuid, "--settings", file)
    assert adopted.code == 0, adopted.err
    system = adopted.out.strip()
    with opened_control(settings) as control:
        crm = Crm(control, RunningEngines(control.platforms, {}, control.companies))
        branch = crm.settings.begin(organization.id, "Main")
        offer = crm.settings.add_offer(
            organization.id,
            NewOffer(
                branch_id=branch.id, platform_uuid=system, group_name="retail-usd", name="Retail", currency="USD", leverage=100
            ),
        )  # fmt: skip
        wish = AccountWish(email="early@mail.test", first_name="Early", last_name="Bird")
        early = crm.accounts.add(organization.id, wish, "correct horse", by="test")
        crm.trading.open(early, offer, by="test")
    body = {
        "email": "jane@mail.test", "password": "correct horse", "offerUuid": offer.uuid,
        "personalDetails": {"firstname": "Jane", "lastname": "Roe"},
    }  # fmt: skip
    with (
        running("serve", "--settings", file) as (_, url, _),
        httpx2.Client(verify=False, base_url=url, headers={"authorization": key}, timeout=20) as program,
    ):
        assert program.get("/service-info").json()["name"] == "Prorata"
        assert program.post("/v1/accounts", json=body).status_code == 200
        # The step that waited is carried beside the calls.
        deadline = time.monotonic() + 20
        while True:
            found = program.get("/v1/trading-accounts", params={"sort": "created,asc"}).json()["content"]
            if all(one["group"] for one in found) or time.monotonic() > deadline:
                break
            time.sleep(0.05)
        assert [(one["accountInfo"]["email"], one["group"]) for one in found] == [
            ("early@mail.test", "retail-usd"), ("jane@mail.test", "retail-usd"),
        ]  # fmt: skip
        at = {"systemUuid": system, "login": found[1]["login"], "types[]": "DEPOSIT"}
        assert program.get("/v1/trading-accounts/trading-data/ledgers", params=at).json() == {"operations": []}
        _check_terminal(url, system, found[1]["login"])


def _check_terminal(url: str, system: str, login: str) -> None:
    """Sign Jane in with a browser of her own, and look at her account."""
    with httpx2.Client(verify=False, base_url=url, timeout=20) as browser:
        signed_in = browser.post("/manager/mtr-login", json={"email": "jane@mail.test", "password": "correct horse"}).json()
        (account,) = signed_in["tradingAccounts"]
        assert account["tradingAccountId"] == login
        browser.headers["auth-trading-api"] = account["tradingApiToken"]
        assert browser.get(f"/mtr-api/{system}/balance").json()["balance"] == "0.00"
        span = {"from": "2026-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
        assert browser.post(f"/mtr-api/{system}/closed-positions", json=span).json() == {"operations": []}
        assert heard(url, account["tradingApiToken"])["scopes"] == ["read"]
        wish = {"name": "robot", "tradingAccountUuid": account["uuid"], "scopes": ["read", "trade"]}
        key = browser.post("/client/api-keys", json=wish).json()["token"]
        mine = httpx2.get(f"{url}/api/v1/accounts/{login}", headers={"authorization": f"Bearer {key}"}, verify=False).json()
        assert (str(mine["login"]), mine["balance"]) == (login, "0.00")
        assert heard(url, key)["scopes"] == ["read", "trade"]


def heard(url: str, token: str) -> dict[str, Any]:
    """Return how the stream greets who shows a token in his first message, as a browser does."""
    with connect(f"{url.replace('http', 'ws', 1)}/api/v1/stream") as stream:
        stream.send(json.dumps({"op": "auth", "token": token}))
        greeting: dict[str, Any] = json.loads(stream.recv(timeout=10))["hello"]
        return greeting
