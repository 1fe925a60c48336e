"""/connect/login: our own pages to sign in by. Who has signed in is known to every application afterwards, by one cookie."""

from urllib.parse import parse_qs, urlsplit

from litestar import Response, get, post
from litestar.response import Redirect

from prorata.control.people.addresses import BadAddress, email_key_of
from prorata.control.sessions import MayNotSignIn
from prorata.rest.oidc.authorize import AUTHORIZE, LOGIN
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import NO_STORE, OAuthError, PageError
from prorata.rest.oidc.pages import ask_password, signed_in
from prorata.rest.workspace.cookies import session_cookie
from prorata.rest.workspace.proving import begin_attempt, end_attempt, is_password
from prorata.views.answers import Rejected

WRONG = "The e-mail address or the password is wrong."


@get(LOGIN)
async def ask(call: AnyCall) -> Response[str]:
    try:
        back = back_in(call.query())
    except OAuthError as problem:
        raise PageError(problem.description) from None
    return ask_password(back, email=_hint_in(back), outside=_outside(call, back))


@post(LOGIN, status_code=200)
async def by_password(call: AnyCall) -> Response[str] | Response[None]:
    form = await own_form(call)
    back, email = back_in(form), form.get("email", "").strip()
    try:
        person_id = await _proved(call, email, form.get("password", ""))
    except Rejected as rejected:
        wait = f" Wait for {rejected.retry_after} seconds." if rejected.retry_after else ""
        problem = f"Too many wrong passwords.{wait}"
        return ask_password(back, email=email, problem=problem, outside=_outside(call, back), status=429)
    if person_id is None:
        return ask_password(back, email=email, problem=WRONG, outside=_outside(call, back), status=403)
    return await sign_in(call, person_id, ["pwd"], back)


async def _proved(call: Call, email: str, password: str) -> int | None:
    """Return whose address and password it is. Raises `Rejected`: too many were wrong."""
    asked = call.of_workspace()
    try:
        email_key = email_key_of(email)
    except BadAddress:
        return None
    await begin_attempt(asked, email_key)
    person = await call.sql(call.control.people.find, email)
    kept = None if person is None else await call.sql(call.control.people.password_of, person.id)
    if not await is_password(kept, password) or person is None or person.disabled_at:
        await call.audit("nobody", "login", "CREDENTIALS_WRONG", email=email)
        return None
    await end_attempt(asked, email_key)
    return person.id


async def sign_in(call: Call, person_id: int, methods: list[str], back: str) -> Response[str] | Response[None]:
    """Sign a person in, who has proved who he is, and send him back to where he came from.

    If he is signed in with this browser already, that goes on; if somebody else is, that ends.
    """
    before = call.signed_in()
    if before is not None and before.person_id == person_id:
        await call.sql(call.control.sign_ins.prove, before)
        await call.audit(f"person {before.person_uuid}", "login", "ok", methods=methods)
        return _onward(before.email, back)
    if before is not None:
        await call.sql(call.oidc.authorizations.revoke_of_sign_in, before.uuid)
        await call.sql(call.control.sign_ins.end, [before])
    try:
        token, opened = await call.sql(call.control.sign_ins.open, person_id, methods, address=call.address, agent=call.agent)
    except MayNotSignIn:
        raise PageError("You may not sign in here.", status=403) from None
    await call.audit(f"person {opened.person_uuid}", "login", "ok", methods=methods)
    answer = _onward(opened.email, back)
    answer.set_cookie(session_cookie(token, secure=call.is_https))
    return answer


def _onward(email: str, back: str) -> Response[str] | Response[None]:
    return Redirect(back, status_code=303, headers=NO_STORE) if back else signed_in(email)


async def own_form(call: Call) -> dict[str, str]:
    """Return a form that one of our own pages sent. Raises `PageError`."""
    if not call.is_own_page():
        raise PageError("The form does not come from our own page.", status=403)
    try:
        return await call.form()
    except OAuthError as problem:
        raise PageError(problem.description) from None


def back_in(fields: dict[str, str]) -> str:
    """Return where a person is sent after he has signed in: on with an application's request, or nowhere."""
    back = fields.get("return", "")
    return back if back.startswith(f"{AUTHORIZE}?") else ""


def _hint_in(back: str) -> str:
    """Return the e-mail address that the application thinks it is."""
    return "".join(parse_qs(urlsplit(back).query).get("login_hint", [""])[:1])[:128]


def _outside(_call: Call, _back: str) -> dict[str, str]:
    return {}


OPERATIONS = (ask, by_password)
