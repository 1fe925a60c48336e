"""A market on the desk's platform, whose history and quotes are written as a server writes them."""

from pathlib import Path
from typing import Any

import msgspec

from prorata.crm.trading import TradingAccount
from prorata.messages.commands import (
    BalanceKind,
    BookBalance,
    ClosePosition,
    Command,
    PlaceOrder,
    PutGroup,
    PutSymbol,
    Quote,
    Quotes,
    Side,
)
from prorata.messages.events import DayClosed, Dealt, Event, OrderPlaced, Refused
from prorata.messages.groups import Commission, CommissionType, GroupSpec, Level, LevelType
from prorata.messages.symbols import SwapType
from prorata.projections.candles import CandleBuilder
from prorata.projections.history import History
from prorata.projections.quotes import QuoteStore
from prorata.storage.database import open_database
from prorata.trading.desk import Desk as TradingDesk
from prorata.units.numbers import DAY_MS, Moment, Points, Ticket, Volume
from tests.crm.desk import Desk
from tests.databases import sqlite_history
from tests.trading.words import new_symbol

MONDAY = 20_514
"""2026-03-02, the day on which the desk begins at noon"""
ROLLOVER_MS = 22 * DAY_MS // 24
LOT: Volume = 100_000_000


class Market:
    """EURUSD and USDJPY, 3.50 USD a lot and side. It is the desk's only book."""

    def __init__(self, desk: Desk, folder: Path) -> None:
        self._machines = desk.engines
        self._platform = desk.platform
        self._desk = desk
        url = sqlite_history(folder / "history.db")
        self.history = History(url, "desk")
        self.quotes = QuoteStore(open_database(url), "desk")
        self.quotes.create_tables()
        self._builder = CandleBuilder()
        self.up = True
        group = GroupSpec(
            name="retail-usd", currency="USD", leverage=100, commission=Commission(CommissionType.PER_LOT, 350),
            margin_call=Level(LevelType.PERCENT, 10_000), stop_out=Level(LevelType.PERCENT, 5_000),
        )  # fmt: skip
        for name in ("EURUSD", "USDJPY"):
            spec = msgspec.structs.replace(new_symbol(name), swap_type=SwapType.POINTS, swap_long=-6_500)
            self.apply(PutSymbol(spec))
        self.apply(PutGroup(group))
        desk.engines.histories = self

    @property
    def desk(self) -> TradingDesk:
        return self._machines.machine.engine.desk

    def book(self, platform_uuid: str) -> "Market | None":
        return self if self.up and platform_uuid == self._platform else None

    def apply(self, command: Command) -> tuple[Event, ...]:
        events = self._machines._apply(command, "")
        assert not events or not isinstance(events[0], Refused), events
        return events

    def quote(self, name: str, bid: Points, ask: Points) -> None:
        quote = Quote(name, bid, ask)
        self.apply(Quotes((quote,)))
        self._builder.add(self._machines.now, [quote])

    def order(self, found: TradingAccount, side: Side, volume: Volume, symbol: str = "EURUSD", **more: Any) -> Ticket:
        """Place an order; return its number."""
        event = self.apply(PlaceOrder(found.login, symbol, side, volume, **more))[0]
        assert isinstance(event, Dealt | OrderPlaced)
        return event.order if isinstance(event, Dealt) else event.ticket

    def close(self, found: TradingAccount, ticket: Ticket, volume: Volume = 0) -> None:
        self.apply(ClosePosition(found.login, ticket, volume))

    def book_money(self, found: TradingAccount, kind: BalanceKind, amount: int, comment: str = "") -> None:
        self.apply(BookBalance(found.login, kind, amount, "", comment))

    def at(self, moment: Moment) -> None:
        """Let the next command come at a moment."""
        self._machines.now = moment - 1

    def end_day(self, day: int = MONDAY) -> None:
        """Let a trading day end, and all days before it: the next quote brings the time."""
        self.at(day * DAY_MS + ROLLOVER_MS)
        last = self.desk.state.quotes["EURUSD"]
        self.quote("EURUSD", last.bid, last.ask)

    def write(self) -> None:
        """Write history and quotes as far as the platform is, and let the CRM hear of it."""
        self.history.write(self._machines.published)
        if self.quotes.position() < self._machines.machine.number:
            self.quotes.save(self._builder.take(), self._machines.machine.number)
        self._desk.now = max(self._desk.now, self._machines.now)
        self._desk.follow()

    def days_closed(self) -> list[DayClosed]:
        return [one for batch in self._machines.published for one in batch.events if isinstance(one, DayClosed)]
