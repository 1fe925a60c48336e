"""A venue of our own making, behind the `Venue` port: for the demo, and to test what venues do to us."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

from prorata.messages.commands import VenuePositions
from prorata.messages.events import HedgeRequested
from prorata.server.ports import Clock, VenueAnswer
from prorata.units.numbers import SECOND_MS, Ticket, Volume
from prorata.venues.simulated_book import Faults, QuoteSource, SimulatedBook
from prorata.venues.simulated_line import SimulatedLine


class SimulatedVenue:
    """The asynchronous face of a `SimulatedLine`. Starts no task: time passes for it while somebody waits.

    `answers` has one reader at a time. It raises `VenueDown` when the connection breaks; reading again
    raises it until the connection is back.
    """

    def __init__(self, name: str, *, quote: QuoteSource, clock: Clock, faults: Faults, rng: Random) -> None:
        self.name = name
        self._clock = clock
        self._line = SimulatedLine(SimulatedBook(name, quote=quote, faults=faults, rng=rng), faults=faults, rng=rng)
        self._changed = asyncio.Event()

    async def send(self, order: HedgeRequested) -> None:
        """Send an order. Raises `VenueDown`: it may have arrived or not."""
        try:
            self._line.send(order, self._clock.now())
        finally:
            self._changed.set()

    async def find(self, order: Ticket) -> list[VenueAnswer] | None:
        """Return every answer given for `order` so far; None if it never arrived. Raises `VenueDown`."""
        return self._line.find(order, self._clock.now())

    async def answers(self) -> AsyncIterator[VenueAnswer]:
        """Yield answers as they come, some of them again. Raises `VenueDown` when the connection breaks."""
        while True:
            self._changed.clear()
            for answer in self._line.poll(self._clock.now()):
                yield answer
            await self._wait()

    async def positions(self) -> VenuePositions:
        """Return what we hold there. Raises `VenueDown`."""
        return self._line.positions(self._clock.now())

    def hang_up(self, away_ms: int) -> None:
        """Break the connection for `away_ms`."""
        self._line.hang_up(self._clock.now(), away_ms)
        self._changed.set()

    def move(self, symbol: str, volume: Volume) -> None:
        """Change what we hold there by `volume` (signed) without an order: a break to be found."""
        self._line.book.move(symbol, volume)

    async def _wait(self) -> None:
        """Wait until the venue has something to do or something was done to it."""
        due = self._line.next_at()
        seconds = None if due is None else max(0, due - self._clock.now()) / SECOND_MS
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return
