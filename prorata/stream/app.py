"""The WebSocket /api/v1/stream: an ASGI application to be mounted beside the REST API (docs/stream.md).

A caller shows its key in the `Authorization` header, or, as a browser cannot, in its first message.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Mapping
from contextlib import suppress

import msgspec

from prorata.access.callers import Caller, Tokens
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
_ENDINGS = {
    Refusal.NOT_AUTHENTICATED: (CloseCode.NOT_AUTHENTICATED, "the key is unknown, revoked or expired"),
    Refusal.NOT_READY: (CloseCode.NOT_RUNNING, "the trade platform does not run at the moment"),
}
_encode = msgspec.json.Encoder().encode


class Gone(Exception):
    """The caller went away before it said who it is."""


class _Place:
    """A platform that is heard: its hub, its time, who is connected. `is_open`: it takes connections."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.hub = hub
        self.clock = clock
        self.sessions: set[Session] = set()
        self.is_open = False


class StreamApp:
    """All connections of one process. `expected`: names of platforms that do not run yet, or not at the moment."""

    def __init__(
        self,
        writers: Mapping[str, Writer],
        tokens: Tokens,
        *,
        limits: Limits | None = None,
        clock: Clock | None = None,
        expected: Collection[str] = (),
    ) -> None:
        self._limits = limits if limits is not None else Limits()
        self._places: dict[str, _Place] = {}
        self._tokens = tokens
        self._expected = expected
        self._connections = 0
        self._of_key: Counter[str] = Counter()
        for platform, writer in writers.items():
            self.hear(platform, writer, clock if clock is not None else SystemClock())
            self.open(platform)

    @property
    def connections(self) -> int:
        return self._connections

    def online(self, platform: str) -> set[Login]:
        """Return the accounts whose traders are connected: those that connected keys are bound to."""
        place = self._places.get(platform)
        sessions = place.sessions if place is not None else ()
        return {login for session in sessions for login in session.caller.logins or ()}

    def hear(self, platform: str, writer: Writer, clock: Clock) -> None:
        """Begin to listen to a platform, before its writer starts, so that no batch is missed."""
        self._places[platform] = _Place(Hub(writer, self._limits), clock)

    def open(self, platform: str) -> None:
        """Take connections for a platform, which runs."""
        self._places[platform].is_open = True

    def leave(self, platform: str) -> None:
        """End the connections of a platform, and no longer listen to it."""
        place = self._places.pop(platform)
        place.hub.close()
        for session in place.sessions:
            session.end(CloseCode.NOT_RUNNING, "the trade platform has stopped")

    def close(self) -> None:
        """Stop listening to the writers."""
        for place in self._places.values():
            place.hub.close()

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
            caller = self._tokens.verify(token)
            place = self._place_of(caller)
            if caller is None or place is None:
                await _deny(receive, send, scope, self._refusal_of(caller))
                return
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "websocket.accept"})
            token = await self._first_token(receive)
            caller = self._tokens.verify(token)
            place = self._place_of(caller)
            if caller is None or place is None:
                code = self._refusal_of(caller).code
                await send({"type": "websocket.send", "text": refusal_message(None, code).decode()})
                raise Ending(*_ENDINGS[code])
        await self._serve(place, caller, token, receive, send)

    def _place_of(self, caller: Caller | None) -> _Place | None:
        place = None if caller is None else self._places.get(caller.platform)
        return place if place is not None and place.is_open else None

    def _refusal_of(self, caller: Caller | None) -> Rejected:
        """Say why there is no place for whoever has this key."""
        if caller is not None and caller.platform in self._expected:
            return Rejected(Refusal.NOT_READY, retry_after=1)
        return Rejected(Refusal.NOT_AUTHENTICATED)

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

    async def _serve(self, place: _Place, caller: Caller, token: bytes, receive: Receive, send: Send) -> None:
        if self._of_key[caller.key_id] >= self._limits.connections_per_key:
            raise Ending(CloseCode.TOO_MANY, f"a key has at most {self._limits.connections_per_key} connections")
        if self._places.get(caller.platform) is not place:
            raise Ending(*_ENDINGS[Refusal.NOT_READY])  # It has stopped while the connection was made.
        self._of_key[caller.key_id] += 1
        try:
            session = Session(place.hub, caller, token, self._tokens, place.clock, self._limits, receive, send)
            place.sessions.add(session)
            try:
                await session.run()
            finally:
                place.sessions.discard(session)
        finally:
            self._of_key[caller.key_id] -= 1
            if not self._of_key[caller.key_id]:
                del self._of_key[caller.key_id]


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
