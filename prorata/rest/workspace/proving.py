"""Proving who one is, as the workspace's operations ask for it: what is wrong becomes a refusal."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from prorata.control.lockout import PERSON_MAIL, Blocked
from prorata.control.people.addresses import BadAddress, email_key_of
from prorata.control.people.people import Person
from prorata.control.people.proving import CredentialsWrong
from prorata.control.people.second_step import CodeWrong
from prorata.control.people.tickets import TicketSpent
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import Call, WorkspaceCaller
from prorata.views.answers import Rejected

P = ParamSpec("P")
R = TypeVar("R")

_PROVERS = ThreadPoolExecutor(2, thread_name_prefix="proving")
"""Threads of their own: a flood of wrong passwords keeps nobody else's database waiting."""


async def in_prover(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a method of `control.proving`, or whatever else hashes passwords."""
    return await asyncio.get_running_loop().run_in_executor(_PROVERS, partial(work, *args, **kwargs))


async def proved(call: Call, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a method of `control.proving`. Raises `Rejected`."""
    try:
        return await in_prover(work, *args, **kwargs)
    except BadAddress as problem:
        raise Rejected(Refusal.MALFORMED, f"email: {problem}") from None
    except Blocked as blocked:
        raise _blocked(call, blocked) from None
    except CredentialsWrong:
        raise Rejected(Refusal.CREDENTIALS_WRONG) from None
    except CodeWrong:
        raise Rejected(Refusal.CODE_WRONG) from None
    except TicketSpent:
        raise Rejected(Refusal.LINK_SPENT) from None


async def count_mail(call: Call, email: str) -> None:
    """Count a mail that anybody can have sent to an address. Raises `Rejected`."""
    try:
        await call.sql(call.control.attempts.begin, PERSON_MAIL, email_key_of(email))
    except BadAddress as problem:
        raise Rejected(Refusal.MALFORMED, f"email: {problem}") from None
    except Blocked as blocked:
        raise _blocked(call, blocked) from None


def check_recent(call: Call, caller: WorkspaceCaller) -> None:
    """Let only those change what they sign in by who have proved a short while ago who they are. Raises `Rejected`."""
    if not caller.sign_in.is_recent(call.now()):
        raise Rejected(Refusal.PROOF_NEEDED)


async def person_of(call: Call, caller: WorkspaceCaller) -> Person:
    """Return the person who is signed in. Raises `Rejected`."""
    person = await call.sql(call.control.people.by_id, caller.person_id)
    if person is None:
        raise Rejected(Refusal.NOT_AUTHENTICATED)
    return person


def _blocked(call: Call, blocked: Blocked) -> Rejected:
    seconds = -(-(blocked.until - call.now()) // 1000)
    return Rejected(Refusal.TOO_MANY_REQUESTS, "too often: wait", retry_after=seconds)
