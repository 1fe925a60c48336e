"""From the writer of one platform to its streams: what a batch changed is told to whoever hears of it, rendered once a form.

A stream joins and gets what is there in one turn of the event loop, and batches are turns of the same loop: what is there
and the changes that follow have no gap and nothing twice.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeAlias

import grpc
import msgspec
import structlog

from prorata.control.account_cards.cards import NO_CARD, KeptCard
from prorata.control.store import Control
from prorata.crm.direct import Said
from prorata.crm.store import Crm
from prorata.messages.commands import OrderType, Side
from prorata.messages.events import (
    AccountChanged,
    AccountOpened,
    BalanceBooked,
    Dealt,
    Event,
    GroupPut,
    MarginCalled,
    NegativeBalanceCovered,
    PostingKind,
    Reason,
    SwapCharged,
    SymbolPut,
    SymbolRemoved,
)
from prorata.messages.refusals import Refusal
from prorata.projections.ledger import postings_of
from prorata.projections.recording import login_in
from prorata.rest.broker.kinds import money_of
from prorata.rest.broker.market import group_view
from prorata.rest.broker.trade_shapes import (
    active_order,
    dealt_position,
    ledger_type,
    ledger_view,
    money_digits,
    open_position,
)
from prorata.rest.broker.trade_values import lots_of, order_id
from prorata.rest.own.session import Platform
from prorata.server.writer import Applied
from prorata.stream.changes import OrderChange, PositionChange, Step, TradeBook
from prorata.stream.grpc.audience import Audience, spread
from prorata.stream.grpc.books import AccountBook, Standing
from prorata.stream.grpc.figures import Figures
from prorata.stream.grpc.forms import Stream, Told
from prorata.stream.grpc.ledger import LedgerLine
from prorata.stream.grpc.quotations import QuotationBoard
from prorata.stream.grpc.subscriber import Subscriber
from prorata.stream.grpc.terms import GrpcTerms
from prorata.stream.grpc.told import (
    AccountShown,
    AccountTold,
    ActivationTold,
    Additional,
    EventTold,
    GroupTold,
    LedgerTold,
    MarginCallTold,
    OrderTold,
    PositionTold,
    StopOutTold,
    StopTold,
    SymbolTold,
    Update,
)
from prorata.stream.people import People
from prorata.trading.desk import Desk
from prorata.trading.state import Account, Position
from prorata.units.numbers import Login, Minor, Moment
from prorata.units.rounding import div_half_even
from prorata.views.answers import Rejected

Kept: TypeAlias = tuple[KeptCard, str, Said]
"""an account's card, its uuid in the CRM ("" if it has none), and what a program has said of it"""
_ToldOf: TypeAlias = Callable[[Account], Sequence[Told]]

_UPDATES = {
    Step.OPENED: Update.NEW, Step.CHANGED: Update.UPDATE, Step.REDUCED: Update.PARTIALLY_CLOSED, Step.CLOSED: Update.CLOSED,
    Step.PLACED: Update.NEW, Step.MODIFIED: Update.UPDATE, Step.FILLED: Update.CLOSED, Step.REMOVED: Update.CLOSED,
}  # fmt: skip
_ADDITIONAL = {
    PostingKind.CORRECTION: Additional.CORRECTION,
    PostingKind.NEGATIVE_BALANCE: Additional.NEGATIVE_BALANCE_CORRECTION,
    PostingKind.BONUS: Additional.BONUS_IN_OUT,
    PostingKind.TRANSFER: Additional.INTERNAL_TRANSFER,
    PostingKind.FEE: Additional.PERFORMANCE_FEE,
}
AT_ONCE = 100
"""accounts and what they have that a stream is told of in one turn of the event loop, when it begins"""
_STOPS = (Reason.STOP_LOSS, Reason.TAKE_PROFIT, Reason.STOP_OUT)

_log = structlog.get_logger("grpc")


class _Posted(msgspec.Struct, frozen=True, gc=False):
    """A posting where it stands among the events, as the ledger's records want it."""

    sequence: int
    part: int
    at: Moment
    credit: str
    amount: Minor
    kind: PostingKind


class Feed:
    """Of one platform, over its whole life. `uuid`: the trade platform's."""

    def __init__(
        self, platform: Platform, uuid: str, organization_id: int, control: Control, crm: Crm, terms: GrpcTerms
    ) -> None:
        self.platform = platform
        self.positions, self.orders, self.events = (Audience(self._begin_trades) for _ in range(3))
        self.ledgers, self.accounts, self.groups, self.symbols = (Audience() for _ in range(4))
        self.book = AccountBook(platform.desk)
        self.figures = Figures(self, terms.figures_seconds)
        self.quotations = QuotationBoard(platform, terms.throttling_ms_min)
        self._audiences = {
            Stream.POSITIONS: self.positions, Stream.ORDERS: self.orders, Stream.EVENTS: self.events,
            Stream.LEDGERS: self.ledgers, Stream.ACCOUNTS: self.accounts, Stream.GROUPS: self.groups,
            Stream.SYMBOLS: self.symbols, Stream.EQUITY: self.figures.equity,
        }  # fmt: skip
        self._trades = TradeBook()
        self._knows_trades = False
        self._catching_up: set[asyncio.Task[None]] = set()
        self._symbol_names = set(platform.desk.state.symbols)
        self._groups: dict[str, GroupTold] = {}
        """groups as they were told last"""
        self._are_groups_stale = False
        self._shown: dict[Login, AccountShown] = {}
        """accounts as they were told last"""
        self._before: dict[Login, Standing] = {}
        """of accounts that are to be told: what they were before they changed"""
        engine = platform.writer.platform
        read = partial(_kept, control, crm, engine, uuid, organization_id)
        self._people = People(
            engine, control.account_cards, read, (NO_CARD, "", Said()), lambda: bool(self.accounts), self._tell_account
        )  # fmt: skip
        self._ledger = LedgerLine(crm.direct.types_of)
        self._unlisten = platform.writer.listen(self._take)

    @property
    def desk(self) -> Desk:
        return self.platform.desk

    def close(self, detail: str) -> None:
        """End everything: the platform stops."""
        self._unlisten()
        self._people.close()
        self._ledger.close()
        self.figures.close()
        for task in self._catching_up:
            task.cancel()
        self.end_all(grpc.StatusCode.UNAVAILABLE, detail)

    def end_all(self, code: grpc.StatusCode, detail: str) -> None:
        for audience in self._audiences.values():
            for subscriber in audience.all():
                subscriber.end(code, detail)
        for subscriber in self.quotations.subscribers():
            subscriber.end(code, detail)

    # Streams begin.

    async def prepare(self, stream: Stream, subscriber: Subscriber) -> None:
        """Do what must be done before a stream can join in one turn."""
        if stream == Stream.QUOTATIONS and subscriber.asked.statistics:
            await self.quotations.days.load(self.quotations.symbols_of(subscriber.asked))

    def join(self, stream: Stream, subscriber: Subscriber) -> None:
        """Tell a stream what is there, and from now on what changes. Raises `Rejected`."""
        asked = subscriber.asked
        if asked.one and not asked.logins <= self.desk.state.accounts.keys():
            raise Rejected(Refusal.NOT_FOUND, "login: there is no trading account of this number")
        if stream == Stream.QUOTATIONS:
            subscriber.on_end = partial(self.quotations.leave, subscriber)
            self.quotations.join(subscriber)
            return
        audience = self._audiences[stream]
        subscriber.on_end = partial(audience.leave, subscriber)
        audience.join(subscriber)
        match stream:
            case Stream.POSITIONS:
                self._catch_up(audience, subscriber, self._positions_of)
                self.figures.begin()
            case Stream.ORDERS:
                self._catch_up(audience, subscriber, self._orders_of)
            case Stream.EQUITY:
                self._catch_up(audience, subscriber, self.figures.equity_of)
                self.figures.begin()
            case Stream.GROUPS:
                for name in sorted(asked.groups or self.desk.groups):
                    if name in self.desk.groups:
                        self._groups[name] = self._group(name)
                        spread(self._groups[name], [subscriber])
            case Stream.SYMBOLS:
                for spec in self.desk.state.symbols.values():
                    spread(SymbolTold(spec.name, spec), [subscriber])
            case _:
                pass

    def _catch_up(self, audience: Audience, subscriber: Subscriber, told_of: _ToldOf) -> None:
        """Tell a stream what its accounts have: a few at once, many in slices, so that nobody is held up.

        Of an account that has not been told yet no change is told either: it is told as it is then.
        """
        rest = deque(audience.logins_of(subscriber, self.book.members))
        subscriber.behind = set(rest)
        self._tell_some(subscriber, rest, told_of)
        if rest:
            task = asyncio.get_running_loop().create_task(self._tell_rest(subscriber, rest, told_of))
            self._catching_up.add(task)
            task.add_done_callback(self._catching_up.discard)

    async def _tell_rest(self, subscriber: Subscriber, rest: deque[Login], told_of: _ToldOf) -> None:
        try:
            while rest and subscriber.ending is None:
                await asyncio.sleep(0)
                await subscriber.room()
                self._tell_some(subscriber, rest, told_of)
        except Exception:
            _log.exception("what is there could not be told")
            subscriber.end(grpc.StatusCode.INTERNAL, "something went wrong here")

    def _tell_some(self, subscriber: Subscriber, rest: deque[Login], told_of: _ToldOf) -> None:
        """Tell what some more accounts have."""
        accounts, asked = self.desk.state.accounts, subscriber.asked
        count = 0
        while rest and count < AT_ONCE:
            login = rest.popleft()
            subscriber.behind.discard(login)
            count += 1
            account = accounts.get(login)
            if account is None or account.access in asked.left_out:
                continue
            if asked.groups and login not in asked.logins and account.group not in asked.groups:
                continue  # It has left the group meanwhile.
            told = told_of(account)
            count += len(told)
            for one in told:
                subscriber.put_first(subscriber.form.render(one))

    def _begin_trades(self) -> None:
        """Know what is open and waits from the first stream on; it is looked through once."""
        if not self._knows_trades:
            self._knows_trades = True
            self._trades.know(self.desk)

    # Batches.

    def _take(self, applied: Applied) -> None:
        try:
            if applied.quotes:
                self.quotations.take(applied)
                self.figures.has_moved = True
            for place, event in enumerate(applied.events):
                self._tell(event, applied.first + place, applied.at)
            self.figures.tell_touched()
            if self._are_groups_stale:
                self._are_groups_stale = False
                for name in self.desk.groups:
                    self._tell_group(name)
        except Exception:
            # The writer must go on, and no stream may have a gap: all of them must come again.
            _log.exception("a batch could not be told", batch=applied.number)
            self.end_all(grpc.StatusCode.INTERNAL, "something went wrong here")
            self.book = AccountBook(self.desk)
            self._knows_trades = False

    def _tell(self, event: Event, sequence: int, at: Moment) -> None:
        if self._knows_trades:
            for change in self._trades.changes(self.desk, event, at):
                if isinstance(change, OrderChange):
                    self._tell_order(change)
                else:
                    self._tell_position(change)
                    self._tell_stop(change)
        match event:
            case Dealt():
                self._tell_ledger(event, sequence, at)
                self.figures.touch(event.login)
            case BalanceBooked() | NegativeBalanceCovered():
                self._tell_ledger(event, sequence, at)
                self.figures.touch(event.login)
            case SwapCharged():
                self.figures.touch(event.login)
            case MarginCalled():
                self._tell_call(event)
            case AccountOpened():
                self.book.opened(event)
                self.figures.touch(event.login)
                self._people.note(event.login, is_new=True)
            case AccountChanged():
                self._change(event)
            case SymbolPut():
                is_new = event.spec.name not in self._symbol_names
                self._symbol_names.add(event.spec.name)
                self._reprice()
                spread(SymbolTold(event.spec.name, event.spec, is_new), self.symbols.all())
            case SymbolRemoved():
                self._symbol_names.discard(event.symbol)
                self._reprice()
                spread(SymbolTold(event.symbol, None), self.symbols.all())
            case GroupPut():
                self._reprice()
            case _:
                if self.ledgers:
                    self._tell_ledger(event, sequence, at)

    def _hearers(self, audience: Audience, login: Login) -> list[Subscriber]:
        if not audience:
            return []
        standing = self.book.of(login)
        return audience.of(login, standing.access, standing.group)

    # Positions and orders.

    def position_told(self, account: Account, position: Position, update: Update) -> PositionTold:
        """Return a position as it is now."""
        shown = open_position(self.desk, account, position)
        return PositionTold(update, account.login, self.book.of(account.login).group, shown, float(shown.volume))

    def _positions_of(self, account: Account) -> list[PositionTold]:
        self.figures.seen(account)
        return [self.position_told(account, position, Update.UPDATE) for position in account.positions.values()]

    def _tell_position(self, change: PositionChange) -> None:
        login, deal = change.login, change.deal
        hearers = self._hearers(self.positions, login)
        if change.step == Step.CLOSED:
            self.figures.forget(change.ticket)
        if not hearers:
            return
        account = self.desk.state.accounts[login]
        position = account.positions.get(change.ticket) if change.step != Step.CLOSED else None
        if position is not None:
            told = self.position_told(account, position, _UPDATES[change.step])
        elif deal is not None:
            shown = dealt_position(self.desk, deal, change.opened_at, change.commission)
            told = PositionTold(_UPDATES[change.step], login, self.book.of(login).group, shown, float(shown.volume))
        else:
            return
        if change.step == Step.REDUCED and deal is not None:
            before = float(lots_of(deal.position_volume + deal.volume))
            told = msgspec.structs.replace(told, volume_before=before)
        spread(told, hearers)

    def _orders_of(self, account: Account) -> list[OrderTold]:
        return [
            OrderTold(Update.UPDATE, account.login, self.book.of(account.login).group, active_order(self.desk, order))
            for order in account.orders.values()
            if order.type != OrderType.MARKET
        ]

    def _tell_order(self, change: OrderChange) -> None:
        login, order = change.login, change.order
        hearers = self._hearers(self.orders, login)
        if hearers:
            shown = active_order(self.desk, order)
            spread(OrderTold(_UPDATES[change.step], login, self.book.of(login).group, shown), hearers)
        if change.step == Step.FILLED:
            price = float(money_of(order.price, self.desk.state.symbols[order.symbol].digits))
            activation = ActivationTold(
                login, self.book.of(login).group, order_id(order.ticket), order.symbol, order.side,
                float(lots_of(order.volume)), price,
            )  # fmt: skip
            self._tell_event(activation)

    # Trading events.

    def _tell_event(self, told: EventTold) -> None:
        spread(told, self._hearers(self.events, told.login))

    def _tell_stop(self, change: PositionChange) -> None:
        """Tell of a deal that a stop loss, a take profit or a stop-out has made."""
        deal = change.deal
        if deal is None or deal.reason not in _STOPS or not self.events:
            return
        group, name, volume = self.book.of(deal.login).group, order_id(deal.position), float(lots_of(deal.volume))
        if deal.reason == Reason.STOP_OUT:
            self._tell_event(StopOutTold(deal.login, group, name, deal.symbol, volume))
            return
        terms = self.desk.groups[group]
        # The deal that closes the last of it has what opening that has cost; of a part, the deal alone is known.
        opening = change.commission if change.step == Step.CLOSED else 0
        profit = money_of(deal.profit + deal.swap + deal.commission + opening, terms.currency_digits)
        side = Side.SELL if deal.side == Side.BUY else Side.BUY
        takes = deal.reason == Reason.TAKE_PROFIT
        self._tell_event(
            StopTold(takes, deal.login, group, name, deal.symbol, side, volume, float(profit), terms.currency)
        )  # fmt: skip

    def _tell_call(self, event: MarginCalled) -> None:
        level = div_half_even(event.equity * 10_000, event.margin) / 100 if event.margin else 0.0
        self._tell_event(MarginCallTold(event.login, self.book.of(event.login).group, level))

    # Money.

    def _tell_ledger(self, event: Event, sequence: int, at: Moment) -> None:
        if not self.ledgers:
            return
        comment, external_id = (event.comment, event.external_id) if isinstance(event, BalanceBooked) else ("", "")
        for part, posting in enumerate(postings_of(event)):
            login = login_in(posting.debit)
            login = login_in(posting.credit) if login is None else login
            if login is None:
                continue
            posted = _Posted(sequence, part, at, posting.credit, posting.amount, posting.kind)
            kind, additional = ledger_type(posted, login), _ADDITIONAL.get(posting.kind, Additional.NONE)
            heard = self._hearers(self.ledgers, login)
            hearers = [one for one in heard if not one.asked.ledger_types or kind in one.asked.ledger_types]
            if hearers:
                digits = money_digits(self.desk, self.desk.state.accounts[login])
                entry = ledger_view(posted, login, digits, comment)
                self._ledger.tell(LedgerTold(login, self.book.of(login).group, entry, additional), hearers, external_id)

    # Accounts and groups.

    def _change(self, event: AccountChanged) -> None:
        before = self.book.changed(event)
        if self.accounts:
            self._before.setdefault(event.login, before)
        self._people.note(event.login)
        if before.group == event.group and before.access == event.access:
            return
        # Positions and orders keep an account in its group; its access changes who is told of its orders.
        account = self.desk.state.accounts[event.login]
        hearers = [one for one in self._hearers(self.orders, event.login) if before.access in one.asked.left_out]
        if hearers:
            for told in self._orders_of(account):
                spread(told, hearers)
        self.figures.touch(event.login, anew=True)

    def _tell_account(self, login: Login, kept: Kept, is_new: bool) -> None:
        before = self._before.pop(login, None)
        account = self.desk.state.accounts.get(login)
        if account is None:
            return
        (card, uuid, said), standing = kept, self.book.of(login)
        group = self.desk.groups[standing.group]
        now = AccountShown(
            standing.group, standing.leverage, standing.access, group.currency, group.currency_digits, account.opened_at,
            uuid, said, card.card,
        )  # fmt: skip
        was = self._shown.get(login)
        if was is None and not is_new:
            known = before or standing
            was = msgspec.structs.replace(
                now, group=known.group, leverage=known.leverage, access=known.access, card=None
            )  # fmt: skip
        self._shown[login] = now
        spread(AccountTold(login, now, was, bool(card.deleted_at)), self._hearers(self.accounts, login))

    def _reprice(self) -> None:
        """Terms have changed: of one group, or of a symbol, which is a part of all of them."""
        self.quotations.reprice()
        self._are_groups_stale = True

    def _tell_group(self, name: str) -> None:
        hearers = self.groups.of_group(name)
        if hearers:
            told = self._group(name)
            if told != self._groups.get(name):
                self._groups[name] = told
                spread(told, hearers)

    def _group(self, name: str) -> GroupTold:
        terms = self.desk.groups[name]
        return GroupTold(group_view(self.platform, terms, self.platform.now()), terms.spec, self.desk.state.rollover_ms)


def _kept(
    control: Control, crm: Crm, engine: str, uuid: str, organization_id: int, logins: Collection[Login]
) -> dict[Login, Kept]:  # fmt: skip
    """Return what databases have of accounts. Blocks."""
    cards = control.account_cards.of(engine, logins)
    owned = crm.direct.of_logins(organization_id, uuid, logins)
    said = crm.direct.said([one.id for one in owned.values()])
    return {
        login: (cards.get(login, NO_CARD), owned[login].uuid, said.get(owned[login].id, Said()))
        if login in owned
        else (cards.get(login, NO_CARD), "", Said())
        for login in logins
    }
