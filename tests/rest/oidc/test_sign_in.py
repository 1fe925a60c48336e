"""People sign in to applications: code with PKCE, ID tokens, refresh tokens; judged by Authlib's client."""

import time
from typing import Any

import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from prorata.control.oidc.applications import ApplicationChange
from prorata.control.oidc.authorizations import challenge_of
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.scopes import Surface, TokenScope
from tests.rest.oidc.stage import LOGOUT, PASSWORD, REDIRECT, VERIFIER, Stage, returned

NONE = "none"
"""how a client proves itself that has no secret"""
REFRESH = "refresh_token"


def claims_in(stage: Stage, id_token: str, algorithm: str = "ES256") -> dict[str, Any]:
    keys = KeySet.import_key_set(stage.client().get("/.well-known/jwks.json").json())
    return jwt.decode(id_token, keys, algorithms=[algorithm]).claims


def query_of(client_id: str, /, **changes: str | None) -> dict[str, str]:
    """Return the parameters of a sound request for a code, changed; None leaves one out."""
    query = {
        "response_type": "code", "client_id": client_id, "redirect_uri": REDIRECT, "scope": "openid", "state": "s",
        "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256",
    } | changes  # fmt: skip
    return {name: value for name, value in query.items() if value is not None}


def test_an_independent_client_finds_all_that_it_needs(stage: Stage) -> None:
    found = stage.client().get("/.well-known/openid-configuration").json()
    assert found["issuer"] == stage.url
    addresses = [value for name, value in found.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(addresses) == 7
    assert all(stage.client().get(address).status_code in (200, 303, 400, 401, 405) for address in addresses)
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert stage.client().get("/.well-known/oauth-authorization-server").json() == found


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_a_person_signs_in_with_code_and_pkce(stage: Stage, public: bool, algorithm: Algorithm) -> None:
    person = stage.person(first_name="Ann", last_name="Lee")
    stage.member(person, "Dealer")
    application, secret = stage.application(public=public, algorithm=algorithm)
    method = NONE if public else "client_secret_basic"
    judge = stage.judge(application.client_id, secret, token_endpoint_auth_method=method)
    scope = "openid profile email roles api"
    back = stage.authorized(stage.browser_of(person), judge, scope, state="that", nonce="once")
    assert (back["state"], back["iss"]) == ("that", stage.url)
    tokens = judge.fetch_token(code=back["code"], code_verifier=VERIFIER)
    assert (tokens["token_type"], tokens["scope"], tokens.get("refresh_token")) == (
        "Bearer",
        "openid profile email roles api",
        None,
    )

    claims = claims_in(stage, tokens["id_token"], algorithm)
    said = CodeIDToken(
        claims, {"alg": algorithm.value}, {"iss": {"value": stage.url}, "aud": {"value": application.client_id}},
        {"nonce": "once", "client_id": application.client_id, "access_token": tokens["access_token"]},
    )  # fmt: skip
    said.validate(now=int(time.time()))
    about = {
        "sub": person.uuid, "name": "Ann Lee", "given_name": "Ann", "family_name": "Lee", "locale": "en",
        "email": person.email, "email_verified": True, "role": "Dealer", "tenant": stage.organization.uuid,
    }  # fmt: skip
    assert {name: claims[name] for name in about} == about
    assert claims["amr"] == ["pwd"]
    assert judge.get(f"{stage.url}/connect/userinfo").json() == about
    assert judge.post(f"{stage.url}/connect/userinfo").json() == about

    caller = stage.control.oidc.tokens.check(tokens["access_token"].encode(), Surface.API)
    assert caller is not None
    assert (caller.subject, caller.organization_uuid) == (person.uuid, stage.organization.uuid)
    assert caller.grant == stage.control.organizations.grant_of(person.id, stage.organization.uuid)
    assert stage.control.oidc.tokens.check(tokens["access_token"].encode(), Surface.WEBAPI) is None


def test_only_what_was_asked_for_is_said(stage: Stage) -> None:
    application, secret = stage.application()
    tokens = stage.tokens(stage.owner, application, secret, "openid")
    assert claims_in(stage, tokens["id_token"]).keys().isdisjoint({"email", "name", "role"})
    without = stage.tokens(stage.owner, application, secret, "webapi")
    assert "id_token" not in without
    answer = stage.client(authorization=f"Bearer {without['access_token']}").get("/connect/userinfo")
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


def test_an_id_token_is_no_access_token(stage: Stage) -> None:
    application, secret = stage.application()
    token = stage.tokens(stage.owner, application, secret)["id_token"]
    assert stage.control.oidc.tokens.read(token.encode()) is None
    answer = stage.client(authorization=f"Bearer {token}").get("/connect/userinfo")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert stage.client().get("/connect/userinfo").status_code == 401


# Signing in, and being signed in.


def test_who_is_not_signed_in_comes_to_our_page_and_goes_on_from_there(stage: Stage) -> None:
    person = stage.person()
    stage.member(person, "Support")
    application, _ = stage.application()
    browser = stage.client()
    asked = browser.get("/connect/authorize", params=query_of(application.client_id, login_hint=person.email))
    page = browser.get(asked.headers["location"])
    assert f'value="{person.email}"' in page.text
    form = {"email": person.email, "password": PASSWORD, "return": hidden(page.text, "return")}
    wrong = browser.post("/connect/login", data={**form, "password": "wrong"}, headers={"origin": stage.url})
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (403, True)
    answer = browser.post("/connect/login", data=form, headers={"origin": stage.url})
    assert answer.status_code == 303
    assert returned(browser.get(answer.headers["location"]))["state"] == "s"
    # From one application to the next nobody is asked again.
    other, _ = stage.application()
    assert "code" in returned(browser.get("/connect/authorize", params=query_of(other.client_id)))


def hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0].replace("&amp;", "&")


def test_a_form_of_another_site_signs_nobody_in(stage: Stage) -> None:
    form = {"email": stage.owner.email, "password": PASSWORD}
    for headers in ({}, {"origin": "https://evil.test"}, {"origin": "null"}):
        answer = stage.client().post("/connect/login", data=form, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize(
    "back", ["https://evil.test", "//evil.test", "/connect/authorize", "/api/v1/me", "/connect/authorize.evil?x"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(stage: Stage, back: str) -> None:
    form = {"email": stage.owner.email, "password": PASSWORD, "return": back}
    answer = stage.client().post("/connect/login", data=form, headers={"origin": stage.url})
    assert (answer.status_code, "location" in answer.headers) == (200, False)


@pytest.mark.parametrize("more", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "0"}, {"max_age": "60"}])
def test_an_application_may_have_a_person_prove_again_who_he_is(stage: Stage, more: dict[str, str]) -> None:
    person = stage.person()
    stage.member(person, "Support")
    application, _ = stage.application()
    browser = stage.browser_of(person)
    with stage.later(61_000):
        asked = browser.get("/connect/authorize", params=query_of(application.client_id, **more))
        assert asked.headers["location"].startswith("/connect/login?")
        back = hidden(browser.get(asked.headers["location"]).text, "return")
        form = {"email": person.email, "password": PASSWORD, "return": back}
        answer = browser.post("/connect/login", data=form, headers={"origin": stage.url})
        assert "code" in returned(browser.get(answer.headers["location"]))


def test_an_application_may_ask_without_showing_anything(stage: Stage) -> None:
    application, _ = stage.application()
    query = query_of(application.client_id, prompt="none")
    assert returned(stage.client().get("/connect/authorize", params=query))["error"] == "login_required"
    assert "code" in returned(stage.browser_of(stage.owner).get("/connect/authorize", params=query))


def test_who_is_no_member_is_not_let_in(stage: Stage) -> None:
    application, _ = stage.application()
    browser = stage.browser_of(stage.person())
    assert returned(browser.get("/connect/authorize", params=query_of(application.client_id)))["error"] == "access_denied"


# What is refused on the way.


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"scope": "openid webapi"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "99999999999"}, "invalid_request"),
        ({"nonce": "n" * 513}, "invalid_request"),
        ({"request": "x"}, "request_not_supported"),
        ({"request_uri": "https://a.test"}, "request_uri_not_supported"),
    ],
)
def test_what_an_application_may_not_ask_is_told_to_it_by_its_word(stage: Stage, changes: dict[str, Any], word: str) -> None:
    application, _ = stage.application(scopes=frozenset({TokenScope.OPENID}))
    answer = stage.browser_of(stage.owner).get("/connect/authorize", params=query_of(application.client_id, **changes))
    assert answer.headers["location"].startswith(f"{REDIRECT}?")
    back = returned(answer)
    assert (back["error"], back["state"], "code" in back) == (word, "s", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": None},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": REDIRECT + "?x=1"},
        {"redirect_uri": REDIRECT.upper()},
        {"redirect_uri": "https://evil.test/signed-in"},
        {"client_id": "nobody"},
        {"client_id": None},
    ],
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(stage: Stage, changes: dict[str, Any]) -> None:
    application, _ = stage.application()
    answer = stage.browser_of(stage.owner).get("/connect/authorize", params=query_of(application.client_id, **changes))
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert "not registered" in answer.text or "not known" in answer.text


def test_a_disabled_application_lets_nobody_in(stage: Stage) -> None:
    application, secret = stage.application()
    token = stage.tokens(stage.owner, application, secret, "openid api")["access_token"].encode()
    assert stage.control.oidc.tokens.check(token, Surface.API) is not None
    applications = stage.control.oidc.applications
    applications.change(stage.organization.id, application.client_id, ApplicationChange(disabled=True), by=stage.owner.id)
    assert stage.control.oidc.tokens.check(token, Surface.API) is None
    answer = stage.browser_of(stage.owner).get("/connect/authorize", params=query_of(application.client_id))
    assert answer.status_code == 400
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": application.client_id, "client_secret": secret}
    assert stage.client().post("/connect/token", data=form).status_code == 401


# Codes.


def redeemed(stage: Stage, client_id: str, secret: str, **form: str) -> tuple[int, dict[str, Any]]:
    given = {
        "grant_type": "authorization_code", "redirect_uri": REDIRECT, "code_verifier": VERIFIER, "client_id": client_id,
        "client_secret": secret, **form,
    }  # fmt: skip
    answer = stage.client().post("/connect/token", data=given)
    return answer.status_code, answer.json()


def code_for(stage: Stage, client_id: str, **changes: str) -> str:
    answer = stage.browser_of(stage.owner).get("/connect/authorize", params=query_of(client_id, **changes))
    return returned(answer)["code"]


def test_a_code_that_comes_again_revokes_what_it_gave(stage: Stage) -> None:
    application, secret = stage.application()
    code = code_for(stage, application.client_id, scope="openid api offline_access")
    status, tokens = redeemed(stage, application.client_id, secret, code=code)
    assert status == 200
    access = tokens["access_token"].encode()
    assert stage.control.oidc.tokens.check(access, Surface.API) is not None
    status, said = redeemed(stage, application.client_id, secret, code=code)
    assert (status, said["error"]) == (400, "invalid_grant")
    assert stage.control.oidc.tokens.check(access, Surface.API) is None
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert redeemed(stage, application.client_id, secret, **form)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"code_verifier": VERIFIER + "x"}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"redirect_uri": REDIRECT + "/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code": "another"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
    ],
)
def test_a_code_is_given_only_to_whom_it_was_for(stage: Stage, form: dict[str, str], word: str) -> None:
    application, secret = stage.application()
    code = code_for(stage, application.client_id)
    status, said = redeemed(stage, application.client_id, secret, **{"code": code, **form})
    assert (status, said["error"]) == (400, word)
    # Whoever gets it wrong has not spent it for whom it is.
    assert redeemed(stage, application.client_id, secret, code=code)[0] == 200


def test_a_code_is_not_another_applications(stage: Stage) -> None:
    application, _ = stage.application()
    other, secret = stage.application()
    code = code_for(stage, application.client_id)
    assert redeemed(stage, other.client_id, secret, code=code)[1]["error"] == "invalid_grant"


def test_a_code_lives_for_a_minute(stage: Stage) -> None:
    application, secret = stage.application()
    code = code_for(stage, application.client_id)
    with stage.later(60_000):
        assert redeemed(stage, application.client_id, secret, code=code)[1]["error"] == "invalid_grant"


# Refresh tokens.


def test_an_independent_client_refreshes_its_tokens(stage: Stage) -> None:
    application, secret = stage.application()
    judge = stage.judge(application.client_id, secret)
    back = stage.authorized(stage.browser_of(stage.owner), judge, "openid email offline_access api")
    first = dict(judge.fetch_token(code=back["code"], code_verifier=VERIFIER))
    second = judge.refresh_token(f"{stage.url}/connect/token")
    assert second["refresh_token"] != first["refresh_token"]
    assert claims_in(stage, second["id_token"])["sub"] == stage.owner.uuid
    narrower = judge.refresh_token(f"{stage.url}/connect/token", scope="api")
    assert (narrower["scope"], "id_token" in narrower) == ("api", False)


def test_a_refresh_token_that_comes_again_ends_the_whole_family(stage: Stage) -> None:
    application, secret = stage.application()
    first = stage.tokens(stage.owner, application, secret, "openid offline_access api")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = redeemed(stage, application.client_id, secret, **form)[1]
    access = second["access_token"].encode()
    assert stage.control.oidc.tokens.check(access, Surface.API) is not None
    status, said = redeemed(stage, application.client_id, secret, **form)
    assert (status, said["error"]) == (400, "invalid_grant")
    assert stage.control.oidc.tokens.check(access, Surface.API) is None
    form["refresh_token"] = second["refresh_token"]
    assert redeemed(stage, application.client_id, secret, **form)[1]["error"] == "invalid_grant"


def test_a_refresh_token_gives_no_more_than_was_given(stage: Stage) -> None:
    application, secret = stage.application()
    tokens = stage.tokens(stage.owner, application, secret, "openid offline_access")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert redeemed(stage, application.client_id, secret, **form, scope="openid api")[1]["error"] == "invalid_scope"
    assert redeemed(stage, application.client_id, secret, **form)[0] == 200


def test_a_refresh_token_ends_with_its_time_its_person_and_his_membership(stage: Stage) -> None:
    person = stage.person()
    uuid = stage.member(person, "Support")
    application, secret = stage.application()
    form = {"grant_type": "refresh_token"}

    def given() -> dict[str, str]:
        return {**form, "refresh_token": stage.tokens(person, application, secret, "offline_access api")["refresh_token"]}

    late, gone, locked = given(), given(), given()
    with stage.later(31 * 86_400_000):
        assert redeemed(stage, application.client_id, secret, **late)[1]["error"] == "invalid_grant"
    access = stage.tokens(person, application, secret, "openid api")["access_token"].encode()
    stage.control.members.remove(stage.organization.id, uuid, by=stage.owner.id)
    assert stage.client(authorization=f"Bearer {access.decode()}").get("/connect/userinfo").status_code == 401
    assert redeemed(stage, application.client_id, secret, **gone)[1]["error"] == "invalid_grant"
    assert stage.control.oidc.tokens.check(access, Surface.API) is None
    stage.control.people.set(person.id, disabled_at=1)
    assert redeemed(stage, application.client_id, secret, **locked)[1]["error"] == "invalid_grant"


# Ending.


def test_an_independent_client_revokes_its_tokens(stage: Stage) -> None:
    application, secret = stage.application()
    tokens = stage.tokens(stage.owner, application, secret, "offline_access api")
    judge = stage.judge(application.client_id, secret)
    check = stage.control.oidc.tokens.check
    other, other_secret = stage.application()
    refused = stage.judge(other.client_id, other_secret).revoke_token(
        f"{stage.url}/connect/revocation", token=tokens["access_token"]
    )
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert check(tokens["access_token"].encode(), Surface.API) is not None
    assert judge.revoke_token(f"{stage.url}/connect/revocation", token=tokens["access_token"]).status_code == 200
    assert check(tokens["access_token"].encode(), Surface.API) is None
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    following = redeemed(stage, application.client_id, secret, **form)[1]
    judge.revoke_token(f"{stage.url}/connect/revocation", token=following["refresh_token"], token_type_hint=REFRESH)
    assert check(following["access_token"].encode(), Surface.API) is None
    assert judge.revoke_token(f"{stage.url}/connect/revocation", token=VERIFIER).status_code == 200


def test_an_independent_client_looks_at_tokens_of_its_own_organization(stage: Stage) -> None:
    application, secret = stage.application()
    tokens = stage.tokens(stage.owner, application, secret, "offline_access api")
    client, program_secret = stage.program()
    judge = stage.judge(client.client_id, program_secret)
    address = f"{stage.url}/connect/introspect"
    said = judge.introspect_token(address, token=tokens["access_token"]).json()
    expected = {"active": True, "sub": stage.owner.uuid, "scope": "offline_access api", "client_id": application.client_id}
    assert {name: said[name] for name in expected} == expected
    said = judge.introspect_token(address, token=tokens["refresh_token"]).json()
    assert (said["active"], said["sub"]) == (True, stage.owner.uuid)
    assert judge.introspect_token(address, token=VERIFIER).json() == {"active": False}
    stranger, stranger_secret = stage.foreign_program()
    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = stage.judge(stranger.client_id, stranger_secret).introspect_token(address, token=token)
        assert answer.json() == {"active": False}
    public, _ = stage.application(public=True)
    answer = stage.client().post("/connect/introspect", data={"client_id": public.client_id, "token": "x"})
    assert answer.status_code == 401


def test_signing_out_with_the_id_token_ends_the_sign_in_and_what_came_of_it(stage: Stage) -> None:
    application, secret = stage.application()
    browser = stage.browser_of(stage.owner)
    judge = stage.judge(application.client_id, secret)
    codes = [stage.authorized(browser, judge, scope)["code"] for scope in ("openid api", "openid api offline_access")]
    online, offline = (dict(judge.fetch_token(code=code, code_verifier=VERIFIER)) for code in codes)
    query = {"id_token_hint": online["id_token"], "post_logout_redirect_uri": LOGOUT, "state": "bye"}
    answer = browser.get("/connect/endsession", params=query)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LOGOUT}?state=bye")
    assert "code" not in returned_or_page(browser.get("/connect/authorize", params=query_of(application.client_id)))
    check = stage.control.oidc.tokens.check
    assert check(online["access_token"].encode(), Surface.API) is None
    assert check(offline["access_token"].encode(), Surface.API) is not None


def returned_or_page(answer: Any) -> dict[str, str]:
    return returned(answer) if "location" in answer.headers else {}


def test_without_its_id_token_the_person_is_asked_before_he_is_signed_out(stage: Stage) -> None:
    application, _ = stage.application()
    browser = stage.browser_of(stage.owner)
    page = browser.get("/connect/endsession", params={"id_token_hint": "forged"})
    assert (page.status_code, "Sign out?" in page.text) == (200, True)
    foreign = browser.post("/connect/endsession", data={"confirm": "yes"}, headers={"origin": "https://evil.test"})
    assert "Sign out?" in foreign.text
    assert "code" in returned(browser.get("/connect/authorize", params=query_of(application.client_id)))
    done = browser.post("/connect/endsession", data={"confirm": "yes"}, headers={"origin": stage.url})
    assert "You are signed out." in done.text
    asked = browser.get("/connect/authorize", params=query_of(application.client_id))
    assert asked.headers["location"].startswith("/connect/login")


def test_with_another_password_and_with_a_sign_in_ended_elsewhere_applications_lose_what_they_were_given(stage: Stage) -> None:
    person = stage.person()
    stage.member(person, "Support")
    application, secret = stage.application()
    check = stage.control.oidc.tokens.check

    def given(scope: str) -> bytes:
        return str(stage.tokens(person, application, secret, scope)["access_token"]).encode()

    def good(*tokens: bytes) -> list[bool]:
        return [check(token, Surface.API) is not None for token in tokens]

    online, offline, manager = given("api"), given("api offline_access"), stage.manager(person)
    sign_in = stage.control.sign_ins.of_person(person.id)[0].uuid
    assert manager.delete(f"/api/v1/me/sign-ins/{sign_in}").status_code == 200
    assert good(online, offline) == [False, True]
    assert manager.post("/api/v1/me/password", json={"password": "another horse entirely"}).status_code == 200
    assert good(offline) == [False]
    third = given("api offline_access")
    assert manager.delete("/api/v1/me/sign-ins").status_code == 200
    assert good(third) == [False]


def test_after_signing_out_nobody_is_sent_to_an_address_that_is_not_registered(stage: Stage) -> None:
    application, _ = stage.application()
    for query in ({"client_id": application.client_id}, {}):
        answer = stage.client().get("/connect/endsession", params={**query, "post_logout_redirect_uri": "https://evil.test"})
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    query = {"client_id": application.client_id, "post_logout_redirect_uri": LOGOUT}
    assert stage.client().get("/connect/endsession", params=query).headers["location"] == LOGOUT


def test_the_broker_s_own_applications_are_for_the_organization_that_is_asked_for(stage: Stage) -> None:
    person = stage.person()
    stage.member(person, "Support")
    mine = stage.control.organizations.add(person.id, "Own")
    own = stage.first_party("office")
    judge = stage.judge(own.client_id, token_endpoint_auth_method=NONE)
    for tenant in (stage.organization.uuid, mine.uuid):
        back = stage.authorized(stage.browser_of(person), judge, "openid api", tenant=tenant)
        token = judge.fetch_token(code=back["code"], code_verifier=VERIFIER)["access_token"]
        caller = stage.control.oidc.tokens.check(token.encode(), Surface.API)
        assert caller is not None
        assert caller.organization_uuid == tenant
    strange = stage.authorized(stage.browser_of(person), judge, "openid api", tenant="d1f0d3a8-0000-4000-8000-000000000000")
    assert strange["error"] == "access_denied"
    alone = stage.person()
    back = stage.authorized(stage.browser_of(alone), judge, "openid api")
    tokens = judge.fetch_token(code=back["code"], code_verifier=VERIFIER)
    assert "tenant" not in claims_in(stage, tokens["id_token"])
    assert stage.control.oidc.tokens.check(tokens["access_token"].encode(), Surface.API) is None
