"""What surfaces of JSON have in common on the wire: bodies of a bearable size, request ids, refusals as problems."""

import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from itertools import count
from typing import Any, TypeAlias

import msgspec

from prorata.messages.refusals import Refusal
from prorata.views.answers import PROBLEM_JSON, STATUS, Rejected, problem_headers, problem_of
from prorata.views.bodies import BODY_MAX

REQUEST_ID = "prorata.request_id"
"""where the call's id is in the ASGI scope"""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
BEARER = b"bearer "
TRY_LATER = 1013
"""how a WebSocket is closed that comes too early, or to a path where nothing is"""

_CONTENT_JSON = re.compile(rb"application/json\s*(;\s*charset=\"?utf-?8\"?\s*)?", re.IGNORECASE)
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

_encoder = msgspec.json.Encoder()

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


class RequestIds:
    """Names calls, so that a caller and our log speak of the same one."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(4)
        self._calls = count(1)

    def of(self, headers: Headers) -> str:
        """Return the caller's own id for its call, if it is sound, or a new one."""
        given = headers.get(b"x-request-id")
        if given is not None and _REQUEST_ID.fullmatch(given):
            return given.decode()
        return f"{self._prefix}-{next(self._calls):x}"


async def read_body(headers: Headers, receive: Receive, most: int = BODY_MAX) -> bytes:
    """Return the body, which is JSON of at most so many bytes. Raises `Rejected`, `Disconnected`."""
    body = await _read(headers, receive, most)
    check_media(headers, body)
    return body


async def read_file(headers: Headers, receive: Receive, most: int) -> bytes:
    """Return the body, which is a file of at most `most` bytes. Raises `Rejected`, `Disconnected`."""
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise Rejected(Refusal.UNSUPPORTED_MEDIA)
    return await _read(headers, receive, most)


def media_in(headers: Headers) -> str:
    """Return the media type of a body, without its parameters."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower().decode("latin-1")


async def _read(headers: Headers, receive: Receive, most: int) -> bytes:
    check_length(headers, most)
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Rejected(Refusal.BODY_TOO_LARGE)
        if not message.get("more_body", False):
            return b"".join(parts)


def check_length(headers: Headers, most: int = BODY_MAX) -> None:
    """Refuse a body that says it is too large before any of it is read. Raises `Rejected`."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 18 or int(length) > most:
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


def replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once more."""
    given = False

    async def again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def with_request_id(send: Send, request_id: str) -> Send:
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


async def refuse_socket(_scope: ScopeDict, receive: Receive, send: Send) -> None:
    """Let a WebSocket not in."""
    await receive()
    await send({"type": "websocket.close", "code": TRY_LATER})


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
