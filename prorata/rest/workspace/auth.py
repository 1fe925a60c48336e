"""Registering, signing in and out, and the links in mails."""

from litestar import Controller, MediaType, Response, get, post
from litestar.params import JSONBody

from prorata.control.people.passkeys import PasskeyRefused
from prorata.control.people.password_rules import UnfitPassword
from prorata.control.people.people import NewPerson
from prorata.control.people.tickets import TicketSpent
from prorata.control.sessions import MayNotSignIn
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.bodies import (
    Address,
    CodeLogin,
    LinkToken,
    Login,
    NewRegistration,
    PasskeyLogin,
    PasswordReset,
    Proof,
)
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.cookies import session_cookie
from prorata.rest.workspace.link_page import link_page
from prorata.rest.workspace.proving import count_mail, in_prover, person_of, proved
from prorata.rest.workspace.views import Accepted, CodeNeededView, Done, LoginAnswer, QuestionView, SignedInView
from prorata.views.answers import Rejected
from prorata.views.numbers import show_moment


class Auth(Controller):
    path = "/auth"
    tags = ("Sign in",)

    # Registering.

    @post("/register", summary="Register", status_code=202)
    async def register(self, call: AnyCall, data: JSONBody[NewRegistration]) -> Accepted:
        """A password and a link that confirms the address are mailed; an empty organization is made.

        An address that somebody has is answered alike; its owner is told.
        """
        call.take_try()
        await count_mail(call, data.email)
        new = NewPerson(
            email=data.email, first_name=data.first_name, last_name=data.last_name, language=data.language
        )  # fmt: skip
        await in_prover(call.control.registration.register, new, data.organization, call.workspace.url)
        return Accepted()

    @post("/verify", summary="Confirm an address by its link", status_code=200)
    async def verify(self, call: AnyCall, data: JSONBody[LinkToken]) -> Done:
        call.take_try()
        try:
            call.tell(person=await call.sql(call.control.registration.verify, data.token))
        except TicketSpent:
            raise Rejected(Refusal.LINK_SPENT) from None
        return Done()

    # Signing in and out.

    @post("/login", summary="Sign in", status_code=200)
    async def login(self, call: AnyCall, data: JSONBody[Login]) -> Response[LoginAnswer]:
        """Sets the cookie of the session, or gives a ticket if a code is needed as well.

        A wrong password and an unknown address answer alike.
        """
        call.take_try()
        candidate = await proved(call, call.control.proving.password, data.email, data.password)
        call.tell(person=candidate.person.uuid)
        if candidate.has_second_step:
            return Response(CodeNeededView(ticket=await call.sql(call.control.proving.ask_code, candidate.person, "pwd")))
        return await _signed_in(call, candidate.person.id, ("pwd",), with_token=data.token)

    @post("/login/code", summary="Sign in: the second step", status_code=200)
    async def second_step(self, call: AnyCall, data: JSONBody[CodeLogin]) -> Response[LoginAnswer]:
        """With a code of the authenticator or a recovery code. Each is good once; the ticket, until a code was right."""
        call.take_try()
        person = await proved(call, call.control.proving.asked, data.ticket)
        call.tell(person=person.uuid)
        done = await proved(call, call.control.proving.code, data.ticket, data.code)
        return await _signed_in(call, done.person.id, done.methods, with_token=data.token)

    @post("/passkey/ask", summary="Begin to sign in with a passkey", status_code=200)
    async def ask_passkey(self, call: AnyCall) -> QuestionView:
        call.take_try()
        question = await call.sql(call.control.passkeys.ask, call.workspace.url)
        return QuestionView(question.ticket, question.options)

    @post("/passkey", summary="Sign in with a passkey", status_code=200)
    async def passkey(self, call: AnyCall, data: JSONBody[PasskeyLogin]) -> Response[LoginAnswer]:
        """No code is asked for after it: the device has made sure who the person is."""
        call.take_try()
        try:
            person_id = await call.sql(call.control.passkeys.prove, data.ticket, data.credential, call.workspace.url)
        except TicketSpent:
            raise Rejected(Refusal.LINK_SPENT) from None
        except PasskeyRefused:
            raise Rejected(Refusal.PASSKEY_REFUSED) from None
        return await _signed_in(call, person_id, ("hwk", "user", "mfa"), with_token=data.token)

    @post("/prove", summary="Prove once more who you are", status_code=200)
    async def prove(self, call: AnyCall, caller: SignedIn, data: JSONBody[Proof]) -> Done:
        """By the password. For ten minutes the person may then change what he signs in by."""
        call.take_try()
        person = await person_of(call, caller)
        await proved(call, call.control.proving.password, person.email, data.password)
        await call.sql(call.control.sign_ins.prove, caller.sign_in)
        return Done()

    @post("/logout", summary="Sign out", status_code=200)
    async def logout(self, call: AnyCall, caller: SignedIn) -> Response[Done]:
        await call.sql(call.control.sign_ins.end, [caller.sign_in])
        await call.sql(call.control.oidc.authorizations.revoke_of_sign_in, caller.sign_in.uuid)
        return Response(Done(), cookies=[session_cookie("", secure=call.is_https)])

    # By links.

    @post("/password/ask", summary="Ask for a link that sets a new password", status_code=202)
    async def ask_password(self, call: AnyCall, data: JSONBody[Address]) -> Accepted:
        """The link is mailed. Any address is answered alike."""
        call.take_try()
        await count_mail(call, data.email)
        await call.sql(call.control.renewal.ask_password, data.email, call.workspace.url)
        return Accepted()

    @post("/password", summary="Set a new password by a link", status_code=200)
    async def reset_password(self, call: AnyCall, data: JSONBody[PasswordReset]) -> Done:
        """All sign-ins of the person end. A second step is asked for as before."""
        call.take_try()
        try:
            person = await in_prover(call.control.renewal.reset_password, data.token, data.password, call.workspace.url)
        except TicketSpent:
            raise Rejected(Refusal.LINK_SPENT) from None
        except UnfitPassword as problem:
            raise Rejected(Refusal.PASSWORD_UNFIT, str(problem)) from None
        await call.sql(call.control.oidc.authorizations.revoke_of_person, person.id)
        call.tell(person=person.uuid)
        return Done()

    @post("/email", summary="Take a new address over by its link", status_code=200)
    async def change_email(self, call: AnyCall, data: JSONBody[LinkToken]) -> Done:
        call.take_try()
        try:
            person, email = await call.sql(call.control.renewal.change_email, data.token, call.workspace.url)
        except TicketSpent:
            raise Rejected(Refusal.LINK_SPENT) from None
        call.tell(person=person.uuid, before={"email": person.email}, after={"email": email})
        return Done()

    @get("/link", include_in_schema=False, media_type=MediaType.HTML)
    async def link(self) -> Response[str]:
        """The page that links in mails lead to."""
        page, headers = link_page()
        return Response(page, headers=headers)


async def _signed_in(call: Call, person_id: int, methods: tuple[str, ...], *, with_token: bool) -> Response[LoginAnswer]:
    """Sign a person in and answer with the cookie or the token. Raises `Rejected`: he was disabled."""
    try:
        token, sign_in = await call.sql(
            call.control.sign_ins.open, person_id, methods, address=call.address, agent=call.agent
        )  # fmt: skip
    except MayNotSignIn:
        raise Rejected(Refusal.CREDENTIALS_WRONG) from None
    call.sign_in = sign_in
    view = SignedInView(
        person=sign_in.person_uuid, expires_at=show_moment(sign_in.expires_at), token=token if with_token else None
    )  # fmt: skip
    return Response(view, cookies=[] if with_token else [session_cookie(token, secure=call.is_https)])
