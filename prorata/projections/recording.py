"""From events to rows: pure, so that a batch gives the same rows whenever it is read.

Rows are tuples in the column order of their table, `platform` first. Orders are folded: what happens to one order
within a group of batches becomes one row or one change.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from prorata.messages.commands import OrderType
from prorata.messages.events import (
    BalanceBooked,
    BreakSettled,
    CommentChanged,
    DayClosed,
    Dealt,
    Entry,
    Event,
    HedgeBooked,
    MarginCalled,
    NegativeBalanceCovered,
    OrderModified,
    OrderPlaced,
    OrderRemoved,
    Posting,
    StoppedOut,
    SwapCharged,
)
from prorata.projections.copying.recording import CopyRecording, postings_of
from prorata.projections.rows import EntrySource, MarginEventKind, OrderOutcome, Step
from prorata.projections.values import Values as Values
from prorata.projections.values import stored_text
from prorata.units.numbers import Moment, Ticket

_APPENDED = (
    "batches",
    "order_steps",
    "deals",
    "balance_operations",
    "ledger_entries",
    "swaps",
    "days",
    "margin_events",
)
"""tables whose rows never change"""


class Happened(Protocol):
    """A batch with its events, as the writer applies it (`Applied`) or the outbox keeps it (`Published`)."""

    @property
    def number(self) -> int: ...
    @property
    def at(self) -> Moment: ...
    @property
    def first(self) -> int: ...
    @property
    def events(self) -> tuple[Event, ...]: ...


class Recording:
    """The rows of a group of batches, by table. See `record`."""

    def __init__(self, platform: str) -> None:
        self.platform = platform
        self.inserts: dict[str, list[Values]] = {name: [] for name in _APPENDED}
        self.orders_placed: dict[Ticket, Values] = {}
        """orders announced within this group, as they are after it"""
        self.orders_dealt: dict[Ticket, Values] = {}
        """deals of orders that were not announced here: they may be in the table, or have dealt at once"""
        self.copies = CopyRecording(platform)
        self.orders_modified: dict[Ticket, Values] = {}
        self.orders_removed: dict[Ticket, Values] = {}
        self.comments: dict[Ticket, Values] = {}
        """of orders, some of which have become positions"""

    def record(self, batch: Happened) -> None:
        """Add all rows of one batch. Batches come in order."""
        if not batch.events:
            return
        self._add("batches", number=batch.number, at=batch.at, first=batch.first, events=len(batch.events))
        for sequence, event in enumerate(batch.events, batch.first):
            self._record_event(event, sequence, batch.at)

    def _record_event(self, event: Event, sequence: int, at: Moment) -> None:
        match event:
            case Dealt():
                self._deal(event, sequence, at)
            case OrderPlaced():
                self._placed(event, sequence, at)
            case OrderModified():
                self._modified(event, sequence, at)
            case OrderRemoved():
                self._removed(event, sequence, at)
            case BalanceBooked():
                self._booked(event, sequence, at)
            case CommentChanged():
                self.comments[event.ticket] = {
                    "of_platform": self.platform, "of_ticket": event.ticket, "comment": stored_text(event.comment),
                }  # fmt: skip
            case SwapCharged():
                self._add(
                    "swaps", sequence=sequence, at=at, login=event.login, position=event.ticket, symbol=event.symbol,
                    amount=event.amount, nights=event.nights, position_swap=event.position_swap,
                )  # fmt: skip
            case DayClosed():
                self._add(
                    "days", day=event.day, login=event.login, sequence=sequence, at=at, balance=event.balance,
                    credit=event.credit, floating=event.floating, swap=event.swap, equity=event.equity, margin=event.margin,
                )  # fmt: skip
            case MarginCalled() | StoppedOut():
                self._margin(event, sequence, at)
            case NegativeBalanceCovered():
                self._covered(event, sequence, at)
            case HedgeBooked():
                self._post(event.postings, sequence, at, EntrySource.HEDGE, event.order)
            case BreakSettled():
                self._post(event.postings, sequence, at, EntrySource.BREAK, 0)
            case _:
                # Configuration, accounts and stops have no history tables.
                self.copies.record(event, sequence, at)
                postings, source, reference = postings_of(event)
                self._post(postings, sequence, at, source, reference)

    def _add(self, table: str, **values: Any) -> None:
        values["platform"] = self.platform
        self.inserts[table].append(values)

    def _deal(self, event: Dealt, sequence: int, at: Moment) -> None:
        comment = stored_text(event.comment)
        self.inserts["deals"].append(
            {
                "platform": self.platform, "sequence": sequence, "deal": event.deal, "at": at, "login": event.login,
                "ticket": event.order, "position": event.position, "symbol": event.symbol, "side": event.side,
                "entry": event.entry, "reason": event.reason, "volume": event.volume, "price": event.price,
                "open_price": event.open_price, "profit": event.profit, "commission": event.commission,
                "swap": event.swap, "balance": event.balance, "position_volume": event.position_volume,
                "comment": comment, "stop_loss": event.stop_loss, "take_profit": event.take_profit,
            }
        )  # fmt: skip
        if event.postings:
            self._post(event.postings, sequence, at, EntrySource.DEAL, event.deal)
        self._fill(event, comment, sequence, at)

    def _fill(self, event: Dealt, comment: str, sequence: int, at: Moment) -> None:
        order = self.orders_placed.get(event.order)
        if order is not None:
            order["filled"] += event.volume
            if order["filled"] == order["volume"]:
                order["state"] = OrderOutcome.FILLED
        else:
            order = self.orders_dealt.get(event.order)
            if order is None:
                self.orders_dealt[event.order] = self._dealt_at_once(event, comment, sequence, at)
                return
            order["volume"] += event.volume
            order["filled"] += event.volume
        order["changed_at"], order["last_sequence"] = at, sequence

    def _dealt_at_once(self, event: Dealt, comment: str, sequence: int, at: Moment) -> Values:
        return {
            "platform": self.platform, "ticket": event.order, "sequence": sequence, "login": event.login,
            "symbol": event.symbol, "side": event.side, "type": OrderType.MARKET, "reason": event.reason,
            "state": OrderOutcome.FILLED, "volume": event.volume, "filled": event.volume, "price": 0, "limit_price": 0,
            "stop_loss": event.stop_loss, "take_profit": event.take_profit, "trailing": 0, "expires_at": 0,
            "position": event.position if event.entry == Entry.OUT else 0, "placed_at": at, "changed_at": at,
            "last_sequence": sequence, "code": None, "detail": "", "comment": comment, "announced": 0,
        }  # fmt: skip

    def _placed(self, event: OrderPlaced, sequence: int, at: Moment) -> None:
        wish = _wish_of(event)
        self.orders_placed[event.ticket] = {
            "platform": self.platform, "ticket": event.ticket, "sequence": sequence, "login": event.login,
            "symbol": event.symbol, "side": event.side, "reason": event.reason, "state": OrderOutcome.WORKING,
            "volume": event.volume, "filled": 0, **wish, "position": event.position, "placed_at": at,
            "changed_at": at, "last_sequence": sequence, "code": None, "detail": "",
            "comment": stored_text(event.comment), "announced": 1,
        }  # fmt: skip
        self._step(event.ticket, Step.PLACED, sequence, at, wish)

    def _modified(self, event: OrderModified, sequence: int, at: Moment) -> None:
        wish = _wish_of(event)
        self._step(event.ticket, Step.MODIFIED, sequence, at, wish)
        changed = {**wish, "changed_at": at, "last_sequence": sequence}
        order = self.orders_placed.get(event.ticket)
        if order is not None:
            order.update(changed)
        else:
            self.orders_modified[event.ticket] = {"of_platform": self.platform, "of_ticket": event.ticket, **changed}

    def _removed(self, event: OrderRemoved, sequence: int, at: Moment) -> None:
        detail = stored_text(event.detail)
        self._step(event.ticket, Step(3 + event.removal), sequence, at, _NO_WISH, event.code, detail)
        changed = {
            "state": OrderOutcome(2 + event.removal), "code": event.code, "detail": detail, "changed_at": at,
            "last_sequence": sequence,
        }  # fmt: skip
        order = self.orders_placed.get(event.ticket)
        if order is None:
            self.orders_removed[event.ticket] = {"of_platform": self.platform, "of_ticket": event.ticket, **changed}
        elif order["state"] == OrderOutcome.WORKING:
            order.update(changed)

    def _step(
        self, ticket: Ticket, step: Step, sequence: int, at: Moment, wish: Values, code: int | None = None,
        detail: str = "",
    ) -> None:  # fmt: skip
        self._add("order_steps", sequence=sequence, ticket=ticket, at=at, step=step, code=code, detail=detail, **wish)

    def _booked(self, event: BalanceBooked, sequence: int, at: Moment) -> None:
        self._add(
            "balance_operations", sequence=sequence, operation=event.operation, at=at, login=event.login,
            kind=event.kind, amount=event.amount, balance=event.balance, credit=event.credit,
            external_id=stored_text(event.external_id), comment=stored_text(event.comment),
        )  # fmt: skip
        self._post(event.postings, sequence, at, EntrySource.OPERATION, event.operation)

    def _margin(self, event: MarginCalled | StoppedOut, sequence: int, at: Moment) -> None:
        stopped = isinstance(event, StoppedOut)
        self._add(
            "margin_events", sequence=sequence, at=at, login=event.login,
            kind=MarginEventKind.STOP_OUT if stopped else MarginEventKind.CALL, amount=0, equity=event.equity,
            margin=event.margin, line=event.line, symbol=event.symbol, bid=event.bid, ask=event.ask,
            rule=event.rule if isinstance(event, StoppedOut) else "",
            closing=" ".join(map(str, event.closing)) if isinstance(event, StoppedOut) else "",
        )  # fmt: skip

    def _covered(self, event: NegativeBalanceCovered, sequence: int, at: Moment) -> None:
        self._add(
            "margin_events", sequence=sequence, at=at, login=event.login, kind=MarginEventKind.NEGATIVE_BALANCE,
            amount=event.amount, equity=event.balance, margin=0, line=0, symbol="", bid=0, ask=0, rule="",
            closing="",
        )  # fmt: skip
        self._post(event.postings, sequence, at, EntrySource.PROTECTION, event.login)

    def _post(self, postings: Iterable[Posting], sequence: int, at: Moment, source: EntrySource, reference: int) -> None:
        add = self.inserts["ledger_entries"].append
        for part, posting in enumerate(postings):
            login = login_in(posting.debit)
            add(
                {
                    "platform": self.platform, "sequence": sequence, "part": part, "at": at, "debit": posting.debit,
                    "credit": posting.credit, "amount": posting.amount, "currency": posting.currency,
                    "kind": posting.kind, "login": login_in(posting.credit) if login is None else login,
                    "source": source, "reference": reference,
                }
            )  # fmt: skip


def _wish_of(event: OrderPlaced | OrderModified) -> Values:
    return {
        "type": event.type, "price": event.price, "limit_price": event.limit_price, "stop_loss": event.stop_loss,
        "take_profit": event.take_profit, "trailing": event.trailing, "expires_at": event.expires_at,
    }  # fmt: skip


_NO_WISH: Values = {
    "type": OrderType.MARKET, "price": 0, "limit_price": 0, "stop_loss": 0, "take_profit": 0, "trailing": 0,
    "expires_at": 0,
}  # fmt: skip


def login_in(ledger_account: str) -> int | None:
    """Return the login in "account/1001" or "credit/1001"; None for the house, the venue and the bank."""
    kind, _, number = ledger_account.partition("/")
    return int(number) if kind in ("account", "credit") else None
