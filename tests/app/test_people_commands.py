"""`prorata people` and `prorata outbox`: who may sign in, seen by a running server."""

import time
from pathlib import Path

import httpx2
import pytest

from tests.app.programs import here, running

EMAIL = "ann@broker.test"


def signed_in(address: str, password: str, email: str = EMAIL) -> httpx2.Response:
    body = {"email": email, "password": password, "token": True}
    return httpx2.post(f"{address}/api/v1/auth/login", json=body, timeout=20, verify=False)


def test_people_are_made_sign_in_and_are_disabled_while_a_server_runs(tmp_path: Path) -> None:
    made = here("people", "add", EMAIL, "--first-name", "Ann", "--organization", "First", "--data", tmp_path, "--json").json()
    with running("serve", "--data", tmp_path, "--port", "0") as (_, address, _):
        token = signed_in(address, made["password"]).json()["token"]
        mine = {"authorization": f"Bearer {token}"}
        assert httpx2.get(f"{address}/api/v1/me", headers=mine, timeout=20, verify=False).json()["uuid"] == made["uuid"]
        link = here("people", "reset-password", EMAIL, "--data", tmp_path).out.strip()
        body = {"token": link.partition("#reset.")[2], "password": "another horse entirely"}
        assert httpx2.post(f"{address}/api/v1/auth/password", json=body, timeout=20, verify=False).status_code == 200
        assert httpx2.get(f"{address}/api/v1/me", headers=mine, timeout=20, verify=False).status_code == 401
        token = signed_in(address, "another horse entirely").json()["token"]
        mine = {"authorization": f"Bearer {token}"}
        assert here("people", "disable", EMAIL.upper(), "--data", tmp_path).code == 0
        for _ in range(100):
            status = httpx2.get(f"{address}/api/v1/me", headers=mine, timeout=20, verify=False).status_code
            if status != 200:
                break
            time.sleep(0.1)
        assert status == 401
        assert here("people", "enable", EMAIL, "--data", tmp_path).code == 0
        assert signed_in(address, "another horse entirely").status_code == 200
        registered = httpx2.post(f"{address}/api/v1/auth/register", json={"email": "new@broker.test"}, timeout=20, verify=False)
        assert registered.status_code == 202
        assert httpx2.get(f"{address}/api/v1/outbox", timeout=20, verify=False).status_code == 404
    printed = here("outbox", "--data", tmp_path).out
    assert "To: new@broker.test" in printed
    assert "#verify." in printed
    (newest,) = here("outbox", "--data", tmp_path, "--limit", "1", "--json").json()
    assert newest["recipient"] == "new@broker.test"


def test_people_are_listed_without_secrets(tmp_path: Path) -> None:
    made = here("people", "add", EMAIL, "--data", tmp_path, "--json").json()
    (person,) = here("people", "list", "--data", tmp_path, "--json").json()
    assert (person["email"], person["disabled_at"]) == (EMAIL, 0)
    assert person["uuid"] == made["uuid"]
    assert "id" not in person
    listed = here("people", "list", "--data", tmp_path).out
    assert EMAIL in listed
    assert made["password"] not in listed
    assert here("outbox", "--data", tmp_path).out == "there are no mails\n"
    assert here("audit", "verify", "--data", tmp_path).code == 0


def test_who_lost_everything_signs_in_by_the_link_alone(tmp_path: Path) -> None:
    here("people", "add", EMAIL, "--data", tmp_path)
    link = here("people", "reset-password", EMAIL, "--lost-everything", "--data", tmp_path, "--json").json()["link"]
    assert link.startswith("http://127.0.0.1:8000/api/v1/auth/link#reset.")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("add", "nonsense"), 2, "expected an e-mail address"),
        (("add", EMAIL), 2, "somebody has the address"),
        (("add", "joe@broker.test", "--language", "german"), 2, "language"),
        (("disable", "joe@broker.test"), 3, "nobody has the address"),
        (("reset-password", "nonsense"), 2, "expected an e-mail address"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, arguments: tuple[str, ...], code: int, words: str) -> None:
    here("people", "add", EMAIL, "--data", tmp_path)
    done = here("people", *arguments, "--data", tmp_path)
    assert done.code == code
    assert words in done.err
