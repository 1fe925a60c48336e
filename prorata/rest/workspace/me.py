"""What a person sees and changes of himself, and of how he signs in."""

from typing import Annotated

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, PathParameter

from prorata.control.people.passkeys import PasskeyRefused, TooManyPasskeys
from prorata.control.people.password_rules import UnfitPassword
from prorata.control.people.second_step import CodeWrong, HasTotp
from prorata.control.people.tickets import TicketSpent
from prorata.control.sessions import Kind
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.bodies import Address, MyChange, NewPasskey, NewPassword, TotpCode
from prorata.rest.workspace.call import AnyCall, Call, SignedIn, WorkspaceCaller
from prorata.rest.workspace.proving import check_recent, count_mail, in_prover, person_of
from prorata.rest.workspace.views import (
    Accepted,
    Done,
    Ended,
    Myself,
    NewTotpView,
    PasskeyView,
    QuestionView,
    RecoveryCodes,
    SignInView,
    manager_session_view,
    myself_view,
    passkey_view,
    sign_in_view,
)
from prorata.views.answers import Rejected

SignInUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the sign-in")]
PasskeyUuid = Annotated[str, PathParameter(min_length=36, max_length=36, description="uuid of the passkey")]


class Me(Controller):
    path = "/me"
    tags = ("Myself",)

    @get("/", summary="Show who is signed in")
    async def show(self, call: AnyCall, caller: SignedIn) -> Myself:
        return await _myself(call, caller)

    @patch("/", summary="Change name or language")
    async def change(self, call: AnyCall, caller: SignedIn, data: JSONBody[MyChange]) -> Myself:
        before = await person_of(call, caller)
        changes = {name: value for name, value in msgspec.structs.asdict(data).items() if value is not None}
        if changes:
            await call.sql(call.control.people.set, caller.person_id, **changes)
        call.tell(before={name: getattr(before, name) for name in changes}, after=changes)
        return await _myself(call, caller)

    @post("/verification", summary="Ask for a new link that confirms the address", status_code=202)
    async def verification(self, call: AnyCall, caller: SignedIn) -> Accepted:
        person = await person_of(call, caller)
        if not person.verified_at:
            await count_mail(call, person.email)
            await call.sql(call.control.registration.ask_verification, person, call.workspace.url)
        return Accepted()

    @post("/password", summary="Change the password", status_code=200)
    async def password(self, call: AnyCall, caller: SignedIn, data: JSONBody[NewPassword]) -> Done:
        """All other sign-ins end. Needs a recent proof, see `/auth/prove`."""
        check_recent(call, caller)
        person = await person_of(call, caller)
        try:
            await in_prover(
                call.control.renewal.set_password, person, data.password, call.workspace.url, but=caller.sign_in
            )  # fmt: skip
        except UnfitPassword as problem:
            raise Rejected(Refusal.PASSWORD_UNFIT, str(problem)) from None
        await _revoke_others(call, caller)
        return Done()

    @post("/email", summary="Ask for another address", status_code=202)
    async def email(self, call: AnyCall, caller: SignedIn, data: JSONBody[Address]) -> Accepted:
        """A link that takes it over is mailed to it. Needs a recent proof."""
        check_recent(call, caller)
        await count_mail(call, data.email)
        await call.sql(call.control.renewal.ask_email, await person_of(call, caller), data.email, call.workspace.url)
        return Accepted()


class MySignIns(Controller):
    path = "/me/sign-ins"
    tags = ("Myself",)

    @get("/", summary="List where you are signed in")
    async def all(self, call: AnyCall, caller: SignedIn) -> list[SignInView]:
        """Also as a manager, through the RAMM Manager API."""
        control, companies = call.control, call.control.companies
        as_manager = control.sessions.of_person(Kind.MANAGER, caller.person_id)
        return [
            *(sign_in_view(one, caller.sign_in) for one in control.sign_ins.of_person(caller.person_id)),
            *(manager_session_view(one, companies.get(one.company_id)) for one in as_manager),
        ]

    @delete("/", summary="End all other sign-ins", status_code=200)
    async def end_others(self, call: AnyCall, caller: SignedIn) -> Ended:
        ended = await call.sql(call.control.sign_ins.end_all, caller.person_id, but=caller.sign_in)
        await _revoke_others(call, caller)
        return Ended(ended)

    @delete("/{sign_in:str}", summary="End a sign-in", status_code=200)
    async def end(self, call: AnyCall, caller: SignedIn, sign_in: SignInUuid) -> Ended:
        control = call.control
        mine = [one for one in control.sign_ins.of_person(caller.person_id) if one.uuid == sign_in]
        sessions = [one for one in control.sessions.of_person(Kind.MANAGER, caller.person_id) if one.uuid == sign_in]
        if not mine and not sessions:
            raise Rejected(Refusal.NOT_FOUND)
        await call.sql(control.sessions.end, sessions)
        await call.sql(control.sign_ins.end, mine)
        await call.sql(call.control.oidc.authorizations.revoke_of_sign_in, sign_in)
        return Ended(1)


async def _revoke_others(call: Call, caller: WorkspaceCaller) -> None:
    """End what the person gave applications, but for what he gave in this sign-in."""
    await call.sql(call.control.oidc.authorizations.revoke_of_person, caller.person_id, but=caller.sign_in.uuid)


class MySecondStep(Controller):
    path = "/me/totp"
    tags = ("Myself",)

    @post("/", summary="Begin to set up one-time codes", status_code=200)
    async def begin(self, call: AnyCall, caller: SignedIn) -> NewTotpView:
        """Nothing changes until a code is shown, see `confirm`. Needs a recent proof."""
        check_recent(call, caller)
        try:
            made = await call.sql(call.control.second_step.begin, await person_of(call, caller))
        except HasTotp:
            raise Rejected(Refusal.FACTOR_EXISTS) from None
        return NewTotpView(made.secret, made.address)

    @post("/confirm", summary="Switch one-time codes on by the first one", status_code=200)
    async def confirm(self, call: AnyCall, caller: SignedIn, data: JSONBody[TotpCode]) -> RecoveryCodes:
        call.take_try()
        try:
            codes = await call.sql(
                call.control.second_step.confirm, await person_of(call, caller), data.code, call.workspace.url
            )  # fmt: skip
        except HasTotp:
            raise Rejected(Refusal.FACTOR_EXISTS) from None
        except CodeWrong:
            raise Rejected(Refusal.CODE_WRONG) from None
        return RecoveryCodes(codes)

    @delete("/", summary="Switch one-time codes off", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn) -> Done:
        """The recovery codes are gone with them. Needs a recent proof."""
        check_recent(call, caller)
        if not await call.sql(call.control.second_step.remove, await person_of(call, caller), call.workspace.url):
            raise Rejected(Refusal.NOT_FOUND, "one-time codes are not switched on")
        return Done()

    @post("/recovery-codes", summary="Make new recovery codes", status_code=200)
    async def renew_codes(self, call: AnyCall, caller: SignedIn) -> RecoveryCodes:
        """The old ones are good no longer. Needs a recent proof."""
        check_recent(call, caller)
        try:
            codes = await call.sql(
                call.control.second_step.renew_codes, await person_of(call, caller), call.workspace.url
            )  # fmt: skip
        except CodeWrong:
            raise Rejected(Refusal.NOT_FOUND, "one-time codes are not switched on") from None
        return RecoveryCodes(codes)


class MyPasskeys(Controller):
    path = "/me/passkeys"
    tags = ("Myself",)

    @get("/", summary="List your passkeys")
    async def all(self, call: AnyCall, caller: SignedIn) -> list[PasskeyView]:
        return [passkey_view(one) for one in await call.sql(call.control.passkeys.of_person, caller.person_id)]

    @post("/ask", summary="Begin to add a passkey", status_code=200)
    async def ask(self, call: AnyCall, caller: SignedIn) -> QuestionView:
        """Needs a recent proof."""
        check_recent(call, caller)
        try:
            question = await call.sql(call.control.passkeys.begin, await person_of(call, caller), call.workspace.url)
        except TooManyPasskeys:
            raise Rejected(Refusal.OUT_OF_RANGE, "passkeys: there are as many as there may be") from None
        return QuestionView(question.ticket, question.options)

    @post("/", summary="Add a passkey")
    async def add(self, call: AnyCall, caller: SignedIn, data: JSONBody[NewPasskey]) -> PasskeyView:
        person = await person_of(call, caller)
        try:
            made = await call.sql(
                call.control.passkeys.add, person, data.ticket, data.credential, data.name, call.workspace.url
            )  # fmt: skip
        except TicketSpent:
            raise Rejected(Refusal.LINK_SPENT) from None
        except PasskeyRefused:
            raise Rejected(Refusal.PASSKEY_REFUSED) from None
        return passkey_view(made)

    @delete("/{passkey:str}", summary="Remove a passkey", status_code=200)
    async def remove(self, call: AnyCall, caller: SignedIn, passkey: PasskeyUuid) -> PasskeyView:
        """Needs a recent proof."""
        check_recent(call, caller)
        removed = await call.sql(call.control.passkeys.remove, await person_of(call, caller), passkey, call.workspace.url)
        if removed is None:
            raise Rejected(Refusal.NOT_FOUND)
        return passkey_view(removed)


async def _myself(call: Call, caller: WorkspaceCaller) -> Myself:
    found = await call.sql(call.control.people.candidate_by_id, caller.person_id)
    if found is None:
        raise Rejected(Refusal.NOT_AUTHENTICATED)
    codes_left = await call.sql(call.control.second_step.codes_left, caller.person_id) if found.has_second_step else 0
    return myself_view(found.person, caller.sign_in, second_step=found.has_second_step, codes_left=codes_left)
