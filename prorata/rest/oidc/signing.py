"""What all ways to sign in end with: the second step, the cookie, and back to where the person came from."""

from collections.abc import Sequence
from typing import Any

from litestar import Response
from litestar.response import Redirect

from prorata.control.people.people import Candidate, Person
from prorata.control.sessions import MayNotSignIn
from prorata.rest.oidc.authorize import AUTHORIZE
from prorata.rest.oidc.call import Call
from prorata.rest.oidc.errors import NO_STORE, PageError
from prorata.rest.oidc.pages import ask_code, signed_in
from prorata.rest.workspace.cookies import session_cookie


async def second_step(call: Call, candidate: Candidate, methods: Sequence[str], back: str) -> Response[Any]:
    """Ask for a code if the person has switched that on, else sign him in."""
    if not candidate.has_second_step:
        return await sign_in(call, candidate.person, methods, back)
    return ask_code(await call.sql(call.control.proving.ask_code, candidate.person, *methods), back)


async def sign_in(call: Call, person: Person, methods: Sequence[str], back: str) -> Response[Any]:
    """Sign a person in, who has proved who he is, and send him back to where he came from.

    If he is signed in with this browser already, that goes on; if somebody else is, that ends.
    """
    onward = Redirect(back, status_code=303, headers=NO_STORE) if back else signed_in(person.email)
    before = call.signed_in()
    if before is not None and before.person_id == person.id:
        await call.sql(call.control.sign_ins.prove, before)
    else:
        if before is not None:
            await call.sql(call.oidc.authorizations.revoke_of_sign_in, before.uuid)
            await call.sql(call.control.sign_ins.end, [before])
        try:
            token, _ = await call.sql(call.control.sign_ins.open, person.id, methods, address=call.address, agent=call.agent)
        except MayNotSignIn:
            raise PageError("You may not sign in here.", status=403) from None
        onward.set_cookie(session_cookie(token, secure=call.is_https))
    await call.audit(f"person {person.uuid}", "login", "ok", methods=methods)
    return onward


def back_in(fields: dict[str, str]) -> str:
    """Return where a person is sent after he has signed in: on with an application's request, or nowhere."""
    back = fields.get("return", "")
    return back if back.startswith(f"{AUTHORIZE}?") else ""
