"""Signing in by password, getting a new one, and what happens to who guesses."""

import time
from pathlib import Path

import pytest

from prorata.control.lockout import FREE_TRIES
from prorata.control.people.sign_ins import IDLE_MS, LIFE_MS, RECENT_MS
from prorata.control.people.tickets import LIFE_MS as TICKET_LIFE_MS
from prorata.control.people.tickets import Purpose
from prorata.rest.own.allowance import Allowance, Allowances
from tests.rest.workspace.stage import PASSWORD, WorkspaceStage

NEW = "another horse entirely"
ASK = "/api/v1/auth/password/ask"
RESET = "/api/v1/auth/password"


def test_a_wrong_password_and_an_unknown_address_answer_alike(stage: WorkspaceStage) -> None:
    person = stage.person()
    disabled = stage.person()
    stage.control.people.disable(disabled.id)
    answers = [
        stage.log_in(person.email, "wrong"), stage.log_in("nobody@mail.test"), stage.log_in(disabled.email),
    ]  # fmt: skip
    for answer in answers:
        assert (answer.status_code, answer.json()["refusal"]) == (403, "CREDENTIALS_WRONG")
        assert answer.json() | {"request_id": ""} == answers[0].json() | {"request_id": ""}


@pytest.mark.usefixtures("costly_hashes")
def test_an_unknown_address_takes_as_long_as_a_wrong_password(stage: WorkspaceStage) -> None:
    emails = [stage.person().email for _ in range(4)]
    known: list[float] = []
    unknown: list[float] = []
    stage.log_in("warm@mail.test")
    for email in emails:
        for times, tried in ((known, email), (unknown, f"un.{email}")):
            began = time.perf_counter()
            stage.log_in(tried, "wrong")
            times.append(time.perf_counter() - began)
    # The quickest of each: what else the machine does only adds.
    assert 0.4 < min(known) / min(unknown) < 2.5, f"{known} {unknown}"


def test_a_login_is_blocked_after_failures_known_or_not(stage: WorkspaceStage) -> None:
    for email in (stage.person().email, "blocked.nobody@mail.test"):
        for _ in range(FREE_TRIES):
            assert stage.log_in(email, "wrong").status_code == 403
        blocked = stage.log_in(email)
        assert (blocked.status_code, blocked.json()["refusal"]) == (429, "TOO_MANY_REQUESTS")
        assert 0 < int(blocked.headers["retry-after"]) <= 30
        with stage.later(31_000):
            assert stage.log_in(email).status_code == (403 if "nobody" in email else 200)


def test_who_tries_many_addresses_is_slowed_down(tmp_path: Path) -> None:
    strict = WorkspaceStage(tmp_path, tries=Allowances(Allowance(per_second=0.01, burst=3)))
    statuses = [strict.log_in(f"spray{number}@mail.test", "wrong").status_code for number in range(4)]
    strict.stop()
    assert statuses == [403, 403, 403, 429]


def test_a_session_ends_when_it_is_idle_and_when_it_is_old(stage: WorkspaceStage) -> None:
    mine = stage.signed_in(stage.person())
    with stage.later(IDLE_MS):
        assert mine.get("/api/v1/me").status_code == 401
    mine = stage.signed_in(stage.person())
    before = stage.clock.moment
    while stage.clock.moment < before + LIFE_MS - IDLE_MS:
        stage.clock.moment += IDLE_MS // 2
        assert mine.get("/api/v1/me").status_code == 200
    stage.clock.moment = before + LIFE_MS
    assert mine.get("/api/v1/me").status_code == 401
    stage.clock.moment = before


def test_a_disabled_person_is_signed_out_everywhere(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine = stage.signed_in(person)
    stage.control.people.disable(person.id)
    assert mine.get("/api/v1/me").status_code == 401


# A new password by a link.


def test_a_forgotten_password_is_replaced_by_a_link_that_works_once(stage: WorkspaceStage) -> None:
    person = stage.person()
    elsewhere = stage.signed_in(person)
    assert stage.client().post(ASK, json={"email": person.email}).status_code == 202
    token = stage.token_in_mail(person.email, Purpose.RESET)
    assert stage.client().post(RESET, json={"token": token, "password": NEW}).status_code == 200
    assert stage.log_in(person.email).status_code == 403
    assert stage.log_in(person.email, NEW).status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert stage.client().post(RESET, json={"token": token, "password": NEW}).json()["refusal"] == "LINK_SPENT"
    assert stage.mails(person.email)[0].subject == "Your password was changed"


def test_asking_for_a_link_tells_nobody_who_has_an_account(stage: WorkspaceStage) -> None:
    known, unknown = stage.person().email, "no.account@mail.test"
    answers = [stage.client().post(ASK, json={"email": email}) for email in (known, unknown)]
    assert answers[0].content == answers[1].content
    assert answers[0].status_code == answers[1].status_code == 202
    assert "There is no account with it" in stage.mails(unknown)[0].body


def test_a_link_to_reset_expires_and_is_replaced_by_the_next_one(stage: WorkspaceStage) -> None:
    person = stage.person()
    tokens = []
    for _ in range(2):
        stage.client().post(ASK, json={"email": person.email})
        tokens.append(stage.token_in_mail(person.email, Purpose.RESET))
    answer = stage.client().post(RESET, json={"token": tokens[0], "password": NEW})
    assert (answer.status_code, answer.json()["refusal"]) == (410, "LINK_SPENT")
    with stage.later(TICKET_LIFE_MS[Purpose.RESET]):
        assert stage.client().post(RESET, json={"token": tokens[1], "password": NEW}).json()["refusal"] == "LINK_SPENT"
    verify = stage.client().post("/api/v1/auth/verify", json={"token": tokens[1]})
    assert verify.json()["refusal"] == "LINK_SPENT", "a link is for one purpose"


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "10 to 128"),
        ("x" * 129, "10 to 128"),
        ("Password123", "first that are tried"),
        ("abababababab", "first that are tried"),
        ("UNFIT.person@mail.test", "the e-mail address"),
        ("unfit.person", "the e-mail address"),
    ],
)
def test_a_bad_password_is_refused_and_spends_no_link(stage: WorkspaceStage, password: str, why: str) -> None:
    person = stage.control.people.find("unfit.person@mail.test") or stage.person("unfit.person@mail.test")
    token = stage.control.renewal.password_link(person, "").partition("#reset.")[2]
    answer = stage.client().post(RESET, json={"token": token, "password": password})
    assert (answer.status_code, answer.json()["refusal"]) == (422, "PASSWORD_UNFIT")
    assert why in answer.json()["detail"]
    assert stage.control.tickets.look(Purpose.RESET, token).person_id == person.id


# Changes by who is signed in.


def test_a_changed_password_ends_all_other_sign_ins(stage: WorkspaceStage) -> None:
    person = stage.person()
    mine, other = stage.signed_in(person), stage.signed_in(person)
    assert mine.post("/api/v1/me/password", json={"password": "x"}).json()["refusal"] == "PASSWORD_UNFIT"
    assert mine.post("/api/v1/me/password", json={"password": NEW}).status_code == 200
    assert other.get("/api/v1/me").status_code == 401
    assert mine.get("/api/v1/me").status_code == 200
    assert stage.log_in(person.email, NEW).status_code == 200


SENSITIVE = [
    ("POST", "/api/v1/me/password", {"password": NEW}),
    ("POST", "/api/v1/me/email", {"email": "else@mail.test"}),
    ("POST", "/api/v1/me/totp", None),
    ("DELETE", "/api/v1/me/totp", None),
    ("POST", "/api/v1/me/totp/recovery-codes", None),
    ("POST", "/api/v1/me/passkeys/ask", None),
    ("DELETE", "/api/v1/me/passkeys/00000000-0000-4000-8000-000000000000", None),
]


@pytest.mark.parametrize(("method", "path", "body"), SENSITIVE, ids=lambda value: str(value)[:30])
def test_what_one_signs_in_by_is_changed_only_after_a_recent_proof(
    stage: WorkspaceStage, method: str, path: str, body: dict[str, str] | None
) -> None:
    mine = stage.signed_in(stage.person())
    with stage.later(RECENT_MS):
        answer = mine.request(method, path, json=body)
        assert (answer.status_code, answer.json()["refusal"]) == (403, "PROOF_NEEDED")


def test_the_password_proves_who_one_is_once_more(stage: WorkspaceStage) -> None:
    mine = stage.signed_in(stage.person())
    with stage.later(RECENT_MS):
        wrong = mine.post("/api/v1/auth/prove", json={"password": "wrong"})
        assert wrong.json()["refusal"] == "CREDENTIALS_WRONG"
        assert mine.post("/api/v1/me/totp").status_code == 403
        assert mine.post("/api/v1/auth/prove", json={"password": PASSWORD}).status_code == 200
        assert mine.post("/api/v1/me/totp").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        *SENSITIVE,
        ("GET", "/api/v1/me", None),
        ("PATCH", "/api/v1/me", {}),
        ("GET", "/api/v1/me/sign-ins", None),
        ("DELETE", "/api/v1/me/sign-ins", None),
        ("GET", "/api/v1/me/passkeys", None),
        ("POST", "/api/v1/me/verification", None),
        ("POST", "/api/v1/me/totp/confirm", {"code": "123456"}),
        ("POST", "/api/v1/auth/prove", {"password": "x"}),
        ("POST", "/api/v1/auth/logout", None),
    ],
    ids=lambda value: str(value)[:30],
)
def test_nobody_does_anything_without_signing_in(
    stage: WorkspaceStage, method: str, path: str, body: dict[str, str] | None
) -> None:
    answer = stage.browser().request(method, path, json=body)
    assert (answer.status_code, answer.json()["refusal"]) == (401, "NOT_AUTHENTICATED")
    assert "bearer" in answer.headers["www-authenticate"].lower()
