"""The operations: who may call them, what they take and what they give.

A handler registers itself:

    @operation("GET", "/v1/trading-account", needs=Permission.ACCOUNTS_READ)
    async def trading_account(call: Call, system_uuid: str, login: LoginGiven) -> TradingAccountView:
        '''One trading account.'''

Its arguments are the parameters of path and query under their published names in snake_case (`from_` for `from`); `page`
is a `Page` and `span` a `Span`, whose fields to sort by are `sorts`; `given` is the body. `asks`: a POST that only reads.
None as an answer is 204. The first line of its docstring is the operation's line in docs/broker-api.md; `ours` says there
that its path is not published.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, TypeVar, get_type_hints

import msgspec

from prorata.access.permissions import Permission
from prorata.rest.broker.paging import CREATED, Page, Span
from prorata.rest.paths import Paths, parameters_in

Handler = Callable[..., Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)

SORTS: Mapping[str, str] = {CREATED: CREATED, "updated": "updated"}


class Parameter(msgspec.Struct, frozen=True):
    """`published`: its name outside; `argument`: that of the handler."""

    published: str
    argument: str
    kind: Any
    is_list: bool
    required: bool


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    verb: str
    template: str
    """as published: "/v1/accounts/{accountUuid}" """
    needs: Permission | None
    """None: any key does"""
    path: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    list_kind: type[Span] | None
    sorts: Mapping[str, str]
    takes: Any
    """what the body is read as; None: there is none"""
    gives: Any
    personal: bool
    """reads data of people: it is audited, too"""
    asks: bool
    """changes nothing, whatever its verb"""
    ours: bool
    handler: Handler
    purpose: str

    @property
    def reads(self) -> bool:
        return self.verb == "GET" or self.asks


class Registry:
    """The operations of one version of the API."""

    def __init__(self) -> None:
        self._known: Paths[Operation] = Paths()

    def operation(
        self,
        verb: str,
        template: str,
        *,
        needs: Permission | None,
        sorts: Mapping[str, str] = SORTS,
        personal: bool = False,
        asks: bool = False,
        ours: bool = False,
    ) -> Callable[[HandlerType], HandlerType]:
        """Register what is decorated."""

        def register(handler: HandlerType) -> HandlerType:
            purpose = (handler.__doc__ or "").strip().partition("\n")[0]
            assert purpose, f"{template}: a docstring says what it is for"
            made = _operation_of(handler, verb, template, needs, sorts, personal, asks, ours, purpose)
            self._known.add(verb, template, made)
            return handler

        return register

    def operations(self) -> Iterator[Operation]:
        """Return all of them, in order of their paths."""
        yield from sorted(self._known.all(), key=lambda one: (one.template, one.verb))

    def at(self, steps: list[str]) -> tuple[dict[str, Operation], tuple[str, ...]]:
        """Return the operations of a path by verb, none if there are none, and what its parameters are."""
        return self._known.at(steps)


def _operation_of(
    handler: Handler, verb: str, template: str, needs: Permission | None, sorts: Mapping[str, str], personal: bool, asks: bool,
    ours: bool, purpose: str,
) -> Operation:  # fmt: skip
    hints = get_type_hints(handler, include_extras=True)
    found: dict[str, Parameter] = {}
    for argument in inspect.signature(handler).parameters.values():
        if argument.name in ("call", "given", "page", "span"):
            continue
        kind, published = hints[argument.name], _published(argument.name)
        is_list = str(kind).startswith(("list[", "tuple["))
        found[published] = Parameter(published, argument.name, kind, is_list, argument.default is inspect.Parameter.empty)
    return Operation(
        verb=verb, template=template, needs=needs, path=tuple(found.pop(name) for name in parameters_in(template)),
        query=tuple(found.values()), list_kind=Page if "page" in hints else Span if "span" in hints else None, sorts=sorts,
        takes=hints.get("given"), gives=hints["return"], personal=personal, asks=asks, ours=ours,
        handler=handler, purpose=purpose,
    )  # fmt: skip


def _published(argument: str) -> str:
    first, *others = argument.strip("_").split("_")
    return first + "".join(step.capitalize() for step in others)


V1 = Registry()
operation, operations = V1.operation, V1.operations
