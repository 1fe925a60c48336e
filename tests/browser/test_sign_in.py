"""A person signs in to an application with a browser: code with PKCE and a one-time code, judged by Authlib's client."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pyotp
import pytest
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet
from playwright.sync_api import Browser, Page, expect

from tests.rest.oidc.stage import PASSWORD, VERIFIER, Stage

NARROW = {"width": 320, "height": 640}


class _Application(BaseHTTPRequestHandler):
    """The application's page after signing in."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>App</title><h1>Welcome to the application</h1>")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("browser"))
    yield stage
    stage.stop()


@pytest.fixture(scope="module")
def page_of_app() -> Iterator[str]:
    """The address of an application's page."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Application)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(10)


@contextmanager
def window(chromium: Browser, **options: Any) -> Iterator[Page]:
    context = chromium.new_context(**options)
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def test_a_person_signs_in_with_code_pkce_and_one_time_code(chromium: Browser, stage: Stage, page_of_app: str) -> None:
    person = stage.person()
    stage.member(person, "Dealer")
    totp = pyotp.TOTP(stage.control.second_step.begin(person).secret)
    stage.control.second_step.confirm(person, totp.at(stage.clock.now() // 1000 - 30), stage.url)
    redirect, farewell = f"{page_of_app}/in", f"{page_of_app}/out"
    application, secret = stage.application(redirects=(redirect,), logout_redirects=(farewell,))
    judge = stage.judge(application.client_id, secret)
    judge.redirect_uri = redirect

    def address(**more: str) -> str:
        asked = {"scope": "openid email api", "code_verifier": VERIFIER, "nonce": "once", **more}
        return str(judge.create_authorization_url(f"{stage.url}/connect/authorize", **asked)[0])

    with window(chromium) as page:
        page.goto(address(login_hint=person.email))
        expect(page).to_have_title("Sign in")
        expect(page.get_by_label("E-mail")).to_have_value(person.email)
        expect(page.get_by_label("Password")).to_be_focused()
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading")).to_have_text("Second step")
        page.get_by_label("Code").fill("000000")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("alert")).to_contain_text("wrong")
        page.get_by_label("Code").fill(totp.at(stage.clock.now() // 1000))
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading")).to_have_text("Welcome to the application")

        tokens = judge.fetch_token(authorization_response=page.url, code_verifier=VERIFIER)
        keys = KeySet.import_key_set(stage.client().get("/.well-known/jwks.json").json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"]).claims
        said = CodeIDToken(
            claims, {"alg": "ES256"}, {"iss": {"value": stage.url}, "aud": {"value": application.client_id}},
            {"nonce": "once", "client_id": application.client_id, "access_token": tokens["access_token"]},
        )  # fmt: skip
        said.validate(now=int(time.time()))
        assert (claims["sub"], claims["email"], claims["amr"]) == (person.uuid, person.email, ["pwd", "otp", "mfa"])

        # To another application he goes without being asked.
        other, _ = stage.application(redirects=(f"{page_of_app}/other",))
        page.goto(address().replace(application.client_id, other.client_id).replace("%2Fin", "%2Fother"))
        expect(page.get_by_role("heading")).to_have_text("Welcome to the application")
        assert page.url.startswith(f"{page_of_app}/other?code=")

        page.goto(f"{stage.url}/connect/endsession?client_id={application.client_id}&post_logout_redirect_uri={farewell}")
        expect(page.get_by_role("heading")).to_have_text("Sign out?")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading")).to_have_text("Welcome to the application")
        assert page.url == farewell
        page.goto(address())
        expect(page).to_have_title("Sign in")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_narrow_screen_and_follow_the_colours_asked_for(chromium: Browser, stage: Stage, scheme: str) -> None:
    with window(chromium, viewport=NARROW, color_scheme=scheme) as page:
        for path in ("/connect/login", "/connect/authorize?client_id=x", "/connect/endsession"):
            page.goto(stage.url + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
            ground, text = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
                ".map(color => color.match(/\\d+/g).map(Number).reduce((sum, one) => sum + one))"
            )
            assert (ground < text) is (scheme == "dark")
