"""Passwords are proved in threads of their own, with back-off, in the same time for people who are not there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from prorata.control.lockout import Blocked
from prorata.control.passwords import matches
from prorata.messages.refusals import Refusal
from prorata.rest.workspace.call import Call
from prorata.views.answers import Rejected

REALM = "person"

_PROVERS = ThreadPoolExecutor(2, thread_name_prefix="people")
"""Threads of their own: a flood of wrong passwords keeps nobody else's database waiting."""


async def begin_attempt(call: Call, email_key: str) -> None:
    """Count a try before its password or code is looked at. Raises `Rejected`."""
    try:
        await call.sql(call.control.attempts.begin, REALM, email_key)
    except Blocked as blocked:
        seconds = -(-(blocked.until - call.now()) // 1000)
        raise Rejected(Refusal.TOO_MANY_REQUESTS, "wrong too often: wait", retry_after=seconds) from None


async def end_attempt(call: Call, email_key: str) -> None:
    """The person has proved who he is."""
    await call.sql(call.control.attempts.succeeded, REALM, email_key)


async def is_password(kept: str | None, password: str) -> bool:
    """Say whether it is the password that was kept; None and "" take as long."""
    return await asyncio.get_running_loop().run_in_executor(_PROVERS, matches, kept or None, password)
