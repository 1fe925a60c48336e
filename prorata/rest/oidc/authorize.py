"""/connect/authorize: a person's browser comes from an application and goes back with a code (OpenID Connect Core, 3.1.2).

Whoever is signed in already is not asked again: that is single sign-on. Consent is not asked for: applications are the
broker's own, or those of the organization that the person works for.
"""

from typing import NoReturn
from urllib.parse import quote, urlencode

import msgspec
from litestar import HttpMethod, Response, route
from litestar.response import Redirect

from prorata.access.callers import NotFound
from prorata.access.permissions import Grant
from prorata.control.oidc.applications import Application
from prorata.control.oidc.authorizations import CHALLENGE, NewAuthorization
from prorata.control.oidc.scopes import TokenScope, UnknownScope, scopes_in
from prorata.control.people.sign_ins import SignIn
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, PageError, told

AUTHORIZE = "/connect/authorize"
LOGIN = "/connect/login"
NONCE_LENGTH_MAX = 512
AGE_SECONDS_MAX = 10**9
_AGAIN = frozenset({"login", "select_account"})


class Refused(Exception):
    """Told to the application, at its redirect address."""

    def __init__(self, word: str, description: str) -> None:
        super().__init__(word, description)
        self.word = word
        self.description = told(description)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an application asks for. `max_age`: seconds since the person last proved who he is; None: any."""

    application: Application
    redirect: str
    state: str
    scopes: frozenset[TokenScope]
    nonce: str
    challenge: str
    prompts: frozenset[str]
    max_age: int | None
    tenant: str


@route(AUTHORIZE, http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200)
async def authorize(call: AnyCall) -> Response[None]:
    try:
        fields = await call.form() if call.request.method == "POST" else call.query()
    except OAuthError as problem:
        raise PageError(problem.description) from None
    application, redirect = _application(call, fields)
    try:
        asked = _asked(application, redirect, fields)
        sign_in = call.signed_in()
        if sign_in is None or _must_prove_again(asked, sign_in, call):
            if "none" in asked.prompts:
                raise Refused("login_required", "the person is not signed in, or has to prove again who he is")
            return _to_login(fields)
        return await _given(call, asked, sign_in)
    except Refused as refused:
        return _back(call, redirect, fields, error=refused.word, error_description=refused.description)


def _application(call: Call, fields: dict[str, str]) -> tuple[Application, str]:
    """Return which application asks and where its answer goes. Raises `PageError`: there is nowhere safe to send anybody."""
    application = call.oidc.applications.find(fields.get("client_id", ""))
    if application is None or application.disabled_at:
        raise PageError("The application that sent you here is not known.")
    redirect = fields.get("redirect_uri", "")
    if redirect not in application.redirects:
        raise PageError("The application that sent you here gave an address to return to that is not registered for it.")
    return application, redirect


def _asked(application: Application, redirect: str, fields: dict[str, str]) -> Asked:
    """Read what is asked for. Raises `Refused`."""
    for name, word in (("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")):
        if name in fields:
            raise Refused(word, f"{name}: parameters are given one by one")
    if fields.get("response_type") != "code":
        raise Refused("unsupported_response_type", "response_type: expected code")
    if fields.get("response_mode", "query") != "query":
        raise Refused("invalid_request", "response_mode: expected query")
    if fields.get("code_challenge_method") != "S256" or CHALLENGE.fullmatch(fields.get("code_challenge", "")) is None:
        raise Refused("invalid_request", "code_challenge, code_challenge_method: PKCE with S256 is needed")
    if len(fields.get("nonce", "")) > NONCE_LENGTH_MAX:
        raise Refused("invalid_request", "nonce: too long")
    try:
        scopes = scopes_in(fields.get("scope", ""), application.scopes)
    except UnknownScope as problem:
        raise Refused("invalid_scope", str(problem)) from None
    if not scopes:
        raise Refused("invalid_scope", "scope: missing")
    return Asked(
        application=application, redirect=redirect, state=fields.get("state", ""), scopes=scopes, nonce=fields.get("nonce", ""),
        challenge=fields["code_challenge"], prompts=_prompts(fields), max_age=_age(fields), tenant=fields.get("tenant", ""),
    )  # fmt: skip


def _prompts(fields: dict[str, str]) -> frozenset[str]:
    prompts = frozenset(fields.get("prompt", "").split())
    if "none" in prompts and len(prompts) > 1:
        raise Refused("invalid_request", "prompt: none goes with no other")
    return prompts


def _age(fields: dict[str, str]) -> int | None:
    text = fields.get("max_age")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 10 or int(text) > AGE_SECONDS_MAX:
        raise Refused("invalid_request", "max_age: expected a number of seconds")
    return int(text)


def _must_prove_again(asked: Asked, sign_in: SignIn, call: Call) -> bool:
    if not asked.prompts.isdisjoint(_AGAIN):
        return True
    return asked.max_age is not None and call.now() - sign_in.proved_at >= asked.max_age * 1_000


def _to_login(fields: dict[str, str]) -> Response[None]:
    """Send the person to our page, and from there back here. What made him prove again who he is is done by then."""
    left = dict(fields)
    prompts = [prompt for prompt in left.pop("prompt", "").split() if prompt not in _AGAIN]
    if prompts:
        left["prompt"] = " ".join(prompts)
    if left.get("max_age") == "0":
        del left["max_age"]
    back = f"{AUTHORIZE}?{urlencode(left)}"
    return Redirect(f"{LOGIN}?{urlencode({'return': back})}", status_code=303, headers=NO_STORE)


async def _given(call: Call, asked: Asked, sign_in: SignIn) -> Response[None]:
    """Give the application a code. Raises `Refused`."""
    organization = await _organization(call, asked, sign_in)
    new = NewAuthorization(
        client_id=asked.application.client_id, person_id=sign_in.person_id,
        organization_id=None if organization is None else organization.organization_id, sign_in=sign_in.uuid,
        redirect=asked.redirect, scopes=asked.scopes, nonce=asked.nonce, challenge=asked.challenge,
        methods=sign_in.methods, proved_at=sign_in.proved_at,
    )  # fmt: skip
    code = await call.sql(call.oidc.authorizations.begin, new)
    await call.audit(
        f"person {sign_in.person_uuid}", "authorize", "ok", organization_id=new.organization_id or 0,
        application=new.client_id, scopes=sorted(asked.scopes),
    )  # fmt: skip
    return _back(call, asked.redirect, {"state": asked.state}, code=code)


async def _organization(call: Call, asked: Asked, sign_in: SignIn) -> Grant | None:
    """Return for which organization the person signs in: the application's own, or the one asked for, or his last."""
    tenant = asked.application.organization_uuid or asked.tenant
    if not tenant:
        mine = await call.sql(call.control.organizations.of_person, sign_in.person_id)
        if not mine:
            return None
        tenant = mine[0].organization.uuid
    try:
        return call.control.organizations.grant_of(sign_in.person_id, tenant)
    except NotFound:
        _deny("the person is no member of the organization")


def _deny(description: str) -> NoReturn:
    raise Refused("access_denied", description)


def _back(call: Call, redirect: str, fields: dict[str, str], **answer: str) -> Response[None]:
    """Send the browser back to the application (RFC 6749, 4.1.2; `iss`: RFC 9207)."""
    if fields.get("state"):
        answer["state"] = fields["state"]
    answer["iss"] = call.issuer
    address = f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(answer, quote_via=quote)}"
    return Redirect(address, status_code=303, headers={**NO_STORE, "referrer-policy": "no-referrer"})
