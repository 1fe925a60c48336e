"""Other OpenID Connect providers, through which people may sign in: we are their client, with code, PKCE and nonce."""

import asyncio
import secrets
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from prorata.control.oidc.authorizations import challenge_of
from prorata.control.oidc.terms import ProviderTerms

ALGORITHMS = ("RS256", "ES256", "PS256")
"""what an ID token may be signed with: keys that only the provider has"""
TIMEOUT_SECONDS = 10.0
KEPT_SECONDS = 3_600.0
LEEWAY_SECONDS = 60
ANSWER_MAX = 262_144


class ProviderFailed(Exception):
    """The provider did not answer, said no, or said what cannot be trusted."""


class Departure(msgspec.Struct, frozen=True):
    """What is kept while a person is at the provider."""

    state: str
    nonce: str
    verifier: str


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is at the provider. `email` "": it does not say that the address is proved to be his."""

    issuer: str
    subject: str
    email: str
    first_name: str
    last_name: str


class _Discovered(msgspec.Struct, frozen=True):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""


class _Tokens(msgspec.Struct, frozen=True):
    id_token: str
    access_token: str = ""


class _Said(msgspec.Struct, frozen=True):
    """The claims about the person. Providers say "true" as a text, too."""

    sub: str
    email: str = ""
    email_verified: bool | str = False
    given_name: str = ""
    family_name: str = ""


class OutsideProvider:
    """One of them. What it says of itself, and its keys, are kept for an hour."""

    def __init__(self, terms: ProviderTerms) -> None:
        self.terms = terms
        self._discovered: _Discovered | None = None
        self._keys: jwk.KeySet | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def begin(self, redirect: str) -> tuple[str, Departure]:
        """Return where to send the browser, and what to keep meanwhile. Raises `ProviderFailed`."""
        discovered, _ = await self._known()
        departure = Departure(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
        query = {
            "response_type": "code", "client_id": self.terms.client_id, "redirect_uri": redirect,
            "scope": "openid profile email", "state": departure.state, "nonce": departure.nonce,
            "code_challenge": challenge_of(departure.verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        address = discovered.authorization_endpoint
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}", departure

    async def finish(self, code: str, departure: Departure, redirect: str) -> Identity:
        """Exchange the code, and return who signed in there. Raises `ProviderFailed`."""
        discovered, keys = await self._known()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": departure.verifier,
            "client_id": self.terms.client_id, "client_secret": self.terms.client_secret,
        }  # fmt: skip
        tokens = _read(await _asked("POST", discovered.token_endpoint, data=form), _Tokens)
        try:
            said = self._verified(tokens.id_token, keys, departure.nonce)
        except ProviderFailed:
            # It may have a new key.
            self._keys = None
            _, keys = await self._known()
            said = self._verified(tokens.id_token, keys, departure.nonce)
        if not said.email and discovered.userinfo_endpoint and tokens.access_token:
            head = {"authorization": f"Bearer {tokens.access_token}"}
            more = _read(await _asked("GET", discovered.userinfo_endpoint, headers=head), _Said)
            if more.sub != said.sub:
                raise ProviderFailed("the user info is about somebody else")
            said = more
        proved = said.email_verified is True or said.email_verified == "true"
        return Identity(
            issuer=self.terms.issuer, subject=said.sub, email=said.email if proved else "", first_name=said.given_name,
            last_name=said.family_name,
        )  # fmt: skip

    def _verified(self, id_token: str, keys: jwk.KeySet, nonce: str) -> _Said:
        """Return what an ID token says, if it is for us and for this sign-in (OpenID Connect Core, 3.1.3.7)."""
        rules = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.terms.issuer},
            aud={"essential": True, "value": self.terms.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
            rules.validate(claims)
            if claims.get("azp", self.terms.client_id) != self.terms.client_id:
                raise ProviderFailed("the ID token was issued to another")
            return msgspec.convert(claims, _Said)
        except (JoseError, ValueError) as problem:
            raise ProviderFailed(f"the ID token is not good: {problem}") from None

    async def _known(self) -> tuple[_Discovered, jwk.KeySet]:
        async with self._reading:
            if self._discovered is None or self._keys is None or time.monotonic() - self._read_at > KEPT_SECONDS:
                address = f"{self.terms.issuer.rstrip('/')}/.well-known/openid-configuration"
                discovered = _read(await _asked("GET", address), _Discovered)
                if discovered.issuer != self.terms.issuer:
                    raise ProviderFailed("the provider calls itself something else")
                for found in (discovered.authorization_endpoint, discovered.token_endpoint, discovered.jwks_uri):
                    check_address(found)
                keys = await _asked("GET", discovered.jwks_uri)
                try:
                    self._keys = jwk.KeySet.import_key_set(msgspec.json.decode(keys))
                except (JoseError, ValueError, KeyError, TypeError):
                    raise ProviderFailed("the provider's keys cannot be read") from None
                self._discovered, self._read_at = discovered, time.monotonic()
            return self._discovered, self._keys


def check_address(address: str) -> None:
    """Raise `ProviderFailed` for an address that is not https, but for one on this machine."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        raise ProviderFailed(f"{address[:100]}: expected https")


async def _asked(method: str, address: str, **more: Any) -> bytes:
    """Return the body of a good answer. Redirects are not followed."""
    try:
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS, headers={"accept": "application/json"}) as client:
            answer = await client.request(method, address, **more)
    except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
        raise ProviderFailed(f"the provider does not answer: {type(problem).__name__}") from None
    if answer.status_code != 200 or len(answer.content) > ANSWER_MAX:
        raise ProviderFailed(f"the provider said {answer.status_code}")
    return answer.content


def _read(body: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise ProviderFailed("the provider's answer cannot be read") from None
