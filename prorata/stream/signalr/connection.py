"""One client of a hub, whatever carries its bytes: the handshake, its calls and streams, and what waits to be sent to it.

What it is told waits in order and nothing is left out. A client that does not take it in time is sent away with a
reason, and may come again.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import structlog

from prorata.stream.signalr import protocol
from prorata.stream.signalr.protocol import (
    END,
    CancelInvocation,
    ClientMessage,
    Close,
    Invocation,
    StreamInvocation,
    Unreadable,
)

MESSAGE_BYTES_MAX = 32_768
"""of a message from the client, as the protocol's other servers have it"""
STREAMS_MAX = 200
"""of one connection, with the symbols it is called back for"""
WAITING_BYTES_MAX = 4_194_304
FRAME_BYTES = 262_144
PING_SECONDS = 15.0
HANDSHAKE_SECONDS = 15.0

Sink: TypeAlias = Callable[[bytes], None]
"""takes an item, which is JSON already"""
Leave: TypeAlias = Callable[[], None]

_log = structlog.get_logger("hubs")


class Refused(Exception):
    """A call that cannot be done. The text goes to the client."""


class Hub(Protocol):
    """What a connection is connected to: see `hubs`."""

    def greeting(self) -> bytes:
        """Return what a client is called with after its handshake."""

    def call(self, client: "Connection", target: str, arguments: list[Any]) -> None:
        """Perform a call. Raises `Refused`."""

    def stream(self, target: str, arguments: list[Any], sink: Sink) -> Leave:
        """Begin a stream and return the way to end it. Raises `Refused`."""


class Connection:
    """Used on the event loop only."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._rest = b""
        self._greeted = False
        self._ended = False
        self._leaving: dict[str, Leave] = {}
        """how to end each stream; those of calls back have a blank before their name"""
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._fresh = asyncio.Event()
        self._ping: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.call_later(HANDSHAKE_SECONDS, self._miss_handshake)

    # In.

    def take(self, data: bytes) -> None:
        """Take bytes of the client: messages, or a part of one."""
        if self._ended:
            return
        *frames, self._rest = (self._rest + data).split(END)
        if len(self._rest) > MESSAGE_BYTES_MAX:
            self.end(f"a message has at most {MESSAGE_BYTES_MAX} bytes")
            return
        try:
            for frame in frames:
                self._take_frame(frame)
        except Unreadable as problem:
            self.end(str(problem))

    def _take_frame(self, frame: bytes) -> None:
        if len(frame) > MESSAGE_BYTES_MAX:
            raise Unreadable(f"a message has at most {MESSAGE_BYTES_MAX} bytes")
        if not self._greeted:
            protocol.read_handshake(frame)
            self._greet()
            return
        self._perform(protocol.read_message(frame))

    def _greet(self) -> None:
        self._greeted = True
        self._deadline.cancel()
        self.put(protocol.HANDSHAKE_DONE)
        self.put(self._hub.greeting())
        self._keep_alive()

    def _perform(self, message: ClientMessage) -> None:
        match message:
            case Invocation():
                self._call(message)
            case StreamInvocation():
                self._begin(message)
            case CancelInvocation():
                self._cancel(message.invocation_id)
            case Close():
                self.end("")
            case _:
                pass

    def _call(self, message: Invocation) -> None:
        error: str | None = None
        try:
            self._hub.call(self, message.target, message.arguments)
        except Refused as refused:
            error = str(refused)
        if message.invocation_id is not None:
            self.put(protocol.completed(message.invocation_id, error))

    def _begin(self, message: StreamInvocation) -> None:
        number = message.invocation_id
        head = protocol.item_head(number)
        try:
            if number in self._leaving or number.startswith(" "):
                raise Refused("the invocation id is in use")
            self._check_room()
            leave = self._hub.stream(message.target, message.arguments, lambda content: self.put(protocol.item(head, content)))
        except Refused as refused:
            self.put(protocol.completed(number, str(refused)))
            return
        self._leaving[number] = leave

    def _cancel(self, number: str) -> None:
        leave = self._leaving.pop(number, None)
        if leave is not None:
            leave()
            self.put(protocol.completed(number))

    # Calls back, which a hub begins and ends.

    def keep(self, name: str, begin: Callable[[Sink], Leave], target: str) -> None:
        """Have the client called with each item of what `begin` begins, until `drop`; once is enough. Raises `Refused`."""
        if f" {name}" in self._leaving:
            return
        self._check_room()
        self._leaving[f" {name}"] = begin(lambda content: self.put(protocol.called(target, content)))

    def drop(self, name: str) -> None:
        leave = self._leaving.pop(f" {name}", None)
        if leave is not None:
            leave()

    def _check_room(self) -> None:
        if len(self._leaving) >= STREAMS_MAX:
            raise Refused(f"a connection has at most {STREAMS_MAX} streams")

    # Out.

    @property
    def has_ended(self) -> bool:
        return self._ended

    def put(self, message: bytes) -> None:
        """Let a message wait to be sent."""
        if self._ended:
            return
        self._waiting.append(message)
        self._size += len(message)
        self._fresh.set()
        if self._size > WAITING_BYTES_MAX:
            self._waiting.clear()
            self.end("the connection is read too slowly")

    async def frames(self) -> bytes | None:
        """Wait for messages and return as many as fit into a frame; None when the connection has ended and all is sent."""
        while not self._waiting:
            if self._ended:
                return None
            self._fresh.clear()
            await self._fresh.wait()
        taken: list[bytes] = []
        size = 0
        while self._waiting and (not taken or size + len(self._waiting[0]) <= FRAME_BYTES):
            message = self._waiting.popleft()
            taken.append(message)
            size += len(message)
        self._size -= size
        return b"".join(taken)

    def _keep_alive(self) -> None:
        """A client takes a server that is silent for long for dead."""
        if not self._waiting:
            self.put(protocol.PING)
        self._ping = self._loop.call_later(PING_SECONDS, self._keep_alive)

    def _miss_handshake(self) -> None:
        self.end("the handshake did not come in time")

    def end(self, reason: str) -> None:
        """End all streams; the client is told why, if there is a reason."""
        if self._ended:
            return
        if reason:
            self._waiting.append(protocol.closing(reason) if self._greeted else protocol.handshake_refused(reason))
            _log.info("a hub connection ends", reason=reason)
        self._ended = True
        self._fresh.set()
        self._deadline.cancel()
        if self._ping is not None:
            self._ping.cancel()
        for leave in self._leaving.values():
            leave()
        self._leaving.clear()
