"""The audit of an organization: searched, exported, and nobody else's."""

import csv
import io

import msgspec
import pytest

from prorata.control.audit import Action
from tests.rest.workspace.desk import Desk, refused
from tests.rest.workspace.stage import WorkspaceStage


@pytest.fixture(scope="module")
def desk(stage: WorkspaceStage) -> Desk:
    """An organization in which something has happened: a member came, was changed, was refused, made a role."""
    desk = Desk(stage)
    bob = desk.join("bob", "Dealer")
    stage.clock.moment += 1_000
    desk("ann", "PATCH", f"/members/{bob}", role="Finance")
    desk("bob", "POST", "/roles", name="Clerk", permissions=[])
    stage.clock.moment += 1_000
    desk("ann", "POST", "/roles", name="=Clerk", permissions=["clients.read"])
    desk.join("auditor", None, permissions=["audit.read"])
    return desk


def methods(rows: list[dict[str, str]]) -> list[str]:
    return [row["method"].rpartition("/")[2] for row in rows]


def test_the_audit_has_every_change_and_refusal(desk: Desk) -> None:
    rows = desk.audit(method="organizations")
    assert [(row["method"].partition(" ")[0], row["outcome"]) for row in rows if "roles" in row["method"]] == [
        ("POST", "ok"), ("POST", "NOT_PERMITTED"),
    ]  # fmt: skip
    assert rows[-1]["method"] == "POST organizations"
    assert [row["number"] for row in rows] == sorted((row["number"] for row in rows), reverse=True)


def test_it_is_searched_by_who_what_when_outcome_and_text(desk: Desk) -> None:
    bob = desk.person("bob").uuid
    assert methods(desk.audit(actor=bob)) == ["roles", "accept"]
    assert methods(desk.audit(outcome="not_permitted")) == ["roles"]
    assert methods(desk.audit(text="clients.read")) == ["roles"]
    assert methods(desk.audit(text="finance")) == ["{person}"]
    (changed,) = desk.audit(method="PATCH")
    assert methods(desk.audit(since=changed["at"], actor=bob)) == ["roles"]
    assert methods(desk.audit(until=changed["at"], actor=bob)) == ["accept"]
    assert desk.audit(address="203.0.113.") == []
    wild = desk.by("ann").get(f"{desk.path}/audit", params={"text": "%"}).json()
    assert wild["items"] == []


def test_it_comes_in_parts(desk: Desk) -> None:
    numbers: list[int] = []
    cursor = None
    until = desk.audit(limit=1)[0]["number"]
    while True:
        page = (
            desk.by("auditor").get(f"{desk.path}/audit", params={"limit": 2, **({"cursor": cursor} if cursor else {})}).json()
        )
        numbers += [row["number"] for row in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert numbers == sorted(set(numbers), reverse=True)
    assert until in numbers
    assert refused(desk.by("ann").get(f"{desk.path}/audit", params={"cursor": "x"})) == "MALFORMED"
    assert refused(desk.by("ann").get(f"{desk.path}/audit", params={"limit": 5000})) == "OUT_OF_RANGE"
    assert refused(desk.by("ann").get(f"{desk.path}/audit", params={"since": "yesterday"})) == "MALFORMED"
    assert refused(desk.by("ann").get(f"{desk.path}/audit", params={"who": "ann"})) == "MALFORMED"


def test_it_is_exported_as_csv_and_as_json_lines(desk: Desk) -> None:
    answer = desk.by("auditor").get(f"{desk.path}/audit/export", params={"method": "roles"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["outcome"] for row in rows] == ["NOT_PERMITTED", "ok"]
    assert msgspec.json.decode(rows[1]["after"])["name"] == "=Clerk"
    lines = desk.by("auditor").get(f"{desk.path}/audit/export", params={"method": "roles", "format": "jsonl"})
    assert lines.headers["content-type"].startswith("application/jsonl")
    assert [msgspec.json.decode(line) for line in lines.text.splitlines()] == desk.audit(method="roles")[::-1]
    assert refused(desk.by("auditor").get(f"{desk.path}/audit/export", params={"format": "pdf"})) == "MALFORMED"


def test_that_it_was_read_is_in_it(desk: Desk) -> None:
    desk.audit(by="auditor")
    reader = f"person {desk.person('auditor').uuid}"
    assert (reader, "GET organizations/{organization}/audit") in [(row["actor"], row["method"]) for row in desk.audit()]


def test_only_ones_own_organization_is_in_it(desk: Desk) -> None:
    other = Desk(desk.stage, "Other Broker")
    other("ann", "PATCH", "", name="Renamed Broker")
    assert "Renamed Broker" not in str(desk.audit(limit=1000))
    assert "First Broker" not in str(other.audit(limit=1000))
    assert refused(other("ann", "GET", "/audit")) == ""
    assert refused(desk.by("eve").get(f"{desk.path}/audit")) == "NOT_FOUND"
    assert refused(desk("bob", "GET", "/audit")) == "NOT_PERMITTED"


def test_what_its_programs_and_managers_do_is_in_it(desk: Desk) -> None:
    organization = desk.stage.control.organizations.grant_of(desk.person("ann").id, desk.uuid).organization_id
    done = {"at": 1, "address": "", "outcome": "ok", "method": "manager clients.get", "request": "{}"}
    desk.stage.control.audit.write([
        Action(organization_id=organization, actor="manager 7", **done),  # type: ignore[arg-type]
        Action(organization_id=organization + 1_000, actor="manager 8", **done),  # type: ignore[arg-type]
    ])  # fmt: skip
    shown = [str(desk.audit(limit=1000)), desk.by("auditor").get(f"{desk.path}/audit/export").text]
    assert all("manager 7" in rows and "manager 8" not in rows for rows in shown)


def test_the_chain_is_whole(desk: Desk) -> None:
    desk.stage.control.refresh()
    assert desk.stage.control.audit.first_bad() is None
