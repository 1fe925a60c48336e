"""The methods of each API: who may call them, what they take and what they give.

A handler registers itself:

    @MANAGER.method("accounts.get", reads=True)
    async def accounts_get(call: Call, given: AccountId) -> AccountView:
        '''One account.'''

Its annotations say what is read and written, the first line of its docstring is the method's line in
docs/ramm-api.md.
"""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar, get_type_hints

import msgspec

from prorata.rest.ramm.bodies import Input

Handler = Callable[..., Awaitable[Any]]
HandlerType = TypeVar("HandlerType", bound=Handler)


class Nothing(Input, frozen=True, kw_only=True):
    """For methods that are told nothing."""


class Method(msgspec.Struct, frozen=True, kw_only=True):
    api: "Api"
    name: str
    """as documented, with its capitals"""
    also: tuple[str, ...]
    """other spellings under which it is documented"""
    versions: tuple[int, ...]
    reads: bool
    """changes nothing, and may be called by GET"""
    public: bool
    """needs no token"""
    own: bool
    """concerns the caller's own session and self: every manager has the right to it"""
    handler: Handler
    takes: type[Input]
    is_told: bool
    """whether the handler takes what was sent"""
    purpose: str

    @property
    def paths(self) -> list[str]:
        return [f"/api/{self.api.name}/v{version}/{self.name}" for version in self.versions]


class Api:
    """One API. `capital_errors`: whether its errors are `Error {Code, Message}` or `error {code, message}`."""

    def __init__(self, name: str, versions: tuple[int, ...], *, capital_errors: bool) -> None:
        self.name = name
        self.versions = versions
        self.capital_errors = capital_errors
        self._methods: list[Method] = []
        self._known: dict[tuple[int, str], Method] = {}

    def method(
        self,
        name: str,
        *,
        also: tuple[str, ...] = (),
        versions: tuple[int, ...] = (),
        reads: bool = False,
        public: bool = False,
        own: bool = False,
    ) -> Callable[[HandlerType], HandlerType]:
        """Register a handler. `versions`: of the API, if not all have the method. The rest: see `Method`."""

        def register(handler: HandlerType) -> HandlerType:
            hints = get_type_hints(handler)
            takes = next((kind for hint, kind in hints.items() if hint not in ("call", "return")), None)
            purpose = (handler.__doc__ or "").strip().partition("\n")[0]
            assert purpose, f"{name}: a docstring says what it is for"
            self._add(
                Method(
                    api=self, name=name, also=also, versions=versions or self.versions, reads=reads, public=public, own=own,
                    handler=handler, takes=takes or Nothing, is_told=takes is not None, purpose=purpose,
                )
            )  # fmt: skip
            return handler

        return register

    def find(self, version: int, name: str) -> Method | None:
        """Return the method of this name, in whatever letter case."""
        return self._known.get((version, name.lower()))

    def names(self) -> list[str]:
        """Return the names of all methods, as documented, in order."""
        return sorted({method.name for method in self._methods}, key=str.lower)

    def __iter__(self) -> Iterator[Method]:
        return iter(sorted(self._methods, key=lambda method: (method.name.lower(), method.versions)))

    def _add(self, method: Method) -> None:
        assert set(method.versions) <= set(self.versions), f"{method.name}: no such version"
        for version in method.versions:
            for name in (method.name, *method.also):
                key = (version, name.lower())
                assert key not in self._known, f"{name} of version {version} is there twice"
                self._known[key] = method
        self._methods.append(method)


MANAGER = Api("manager", (1,), capital_errors=False)
CLIENT = Api("client", (1, 2, 3), capital_errors=True)
TRADING = Api("trading", (1,), capital_errors=False)
PARTNER = Api("partner", (1, 3), capital_errors=True)

APIS = {api.name: api for api in (MANAGER, CLIENT, TRADING, PARTNER)}
ROOTS = tuple(f"/api/{name}/" for name in APIS)
"""Beginnings of the paths that are served here."""


def asked(path: str) -> tuple[Api, int, str]:
    """Return API, version and method of a path; what is not served has version 0."""
    steps = path.split("/")
    api = APIS.get(steps[2], MANAGER) if len(steps) > 2 else MANAGER
    if len(steps) != 5 or steps[3] not in ("v1", "v2", "v3"):
        return api, 0, ""
    return api, int(steps[3][1:]), steps[4]
