"""From the writer of one platform to the streams of its hubs: what a batch changed is rendered once and told to all listeners.

A stream hears everything from the moment at which it joins: joining and batches are turns of the same event loop.
"""

from collections.abc import Callable
from functools import partial

import msgspec
import structlog

from prorata.control.account_cards.cards import NO_CARD, AccountCards, KeptCard
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    Dealt,
    Event,
    MarginCalled,
    NegativeBalanceCovered,
    StoppedOut,
    SymbolPut,
    SymbolRemoved,
)
from prorata.rest.own.session import Platform
from prorata.rest.webapi.mt4.trade_records import order_trade, position_trade
from prorata.rest.webapi.schemas.mt4_names import MarginLevelType
from prorata.server.writer import Applied
from prorata.stream.changes import OrderChange, PositionChange, Step, TradeBook
from prorata.stream.people import People
from prorata.stream.signalr.connection import Leave, Sink
from prorata.stream.signalr.updates import (
    Kind,
    MarginCall,
    SymbolUpdate,
    closed_update,
    json_of,
    margin_update,
    money_update,
    open_update,
    opened_update,
    symbol_update,
    tick_of,
    user_update,
)
from prorata.trading.desk import Desk
from prorata.units.numbers import Login, Moment

_ORDER_KINDS = {
    Step.PLACED: Kind.Added, Step.MODIFIED: Kind.Updated, Step.REMOVED: Kind.Deleted, Step.FILLED: Kind.Deleted,
}  # fmt: skip

_log = structlog.get_logger("hubs")


class Circle:
    """Those who hear the items of one kind. `on_first`: done before the first one joins."""

    __slots__ = ("_on_first", "_sinks")

    def __init__(self, on_first: Callable[[], None] | None = None) -> None:
        self._sinks: dict[int, Sink] = {}
        self._on_first = on_first

    def join(self, sink: Sink) -> Leave:
        if not self._sinks and self._on_first is not None:
            self._on_first()
        self._sinks[id(sink)] = sink

        def leave() -> None:
            self._sinks.pop(id(sink), None)

        return leave

    def __bool__(self) -> bool:
        return bool(self._sinks)

    def tell(self, update: msgspec.Struct) -> None:
        item = json_of(update)
        # One whose reader is too slow leaves while it is told.
        for sink in list(self._sinks.values()):
            sink(item)


class Feed:
    """Of one platform, over its whole life. `engine`: the name under which the cards of its accounts are kept."""

    def __init__(self, platform: Platform, engine: str, cards: AccountCards) -> None:
        self.platform = platform
        self.every_tick = Circle()
        self.trades = Circle(lambda: self._book.know(self.desk))
        self.users = Circle()
        self.symbols = Circle(self._know_symbols)
        self.margins = Circle(self._know_called)
        self.margins_mt5 = Circle(self._know_called)
        self._ticks: dict[str, Circle] = {}
        self._book = TradeBook()
        """while somebody hears of trades"""
        self._symbols: dict[str, SymbolUpdate] = {}
        """as they were told last, while somebody hears of them"""
        self._called: dict[Login, str] = {}
        """accounts below a level of their margin, and which: the names that MetaTrader 5 has"""
        read = partial(cards.of, engine)
        self._people = People(engine, cards, read, NO_CARD, lambda: bool(self.users), self._tell_user)
        self._unlisten = platform.writer.listen(self._take)

    def close(self) -> None:
        self._unlisten()
        self._people.close()

    @property
    def desk(self) -> Desk:
        return self.platform.desk

    def ticks(self, symbol: str) -> Circle:
        circle = self._ticks.get(symbol)
        if circle is None:
            circle = self._ticks[symbol] = Circle()
        return circle

    def _take(self, applied: Applied) -> None:
        try:
            if applied.quotes:
                self._tell_ticks(applied)
            for place, event in enumerate(applied.events):
                self._tell(event, applied.first + place, applied.at)
            if self._called:
                self._look_who_is_above(applied.at)
        except Exception:
            # The writer must go on.
            _log.exception("a batch could not be told to the hubs", batch=applied.number)

    def _tell_ticks(self, applied: Applied) -> None:
        state = self.desk.state
        for quote in applied.quotes:
            circle = self._ticks.get(quote.symbol)
            if not (circle or self.every_tick) or quote.symbol not in state.symbols:
                continue
            tick = tick_of(state.symbols[quote.symbol], quote.bid, quote.ask, applied.at)
            self.every_tick.tell(tick)
            if circle:
                circle.tell(tick)

    def _tell(self, event: Event, sequence: int, at: Moment) -> None:
        if self.trades:
            self._tell_trades(event, at)
        match event:
            case Dealt():
                self._people.note(event.login)
            case BalanceBooked() | NegativeBalanceCovered():
                if self.trades:
                    self.trades.tell(money_update(self.desk, event, sequence, at))
                self._people.note(event.login)
            case AccountOpened():
                self._people.note(event.login, is_new=True)
            case AccountChanged():
                self._people.note(event.login)
            case SymbolPut():
                if self.symbols:
                    self._tell_symbol(event.spec.name)
            case SymbolRemoved():
                self._lose_symbol(event.symbol)
            case MarginCalled():
                self._tell_margin(event.login, MarginLevelType.MarginCall, "MarginCall", at)
            case StoppedOut():
                self._tell_margin(event.login, MarginLevelType.StopOut, "StopOut", at)
            case _:
                pass

    # Trades.

    def _tell_trades(self, event: Event, at: Moment) -> None:
        for change in self._book.changes(self.desk, event, at):
            if isinstance(change, OrderChange):
                self._tell_order(change)
            else:
                self._tell_position(change, at)

    def _tell_position(self, change: PositionChange, at: Moment) -> None:
        """Tell a position as it is; what has closed it in the same batch is told by its own event."""
        deal = change.deal
        if change.step == Step.CLOSED and deal is not None:
            self.trades.tell(closed_update(self.desk, deal, at, change.opened_at, change.commission))
            return
        # A pending order becomes the position of its number.
        kind = Kind.Added if change.step == Step.OPENED and not change.waited else Kind.Updated
        account = self.desk.state.accounts[change.login]
        position = account.positions.get(change.ticket)
        if position is not None:
            self.trades.tell(open_update(kind, position_trade(self.desk, account, position)))
        elif change.step == Step.OPENED and deal is not None:
            self.trades.tell(msgspec.structs.replace(opened_update(self.desk, deal, at), kind=kind))

    def _tell_order(self, change: OrderChange) -> None:
        kind = _ORDER_KINDS[change.step]
        if change.step != Step.FILLED or change.position != change.order.ticket:
            account = self.desk.state.accounts[change.login]
            self.trades.tell(open_update(kind, order_trade(self.desk, account, change.order)))

    # Symbols.

    def _know_symbols(self) -> None:
        self._symbols = {name: self._symbol(Kind.Added, name) for name in self.desk.state.symbols}

    def _symbol(self, kind: Kind, name: str) -> SymbolUpdate:
        return symbol_update(kind, self.desk.state.symbols[name], self.desk.markets[name].quote)

    def _tell_symbol(self, name: str) -> None:
        if name in self.desk.state.symbols:
            kind = Kind.Updated if name in self._symbols else Kind.Added
            update = self._symbols[name] = self._symbol(kind, name)
            self.symbols.tell(update)

    def _lose_symbol(self, name: str) -> None:
        last = self._symbols.pop(name, None)
        if self.symbols and last is not None:
            self.symbols.tell(msgspec.structs.replace(last, kind=Kind.Deleted))

    # Accounts.

    def _tell_user(self, login: Login, kept: KeptCard, is_new: bool) -> None:
        account = self.desk.state.accounts.get(login)
        if account is not None:
            kind = Kind.Deleted if kept.deleted_at else Kind.Added if is_new else Kind.Updated
            self.users.tell(user_update(self.desk, kind, account, kept))

    # Margin levels.

    def _know_called(self) -> None:
        """Take over who is below the margin call now; who is named already keeps the level he was told with."""
        for account in self.desk.state.accounts.values():
            if account.called:
                self._called.setdefault(account.login, "MarginCall")

    def _tell_margin(self, login: Login, level: MarginLevelType, name: str, at: Moment) -> None:
        if not (self.margins or self.margins_mt5):
            return
        self._called[login] = name
        if self.margins:
            self.margins.tell(margin_update(self.desk, self.desk.state.accounts[login], at, level))
        if self.margins_mt5:
            self.margins_mt5.tell(MarginCall(login=login, type=name, direction="Enter"))

    def _look_who_is_above(self, at: Moment) -> None:
        accounts = self.desk.state.accounts
        for login in [login for login in self._called if not accounts[login].called]:
            name = self._called.pop(login)
            if self.margins:
                self.margins.tell(margin_update(self.desk, accounts[login], at, MarginLevelType.Ok))
            if self.margins_mt5:
                self.margins_mt5.tell(MarginCall(login=login, type=name, direction="Leave"))
