"""What stands in front of every call: its key, its allowance, its body, its request id.

New orders have a shorter way past it and past the framework, see `order_protocol`; it asks here the same questions.
"""

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from itertools import count
from typing import Any, TypeAlias

import msgspec
import structlog

from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
from prorata.rest.own.allowance import Allowances
from prorata.rest.own.session import SESSION, Platform, Session
from prorata.views.answers import PROBLEM_JSON, STATUS, Rejected, problem_headers, problem_of
from prorata.views.bodies import BODY_MAX

ROOT = "/api/v1"
PUBLIC = frozenset({f"{ROOT}/openapi.json", f"{ROOT}/docs"})
SERVED = (f"{ROOT}/", "/problems")
ORDERS = f"{ROOT}/orders"
REQUEST_ID = "prorata.request_id"
"""where the call's id is in the ASGI scope"""

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_IDEMPOTENCY_KEY = re.compile(rb"[\x21-\x7e]{1,128}")
_CONTENT_JSON = re.compile(rb"application/json\s*(;\s*charset=\"?utf-?8\"?\s*)?", re.IGNORECASE)
_BEARER = b"bearer "

_encoder = msgspec.json.Encoder()
_log = structlog.get_logger("rest")

# ASGI as it is on the wire: the scope is a dict that everybody on the way may add to.
ScopeDict: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Headers: TypeAlias = dict[bytes, bytes]
Head: TypeAlias = list[tuple[bytes, bytes]]
"""headers of an answer"""


class Disconnected(Exception):
    """The caller has gone before its body was here."""


class Front:
    """The ASGI application: `behind` serves whatever is not answered here."""

    def __init__(
        self,
        behind: Callable[[Any, Any, Any], Awaitable[None]],
        platforms: Mapping[str, Platform],
        keys: KeyStore,
        allowances: Allowances,
    ) -> None:
        self._behind = behind
        self._platforms = platforms
        self._keys = keys
        self._allowances = allowances
        self._call_prefix = secrets.token_hex(4)
        self._calls = count(1)

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
        changes = scope["method"] in _CHANGING
        path = scope["path"]
        if not path.startswith(SERVED):
            raise Rejected(Refusal.NOT_FOUND)
        if path.startswith(f"{ROOT}/") and path not in PUBLIC:
            scope[SESSION] = self.session(headers, request_id, changes=changes)
            if changes:
                receive = _replay(await _read_body(headers, receive), receive)
        await self._behind(scope, receive, _with_request_id(send, request_id))

    def request_id(self, headers: Headers) -> str:
        """Return the caller's own id for its call, if it is sound, or a new one."""
        given = headers.get(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given.decode()
        return f"{self._call_prefix}-{next(self._calls):x}"

    def session(self, headers: Headers, request_id: str, *, changes: bool) -> Session:
        """Return who calls, under which idempotency key. Raises `Rejected`."""
        authorization = headers.get(b"authorization", b"")
        if authorization[:7].lower() != _BEARER:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        caller = self._keys.verify(authorization[7:].strip())
        if caller is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        platform = self._platforms.get(caller.platform)
        if platform is None:
            raise Rejected(Refusal.NOT_AUTHENTICATED)
        self._allowances.take(caller.key_id)
        key = headers.get(b"idempotency-key") if changes else None
        if key is None:
            return Session(caller, platform, "", request_id)
        if _IDEMPOTENCY_KEY.fullmatch(key) is None:
            raise Rejected(Refusal.MALFORMED, "Idempotency-Key: 1 to 128 visible ASCII characters")
        return Session(caller, platform, key.decode("ascii"), request_id)


async def _read_body(headers: Headers, receive: Receive) -> bytes:
    """Return the body, which is JSON of a bearable size. Raises `Rejected`, `Disconnected`."""
    check_length(headers)
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body += message.get("body", b"")
        if len(body) > BODY_MAX:
            raise Rejected(Refusal.BODY_TOO_LARGE)
        if not message.get("more_body", False):
            break
    check_media(headers, body)
    return body


def check_length(headers: Headers) -> None:
    """Refuse a body that says it is too large before any of it is read. Raises `Rejected`."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 18 or int(length) > BODY_MAX:
        raise Rejected(Refusal.BODY_TOO_LARGE)


def check_media(headers: Headers, body: bytes) -> None:
    """Refuse what does not say that it is JSON. Raises `Rejected`."""
    if not body:
        return
    kind = headers.get(b"content-type", b"")
    if kind != b"application/json" and _CONTENT_JSON.fullmatch(kind) is None:
        raise Rejected(Refusal.UNSUPPORTED_MEDIA)
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Rejected(Refusal.UNSUPPORTED_MEDIA)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once more."""
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _with_request_id(send: Send, request_id: str) -> Send:
    header = (b"x-request-id", request_id.encode())

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), header]
        await send(message)

    return sending


async def send_problem(send: Send, rejected: Rejected, path: str, request_id: str) -> None:
    status, head, body = problem_answer(rejected, path, request_id)
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def problem_answer(rejected: Rejected, path: str, request_id: str) -> tuple[int, Head, bytes]:
    """Return status, headers and body of a refusal."""
    body = _encoder.encode(problem_of(rejected, path, request_id))
    head = head_of(PROBLEM_JSON.encode(), body, request_id)
    head += [(name.encode(), value.encode()) for name, value in problem_headers(rejected).items()]
    return STATUS[rejected.code].value, head, body


def head_of(media_type: bytes, body: bytes, request_id: str) -> Head:
    return [
        (b"content-type", media_type),
        (b"content-length", b"%d" % len(body)),
        (b"x-request-id", request_id.encode()),
    ]
