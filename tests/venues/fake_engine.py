"""A small engine at the router's ports: it publishes hedge orders, books fills and remembers what it was told."""

import asyncio
from collections.abc import AsyncIterator, Sequence

from prorata.messages.batch import Published
from prorata.messages.commands import Command, HedgeEnded, HedgeFilled, Side, VenuePositions
from prorata.messages.events import Event, HedgeClosed, HedgeRequested, Refused
from prorata.messages.refusals import Refusal
from prorata.server.ports import JournalFull
from prorata.units.numbers import Moment, Ticket, Volume
from prorata.venues.blotter import InFlight, Request


class FakeEngine:
    """Applies commands at once, under the sequencer's rules of idempotency. `now` is the stamp of new batches."""

    def __init__(self) -> None:
        self.now: Moment = 0
        self.published: list[Published] = []
        self.requests: dict[Ticket, Request] = {}
        self.filled: dict[Ticket, Volume] = {}
        self.ends: dict[Ticket, str] = {}
        self.held: dict[str, Volume] = {}
        self.reports: list[VenuePositions] = []
        self.calls: list[tuple[Command, str]] = []
        self.applied: list[Command] = []
        self.full_for = 0
        """that many submissions from now on find the journal full"""
        self._answers: dict[str, tuple[Command, list[Event]]] = {}
        self._more = asyncio.Event()

    # What the router is given.

    async def submit(self, command: Command, key: str) -> Sequence[Event]:
        await asyncio.sleep(0)
        if self.full_for:
            self.full_for -= 1
            raise JournalFull
        return self.apply(command, key)

    def apply(self, command: Command, key: str) -> list[Event]:
        self.calls.append((command, key))
        if key in self._answers:
            first, events = self._answers[key]
            return events if first == command else [Refused(Refusal.KEY_REUSED)]
        events = self._events(command)
        if key:
            self._answers[key] = (command, events)
        return events

    async def subscribe(self, after: int) -> AsyncIterator[Published]:
        sent = 0
        while True:
            for published in self.published[sent:]:
                if published.first + len(published.events) - 1 > after:
                    yield published
            sent = len(self.published)
            self._more.clear()
            await self._more.wait()

    def in_flight(self) -> InFlight:
        waiting = tuple(request for ticket, request in self.requests.items() if ticket not in self.ends)
        return InFlight(len(self.published), waiting)

    # What the tests do with it.

    def request(self, volume: Volume, side: Side = Side.BUY, symbol: str = "EURUSD") -> HedgeRequested:
        number = len(self.published) + 1
        order = HedgeRequested(number, 1001, symbol, side, volume)
        self.requests[number] = Request(order, self.now)
        self.published.append(Published(number, self.now, number, (order,)))
        self._more.set()
        return order

    def busy(self) -> bool:
        return len(self.ends) < len(self.requests)

    def fills(self) -> list[HedgeFilled]:
        return [command for command in self.applied if isinstance(command, HedgeFilled)]

    def _events(self, command: Command) -> list[Event]:
        if isinstance(command, VenuePositions):
            self.reports.append(command)
            return []
        assert isinstance(command, HedgeFilled | HedgeEnded)
        refusal = self._check(command)
        if refusal is not None:
            return [Refused(refusal)]
        self.applied.append(command)
        if isinstance(command, HedgeEnded):
            return self._close(command.order, command.reason)
        order = self.requests[command.order].order
        self.filled[command.order] = self.filled.get(command.order, 0) + command.volume
        signed = command.volume if order.side is Side.BUY else -command.volume
        self.held[order.symbol] = self.held.get(order.symbol, 0) + signed
        return self._close(command.order, "done") if command.last else []

    def _check(self, command: HedgeFilled | HedgeEnded) -> Refusal | None:
        if command.order not in self.requests:
            return Refusal.UNKNOWN_HEDGE_ORDER
        if command.order in self.ends:
            return Refusal.HEDGE_ORDER_DONE
        if isinstance(command, HedgeEnded):
            return None
        wanted = self.requests[command.order].order.volume
        return Refusal.OVERFILLED if self.filled.get(command.order, 0) + command.volume > wanted else None

    def _close(self, order: Ticket, reason: str) -> list[Event]:
        self.ends[order] = reason
        return [HedgeClosed(order, self.filled.get(order, 0), reason)]
