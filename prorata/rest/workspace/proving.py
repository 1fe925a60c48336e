"""How people prove who they are: with back-off, and in the same time for those who are not there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from prorata.control.lockout import PERSON, PERSON_CODE, Blocked
from prorata.control.passwords import matches
from prorata.control.people.addresses import BadAddress, email_key_of
from prorata.control.people.people import Candidate, Person
from prorata.control.people.second_step import CodeWrong
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import Call, WorkspaceCaller
from prorata.views.answers import Rejected

_PROVERS = ThreadPoolExecutor(2, thread_name_prefix="people")
"""Threads of their own: a flood of wrong passwords keeps nobody else's database waiting."""


async def begin_attempt(call: Call, realm: str, key: str) -> None:
    """Count a try before what is tried is looked at. Raises `Rejected`."""
    try:
        await call.sql(call.control.attempts.begin, realm, key)
    except Blocked as blocked:
        seconds = -(-(blocked.until - call.now()) // 1000)
        raise Rejected(Refusal.TOO_MANY_REQUESTS, "too often: wait", retry_after=seconds) from None


async def proved_by_password(call: Call, email: str, password: str) -> Candidate:
    """Return whose address and password it is. Raises `Rejected`, after the same time for an unknown address."""
    email_key = key_of(email)
    await begin_attempt(call, PERSON, email_key)
    candidate = await call.sql(call.control.people.candidate, email_key)
    # Somebody without a password is as nobody: both take as long.
    kept = None if candidate is None else candidate.password or None
    right = await asyncio.get_running_loop().run_in_executor(_PROVERS, matches, kept, password)
    if not right or candidate is None or candidate.person.disabled_at:
        raise Rejected(Refusal.CREDENTIALS_WRONG)
    await call.sql(call.control.attempts.succeeded, PERSON, email_key)
    return candidate


async def prove_by_code(call: Call, person: Person, code: str) -> None:
    """Take a one-time or recovery code of a person. Raises `Rejected`."""
    await begin_attempt(call, PERSON_CODE, person.uuid)
    try:
        await call.sql(call.control.second_step.check, person.id, code)
    except CodeWrong:
        raise Rejected(Refusal.CODE_WRONG) from None
    await call.sql(call.control.attempts.succeeded, PERSON_CODE, person.uuid)


def check_recent(call: Call, caller: WorkspaceCaller) -> None:
    """Let only those change what they sign in by who have proved a short while ago who they are. Raises `Rejected`."""
    if not caller.sign_in.is_recent(call.now()):
        raise Rejected(Refusal.PROOF_NEEDED)


def key_of(email: str) -> str:
    """Return what an address is compared by. Raises `Rejected`."""
    try:
        return email_key_of(email)
    except BadAddress as problem:
        raise Rejected(Refusal.MALFORMED, f"email: {problem}") from None


async def person_of(call: Call, caller: WorkspaceCaller) -> Person:
    """Return the person who is signed in. Raises `Rejected`."""
    person = await call.sql(call.control.people.by_id, caller.person_id)
    if person is None:
        raise Rejected(Refusal.NOT_AUTHENTICATED)
    return person
