"""What stands in front of every call: its key, its allowance, its body, its request id.

New orders have a shorter way past it and past the framework, see `order_protocol`; it asks here the same questions.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

import structlog

from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
from prorata.rest.asgi import (
    BEARER,
    CHANGING,
    REQUEST_ID,
    Disconnected,
    Headers,
    Receive,
    RequestIds,
    ScopeDict,
    Send,
    read_body,
    replay,
    send_problem,
    with_request_id,
)
from prorata.rest.own.allowance import Allowances
from prorata.rest.own.session import SESSION, Platform, Session
from prorata.rest.own.tokens import PLATFORM_HEADER, AccessTokens
from prorata.views.answers import Rejected

ROOT = "/api/v1"
PUBLIC = frozenset({f"{ROOT}/openapi.json", f"{ROOT}/docs"})
SERVED = (f"{ROOT}/", "/problems")
ORDERS = f"{ROOT}/orders"

_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,128}")

_log = structlog.get_logger("rest")


class Front:
    """The ASGI application: `behind` serves whatever is not answered here.

    `expected`: names of platforms that do not run yet, or not at the moment. `tokens` None: only keys are taken.
    """

    def __init__(
        self,
        behind: Callable[[Any, Any, Any], Awaitable[None]],
        platforms: Mapping[str, Platform],
        keys: KeyStore,
        allowances: Allowances,
        expected: Collection[str] = (),
        tokens: AccessTokens | None = None,
    ) -> None:
        self._behind = behind
        self._platforms = platforms
        self._keys = keys
        self._allowances = allowances
        self._expected = expected
        self._tokens = tokens
        self.request_id = RequestIds().of

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._behind(scope, receive, send)
            return
        headers: Headers = dict(scope["headers"])
        request_id = self.request_id(headers)
        try:
            await self._pass_on(scope, headers, request_id, receive, send)
        except Rejected as rejected:
            await send_problem(send, rejected, scope["path"], request_id)
        except Disconnected:
            pass
        except Exception:
            _log.exception("a call failed", method=scope["method"], path=scope["path"], request_id=request_id)
            await send_problem(send, Rejected(Refusal.OUTCOME_UNKNOWN), scope["path"], request_id)

    async def _pass_on(self, scope: ScopeDict, headers: Headers, request_id: str, receive: Receive, send: Send) -> None:
        scope[REQUEST_ID] = request_id
        changes = scope["method"] in CHANGING
        path = scope["path"]
        if not path.startswith(SERVED):
            raise Rejected(Refusal.NOT_FOUND)
        if path.startswith(f"{ROOT}/") and path not in PUBLIC:
            address = scope["client"][0] if scope.get("client") else ""
            scope[SESSION] = self.session(headers, request_id, changes=changes, address=address)
            if changes:
                receive = replay(await read_body(headers, receive), receive)
        await self._behind(scope, receive, with_request_id(send, request_id))

    def session(self, headers: Headers, request_id: str, *, changes: bool, address: str = "") -> Session:
        """Return who calls, under which idempotency key. `address`: from where; keys do not ask. Raises `Rejected`."""
        authorization = headers.get(b"authorization", b"")
        if authorization[:7].lower() != BEARER:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        token = authorization[7:].strip()
        caller = self._keys.verify(token)
        if caller is None and self._tokens is not None:
            caller = self._tokens.caller(token, headers.get(PLATFORM_HEADER), address)
        if caller is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        platform = self._platforms.get(caller.platform)
        if platform is None and caller.platform in self._expected:
            raise Rejected(Refusal.NOT_READY, retry_after=1)
        if platform is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        self._allowances.take(caller.key_id)
        key = headers.get(b"idempotency-key") if changes else None
        if key is None:
            return Session(caller, platform, "", request_id)
        if _IDEMPOTENCY_KEY.fullmatch(key) is None:
            raise Rejected(Refusal.MALFORMED, "Idempotency-Key: 1 to 128 visible ASCII characters")
        return Session(caller, platform, key.decode("ascii"), request_id)
