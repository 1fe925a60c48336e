"""A person registers with an address alone, and nobody learns who has registered."""

import re

import pytest

from prorata.access.permissions import ADMINISTRATOR
from prorata.control.lockout import FREE_TRIES
from prorata.control.mail.texts import MailKind
from prorata.control.organizations.tables import members, organizations
from prorata.control.people.tickets import LIFE_MS, Purpose
from tests.rest.workspace.stage import URL, WorkspaceStage

REGISTER = "/api/v1/auth/register"
VERIFY = "/api/v1/auth/verify"


def organizations_of(stage: WorkspaceStage, email: str) -> list[tuple[str, str]]:
    """Return name and role of each organization that a person is a member of."""
    person = stage.control.people.find(email)
    assert person is not None
    joined = members.join(organizations, organizations.c.id == members.c.organization_id)
    query = joined.select().where(members.c.person_id == person.id)
    with stage.control.database.reading() as connection:
        return [(row["name"], row["role"]) for row in connection.execute(query).mappings()]


def test_who_registers_gets_a_password_by_mail_and_administers_an_empty_organization(stage: WorkspaceStage) -> None:
    answer = stage.client().post(REGISTER, json={"email": "new@mail.test", "organization": "First Broker"})
    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    (mail,) = stage.mails("new@mail.test")
    password = re.search(r"password: (\S+)", mail.body)
    assert password is not None
    assert f"{URL}/api/v1/auth/link#verify." in mail.body
    assert stage.log_in("new@mail.test", password[1]).status_code == 200
    assert organizations_of(stage, "new@mail.test") == [("First Broker", ADMINISTRATOR)]


def test_an_address_is_verified_by_its_link_once(stage: WorkspaceStage) -> None:
    stage.client().post(REGISTER, json={"email": "verify@mail.test"})
    person = stage.control.people.find("verify@mail.test")
    assert person is not None
    mine = stage.signed_in(person)
    assert mine.get("/api/v1/me").json()["verified"] is False
    token = stage.token_in_mail("verify@mail.test", Purpose.VERIFY)
    assert stage.client().post(VERIFY, json={"token": token}).status_code == 200
    assert mine.get("/api/v1/me").json()["verified"] is True
    again = stage.client().post(VERIFY, json={"token": token})
    assert (again.status_code, again.json()["refusal"]) == (410, "LINK_SPENT")


def test_a_link_expires_and_a_new_one_replaces_it(stage: WorkspaceStage) -> None:
    person = stage.person(verified=False)
    mine = stage.signed_in(person)
    assert mine.post("/api/v1/me/verification").status_code == 202
    first = stage.token_in_mail(person.email, Purpose.VERIFY)
    mine.post("/api/v1/me/verification")
    second = stage.token_in_mail(person.email, Purpose.VERIFY)
    assert stage.client().post(VERIFY, json={"token": first}).json()["refusal"] == "LINK_SPENT"
    with stage.later(LIFE_MS[Purpose.VERIFY]):
        assert stage.client().post(VERIFY, json={"token": second}).json()["refusal"] == "LINK_SPENT"
    assert stage.client().post(VERIFY, json={"token": second}).status_code == 200
    mine.post("/api/v1/me/verification")
    assert len(stage.mails(person.email)) == 2, "a verified address needs no link"


@pytest.mark.parametrize("again", ["twice@mail.test", "TWICE@Mail.Test"])
def test_a_second_registration_is_answered_alike_and_its_owner_is_told(stage: WorkspaceStage, again: str) -> None:
    owner = stage.control.people.find("twice@mail.test") or stage.person("twice@mail.test")
    fresh = stage.client().post(REGISTER, json={"email": f"fresh.{again}", "first_name": "Eve"})
    taken = stage.client().post(REGISTER, json={"email": again, "first_name": "Eve"})
    assert (fresh.status_code, fresh.content) == (taken.status_code, taken.content)
    assert fresh.headers.keys() == taken.headers.keys()
    assert stage.control.people.find(again) == owner
    newest = stage.mails("twice@mail.test")[0]
    assert newest.subject == "You have a Prorata account already"
    assert "password:" not in newest.body
    assert organizations_of(stage, again) == []


def test_a_disabled_person_is_answered_alike_and_told_by_mail(stage: WorkspaceStage) -> None:
    person = stage.person()
    stage.control.people.disable(person.id)
    assert stage.client().post(REGISTER, json={"email": person.email}).status_code == 202
    assert stage.client().post("/api/v1/auth/password/ask", json={"email": person.email}).status_code == 202
    assert [mail.kind for mail in stage.mails(person.email)] == [MailKind.DISABLED, MailKind.DISABLED]


@pytest.mark.parametrize(
    "email", ["ann", "ann@", "@mail.test", "a b@mail.test", "ann@mail", "ann@192.168.0.1", "ann@mail..test"]
)
def test_what_is_no_address_is_refused(stage: WorkspaceStage, email: str) -> None:
    answer = stage.client().post(REGISTER, json={"email": email})
    assert (answer.status_code, answer.json()["refusal"]) == (400, "MALFORMED")


def test_an_international_domain_is_the_same_in_both_its_forms(stage: WorkspaceStage) -> None:
    stage.client().post(REGISTER, json={"email": "ann@b\u00fccher.test"})
    found = stage.control.people.find("ANN@xn--bcher-kva.test")
    assert found is not None
    assert found.email == "ann@b\u00fccher.test"


def test_nobody_can_have_mails_sent_without_end(stage: WorkspaceStage) -> None:
    for _ in range(FREE_TRIES):
        assert stage.client().post(REGISTER, json={"email": "flood@mail.test"}).status_code == 202
    answer = stage.client().post("/api/v1/auth/password/ask", json={"email": "flood@mail.test"})
    assert (answer.status_code, answer.json()["refusal"]) == (429, "TOO_MANY_REQUESTS")
    assert int(answer.headers["retry-after"]) > 0
    assert len(stage.mails("flood@mail.test")) == FREE_TRIES


def test_the_audit_knows_who_registered_and_no_secret(stage: WorkspaceStage) -> None:
    stage.client().post(REGISTER, json={"email": "audited@mail.test"})
    token = stage.token_in_mail("audited@mail.test", Purpose.VERIFY)
    stage.client().post(VERIFY, json={"token": token})
    rows = stage.control.audit.rows(limit=100_000)
    requests = [row.action.request for row in rows]
    assert any("audited@mail.test" in request for request in requests)
    assert not any(token in request for request in requests)
