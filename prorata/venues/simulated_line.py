"""The connection to a simulated venue, which breaks and comes back. Pure, like the book behind it.

While it is away nothing passes, and answers given meanwhile are lost, as are those given before its reader
has noticed the break: they are learnt only by asking for their order.
"""

from random import Random

from prorata.messages.commands import VenuePositions
from prorata.messages.events import HedgeRequested
from prorata.server.ports import VenueAnswer, VenueDown
from prorata.units.numbers import PPM, Moment, Ticket
from prorata.venues.simulated_book import Faults, SimulatedBook


class SimulatedLine:
    """The `Venue` port without an event loop: every call says what time it is."""

    def __init__(self, book: SimulatedBook, *, faults: Faults, rng: Random) -> None:
        self.book = book
        self._faults = faults
        self._rng = rng
        self._arrived: list[VenueAnswer] = []
        self._away_until: Moment = 0
        self._broken = False

    def send(self, request: HedgeRequested, now: Moment) -> None:
        """Send an order. Raises `VenueDown`: it may have arrived or not."""
        self._pass(now)
        if self._happens(self._faults.lost_before):
            self._break(now)
            raise VenueDown("connection lost while sending")
        self.book.take(request, now)
        if self._happens(self._faults.lost_after):
            self._break(now)
            raise VenueDown("connection lost while sending")

    def poll(self, now: Moment) -> list[VenueAnswer]:
        """Return the answers that came through since the last call, in order.

        Raises `VenueDown` while the line is away, and once after a break that is over already.
        """
        self._receive(now)
        if self._arrived:
            answers, self._arrived = self._arrived, []
            return answers
        broken, self._broken = self._broken, False
        if broken or now < self._away_until:
            raise VenueDown("not connected")
        return []

    def find(self, order: Ticket, now: Moment) -> list[VenueAnswer] | None:
        """Return every answer given for `order` so far; None if it never arrived. Raises `VenueDown`."""
        self._pass(now)
        return self.book.find(order)

    def positions(self, now: Moment) -> VenuePositions:
        """Return what we hold there. Raises `VenueDown`."""
        self._pass(now)
        return self.book.positions()

    def hang_up(self, now: Moment, away_ms: int) -> None:
        """Break the connection for `away_ms`. What has arrived but was not read is lost too."""
        self._receive(now)
        self._arrived.clear()
        self._broken = True
        self._away_until = max(self._away_until, now + away_ms)

    def next_at(self) -> Moment | None:
        """Return when the venue will next do something; None if nothing is scheduled."""
        return self.book.next_at()

    def _pass(self, now: Moment) -> None:
        self._receive(now)
        if now < self._away_until:
            raise VenueDown("not connected")

    def _receive(self, now: Moment) -> None:
        for at, answer in self.book.advance(now):
            if self._broken or at < self._away_until:
                continue
            if self._happens(self._faults.lost_answer):
                # What came before stays readable: it was on our side of the break.
                self._broken = True
                self._away_until = at + self._away_ms()
                continue
            self._arrived.append(answer)

    def _break(self, now: Moment) -> None:
        self.hang_up(now, self._away_ms())

    def _away_ms(self) -> int:
        return self._rng.randint(self._faults.away_min_ms, self._faults.away_max_ms)

    def _happens(self, chance: int) -> bool:
        return chance > 0 and self._rng.randrange(PPM) < chance
