"""The WebAPI as one ASGI application: the frame in which all operations are served.

path     /api/v2/{MT4|MT5}/{trade platform}/{operation}/...     letters of the operation in any case
verbs    GET reads; POST and PATCH change, and take an Idempotency-Key
answer   200 with `data`, `error` and `meta`, whatever came of it; 401 without a valid token, 404 and 405 for no operation

What the first version served is in `legacy`.
"""

from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.webapi import operations
from prorata.rest.webapi.answering import CHALLENGE, Answering, Asked, NotSignedIn
from prorata.rest.webapi.answers import refused
from prorata.rest.webapi.asgi import Disconnected, Head, Receive, Request, ScopeDict, Send, send_json
from prorata.rest.webapi.callers import House
from prorata.rest.webapi.envelope import envelope_of
from prorata.rest.webapi.errors import ErrorCode, not_found
from prorata.rest.webapi.legacy import LEGACY_ROOTS, LegacyApi
from prorata.rest.webapi.registry import SURFACES, Operation

assert operations

ROOT = "/api/v2/"
ROOTS = (ROOT, *LEGACY_ROOTS)
"""Beginnings of the paths that are served here."""


class WebApi:
    """`allowance`: how often each client may call; more is `Busy`."""

    def __init__(self, house: House, allowance: Allowance | None = None) -> None:
        self.house = house
        self._answering = Answering(house, Allowances(allowance or Allowance()))
        self._legacy = LegacyApi(self._answering)

    async def close(self) -> None:
        """Wait for calls that go on though nobody waits for them any more."""
        await self._answering.close()

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = self._answer if scope["path"].startswith(ROOT) else self._legacy.answer
        try:
            status, body, head = await answer(request)
        except Disconnected:
            return
        await send_json(send, status, body, head)

    async def _answer(self, request: Request) -> tuple[int, bytes, Head]:
        there = _operations_at(request)
        operation = there.get(request.verb)
        if operation is None:
            body = envelope_of(refused(not_found("operation")), ErrorCode.NotFound, request.activity)
            return (405, body, [(b"allow", ", ".join(sorted(there)).encode())]) if there else (404, body, [])
        head: Head = []
        code = operation.surface.code
        try:
            came = await self._answering.answer(request, Asked(operation, request.steps[3], request.steps[5:]), head)
        except NotSignedIn as problem:
            return 401, envelope_of(refused(problem.failure), code, request.activity), CHALLENGE
        return 200, envelope_of(came, code, request.activity), head


def _operations_at(request: Request) -> dict[str, Operation]:
    """Return the operations of a path, by verb: /api/v2/{surface}/{trade platform}/{operation}/..."""
    steps = request.steps
    surface = SURFACES.get(steps[2].upper()) if len(steps) >= 5 else None
    return surface.find(steps[4], len(steps) - 5) if surface is not None else {}
