"""Platforms of organizations in a running server: added, used, archived, killed, and one that cannot start."""

import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.sync.client import connect

from prorata.app.archiving import Manifest
from prorata.app.opening import opened_control
from prorata.app.settings import ServerSettings
from prorata.control.people.people import NewPerson
from prorata.storage.journals import open_journal
from tests.app.programs import here, running

SECONDS = 20
ANN = {"email": "ann@broker.example", "password": "correct horse battery"}


class Site:
    """A server with an organization, and its people at the console."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        with opened_control(ServerSettings(data=folder)) as control:
            person = control.people.add(NewPerson(**ANN))
            control.people.set(person.id, verified_at=1)
            self.organization = control.organizations.add(person.id, "Broker").uuid

    def add(self, *options: str) -> dict[str, Any]:
        done = here("platform", "add", "Demo", "-o", self.organization, "--data", self.folder, "--json", *options)
        assert done.code == 0, done.err
        made: dict[str, Any] = done.json()
        return made

    def key(self, platform: str) -> str:
        return here("keys", "add", "--data", self.folder, "--platform", platform, "--scope", "admin").out.strip()

    def client(self, key: str) -> httpx2.Client:
        return httpx2.Client(verify=False, base_url=self.address, headers={"authorization": f"Bearer {key}"})

    def ann(self) -> httpx2.Client:
        """Sign in as the Administrator; paths are those of the organization's platforms."""
        signed_in = httpx2.post(f"{self.address}/api/v1/auth/login", json={**ANN, "token": True}, verify=False).json()
        root = f"{self.address}/api/v1/organizations/{self.organization}/platforms"
        return httpx2.Client(verify=False, base_url=root, headers={"authorization": f"Bearer {signed_in['token']}"})

    @property
    def stream(self) -> str:
        return f"{self.address.replace('http', 'ws')}/api/v1/stream"

    def listed(self, *options: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = here("platform", "list", "--data", self.folder, "--json", *options).json()
        return rows

    def state(self, engine: str) -> dict[str, Any]:
        platforms: dict[str, Any] = httpx2.get(f"{self.address}/readyz", verify=False).json()["platforms"]
        state: dict[str, Any] = platforms.get(engine, {})
        return state


def until(wanted: Callable[[], Any]) -> Any:
    """Wait until something is so, and return it."""
    end = time.monotonic() + SECONDS
    while not (found := wanted()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return found


def is_ready(site: Site, engine: str) -> bool:
    return bool(site.state(engine).get("ready"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def kept(site: Site) -> dict[str, Any]:
    """A platform that was added before a server ran, on which an account was opened before the server was killed."""
    made = site.add("--rate", "20")
    key = site.key(made["uuid"])
    with running("serve", "--data", site.folder, "--port", "0") as (process, site.address, _):
        until(lambda: is_ready(site, made["engine"]))
        with site.client(key) as client:
            assert client.post("/api/v1/accounts", json={"group": "ecn-usd", "login": 7}).is_success
        process.kill()
    return {**made, "key": key}


@pytest.fixture(scope="module")
def broken(site: Site) -> dict[str, Any]:
    """A platform whose folder is none."""
    made = site.add("--feed", "none")
    (site.folder / made["engine"]).write_text("no folder")
    return {**made, "key": site.key(made["uuid"])}


@pytest.fixture(scope="module")
def served(site: Site, kept: dict[str, Any], broken: dict[str, Any]) -> Iterator[Site]:
    """The server after the kill."""
    with running("serve", "--data", site.folder, "--port", "0") as (_, site.address, _):
        yield site


def test_what_a_platform_has_answered_is_there_after_a_kill(served: Site, kept: dict[str, Any]) -> None:
    until(lambda: is_ready(served, kept["engine"]))
    with served.client(kept["key"]) as client:
        assert client.get("/api/v1/accounts/7").json()["login"] == 7


def test_a_platform_that_cannot_start_says_why_and_the_others_run_and_it_starts_when_it_can(
    served: Site, broken: dict[str, Any]
) -> None:
    engine = broken["engine"]
    problem = until(lambda: served.state(engine).get("problem"))
    assert "FileExistsError" in problem or "NotADirectoryError" in problem
    assert httpx2.get(f"{served.address}/readyz", verify=False).status_code == 200
    with served.client(broken["key"]) as client:
        refused = client.get("/api/v1/accounts/7")
        assert (refused.status_code, refused.json()["refusal"]) == (503, "NOT_READY")
        with pytest.raises(InvalidStatus) as denied:
            connect(served.stream, additional_headers={"authorization": f"Bearer {broken['key']}"}).__enter__()
        assert denied.value.response.status_code == 503
        shown = until(lambda: [row for row in served.listed() if row["uuid"] == broken["uuid"] and row["problem"]])
        assert "Error" in shown[0]["problem"]
        (served.folder / engine).unlink()
        until(lambda: is_ready(served, engine))
        assert client.get("/api/v1/accounts/7").json()["refusal"] == "UNKNOWN_ACCOUNT"
    until(lambda: [row for row in served.listed() if row["uuid"] == broken["uuid"] and not row["problem"]])


def test_a_platform_that_fails_is_started_anew_and_the_others_go_on(served: Site, kept: dict[str, Any]) -> None:
    until(lambda: is_ready(served, kept["engine"]))
    taken = open_journal(f"sqlite:///{served.folder}/{kept['engine']}/journal.db", kept["engine"])
    taken.open()
    taken.close()
    until(lambda: not is_ready(served, kept["engine"]))
    assert is_ready(served, "main")
    until(lambda: is_ready(served, kept["engine"]))
    with served.client(kept["key"]) as client:
        assert client.get("/api/v1/accounts/7").json()["login"] == 7


def test_a_platform_is_added_used_on_all_surfaces_and_archived_while_the_server_runs(served: Site) -> None:
    with served.ann() as ann:
        made = ann.post("", json={"name": "Demo", "kind": "prorata", "hosting": {"rate": 20}}).json()
        path, engine = f"/{made['uuid']}", made["journal"]
        until(lambda: ann.get(path).json()["state"] == "running")
        key = ann.post(f"{path}/keys", json={"scopes": ["admin"]}).json()["key"]
        bearer = {"authorization": f"Bearer {key}"}
        with served.client(key) as client, connect(served.stream, additional_headers=bearer) as stream:
            assert client.post("/api/v1/accounts", json={"group": "retail-usd", "login": 1001}).is_success
            assert json.loads(stream.recv())["hello"]["platform"] == engine
            new = ("Copy", "--login", "m@b.example", "--platform", engine, "--data", served.folder, "--json")
            company = str(here("company", "add", *new).json()["company"])
            assert ann.delete(path).json()["refusal"] == "PLATFORM_IN_USE"
            assert here("company", "set", company, "--deleted", "--data", served.folder).code == 0
            assert ann.delete(path).json()["state"] == "archiving"
            with pytest.raises(ConnectionClosedError, match="1013"):
                list(stream)
            until(lambda: client.get("/api/v1/accounts/1001").json()["refusal"] == "NOT_AUTHENTICATED")
        archived = until(lambda: [row for row in _archived(ann) if row["state"] == "archived"])
    assert [row["uuid"] for row in archived] == [made["uuid"]]
    _check_archive(served.folder, engine)
    assert served.state(engine) == {}
    assert is_ready(served, "main")


def _archived(ann: httpx2.Client) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = ann.get("", params={"archived": "true"}).json()
    return rows


def _check_archive(folder: Path, engine: str) -> None:
    place = folder / "archive" / engine
    assert (place / "journal.db").exists()
    assert not (folder / engine).exists()
    manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
    with gzip.open(place / "journal.jsonl.gz") as lines:
        batches = [json.loads(line) for line in lines]
    assert (manifest.finding, manifest.records, manifest.hash) == ("sound", len(batches), batches[-1]["hash"])
    assert any('"login": 1001' in json.dumps(batch) for batch in batches)
