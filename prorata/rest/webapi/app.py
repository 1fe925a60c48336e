"""The WebAPI as one ASGI application: the frame in which all operations are served.

path     /api/v2/{MT4|MT5}/{trade platform}/{operation}/...     letters of the operation in any case
verbs    GET reads; POST and PATCH change, and take an Idempotency-Key
answer   200 with `data`, `error` and `meta`, whatever came of it; 401 without a valid token, 404 and 405 for no operation
order    operation, token, trade platform, permission, connection, deadline, key, parameters and body; then the handler
"""

import structlog

from prorata.rest.webapi import legacy, operations
from prorata.rest.webapi.answers import Answered, refused
from prorata.rest.webapi.asgi import Disconnected, Head, Receive, Request, ScopeDict, Send, send_json
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.callers import Caller, House, TradePlatform
from prorata.rest.webapi.deadlines import deadline_of, seconds_text
from prorata.rest.webapi.envelope import envelope_of
from prorata.rest.webapi.errors import ErrorCode, Failure, forbidden, internal, no_connection, not_found
from prorata.rest.webapi.idempotency import key_of
from prorata.rest.webapi.mt4.firewall import check_admitted
from prorata.rest.webapi.performing import Performer
from prorata.rest.webapi.registry import SURFACES, Operation

assert operations

ROOT = "/api/v2/"
ROOTS = (ROOT, *legacy.ROOTS)
"""Beginnings of the paths that are served here."""

APPLIED = b"x-request-timeout-applied"
OUTCOME = b"x-request-outcome"
CHALLENGE: Head = [(b"www-authenticate", b'Bearer realm="prorata"')]

_log = structlog.get_logger("webapi")


class NotSignedIn(Exception):
    """The token is missing, unknown or expired."""


class WebApi:
    def __init__(self, house: House) -> None:
        self.house = house
        self._performer = Performer(house)

    async def close(self) -> None:
        """Wait for calls that go on though nobody waits for them any more."""
        await self._performer.close()

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        head: Head = []
        try:
            if scope["path"].startswith(ROOT):
                await self._answer(request, head, send)
            else:
                await self._answer_legacy(request, head, send)
        except Disconnected:
            pass

    # The second version.

    async def _answer(self, request: Request, head: Head, send: Send) -> None:
        operations_here = _operations_at(request)
        operation = operations_here.get(request.verb)
        if operation is None:
            status = 405 if operations_here else 404
            allowed: Head = [(b"allow", ", ".join(sorted(operations_here)).encode())] if operations_here else []
            await self._send(send, status, request, ErrorCode.NotFound, refused(not_found("operation")), allowed)
            return
        code = operation.surface.code
        try:
            came = await self.answer(operation, request, request.steps[3], request.steps[5:], head)
        except NotSignedIn:
            failure = Failure(ErrorCode.Forbidden, "The token is missing, unknown or expired")
            await self._send(send, 401, request, code, refused(failure), CHALLENGE)
            return
        await self._send(send, 200, request, code, came, head)

    async def answer(self, operation: Operation, request: Request, uuid: str, steps: list[str], head: Head) -> Answered:
        """Return what comes of a call, whatever that is. `head` gets the headers about its deadline.

        Raises `NotSignedIn`, `Disconnected`.
        """
        caller = self.caller_of(request)
        try:
            return await self._asked(operation, request, caller, uuid, steps, head)
        except Failure as failure:
            if failure.outcome:
                head.append((OUTCOME, failure.outcome.encode()))
            return refused(failure)
        except Disconnected:
            raise
        except Exception:
            _log.exception("a call failed", operation=operation.template, activity=request.activity)
            return refused(internal())

    async def _asked(
        self, operation: Operation, request: Request, caller: Caller, uuid: str, steps: list[str], head: Head
    ) -> Answered:
        trade_platform = self.trade_platform_of(caller, uuid)
        if not caller.grant.may(operation.needs):
            raise forbidden(operation.needs)
        query = request.query()
        told = next((value for name, value in query if name.lower() == "requesttimeout"), None)
        seconds = deadline_of(request.headers.get(b"x-request-timeout"), told, operation.seconds)
        head.append((APPLIED, seconds_text(seconds).encode()))
        if trade_platform.reached is None:
            raise no_connection()
        changes = operation.verb != "GET"
        key = key_of(request.headers.get(b"idempotency-key")) if changes else ""
        body = await request.body() if changes else b""
        call = Call(self.house, operation, caller, trade_platform, key, request.address)
        check_admitted(call)
        came = await self._performer.perform(call, request, steps, query, body, float(seconds))
        if came.failure is not None:
            raise came.failure
        return came

    def caller_of(self, request: Request) -> Caller:
        """Return who calls, who is counted. Raises `NotSignedIn`."""
        caller = self.house.authenticate(request.token, request.address) if request.token else None
        if caller is None:
            raise NotSignedIn
        self.house.count(caller.client_id)
        return caller

    def trade_platform_of(self, caller: Caller, uuid: str) -> TradePlatform:
        """Return a trade platform within the caller's reach. Raises `Failure`: absent and forbidden alike."""
        found = self.house.directory.platform_for(caller, uuid.lower())
        if found is None or not caller.grant.reaches(found.uuid):
            raise not_found("trade platform")
        return found

    async def _send(self, send: Send, status: int, request: Request, code: ErrorCode, came: Answered, head: Head) -> None:
        await send_json(send, status, envelope_of(came, code, request.activity), head)

    # The first version.

    async def _answer_legacy(self, request: Request, head: Head, send: Send) -> None:
        raise NotImplementedError


def _operations_at(request: Request) -> dict[str, Operation]:
    """Return the operations of a path, by verb: /api/v2/{surface}/{trade platform}/{operation}/..."""
    steps = request.steps
    surface = SURFACES.get(steps[2].upper()) if len(steps) >= 5 else None
    return surface.find(steps[4], len(steps) - 5) if surface is not None else {}
