"""The RAMM APIs as one ASGI application: the frame in which all methods are served.

path     /api/{manager|client|trading|partner}/v{n}/{method}     letters of the method in any case
verb     POST with a JSON body; what only reads also by GET with a query
headers  Token: of a session, a strategy or a partner; AppToken: of the application that sends signals
order    method, token, allowance, right, body; then the handler, then the audit
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, TypeAlias

import msgspec
import structlog

from prorata.control.audit import Action, shown
from prorata.control.companies import Company, CompanyStatus
from prorata.control.manager_rights import may
from prorata.control.sessions import Kind
from prorata.rest.own.allowance import Allowance, Allowances
from prorata.rest.ramm import methods
from prorata.rest.ramm.bodies import BODY_MAX, body_of, query_of, tree_of
from prorata.rest.ramm.call import Call, Caller, House, Sender
from prorata.rest.ramm.errors import (
    Absent,
    Failure,
    access_denied,
    bad_token,
    body_too_large,
    incorrect_method,
    internal_error,
    too_many_requests,
    wrong_verb,
)
from prorata.rest.ramm.registry import CLIENT, MANAGER, PARTNER, TRADING, Api, Method, asked
from prorata.rest.ramm.rendering import absent_as, allowed_origin, head_of, rendered_failure, send_answer
from prorata.rest.ramm.values import encoder
from prorata.views.answers import Rejected

assert methods

ScopeDict: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_log = structlog.get_logger("ramm")


class Disconnected(Exception):
    """The caller has gone before its body was here."""


class RammApp:
    def __init__(self, house: House, allowance: Allowance | None = None) -> None:
        self.house = house
        self._allowances = Allowances(allowance or Allowance())
        self._call_prefix = secrets.token_hex(4)
        self._calls = count(1)

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        api, version, name = asked(scope["path"])
        if scope["method"] == "OPTIONS":
            await send_answer(send, 204, allowed_origin(), b"")
            return
        request_id = f"{self._call_prefix}-{next(self._calls):x}"
        try:
            body = await self._answer(api, version, name, scope, receive)
            await send_answer(send, 200, head_of(body, request_id), body)
        except Disconnected:
            return
        except Exception as problem:
            if not isinstance(problem, Failure | Absent):
                _log.exception("a call failed", api=api.name, method=name, request_id=request_id)
                problem = internal_error()
            status, head, body = rendered_failure(problem, api, request_id)
            await send_answer(send, status, head, body)

    async def _answer(self, api: Api, version: int, name: str, scope: ScopeDict, receive: Receive) -> bytes:
        method = api.find(version, name)
        if method is None:
            raise incorrect_method()
        if scope["method"] != "POST" and not (scope["method"] == "GET" and method.reads):
            raise wrong_verb()
        call = self._signed_in(method, version, scope)
        if scope["method"] == "GET":
            sent: bytes = scope["query_string"]
        else:
            sent = await _body(dict(scope["headers"]), receive)
        try:
            self._check_right(call)
            read = query_of if scope["method"] == "GET" else body_of
            given = read(method.takes, sent)
            answer = await (method.handler(call, given) if method.is_told else method.handler(call))
            body = b"{}" if answer is None else encoder.encode(answer)
        except (Failure, Absent) as failure:
            await self._audit(call, scope, sent, absent_as(failure, api).code)
            raise
        except Exception:
            await self._audit(call, scope, sent, "internal_error")
            raise
        await self._audit(call, scope, sent, "ok")
        return body

    # Who calls.

    def _signed_in(self, method: Method, version: int, scope: ScopeDict) -> Call:
        """Return the call as somebody's. Raises `Failure`."""
        headers = dict(scope["headers"])
        token = headers.get(b"token", b"").decode("latin-1").strip()
        caller = None if method.public else self._caller(method.api, token, headers)
        company = None if caller is None else self._company_of(caller)
        call = Call(self.house, method, version, caller, company, token)
        call.address = scope["client"][0] if scope.get("client") else ""
        call.host = headers.get(b"host", b"").decode("latin-1").lower()
        call.base_url = self.house.access_url or f"{scope.get('scheme', 'http')}://{call.host}"
        try:
            self._allowances.take(call.bucket)
        except Rejected as rejected:
            raise too_many_requests(rejected.retry_after) from None
        return call

    def _caller(self, api: Api, token: str, headers: dict[bytes, bytes]) -> Caller:
        control = self.house.control
        found: Caller | None = None
        if api in (MANAGER, CLIENT):
            session = control.sessions.find(token)
            kind = Kind.MANAGER if api is MANAGER else Kind.CLIENT
            found = session if session is not None and session.kind == kind else None
        elif api is TRADING:
            strategy = control.strategy_tokens.find(token)
            app = control.app_tokens.find(headers.get(b"apptoken", b"").decode("latin-1").strip())
            found = None if strategy is None or app is None else Sender(strategy, app)
        elif api is PARTNER:
            found = control.partner_tokens.find(token)
        if found is None:
            raise bad_token()
        return found

    def _company_of(self, caller: Caller) -> Company:
        company_id = caller.strategy.company_id if isinstance(caller, Sender) else caller.company_id
        company = self.house.control.companies.get(company_id)
        if company is None or company.status == CompanyStatus.DELETED:
            raise bad_token()
        return company

    def _check_right(self, call: Call) -> None:
        method = call.method
        if method.api is MANAGER and not method.public and not method.own and not may(call.manager.rights, method.name):
            raise access_denied()

    # The audit.

    async def _audit(self, call: Call, scope: ScopeDict, sent: bytes, outcome: str) -> None:
        """Write down what a manager did, and what anybody changed. What was only read is written a little later.

        Signals are not written: the journal of the trade platform has each of them.
        """
        method = call.method
        if method.api is not MANAGER and (method.reads or method.api is TRADING):
            return
        action = Action(
            at=call.now(), organization_id=call.company_id, actor=call.actor, method=f"{method.api.name} {method.name}",
            address=call.address, request=_shown(scope["method"], sent), outcome=outcome,
        )  # fmt: skip
        if method.reads:
            self.house.control.note(action)
        else:
            await asyncio.to_thread(self.house.control.audit.write, [action])


@asynccontextmanager
async def serving(house: House) -> AsyncIterator[None]:
    """Keep what is in memory fresh while the application serves."""
    refreshing = asyncio.create_task(house.control.keep_fresh())
    try:
        yield
    finally:
        refreshing.cancel()
        await asyncio.gather(refreshing, return_exceptions=True)


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 9 or int(length) > BODY_MAX:
        raise body_too_large(BODY_MAX)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > BODY_MAX:
            raise body_too_large(BODY_MAX)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


def _shown(verb: str, sent: bytes) -> str:
    """Return a request as the audit keeps it. What cannot be read has no fields that could be hidden: only its size is kept."""
    try:
        value = tree_of(sent) if verb == "GET" else msgspec.json.decode(sent.strip(b"\x00 \t\r\n") or b"{}")
    except (Failure, msgspec.DecodeError, ValueError, RecursionError):
        value = {"unreadable": len(sent)}
    return shown(value.items() if isinstance(value, dict) else [("body", value)])
