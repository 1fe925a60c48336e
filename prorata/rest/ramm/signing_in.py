"""What signing in has in common for managers and clients: back-off, passwords, new passwords."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

from msgspec import Meta

from prorata.control.columns import LOGIN_LENGTH_MAX
from prorata.control.lockout import Blocked
from prorata.control.manager_rows import login_key_of
from prorata.control.passwords import LENGTH_MAX, LENGTH_MIN, is_acceptable, matches
from prorata.control.sessions import MINUTES_MAX, Kind
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.errors import bad_credentials, invalid_input, login_blocked
from prorata.views.bodies import NO_CONTROLS

LoginText = Annotated[str, Meta(min_length=1, max_length=LOGIN_LENGTH_MAX, pattern=NO_CONTROLS)]
PasswordText = Annotated[str, Meta(max_length=1_024)]
Minutes = Annotated[int, Meta(ge=1, le=MINUTES_MAX)]

Person = TypeVar("Person")

_PROVERS = ThreadPoolExecutor(2, thread_name_prefix="passwords")
"""Threads of their own: a flood of wrong passwords keeps nobody else's database waiting."""


async def begin_attempt(call: Call, kind: Kind, login: str) -> None:
    """Count a try before its password is looked at. Raises `Failure`."""
    try:
        await call.sql(call.control.attempts.begin, kind.value, login_key_of(login))
    except Blocked as blocked:
        raise login_blocked(-(-(blocked.until - call.now()) // 1000)) from None


async def end_attempt(call: Call, kind: Kind, login: str) -> None:
    """The password was right."""
    await call.sql(call.control.attempts.succeeded, kind.value, login_key_of(login))


async def proved(call: Call, people: Iterable[Person], password: str, kept: Callable[[Person], str]) -> list[Person]:
    """Return those people whose password it is. Raises `Failure` if it is nobody's, after the same time for no people."""
    shown = await whose_password(people, password, kept)
    if not shown:
        raise bad_credentials()
    return shown


async def whose_password(people: Iterable[Person], password: str, kept: Callable[[Person], str]) -> list[Person]:
    """Return those people whose password it is; it takes as long for no people."""

    def prove() -> list[Person]:
        found = list(people)
        if not found:
            matches(None, password)
        # Whoever works for several companies is found in each, and has one password.
        right = {one: matches(one, password) for one in {kept(person) for person in found}}
        return [person for person in found if right[kept(person)]]

    return await asyncio.get_running_loop().run_in_executor(_PROVERS, prove)


def check_new_password(password: str, field: str = "Password") -> None:
    """Raise `Failure` for a password that is too short, or longer than any is."""
    if not is_acceptable(password):
        raise invalid_input(field, f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters")
