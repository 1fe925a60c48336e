"""What a person sees and changes of himself."""

from prorata.control.companies import NewCompany
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.people.tickets import LIFE_MS, Purpose
from prorata.control.sessions import Kind
from tests.rest.workspace.stage import WorkspaceStage


def test_name_and_language_are_changed_and_audited(stage: WorkspaceStage) -> None:
    person = stage.person(first_name="Ann")
    mine = stage.signed_in(person)
    changed = mine.patch("/api/v1/me", json={"last_name": "Lee", "language": "de"}).json()
    assert (changed["first_name"], changed["last_name"], changed["language"]) == ("Ann", "Lee", "de")
    assert mine.patch("/api/v1/me", json={"language": "deutsch"}).json()["refusal"] == "MALFORMED"
    assert mine.patch("/api/v1/me", json={"email": "x@mail.test"}).json()["refusal"] == "MALFORMED"
    action = next(
        row.action
        for row in stage.control.audit.rows(limit=100_000)
        if row.action.actor == f"person {person.uuid}" and row.action.outcome == "ok"
    )
    assert (action.before, action.after) == ('{"last_name":"","language":"en"}', '{"last_name":"Lee","language":"de"}')


def test_sign_ins_are_listed_and_ended(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine, other, third = (stage.signed_in(person) for _ in range(3))
    listed = mine.get("/api/v1/me/sign-ins").json()
    assert [one["current"] for one in listed] == [True, False, False]
    assert mine.delete(f"/api/v1/me/sign-ins/{listed[1]['uuid']}").json() == {"ended": 1}
    assert [one.get("/api/v1/me").status_code for one in (mine, other, third)] == [200, 401, 200]
    assert mine.delete("/api/v1/me/sign-ins").json() == {"ended": 1}
    assert [one.get("/api/v1/me").status_code for one in (mine, third)] == [200, 401]


def test_nobody_ends_the_sign_in_of_somebody_else(stage: WorkspaceStage) -> None:
    ann, joe = stage.signed_in(stage.person()), stage.signed_in(stage.person())
    joes = joe.get("/api/v1/me/sign-ins").json()[0]["uuid"]
    absent = "00000000-0000-4000-8000-000000000000"
    answers = [ann.delete(f"/api/v1/me/sign-ins/{one}") for one in (joes, absent)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert joe.get("/api/v1/me").status_code == 200


def test_a_new_address_is_taken_over_by_the_link_that_is_mailed_to_it(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine = stage.signed_in(person)
    assert mine.post("/api/v1/me/email", json={"email": "Moved@mail.test"}).status_code == 202
    assert mine.get("/api/v1/me").json()["email"] == person.email
    token = stage.token_in_mail("Moved@mail.test", Purpose.EMAIL)
    assert stage.client().post("/api/v1/auth/email", json={"token": token}).status_code == 200
    assert mine.get("/api/v1/me").json()["email"] == "Moved@mail.test"
    assert stage.log_in("moved@mail.test").status_code == 200
    assert stage.log_in(person.email).status_code == 403
    assert stage.mails(person.email)[0].subject == "The address of your account was changed"
    assert stage.client().post("/api/v1/auth/email", json={"token": token}).json()["refusal"] == "LINK_SPENT"


def test_an_address_that_somebody_has_is_answered_alike_and_never_taken_over(stage: WorkspaceStage) -> None:
    owner = stage.person()
    mine = stage.signed_in(stage.person())
    free = mine.post("/api/v1/me/email", json={"email": "free@mail.test"})
    taken = mine.post("/api/v1/me/email", json={"email": owner.email.upper()})
    assert (free.status_code, free.content) == (taken.status_code, taken.content)
    assert "nothing has changed" in stage.mails(owner.email.upper())[0].body


def test_an_address_that_was_taken_meanwhile_is_not_taken_over(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine = stage.signed_in(person)
    mine.post("/api/v1/me/email", json={"email": "raced@mail.test"})
    token = stage.token_in_mail("raced@mail.test", Purpose.EMAIL)
    stage.person("raced@mail.test")
    assert stage.client().post("/api/v1/auth/email", json={"token": token}).json()["refusal"] == "LINK_SPENT"
    assert mine.get("/api/v1/me").json()["email"] == person.email


def test_a_link_to_the_old_address_is_void_with_the_address(stage: WorkspaceStage) -> None:
    person = stage.person()
    reset = stage.control.renewal.password_link(person, "").partition("#reset.")[2]
    mine = stage.signed_in(person)
    mine.post("/api/v1/me/email", json={"email": "newer@mail.test"})
    token = stage.token_in_mail("newer@mail.test", Purpose.EMAIL)
    with stage.later(LIFE_MS[Purpose.EMAIL]):
        assert stage.client().post("/api/v1/auth/email", json={"token": token}).json()["refusal"] == "LINK_SPENT"
    stage.client().post("/api/v1/auth/email", json={"token": token})
    answer = stage.client().post("/api/v1/auth/password", json={"token": reset, "password": "another horse entirely"})
    assert answer.json()["refusal"] == "LINK_SPENT"


def test_the_page_of_a_link_does_nothing_by_itself_and_loads_nothing(stage: WorkspaceStage) -> None:
    answer = stage.client().get("/api/v1/auth/link")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in answer.text
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"


def test_the_outbox_is_shown_only_where_that_is_set(stage: WorkspaceStage) -> None:
    assert stage.client().get("/api/v1/outbox").status_code == 404


def test_sessions_as_a_manager_are_among_ones_sign_ins_and_end_with_them(stage: WorkspaceStage) -> None:
    person, control = stage.person(), stage.control
    company = control.companies.add(NewCompany(name="Copy Broker", platform="live"))
    with control.grants.changing() as connection:
        insert_member(connection, company.id, person.id, Rights(role="Dealer"), stage.clock.now())
    tokens = [control.sessions.open(Kind.MANAGER, company.id, person.id, 10)[0] for _ in range(3)]
    mine = stage.signed_in(person)
    listed = [one for one in mine.get("/api/v1/me/sign-ins").json() if "RAMM" in one["agent"]]
    assert [one["agent"] for one in listed] == ["RAMM Manager API: Copy Broker"] * 3
    stranger = stage.signed_in(stage.person())
    assert stranger.delete(f"/api/v1/me/sign-ins/{listed[0]['uuid']}").status_code == 404
    assert mine.delete(f"/api/v1/me/sign-ins/{listed[0]['uuid']}").json() == {"ended": 1}
    assert [control.sessions.find(token) is not None for token in tokens] == [False, True, True]
    assert mine.delete("/api/v1/me/sign-ins").json() == {"ended": 2}
    assert [control.sessions.find(token) for token in tokens] == [None] * 3
    token, _ = control.sessions.open(Kind.MANAGER, company.id, person.id, 10)
    changed = mine.post("/api/v1/me/password", json={"password": "another good password"})
    assert changed.status_code == 200, changed.text
    assert control.sessions.find(token) is None
