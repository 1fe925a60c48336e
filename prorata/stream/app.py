"""The WebSocket /api/v1/stream: an ASGI application to be mounted beside the REST API (docs/stream.md).

A caller shows its key in the `Authorization` header, or, as a browser cannot, in its first message.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from prorata.access.callers import Caller
from prorata.access.keys import KeyStore
from prorata.messages.refusals import Refusal
from prorata.server.clock import SystemClock
from prorata.server.ports import Clock
from prorata.server.writer import Writer
from prorata.stream import messages
from prorata.stream.closing import CloseCode, Ending
from prorata.stream.hub import Hub
from prorata.stream.limits import Limits
from prorata.stream.orders import refusal_message
from prorata.stream.session import Message, Receive, Send, Session
from prorata.units.numbers import Login
from prorata.views.answers import PROBLEM_JSON, Rejected, problem_headers, problem_of

_BEARER = b"bearer "
_encode = msgspec.json.Encoder().encode


class Gone(Exception):
    """The caller went away before it said who it is."""


class StreamApp:
    """All connections of one process. Make it before the writers start, so that it hears every batch."""

    def __init__(
        self, writers: Mapping[str, Writer], keys: KeyStore, *, limits: Limits | None = None, clock: Clock | None = None
    ) -> None:
        self._limits = limits if limits is not None else Limits()
        self._hubs = {platform: Hub(writer, self._limits) for platform, writer in writers.items()}
        self._keys = keys
        self._clock = clock if clock is not None else SystemClock()
        self._connections = 0
        self._of_key: Counter[str] = Counter()
        self._of_login: Counter[tuple[str, Login]] = Counter()

    @property
    def connections(self) -> int:
        return self._connections

    def online(self, platform: str) -> list[Login]:
        """Return the accounts whose traders are connected: those that connected keys are bound to."""
        return [login for place, login in self._of_login if place == platform]

    def close(self) -> None:
        """Stop listening to the writers."""
        for hub in self._hubs.values():
            hub.close()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        assert scope["type"] == "websocket"
        await receive()
        if self._connections >= self._limits.connections_max:
            await _deny(receive, send, scope, Rejected(Refusal.OVERLOADED, "too many connections"))
            return
        self._connections += 1
        try:
            await self._admit(scope, receive, send)
        except Ending as ending:
            await send({"type": "websocket.close", "code": int(ending.code), "reason": ending.reason})
        except Gone:
            pass
        finally:
            self._connections -= 1

    async def _admit(self, scope: Message, receive: Receive, send: Send) -> None:
        token = _header_token(scope)
        if token is not None:
            caller = self._verify(token)
            if caller is None:
                await _deny(receive, send, scope, Rejected(Refusal.NOT_AUTHENTICATED))
                return
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.accept"})
            token = await self._first_token(receive)
            caller = self._verify(token)
            if caller is None:
                refusal = refusal_message(None, Refusal.NOT_AUTHENTICATED)
                await send({"type": "websocket.send", "text": refusal.decode()})
                raise Ending(CloseCode.NOT_AUTHENTICATED, "the key is unknown, revoked or expired")
        await self._serve(caller, token, receive, send)

    def _verify(self, token: bytes) -> Caller | None:
        caller = self._keys.verify(token)
        return caller if caller is not None and caller.platform in self._hubs else None

    async def _first_token(self, receive: Receive) -> bytes:
        """Return the token of the first message. Raises `Ending`, `Gone`."""
        try:
            message = await asyncio.wait_for(receive(), self._limits.auth_seconds)
        except TimeoutError:
            raise Ending(CloseCode.NOT_AUTHENTICATED, "no key was given in time") from None
        if message["type"] != "websocket.receive":
            raise Gone
        data = message.get("text") or message.get("bytes") or ""
        try:
            wish = messages.decode(data) if len(data) <= self._limits.message_bytes_max else None
        except messages.UNREADABLE:
            wish = None
        if not isinstance(wish, messages.Authenticate):
            raise Ending(CloseCode.NOT_AUTHENTICATED, "the first message must be auth")
        return wish.token.encode()

    async def _serve(self, caller: Caller, token: bytes, receive: Receive, send: Send) -> None:
        if self._of_key[caller.key_id] >= self._limits.connections_per_key:
            raise Ending(CloseCode.TOO_MANY, f"a key has at most {self._limits.connections_per_key} connections")
        self._of_key[caller.key_id] += 1
        bound = [(caller.platform, login) for login in caller.logins or ()]
        self._of_login.update(bound)
        try:
            hub = self._hubs[caller.platform]
            await Session(hub, caller, token, self._keys, self._clock, self._limits, receive, send).run()
        finally:
            self._of_key[caller.key_id] -= 1
            if not self._of_key[caller.key_id]:
                del self._of_key[caller.key_id]
            self._of_login -= Counter(bound)


def _header_token(scope: Message) -> bytes | None:
    """Return the token of the header; None without a header. One of another scheme verifies as nobody's."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            token: bytes = value[7:].strip() if value[:7].lower() == _BEARER else b""
            return token
    return None


async def _deny(receive: Receive, send: Send, scope: Message, rejected: Rejected) -> None:
    """Answer the upgrade with a problem, as the REST API does."""
    problem = problem_of(rejected, scope["path"], "")
    headers = [(b"content-type", PROBLEM_JSON.encode())]
    headers += [(name.encode(), value.encode()) for name, value in problem_headers(rejected).items()]
    await send({"type": "websocket.http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": _encode(problem)})
    # The server takes a return before the connection is gone for a failure, and logs it as one.
    with suppress(TimeoutError):
        async with asyncio.timeout(1):
            await receive()
            await receive()
