"""/connect/login: our own pages to sign in by. Who has signed in is known to every application afterwards, by one cookie."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Response, get, post

from prorata.control.people.addresses import BadAddress, email_key_of
from prorata.control.people.people import Candidate
from prorata.control.people.second_step import CodeWrong
from prorata.control.people.tickets import Purpose, TicketSpent
from prorata.rest.oidc.authorize import LOGIN
from prorata.rest.oidc.call import AnyCall, Call
from prorata.rest.oidc.errors import OAuthError, PageError
from prorata.rest.oidc.outside import links
from prorata.rest.oidc.pages import ask_code, ask_password
from prorata.rest.oidc.signing import back_in, second_step, sign_in
from prorata.rest.workspace.proving import begin_attempt, end_attempt, is_password
from prorata.views.answers import Rejected

CODE = f"{LOGIN}/code"
WRONG = "The e-mail address or the password is wrong."


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
    try:
        candidate = await _proved(call, email, form.get("password", ""))
    except Rejected as rejected:
        return ask_password(back, email=email, problem=_wait(rejected), outside=links(call, back), status=429)
    if candidate is None:
        return ask_password(back, email=email, problem=WRONG, outside=links(call, back), status=403)
    return await second_step(call, candidate, ["pwd"], back)


@post(CODE, status_code=200)
async def by_code(call: AnyCall) -> Response[Any]:
    """The second step: a code of the authenticator, or a recovery code."""
    form = await own_form(call)
    back, ticket = back_in(form), form.get("ticket", "")
    tickets = call.control.tickets
    try:
        shown = await call.sql(tickets.look, Purpose.SECOND_STEP, ticket)
        candidate = await call.sql(call.control.people.candidate_by_id, shown.owner)
    except TicketSpent:
        raise PageError("That took too long. Please sign in again.", status=403) from None
    if candidate is None or candidate.person.disabled_at:
        raise PageError("You may not sign in here.", status=403)
    email_key = email_key_of(candidate.person.email)
    try:
        await begin_attempt(call.of_workspace(), email_key)
        await call.sql(call.control.second_step.check, candidate.person.id, form.get("code", ""))
        await call.sql(tickets.spend, Purpose.SECOND_STEP, ticket)
    except Rejected as rejected:
        return ask_code(ticket, back, problem=_wait(rejected), status=429)
    except (CodeWrong, TicketSpent):
        await call.audit(f"person {candidate.person.uuid}", "login/code", "CODE_WRONG")
        return ask_code(ticket, back, problem="The code is wrong, too old, or was used before.", status=403)
    await end_attempt(call.of_workspace(), email_key)
    return await sign_in(call, candidate.person, [*shown.content.split(), "otp", "mfa"], back)


async def _proved(call: Call, email: str, password: str) -> Candidate | None:
    """Return whose address and password it is. Raises `Rejected`: too many were wrong."""
    try:
        email_key = email_key_of(email)
    except BadAddress:
        return None
    await begin_attempt(call.of_workspace(), email_key)
    candidate = await call.sql(call.control.people.candidate, email_key)
    kept = None if candidate is None else candidate.password
    if not await is_password(kept, password) or candidate is None or candidate.person.disabled_at:
        await call.audit("nobody", "login", "CREDENTIALS_WRONG", email=email)
        return None
    if not candidate.has_second_step:
        await end_attempt(call.of_workspace(), email_key)
    return candidate


def _wait(rejected: Rejected) -> str:
    return f"That was wrong too often. Wait for {rejected.retry_after} seconds."


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
