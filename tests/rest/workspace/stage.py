"""A workspace for tests: a real HTTP server over a real database, people who are signed in, a clock that stands still."""

import asyncio
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from prorata.control.mail.outbox import Mail
from prorata.control.passwords import hashed
from prorata.control.people.people import NewPerson, Person, insert_person
from prorata.control.people.tickets import Purpose
from prorata.control.store import Control
from prorata.control.vault import Vault
from prorata.rest.own.allowance import Allowance
from prorata.rest.workspace.app import create_workspace
from prorata.rest.workspace.call import Workspace
from tests.rest.house import HandClock

NOON = 1_772_452_800_000
URL = "https://broker.test"
KEY = bytes(range(32))
PASSWORD = "correct horse battery"  # noqa: S105


class WorkspaceStage:
    """`url`: where it is reached."""

    def __init__(self, folder: Path, *, allowance: Allowance | None = None, **options: Any) -> None:
        """`options`: of `Workspace`, over a public address at https and no limit of tries; `url` "": where it is reached."""
        # By its protocol asyncio knows that it shall not hold small answers back.
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listening.bind(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._listening.getsockname()[1]}"
        options["url"] = options.get("url", URL) or self.url
        self.folder = folder
        self.clock = HandClock(NOON)
        self.control = Control(f"sqlite:///{folder}/control.db", KEY, Vault(folder / "vault.keys"), now=self.clock.now)
        workspace = Workspace(control=self.control, **options)
        self.app = create_workspace(workspace, allowance=allowance)
        self._numbers = count(1)
        self._clients: list[httpx2.Client] = []
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._started.wait(20), "the test server did not start"

    def person(self, email: str = "", *, verified: bool = True, **more: Any) -> Person:
        """Make a person whose password is `PASSWORD`."""
        new = NewPerson(email=email or f"person{next(self._numbers)}@mail.test", **more)
        with self.control.database.writing() as connection:
            made = insert_person(connection, new, hashed(PASSWORD), self.clock.now())
        if verified:
            self.control.people.set(made.id, verified_at=self.clock.now())
        found = self.control.people.by_id(made.id)
        assert found is not None
        return found

    def signed_in(self, person: Person) -> httpx2.Client:
        """Return a client with a token of the person."""
        token, _ = self.control.sign_ins.open(person.id, ["pwd"])
        return self.client(authorization=f"Bearer {token}")

    def client(self, **headers: str) -> httpx2.Client:
        """Return a client that keeps cookies, as a browser does."""
        self._clients.append(httpx2.Client(verify=False, base_url=self.url, headers=headers, timeout=10))
        return self._clients[-1]

    def log_in(self, email: str, password: str = PASSWORD) -> httpx2.Response:
        """Sign in and ask for the token."""
        with httpx2.Client(verify=False, base_url=self.url, timeout=10) as client:
            return client.post("/api/v1/auth/login", json={"email": email, "password": password, "token": True})

    def browser(self) -> httpx2.Client:
        """Return a client as our own pages call."""
        return self.client(**{"x-requested-with": "prorata"})

    def mails(self, email: str) -> list[Mail]:
        """Return the mails to an address, newest first."""
        return [mail for mail in self.control.outbox.newest(1_000) if mail.recipient == email]

    def token_in_mail(self, email: str, purpose: Purpose) -> str:
        """Return what is in the link of the newest mail to an address that has such a link."""
        for mail in self.mails(email):
            found = re.search(rf"#{purpose.value}\.(\S+)", mail.body)
            if found is not None:
                return found[1]
        raise AssertionError(f"no {purpose.value} link was mailed to {email}")

    @contextmanager
    def later(self, milliseconds: int) -> Iterator[None]:
        """Move the clock on for a while."""
        before = self.clock.moment
        self.clock.moment += milliseconds
        yield
        self.clock.moment = before

    def audited(self) -> list[str]:
        """Return "actor method outcome" of each audited call."""
        self.control.refresh()
        rows = self.control.audit.rows(limit=100_000)
        return [f"{row.action.actor} {row.action.method} {row.action.outcome}" for row in rows]

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._server.should_exit = True
        self._thread.join(20)
        self.control.close()

    async def _serve(self) -> None:
        config = uvicorn.Config(self.app, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        serving = asyncio.create_task(self._server.serve(sockets=[self._listening]))
        while not self._server.started:  # noqa: ASYNC110 - uvicorn tells it no other way
            await asyncio.sleep(0.01)
        self._started.set()
        await serving
