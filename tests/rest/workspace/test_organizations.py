"""Organizations over HTTP: made, renamed, left, handed over, exported, closed."""

import io
import uuid
import zipfile
from typing import Any

import msgspec
import pytest

from prorata.access.permissions import EVERYTHING, READS
from tests.rest.workspace.desk import Desk, refused
from tests.rest.workspace.stage import WorkspaceStage


@pytest.fixture
def desk(stage: WorkspaceStage) -> Desk:
    return Desk(stage)


def test_a_person_makes_organizations_and_switches_between_them(desk: Desk) -> None:
    ann = desk.by("ann")
    second = ann.post("/api/v1/organizations", json={"name": "Second"}).json()["uuid"]
    desk.stage.clock.moment += 60_000
    mine = ann.get(f"/api/v1/organizations/{second}").json()
    assert (mine["name"], mine["role"], mine["platforms"]) == ("Second", "Administrator", None)
    assert set(mine["permissions"]) == EVERYTHING
    desk.stage.control.refresh()
    assert [one["name"] for one in ann.get("/api/v1/organizations").json()] == ["Second", "First Broker"]


@pytest.mark.parametrize("name", ["", " ", " x", "x\n", "x" * 129, 5])
def test_a_name_is_one(desk: Desk, name: object) -> None:
    assert refused(desk.by("ann").post("/api/v1/organizations", json={"name": name})) == "MALFORMED"
    assert refused(desk("ann", "PATCH", "", name=name)) == "MALFORMED"


def test_an_organization_is_renamed_and_the_audit_has_both_names(desk: Desk) -> None:
    assert desk("ann", "PATCH", "", name="Second Broker").json()["name"] == "Second Broker"
    (row,) = desk.audit(method="PATCH organizations/")
    assert (row["before"], row["after"]) == ({"name": "First Broker"}, {"name": "Second Broker"})
    assert row["actor"] == f"person {desk.person('ann').uuid}"
    assert (row["address"], row["outcome"]) == ("127.0.0.1", "ok")


PATHS = [
    ("GET", ""), ("PATCH", ""), ("POST", "/leave"), ("POST", "/transfer"), ("POST", "/close"), ("GET", "/export"),
    ("GET", "/members"), ("GET", "/members/{x}"), ("PATCH", "/members/{x}"), ("DELETE", "/members/{x}"),
    ("GET", "/roles"), ("POST", "/roles"), ("PATCH", "/roles/Clerk"), ("DELETE", "/roles/Clerk"),
    ("GET", "/invitations"), ("POST", "/invitations"), ("POST", "/invitations/{x}/resend"), ("DELETE", "/invitations/{x}"),
    ("GET", "/audit"), ("GET", "/audit/export"),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_somebody_elses_organization_is_as_if_it_were_not_there(desk: Desk, verb: str, path: str) -> None:
    member = desk.person("ann").uuid
    there = desk("eve", verb, path.replace("{x}", member))
    nowhere = desk.by("eve").request(verb, f"/api/v1/organizations/{uuid.uuid4()}{path}".replace("{x}", member))
    assert refused(there) == refused(nowhere) == "NOT_FOUND"
    assert there.json()["detail"] == nowhere.json()["detail"]
    anybody = desk.stage.client().request(verb, f"{desk.path}{path}".replace("{x}", member))
    assert refused(anybody) == "NOT_AUTHENTICATED"


MEMBERS_ALONE = {("GET", ""), ("POST", "/leave"), ("GET", "/roles")}


@pytest.mark.parametrize(("verb", "path"), [one for one in PATHS if one not in MEMBERS_ALONE])
def test_a_member_without_the_right_is_refused(desk: Desk, verb: str, path: str) -> None:
    desk.join("bob", "Read-only")
    assert refused(desk("bob", verb, path.replace("{x}", desk.person("ann").uuid))) == "NOT_PERMITTED"


def test_a_member_sees_what_he_may_do_and_the_roles(desk: Desk) -> None:
    desk.join("bob", "Read-only")
    assert set(desk("bob", "GET", "").json()["permissions"]) == READS
    assert "Dealer" in [role["name"] for role in desk("bob", "GET", "/roles").json()]


def test_a_member_leaves_and_the_last_administrator_does_not(desk: Desk) -> None:
    desk.join("bob", "Dealer")
    assert desk("bob", "POST", "/leave").status_code == 200
    assert refused(desk("bob", "GET", "")) == "NOT_FOUND"
    left = desk("ann", "POST", "/leave")
    assert (left.status_code, refused(left)) == (409, "LAST_ADMINISTRATOR")


def test_an_organization_is_handed_over(desk: Desk) -> None:
    bob = desk.join("bob", "Dealer")
    assert refused(desk("ann", "POST", "/transfer", member=str(uuid.uuid4()))) == "NOT_FOUND"
    assert refused(desk("ann", "POST", "/transfer", member=bob, role="Clerk")) == "BAD_RIGHTS"
    assert desk("ann", "POST", "/transfer", member=bob, role="Finance").status_code == 200
    assert desk("ann", "GET", "").json()["role"] == "Finance"
    assert refused(desk("ann", "POST", "/transfer", member=bob)) == "NOT_PERMITTED"
    assert desk("bob", "POST", "/transfer", member=desk.person("ann").uuid).status_code == 200
    assert refused(desk("bob", "GET", "")) == "NOT_FOUND"


def in_zip(content: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    return {
        name: [msgspec.json.decode(line) for line in text.splitlines()] if name.endswith("l") else msgspec.json.decode(text)
        for name, text in texts.items()
    }


def test_an_export_has_everything_but_secrets(desk: Desk) -> None:
    control = desk.stage.control
    desk.join("bob", "Dealer")
    desk("ann", "POST", "/roles", name="Clerk", permissions=["clients.read"])
    number = control.organizations.grant_of(desk.person("ann").id, desk.uuid).organization_id
    platform = control.platforms.adopt(number, "Live", uuid.uuid4().hex, host="here")
    answer = desk("ann", "GET", "/export")
    assert answer.headers["content-type"] == "application/zip"
    found = in_zip(answer.content)
    assert {name: len(part) for name, part in found.items() if isinstance(part, list) and name != "audit.jsonl"} == {
        "members.json": 2, "roles.json": 1, "invitations.json": 1, "platforms.json": 1, "api-clients.json": 0,
    }  # fmt: skip
    assert found["organization.json"] == {
        "uuid": desk.uuid, "name": "First Broker", "created_at": desk("ann", "GET", "").json()["created_at"],
    }  # fmt: skip
    (row,) = found["platforms.json"]
    assert row["uuid"] == platform.uuid
    assert not [name for name in row if "password" in name]
    assert "GET organizations/{organization}/export" in [row["method"] for row in desk.audit()]


def test_only_an_administrator_exports_and_closes(desk: Desk) -> None:
    desk.join("bob", "Dealer", permissions=["organization.manage"])
    assert refused(desk("bob", "GET", "/export")) == "NOT_PERMITTED"
    assert refused(desk("bob", "POST", "/close", name="First Broker")) == "NOT_PERMITTED"


def test_a_closed_organization_gives_its_export_and_is_gone(desk: Desk) -> None:
    control = desk.stage.control
    desk.join("bob", "Dealer")
    number = control.organizations.grant_of(desk.person("ann").id, desk.uuid).organization_id
    platform = control.platforms.adopt(number, "Live", uuid.uuid4().hex, host="here")
    assert refused(desk("ann", "POST", "/close", name="Other Broker")) == "MALFORMED"
    live = desk("ann", "POST", "/close", name="First Broker")
    assert (live.status_code, refused(live)) == (409, "PLATFORM_LIVE")
    control.platforms.archive(platform)
    closed = desk("ann", "POST", "/close", name="First Broker")
    assert closed.status_code == 200
    assert len(in_zip(closed.content)) == 7
    for name in ("ann", "bob"):
        assert refused(desk(name, "GET", "")) == "NOT_FOUND"
    assert desk.by("ann").get("/api/v1/organizations").json() == []
