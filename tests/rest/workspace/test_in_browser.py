"""In a real browser: the page that links lead to, and the whole way of a passkey with the browser's own authenticator."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from prorata.control.people.tickets import Purpose
from tests.chromium import chromium as chromium
from tests.rest.workspace.stage import WorkspaceStage

NEW = "another horse entirely"
PAGE = "/api/v1/auth/link"

CALLING = """
const call = async (path, body) => {
  const answer = await fetch("/api/v1" + path, {
    method: "POST", body: JSON.stringify(body ?? {}),
    headers: {"content-type": "application/json", "x-requested-with": "test", ...headers},
  });
  return [answer.status, await answer.json()];
};
"""
ADD_PASSKEY = f"""async headers => {{ {CALLING}
  const [, asked] = await call("/me/passkeys/ask");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.options);
  const credential = await navigator.credentials.create({{publicKey}});
  return await call("/me/passkeys", {{ticket: asked.ticket, credential: credential.toJSON(), name: "Browser"}});
}}"""
USE_PASSKEY = f"""async headers => {{ {CALLING}
  const [, asked] = await call("/auth/passkey/ask");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.options);
  const credential = await navigator.credentials.get({{publicKey}});
  return await call("/auth/passkey", {{ticket: asked.ticket, credential: credential.toJSON()}});
}}"""


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkspaceStage]:
    """A workspace on this machine, as the browser knows it."""
    stage = WorkspaceStage(tmp_path_factory.mktemp("local"), url="")
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Page:
    return chromium.new_context(bypass_csp=False).new_page()


def test_a_link_sets_a_new_password_on_a_click_and_not_before(local: WorkspaceStage, page: Page) -> None:
    person = local.person()
    link = local.control.renewal.password_link(person, local.url)
    page.goto(link)
    assert page.url == local.url + PAGE, "the ticket does not stay in the address"
    assert local.control.tickets.look(Purpose.RESET, link.partition("#reset.")[2]).person_id == person.id
    page.fill("#password", NEW)
    page.click("#button")
    page.wait_for_selector("#told:not(:empty)")
    assert page.inner_text("#told") == "Your password is set. All other sign-ins have ended."
    assert local.log_in(person.email, NEW).status_code == 200
    page.goto("about:blank")
    page.goto(link)
    page.fill("#password", NEW)
    page.click("#button")
    page.wait_for_selector("#told:not(:empty)")
    assert page.inner_text("#told") == "The link is no longer good"


def test_an_incomplete_link_says_so(local: WorkspaceStage, page: Page) -> None:
    page.goto(local.url + PAGE)
    assert "This link is incomplete." in page.inner_text("body")


def test_a_passkey_of_the_browser_is_added_and_signs_in(local: WorkspaceStage, page: Page) -> None:
    person = local.person()
    token, _ = local.control.sign_ins.open(person.id, ["pwd"])
    bypassing = page.context.browser.new_context(bypass_csp=True)  # type: ignore[union-attr]
    page = bypassing.new_page()
    page.goto(local.url + PAGE)
    line = bypassing.new_cdp_session(page)
    line.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    status, added = page.evaluate(ADD_PASSKEY, {"authorization": f"Bearer {token}"})
    assert (status, added["name"]) == (201, "Browser"), added
    status, answer = page.evaluate(USE_PASSKEY, {})
    assert (status, answer["person"]) == (200, person.uuid), answer
    # The cookie is there now, and out of reach of the page.
    assert page.evaluate("document.cookie") == ""
    page.goto(local.url + "/api/v1/me")
    assert person.uuid in page.inner_text("body")
    bypassing.close()
