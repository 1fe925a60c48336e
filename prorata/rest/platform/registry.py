"""The operations: at the door, which sign people in, and on one trading account.

    @door("POST", "/manager/mtr-login")
    async def login(call: DoorCall, given: LoginGiven) -> LoginView: ...

    @on_account("GET", "balance")                       # /mtr-api/{systemUuid}/balance
    async def balance(call: AccountCall) -> Balance: ...

`given` is the body, or of a GET the query. None as an answer is 204, a `File` is a file. Decimals travel as texts; `plain`: as
numbers.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_type_hints

import msgspec

Handler = Callable[..., Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    verb: str
    handler: Handler
    takes: Any
    """what the body or the query is read as; None: nothing is"""
    plain: bool
    signed_in: bool
    uploads: bool
    """its body is a file; `given` is the query"""


class Upload(msgspec.Struct, frozen=True):
    media: str
    content: bytes


class File(msgspec.Struct, frozen=True):
    """An answer that is a file."""

    media: str
    content: bytes


_door: dict[str, dict[str, Operation]] = {}
_on_account: dict[str, dict[str, Operation]] = {}


def door(
    verb: str, path: str, *, signed_in: bool = False, uploads: bool = False
) -> Callable[[HandlerType], HandlerType]:  # fmt: skip
    """Register what is decorated under a path. `signed_in`: the call needs a session. `uploads`: see `Operation`."""
    return _registering(_door, verb, path, signed_in=signed_in, uploads=uploads)


def on_account(verb: str, name: str, *, plain: bool = False) -> Callable[[HandlerType], HandlerType]:
    """Register what is decorated as an operation on the trading account that the token names."""
    return _registering(_on_account, verb, name, plain=plain)


def door_at(path: str) -> dict[str, Operation]:
    """Return the operations of a path by verb, none if there are none."""
    return _door.get(path, {})


def account_at(name: str) -> dict[str, Operation]:
    return _on_account.get(name, {})


def operations() -> list[tuple[str, str]]:
    """Return verb and path of all of them."""
    found = [(verb, path) for path, verbs in _door.items() for verb in verbs]
    return sorted(found + [(verb, f"/mtr-api/{{systemUuid}}/{name}") for name, verbs in _on_account.items() for verb in verbs])


def _registering(
    known: dict[str, dict[str, Operation]],
    verb: str,
    path: str,
    *,
    plain: bool = False,
    signed_in: bool = False,
    uploads: bool = False,
) -> Callable[[HandlerType], HandlerType]:
    def register(handler: HandlerType) -> HandlerType:
        verbs = known.setdefault(path, {})
        assert verb not in verbs, f"{verb} {path} is there twice"
        takes = get_type_hints(handler).get("given")
        verbs[verb] = Operation(
            verb=verb, handler=handler, takes=takes, plain=plain, signed_in=signed_in, uploads=uploads
        )  # fmt: skip
        return handler

    return register
