"""One stream: what waits to be sent on it, in order and with nothing left out. A reader that is too slow is sent away."""

import asyncio
from collections.abc import Callable
from typing import TypeAlias

import grpc

from prorata.stream.grpc.forms import Asked, Form
from prorata.stream.grpc.terms import GrpcTerms
from prorata.units.numbers import Login

MESSAGE_BYTES = 65_536
"""parts are packed into messages of about that much at most"""

Ending: TypeAlias = tuple[grpc.StatusCode, str]


class Subscriber:
    """Used on the event loop only."""

    __slots__ = (
        "_beat", "_first_size", "_heartbeat_s", "_is_silent", "_loop", "_put_at", "_room", "_size", "_size_max", "_waiter",
        "_waiting", "asked", "behind", "ending", "form", "on_end",
    )  # fmt: skip

    def __init__(self, asked: Asked, form: Form, terms: GrpcTerms) -> None:
        self.asked = asked
        self.form = form
        self.ending: Ending | None = None
        self.on_end: Callable[[], None] | None = None
        """called once, when nothing more is told"""
        self.behind: set[Login] = set()
        """accounts that are still to be told as they are: until then nothing is told of them"""
        self._loop = asyncio.get_running_loop()
        self._waiting: list[bytes] = []
        self._size = 0
        self._first_size = 0
        self._size_max = terms.waiting_bytes
        self._waiter: asyncio.Future[None] | None = None
        self._room = asyncio.Event()
        self._is_silent = False
        self._put_at = self._loop.time()
        self._heartbeat_s = terms.heartbeat_seconds
        self._beat: asyncio.TimerHandle | None = None
        if form.heartbeat is not None:
            self._beat = self._loop.call_later(self._heartbeat_s, self._look)

    def put(self, part: bytes) -> None:
        """Let a message, or a part of one, wait to be sent."""
        if self.ending is not None:
            return
        self._waiting.append(part)
        self._put_at = self._loop.time()
        self._size += len(part)
        if self._size > self._size_max:
            self._waiting.clear()
            self.end(grpc.StatusCode.RESOURCE_EXHAUSTED, "the stream is read too slowly")
        elif self._waiter is not None:
            self._wake()

    def put_first(self, part: bytes) -> None:
        """Let a part of what is there wait. It does not count for the bound: whoever tells it waits for room in between."""
        if self.ending is None:
            self._waiting.append(part)
            self._put_at = self._loop.time()
            self._first_size += len(part)
            if self._waiter is not None:
                self._wake()

    def end(self, code: grpc.StatusCode, detail: str) -> None:
        """Tell nothing more. What waits is sent first, unless it was dropped."""
        if self.ending is not None:
            return
        self.ending = (code, detail)
        self._room.set()
        if self._beat is not None:
            self._beat.cancel()
        if self.on_end is not None:
            self.on_end()
        if self._waiter is not None:
            self._wake()

    async def messages(self) -> list[bytes]:
        """Wait for messages and return all that there are; none when the stream has ended."""
        while not self._waiting and not self._is_silent and self.ending is None:
            self._waiter = self._loop.create_future()
            await self._waiter
        parts, self._waiting = self._waiting, []
        self._size = self._first_size = 0
        self._room.set()
        if not parts and self._is_silent and self.form.heartbeat is not None:
            parts = [self.form.heartbeat]
        elif len(parts) > 1 and self.form.pack is not None:
            parts = _packed(parts, self.form.pack)
        elif self.form.pack is not None:
            parts = [self.form.pack(parts)] if parts else []
        self._is_silent = False
        return parts

    async def room(self) -> None:
        """Wait until there is room for what need not come now, or nothing more is told."""
        while (self._size + self._first_size) * 4 > self._size_max and self.ending is None:
            self._room.clear()
            await self._room.wait()

    def _look(self) -> None:
        """Beat if nothing was told for long."""
        silence = self._loop.time() - self._put_at
        if silence >= self._heartbeat_s:
            self._put_at = self._loop.time()
            silence = 0.0
            self._is_silent = True
            if self._waiter is not None:
                self._wake()
        self._beat = self._loop.call_later(self._heartbeat_s - silence, self._look)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _packed(parts: list[bytes], pack: Callable[[list[bytes]], bytes]) -> list[bytes]:
    packed, size, begin = [], 0, 0
    for place, part in enumerate(parts):
        if size and size + len(part) > MESSAGE_BYTES:
            packed.append(pack(parts[begin:place]))
            size, begin = 0, place
        size += len(part)
    packed.append(pack(parts[begin:]))
    return packed
