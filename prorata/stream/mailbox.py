"""What waits to be sent on one connection.

Answers, events and control messages wait in order and are never dropped: when events outgrow the limits,
the connection is. Quotes wait with their subscription, only the newest of each symbol.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from prorata.stream.limits import Limits


class QuoteSheet:
    """The quotes that one subscription has not been sent yet, each as JSON."""

    __slots__ = ("_head", "fresh")

    def __init__(self, sub: int) -> None:
        self._head = b'{"sub":%d,"quotes":[' % sub
        self.fresh: dict[str, bytes] = {}

    def take(self) -> bytes:
        message = self._head + b",".join(self.fresh.values()) + b"]}"
        self.fresh.clear()
        return message


class Mailbox:
    """The messages of one connection, and who waits for them. Used on the event loop only."""

    __slots__ = (
        "_count_max", "_frame_bytes", "_is_closed", "_loop", "_messages", "_on_overflow", "_room", "_size_max",
        "_waiter", "sheets", "size",
    )  # fmt: skip

    def __init__(self, limits: Limits, on_overflow: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._messages: deque[bytes] = deque()
        self._size_max = limits.mailbox_bytes
        self._count_max = limits.mailbox_count
        self._frame_bytes = limits.frame_bytes
        self._on_overflow = on_overflow
        self._waiter: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._is_closed = False
        self.size = 0
        """bytes that wait, quotes not counted"""
        self.sheets: dict[int, QuoteSheet] = {}

    def put(self, message: bytes) -> None:
        """Add an answer or a control message. How many there are is bounded by what the client asked for."""
        self._messages.append(message)
        self.size += len(message)
        if self._waiter is not None:
            self._wake()

    def put_event(self, message: bytes) -> None:
        """Add an event; too many, and the reader is too slow: nothing more is kept for it."""
        if self._is_closed:
            return
        self.put(message)
        if self.size > self._size_max or len(self._messages) > self._count_max:
            self._is_closed = True
            self._messages.clear()
            self._on_overflow()

    def note_quotes(self) -> None:
        """Say that a sheet has fresh quotes."""
        if self._waiter is not None:
            self._wake()

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    @property
    def is_empty(self) -> bool:
        return not self._messages and not any(sheet.fresh for sheet in self.sheets.values())

    @property
    def is_roomy(self) -> bool:
        """Say whether there is room for what need not come now: older events, answers to further commands."""
        return self.size <= self._frame_bytes and len(self._messages) * 4 <= self._count_max

    async def room(self) -> None:
        """Wait until the mailbox is roomy."""
        while not self.is_roomy:
            self._room.clear()
            await self._room.wait()

    async def frame(self) -> str:
        """Wait for messages and return as many as fit into a frame: one object, or an array of several."""
        while self.is_empty:
            self._waiter = self._loop.create_future()
            await self._waiter
        messages = self._take()
        for sheet in self.sheets.values():
            if sheet.fresh:
                messages.append(sheet.take())
        self._room.set()
        frame = messages[0] if len(messages) == 1 else b"[" + b",".join(messages) + b"]"
        return frame.decode()

    def _take(self) -> list[bytes]:
        waiting = self._messages
        if self.size <= self._frame_bytes:
            taken = list(waiting)
            waiting.clear()
            self.size = 0
            return taken
        taken, size = [], 0
        while waiting and (not taken or size + len(waiting[0]) <= self._frame_bytes):
            message = waiting.popleft()
            taken.append(message)
            size += len(message)
        self.size -= size
        return taken
