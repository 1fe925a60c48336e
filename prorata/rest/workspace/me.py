"""What a person sees of himself."""

import msgspec
from litestar import Controller, get

from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import AnyCall, SignedIn
from prorata.views.answers import Rejected
from prorata.views.numbers import show_moment


class Myself(msgspec.Struct, frozen=True, kw_only=True):
    uuid: str
    email: str
    verified: bool
    first_name: str
    last_name: str
    language: str
    created_at: str


class Me(Controller):
    path = "/me"
    tags = ("Myself",)

    @get("/", summary="Show who is signed in")
    async def show(self, call: AnyCall, caller: SignedIn) -> Myself:
        person = await call.sql(call.control.people.by_id, caller.person_id)
        if person is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        return Myself(
            uuid=person.uuid, email=person.email, verified=person.verified_at > 0, first_name=person.first_name,
            last_name=person.last_name, language=person.language, created_at=show_moment(person.created_at),
        )  # fmt: skip
