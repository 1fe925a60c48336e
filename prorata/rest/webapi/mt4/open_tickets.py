"""The tickets of all that is open on a platform, in order, so that a page of trades costs what is on it.

Tickets lie in blocks of a thousand by their number, each a sorted list: one that comes or goes touches its block alone,
and a place in the whole order is found by counting blocks.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

from prorata.messages.commands import OrderType
from prorata.messages.events import Dealt, Event, OrderPlaced, OrderRemoved
from prorata.trading.state import Account, State
from prorata.units.numbers import Login, Ticket

BLOCK = 1_024


class OpenTickets(Sequence[Ticket]):
    """Positions and pending orders, by ticket. `see` keeps it in line with the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._owners: dict[Ticket, Login] = {}
        self._blocks: dict[int, list[Ticket]] = {}
        self._numbers: list[int] = []
        """of the blocks that there are, in order"""
        self._ends: list[int] | None = None
        """how many tickets lie in each block and those before it; None: to be counted anew"""
        for account in state.accounts.values():
            for ticket in (*account.positions, *account.orders):
                if is_open(account, ticket):
                    self._add(ticket, account.login)

    def see(self, events: Sequence[Event]) -> None:
        """Take what the events of a batch have opened and closed. The state has them all already."""
        for event in events:
            match event:
                case Dealt():
                    self._look(event.login, event.order)
                    self._look(event.login, event.position)
                case OrderPlaced() | OrderRemoved():
                    self._look(event.login, event.ticket)
                case _:
                    pass

    def owner(self, ticket: Ticket) -> Account | None:
        """Return the account whose position or pending order this is."""
        login = self._owners.get(ticket)
        return None if login is None else self._state.accounts[login]

    def _look(self, login: Login, ticket: Ticket) -> None:
        known = ticket in self._owners
        if is_open(self._state.accounts[login], ticket) != known:
            if known:
                self._remove(ticket)
            else:
                self._add(ticket, login)

    def _add(self, ticket: Ticket, login: Login) -> None:
        self._owners[ticket] = login
        self._ends = None
        number = ticket // BLOCK
        block = self._blocks.get(number)
        if block is None:
            self._blocks[number] = [ticket]
            insort(self._numbers, number)
        else:
            insort(block, ticket)

    def _remove(self, ticket: Ticket) -> None:
        del self._owners[ticket]
        self._ends = None
        number = ticket // BLOCK
        block = self._blocks[number]
        del block[bisect_left(block, ticket)]
        if not block:
            del self._blocks[number]
            del self._numbers[bisect_left(self._numbers, number)]

    # In order.

    def __len__(self) -> int:
        return len(self._owners)

    def __contains__(self, ticket: object) -> bool:
        return ticket in self._owners

    def __iter__(self) -> Iterator[Ticket]:
        for number in self._numbers[:]:
            yield from self._blocks.get(number, ())[:]

    @overload
    def __getitem__(self, place: int) -> Ticket: ...
    @overload
    def __getitem__(self, place: slice) -> list[Ticket]: ...
    def __getitem__(self, place: int | slice) -> Ticket | list[Ticket]:
        if isinstance(place, slice):
            begin, end, step = place.indices(len(self))
            assert step == 1
            return self._between(begin, end)
        if not 0 <= place < len(self):
            raise IndexError(place)
        which, before = self._block_at(place)
        return self._blocks[self._numbers[which]][place - before]

    def _between(self, begin: int, end: int) -> list[Ticket]:
        found: list[Ticket] = []
        if begin >= end:
            return found
        which, before = self._block_at(begin)
        while len(found) < end - begin:
            block = self._blocks[self._numbers[which]]
            found += block[max(0, begin - before) : end - before]
            before += len(block)
            which += 1
        return found

    def _block_at(self, place: int) -> tuple[int, int]:
        """Return which block a place is in, and how many tickets lie in those before it."""
        if self._ends is None:
            self._ends = list(accumulate(len(self._blocks[number]) for number in self._numbers))
        which = bisect_right(self._ends, place)
        return which, self._ends[which - 1] if which else 0


def is_open(account: Account, ticket: Ticket) -> bool:
    """Say whether a ticket is that of a position or of a pending order; a market order on its way is neither."""
    if ticket in account.positions:
        return True
    order = account.orders.get(ticket)
    return order is not None and order.type != OrderType.MARKET
