"""Does a call: under its deadline, once for each key, audited.

What takes longer than its deadline is not cut off if it changes something: it goes on, and its caller is told that the
outcome is unknown. The same key gives the answer later.
"""

import asyncio
from hashlib import sha256
from typing import Any

import msgspec
import structlog

from prorata.access.permissions import Permission
from prorata.control.audit import Action, shown
from prorata.rest.webapi.answers import Answered, answered, refused
from prorata.rest.webapi.asgi import Request
from prorata.rest.webapi.call import Call
from prorata.rest.webapi.callers import House
from prorata.rest.webapi.errors import Failure, internal, invalid, outcome_unknown, timed_out
from prorata.rest.webapi.idempotency import Keys
from prorata.rest.webapi.parameters import arguments_of
from prorata.views.answers import Rejected

METHOD = "webapi"
"""how the methods of audited calls begin"""
PERSONAL = (Permission.ACCOUNTS_READ, Permission.ACCOUNTS_PASSWORDS)
"""What reads people's data is audited, too."""

_log = structlog.get_logger("webapi")


class Performer:
    def __init__(self, house: House) -> None:
        self._house = house
        self._keys = Keys()
        self._late: set[asyncio.Task[Answered]] = set()

    async def perform(
        self, call: Call, request: Request, steps: list[str], query: list[tuple[str, str]], body: bytes, seconds: float
    ) -> Answered:
        """Do a call and return what came of it. Raises `Failure` for what was not begun."""
        operation = call.operation
        list_name = f"{operation.surface.name} {operation.template} {call.trade_platform.uuid}"
        arguments = arguments_of(operation, steps, query, body, list_name)
        if call.key:
            before = self._keys.begin(call.caller.client_id, call.key, _input_of(request, body))
            if before is not None:
                return before
        performing = asyncio.create_task(self._perform(call, arguments, query, body))
        done, _ = await asyncio.wait({performing}, timeout=seconds)
        if done:
            return performing.result()
        if operation.reads:
            performing.cancel()
            raise timed_out()
        if call.key:
            self._keys.tell_unknown(call.caller.client_id, call.key)
        self._late.add(performing)
        performing.add_done_callback(self._late.discard)
        raise outcome_unknown()

    async def close(self) -> None:
        """Wait for what goes on though nobody waits for it any more."""
        await asyncio.gather(*self._late, return_exceptions=True)

    async def _perform(self, call: Call, arguments: dict[str, Any], query: list[tuple[str, str]], body: bytes) -> Answered:
        came = refused(timed_out())  # unless it comes to something else: a read is cancelled at its deadline
        try:
            came = await _outcome_of(call, arguments)
        finally:
            if call.key:
                self._keys.end(call.caller.client_id, call.key, came)
        try:
            await self._audit(call, query, body, came)
        except Exception:
            # It is done, and nobody could write it down: the caller asks again under its key, and is told how it came out.
            _log.exception("a call is not in the audit", operation=call.operation.template)
            return refused(outcome_unknown())
        return came

    async def _audit(self, call: Call, query: list[tuple[str, str]], body: bytes, came: Answered) -> None:
        """Write down every change, and who read the accounts' personal data: that a little later."""
        operation = call.operation
        if operation.reads and operation.needs not in PERSONAL:
            return
        failure = came.failure
        action = Action(
            at=call.control.database.now(),
            organization_id=call.caller.grant.organization_id,
            actor=f"api client {call.caller.client_id}",
            method=f"{METHOD} {operation.surface.name} {operation.name}",
            address=call.address,
            request=_shown(call, query, body),
            outcome="ok" if failure is None else failure.code or operation.surface.code,
            before=call.before,
            after=call.after,
        )
        if operation.reads:
            call.control.note(action)
        else:
            await call.sql(self._house.audit, action)


async def _outcome_of(call: Call, arguments: dict[str, Any]) -> Answered:
    try:
        return answered(await call.operation.handler(call, **arguments))
    except Failure as failure:
        return refused(failure)
    except Rejected as rejected:
        return refused(invalid("", rejected.detail or rejected.code.name))
    except Exception:
        _log.exception("a call failed", operation=call.operation.template, surface=call.operation.surface.name)
        return refused(internal() if call.operation.reads else outcome_unknown())


def _input_of(request: Request, body: bytes) -> bytes:
    """Return what tells this call from another one under the same key."""
    told = "\n".join((request.verb, *request.steps)).encode()
    return sha256(told + b"\n" + request.query_string + b"\n" + body).digest()


def _shown(call: Call, query: list[tuple[str, str]], body: bytes) -> str:
    """Return a request as the audit keeps it. The trade platform is told however long the rest is."""
    platform = ("platform", call.trade_platform.uuid)
    told: dict[str, Any] = {}
    for name, value in query:
        told[name] = f"{told[name]},{value}" if name in told else value
    if body and not call.operation.secret:
        told["body"] = _given(body)
    try:
        text = shown([platform, *told.items()])
    except RecursionError:
        text = shown([("unreadable", len(body))])
    return text if platform[1] in text else shown([platform, *msgspec.json.decode(text).items()])


def _given(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return {"unreadable": len(body)}
