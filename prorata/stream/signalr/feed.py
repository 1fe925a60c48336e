"""From the writer of one platform to the streams of its hubs: what a batch changed is rendered once and told to all listeners.

A stream hears everything from the moment at which it joins: joining and batches are turns of the same event loop.
"""

import asyncio
from collections.abc import Callable

import msgspec
import structlog
from sqlalchemy.exc import SQLAlchemyError

from prorata.control.account_cards.cards import NO_CARD, AccountCards
from prorata.messages.commands import OrderType
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    CommentChanged,
    Dealt,
    Entry,
    Event,
    MarginCalled,
    NegativeBalanceCovered,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    PositionModified,
    Reason,
    StoppedOut,
    SwapCharged,
    SymbolPut,
    SymbolRemoved,
)
from prorata.rest.own.session import Platform
from prorata.rest.webapi.mt4.trade_records import open_trade
from prorata.rest.webapi.schemas.mt4_names import MarginLevelType
from prorata.server.writer import Applied
from prorata.stream.signalr.connection import Leave, Sink
from prorata.stream.signalr.updates import (
    Kind,
    MarginCall,
    SymbolUpdate,
    TradeUpdate,
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
from prorata.units.numbers import Login, Minor, Moment, Ticket

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
        self.trades = Circle(self._know_trades)
        self.users = Circle()
        self.symbols = Circle(self._know_symbols)
        self.margins = Circle(self._know_called)
        self.margins_mt5 = Circle(self._know_called)
        self._ticks: dict[str, Circle] = {}
        self._opened: dict[Ticket, tuple[Moment, Minor]] = {}
        """of open positions, while somebody hears of trades: since when, and what opening has cost"""
        self._pending: dict[Ticket, TradeUpdate] = {}
        self._symbols: dict[str, SymbolUpdate] = {}
        """as they were told last, while somebody hears of them"""
        self._called: dict[Login, str] = {}
        """accounts below a level of their margin, and which: the names that MetaTrader 5 has"""
        self._people = _People(self, engine, cards)
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
        match event:
            case Dealt():
                if self.trades:
                    self._tell_deal(event, at)
                self._people.note(event.login)
            case OrderPlaced() | OrderModified() | OrderRemoved():
                if self.trades:
                    self._tell_order(event)
            case PositionModified() | SwapCharged():
                if self.trades:
                    self._tell_open(Kind.Updated, event.login, event.ticket)
            case CommentChanged():
                if self.trades:
                    self._tell_comment(event)
            case BalanceBooked() | NegativeBalanceCovered():
                if self.trades:
                    self.trades.tell(money_update(self.desk, event, sequence, at))
                self._people.note(event.login)
            case AccountOpened():
                self._people.note(event.login, Kind.Added)
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

    def _know_trades(self) -> None:
        """What a deal that closes does not tell is kept from now on, and taken once from what is open."""
        self._opened.clear()
        self._pending.clear()
        for account in self.desk.state.accounts.values():
            for position in account.positions.values():
                self._opened[position.ticket] = (position.opened_at, position.commission)
            for order in account.orders.values():
                if order.type != OrderType.MARKET:
                    self._know_pending(Kind.Added, account.login, order.ticket)

    def _know_pending(self, kind: Kind, login: Login, ticket: Ticket) -> TradeUpdate | None:
        trade = open_trade(self.desk, self.desk.state.accounts[login], ticket)
        if trade is None:
            return None
        update = self._pending[ticket] = open_update(kind, trade)
        return update

    def _tell_open(self, kind: Kind, login: Login, ticket: Ticket) -> None:
        """Tell a position as it is; what has closed it in the same batch is told by its own event."""
        account = self.desk.state.accounts[login]
        position = account.positions.get(ticket)
        trade = open_trade(self.desk, account, ticket) if position is not None else None
        if position is not None and trade is not None:
            self._opened[ticket] = (position.opened_at, position.commission)
            self.trades.tell(open_update(kind, trade))

    def _tell_deal(self, deal: Dealt, at: Moment) -> None:
        ticket = deal.position
        if deal.entry == Entry.OUT:
            if deal.position_volume:
                self._tell_open(Kind.Updated, deal.login, ticket)
            else:
                opened_at, commission = self._opened.pop(ticket, (at, 0))
                self.trades.tell(closed_update(self.desk, deal, at, opened_at, commission))
            return
        if ticket in self._opened:
            self._tell_open(Kind.Updated, deal.login, ticket)
            return
        # A pending order becomes the position of its number.
        was_pending = self._pending.pop(ticket, None) is not None or deal.reason == Reason.PENDING
        self._opened[ticket] = (at, deal.commission)
        kind = Kind.Updated if was_pending else Kind.Added
        if ticket in self.desk.state.accounts[deal.login].positions:
            self._tell_open(kind, deal.login, ticket)
        else:
            self.trades.tell(msgspec.structs.replace(opened_update(self.desk, deal, at), kind=kind))

    def _tell_order(self, event: OrderPlaced | OrderModified | OrderRemoved) -> None:
        ticket = event.ticket
        if isinstance(event, OrderRemoved):
            known = self._pending.pop(ticket, None)
            if known is not None:
                self.trades.tell(msgspec.structs.replace(known, kind=Kind.Deleted))
            return
        if event.type == OrderType.MARKET or ticket in self._opened:
            return
        kind = Kind.Updated if ticket in self._pending else Kind.Added
        update = self._know_pending(kind, event.login, ticket)
        if update is not None:
            self.trades.tell(update)

    def _tell_comment(self, event: CommentChanged) -> None:
        if event.ticket in self._opened:
            self._tell_open(Kind.Updated, event.login, event.ticket)
            return
        update = self._know_pending(Kind.Updated, event.login, event.ticket)
        if update is not None:
            self.trades.tell(update)

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


class _People:
    """Tells of accounts, with what their cards say: these are read in a thread, so accounts wait for it in order."""

    def __init__(self, feed: Feed, engine: str, cards: AccountCards) -> None:
        self._feed = feed
        self._engine = engine
        self._cards = cards
        self._waiting: dict[Login, Kind] = {}
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._unlisten = cards.listen(self._hear)

    def _hear(self, engine: str, login: Login) -> None:
        """A card has changed: said in the thread that did it."""
        if engine == self._engine and self._feed.users:
            self._loop.call_soon_threadsafe(self.note, login)

    def note(self, login: Login, kind: Kind = Kind.Updated) -> None:
        """An account that changes again before it is told is told once, as it is then."""
        if not self._feed.users:
            return
        self._waiting.setdefault(login, kind)
        if self._task is None or self._task.done():
            self._task = self._loop.create_task(self._tell())

    async def _tell(self) -> None:
        while self._waiting:
            told, self._waiting = self._waiting, {}
            try:
                cards = await asyncio.to_thread(self._cards.of, self._engine, told)
            except SQLAlchemyError as problem:
                _log.warning("account cards cannot be read", problem=type(problem).__name__)
                cards = {}
            desk = self._feed.desk
            for login, kind in told.items():
                account = desk.state.accounts.get(login)
                if account is None:
                    continue
                kept = cards.get(login, NO_CARD)
                self._feed.users.tell(user_update(desk, Kind.Deleted if kept.deleted_at else kind, account, kept))

    def close(self) -> None:
        self._unlisten()
        if self._task is not None:
            self._task.cancel()
