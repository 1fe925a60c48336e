"""What the MT4 surface keeps beside each engine, in memory: the tickets that are open, orders whose end is awaited, and where
synchronisations of its callers begin. All of it can be made anew.
"""

import asyncio
from collections.abc import Callable, Iterable

import msgspec

from prorata.messages.events import Dealt, OrderPlaced, OrderRemoved
from prorata.rest.own.session import Platform
from prorata.rest.webapi.mt4.open_tickets import OpenTickets
from prorata.rest.webapi.mt4.performance import PerformanceSeries
from prorata.server.writer import Applied
from prorata.trading.state import Account
from prorata.units.numbers import Login, Moment, Ticket

Online = Callable[[str], Iterable[Login]]


class OrderEnd(msgspec.Struct):
    """What came of an order: its deals, and why it ended before they reached its volume, if it did."""

    deals: list[Dealt] = []
    removed: OrderRemoved | None = None


class _Awaited:
    __slots__ = ("end", "future", "login")

    def __init__(self, login: Login) -> None:
        self.login = login
        self.end = OrderEnd()
        self.future: asyncio.Future[OrderEnd] = asyncio.get_running_loop().create_future()


class Book:
    """Of one platform. Made and used on its writer's event loop."""

    def __init__(self, platform: Platform, online: Online) -> None:
        self.platform = platform
        self._online = online
        self.performance = PerformanceSeries()
        self._tickets: OpenTickets | None = None
        self._awaited: dict[Ticket, _Awaited] = {}
        self._sync_from: dict[tuple[str, str], Moment] = {}
        self.forget = platform.writer.listen(self._take)

    @property
    def tickets(self) -> OpenTickets:
        """All that is open. Reckoned from the whole state when first asked for, and kept in line from then on."""
        if self._tickets is None:
            self._tickets = OpenTickets(self.platform.desk.state)
        return self._tickets

    def _take(self, applied: Applied) -> None:
        if self.performance.is_due(applied.at):
            self.performance.note(applied.at, users=sum(1 for _ in self._online(self.platform.writer.platform)))
        if not applied.events:
            return
        if self._tickets is not None:
            self._tickets.see(applied.events)
        if self._awaited:
            self._tell(applied)

    # Orders that are delayed by their group, or with the venue.

    def end_of(self, placed: OrderPlaced) -> "asyncio.Future[OrderEnd] | None":
        """Return the end of an order that was just placed, to be awaited; None if it has ended already."""
        order = self._account(placed.login).orders.get(placed.ticket)
        if order is None:
            return None
        awaited = self._awaited.get(placed.ticket)
        if awaited is None:
            awaited = self._awaited[placed.ticket] = _Awaited(placed.login)
        return awaited.future

    def _account(self, login: Login) -> Account:
        return self.platform.desk.state.accounts[login]

    def _tell(self, applied: Applied) -> None:
        touched: dict[Ticket, _Awaited] = {}
        for event in applied.events:
            ticket = event.order if isinstance(event, Dealt) else event.ticket if isinstance(event, OrderRemoved) else 0
            awaited = self._awaited.get(ticket)
            if awaited is None:
                continue
            touched[ticket] = awaited
            if isinstance(event, Dealt):
                awaited.end.deals.append(event)
            elif isinstance(event, OrderRemoved):
                awaited.end.removed = event
        for ticket, awaited in touched.items():
            if ticket not in self._account(awaited.login).orders:
                del self._awaited[ticket]
                if not awaited.future.done():
                    awaited.future.set_result(awaited.end)

    # Synchronisations: asked for by one call, read by another.

    def begin_sync(self, client_id: str, kind: str, since: Moment) -> None:
        self._sync_from[client_id, kind] = since

    def take_sync(self, client_id: str, kind: str) -> Moment | None:
        """Return since when a caller wants to be told, once; None if it has not said."""
        return self._sync_from.pop((client_id, kind), None)


class Books:
    """The book of each engine."""

    def __init__(self) -> None:
        self._books: dict[str, Book] = {}

    def of(self, platform: Platform, online: Online) -> Book:
        """`online`: gives the accounts whose owners are connected to an engine."""
        name = platform.writer.platform
        book = self._books.get(name)
        if book is None or book.platform is not platform:
            book = self._books[name] = Book(platform, online)
        return book
