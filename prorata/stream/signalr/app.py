"""The hubs as an ASGI application: negotiation, and the two transports that carry the protocol.

POST   /hubs/{kind}/v2/negotiate?tradePlatform=     an id for a connection to come
WS     /hubs/{kind}/v2?tradePlatform=&id=           the connection (without negotiation the id is left out)
GET    /hubs/{kind}/v2?tradePlatform=&id=           long polling: what waits for the client
POST   /hubs/{kind}/v2?tradePlatform=&id=           long polling: what the client says
DELETE /hubs/{kind}/v2?tradePlatform=&id=           long polling: the end

The token is in the `Authorization` header or, as browsers cannot set one for a WebSocket, in `access_token`.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol, TypeAlias
from urllib.parse import parse_qs

import msgspec

from prorata.stream.signalr.connection import FRAME_BYTES, Connection, Hub

ROOT = "/hubs/"
NEGOTIATED_SECONDS = 60.0
"""how long a connection may let its transport wait"""
POLL_SECONDS = 90.0
"""how long a poll waits for something to tell"""
CONNECTIONS_MAX = 5_000
CHECK_SECONDS = 2.0
"""how soon a caller that may no more is sent away"""

ScopeDict: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_encode = msgspec.json.Encoder().encode


class Denied(Exception):
    """The connection cannot be: `status` and `reason` as HTTP has them."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Admitted(Protocol):
    """A caller that was let in to a hub of a platform."""

    @property
    def who(self) -> str:
        """Return what tells callers apart: a connection is used by the one who negotiated it."""

    def is_good(self) -> bool:
        """Say whether it still may."""

    def hub(self) -> Hub:
        """Return the hub as this caller sees it."""


Admit: TypeAlias = Callable[[str, str, str, str], Admitted]
"""from kind ("mt4"), platform, token and address of the peer to whoever is let in; raises `Denied`"""


class Doorkeeper(Protocol):
    def admit(self, kind: str, platform: str, token: str, address: str) -> Admitted:
        """Let a caller in. Raises `Denied`."""

    def close(self) -> None:
        """End what was begun for those let in."""


class _Line:
    """A negotiated connection."""

    def __init__(self, admitted: Admitted) -> None:
        self.admitted = admitted
        self.connection: Connection | None = None
        self.is_polled = False
        self.polling: asyncio.Task[Any] | None = None
        self.timer: asyncio.TimerHandle | None = None


class HubsApp:
    """All hubs of one process."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit
        self._lines: dict[str, _Line] = {}
        self._sockets: dict[Connection, Admitted] = {}

    @property
    def connections(self) -> int:
        return len(self._sockets) + sum(line.is_polled for line in self._lines.values())

    def close(self) -> None:
        """Send everybody away: the server stops."""
        for connection in self._connected():
            connection.end("the server stops")

    def _connected(self) -> dict[Connection, Admitted]:
        polled = {line.connection: line.admitted for line in self._lines.values() if line.connection is not None}
        return {**self._sockets, **polled}

    async def keep_watch(self) -> None:
        """For ever, send away whoever may no more."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            for connection, admitted in self._connected().items():
                if not admitted.is_good():
                    connection.end("the caller may no longer use the hub")

    async def __call__(self, scope: ScopeDict, receive: Receive, send: Send) -> None:
        asked = _Asked(scope)
        if scope["type"] == "websocket":
            await receive()
            try:
                await self._serve_socket(asked, receive, send)
            except Denied as denied:
                await _deny_socket(denied, receive, send)
            return
        try:
            status, body = await self._answer(asked, scope["method"], receive)
        except Denied as denied:
            status, body = denied.status, _encode({"error": denied.reason})
        await _send(send, status, body)

    async def _answer(self, asked: "_Asked", verb: str, receive: Receive) -> tuple[int, bytes]:
        if asked.negotiates:
            if verb != "POST":
                raise Denied(405, "negotiation is a POST")
            return 200, self._negotiate(asked)
        line = self._line(asked)
        if verb == "POST":
            return 200, await self._hear(line, receive)
        if verb == "GET":
            return await self._poll(asked.id, line)
        if verb == "DELETE":
            self._hang_up(asked.id, line)
            return 202, b""
        raise Denied(405, "GET, POST or DELETE")

    # Negotiation.

    def _negotiate(self, asked: "_Asked") -> bytes:
        admitted = self._let_in(asked)
        if len(self._lines) + len(self._sockets) >= CONNECTIONS_MAX:
            raise Denied(503, "too many connections")
        token = secrets.token_urlsafe(16)
        line = self._lines[token] = _Line(admitted)
        self._forget_later(token, line, NEGOTIATED_SECONDS)
        answer: dict[str, Any] = {
            "negotiateVersion": asked.negotiate_version,
            "connectionId": token,
            "availableTransports": [
                {"transport": "WebSockets", "transferFormats": ["Text"]},
                {"transport": "LongPolling", "transferFormats": ["Text"]},
            ],
        }
        if asked.negotiate_version:
            # Two names, so that one may be shown and the other not.
            answer["connectionId"] = secrets.token_urlsafe(16)
            answer["connectionToken"] = token
        return _encode(answer)

    def _let_in(self, asked: "_Asked") -> Admitted:
        return self._admit(asked.kind, asked.platform, asked.token, asked.address)

    def _line(self, asked: "_Asked") -> _Line:
        """Return the negotiated connection of this caller; somebody else's is as if it were not there."""
        if not asked.id:
            raise Denied(400, "an id is missing: negotiate first")
        admitted = self._let_in(asked)
        line = self._lines.get(asked.id)
        if line is None or line.admitted.who != admitted.who:
            raise Denied(404, "there is no such connection")
        return line

    def _forget_later(self, token: str, line: _Line, seconds: float) -> None:
        if line.timer is not None:
            line.timer.cancel()
        line.timer = asyncio.get_running_loop().call_later(seconds, self._hang_up, token, line)

    def _hang_up(self, token: str, line: _Line) -> None:
        self._lines.pop(token, None)
        if line.timer is not None:
            line.timer.cancel()
        if line.connection is not None:
            line.connection.end("")

    # WebSocket.

    async def _serve_socket(self, asked: "_Asked", receive: Receive, send: Send) -> None:
        if asked.negotiates:
            raise Denied(404, "no WebSocket here")
        if asked.id and (asked.id in self._lines):
            line = self._line(asked)
            if line.is_polled:
                raise Denied(409, "the connection has a transport")
            self._hang_up(asked.id, line)
            admitted = line.admitted
        else:
            admitted = self._let_in(asked)
        if self.connections >= CONNECTIONS_MAX:
            raise Denied(503, "too many connections")
        await send({"type": "websocket.accept"})
        connection = Connection(admitted.hub())
        self._sockets[connection] = admitted
        reader = asyncio.create_task(_read(connection, receive))
        try:
            await _write(connection, send)
        finally:
            connection.end("")
            del self._sockets[connection]
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)

    # Long polling.

    async def _hear(self, line: _Line, receive: Receive) -> bytes:
        connection = self._polled(line)
        connection.take(await _body(receive))
        return b""

    async def _poll(self, token: str, line: _Line) -> tuple[int, bytes]:
        first = not line.is_polled
        connection = self._polled(line)
        self._forget_later(token, line, NEGOTIATED_SECONDS + POLL_SECONDS)
        if first:
            return 200, b""
        if line.polling is not None:
            # Only one poll at a time: the one before is told that it was replaced.
            line.polling.cancel()
        line.polling = asyncio.create_task(_within(connection, POLL_SECONDS))
        polling = line.polling
        try:
            frame = await polling
        except asyncio.CancelledError:
            if not polling.cancelled():
                polling.cancel()
                raise
            return 204, b""
        self._forget_later(token, line, NEGOTIATED_SECONDS)
        if frame is None:
            self._hang_up(token, line)
            return 204, b""
        return 200, frame

    def _polled(self, line: _Line) -> Connection:
        line.is_polled = True
        if line.connection is None:
            line.connection = Connection(line.admitted.hub())
        return line.connection


async def _within(connection: Connection, seconds: float) -> bytes | None:
    """Return what waits, b"" if nothing comes in time; None when the connection has ended."""
    try:
        async with asyncio.timeout(seconds):
            return await connection.frames()
    except TimeoutError:
        return b""


async def _read(connection: Connection, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] != "websocket.receive":
            connection.end("")
            return
        data = message.get("bytes")
        connection.take(data if data is not None else (message.get("text") or "").encode())


async def _write(connection: Connection, send: Send) -> None:
    # A client that is gone is told nothing more.
    with suppress(OSError):
        while (frame := await connection.frames()) is not None:
            await send({"type": "websocket.send", "text": frame.decode()})
        await send({"type": "websocket.close", "code": 1000})


async def _body(receive: Receive) -> bytes:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b""
        part: bytes = message.get("body", b"")
        body += part
        if len(body) > FRAME_BYTES:
            raise Denied(413, f"at most {FRAME_BYTES} bytes")
        if not message.get("more_body", False):
            return body


async def _send(send: Send, status: int, body: bytes) -> None:
    kind = b"application/json" if body[:1] == b"{" and body[-1:] == b"}" else b"text/plain"
    head = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
    if status == 401:
        head.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _deny_socket(denied: Denied, receive: Receive, send: Send) -> None:
    body = _encode({"error": denied.reason})
    head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "websocket.http.response.start", "status": denied.status, "headers": head})
    await send({"type": "websocket.http.response.body", "body": body, "more_body": False})
    # The server takes a return before the connection is gone for a failure, and logs it as one.
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await receive()


@asynccontextmanager
async def serving(door: Doorkeeper) -> AsyncIterator[HubsApp]:
    """Serve the hubs behind a door, and send away whoever may no more."""
    app = HubsApp(door.admit)
    task = asyncio.create_task(app.keep_watch())
    try:
        yield app
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        door.close()


class _Asked:
    """What a call asks for: its path and query, its token, its peer."""

    def __init__(self, scope: Mapping[str, Any]) -> None:
        steps = scope["path"].removeprefix(ROOT).rstrip("/").split("/")
        self.negotiates = len(steps) == 3 and steps[2] == "negotiate"
        if not (len(steps) == 2 or self.negotiates) or steps[1] != "v2":
            self.kind = ""
        else:
            self.kind = steps[0]
        query = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20)
        self.platform = query.get("tradePlatform", [""])[0]
        self.id = query.get("id", [""])[0]
        self.negotiate_version = min(1, int(version)) if (version := query.get("negotiateVersion", ["0"])[0]).isdigit() else 0
        self.token = _token(scope) or query.get("access_token", [""])[0]
        client = scope.get("client")
        self.address: str = client[0] if client else ""


def _token(scope: Mapping[str, Any]) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return str(value[7:].strip().decode("latin-1"))
    return ""
