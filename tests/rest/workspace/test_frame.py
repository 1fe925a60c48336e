"""Who calls, from which site, and that the audit knows of it."""

import pytest

from tests.rest.workspace.stage import PASSWORD, WorkspaceStage


def test_a_person_signs_in_by_cookie_and_out_again(stage: WorkspaceStage) -> None:
    person = stage.person("Ann@Example.com")
    browser = stage.browser()
    answer = browser.post("/api/v1/auth/login", json={"email": " ann@EXAMPLE.com".strip(), "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.json()["person"] == person.uuid
    assert answer.json()["token"] is None
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("prorata_session=", "httponly", "samesite=lax", "path=/", "secure"))
    token = browser.cookies.get("prorata_session") or ""
    # The cookie is for https alone, so it is sent by hand here.
    mine = stage.client(cookie=f"prorata_session={token}")
    assert mine.get("/api/v1/me").json()["email"] == "Ann@Example.com"
    assert mine.post("/api/v1/auth/logout", headers={"x-requested-with": "x"}).status_code == 200
    assert mine.get("/api/v1/me").status_code == 401
    assert f"person {person.uuid} POST auth/login ok" in stage.audited()


def test_a_program_signs_in_by_token(stage: WorkspaceStage) -> None:
    person = stage.person()
    answer = stage.client().post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD, "token": True})
    assert "set-cookie" not in answer.headers
    mine = stage.client(authorization=f"Bearer {answer.json()['token']}")
    assert mine.get("/api/v1/me").json()["uuid"] == person.uuid


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "https://broker.test"}, 200),
        ({"x-requested-with": "XMLHttpRequest"}, 200),
    ],
)
def test_a_change_by_cookie_comes_from_our_own_site(stage: WorkspaceStage, headers: dict[str, str], status: int) -> None:
    token, _ = stage.control.sign_ins.open(stage.person().id, ["pwd"])
    mine = stage.client(cookie=f"prorata_session={token}")
    assert mine.post("/api/v1/auth/logout", headers=headers).status_code == status


def test_a_bad_token_is_refused_even_beside_a_good_cookie(stage: WorkspaceStage) -> None:
    token, _ = stage.control.sign_ins.open(stage.person().id, ["pwd"])
    mixed = stage.client(cookie=f"prorata_session={token}", authorization="Bearer wrong")
    assert mixed.get("/api/v1/me").status_code == 401


def test_bodies_are_json_of_a_bearable_size(stage: WorkspaceStage) -> None:
    anybody = stage.client()
    assert anybody.post("/api/v1/auth/login", content=b"x" * 70_000).status_code == 413
    assert anybody.post("/api/v1/auth/login", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    answer = anybody.post("/api/v1/auth/login", json={"email": "a@b.test", "password": "x", "more": 1})
    assert answer.json()["code"] == 1001
    assert anybody.get("/api/v1/auth/nothing").status_code == 404


def test_a_misspelt_parameter_is_refused_once_it_is_known_who_calls(stage: WorkspaceStage) -> None:
    token, _ = stage.control.sign_ins.open(stage.person().id, ["pwd"])
    known = stage.client(authorization=f"Bearer {token}")
    assert known.get("/api/v1/me?x=1").json()["refusal"] == "MALFORMED"
    assert stage.client().get("/api/v1/me?x=1").json()["refusal"] == "NOT_AUTHENTICATED"
