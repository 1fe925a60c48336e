"""Between the single writer and the venue's router: what was published, in order, and answers as refusals.

The router asks for a subscription and for a way to submit; here both are made of the writer.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random

from prorata.app.settings import SimulatedVenueSettings
from prorata.messages.batch import Published
from prorata.messages.commands import BUY, SELL, Command, Quote
from prorata.messages.events import Event, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import Clock
from prorata.server.writer import Applied, Overloaded, Writer, WriterStopped
from prorata.venues.blotter import InFlight, Request
from prorata.venues.router import Router
from prorata.venues.simulated import SimulatedVenue


class VenueLine:
    """A writer as the router needs it. Listens from the moment it is made, so that nothing is missed."""

    def __init__(self, writer: Writer, venue: str) -> None:
        self._writer = writer
        self._caller = f"venue:{venue}"
        self._published: asyncio.Queue[Published] = asyncio.Queue()
        self._unlisten = writer.listen(self._note)

    def close(self) -> None:
        self._unlisten()

    def _note(self, applied: Applied) -> None:
        if any(type(event) is HedgeRequested for event in applied.events):
            self._published.put_nowait(Published(applied.number, applied.at, applied.first, applied.events))

    async def subscribe(self, after: int) -> AsyncIterator[Published]:
        """Yield the batches that asked for something at the venue. Those up to event `after` are passed over by the router."""
        while True:
            yield await self._published.get()

    async def submit(self, command: Command, key: str) -> Sequence[Event]:
        try:
            answer = await self._writer.submit(command, caller=self._caller, key=key)
        except WriterStopped as stopped:
            return (Refused(Refusal.OUTCOME_UNKNOWN if stopped.unknown else Refusal.STOPPING),)
        except Overloaded:
            return (Refused(Refusal.OVERLOADED),)
        return answer.events

    def in_flight(self) -> InFlight:
        """Return the hedge orders that the engine waits for, as of the last applied batch."""
        desk = self._writer.engine.desk
        requests = []
        for ticket, login in desk.in_flight.items():
            order = desk.state.accounts[login].orders[ticket]
            sent = HedgeRequested(ticket, login, order.symbol, order.side, order.hedge_volume)
            requests.append(Request(sent, order.sent_at))
        for request in self._writer.engine.copy.state.requests.values():
            side = BUY if request.volume > 0 else SELL
            sent = HedgeRequested(request.ticket, 0, request.symbol, side, abs(request.volume))
            requests.append(Request(sent, request.sent_at))
        return InFlight(self._writer.sequence, tuple(sorted(requests, key=lambda request: request.order.order)))


def simulated_router(settings: SimulatedVenueSettings, writer: Writer, line: VenueLine, clock: Clock) -> Router:
    """Return a router to a new simulated venue, which holds what our hedge book says."""
    state = writer.engine.desk.state

    def newest(symbol: str) -> Quote | None:
        last = state.quotes.get(symbol)
        return Quote(symbol, last.bid, last.ask) if last is not None and last.bid else None

    venue = SimulatedVenue(settings.name, quote=newest, clock=clock, faults=settings.faults, rng=Random(settings.seed))
    for symbol, hedge in state.hedges.items():
        if hedge.volume:
            venue.move(symbol, hedge.volume)
    return Router(
        venue, submit=line.submit, subscribe=line.subscribe, in_flight=line.in_flight, clock=clock, settings=settings.router
    )
