"""A venue that a test speaks for, and the clock of the tests that run in real time."""

import asyncio
import time
from collections.abc import AsyncIterator

from prorata.messages.commands import VenuePositions
from prorata.messages.events import HedgeRequested
from prorata.server.ports import VenueAnswer, VenueDown
from prorata.units.numbers import Ticket


class WallClock:
    def now(self) -> int:
        return time.monotonic_ns() // 1_000_000


class ScriptedVenue:
    """A venue that says what the test puts into its mouth, and remembers what it was sent and asked."""

    name = "scripted"

    def __init__(self) -> None:
        self.sent: list[HedgeRequested] = []
        self.asked: list[Ticket] = []
        self.known: dict[Ticket, list[VenueAnswer]] = {}
        self.held = VenuePositions("scripted", ())
        self.down = False
        self._said: asyncio.Queue[VenueAnswer | None] = asyncio.Queue()

    def say(self, *answers: VenueAnswer) -> None:
        for answer in answers:
            self._said.put_nowait(answer)

    def break_off(self) -> None:
        self._said.put_nowait(None)

    async def send(self, order: HedgeRequested) -> None:
        self._reach()
        self.sent.append(order)
        self.known.setdefault(order.order, [])

    async def find(self, order: Ticket) -> list[VenueAnswer] | None:
        self._reach()
        self.asked.append(order)
        return self.known.get(order)

    async def answers(self) -> AsyncIterator[VenueAnswer]:
        self._reach()
        while (answer := await self._said.get()) is not None:
            yield answer

    async def positions(self) -> VenuePositions:
        self._reach()
        return self.held

    def _reach(self) -> None:
        if self.down:
            raise VenueDown("down")
