"""What a connection has subscribed to."""

import asyncio
from collections.abc import Callable

from prorata.stream.mailbox import Mailbox, QuoteSheet
from prorata.stream.ring import Told
from prorata.trading.desk import Desk
from prorata.units.numbers import Login
from prorata.views.events import login_of


class EventSubscription:
    """The events of some accounts (`logins` None: all, and the house's), each told once and in order.

    `after` is the last event told; `sent` one that was certainly handed to the network; `seen` the last one looked
    at. While it is live, `seen` is not kept: the hub tells it everything at once.
    """

    __slots__ = ("after", "logins", "mailbox", "number", "on_lost", "seen", "sent", "task")

    def __init__(
        self,
        number: int,
        mailbox: Mailbox,
        logins: frozenset[Login] | None,
        since: int,
        on_lost: "Callable[[EventSubscription, Exception], None]",
    ) -> None:
        self.number = number
        self.mailbox = mailbox
        self.logins = logins
        self.after = since
        self.sent = since
        self.seen = since
        self.on_lost = on_lost
        self.task: asyncio.Task[None] | None = None
        """reads what is missing, until the subscription is live"""

    def tell(self, seq: int, tail: bytes) -> None:
        self.mailbox.put_event(b'{"sub":%d,"after":%d,%b' % (self.number, self.after, tail))
        self.after = seq

    def take(self, batch: Told, place: int) -> None:
        """Tell of an event, if it is wanted."""
        if self.logins is None or login_of(batch.events[place]) in self.logins:
            self.tell(batch.first + place, batch.tail(place))

    def tell_some(self, batch: Told, count: int) -> None:
        """Tell of the batch what was not seen yet, looking at `count` events at most."""
        begin = self.seen + 1 - batch.first
        end = min(begin + count, len(batch.events))
        for place in range(begin, end):
            self.take(batch, place)
        self.seen = batch.first + end - 1


class QuoteSubscription:
    """Quotes of some symbols (None: all), as one group sees them.

    `group` None: before any markup. With a `login`, the group is that account's, whichever it is at the time.
    """

    __slots__ = ("_group", "login", "mailbox", "number", "sheet", "symbols")

    def __init__(
        self,
        number: int,
        mailbox: Mailbox,
        symbols: frozenset[str] | None,
        *,
        group: str | None = None,
        login: Login | None = None,
    ) -> None:
        self.number = number
        self.mailbox = mailbox
        self.symbols = symbols
        self.sheet = QuoteSheet(number)
        self._group = group
        self.login = login

    def group_now(self, desk: Desk) -> str | None:
        return self._group if self.login is None else desk.state.accounts[self.login].group

    def tell(self, quotes: dict[str, bytes]) -> None:
        """Note quotes, each in place of an older one of its symbol that was not sent yet."""
        if self.symbols is None:
            self.sheet.fresh.update(quotes)
        else:
            for symbol in quotes.keys() & self.symbols:
                self.sheet.fresh[symbol] = quotes[symbol]
        if self.sheet.fresh:
            self.mailbox.note_quotes()
