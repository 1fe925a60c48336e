"""/connect/endsession: a person signs out, here and of what he has signed in to (OpenID Connect RP-Initiated Logout 1.0).

An application that shows the ID token it was given for this sign-in has it ended at once; otherwise the person is asked.
"""

from urllib.parse import urlencode

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from litestar import HttpMethod, Response, route
from litestar.response import Redirect

from prorata.control.oidc.applications import Application
from prorata.control.oidc.keys import Algorithm
from prorata.control.people.sign_ins import SignIn
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, PageError
from prorata.rest.oidc.pages import ask_sign_out, signed_out
from prorata.rest.workspace.cookies import session_cookie

ENDSESSION = "/connect/endsession"


class _Hint(msgspec.Struct, frozen=True):
    """What an ID token of ours says that matters here; it may have expired."""

    sub: str
    aud: str
    sid: str


@route(ENDSESSION, http_method=[HttpMethod.GET, HttpMethod.POST], status_code=200)
async def endsession(call: AnyCall) -> Response[str] | Response[None]:
    try:
        fields = await call.form() if call.request.method == "POST" else call.query()
    except OAuthError as problem:
        raise PageError(problem.description) from None
    hint = _hint(call, fields.get("id_token_hint", ""))
    onward = _onward(call, hint, fields)
    sign_in = call.signed_in()
    if sign_in is None:
        return _done(call, onward)
    confirmed = call.request.method == "POST" and "confirm" in fields and call.is_own_page()
    if not confirmed and (hint is None or hint.sid != sign_in.uuid):
        person = await call.sql(call.control.people.by_id, sign_in.person_id)
        left = {name: value for name, value in fields.items() if name != "confirm"}
        return ask_sign_out("somebody" if person is None else person.email, left)
    await _end(call, sign_in)
    return _done(call, onward)


async def _end(call: Call, sign_in: SignIn) -> None:
    await call.sql(call.oidc.authorizations.revoke_of_sign_in, sign_in.uuid)
    await call.sql(call.control.sign_ins.end, [sign_in])
    await call.audit(f"person {sign_in.person_uuid}", "endsession", "ok")


def _hint(call: Call, token: str) -> _Hint | None:
    """Return what an ID token of ours says; None if it is not one."""
    try:
        decoded = jwt.decode(token, call.oidc.tokens.key_of, algorithms=[algorithm.value for algorithm in Algorithm])
        return msgspec.convert(decoded.claims, _Hint) if decoded.header.get("typ") == "JWT" else None
    except (JoseError, ValueError):
        return None


def _onward(call: Call, hint: _Hint | None, fields: dict[str, str]) -> str:
    """Return where the browser goes afterwards, "" if nowhere. Raises `PageError`: not an address of the application's."""
    wanted = fields.get("post_logout_redirect_uri", "")
    if not wanted:
        return ""
    client_id = hint.aud if hint is not None else fields.get("client_id", "")
    application: Application | None = call.oidc.applications.find(client_id)
    if application is None or wanted not in application.logout_redirects:
        raise PageError("The application that sent you here gave an address to return to that is not registered for it.")
    state = fields.get("state", "")
    return f"{wanted}{'&' if '?' in wanted else '?'}{urlencode({'state': state})}" if state else wanted


def _done(call: Call, onward: str) -> Response[str] | Response[None]:
    cookie = session_cookie("", secure=call.is_https)
    if onward:
        return Redirect(onward, status_code=303, headers=NO_STORE, cookies=[cookie])
    page = signed_out()
    page.set_cookie(cookie)
    return page
