"""What the provider can do, and its public keys (OpenID Connect Discovery 1.0, RFC 8414)."""

from typing import Any

from litestar import Response, get

from prorata.control.oidc.claims import CLAIMS
from prorata.control.oidc.keys import Algorithm
from prorata.control.oidc.scopes import TokenScope
from prorata.rest.oidc.call import AnyCall
from prorata.rest.oidc.token import GRANTS

CONFIGURATION = "/.well-known/openid-configuration"
SERVER = "/.well-known/oauth-authorization-server"
KEYS = "/.well-known/jwks.json"
KEPT = {"cache-control": "public, max-age=900"}
"""how long others may keep what is here: keys are published an hour ahead"""
_PROOFS = ["client_secret_basic", "client_secret_post"]
_OF_TOKENS = ("iss", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid")


@get([CONFIGURATION, SERVER])
async def configuration(call: AnyCall) -> Response[dict[str, Any]]:
    issuer = call.issuer
    return Response(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/connect/authorize",
            "token_endpoint": f"{issuer}/connect/token",
            "userinfo_endpoint": f"{issuer}/connect/userinfo",
            "jwks_uri": f"{issuer}{KEYS}",
            "revocation_endpoint": f"{issuer}/connect/revocation",
            "introspection_endpoint": f"{issuer}/connect/introspect",
            "end_session_endpoint": f"{issuer}/connect/endsession",
            "scopes_supported": [scope.value for scope in TokenScope],
            "claims_supported": [*_OF_TOKENS, *CLAIMS],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [algorithm.value for algorithm in Algorithm],
            "token_endpoint_auth_methods_supported": [*_PROOFS, "none"],
            "revocation_endpoint_auth_methods_supported": [*_PROOFS, "none"],
            "introspection_endpoint_auth_methods_supported": _PROOFS,
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["none", "login", "select_account"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "authorization_response_iss_parameter_supported": True,
        },
        headers=KEPT,
    )


@get(KEYS)
async def jwks(call: AnyCall) -> Response[dict[str, Any]]:
    return Response({"keys": await call.sql(call.oidc.keys.published)}, headers=KEPT)
