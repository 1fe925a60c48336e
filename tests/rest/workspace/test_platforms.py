"""An organization's trade platforms over HTTP: by whom they are seen and changed, and that no secret comes back."""

import socket
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from prorata.access.keys import KeyStore
from prorata.control.companies import NewCompany
from prorata.control.organizations.inside import Organization, insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.people.people import Person
from prorata.control.platforms.hosting import Running, RunState
from prorata.control.platforms.probing import Prober
from prorata.control.platforms.records import PlatformRecord
from prorata.control.platforms.terms import ConnectionTerms, HostingTerms
from prorata.rest.workspace.call import PlatformWorks
from tests.rest.workspace.stage import NOON, WorkspaceStage

SECRET = "s3cret-of-the-server"  # noqa: S105
CONNECTIONS = ConnectionTerms(private=True, seconds=0.4, per_minute=4)
HOSTED = {"name": "Demo", "kind": "prorata"}
LIVE = {"name": "Live", "kind": "mt5"}


class PaperHost:
    """A server that runs platforms on paper."""

    id = "paper"

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.woken = 0

    def running(self, record: PlatformRecord) -> Running:
        if record.archived_at:
            return Running(RunState.ARCHIVING)
        if record.engine in self.failed:
            return Running(RunState.FAILED, "the journal is damaged")
        return Running(RunState.RUNNING)

    def has_own(self, record: PlatformRecord) -> bool:
        return record.engine == "main"

    def wake(self) -> None:
        self.woken += 1

    def retry(self, record: PlatformRecord) -> None:
        self.failed.discard(record.engine)


class Desk:
    """Organizations with people, on one workspace."""

    def __init__(self, folder: Path) -> None:
        self.host = PaperHost()
        self.keys = KeyStore(f"sqlite:///{folder}/keys.db", now=lambda: NOON)
        works = PlatformWorks(host=self.host, prober=Prober(CONNECTIONS), keys=self.keys, terms=HostingTerms(2, 1_000))
        self.stage = WorkspaceStage(folder, works=works)
        self._numbers = count(1)

    def organization(self) -> tuple[Organization, "Client"]:
        """Make an organization, and return it with its Administrator's client."""
        owner = self.stage.person()
        made = self.stage.control.organizations.add(owner.id, f"Broker {next(self._numbers)}")
        return made, Client(self.stage.signed_in(owner), made)

    def member(self, organization: Organization, rights: Rights) -> "Client":
        person: Person = self.stage.person()
        with self.stage.control.grants.changing() as connection:
            insert_member(connection, organization.id, person.id, rights, 1)
        return Client(self.stage.signed_in(person), organization)

    def close(self) -> None:
        self.stage.stop()
        self.keys.close()


class Client:
    """Somebody's calls about the platforms of an organization."""

    def __init__(self, http: httpx2.Client, organization: Organization) -> None:
        self.http = http
        self.root = f"/api/v1/organizations/{organization.uuid}/platforms"

    def add(self, body: dict[str, Any]) -> str:
        made = self.http.post(self.root, json=body)
        assert made.status_code == 201, made.text
        uuid: str = made.json()["uuid"]
        return uuid

    def __call__(self, method: str, path: str = "", **body: Any) -> httpx2.Response:
        return self.http.request(method, f"{self.root}/{path}" if path else self.root, json=body or None)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("platforms"))
    yield desk
    desk.close()


def api(address: str = "mt5.broker.example", **more: Any) -> dict[str, Any]:
    return {"address": address, "login": "1000", "password": SECRET, **more}


def database(address: str = "db.broker.example", **more: Any) -> dict[str, Any]:
    return {"address": address, "name": "reports", "login": "reader", "password": SECRET, **more}


def test_a_hosted_platform_s_life(desk: Desk) -> None:
    _, ann = desk.organization()
    woken = desk.host.woken
    uuid = ann.add({**HOSTED, "hosting": {"feed": "none", "begin_with": "nothing"}})
    assert desk.host.woken > woken
    shown = ann("GET", uuid).json()
    assert (shown["state"], shown["hosting"]["feed"], shown["journal"]) == ("running", "none", uuid.replace("-", ""))
    assert ann("PATCH", uuid, name="Demo 2").json()["name"] == "Demo 2"
    desk.host.failed.add(shown["journal"])
    assert ann("GET", uuid).json()["problem"] == "the journal is damaged"
    assert ann("POST", f"{uuid}/start").json()["state"] == "running"
    assert ann("DELETE", uuid).json()["state"] == "archiving"
    assert [ann("GET", uuid).status_code, ann("DELETE", uuid).status_code] == [404, 404]
    assert ann("GET").json() == []
    archived = ann.http.get(ann.root, params={"archived": "true"}).json()
    assert [one["uuid"] for one in archived] == [uuid]


def test_a_foreign_platform_s_passwords_are_taken_and_never_come_back(desk: Desk) -> None:
    _, ann = desk.organization()
    with capture_logs() as logged:
        uuid = ann.add(LIVE)
        answers = [
            ann("PUT", f"{uuid}/api", **api(certificate="AB:" * 31 + "AB")),
            ann("PUT", f"{uuid}/database", **database()),
            ann("GET", uuid),
            ann("GET"),
            ann("PUT", f"{uuid}/api", address="mt5.broker.example:443", login="1000", certificate="ab" * 32),
        ]
    assert [answer.status_code for answer in answers] == [200] * 5
    shown = answers[2].json()
    assert shown["api"]["address"] == "mt5.broker.example:443"
    assert shown["api"]["certificate"] == "ab" * 32
    assert shown["database"]["address"] == "db.broker.example:3306"
    assert [shown[part]["password_set_at"] for part in ("api", "database")] == ["2026-03-02T12:00:00.000Z"] * 2
    audit = [row.action for row in desk.stage.control.audit.rows(limit=10_000)]
    assert any('"password":"***"' in action.request and uuid in action.request for action in audit)
    assert any('"password_set_at"' in action.before and action.after for action in audit)
    with desk.stage.control.database.reading() as connection:
        stored = repr(connection.exec_driver_sql("SELECT * FROM control_platforms").all())
    for text in (*(answer.text for answer in answers), repr(logged), repr(audit), stored):
        assert SECRET not in text
    files = b"".join(file.read_bytes() for file in desk.stage.folder.iterdir())
    assert SECRET.encode() not in files
    forgotten = ann("DELETE", f"{uuid}/api").json()
    assert (forgotten["api"], forgotten["database"]["login"]) == (None, "reader")
    assert ann("DELETE", f"{uuid}/database").json()["database"] is None
    assert ann("DELETE", uuid).json()["state"] is None


def test_a_platform_of_another_organization_is_as_if_absent(desk: Desk) -> None:
    mine, ann = desk.organization()
    _, bob = desk.organization()
    theirs = bob.add(LIVE)
    hosted = bob.add(HOSTED)
    absent = "7c1d0a3e-6f2b-4b1e-9d55-0a8f3f1f7c11"
    narrowed_away = ann.add(LIVE)
    reached = ann.add(LIVE)
    narrow = desk.member(mine, Rights(role="Administrator", platforms=frozenset({reached})))
    stranger = Client(desk.stage.signed_in(desk.stage.person()), mine)
    cases = [(ann, theirs), (ann, hosted), (ann, absent), (narrow, narrowed_away), (stranger, narrowed_away)]
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", "", {}), ("PATCH", "", {"name": "Mine"}), ("DELETE", "", {}), ("PUT", "/api", api()), ("DELETE", "/api", {}),
        ("PUT", "/database", database()), ("DELETE", "/database", {}), ("POST", "/api/test", {}),
        ("POST", "/database/test", {}), ("POST", "/start", {}), ("GET", "/keys", {}),
        ("POST", "/keys", {"scopes": ["read"]}), ("DELETE", "/keys/abc", {}),
    ]  # fmt: skip
    for method, path, body in calls:
        told = {
            (answer.status_code, answer.json()["code"], answer.json()["detail"])
            for caller, uuid in cases
            for answer in [caller(method, f"{uuid}{path}", **body)]
        }
        assert told == {(404, 1005, "There is nothing here")}, (method, path)
    assert [one["uuid"] for one in narrow("GET").json()] == [reached]
    assert stranger("GET").status_code == 404
    assert narrow("POST", **LIVE).json()["code"] == 1004
    assert bob("GET", theirs).json()["name"] == "Live"


def test_members_see_platforms_and_those_alone_who_manage_them_how_they_are_reached(desk: Desk) -> None:
    mine, ann = desk.organization()
    uuid = ann.add(LIVE)
    hosted = ann.add(HOSTED)
    ann("PUT", f"{uuid}/api", **api())
    reader = desk.member(mine, Rights(role="Read-only"))
    shown = reader("GET", uuid).json()
    assert (shown["name"], shown["api"], shown["database"]) == ("Live", None, None)
    assert reader("GET").json()[0] == shown
    refused = [
        reader("POST", **LIVE), reader("PATCH", uuid, name="x"), reader("DELETE", uuid), reader("PUT", f"{uuid}/api", **api()),
        reader("POST", f"{uuid}/api/test"), reader("POST", f"{hosted}/start"), reader("GET", f"{hosted}/keys"),
        reader("POST", f"{hosted}/keys", scopes=["read"]),
    ]  # fmt: skip
    assert [answer.json()["code"] for answer in refused] == [1004] * len(refused)
    assert Client(desk.stage.client(), mine)("GET", uuid).status_code == 401


def test_a_password_is_not_sent_to_another_address(desk: Desk) -> None:
    _, ann = desk.organization()
    uuid = ann.add(LIVE)
    ann("PUT", f"{uuid}/api", **api())
    refused = ann("PUT", f"{uuid}/api", address="evil.example", login="1000")
    assert (refused.status_code, refused.json()["code"]) == (400, 1001)
    assert refused.json()["detail"].startswith("password:")
    assert ann("GET", uuid).json()["api"]["address"] == "mt5.broker.example:443"


@pytest.mark.parametrize(
    "body",
    [
        {"address": ""}, {"address": "a b"}, {"address": "host:0"}, {"address": "http://host"}, {"address": "u:p@host"},
        {"login": "admin"}, {"login": ""}, {"password": ""}, {"password": "x" * 129}, {"certificate": "zz"}, {"other": 1},
    ],
)  # fmt: skip
def test_what_cannot_be_an_access_is_refused_and_changes_nothing(desk: Desk, body: dict[str, Any]) -> None:
    _, ann = desk.organization()
    uuid = ann.add(LIVE)
    refused = ann("PUT", f"{uuid}/api", **{**api(), **body})
    assert (refused.status_code, refused.json()["code"]) == (400, 1001)
    assert ann("GET", uuid).json()["api"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""}, {"name": "a\nb"}, {"kind": "mt6"}, {"kind": "mt5", "hosting": {}}, {"hosting": {"rate": 0}},
        {"hosting": {"rate": 10**9}}, {"hosting": {"speed": 10**9}}, {"hosting": {"feed": "file"}}, {"hosting": {"seed": "1"}},
        {"hosting": {"journal": "sqlite:///x"}}, {"engine": "main"},
    ],
)  # fmt: skip
def test_what_cannot_be_a_platform_is_refused(desk: Desk, body: dict[str, Any]) -> None:
    _, ann = desk.organization()
    refused = ann("POST", **{**HOSTED, **body})
    assert (refused.status_code, refused.json()["code"] in (1001, 1008)) == (400, True), refused.text
    assert ann("GET").json() == []


def test_an_organization_hosts_as_many_as_the_settings_allow(desk: Desk) -> None:
    _, ann = desk.organization()
    first = ann.add(HOSTED)
    ann.add(HOSTED)
    refused = ann("POST", **HOSTED)
    assert (refused.status_code, refused.json()["refusal"]) == (409, "QUOTA_REACHED")
    ann("DELETE", first)
    ann.add(HOSTED)


def test_what_is_for_the_other_kind_of_platform_is_refused(desk: Desk) -> None:
    _, ann = desk.organization()
    hosted, live = ann.add(HOSTED), ann.add(LIVE)
    answers = [
        ann("PUT", f"{hosted}/api", **api()), ann("PUT", f"{hosted}/database", **database()), ann("POST", f"{hosted}/api/test"),
        ann("POST", f"{live}/start"), ann("POST", f"{live}/keys", scopes=["read"]),
    ]  # fmt: skip
    assert [answer.json()["refusal"] for answer in answers] == ["PLATFORM_KIND"] * 5


def test_a_platform_in_use_or_of_the_settings_file_is_not_removed(desk: Desk) -> None:
    mine, ann = desk.organization()
    uuid = ann.add(HOSTED)
    desk.stage.control.companies.add(NewCompany(name="Copy", platform=uuid.replace("-", "")))
    assert ann("DELETE", uuid).json()["refusal"] == "PLATFORM_IN_USE"
    adopted = desk.stage.control.platforms.adopt(mine.id, "Main", "main", host="paper")
    assert ann("GET", adopted.uuid).json()["hosting"] is None
    assert ann("DELETE", adopted.uuid).json()["refusal"] == "PLATFORM_OF_SETTINGS"


# Keys.


def test_a_key_opens_the_platform_s_own_api_and_no_other(desk: Desk) -> None:
    _, ann = desk.organization()
    first, second = ann.add(HOSTED), ann.add(HOSTED)
    made = ann("POST", f"{first}/keys", scopes=["read", "trade"], logins=[1001], label="robot", days=3).json()
    caller = desk.keys.verify(made["key"].encode())
    assert caller is not None
    assert (caller.platform, caller.logins) == (first.replace("-", ""), frozenset({1001}))
    listed = ann("GET", f"{first}/keys").json()
    assert [(one["label"], one["scopes"], one["revoked_at"]) for one in listed] == [("robot", ["read", "trade"], None)]
    assert made["key"] not in ann("GET", f"{first}/keys").text
    assert ann("DELETE", f"{second}/keys/{listed[0]['id']}").status_code == 404
    assert ann("DELETE", f"{first}/keys/{listed[0]['id']}").json() == {"id": listed[0]["id"]}
    assert desk.keys.verify(made["key"].encode()) is None
    audit = repr(desk.stage.control.audit.rows(limit=10_000))
    assert made["key"] not in audit


def test_nobody_makes_a_key_that_could_do_what_he_may_not(desk: Desk) -> None:
    mine, ann = desk.organization()
    uuid = ann.add(HOSTED)
    developer = desk.member(mine, Rights(role="Developer"))
    assert developer("POST", f"{uuid}/keys", scopes=["read"]).status_code == 201
    for scope, permission in (("trade", "copying.deal"), ("dealer", "accounts.write"), ("admin", "accounts.passwords")):
        refused = developer("POST", f"{uuid}/keys", scopes=["read", scope])
        assert (refused.status_code, refused.json()["code"]) == (403, 1004)
        assert permission in refused.json()["detail"]
    extra = Rights(role="Developer", permissions=frozenset({"trades.deal", "copying.deal"}))
    assert desk.member(mine, extra)("POST", f"{uuid}/keys", scopes=["trade"]).status_code == 201
    assert ann("POST", f"{uuid}/keys", scopes=["admin"]).status_code == 201
    assert ann("POST", f"{uuid}/keys", scopes=[]).json()["code"] == 1001


# Tests of connections.


@pytest.fixture
def hanging() -> Iterator[str]:
    """The address of a server that accepts and says nothing."""
    done = threading.Event()

    def accept() -> None:
        lines = []
        listening.settimeout(0.05)
        while not done.is_set():
            try:
                lines.append(listening.accept()[0])
            except TimeoutError:
                continue
        for line in lines:
            line.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
        done.set()
        thread.join(5)


def test_a_test_of_an_address_that_hangs_ends_with_a_clear_answer(desk: Desk, hanging: str) -> None:
    _, ann = desk.organization()
    uuid = ann.add(LIVE)
    assert ann("POST", f"{uuid}/api/test").json()["refusal"] == "NOTHING_TO_TEST"
    ann("PUT", f"{uuid}/api", **api(hanging))
    ann("PUT", f"{uuid}/database", **database(hanging))
    for path in ("api/test", "database/test"):
        tested = ann("POST", f"{uuid}/{path}")
        assert tested.status_code == 200, tested.text
        assert tested.json()["ok"] is False
        assert tested.json()["checks"][-1]["detail"] == "no answer within 0.4 s"
        assert tested.json()["milliseconds"] < 2_000
        assert SECRET not in tested.text


def test_an_organization_has_so_many_tests_a_minute(desk: Desk) -> None:
    _, ann = desk.organization()
    _, bob = desk.organization()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    mine, theirs = (caller.add({**LIVE, "kind": "mt4"}) for caller in (ann, bob))
    ann("PUT", f"{mine}/api", **api(address))
    bob("PUT", f"{theirs}/api", **api(address))
    answers = [ann("POST", f"{mine}/api/test") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200] * 4 + [429]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 61
    assert bob("POST", f"{theirs}/api/test").status_code == 200


def test_a_password_whose_seal_is_lost_is_told_to_be_given_again(desk: Desk) -> None:
    _, ann = desk.organization()
    uuid = ann.add(LIVE)
    ann("PUT", f"{uuid}/api", **api())
    with desk.stage.control.database.writing() as connection:
        connection.exec_driver_sql("UPDATE control_platforms SET manager_password = x'00000001aa' WHERE uuid = ?", (uuid,))
    refused = ann("POST", f"{uuid}/api/test")
    assert refused.json()["refusal"] == "NOTHING_TO_TEST"
    assert "again" in refused.json()["detail"]


# Usage.


def test_usage_is_shown_by_months_with_what_it_costs(desk: Desk) -> None:
    mine, ann = desk.organization()
    _, bob = desk.organization()
    root = f"/api/v1/organizations/{mine.uuid}"
    robot = ann.http.post(f"{root}/api-clients", json={"name": "Robot", "permissions": ["trades.read"]}).json()["client"]
    desk.stage.control.usage.count(robot["client_id"], calls=30_000, events=12)
    shown = ann.http.get(f"{root}/usage").json()
    assert (shown["month"], shown["currency"], shown["calls"], shown["events"]) == ("2026-03", "EUR", 30_000, 12)
    assert shown["amount"] == "25.00"
    assert [(one["name"], one["calls"]) for one in shown["clients"]] == [("Robot", 30_000)]
    assert shown["calls_tariff"]["steps"][0] == {"to": 100_000, "per_thousand": "1.00"}
    assert ann.http.get(f"{root}/usage", params={"month": "2026-02"}).json()["clients"] == []
    assert bob.http.get(f"{root}/usage").status_code == 404
    reader = desk.member(mine, Rights(role="Read-only"))
    assert reader.http.get(f"{root}/usage").json()["code"] == 1004
    for month in ("2026-13", "2026", "x", "2026-1-1", "0001-01"):
        assert ann.http.get(f"{root}/usage", params={"month": month}).status_code == 400, month
