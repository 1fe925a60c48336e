"""Trades that are over: each closing deal with what was opened, and what both have cost.

The commission of opening is shared among the parts of a position as they close, in proportion to their volume, rounded half
to even; what is left goes with the last one. So the closings of a position sum to its deals, to the cent. The engine gives
up what an open position has cost in the same way (`Position.commission`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, select, union

from prorata.messages.commands import OrderType, Side
from prorata.messages.events import Entry, Reason
from prorata.projections.lists import HistoryLists
from prorata.projections.paging import rows_of, slices_of
from prorata.projections.rows import BalanceOperationRow, DealRow, MarginEventRow, OrderOutcome, OrderRow, RowType
from prorata.projections.tables import balance_operations, deals, margin_events, orders
from prorata.units.numbers import Login, Minor, Moment, Points, Ticket, Volume
from prorata.units.rounding import div_half_even

_ASKED_AT_ONCE = 500
_ENDED = (orders.c.type != OrderType.MARKET, orders.c.state >= OrderOutcome.CANCELLED, orders.c.filled == 0)


class Closing(msgspec.Struct, frozen=True, gc=False):
    """A position or a part of it, closed. Money as the client feels it: a cost is below 0."""

    sequence: int
    """of the closing deal's event"""
    position: Ticket
    order: Ticket
    """that closed it"""
    login: Login
    symbol: str
    side: Side
    """of the position"""
    volume: Volume
    left: Volume
    """of the position, after it"""
    opened_at: Moment
    open_price: Points
    open_reason: Reason
    closed_at: Moment
    close_price: Points
    close_reason: Reason
    profit: Minor
    commission: Minor
    """of its own deal, and its share of what opening has cost"""
    swap: Minor
    stop_loss: Points
    take_profit: Points
    comment: str


class Opened:
    """A position while it is open. `commission`: what opening has cost, as far as no closing has taken it over."""

    __slots__ = ("commission", "opened_at", "reason")

    def __init__(self, deal: DealRow) -> None:
        self.commission: Minor = 0
        self.opened_at = deal.at
        self.reason = deal.reason


def closings_of(
    found: Iterable[DealRow], comments: Mapping[Ticket, str], held: dict[Ticket, Opened] | None = None
) -> Iterator[Closing]:  # fmt: skip
    """Yield the closings among deals, which are in order and, for each position, all from its first on.

    `comments`: of the orders that opened the positions; that of the closing deal goes before. `held`: what is open before the
    first deal; it has what is open after the last one, when all are read.
    """
    held = {} if held is None else held
    for deal in found:
        opened = held.get(deal.position)
        if opened is None:
            opened = held[deal.position] = Opened(deal)
        if deal.entry == Entry.IN:
            opened.commission += deal.commission
            continue
        share = div_half_even(opened.commission * deal.volume, deal.volume + deal.position_volume)
        opened.commission -= share
        yield Closing(
            sequence=deal.sequence, position=deal.position, order=deal.ticket, login=deal.login, symbol=deal.symbol,
            side=Side.SELL if deal.side == Side.BUY else Side.BUY, volume=deal.volume, left=deal.position_volume,
            opened_at=opened.opened_at, open_price=deal.open_price, open_reason=opened.reason, closed_at=deal.at,
            close_price=deal.price, close_reason=deal.reason, profit=deal.profit, commission=share + deal.commission,
            swap=deal.swap, stop_loss=deal.stop_loss, take_profit=deal.take_profit,
            comment=deal.comment or comments.get(deal.position, ""),
        )  # fmt: skip
        if not deal.position_volume:
            del held[deal.position]


class TradeHistory:
    """What the history knows of trades that are over. The methods block; lists are oldest first."""

    def __init__(self, lists: HistoryLists) -> None:
        self._lists = lists

    def closings(self, login: Login, *, since: Moment | None = None, until: Moment | None = None) -> list[Closing]:
        """Return an account's closings in a span."""
        return self.closings_of_many([login], since=since, until=until)

    def closings_of_many(
        self, logins: Sequence[Login], *, since: Moment | None = None, until: Moment | None = None
    ) -> list[Closing]:  # fmt: skip
        """Return the closings of accounts in a span: those of one account in order."""
        return [closing for some in slices_of(logins, _ASKED_AT_ONCE) for closing in self._closings(some, since, until)]

    def _closings(self, logins: Sequence[Login], since: Moment | None, until: Moment | None) -> list[Closing]:
        lists = self._lists
        span = [deals.c.platform == lists.platform, deals.c.login.in_(logins), deals.c.entry == Entry.OUT]
        if since is not None:
            span.append(deals.c.sequence >= lists.first_event_at(since))
        if until is not None:
            span.append(deals.c.sequence < lists.first_event_at(until))
        with lists.reading() as connection:
            query = select(deals.c.sequence, deals.c.position).where(*span).order_by(deals.c.sequence)
            wanted = dict(iter(connection.execute(query)))
            return [found for found in self._of(connection, logins, wanted) if found.sequence in wanted]

    def closings_of_position(self, ticket: Ticket) -> list[Closing]:
        """Return all closings of a position."""
        with self._lists.reading() as connection:
            first = self._opening(connection, [ticket]).get(ticket)
            if first is None:
                return []
            _, login, _ = first
            query = (
                select(deals.c.sequence)
                .where(deals.c.platform == self._lists.platform, deals.c.login == login, deals.c.position == ticket)
                .order_by(deals.c.sequence.desc())
                .limit(1)
            )
            last = connection.execute(query).scalar_one_or_none()
            return [] if last is None else list(self._of(connection, [login], {last: ticket}))

    def closing_at(self, sequence: int) -> Closing | None:
        """Return the closing of one event; None if it is none."""
        with self._lists.reading() as connection:
            here = (deals.c.platform == self._lists.platform, deals.c.sequence == sequence, deals.c.entry == Entry.OUT)
            found = connection.execute(select(deals.c.login, deals.c.position).where(*here)).one_or_none()
            if found is None:
                return None
            login, position = found
            closings = self._of(connection, [login], {sequence: position})
            return next((closing for closing in closings if closing.sequence == sequence), None)

    def dealt_again(self, closing: Closing, comment: str) -> Ticket | None:
        """Return the position that a dealer has opened again after a closing, as it had been, under a comment."""
        mine = (deals.c.platform == self._lists.platform, deals.c.login == closing.login, deals.c.sequence > closing.sequence)
        as_it_was = (deals.c.symbol == closing.symbol, deals.c.side == closing.side, deals.c.price == closing.open_price)
        query = select(deals.c.position).where(*mine, *as_it_was, deals.c.reason == Reason.DEALER, deals.c.comment == comment)
        with self._lists.reading() as connection:
            found: Ticket | None = connection.execute(query.order_by(deals.c.sequence.desc()).limit(1)).scalar()
        return found

    def logins(self, since: Moment) -> list[Login]:
        """Return the accounts of which something was over from a moment on: closed, booked, made good or deleted."""
        lists = self._lists
        first = lists.first_event_at(since)
        parts = [
            select(table.c.login).where(table.c.platform == lists.platform, sequence >= first, *where)
            for table, sequence, where in (
                (deals, deals.c.sequence, (deals.c.entry == Entry.OUT,)),
                (balance_operations, balance_operations.c.sequence, ()),
                (margin_events, margin_events.c.sequence, ()),
                (orders, orders.c.last_sequence, _ENDED),
            )
        ]
        with lists.reading() as connection:
            return sorted(connection.execute(union(*parts)).scalars())

    def orders_ended(self, login: Login, *, since: Moment | None = None, until: Moment | None = None) -> list[OrderRow]:
        """Return an account's pending orders that ended within a span without a deal."""
        return self._orders(login, since, until, *_ENDED)

    def orders_changed(self, login: Login, *, since: Moment | None = None, until: Moment | None = None) -> list[OrderRow]:
        """Return an account's orders to which something happened last within a span."""
        return self._orders(login, since, until)

    def _orders(
        self, login: Login, since: Moment | None, until: Moment | None, *more: ColumnElement[bool]
    ) -> list[OrderRow]:  # fmt: skip
        """Return an account's orders by their last event."""
        lists = self._lists
        where = [orders.c.platform == lists.platform, orders.c.login == login, *more]
        if since is not None:
            where.append(orders.c.last_sequence >= lists.first_event_at(since))
        if until is not None:
            where.append(orders.c.last_sequence < lists.first_event_at(until))
        columns = [orders.c[name] for name in OrderRow.__struct_fields__]
        with lists.reading() as connection:
            query = select(*columns).where(*where).order_by(orders.c.last_sequence)
            return list(rows_of(connection, query, OrderRow))

    def order_ended(self, ticket: Ticket) -> OrderRow | None:
        """Return a pending order that ended without a deal; None if it did not."""
        columns = [orders.c[name] for name in OrderRow.__struct_fields__]
        where = (orders.c.platform == self._lists.platform, orders.c.ticket == ticket, *_ENDED)
        with self._lists.reading() as connection:
            return next(iter(rows_of(connection, select(*columns).where(*where), OrderRow)), None)

    def deals_of_order(self, order: OrderRow) -> list[DealRow]:
        """Return what an order has dealt."""
        lists = self._lists
        columns = [deals.c[name] for name in DealRow.__struct_fields__]
        mine = (deals.c.platform == lists.platform, deals.c.login == order.login, deals.c.ticket == order.ticket)
        span = deals.c.sequence.between(order.sequence, order.last_sequence)
        with lists.reading() as connection:
            return list(rows_of(connection, select(*columns).where(*mine, span).order_by(deals.c.sequence), DealRow))

    def bookings_under(self, login: Login, prefix: str) -> list[BalanceOperationRow]:
        """Return an account's balance operations whose external id begins so."""
        table = balance_operations
        columns = [table.c[name] for name in BalanceOperationRow.__struct_fields__]
        where = (table.c.platform == self._lists.platform, table.c.login == login, table.c.external_id.startswith(prefix))
        with self._lists.reading() as connection:
            query = select(*columns).where(*where).order_by(table.c.sequence)
            return list(rows_of(connection, query, BalanceOperationRow))

    def booking_at(self, sequence: int) -> BalanceOperationRow | None:
        """Return the balance operation of one event; None if it is none."""
        return self._row_at(balance_operations, BalanceOperationRow, sequence)

    def margin_event_at(self, sequence: int) -> MarginEventRow | None:
        return self._row_at(margin_events, MarginEventRow, sequence)

    def _row_at(self, table: Table, row_type: type[RowType], sequence: int) -> RowType | None:
        columns = [table.c[name] for name in row_type.__struct_fields__]
        query = select(*columns).where(table.c.platform == self._lists.platform, table.c.sequence == sequence)
        with self._lists.reading() as connection:
            return next(iter(rows_of(connection, query, row_type)), None)

    def _of(self, connection: Connection, logins: Sequence[Login], wanted: Mapping[int, Ticket]) -> Iterator[Closing]:
        """Yield the closings of the positions that are wanted, which are these accounts', up to the last wanted event."""
        if not wanted:
            return iter(())
        positions = frozenset(wanted.values())
        opening = self._opening(connection, positions)
        first = min((sequence for sequence, _, _ in opening.values()), default=0)
        columns = [deals.c[name] for name in DealRow.__struct_fields__]
        mine = (deals.c.platform == self._lists.platform, deals.c.login.in_(logins))
        query = select(*columns).where(*mine, deals.c.sequence.between(first, max(wanted))).order_by(deals.c.sequence)
        found = (deal for deal in rows_of(connection, query, DealRow) if deal.position in positions)
        return closings_of(found, {ticket: comment for ticket, (_, _, comment) in opening.items()})

    def _opening(self, connection: Connection, tickets: Collection[Ticket]) -> dict[Ticket, tuple[int, Login, str]]:
        """Return sequence of its first event, login and comment of each order that opened a position."""
        found: dict[Ticket, tuple[int, Login, str]] = {}
        for some in slices_of(sorted(tickets), _ASKED_AT_ONCE):
            query = select(orders.c.ticket, orders.c.sequence, orders.c.login, orders.c.comment).where(
                orders.c.platform == self._lists.platform, orders.c.ticket.in_(some)
            )
            found.update((ticket, (sequence, login, comment)) for ticket, sequence, login, comment in connection.execute(query))
        return found
