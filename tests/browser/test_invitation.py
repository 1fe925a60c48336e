"""Whoever is invited opens the link in his mail with a browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from prorata.control.organizations.rights import Rights
from tests.rest.workspace.stage import PASSWORD, WorkspaceStage


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkspaceStage]:
    stage = WorkspaceStage(tmp_path_factory.mktemp("invited"))
    yield stage
    stage.stop()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def invited(stage: WorkspaceStage, email: str) -> str:
    """Invite somebody; return the link in his mail, as the browser reaches it."""
    ann = stage.person()
    organization = stage.control.organizations.add(ann.id, "First Broker")
    stage.control.invitations.add(organization.id, email, Rights(role="Dealer"), stage.url, by=ann.id)
    (mail,) = stage.mails(email)
    return next(word for word in mail.body.split() if "#invitation." in word)


def test_whoever_has_no_account_chooses_a_password_and_joins(stage: WorkspaceStage, page: Page) -> None:
    page.goto(invited(stage, "zoe@mail.test"))
    expect(page.get_by_text("You are invited to work in First Broker, as zoe@mail.test.")).to_be_visible()
    assert "invitation" not in page.url
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_have_text("You have joined, and can sign in.")
    assert stage.log_in("zoe@mail.test").json()["state"] == "signed_in"


def test_whoever_has_an_account_signs_in_first(stage: WorkspaceStage, page: Page) -> None:
    bob = stage.person("bob@mail.test")
    link = invited(stage, "bob@mail.test")
    page.goto(link)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_have_text("Sign in first, then open the link in the mail once more.")
    token, _ = stage.control.sign_ins.open(bob.id, ["pwd"])
    page.context.add_cookies([{"name": "prorata_session", "value": token, "url": stage.url}])
    page.goto("about:blank")
    page.goto(link)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_have_text("You have joined.")
    assert [one.organization.name for one in stage.control.organizations.of_person(bob.id)] == ["First Broker"]


def test_an_invitation_that_has_ended_says_so(stage: WorkspaceStage, page: Page) -> None:
    link = invited(stage, "late@mail.test")
    stage.clock.moment += 8 * 24 * 3_600_000
    page.goto(link)
    expect(page.get_by_role("status")).to_have_text("The invitation has ended")
    expect(page.get_by_role("button")).to_be_hidden()
