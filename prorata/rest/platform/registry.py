"""The operations: at the door, which sign people in, of who is signed in, and on one trading account.

    @door("POST", "/manager/mtr-login")
    async def login(call: DoorCall, given: LoginGiven) -> LoginView: ...

    @door("GET", "/client/documents/{uuid}", signed_in=True)
    async def document(call: DoorCall, uuid: str) -> Download: ...

    @on_account("GET", "balance")                       # /mtr-api/{systemUuid}/balance
    async def balance(call: AccountCall) -> Balance: ...

Parameters of the path are texts. `given` is the body, or of a GET the query. None as an answer is 204, a `Download` a file;
all else is JSON, where decimals travel as texts; `plain`: as numbers.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, get_type_hints

import msgspec

from prorata.crm.platform_logs import LogEvent
from prorata.rest.paths import Paths, parameters_in

Handler = Callable[..., Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)

ACCOUNT_ROOT = "/mtr-api/"


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    verb: str
    path: str
    """as a template: "/mtr-api/{systemUuid}/balance" """
    parameters: tuple[str, ...]
    handler: Handler
    takes: Any
    """what the body or the query is read as; None: nothing is"""
    plain: bool
    signed_in: bool
    logs: LogEvent | None
    """as what it is in the platform logs; None: it is not, or says so itself"""
    uploads: bool
    """its body is a file; `given` is the query"""


class Upload(msgspec.Struct, frozen=True):
    media: str
    content: bytes


class Download(msgspec.Struct, frozen=True):
    """A file as an answer, for keeping: it is never shown as a part of the site."""

    content_type: str
    name: str
    body: bytes


_door: Paths[Operation] = Paths()
_on_account: Paths[Operation] = Paths()


def door(
    verb: str, path: str, *, signed_in: bool = False, uploads: bool = False
) -> Callable[[HandlerType], HandlerType]:  # fmt: skip
    """Register what is decorated under a path. `signed_in`: the call needs a session. `uploads`: see `Operation`."""

    def register(handler: HandlerType) -> HandlerType:
        made = _operation_of(handler, verb, path, path, plain=False, signed_in=signed_in, uploads=uploads)
        _door.add(verb, path, made)
        return handler

    return register


def on_account(
    verb: str, name: str, *, plain: bool = False, logs: LogEvent | None = None
) -> Callable[[HandlerType], HandlerType]:
    """Register what is decorated as an operation on the trading account that the token names."""

    def register(handler: HandlerType) -> HandlerType:
        path = f"{ACCOUNT_ROOT}{{systemUuid}}/{name}"
        _on_account.add(verb, name, _operation_of(handler, verb, path, name, plain=plain, signed_in=True, logs=logs))
        return handler

    return register


def door_at(path: str) -> tuple[dict[str, Operation], tuple[str, ...]]:
    """Return the operations of a path by verb, none if there are none, and what its parameters are."""
    return _door.at(path.removeprefix("/").split("/"))


def account_at(name: str) -> tuple[dict[str, Operation], tuple[str, ...]]:
    return _on_account.at(name.split("/"))


def operations() -> list[Operation]:
    """Return all of them, in order of their paths."""
    return sorted((*_door.all(), *_on_account.all()), key=lambda one: (one.path, one.verb))


def _operation_of(
    handler: Handler, verb: str, path: str, template: str, *, plain: bool, signed_in: bool, uploads: bool = False,
    logs: LogEvent | None = None,
) -> Operation:  # fmt: skip
    takes = get_type_hints(handler).get("given")
    return Operation(
        verb=verb, path=path, parameters=tuple(parameters_in(template)), handler=handler, takes=takes, plain=plain,
        signed_in=signed_in, uploads=uploads, logs=logs,
    )  # fmt: skip
