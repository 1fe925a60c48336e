"""A call as it comes in over ASGI, and its answer as it goes out."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote

from prorata.rest.webapi.envelope import activity_of
from prorata.rest.webapi.errors import invalid

BODY_MAX = 4 * 1_048_576
"""Tens of thousands of bars, or accounts to be put back, fit."""
QUERY_FIELDS_MAX = 20_000
"""Lists of logins and tickets come in the query."""

ScopeDict: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Head: TypeAlias = list[tuple[bytes, bytes]]

_BEARER = b"bearer "


class Disconnected(Exception):
    """The caller has gone before its body was here."""


class Request:
    """`steps`: the path, decoded, without the empty first step. `activity`: the trace id that answers carry."""

    __slots__ = ("_body", "_receive", "activity", "address", "headers", "query_string", "steps", "verb")

    def __init__(self, scope: ScopeDict, receive: Receive) -> None:
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.verb: str = scope["method"]
        # Decoded step by step: a group's name may have a slash, which is no border of steps.
        path: bytes = scope.get("raw_path") or scope["path"].encode()
        self.steps = [unquote(step) for step in path.partition(b"?")[0].decode("latin-1").split("/")[1:]]
        self.query_string: bytes = scope["query_string"]
        self.address: str = scope["client"][0] if scope.get("client") else ""
        self.activity = activity_of(self.headers.get(b"traceparent"))
        self._receive = receive
        self._body: bytes | None = None

    @property
    def token(self) -> str:
        """The bearer token, "" for none."""
        authorization = self.headers.get(b"authorization", b"")
        return authorization[7:].strip().decode("latin-1") if authorization[:7].lower() == _BEARER else ""

    def query(self) -> list[tuple[str, str]]:
        """Return the parameters in the query. Raises `Failure`."""
        try:
            text = self.query_string.decode("ascii")
            return parse_qsl(text, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX, errors="strict")
        except ValueError:
            raise invalid("query", "cannot be read") from None

    async def body(self) -> bytes:
        """Return the body. Raises `Failure` for one that is too large, `Disconnected`."""
        if self._body is None:
            self._body = await self._read()
        return self._body

    async def _read(self) -> bytes:
        length = self.headers.get(b"content-length", b"0")
        if not length.isdigit() or len(length) > 9 or int(length) > BODY_MAX:
            raise invalid("body", f"has more than {BODY_MAX} bytes")
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise Disconnected
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > BODY_MAX:
                raise invalid("body", f"has more than {BODY_MAX} bytes")
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


async def send_json(send: Send, status: int, body: bytes, more: Head) -> None:
    head: Head = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})
