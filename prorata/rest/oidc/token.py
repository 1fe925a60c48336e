"""/connect/token: a code, a refresh token or a client's secret is exchanged for tokens (RFC 6749, 4.1.3, 4.4.2 and 6)."""

from typing import Any

import msgspec
from litestar import Response, post

from prorata.access.callers import NotFound
from prorata.control.api_clients.store import ApiClient
from prorata.control.oidc.applications import Application
from prorata.control.oidc.authorizations import Authorization, BadGrant
from prorata.control.oidc.claims import claims_of
from prorata.control.oidc.scopes import PROGRAM_SCOPES, TokenScope, UnknownScope, scopes_in, text_of
from prorata.control.oidc.tokens import TOKEN_LIFE_SECONDS, AccessGiven, access_token, id_token
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, invalid_request
from prorata.rest.oidc.proving import Client, client_of

BEARER = "Bearer"
GRANTS = ("client_credentials", "authorization_code", "refresh_token")


class Tokens(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    access_token: str
    token_type: str
    expires_in: int
    scope: str
    refresh_token: str = ""
    id_token: str = ""


@post("/connect/token", status_code=200)
async def token(call: AnyCall) -> Response[Tokens]:
    form = await call.form()
    client = client_of(call, form)
    match form.get("grant_type"):
        case "client_credentials":
            tokens = await call.sql(_by_secret, call, client, form)
        case "authorization_code":
            tokens = await _by_code(call, client, form)
        case "refresh_token":
            tokens = await _by_refresh(call, client, form)
        case None:
            raise invalid_request("grant_type: missing")
        case _:
            raise OAuthError("unsupported_grant_type", f"grant_type: expected one of {', '.join(GRANTS)}")
    return Response(tokens, headers=NO_STORE)


def _by_secret(call: Call, client: Client, form: dict[str, str]) -> Tokens:
    """A program gets a token of its own."""
    if not isinstance(client, ApiClient):
        raise OAuthError("unauthorized_client", "an application acts for people; an API client acts for itself")
    scopes = _scopes(form.get("scope", TokenScope.WEBAPI.value), PROGRAM_SCOPES)
    given = AccessGiven(
        issuer=call.issuer, subject=client.client_id, client_id=client.client_id, scopes=scopes, tenant=client.organization_uuid
    )
    return _tokens(access_token(call.oidc.keys, given, call.now()), scopes)


async def _by_code(call: Call, client: Client, form: dict[str, str]) -> Tokens:
    """An application gets what a person has just given it."""
    application = _application(client)
    code, redirect, verifier = (_needed(form, name) for name in ("code", "redirect_uri", "code_verifier"))
    try:
        authorization = await call.sql(
            call.oidc.authorizations.redeem, code, client_id=application.client_id, redirect=redirect, verifier=verifier
        )
    except BadGrant as problem:
        await call.audit(f"application {application.client_id}", "token", "invalid_grant", reason=str(problem))
        raise OAuthError("invalid_grant", str(problem)) from None
    return await call.sql(_for_person, call, application, authorization, authorization.scopes)


async def _by_refresh(call: Call, client: Client, form: dict[str, str]) -> Tokens:
    """An application goes on with what a person gave it earlier; it may ask for less than that."""
    application = _application(client)
    given = _needed(form, "refresh_token")
    wanted = _scopes(form["scope"], application.scopes) if "scope" in form else None
    try:
        authorization, following = await call.sql(
            call.oidc.authorizations.refresh, given, client_id=application.client_id, wanted=wanted
        )
    except UnknownScope as problem:
        raise OAuthError("invalid_scope", str(problem)) from None
    except BadGrant as problem:
        await call.audit(f"application {application.client_id}", "token", "invalid_grant", reason=str(problem))
        raise OAuthError("invalid_grant", str(problem)) from None
    return await call.sql(_for_person, call, application, authorization, wanted or authorization.scopes, following)


def _for_person(
    call: Call, application: Application, authorization: Authorization, scopes: frozenset[TokenScope], following: str = ""
) -> Tokens:
    """Return tokens of an authorization. The person must still be there, and a member of the organization."""
    claims = claims_of(call.control.database, authorization.person_uuid, authorization.organization_uuid, scopes)
    if claims is None or not _is_member(call, authorization):
        raise OAuthError("invalid_grant", "the person may no longer sign in here")
    given = AccessGiven(
        issuer=call.issuer, subject=authorization.person_uuid, client_id=application.client_id, scopes=scopes,
        tenant=authorization.organization_uuid, authorization=authorization.uuid,
    )  # fmt: skip
    access = access_token(call.oidc.keys, given, call.now())
    identity = ""
    if TokenScope.OPENID in scopes:
        said = claims | _of_sign_in(authorization) | {"iss": call.issuer, "aud": application.client_id}
        identity = id_token(call.oidc.keys, application.algorithm, said, access=access, now=call.now())
    if not following and TokenScope.OFFLINE_ACCESS in scopes:
        following = call.oidc.authorizations.issue_refresh(authorization)
    return _tokens(access, scopes, following, identity)


def _of_sign_in(authorization: Authorization) -> dict[str, Any]:
    said: dict[str, Any] = {"auth_time": authorization.proved_at // 1_000, "sid": authorization.sign_in}
    if authorization.nonce:
        said["nonce"] = authorization.nonce
    if authorization.methods:
        said["amr"] = list(authorization.methods)
    return said


def _is_member(call: Call, authorization: Authorization) -> bool:
    if not authorization.organization_uuid:
        return True
    try:
        call.control.organizations.grant_of(authorization.person_id, authorization.organization_uuid)
    except NotFound:
        return False
    return True


def _tokens(access: str, scopes: frozenset[TokenScope], refresh: str = "", identity: str = "") -> Tokens:
    return Tokens(
        access_token=access, token_type=BEARER, expires_in=TOKEN_LIFE_SECONDS, scope=text_of(scopes), refresh_token=refresh,
        id_token=identity,
    )  # fmt: skip


def _application(client: Client) -> Application:
    if not isinstance(client, Application):
        raise OAuthError("unauthorized_client", "an API client acts for itself; an application acts for people")
    return client


def _scopes(text: str, allowed: frozenset[TokenScope]) -> frozenset[TokenScope]:
    try:
        return scopes_in(text, allowed)
    except UnknownScope as problem:
        raise OAuthError("invalid_scope", str(problem)) from None


def _needed(form: dict[str, str], name: str) -> str:
    value = form.get(name, "")
    if not value:
        raise invalid_request(f"{name}: missing")
    return value
