"""/connect/userinfo: who the person is, for an application that he has signed in to (OpenID Connect Core, 5.3)."""

from typing import Any

from litestar import HttpMethod, Response, route

from prorata.control.oidc.claims import claims_of
from prorata.control.oidc.scopes import TokenScope
from prorata.rest.oidc.call import AnyCall
from prorata.rest.oidc.errors import NO_STORE, OAuthError, invalid_token


@route("/connect/userinfo", http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200)
async def userinfo(call: AnyCall) -> Response[dict[str, Any]]:
    authorization = call.request.headers.get("authorization", "")
    if authorization[:7].lower() != "bearer ":
        raise invalid_token("an access token is needed")
    said = call.oidc.tokens.read(authorization[7:].strip().encode("latin-1"))
    if said is None:
        raise invalid_token()
    if TokenScope.OPENID not in said.scopes:
        raise OAuthError("insufficient_scope", "the token lacks the scope openid", status=403, scheme="Bearer")
    claims = await call.sql(claims_of, call.control.database, said.subject, said.tenant, said.scopes)
    if claims is None:
        raise invalid_token()
    return Response(claims, headers=NO_STORE)
