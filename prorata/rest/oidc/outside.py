"""/connect/outside: people sign in through another OpenID Connect provider, if the settings name one.

While a person is there, his browser keeps what we have to know when he comes back, sealed: nothing is stored for people
who never do.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.datastructures import Cookie
from litestar.params import FromPath
from litestar.response import Redirect

from prorata.control.oidc.identities import NotLinked
from prorata.control.oidc.providers import Departure, OutsideProvider, ProviderFailed
from prorata.control.vault import Unopenable
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, PageError
from prorata.rest.oidc.signing import back_in, second_step
from prorata.units.numbers import MINUTE_MS, Moment

OUTSIDE = "/connect/outside"
COOKIE = "prorata_outside"
AWAY_MS = 10 * MINUTE_MS
METHOD = "ext"
"""how the person proved who he is, in `amr`: outside, which RFC 8176 has no word for"""
_PLACE = "cookie prorata_outside"


class _Away(msgspec.Struct, frozen=True):
    """Kept by the browser of a person who is at another provider."""

    name: str
    departure: Departure
    back: str
    until: Moment


@get(OUTSIDE + "/{name:str}")
async def leave(call: AnyCall, name: FromPath[str]) -> Response[None]:
    """Send a person to another provider."""
    try:
        back = back_in(call.query())
    except OAuthError as problem:
        raise PageError(problem.description) from None
    provider = _provider(call, name)
    try:
        address, departure = await provider.begin(_redirect(call, name))
    except ProviderFailed:
        raise PageError(f"{provider.terms.shown} does not answer. Please try again later.", status=502) from None
    away = msgspec.json.encode(_Away(name, departure, back, call.now() + AWAY_MS))
    sealed = urlsafe_b64encode(call.control.vault.seal(away, _PLACE)).decode()
    return Redirect(address, status_code=303, headers=NO_STORE, cookies=[_cookie(call, sealed)])


@get(OUTSIDE + "/{name:str}/callback")
async def arrive(call: AnyCall, name: FromPath[str]) -> Response[None] | Response[str]:
    """Take a person back from another provider."""
    provider = _provider(call, name)
    try:
        fields = call.query()
    except OAuthError as problem:
        raise PageError(problem.description) from None
    away = _away(call, name, fields.get("state", ""))
    if "error" in fields or fields.get("iss", provider.terms.issuer) != provider.terms.issuer:
        raise PageError(f"{provider.terms.shown} did not sign you in.", status=403)
    try:
        identity = await provider.finish(fields.get("code", ""), away.departure, _redirect(call, name))
        person_id = await call.sql(call.oidc.identities.person_of, identity)
    except ProviderFailed as problem:
        await call.audit("nobody", "outside", "PROVIDER_FAILED", provider=name, reason=str(problem))
        raise PageError(f"{provider.terms.shown} did not sign you in.", status=502) from None
    except NotLinked as problem:
        raise PageError(str(problem), status=403) from None
    candidate = await call.sql(call.control.people.candidate_by_id, person_id)
    if candidate is None or candidate.person.disabled_at:
        raise PageError("You may not sign in here.", status=403)
    answer = await second_step(call, candidate, [METHOD], away.back)
    answer.set_cookie(_cookie(call, ""))
    return answer


def links(call: Call, back: str) -> dict[str, str]:
    """Return the addresses that lead to other providers, by what these are called."""
    query = f"?{urlencode({'return': back})}" if back else ""
    return {provider.terms.shown: f"{OUTSIDE}/{name}{query}" for name, provider in call.provider.outside.items()}


def _provider(call: Call, name: str) -> OutsideProvider:
    provider = call.provider.outside.get(name)
    if provider is None:
        raise PageError("There is no such page.", status=404)
    return provider


def _redirect(call: Call, name: str) -> str:
    return f"{call.issuer}{OUTSIDE}/{name}/callback"


def _away(call: Call, name: str, state: str) -> _Away:
    """Return what the browser kept. Raises `PageError`: it did not leave from here, or too long ago."""
    try:
        sealed = urlsafe_b64decode(call.request.cookies.get(COOKIE, ""))
        away = msgspec.json.decode(call.control.vault.open(sealed, _PLACE), type=_Away)
    except (Unopenable, ValueError):
        raise PageError("You did not leave from here. Please sign in again.", status=403) from None
    # The address goes into a comparison of bytes: it may hold anything.
    mine = away.name == name and hmac.compare_digest(away.departure.state.encode(), state.encode())
    if not mine or call.now() >= away.until:
        raise PageError("That took too long. Please sign in again.", status=403)
    return away


def _cookie(call: Call, value: str) -> Cookie:
    age = AWAY_MS // 1_000 if value else 0
    return Cookie(COOKIE, value=value, path=OUTSIDE, max_age=age, httponly=True, samesite="lax", secure=call.is_https)
