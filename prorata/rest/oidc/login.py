"""/connect/login: our own pages to sign in by. Who has signed in is known to every application afterwards, by one cookie."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Response, get, post

from prorata.messages.refusals import Refusal
from prorata.rest.oidc.authorize import LOGIN
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import OAuthError, PageError
from prorata.rest.oidc.outside import links
from prorata.rest.oidc.pages import ask_code, ask_password
from prorata.rest.oidc.signing import back_in, second_step, sign_in
from prorata.rest.workspace.proving import proved
from prorata.views.answers import Rejected

CODE = f"{LOGIN}/code"


@get(LOGIN)
async def ask(call: AnyCall) -> Response[str]:
    try:
        back = back_in(call.query())
    except OAuthError as problem:
        raise PageError(problem.description) from None
    return ask_password(back, email=_hint_in(back), outside=links(call, back))


@post(LOGIN, status_code=200)
async def by_password(call: AnyCall) -> Response[Any]:
    """The first step: e-mail address and password."""
    form = await own_form(call)
    back, email = back_in(form), form.get("email", "").strip()
    asked = call.of_workspace()
    try:
        asked.take_try()
        candidate = await proved(asked, call.control.proving.password, email, form.get("password", ""))
    except Rejected as rejected:
        await call.audit("nobody", "login", rejected.code.name, email=email)
        problem, status = _told(rejected, "The e-mail address or the password is wrong.")
        return ask_password(back, email=email, problem=problem, outside=links(call, back), status=status)
    return await second_step(call, candidate, ["pwd"], back)


@post(CODE, status_code=200)
async def by_code(call: AnyCall) -> Response[Any]:
    """The second step: a code of the authenticator, or a recovery code."""
    form = await own_form(call)
    back, ticket = back_in(form), form.get("ticket", "")
    asked, proving = call.of_workspace(), call.control.proving
    try:
        asked.take_try()
        shown = await proved(asked, proving.code, ticket, form.get("code", ""))
    except Rejected as rejected:
        if rejected.code == Refusal.LINK_SPENT:
            raise PageError("That took too long. Please sign in again.", status=403) from None
        await call.audit("nobody", "login/code", rejected.code.name)
        problem, status = _told(rejected, "The code is wrong, too old, or was used before.")
        return ask_code(ticket, back, problem=problem, status=status)
    return await sign_in(call, shown.person, shown.methods, back)


def _told(rejected: Rejected, otherwise: str) -> tuple[str, int]:
    """Return what a person is told, and the status."""
    if rejected.code == Refusal.TOO_MANY_REQUESTS:
        return f"Too many tries. Wait for {rejected.retry_after} seconds.", 429
    return otherwise, 403


async def own_form(call: Call) -> dict[str, str]:
    """Return a form that one of our own pages sent. Raises `PageError`."""
    if not call.is_own_page():
        raise PageError("The form does not come from our own page.", status=403)
    try:
        return await call.form()
    except OAuthError as problem:
        raise PageError(problem.description) from None


def _hint_in(back: str) -> str:
    """Return the e-mail address that the application thinks it is."""
    return "".join(parse_qs(urlsplit(back).query).get("login_hint", [""])[:1])[:128]


OPERATIONS = (ask, by_password, by_code)
