"""Signing in through another provider, which is a second one of our own; and with a second step."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pyotp
import pytest
from sqlalchemy import select

from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.providers import OutsideProvider
from prorata.control.oidc.scopes import SCOPES
from prorata.control.oidc.tables import external_identities
from prorata.control.oidc.terms import ProviderTerms
from prorata.control.people.people import Person
from tests.rest.oidc.stage import PASSWORD, VERIFIER, Stage, returned
from tests.rest.oidc.test_sign_in import claims_in, hidden, query_of

TITLE = "The Other House"


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The other provider."""
    stage = Stage(tmp_path_factory.mktemp("outside"))
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, outside: Stage) -> Iterator[Stage]:
    """A provider that lets people sign in through the other one."""
    providers: dict[str, OutsideProvider] = {}
    stage = Stage(tmp_path_factory.mktemp("here"), outside=providers)
    own, secret = outside.application(
        redirects=(f"{stage.url}/connect/outside/house/callback",), scopes=SCOPES, algorithm=Algorithm.RS256
    )
    providers["house"] = OutsideProvider(
        ProviderTerms(name="house", title=TITLE, issuer=outside.url, client_id=own.client_id, client_secret=secret)
    )
    yield stage
    stage.stop()


def left(here: Stage, browser: httpx2.Client, back: str = "") -> str:
    """Leave for the other provider; return its address."""
    page = browser.get("/connect/login", params={"return": back} if back else {})
    assert f"Sign in with {TITLE}" in page.text
    link = page.text.partition('class="button" href="')[2].partition('"')[0].replace("&amp;", "&")
    answer = browser.get(link)
    assert answer.status_code == 303
    return answer.headers["location"]


def came_back(outside: Stage, address: str, person: Person) -> str:
    """Sign in at the other provider; return the address to which it sends the browser."""
    answer = outside.browser_of(person).get(address)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def at_outside(outside: Stage, email: str = "", *, verified: bool = True, **more: Any) -> Person:
    """Make a person who may sign in at the other provider."""
    person = outside.person(email, **more)
    outside.member(person, "Read-only")
    outside.control.people.set(person.id, verified_at=int(verified))
    return person


def test_a_new_person_comes_with_an_organization_and_is_known_again(here: Stage, outside: Stage) -> None:
    person = at_outside(outside, "eve@new.test", first_name="Eve", last_name="Ray")
    browser = here.client()
    answer = browser.get(came_back(outside, left(here, browser), person))
    assert (answer.status_code, "You are signed in as eve@new.test" in answer.text) == (200, True)
    found = here.control.people.find("eve@new.test")
    assert found is not None
    assert (found.first_name, found.last_name, found.verified_at > 0) == ("Eve", "Ray", True)
    here.control.refresh()
    assert len(here.control.organizations.of_person(found.id)) == 1
    again = here.client()
    again.get(came_back(outside, left(here, again), person))
    with here.control.database.reading() as connection:
        rows = connection.execute(select(external_identities).where(external_identities.c.person_id == found.id)).all()
    assert [(row.issuer, row.subject) for row in rows] == [(outside.url, person.uuid)]


def test_an_application_s_request_goes_on_after_the_other_provider(here: Stage, outside: Stage) -> None:
    mine = here.person("joe@both.test")
    here.member(mine, "Support")
    application, secret = here.application()
    browser = here.client()
    asked = browser.get("/connect/authorize", params=query_of(application.client_id))
    back = hidden(browser.get(asked.headers["location"]).text, "return")
    person = at_outside(outside, "joe@both.test")
    answer = browser.get(came_back(outside, left(here, browser, back), person))
    code = returned(browser.get(answer.headers["location"]))["code"]
    token = here.judge(application.client_id, secret).fetch_token(code=code, code_verifier=VERIFIER)
    claims = claims_in(here, token["id_token"])
    assert (claims["sub"], claims["amr"]) == (mine.uuid, ["ext"])


def test_an_address_that_is_not_proved_is_nobodys(here: Stage, outside: Stage) -> None:
    person = at_outside(outside, "mallory@both.test", verified=False)
    here.person("mallory@both.test")
    browser = here.client()
    answer = browser.get(came_back(outside, left(here, browser), person))
    assert (answer.status_code, "prorata_session" in browser.cookies) == (403, False)
    # Nor is one that somebody has registered here without proving it.
    here.person("victim@both.test", verified=False)
    victim = at_outside(outside, "victim@both.test")
    answer = browser.get(came_back(outside, left(here, browser), victim))
    assert (answer.status_code, "not confirmed" in answer.text) == (403, True)


def test_an_answer_is_taken_only_by_the_browser_that_left(here: Stage, outside: Stage) -> None:
    browser = here.client()
    address = came_back(outside, left(here, browser), at_outside(outside))
    assert here.client().get(address).status_code == 403
    other = here.client()
    left(here, other)
    assert other.get(address).status_code == 403
    with here.later(10 * 60_000):
        assert browser.get(address).status_code == 403
    assert browser.get(address).status_code == 200
    # Its cookie is taken back, and the code is spent.
    assert browser.get(address).status_code == 403


def test_an_answer_of_another_issuer_is_not_taken(here: Stage, outside: Stage) -> None:
    browser = here.client()
    address = came_back(outside, left(here, browser), at_outside(outside))
    assert browser.get(address.replace("iss=", "iss=https://evil.test/")).status_code == 403
    refused = {"state": parse_qs(urlsplit(address).query)["state"][0], "error": "access_denied"}
    assert browser.get("/connect/outside/house/callback", params=refused).status_code == 403
    assert here.client().get("/connect/outside/nowhere").status_code == 404
    assert here.client().get("/connect/outside/nowhere/callback").status_code == 404


def test_a_provider_that_does_not_answer_is_told_to_the_person(here: Stage) -> None:
    gone = ProviderTerms(name="gone", title="Gone", issuer="http://127.0.0.1:9", client_id="x", client_secret="x")  # noqa: S106
    here.outside["gone"] = OutsideProvider(gone)
    answer = here.client().get("/connect/outside/gone")
    del here.outside["gone"]
    assert (answer.status_code, "does not answer" in answer.text) == (502, True)


# The second step.


def with_totp(stage: Stage, person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Switch the second step on; return the authenticator and the recovery codes."""
    totp = pyotp.TOTP(stage.control.second_step.begin(person).secret)
    # The code that switches it on is spent; a minute earlier it would be another.
    code = totp.at(stage.clock.now() // 1000 - 30)
    return totp, stage.control.second_step.confirm(person, code, stage.url)


def asked_for_a_code(stage: Stage, browser: httpx2.Client, person: Person) -> dict[str, str]:
    form = {"email": person.email, "password": PASSWORD}
    page = browser.post("/connect/login", data=form, headers={"origin": stage.url})
    assert (page.status_code, "set-cookie" in page.headers) == (200, False)
    return {"ticket": hidden(page.text, "ticket")}


def test_whoever_has_an_authenticator_is_asked_for_its_code(here: Stage) -> None:
    person = here.person()
    totp, recovery = with_totp(here, person)
    browser, own = here.client(), {"origin": here.url}
    form = asked_for_a_code(here, browser, person)
    wrong = browser.post("/connect/login/code", data={**form, "code": "000000"}, headers=own)
    assert (wrong.status_code, "set-cookie" in wrong.headers) == (403, False)
    code = totp.at(here.clock.now() // 1000)
    done = browser.post("/connect/login/code", data={**form, "code": code}, headers=own)
    assert (done.status_code, "prorata_session" in browser.cookies) == (200, True)
    # The ticket is spent, and so is the code.
    assert here.client().post("/connect/login/code", data={**form, "code": code}, headers=own).status_code == 403
    other = here.client()
    form = asked_for_a_code(here, other, person)
    assert other.post("/connect/login/code", data={**form, "code": code}, headers=own).status_code == 403
    assert other.post("/connect/login/code", data={**form, "code": recovery[0]}, headers=own).status_code == 200
    assert other.post("/connect/login/code", data={"ticket": "none", "code": code}, headers=own).status_code == 403
    assert other.post("/connect/login/code", data=form, headers={"origin": "https://evil.test"}).status_code == 403


def test_the_second_step_is_asked_for_after_another_provider_too(here: Stage, outside: Stage) -> None:
    mine = here.person("both@both.test")
    totp, _ = with_totp(here, mine)
    browser = here.client()
    page = browser.get(came_back(outside, left(here, browser), at_outside(outside, "both@both.test")))
    assert "prorata_session" not in browser.cookies
    form = {"ticket": hidden(page.text, "ticket"), "code": totp.at(here.clock.now() // 1000)}
    done = browser.post("/connect/login/code", data=form, headers={"origin": here.url})
    assert (done.status_code, "prorata_session" in browser.cookies) == (200, True)


def test_after_five_wrong_passwords_a_person_has_to_wait(here: Stage) -> None:
    person = here.person()
    form = {"email": person.email, "password": "wrong"}
    statuses = [here.client().post("/connect/login", data=form, headers={"origin": here.url}).status_code for _ in range(6)]
    assert statuses == [403] * 5 + [429]
