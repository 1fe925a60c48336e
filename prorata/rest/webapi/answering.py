"""Answers a call of whichever version: who calls, on which trade platform, may he, until when; then it is done.

order    token, allowance, trade platform, permission, deadline, connection, key, body; then `performing`
"""

from collections.abc import Callable, Sequence

import msgspec
import structlog

from prorata.rest.own.allowance import Allowances
from prorata.rest.webapi.answers import Answered, refused
from prorata.rest.webapi.asgi import Disconnected, Head, Request
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.callers import Caller, House, TradePlatform
from prorata.rest.webapi.deadlines import deadline_of, seconds_text
from prorata.rest.webapi.errors import ErrorCode, Failure, busy, forbidden, internal, no_connection, not_found
from prorata.rest.webapi.idempotency import key_of
from prorata.rest.webapi.mt4.firewall import check_admitted
from prorata.rest.webapi.performing import Performer
from prorata.rest.webapi.registry import Operation
from prorata.views.answers import Rejected

APPLIED = b"x-request-timeout-applied"
OUTCOME = b"x-request-outcome"
CHALLENGE: Head = [(b"www-authenticate", b'Bearer realm="prorata"')]

_log = structlog.get_logger("webapi")


class NotSignedIn(Exception):
    """The token is missing, unknown or expired."""

    def __init__(self) -> None:
        super().__init__()
        self.failure = Failure(ErrorCode.Forbidden, "The token is missing, unknown or expired")


class Asked(msgspec.Struct, frozen=True):
    """What is asked for. `steps`: of the path, after the operation's name. `more`: parameters besides those in the query.

    `body_of`: what the body becomes before it is read.
    """

    operation: Operation
    trade_platform: str
    steps: list[str]
    more: Sequence[tuple[str, str]] = ()
    body_of: Callable[[bytes], bytes] | None = None


class Answering:
    def __init__(self, house: House, allowances: Allowances) -> None:
        self.house = house
        self._allowances = allowances
        self._performer = Performer(house)

    async def close(self) -> None:
        """Wait for calls that go on though nobody waits for them any more."""
        await self._performer.close()

    def caller_of(self, request: Request) -> Caller:
        """Return who calls. Raises `NotSignedIn`."""
        caller = self.house.authenticate(request.token, request.address) if request.token else None
        if caller is None:
            raise NotSignedIn
        return caller

    def counted(self, caller: Caller) -> Caller:
        self.house.count(caller.client_id)
        return caller

    def trade_platform_of(self, caller: Caller, uuid: str) -> TradePlatform:
        """Return a trade platform within the caller's reach. Raises `Failure`: absent and forbidden alike."""
        found = self.house.directory.platform_for(caller, uuid.lower())
        if found is None or not caller.grant.reaches(found.uuid):
            raise not_found("trade platform")
        return found

    async def answer(self, request: Request, asked: Asked, head: Head) -> Answered:
        """Return what comes of a call, whatever that is. `head` gets the headers about its deadline.

        Raises `NotSignedIn`, `Disconnected`.
        """
        caller = self.counted(self.caller_of(request))
        try:
            return await self._done(request, asked, caller, head)
        except Failure as failure:
            if failure.outcome:
                head.append((OUTCOME, failure.outcome.encode()))
            return refused(failure)
        except Disconnected:
            raise
        except Exception:
            _log.exception("a call failed", operation=asked.operation.template, activity=request.activity)
            return refused(internal())

    def _take(self, caller: Caller, head: Head) -> None:
        """Spend one call of the caller's allowance. Raises `Failure`."""
        try:
            self._allowances.take(caller.client_id)
        except Rejected as rejected:
            head.append((b"retry-after", str(rejected.retry_after).encode()))
            raise busy("The caller has used up its allowance; the call was not sent") from None

    async def _done(self, request: Request, asked: Asked, caller: Caller, head: Head) -> Answered:
        operation = asked.operation
        self._take(caller, head)
        trade_platform = self.trade_platform_of(caller, asked.trade_platform)
        if not caller.grant.may(operation.needs):
            raise forbidden(operation.needs)
        query = [*request.query(), *asked.more]
        told = next((value for name, value in query if name.lower() == "requesttimeout"), None)
        seconds = deadline_of(request.headers.get(b"x-request-timeout"), told, operation.seconds)
        head.append((APPLIED, seconds_text(seconds).encode()))
        if trade_platform.reached is None:
            raise no_connection()
        changes = operation.verb != "GET"
        key = key_of(request.headers.get(b"idempotency-key")) if changes else ""
        body = await request.body() if changes else b""
        if asked.body_of is not None:
            body = asked.body_of(body)
        call = Call(self.house, operation, caller, trade_platform, key, request.address)
        check_admitted(call)
        came = await self._performer.perform(call, request, asked.steps, query, body, float(seconds))
        if came.failure is not None:
            raise came.failure
        return came
