"""API clients and applications of an organization, over HTTP: made, changed, ended, and by whom not."""

from typing import Any

import pytest

from prorata.control.oidc.scopes import Surface
from tests.rest.oidc.stage import REDIRECT, Stage

ROBOT = {"name": "Robot", "permissions": ["trades.read"]}
PAGE = {"name": "Page", "redirects": [REDIRECT]}


def root(stage: Stage, kind: str = "api-clients") -> str:
    return f"/api/v1/organizations/{stage.organization.uuid}/{kind}"


def test_a_client_s_life(stage: Stage) -> None:
    manager = stage.manager()
    made = manager.post(root(stage), json={**ROBOT, "addresses": ["127.0.0.1", "10.0.0.0/8"]})
    assert made.status_code == 201, made.text
    client, secret = made.json()["client"], made.json()["secret"]
    address = f"{root(stage)}/{client['client_id']}"
    assert client["addresses"] == ["127.0.0.1/32", "10.0.0.0/8"]
    assert (client["permissions"], client["platforms"], client["used_at"]) == (["trades.read"], None, None)
    token = stage.judge(client["client_id"], secret).fetch_token(grant_type="client_credentials", scope="webapi")
    assert stage.control.oidc.tokens.check(token["access_token"].encode()) is not None
    assert manager.get(address).json()["used_at"] is not None

    changed = manager.patch(address, json={"name": "Robot 2", "permissions": ["trades.read", "trades.deal"], "addresses": []})
    assert (changed.json()["name"], changed.json()["permissions"]) == ("Robot 2", ["trades.deal", "trades.read"])
    assert client["client_id"] in [one["client_id"] for one in manager.get(root(stage)).json()]

    rotated = manager.post(f"{address}/rotate-secret", json={"overlap_hours": 1}).json()
    assert rotated["secret"] != secret
    assert [one["expires_at"] is None for one in rotated["client"]["secrets"]] == [True, False]
    assert manager.patch(address, json={"enabled": False}).json()["enabled"] is False
    assert stage.control.oidc.tokens.check(token["access_token"].encode()) is None
    assert manager.delete(address).json() == {"client_id": client["client_id"]}
    assert [manager.get(address).status_code, manager.delete(address).status_code] == [404, 404]


def test_an_application_s_life(stage: Stage) -> None:
    manager, applications = stage.manager(), root(stage, "applications")
    made = manager.post(applications, json={**PAGE, "scopes": ["openid", "api"]}).json()
    client_id, secret = made["application"]["client_id"], made["secret"]
    address = f"{applications}/{client_id}"
    assert (made["application"]["scopes"], made["application"]["public"]) == (["openid", "api"], False)
    application = stage.control.oidc.applications.get(stage.organization.id, client_id)
    token = stage.tokens(stage.owner, application, secret, "openid api")["access_token"].encode()
    assert stage.control.oidc.tokens.check(token, Surface.API) is not None
    redirects = ["https://other.test/in", "http://127.0.0.1:3000/in", "com.example.app:/in"]
    changed = manager.patch(address, json={"redirects": redirects, "name": "Other"}).json()
    assert (changed["redirects"], changed["name"]) == (redirects, "Other")
    assert manager.get(address).json() == changed
    assert manager.post(f"{address}/rotate-secret", json={}).json()["secret"] != secret
    assert manager.patch(address, json={"enabled": False}).json()["enabled"] is False
    assert stage.control.oidc.tokens.check(token, Surface.API) is None
    assert manager.delete(address).status_code == 200
    assert client_id not in [one["client_id"] for one in manager.get(applications).json()]
    public = manager.post(applications, json={**PAGE, "public": True}).json()
    assert public["secret"] is None
    assert manager.post(f"{applications}/{public['application']['client_id']}/rotate-secret", json={}).status_code == 404


@pytest.mark.parametrize("kind", ["api-clients", "applications"])
def test_only_who_manages_programs_reaches_them(stage: Stage, kind: str) -> None:
    client_id = (stage.program() if kind == "api-clients" else stage.application())[0].client_id
    reader, stranger = stage.person(), stage.person()
    stage.member(reader, "Read-only")
    body = ROBOT if kind == "api-clients" else PAGE
    address = f"{root(stage, kind)}/{client_id}"
    for person, status, code in ((reader, 403, 1004), (stranger, 404, 1005), (None, 401, 1003)):
        caller = stage.client() if person is None else stage.manager(person)
        answers = [
            caller.get(root(stage, kind)),
            caller.post(root(stage, kind), json=body),
            caller.get(address),
            caller.patch(address, json={"name": "x"}),
            caller.post(f"{address}/rotate-secret", json={}),
            caller.delete(address),
        ]
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(status, code)}
    # Those of another organization are as if there were none.
    other = stage.control.organizations.add(stranger.id, "Elsewhere")
    theirs = f"/api/v1/organizations/{other.uuid}/{kind}/{client_id}"
    caller = stage.manager(stranger)
    answers = [caller.get(theirs), caller.patch(theirs, json={"name": "x"}), caller.delete(theirs)]
    answers.append(caller.post(f"{theirs}/rotate-secret", json={}))
    assert {answer.status_code for answer in answers} == {404}


def test_nobody_gives_a_client_what_he_lacks(stage: Stage) -> None:
    developer = stage.person()
    stage.member(developer, "Developer")
    caller = stage.manager(developer)
    assert caller.post(root(stage), json={**ROBOT, "permissions": ["trades.deal"]}).status_code == 403
    mine = f"{root(stage)}/{caller.post(root(stage), json=ROBOT).json()['client']['client_id']}"
    assert caller.patch(mine, json={"permissions": ["money.move"]}).status_code == 403
    # Nor does he get a secret of one that may do more than he, or widen what he does not reach.
    stronger = f"{root(stage)}/{stage.program({'money.move'})[0].client_id}"
    assert caller.post(f"{stronger}/rotate-secret", json={}).status_code == 403
    assert caller.patch(stronger, json={"platforms": []}).status_code == 403
    assert caller.patch(stronger, json={"enabled": False, "name": "Stopped"}).status_code == 200


def test_whoever_is_narrowed_to_platforms_makes_no_client_for_all(stage: Stage) -> None:
    person = stage.person()
    stage.member(person, "Developer", platforms=frozenset())
    caller = stage.manager(person)
    assert caller.post(root(stage), json=ROBOT).status_code == 403
    assert caller.post(root(stage), json={**ROBOT, "platforms": []}).status_code == 201


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x" * 129}, 400),
        ({"permissions": ["trades.everything"]}, 422),
        ({"platforms": ["7c1d0a3e-6f2b-4b1e-9d55-0a8f3f1f7c11"]}, 422),
        ({"platforms": ["short"]}, 400),
        ({"addresses": ["somewhere"]}, 400),
        ({"addresses": ["10.0.0.1/8"]}, 400),
        ({"addresses": ["10.0.0.1"] * 51}, 400),
        ({"unknown": 1}, 400),
    ],
)
def test_a_client_that_does_not_fit_is_refused(stage: Stage, change: dict[str, Any], status: int) -> None:
    manager = stage.manager()
    assert manager.post(root(stage), json={**ROBOT, **change}).status_code == status
    client = stage.program({"trades.read"})[0]
    address = f"{root(stage)}/{client.client_id}"
    before = manager.get(address).json()
    assert manager.patch(address, json=change).status_code == status
    assert manager.get(address).json() == before


@pytest.mark.parametrize(
    "redirect",
    [
        "", "/in", "app.test/in", "http://app.test/in", "https://", "https://a:b@app.test/", "https://app.test/#x",
        "javascript:alert(1)", "data:text/html,x", "https://app.test/ x", "https://app.test\\@evil.test", "https://[/",
        "https://app.test:99999/", "https://app.test/" + "x" * 1_024, "file:///x", "https://app.test/\u00e9",
    ],
)  # fmt: skip
def test_an_address_that_codes_must_not_be_sent_to_is_refused(stage: Stage, redirect: str) -> None:
    manager, applications = stage.manager(), root(stage, "applications")
    answers = [
        manager.post(applications, json={**PAGE, "redirects": [redirect]}),
        manager.post(applications, json={**PAGE, "logout_redirects": [redirect]}),
        manager.patch(f"{applications}/{stage.application()[0].client_id}", json={"redirects": [REDIRECT, redirect]}),
    ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(400, 1001)}


@pytest.mark.parametrize("change", [{"scopes": ["everything"]}, {"redirects": []}, {"id_token_algorithm": "none"}])
def test_an_application_that_does_not_fit_is_refused(stage: Stage, change: dict[str, Any]) -> None:
    assert stage.manager().post(root(stage, "applications"), json={**PAGE, **change}).status_code == 400


def test_every_change_is_audited_without_its_secret(stage: Stage) -> None:
    manager = stage.manager()
    made = manager.post(root(stage), json=ROBOT).json()
    address = f"{root(stage)}/{made['client']['client_id']}"
    manager.patch(address, json={"permissions": []})
    rows = [row.action for row in stage.control.audit.rows(limit=100_000)][-2:]
    assert [row.method for row in rows] == [
        "POST organizations/{organization}/api-clients",
        "PATCH organizations/{organization}/api-clients/{client_id}",
    ]
    assert ('"trades.read"' in rows[1].before, '"permissions":[]' in rows[1].after) == (True, True)
    assert {row.organization_id for row in rows} == {stage.organization.id}
    assert made["secret"] not in "".join(row.request + row.after for row in rows)
