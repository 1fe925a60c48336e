"""The operations of each surface: who may call them, what they take and what they give.

A handler registers itself:

    @MT4.get("UserRecordGet/{login}", needs=Permission.ACCOUNTS_READ)
    async def user_record_get(call: Call, login: Int32) -> MT4User:
        '''One account.'''

Its arguments are the parameters of path and query under their published names in snake_case (`from_` for `from`);
`page` is `limit` and `cursor` together, and gives a `Listed`; `given` is the body. A PATCH is given a `Patch`.
The first line of its docstring is the operation's line in docs/webapi.md; `how` says there what becomes of a call.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from enum import StrEnum
from typing import Any, TypeVar, get_type_hints

import msgspec

from prorata.access.permissions import Permission
from prorata.rest.webapi.errors import ErrorCode
from prorata.rest.webapi.paging import Page

TRADE_SECONDS = 5
READ_SECONDS = 10
CHANGE_SECONDS = 15
HISTORY_SECONDS = 30
MAINTENANCE_SECONDS = 60
"""The published deadlines by the kind of operation."""

Handler = Callable[..., Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)


class How(StrEnum):
    """What becomes of an operation on a trade platform of ours."""

    WORKS = "works"
    STORED = "stored"
    """is kept and read back; the engine does not look at it"""
    REFUSED = "refused"
    """cannot have a meaning here: it answers why"""


class Parameter(msgspec.Struct, frozen=True):
    """A parameter of the path or the query. `published`: its name outside; `argument`: that of the handler."""

    published: str
    argument: str
    kind: Any
    is_list: bool
    required: bool


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    surface: "Surface"
    verb: str
    template: str
    """as published: "TradesGetByLogin/{login}/{group}" """
    path: tuple[Parameter, ...]
    query: tuple[Parameter, ...]
    paged: bool
    takes: Any
    """what the body is read as; None: there is none"""
    needs: Permission
    seconds: int
    """how long it may take, unless the caller says otherwise"""
    reads: bool
    """changes nothing: it is not audited, and an answer that comes too late is forgotten"""
    confirm: bool
    """is done only with `?confirm=true`"""
    secret: bool
    """the body is nobody else's business"""
    how: How
    handler: Handler
    purpose: str

    @property
    def name(self) -> str:
        return self.template.partition("/")[0]


class Surface:
    """One platform's operations. `code`: what its trade server's own refusals are called."""

    def __init__(self, name: str, code: ErrorCode) -> None:
        self.name = name
        self.code = code
        self._known: dict[tuple[str, int], dict[str, Operation]] = {}

    def get(
        self, template: str, *, needs: Permission, seconds: int = READ_SECONDS, how: How = How.WORKS
    ) -> Callable[[HandlerType], HandlerType]:
        """Register what reads."""
        return self._register("GET", template, needs=needs, seconds=seconds, reads=True, how=how)

    def post(
        self,
        template: str,
        *,
        needs: Permission,
        seconds: int = CHANGE_SECONDS,
        reads: bool = False,
        confirm: bool = False,
        secret: bool = False,
        how: How = How.WORKS,
    ) -> Callable[[HandlerType], HandlerType]:
        """Register what changes something, unless it only `reads`."""
        return self._register(
            "POST", template, needs=needs, seconds=seconds, reads=reads, confirm=confirm, secret=secret, how=how
        )

    def patch(
        self, template: str, *, needs: Permission, seconds: int = CHANGE_SECONDS, how: How = How.WORKS
    ) -> Callable[[HandlerType], HandlerType]:
        """Register what changes parts of a record."""
        return self._register("PATCH", template, needs=needs, seconds=seconds, reads=False, how=how)

    def find(self, name: str, steps: int) -> dict[str, Operation]:
        """Return the operations of a name with so many steps after it, by verb; letters in any case."""
        return self._known.get((name.lower(), steps), {})

    def __iter__(self) -> Iterator[Operation]:
        for operations in self._known.values():
            yield from operations.values()

    def _register(
        self,
        verb: str,
        template: str,
        *,
        needs: Permission,
        seconds: int,
        reads: bool,
        confirm: bool = False,
        secret: bool = False,
        how: How,
    ) -> Callable[[HandlerType], HandlerType]:
        def register(handler: HandlerType) -> HandlerType:
            purpose = (handler.__doc__ or "").strip().partition("\n")[0]
            assert purpose, f"{template}: a docstring says what it is for"
            path, query, paged, takes = _arguments(template, handler)
            self._add(
                Operation(
                    surface=self, verb=verb, template=template, path=path, query=query, paged=paged, takes=takes,
                    needs=needs, seconds=seconds, reads=reads, confirm=confirm, secret=secret, how=how,
                    handler=handler, purpose=purpose,
                )
            )  # fmt: skip
            return handler

        return register

    def _add(self, operation: Operation) -> None:
        verbs = self._known.setdefault((operation.name.lower(), len(operation.path)), {})
        assert operation.verb not in verbs, f"{operation.verb} {operation.template} is there twice"
        verbs[operation.verb] = operation


MT4 = Surface("MT4", ErrorCode.MT4Error)
MT5 = Surface("MT5", ErrorCode.MT5Error)

SURFACES = {surface.name: surface for surface in (MT4, MT5)}


def _arguments(template: str, handler: Handler) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...], bool, Any]:
    """Return the parameters of the path and the query, whether it is paged, and what its body is."""
    hints = get_type_hints(handler, include_extras=True)
    signature = inspect.signature(handler)
    in_path = [step[1:-1] for step in template.split("/")[1:]]
    found: dict[str, Parameter] = {}
    for argument in signature.parameters.values():
        kind = hints[argument.name]
        if argument.name in ("call", "given", "page"):
            continue
        published = _published(argument.name)
        is_list = str(kind).startswith(("list[", "tuple["))
        found[published] = Parameter(published, argument.name, kind, is_list, argument.default is inspect.Parameter.empty)
    assert set(in_path) <= set(found), f"{template}: the handler takes {sorted(found)}"
    paged = hints.get("page") is Page
    path = tuple(found.pop(name) for name in in_path)
    return path, tuple(found.values()), paged, hints.get("given")


def _published(argument: str) -> str:
    first, *others = argument.strip("_").split("_")
    return first + "".join(step.capitalize() for step in others)
