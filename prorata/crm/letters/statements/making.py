"""Figures of a statement out of a trade platform's history. They block, and read nothing but what has been written."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec

from prorata.crm.letters.statements.figures import (
    Held,
    Movement,
    Period,
    Standing,
    Statement,
    Totals,
    Trade,
    Waiting,
)
from prorata.crm.letters.statements.valuing import Lot, Worth, worths_of
from prorata.crm.returned import is_return, said_in
from prorata.messages.commands import BalanceKind, Side
from prorata.messages.events import Entry
from prorata.projections.account_days import AccountDays
from prorata.projections.lists import HistoryLists
from prorata.projections.quotes import QuoteStore
from prorata.projections.rows import BalanceOperationRow, DayRow, DealRow, MarginEventRow
from prorata.projections.trade_history import Closing, Opened, closings_of
from prorata.trading.desk import Desk
from prorata.units.numbers import DAY_MS, Login, Minor, Moment, Ticket

_EPOCH = date(1970, 1, 1).toordinal()


class Book(Protocol):
    """A trade platform as statements read it."""

    @property
    def history(self) -> HistoryLists: ...
    @property
    def quotes(self) -> QuoteStore: ...
    @property
    def desk(self) -> Desk: ...


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Whose statement it is."""

    broker: str
    name: str
    platform: str
    login: Login
    offer: str
    currency: str
    demo: bool


def day_end(day: int, rollover_ms: int) -> Moment:
    """Return when a trading day ends."""
    return day * DAY_MS + rollover_ms


def month_of(day: int) -> tuple[int, int]:
    """Return the first and the last day of the month that a day is in, counted from 1970-01-01."""
    first = date.fromordinal(_EPOCH + day).replace(day=1)
    following = first.replace(year=first.year + 1, month=1) if first.month == 12 else first.replace(month=first.month + 1)
    return first.toordinal() - _EPOCH, following.toordinal() - _EPOCH - 1


def make(book: Book, holder: Holder, period: Period, last_day: int) -> Statement:
    """Return the statement of the day or month that ends with a day, which the history has."""
    days, desk, login = AccountDays(book.history), book.desk, holder.login
    first_day = last_day if period is Period.DAY else month_of(last_day)[0]
    since, until = (day_end(day, desk.state.rollover_ms) for day in (first_day - 1, last_day))
    after, upto = days.last_event(login, first_day - 1, since), days.last_event(login, last_day, until)
    ended = days.end(login, last_day)
    deals = days.deals(login, upto)
    past, now = [deal for deal in deals if deal.sequence <= after], [deal for deal in deals if deal.sequence > after]
    open_: dict[Ticket, Opened] = {}
    for _ in closings_of(past, {}, open_):
        pass
    before = sum(one.commission for one in open_.values())
    trades = tuple(_trade(one) for one in closings_of(now, {}, open_))
    movements = tuple(map(_movement, days.operations(login, after, upto)))
    covers = days.protections(login, after, upto)
    held = _held(book, holder, deals, open_, _swaps_carried(days, login, deals, open_, upto), ended)
    waiting = tuple(
        Waiting(
            ticket=order.ticket, symbol=order.symbol, side=order.side, type=wish.type, volume=left,
            price=wish.price, limit_price=wish.limit_price, stop_loss=wish.stop_loss, take_profit=wish.take_profit,
            placed_at=order.placed_at, expires_at=wish.expires_at,
        )
        for order, wish, left in days.working_orders(login, upto)
    )  # fmt: skip
    posted_balance, posted_credit = days.posted(login, after, upto)
    named = {one.symbol for one in trades} | {one.symbol for one in held} | {one.symbol for one in waiting}
    symbols = desk.state.symbols
    return Statement(
        period=period, first_day=first_day, last_day=last_day, since=since, until=until,
        **msgspec.structs.asdict(holder), opening=_standing(days.end(login, first_day - 1)), closing=_standing(ended),
        totals=_totals(now, movements, covers), commission_before=before,
        commission_after=sum(one.commission for one in open_.values()), posted_balance=posted_balance,
        posted_credit=posted_credit, movements=movements, trades=trades, held=held, waiting=waiting,
        price_digits={name: symbols[name].digits for name in sorted(named) if name in symbols},
    )  # fmt: skip


def _standing(row: DayRow | None) -> Standing:
    """Return an account at the end of a day. One that has no row had nothing."""
    if row is None:
        return Standing()
    return Standing(**{name: getattr(row, name) for name in Standing.__struct_fields__})


def _totals(deals: Sequence[DealRow], movements: Sequence[Movement], covers: Sequence[MarginEventRow]) -> Totals:
    def booked(kind: BalanceKind) -> Minor:
        return sum(one.amount for one in movements if one.kind == kind and not one.returned)

    return Totals(
        deposits=booked(BalanceKind.DEPOSIT), withdrawals=booked(BalanceKind.WITHDRAWAL),
        returned=sum(one.amount for one in movements if one.returned),
        corrections=booked(BalanceKind.CORRECTION), agent_commissions=booked(BalanceKind.AGENT_COMMISSION),
        credit_in=booked(BalanceKind.CREDIT_IN), credit_out=booked(BalanceKind.CREDIT_OUT),
        profit=sum(deal.profit for deal in deals), commission=sum(deal.commission for deal in deals),
        swap=sum(deal.swap for deal in deals), protection=sum(row.amount for row in covers),
    )  # fmt: skip


def _movement(row: BalanceOperationRow) -> Movement:
    returned = row.kind == BalanceKind.DEPOSIT and is_return(row.external_id)
    comment = said_in(row.comment) if returned else row.comment
    return Movement(
        operation=row.operation, at=row.at, kind=row.kind, amount=row.amount, comment=comment, returned=returned
    )  # fmt: skip


def _trade(one: Closing) -> Trade:
    return Trade(
        position=one.position, symbol=one.symbol, side=one.side, volume=one.volume, opened_at=one.opened_at,
        open_price=one.open_price, closed_at=one.closed_at, close_price=one.close_price, reason=one.close_reason,
        commission=one.commission, swap=one.swap, profit=one.profit,
    )  # fmt: skip


def _swaps_carried(
    days: AccountDays, login: Login, deals: Sequence[DealRow], open_: dict[Ticket, Opened], upto: int
) -> dict[Ticket, Minor]:  # fmt: skip
    """Return the swap that each open position carries: what was charged, less what parts of it took with them."""
    carried = dict.fromkeys(open_, 0)
    if not open_:
        return carried
    first = min(deal.sequence for deal in deals if deal.position in open_)
    for row in days.swaps(login, first, upto):
        if row.position in carried:
            carried[row.position] += row.amount
    for deal in deals:
        if deal.position in carried:
            carried[deal.position] -= deal.swap
    return carried


def _held(
    book: Book, holder: Holder, deals: Sequence[DealRow], open_: dict[Ticket, Opened], swaps: dict[Ticket, Minor],
    ended: DayRow | None,
) -> tuple[Held, ...]:  # fmt: skip
    last = {deal.position: deal for deal in deals if deal.position in open_}
    first = {deal.position: deal for deal in reversed(deals) if deal.position in open_ and deal.entry == Entry.IN}
    lots = [
        Lot(deal.symbol, Side(first[ticket].side), deal.position_volume, deal.open_price) for ticket, deal in last.items()
    ]  # fmt: skip
    worths: Sequence[Worth | None] | None = None
    if ended is not None and lots:
        desk = book.desk
        terms = desk.groups[desk.state.accounts[holder.login].group].terms
        if all(lot.symbol in terms for lot in lots):
            worths = worths_of(lots, ended.floating, ended.at, terms, book.quotes)
    return tuple(
        Held(
            position=ticket, symbol=lot.symbol, side=lot.side, volume=lot.volume, opened_at=open_[ticket].opened_at,
            open_price=lot.open_price, price=None if worth is None else worth.price, commission=open_[ticket].commission,
            swap=swaps[ticket], floating=None if worth is None else worth.floating,
        )
        for ticket, lot, worth in zip(last, lots, worths or [None] * len(lots), strict=True)
    )  # fmt: skip
