"""A provider for tests: a real HTTP server over a real database, with people, organizations, programs and applications."""

import asyncio
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn
from authlib.integrations.httpx_client import OAuth2Client

from prorata.access.permissions import EVERYTHING
from prorata.control.api_clients.store import ApiClient, ApiClientChange, NewApiClient
from prorata.control.oidc.applications import Application, NewApplication
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.providers import OutsideProvider
from prorata.control.oidc.scopes import SCOPES
from prorata.control.organizations.inside import insert_member
from prorata.control.organizations.rights import Rights
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, Person, insert_person
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.rest.oidc.app import ROOTS, create_provider
from prorata.rest.oidc.call import Provider
from prorata.rest.workspace.app import create_workspace
from prorata.rest.workspace.call import Workspace
from prorata.units.numbers import Moment

PASSWORD = "correct horse battery"  # noqa: S105
KEPT = hashed(PASSWORD)
"""made once: Argon2 is slow on purpose"""
REDIRECT = "https://app.test/signed-in"
LOGOUT = "https://app.test/signed-out"
VERIFIER = "a-verifier-of-fifty-characters-that-nobody-guesses"

_numbers = count(1)
"""people of all stages have addresses of their own"""


class SteppingClock:
    """The real time, or as far ahead of it as is said: client libraries look at their own clock."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def now(self) -> Moment:
        return time.time_ns() // 1_000_000 + self.ahead_ms


class Stage:
    """`url`: where it is reached, which is the issuer, too."""

    def __init__(self, folder: Path, *, outside: dict[str, OutsideProvider] | None = None) -> None:
        self.clock = SteppingClock()
        self.control = Control(f"sqlite:///{folder}/control.db", bytes(32), Vault(folder / "vault.keys"), now=self.clock.now)
        self.url = ""
        self.outside = {} if outside is None else outside
        self._clients: list[httpx2.Client] = []
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(20), "the test server did not start"
        self.owner = self.person()
        self.organization = self.control.organizations.add(self.owner.id, "Desk")

    @contextmanager
    def later(self, ms: int) -> Iterator[None]:
        """Let time pass, until the end of the block."""
        self.clock.ahead_ms += ms
        try:
            yield
        finally:
            self.clock.ahead_ms -= ms

    def person(self, email: str = "", *, verified: bool = True, **more: Any) -> Person:
        """Make a person whose password is `PASSWORD`."""
        new = NewPerson(email=email or f"person{next(_numbers)}@mail.test", **more)
        with self.control.database.writing() as connection:
            made = insert_person(connection, new, KEPT, self.clock.now())
        self.control.people.set(made.id, verified_at=self.clock.now() if verified else 0)
        self.control.refresh()
        found = self.control.people.by_id(made.id)
        assert found is not None
        return found

    def program(self, permissions: Iterable[str] = EVERYTHING, **more: Any) -> tuple[ApiClient, str]:
        """Make an API client; return it and its secret."""
        new = NewApiClient(name="robot", permissions=frozenset(permissions), **more)
        return self.control.api_clients.add(self.organization.id, new, by=self.owner.id)

    def change(self, client: ApiClient, **changes: Any) -> None:
        change = ApiClientChange(**changes)
        self.control.api_clients.change(self.organization.id, client.client_id, change, by=self.owner.id)

    def application(self, *, public: bool = False, **more: Any) -> tuple[Application, str]:
        """Register an application; return it and its secret."""
        terms: dict[str, Any] = {
            "name": "page",
            "redirects": (REDIRECT,),
            "logout_redirects": (LOGOUT,),
            "scopes": SCOPES,
        } | more
        new = NewApplication(public=public, **(terms | more))
        return self.control.oidc.applications.add(self.organization.id, new, by=self.owner.id)

    def member(self, person: Person, role: str, *, platforms: frozenset[str] | None = None) -> str:
        """Make a person a member of the organization; return his uuid."""
        rights = Rights(role=role, platforms=platforms)
        with self.control.grants.changing() as connection:
            insert_member(connection, self.organization.id, person.id, rights, self.clock.now())
        return person.uuid

    def foreign_program(self) -> tuple[ApiClient, str]:
        """Make an API client of another organization; return it and its secret."""
        stranger = self.person()
        foreign = self.control.organizations.add(stranger.id, "Other")
        return self.control.api_clients.add(foreign.id, NewApiClient(name="robot", permissions=EVERYTHING), by=stranger.id)

    def first_party(self, client_id: str) -> Application:
        """Register an application of the broker's own, which is public."""
        own = Application(
            client_id=client_id, organization_id=0, organization_uuid="", name=client_id, public=True, redirects=(REDIRECT,),
            logout_redirects=(LOGOUT,), scopes=SCOPES, algorithm=Algorithm.ES256, secrets=(), created_at=0, disabled_at=0,
        )  # fmt: skip
        self.control.oidc.applications.set_first_party([own])
        return own

    # Clients.

    def client(self, **headers: str) -> httpx2.Client:
        """Return a client that keeps cookies and follows no redirects."""
        self._clients.append(httpx2.Client(base_url=self.url, headers=headers, timeout=10, verify=False))
        return self._clients[-1]

    def browser_of(self, person: Person) -> httpx2.Client:
        """Return a browser in which the person is signed in."""
        token, _ = self.control.sign_ins.open(person.id, ["pwd"])
        return self.client(cookie=f"prorata_session={token}")

    def manager(self, person: Person | None = None) -> httpx2.Client:
        """Return the workspace's client of a person, who is the owner if nobody is named."""
        token, _ = self.control.sign_ins.open((person or self.owner).id, ["pwd"])
        return self.client(authorization=f"Bearer {token}")

    def judge(self, client_id: str, secret: str = "", **more: Any) -> OAuth2Client:
        """Return Authlib's client: somebody else's reading of the same standards."""
        judge = OAuth2Client(
            client_id, secret or None, token_endpoint=f"{self.url}/connect/token", code_challenge_method="S256",
            redirect_uri=REDIRECT, timeout=10, verify=False, **more,
        )  # fmt: skip
        self._clients.append(judge)
        return judge

    def authorized(self, browser: httpx2.Client, judge: OAuth2Client, scope: str = "openid", **more: str) -> dict[str, str]:
        """Go through /connect/authorize with a browser; return what the application gets back."""
        address, _ = judge.create_authorization_url(
            f"{self.url}/connect/authorize", scope=scope, code_verifier=VERIFIER, **more
        )
        answer = browser.get(address)
        assert answer.status_code == 303, answer.text
        return returned(answer)

    def tokens(
        self, person: Person, application: Application, secret: str = "", scope: str = "openid", **more: str
    ) -> dict[str, Any]:
        """Sign a person in to an application; return its tokens."""
        judge = self.judge(application.client_id, secret)
        back = self.authorized(self.browser_of(person), judge, scope, **more)
        found: dict[str, Any] = judge.fetch_token(code=back["code"], code_verifier=VERIFIER)
        return found

    def program_token(self, client: ApiClient, secret: str, scope: str = "webapi") -> str:
        return str(
            self.judge(client.client_id, secret).fetch_token(grant_type="client_credentials", scope=scope)["access_token"]
        )

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._server.should_exit = True
        self._thread.join(20)
        self.control.close()

    async def _serve(self) -> None:
        shared = Workspace(control=self.control, url="https://broker.test")
        provider = create_provider(Provider(workspace=shared, outside=self.outside))
        workspace = create_workspace(shared)

        async def serve(scope: Any, receive: Any, send: Any) -> None:
            await (provider if scope["path"].startswith(ROOTS) else workspace)(scope, receive, send)

        config = uvicorn.Config(serve, port=0, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve())
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"
        self._started.set()
        await serving


def returned(answer: httpx2.Response) -> dict[str, str]:
    """Return the parameters of the address that a browser is sent to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
