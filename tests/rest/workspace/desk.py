"""An organization over HTTP for tests: "ann" is its Administrator, others join by the links in their mails."""

from typing import Any

import httpx2

from prorata.control.people.people import Person
from tests.rest.workspace.stage import WorkspaceStage


class Desk:
    """People are known by their first names, which mean somebody else at another desk."""

    def __init__(self, stage: WorkspaceStage, name: str = "First Broker") -> None:
        self.stage = stage
        self.people: dict[str, Person] = {}
        self._clients: dict[str, httpx2.Client] = {}
        made = self.by("ann").post("/api/v1/organizations", json={"name": name})
        assert made.status_code == 201, made.text
        self.uuid: str = made.json()["uuid"]

    @property
    def path(self) -> str:
        return f"/api/v1/organizations/{self.uuid}"

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = self.stage.person(first_name=name)
        return self.people[name]

    def by(self, name: str) -> httpx2.Client:
        """Return somebody who is signed in."""
        if name not in self._clients:
            self._clients[name] = self.stage.signed_in(self.person(name))
        return self._clients[name]

    def __call__(self, who: str, verb: str, path: str, /, **body: Any) -> httpx2.Response:
        """Have somebody call an operation of the organization."""
        return self.by(who).request(verb, self.path + path, json=body if verb in ("POST", "PATCH", "PUT") else None)

    def invite(self, email: str, by: str = "ann", **rights: Any) -> httpx2.Response:
        return self(by, "POST", "/invitations", email=email, **rights)

    def token_of(self, email: str) -> str:
        """Return the token in the newest invitation that was mailed to an address."""
        for mail in self.stage.mails(email):
            _, found, rest = mail.body.partition("#invitation.")
            if found:
                return rest.split()[0]
        raise AssertionError(f"nobody has invited {email}")

    def join(self, name: str, role: str | None, **rights: Any) -> str:
        """Make somebody a member; return the uuid of the person."""
        person = self.person(name)
        invited = self.invite(person.email, role=role, **rights)
        assert invited.status_code == 201, invited.text
        accepted = self.by(name).post("/api/v1/invitations/accept", json={"token": self.token_of(person.email)})
        assert accepted.status_code == 200, accepted.text
        return person.uuid

    def member(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self("ann", "GET", f"/members/{self.person(name).uuid}").json()
        return found

    def audit(self, by: str = "ann", **query: Any) -> list[dict[str, Any]]:
        """Return what the audit of the organization has, newest first."""
        self.stage.control.refresh()
        answer = self.by(by).get(f"{self.path}/audit", params=query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows


def refused(answer: httpx2.Response) -> str:
    """Return the name of the refusal; "" if it was done."""
    return "" if answer.is_success else str(answer.json()["refusal"])
