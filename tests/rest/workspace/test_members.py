"""Members, roles and invitations over HTTP."""

import uuid
from typing import Any

import pytest

from prorata.access.permissions import READS, ROLES
from prorata.control.organizations.invitations import LIFE_MS
from tests.rest.workspace.desk import Desk, refused
from tests.rest.workspace.stage import PASSWORD, WorkspaceStage


@pytest.fixture
def desk(stage: WorkspaceStage) -> Desk:
    return Desk(stage)


# Members.


def test_a_member_is_changed_and_has_it_at_once(desk: Desk) -> None:
    bob = desk.join("bob", "Dealer")
    changed = desk("ann", "PATCH", f"/members/{bob}", role="Finance", permissions=["clients.get", "messages.send"])
    assert changed.json() == desk.member("bob")
    assert (changed.json()["role"], changed.json()["permissions"]) == ("Finance", ["clients.get", "messages.send"])
    assert set(desk("bob", "GET", "").json()["permissions"]) == ROLES["Finance"] | {"clients.get", "messages.send"}
    assert desk("ann", "PATCH", f"/members/{bob}", role=None).json()["role"] is None
    assert desk("bob", "GET", "").json()["permissions"] == ["clients.get", "messages.send"]
    rows = desk.audit(method="PATCH organizations/{organization}/members")
    assert [(row["before"]["role"], row["after"]["role"]) for row in rows] == [("Finance", None), ("Dealer", "Finance")]
    assert rows[0]["request"] == {"organization": desk.uuid, "person": bob, "role": None}


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"role": "Clerk"}, "BAD_RIGHTS"),
        ({"permissions": ["everything"]}, "BAD_RIGHTS"),
        ({"platforms": [str(uuid.UUID(int=7))]}, "BAD_RIGHTS"),
        ({"role": "Administrator", "platforms": []}, "BAD_RIGHTS"),
        ({"role": 5}, "MALFORMED"),
        ({"permissions": None}, "MALFORMED"),
        ({"platforms": ["short"]}, "MALFORMED"),
        ({"disabled": "yes"}, "MALFORMED"),
        ({"name": "Bob"}, "MALFORMED"),
    ],
)
def test_what_cannot_be_given_is_refused(desk: Desk, body: dict[str, Any], refusal: str) -> None:
    bob = desk.join("bob", "Dealer")
    before = desk.member("bob")
    assert refused(desk("ann", "PATCH", f"/members/{bob}", **body)) == refusal
    assert desk.member("bob") == before


def test_a_disabled_member_is_out_until_he_is_enabled(desk: Desk) -> None:
    bob = desk.join("bob", "Dealer")
    assert desk("ann", "PATCH", f"/members/{bob}", disabled=True).json()["disabled_at"] is not None
    assert refused(desk("bob", "GET", "")) == "NOT_FOUND"
    assert desk("ann", "PATCH", f"/members/{bob}", disabled=False).json()["disabled_at"] is None
    assert desk("bob", "GET", "").status_code == 200


def test_a_removed_member_is_gone(desk: Desk) -> None:
    bob = desk.join("bob", "Dealer")
    assert desk("ann", "DELETE", f"/members/{bob}").json()["email"] == desk.person("bob").email
    assert refused(desk("bob", "GET", "")) == "NOT_FOUND"
    assert refused(desk("ann", "DELETE", f"/members/{bob}")) == "NOT_FOUND"
    assert [one["first_name"] for one in desk("ann", "GET", "/members").json()] == ["ann"]


def test_nobody_gives_what_he_lacks_or_touches_who_has_more(desk: Desk) -> None:
    boss = desk.join("boss", "Dealer", permissions=["members.manage"])
    bob = desk.join("bob", "Dealer")
    ann = desk.person("ann").uuid
    for who, body in (
        (bob, {"role": "Administrator"}), (bob, {"permissions": ["money.move"]}), (boss, {"role": "Administrator"}),
        (ann, {"role": "Dealer"}), (ann, {"disabled": True}),
    ):  # fmt: skip
        assert refused(desk("boss", "PATCH", f"/members/{who}", **body)) == "NOT_PERMITTED"
    assert refused(desk("boss", "DELETE", f"/members/{ann}")) == "NOT_PERMITTED"
    assert "money.move" in desk("boss", "PATCH", f"/members/{bob}", permissions=["money.move"]).json()["detail"]
    assert refused(desk("ann", "PATCH", f"/members/{ann}", role="Dealer")) == "LAST_ADMINISTRATOR"


def test_that_members_were_looked_at_is_in_the_audit(desk: Desk) -> None:
    desk("ann", "GET", "/members")
    (row,) = desk.audit(method="GET organizations/{organization}/members")
    assert (row["actor"], row["outcome"]) == (f"person {desk.person('ann').uuid}", "ok")


# Roles.


def test_roles_of_ones_own_are_made_changed_and_deleted(desk: Desk) -> None:
    assert desk("ann", "POST", "/roles", name="Clerk", permissions=["clients.read", "accounts.get"]).status_code == 201
    bob = desk.join("bob", "Clerk")
    assert refused(desk("ann", "POST", "/roles", name="CLERK", permissions=[])) == "ROLE_EXISTS"
    changed = desk("ann", "PATCH", "/roles/Clerk", name="Front clerk", permissions=["clients.read"])
    assert changed.json() == {"name": "Front clerk", "permissions": ["clients.read"], "built_in": False}
    assert (desk.member("bob")["role"], desk("bob", "GET", "").json()["permissions"]) == ("Front clerk", ["clients.read"])
    assert refused(desk("ann", "DELETE", "/roles/Front clerk")) == "ROLE_IN_USE"
    desk("ann", "DELETE", f"/members/{bob}")
    assert desk("ann", "DELETE", "/roles/Front clerk").status_code == 200
    (row,) = desk.audit(method="PATCH organizations/{organization}/roles")
    assert (row["before"]["name"], row["after"]["name"]) == ("Clerk", "Front clerk")


@pytest.mark.parametrize("name", ["", "a/b", " a", "a\t"])
def test_the_name_of_a_role_can_stand_in_a_path(desk: Desk, name: str) -> None:
    assert refused(desk("ann", "POST", "/roles", name=name, permissions=[])) == "MALFORMED"


def test_built_in_roles_are_not_changed(desk: Desk) -> None:
    assert refused(desk("ann", "PATCH", "/roles/Dealer", permissions=[])) == "NOT_FOUND"
    assert refused(desk("ann", "DELETE", "/roles/Administrator")) == "NOT_FOUND"
    assert refused(desk("ann", "POST", "/roles", name="administrator", permissions=[])) == "ROLE_EXISTS"


# Invitations.


def test_a_person_with_an_account_is_invited_and_accepts(desk: Desk) -> None:
    bob = desk.person("bob")
    invited = desk.invite(bob.email, role="Read-only")
    assert (invited.status_code, invited.json()["state"]) == (201, "pending")
    token = desk.token_of(bob.email)
    assert token not in invited.text
    looked = desk.stage.client().post("/api/v1/invitations/look", json={"token": token}).json()
    assert (looked["organization"], looked["inviter"], looked["email"], looked["has_account"]) == (
        "First Broker", "ann", bob.email, True,
    )  # fmt: skip
    accepted = desk.by("bob").post("/api/v1/invitations/accept", json={"token": token})
    assert accepted.json() == {"organization": desk.uuid, "name": "First Broker"}
    assert set(desk("bob", "GET", "").json()["permissions"]) == READS
    assert [one["state"] for one in desk("ann", "GET", "/invitations").json()] == ["accepted"]
    assert token not in str(desk.audit(text=""))


def test_a_person_without_an_account_registers_with_the_invitation(desk: Desk) -> None:
    email = f"zoe-{desk.uuid}@mail.test"
    desk.invite(email, role="Dealer")
    anybody, token = desk.stage.client(), desk.token_of(email)
    assert anybody.post("/api/v1/invitations/look", json={"token": token}).json()["has_account"] is False
    weak = anybody.post("/api/v1/invitations/register", json={"token": token, "password": "short"})
    assert refused(weak) == "PASSWORD_UNFIT"
    body = {"token": token, "password": PASSWORD, "first_name": "Zoe"}
    made = anybody.post("/api/v1/invitations/register", json=body)
    assert (made.status_code, made.json()["organization"]) == (201, desk.uuid)
    assert refused(anybody.post("/api/v1/invitations/register", json=body)) == "INVITATION_ENDED"
    zoe = desk.stage.client(authorization=f"Bearer {desk.stage.log_in(email).json()['token']}")
    assert zoe.get("/api/v1/me").json()["verified"] is True
    assert [one["uuid"] for one in zoe.get("/api/v1/organizations").json()] == [desk.uuid]
    assert PASSWORD not in str(desk.audit(limit=1000))


def test_whoever_has_an_account_signs_in_to_accept(desk: Desk) -> None:
    bob = desk.person("bob")
    desk.invite(bob.email, role="Dealer")
    token = desk.token_of(bob.email)
    anybody = desk.stage.client()
    again = anybody.post("/api/v1/invitations/register", json={"token": token, "password": PASSWORD})
    assert (again.status_code, refused(again)) == (409, "HAS_ACCOUNT")
    assert refused(anybody.post("/api/v1/invitations/accept", json={"token": token})) == "NOT_AUTHENTICATED"
    assert refused(desk.by("eve").post("/api/v1/invitations/accept", json={"token": token})) == "NOT_PERMITTED"


@pytest.mark.parametrize("how", ["expired", "used", "revoked"])
def test_an_invitation_that_has_ended_is_refused(desk: Desk, how: str) -> None:
    bob = desk.person("bob")
    invitation = desk.invite(bob.email, role="Dealer").json()["uuid"]
    token, after = desk.token_of(bob.email), 0
    if how == "used":
        desk.by("bob").post("/api/v1/invitations/accept", json={"token": token})
    elif how == "revoked":
        assert desk("ann", "DELETE", f"/invitations/{invitation}").status_code == 200
        assert refused(desk("ann", "POST", f"/invitations/{invitation}/resend")) == "INVITATION_ENDED"
    else:
        after = LIFE_MS
    fresh = desk.stage.client
    with desk.stage.later(after):
        mine = desk.stage.signed_in(bob)
        for path, client, more in (
            ("look", fresh(), {}), ("accept", mine, {}), ("register", fresh(), {"password": PASSWORD}),
        ):  # fmt: skip
            ended = client.post(f"/api/v1/invitations/{path}", json={"token": token, **more})
            assert (ended.status_code, refused(ended)) == (410, "INVITATION_ENDED"), path
    unknown = fresh().post("/api/v1/invitations/look", json={"token": "nobody's"})
    assert refused(unknown) == "NOT_FOUND"


def test_an_invitation_is_sent_again_with_another_link(desk: Desk) -> None:
    bob = desk.person("bob")
    invitation = desk.invite(bob.email, role="Dealer").json()["uuid"]
    first = desk.token_of(bob.email)
    soon = desk("ann", "POST", f"/invitations/{invitation}/resend")
    assert (refused(soon), soon.headers["retry-after"]) == ("TOO_MANY_REQUESTS", "60")
    with desk.stage.later(60_000):
        assert desk("ann", "POST", f"/invitations/{invitation}/resend").status_code == 200
    second = desk.token_of(bob.email)
    assert refused(desk.by("bob").post("/api/v1/invitations/accept", json={"token": first})) == "NOT_FOUND"
    assert desk.by("bob").post("/api/v1/invitations/accept", json={"token": second}).status_code == 200


def test_nobody_is_invited_twice_or_to_what_the_inviter_lacks(desk: Desk) -> None:
    desk.join("boss", None, permissions=["members.manage"])
    desk.join("bob", "Dealer")
    new = f"new-{desk.uuid}@mail.test"
    assert refused(desk.invite(desk.person("bob").email, role="Dealer")) == "ALREADY_MEMBER"
    assert desk.invite(new, role="Dealer").status_code == 201
    assert refused(desk.invite(new.upper(), role="Dealer")) == "ALREADY_INVITED"
    assert refused(desk.invite(f"x{new}", by="boss", role="Dealer")) == "NOT_PERMITTED"
    assert refused(desk.invite(f"x{new}", role="Clerk")) == "BAD_RIGHTS"
    assert refused(desk.invite("no address", role="Dealer")) == "MALFORMED"


def test_an_address_is_not_flooded_with_invitations(desk: Desk) -> None:
    email = f"patient-{desk.uuid}@mail.test"
    answers = [refused(desk.invite(email, role="Dealer")) for _ in range(6)]
    assert answers == ["", *["ALREADY_INVITED"] * 4, "TOO_MANY_REQUESTS"]
