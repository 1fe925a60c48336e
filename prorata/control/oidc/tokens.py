"""Access tokens (RFC 9068) and ID tokens, made and signed.

What is for the WebAPI is signed with RS256, which its clients expect, all else with ES256, which is smaller.
"""

import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import msgspec
from joserfc import jwt

from prorata.control.oidc.keys import TOKEN_LIFE_MS, Algorithm, SigningKeys
from prorata.control.oidc.scopes import Surface, TokenScope, surfaces_of, text_of
from prorata.units.numbers import Moment

ACCESS_TYPE = "at+jwt"
TOKEN_LIFE_SECONDS = TOKEN_LIFE_MS // 1_000


class AccessGiven(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token says. `tenant`: uuid of an organization, or "". `authorization`: uuid, "" for a program's own."""

    issuer: str
    subject: str
    client_id: str
    scopes: frozenset[TokenScope]
    tenant: str
    authorization: str = ""


def access_token(keys: SigningKeys, given: AccessGiven, now: Moment) -> str:
    """Return a signed access token that lives for an hour."""
    surfaces = surfaces_of(given.scopes)
    # Who may be asked about the person is the provider itself.
    audience: list[str] = [*surfaces, given.issuer] if TokenScope.OPENID in given.scopes or not surfaces else [*surfaces]
    claims = {
        "iss": given.issuer, "sub": given.subject, "aud": audience[0] if len(audience) == 1 else audience,
        "client_id": given.client_id, "scope": text_of(given.scopes), "jti": secrets.token_hex(16),
        "iat": now // 1_000, "exp": now // 1_000 + TOKEN_LIFE_SECONDS,
    }  # fmt: skip
    if given.tenant:
        claims["tenant"] = given.tenant
    if given.authorization:
        claims["authorization"] = given.authorization
    algorithm = Algorithm.RS256 if Surface.WEBAPI in surfaces else Algorithm.ES256
    return signed(keys, algorithm, ACCESS_TYPE, claims)


def id_token(keys: SigningKeys, algorithm: Algorithm, claims: dict[str, Any], *, access: str, now: Moment) -> str:
    """Return a signed ID token; `claims` are those that are about the person and his sign-in."""
    # OpenID Connect Core, 3.1.3.6: the left half of the hash.
    half = sha256(access.encode()).digest()[:16]
    hashed = urlsafe_b64encode(half).rstrip(b"=").decode()
    times = {"iat": now // 1_000, "exp": now // 1_000 + TOKEN_LIFE_SECONDS}
    return signed(keys, algorithm, "JWT", {**claims, **times, "at_hash": hashed})


def signed(keys: SigningKeys, algorithm: Algorithm, kind: str, claims: dict[str, Any]) -> str:
    key = keys.signer(algorithm)
    header = {"alg": algorithm.value, "kid": key.kid, "typ": kind}
    return jwt.encode(header, claims, key.private, algorithms=[algorithm.value])
