"""Signing in and out."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.params import JSONBody
from msgspec import Meta

from prorata.control.columns import LOGIN_LENGTH_MAX
from prorata.control.people.addresses import BadAddress, email_key_of
from prorata.control.sessions import MayNotSignIn
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.cookies import session_cookie
from prorata.rest.workspace.proving import begin_attempt, end_attempt, is_password
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS, Body
from prorata.views.numbers import show_moment

EmailText = Annotated[str, Meta(min_length=3, max_length=LOGIN_LENGTH_MAX, pattern=NO_CONTROLS, examples=["ann@example.com"])]
PasswordText = Annotated[str, Meta(max_length=1_024, examples=["correct horse battery"])]


class Login(Body, frozen=True, kw_only=True):
    """`token` true: the answer has the session's token, for `Authorization: Bearer`, and no cookie is set."""

    email: EmailText
    password: PasswordText
    token: bool = False


class SignedInView(msgspec.Struct, frozen=True, kw_only=True):
    person: str
    expires_at: str
    token: str | None = None


class Done(msgspec.Struct, frozen=True):
    done: bool = True


class Auth(Controller):
    path = "/auth"
    tags = ("Sign in",)

    @post("/login", summary="Sign in", status_code=200)
    async def login(self, call: AnyCall, data: JSONBody[Login]) -> Response[SignedInView]:
        """Sets the cookie of the session. A wrong password and an unknown address answer alike."""
        try:
            email_key = email_key_of(data.email)
        except BadAddress as problem:
            raise Rejected(Refusal.MALFORMED, f"email: {problem}") from None
        await begin_attempt(call, email_key)
        person = await call.sql(call.control.people.find, data.email)
        kept = None if person is None else await call.sql(call.control.people.password_of, person.id)
        if not await is_password(kept, data.password) or person is None or person.disabled_at:
            raise Rejected(Refusal.CREDENTIALS_WRONG)
        await end_attempt(call, email_key)
        return await signed_in(call, person.id, ["pwd"], with_token=data.token)

    @post("/logout", summary="Sign out", status_code=200)
    async def logout(self, call: AnyCall, caller: SignedIn) -> Response[Done]:
        await call.sql(call.control.sign_ins.end, [caller.sign_in])
        return Response(Done(), cookies=[session_cookie("", secure=call.is_https)])


async def signed_in(call: Call, person_id: int, methods: list[str], *, with_token: bool) -> Response[SignedInView]:
    """Sign a person in and answer with the cookie or the token. Raises `Rejected`."""
    try:
        token, sign_in = await call.sql(call.control.sign_ins.open, person_id, methods, address=call.address, agent=call.agent)
    except MayNotSignIn:
        raise Rejected(Refusal.CREDENTIALS_WRONG) from None
    call.sign_in = sign_in
    view = SignedInView(
        person=sign_in.person_uuid, expires_at=show_moment(sign_in.expires_at), token=token if with_token else None
    )
    return Response(view, cookies=[] if with_token else [session_cookie(token, secure=call.is_https)])
