"""Tokens ended by those who hold them (RFC 7009), and looked at by those who are shown them (RFC 7662)."""

from typing import Any

from litestar import Response, post

from prorata.control.oidc.checking import TokenClaims
from prorata.control.oidc.scopes import text_of
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, invalid_request
from prorata.rest.oidc.proving import Client, client_of, confidential_client_of, organization_of


@post("/connect/revocation", status_code=200)
async def revocation(call: AnyCall) -> Response[None]:
    """End a token: an access token alone, with a refresh token all that came of its authorization."""
    form = await call.form()
    client = client_of(call, form)
    token = _token_in(form)
    said = call.oidc.tokens.read(token.encode())
    if said is not None:
        _check_own(client, said.client_id)
        await call.sql(call.oidc.revocations.revoke, said.id)
    else:
        found = await call.sql(call.oidc.authorizations.find_refresh, token)
        if found is not None:
            _check_own(client, found[0].client_id)
            await call.sql(call.oidc.authorizations.revoke, found[0].uuid)
    # One that is unknown or has ended is as good as revoked (2.2).
    return Response(None, headers=NO_STORE)


@post("/connect/introspect", status_code=200)
async def introspect(call: AnyCall) -> Response[dict[str, Any]]:
    """Say what a token is good for; one of another organization is as good as none."""
    form = await call.form()
    client = confidential_client_of(call, form)
    token = _token_in(form)
    said = call.oidc.tokens.read(token.encode())
    if said is not None:
        return Response(_of_access(client, said), headers=NO_STORE)
    return Response(await _of_refresh(call, client, token), headers=NO_STORE)


def _of_access(client: Client, said: TokenClaims) -> dict[str, Any]:
    if organization_of(client) not in (None, said.tenant):
        return {"active": False}
    return {
        "active": True, "iss": said.issuer, "sub": said.subject, "client_id": said.client_id, "scope": text_of(said.scopes),
        "token_type": "Bearer", "iat": said.issued_at // 1_000, "exp": said.expires_at // 1_000, "jti": said.id,
        "tenant": said.tenant,
    }  # fmt: skip


async def _of_refresh(call: Call, client: Client, token: str) -> dict[str, Any]:
    found = await call.sql(call.oidc.authorizations.find_refresh, token)
    if found is None or organization_of(client) not in (None, found[0].organization_uuid):
        return {"active": False}
    authorization, expires_at = found
    return {
        "active": True, "iss": call.issuer, "sub": authorization.person_uuid, "client_id": authorization.client_id,
        "scope": text_of(authorization.scopes), "exp": expires_at // 1_000, "tenant": authorization.organization_uuid,
    }  # fmt: skip


def _check_own(client: Client, client_id: str) -> None:
    if client.client_id != client_id:
        raise OAuthError("invalid_grant", "the token was issued to another client")


def _token_in(form: dict[str, str]) -> str:
    token = form.get("token", "")
    if not token:
        raise invalid_request("token: missing")
    return token
