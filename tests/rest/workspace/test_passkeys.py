"""Passkeys: added, signed in with, removed; and every answer that does not fit is refused."""

from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from prorata.control.people.passkeys import PASSKEYS_MAX
from prorata.control.people.tickets import LIFE_MS, Purpose
from tests.rest.workspace.authenticator import Authenticator
from tests.rest.workspace.stage import WorkspaceStage

MINE = "/api/v1/me/passkeys"
SIGN_IN = "/api/v1/auth/passkey"


def added(mine: httpx2.Client, device: Authenticator, name: str = "Phone") -> httpx2.Response:
    asked = mine.post(f"{MINE}/ask").json()
    body = {"ticket": asked["ticket"], "credential": device.create(asked["options"]), "name": name}
    return mine.post(MINE, json=body)


def asked(stage: WorkspaceStage) -> dict[str, Any]:
    question: dict[str, Any] = stage.client().post(f"{SIGN_IN}/ask").json()
    return question


def signed_in(stage: WorkspaceStage, device: Authenticator) -> httpx2.Response:
    question = asked(stage)
    body = {"ticket": question["ticket"], "credential": device.get(question["options"]), "token": True}
    return stage.client().post(SIGN_IN, json=body)


@pytest.fixture
def mine(stage: WorkspaceStage) -> httpx2.Client:
    return stage.signed_in(stage.person())


@pytest.fixture
def device(mine: httpx2.Client) -> Authenticator:
    device = Authenticator()
    assert added(mine, device).status_code == 201
    return device


def test_a_passkey_signs_in_by_itself(stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator) -> None:
    answer = signed_in(stage, device)
    assert answer.status_code == 200, answer.text
    other = stage.client(authorization=f"Bearer {answer.json()['token']}")
    assert other.get("/api/v1/me").json()["uuid"] == mine.get("/api/v1/me").json()["uuid"]
    current = next(one for one in other.get("/api/v1/me/sign-ins").json() if one["current"])
    assert current["methods"] == ["hwk", "user", "mfa"]
    (shown,) = mine.get(MINE).json()
    assert shown["name"] == "Phone"
    assert shown["used_at"] is not None


def test_a_passkey_needs_no_code_after_it(stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator) -> None:
    begun = mine.post("/api/v1/me/totp").json()
    code = pyotp.TOTP(begun["secret"]).at(stage.clock.moment // 1000)
    assert mine.post("/api/v1/me/totp/confirm", json={"code": code}).status_code == 200
    assert signed_in(stage, device).json()["state"] == "signed_in"


def test_a_removed_passkey_signs_nobody_in(stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator) -> None:
    (shown,) = mine.get(MINE).json()
    somebody = stage.signed_in(stage.person())
    assert somebody.delete(f"{MINE}/{shown['uuid']}").status_code == 404
    assert mine.delete(f"{MINE}/{shown['uuid']}").json()["name"] == "Phone"
    answer = signed_in(stage, device)
    assert (answer.status_code, answer.json()["refusal"]) == (422, "PASSKEY_REFUSED")


def test_a_passkey_of_a_disabled_person_signs_nobody_in(
    stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator
) -> None:
    person = stage.control.people.by_uuid(mine.get("/api/v1/me").json()["uuid"])
    assert person is not None
    stage.control.people.disable(person.id)
    assert signed_in(stage, device).json()["refusal"] == "CREDENTIALS_WRONG"


def test_an_answer_is_taken_once(stage: WorkspaceStage, device: Authenticator) -> None:
    question = asked(stage)
    body = {"ticket": question["ticket"], "credential": device.get(question["options"])}
    assert stage.client().post(SIGN_IN, json=body).status_code == 200
    assert stage.client().post(SIGN_IN, json=body).json()["refusal"] == "LINK_SPENT"
    other = asked(stage)["ticket"]
    assert stage.client().post(SIGN_IN, json={**body, "ticket": other}).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_question_expires(stage: WorkspaceStage, device: Authenticator) -> None:
    question = asked(stage)
    with stage.later(LIFE_MS[Purpose.PASSKEY]):
        body = {"ticket": question["ticket"], "credential": device.get(question["options"])}
        assert stage.client().post(SIGN_IN, json=body).json()["refusal"] == "LINK_SPENT"


def test_an_answer_from_another_site_is_refused(stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator) -> None:
    assert added(mine, Authenticator("https://broker.evil")).json()["refusal"] == "PASSKEY_REFUSED"
    device.origin = "https://broker.evil"
    assert signed_in(stage, device).json()["refusal"] == "PASSKEY_REFUSED"


def test_the_device_must_have_made_sure_who_is_there(stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator) -> None:
    assert added(mine, Authenticator(verifies=False)).json()["refusal"] == "PASSKEY_REFUSED"
    device.verifies = False
    assert signed_in(stage, device).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_counter_that_does_not_go_on_is_a_copied_key(stage: WorkspaceStage, device: Authenticator) -> None:
    assert signed_in(stage, device).status_code == 200
    device.uses -= 1
    assert signed_in(stage, device).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_key_that_answers_for_another_person_is_refused(stage: WorkspaceStage, device: Authenticator) -> None:
    device.handle = bytes(16)
    assert signed_in(stage, device).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_forged_signature_is_refused(stage: WorkspaceStage, device: Authenticator) -> None:
    forger = Authenticator()
    forger.id, forger.handle = device.id, device.handle
    assert signed_in(stage, forger).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_passkey_is_added_once_and_by_who_was_asked(
    stage: WorkspaceStage, mine: httpx2.Client, device: Authenticator
) -> None:
    assert added(mine, device).json()["refusal"] == "PASSKEY_REFUSED"
    somebody = stage.signed_in(stage.person())
    question = mine.post(f"{MINE}/ask").json()
    body = {"ticket": question["ticket"], "credential": Authenticator().create(question["options"]), "name": "X"}
    assert somebody.post(MINE, json=body).json()["refusal"] == "PASSKEY_REFUSED"
    assert mine.post(MINE, json=body).json()["refusal"] == "LINK_SPENT"


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}},
        {"id": "%%%", "rawId": 5, "type": "public-key", "response": []},
        {
            "id": "AAAA", "rawId": "AAAA", "type": "public-key",
            "response": {
                "clientDataJSON": "bm8", "authenticatorData": "bm8", "signature": "bm8", "attestationObject": "bm8",
                "userHandle": "\u00fc",
            },
        },
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(stage: WorkspaceStage, mine: httpx2.Client, credential: dict[str, Any]) -> None:
    body = {"ticket": asked(stage)["ticket"], "credential": credential}
    assert stage.client().post(SIGN_IN, json=body).json()["refusal"] == "PASSKEY_REFUSED"
    body = {"ticket": mine.post(f"{MINE}/ask").json()["ticket"], "credential": credential, "name": "X"}
    assert mine.post(MINE, json=body).json()["refusal"] == "PASSKEY_REFUSED"


def test_a_person_has_only_so_many(mine: httpx2.Client) -> None:
    for _ in range(PASSKEYS_MAX):
        assert added(mine, Authenticator()).status_code == 201
    answer = mine.post(f"{MINE}/ask")
    assert (answer.status_code, answer.json()["refusal"]) == (400, "OUT_OF_RANGE")


def test_on_this_machine_browsers_know_us_as_localhost(tmp_path: Path) -> None:
    local = WorkspaceStage(tmp_path, url="http://127.0.0.1:8000")
    mine = local.signed_in(local.person())
    assert mine.post(f"{MINE}/ask").json()["options"]["rp"]["id"] == "localhost"
    device = Authenticator("http://localhost:8000")
    assert added(mine, device).status_code == 201
    assert signed_in(local, device).status_code == 200
    local.stop()
