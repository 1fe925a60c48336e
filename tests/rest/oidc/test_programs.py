"""Programs: a client's id and secret for an access token, by Authlib's client and by hand."""

import base64
import hmac
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from prorata.control.oidc.scopes import Surface
from tests.rest.oidc.stage import Stage


def asked(stage: Stage, form: dict[str, str], **headers: str) -> tuple[int, dict[str, Any]]:
    answer = stage.client(**headers).post("/connect/token", data=form)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
def test_an_independent_client_gets_a_token_for_the_webapi(stage: Stage, method: str) -> None:
    client, secret = stage.program()
    judge = stage.judge(client.client_id, secret, token_endpoint_auth_method=method)
    token = judge.fetch_token(grant_type="client_credentials", scope="webapi")
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, "webapi")
    keys = KeySet.import_key_set(stage.client().get("/.well-known/jwks.json").json())
    decoded = jwt.decode(token["access_token"], keys, algorithms=["RS256"])
    assert decoded.header["typ"] == "at+jwt"
    claims = decoded.claims
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["tenant"] == stage.organization.uuid
    expected = {"iss": stage.url, "sub": client.client_id, "client_id": client.client_id, "aud": "webapi", "scope": "webapi"}
    assert {name: claims[name] for name in expected} == expected


def test_a_token_for_our_own_api_is_signed_with_the_other_algorithm(stage: Stage) -> None:
    token = stage.program_token(*stage.program(), scope="api")
    keys = KeySet.import_key_set(stage.client().get("/.well-known/jwks.json").json())
    assert jwt.decode(token, keys, algorithms=["ES256"]).claims["aud"] == "api"


def test_a_token_says_who_calls_and_what_he_may_do(stage: Stage) -> None:
    client, secret = stage.program({"trades.read", "trades.deal"})
    caller = stage.control.oidc.tokens.check(stage.program_token(client, secret).encode())
    assert caller is not None
    assert (caller.client_id, caller.subject, caller.organization_uuid) == (client.client_id,) * 2 + (stage.organization.uuid,)
    assert caller.grant == client.grant
    assert stage.control.oidc.tokens.check(stage.program_token(client, secret).encode(), Surface.API) is None


@pytest.mark.parametrize(
    ("scope", "left"),
    [
        ("webapi.read", {"trades.read"}),
        ("webapi.write", {"trades.deal"}),
        ("webapi.read webapi.write", {"trades.read", "trades.deal"}),
    ],
)
def test_a_scope_narrows_what_a_token_may_do(stage: Stage, scope: str, left: set[str]) -> None:
    token = stage.program_token(*stage.program({"trades.read", "trades.deal"}), scope)
    caller = stage.control.oidc.tokens.check(token.encode())
    assert caller is not None
    assert caller.grant.permissions == left


def test_what_a_client_may_do_is_what_it_may_do_now(stage: Stage) -> None:
    client, secret = stage.program({"trades.read", "trades.deal"})
    token = stage.program_token(client, secret).encode()
    assert stage.control.oidc.tokens.check(token) is not None
    stage.change(client, permissions=frozenset({"trades.read"}))
    caller = stage.control.oidc.tokens.check(token)
    assert caller is not None
    assert caller.grant.permissions == {"trades.read"}


# What is refused.


def test_a_wrong_secret_and_an_unknown_client_answer_alike(stage: Stage) -> None:
    client, _ = stage.program()
    form = {"grant_type": "client_credentials", "client_secret": "prs_wrong"}
    wrong = asked(stage, {**form, "client_id": client.client_id})
    assert wrong == (401, {"error": "invalid_client", "error_description": "no client is known by this"})
    assert asked(stage, {**form, "client_id": "nobody"}) == wrong
    assert asked(stage, {"grant_type": "client_credentials", "client_id": client.client_id}) == wrong
    assert asked(stage, {"grant_type": "client_credentials"}) == wrong


@pytest.mark.parametrize("header", ["Basic !", "Basic " + base64.b64encode(b"\xff:x").decode(), "Bearer x", "Basic"])
def test_a_header_that_proves_nothing_is_answered_with_how_to_do_it(stage: Stage, header: str) -> None:
    answer = stage.client(authorization=header).post("/connect/token", data={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_disabled_client_gets_no_token_and_those_it_has_are_worth_nothing(stage: Stage) -> None:
    client, secret = stage.program()
    token = stage.program_token(client, secret).encode()
    assert stage.control.oidc.tokens.check(token) is not None
    stage.change(client, disabled=True)
    assert stage.control.oidc.tokens.check(token) is None
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    assert asked(stage, form)[0] == 401
    stage.change(client, disabled=False)
    assert stage.control.oidc.tokens.check(token) is not None
    stage.control.api_clients.remove(stage.organization.id, client.client_id, by=stage.owner.id)
    assert stage.control.oidc.tokens.check(token) is None


def test_a_rotated_secret_is_good_until_its_overlap_is_over(stage: Stage) -> None:
    client, old = stage.program()
    _, new = stage.control.api_clients.rotate(stage.organization.id, client.client_id, overlap_ms=60_000, by=stage.owner.id)
    form = {"grant_type": "client_credentials", "client_id": client.client_id}
    assert [asked(stage, {**form, "client_secret": secret})[0] for secret in (old, new)] == [200, 200]
    with stage.later(60_000):
        assert [asked(stage, {**form, "client_secret": secret})[0] for secret in (old, new)] == [401, 200]


def test_a_client_calls_from_its_addresses_alone(stage: Stage) -> None:
    client, secret = stage.program(addresses=("192.0.2.0/24",))
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    status, said = asked(stage, form)
    assert (status, said["error"]) == (400, "unauthorized_client")
    stage.change(client, addresses=("127.0.0.0/8",))
    assert asked(stage, form)[0] == 200


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x", "redirect_uri": "x", "code_verifier": "x"}, "unauthorized_client"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "unauthorized_client"),
        ({"grant_type": "client_credentials", "scope": "openid"}, "invalid_scope"),
        ({"grant_type": "client_credentials", "scope": "webapi everything"}, "invalid_scope"),
    ],
)
def test_what_a_program_may_not_ask_is_told_by_its_word(stage: Stage, form: dict[str, str], word: str) -> None:
    client, secret = stage.program()
    status, said = asked(stage, {"client_id": client.client_id, "client_secret": secret, **form})
    assert (status, said["error"]) == (400, word)


@pytest.mark.parametrize(
    "body",
    [b"grant_type=client_credentials&grant_type=client_credentials", b"\xff=1", b"&".join(b"a%d=1" % n for n in range(60)),
     b"scope=" + b"a" * 5_000, b"scope=%00"],
)  # fmt: skip
def test_a_form_that_is_none_is_refused(stage: Stage, body: bytes) -> None:
    head = {"content-type": "application/x-www-form-urlencoded"}
    answer = stage.client().post("/connect/token", content=body, headers=head)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert stage.client().post("/connect/token", json={"grant_type": "client_credentials"}).json()["error"] == "invalid_request"
    assert stage.client().post("/connect/token", content=b"a" * 70_000, headers=head).status_code == 413


# Tokens that are not ours.


def test_a_token_that_another_key_signed_is_nobodys(stage: Stage) -> None:
    token = stage.program_token(*stage.program())
    header, claims, signature = token.split(".")
    public = next(key for key in stage.client().get("/.well-known/jwks.json").json()["keys"] if key["alg"] == "RS256")
    pem = RSAKey.import_key(public).as_pem(private=False)
    kid = public["kid"]

    def coded(text: bytes) -> str:
        return base64.urlsafe_b64encode(text).rstrip(b"=").decode()

    none = f"{coded(msgspec.json.encode({'alg': 'none', 'typ': 'at+jwt', 'kid': kid}))}.{claims}."
    signed = f"{coded(msgspec.json.encode({'alg': 'HS256', 'typ': 'at+jwt', 'kid': kid}))}.{claims}"
    # Signed with our public key as if it were a shared secret.
    confused = f"{signed}.{coded(hmac.digest(pem, signed.encode(), 'sha256'))}"
    forged = [
        none, none + signature, confused, f"{header}.{claims}.{coded(b'x' * 256)}", f"{header}.{claims}", "", ".", "a.b.c",
        f"{header}.{coded(b'{}')}.{signature}", token + "x", token[:-4],
    ]  # fmt: skip
    assert [stage.control.oidc.tokens.check(one.encode()) for one in forged] == [None] * len(forged)
    assert stage.control.oidc.tokens.check(token.encode()) is not None


def test_a_token_ends_after_an_hour(stage: Stage) -> None:
    token = stage.program_token(*stage.program()).encode()
    with stage.later(3_595_000):
        assert stage.control.oidc.tokens.check(token) is not None
    with stage.later(3_601_000):
        assert stage.control.oidc.tokens.check(token) is None
