"""What is over on an account, from the tables of its trade platform's history. The methods block; lists are oldest first."""

from collections.abc import Collection, Iterator
from itertools import islice

import msgspec

from prorata.messages.events import PostingKind
from prorata.projections.rows import BalanceOperationRow, LedgerEntryRow
from prorata.projections.trade_history import TradeHistory
from prorata.rest.broker.trade_shapes import (
    ClosedPosition,
    HistoricalOrder,
    LedgerType,
    LedgerView,
    OrderStatus,
    closed_position,
    historical_order,
    ledger_type,
    ledger_view,
    money_digits,
    order_status,
)
from prorata.rest.own.session import Platform
from prorata.rest.webapi.mt4.past import whole
from prorata.trading.state import Account
from prorata.units.numbers import Login, Moment, Ticket


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """From `since` to before `until`; at most `limit`."""

    since: Moment | None = None
    until: Moment | None = None
    limit: int


class Past:
    def __init__(self, platform: Platform) -> None:
        self._history = platform.history
        self._trades = TradeHistory(platform.history)
        self._desk = platform.desk

    def busy_since(self, moment: Moment) -> list[Login]:
        """Return the accounts of which something was over since then."""
        return self._trades.logins(moment)

    def closed(self, account: Account, wanted: Wanted, tickets: Collection[Ticket] | None = None) -> list[ClosedPosition]:
        """Return closed positions and closed parts; of some positions or all."""
        money = money_digits(self._desk, account)
        found = (
            closed_position(one, self._desk.state.symbols[one.symbol].digits, money)
            for one in self._trades.closings(account.login, since=wanted.since, until=wanted.until)
            if tickets is None or one.position in tickets
        )
        return list(islice(found, wanted.limit))

    def orders(
        self, account: Account, wanted: Wanted, statuses: Collection[OrderStatus] | None = None,
        tickets: Collection[Ticket] | None = None,
    ) -> list[HistoricalOrder]:  # fmt: skip
        """Return orders by what happened to them last: of some statuses or all, of some ids or all."""
        found = (
            historical_order(row, self._desk.state.symbols[row.symbol].digits)
            for row in self._trades.orders_changed(account.login, since=wanted.since, until=wanted.until)
            if (statuses is None or order_status(row) in statuses) and (tickets is None or row.ticket in tickets)
        )
        return list(islice(found, wanted.limit))

    def ledger(self, account: Account, wanted: Wanted, types: Collection[LedgerType]) -> list[LedgerView]:
        """Return movements on an account's balance and credit, with the comments of its deposits and withdrawals."""
        login, money = account.login, money_digits(self._desk, account)
        span = {"login": login, "since": wanted.since, "until": wanted.until}
        rows: Iterator[LedgerEntryRow] = whole(self._history.ledger_entries, **span)
        found = list(islice((row for row in rows if ledger_type(row, login) in types), wanted.limit))
        comments: dict[int, str] = {}
        if any(row.kind in _BOOKED for row in found):
            booked: Iterator[BalanceOperationRow] = whole(self._history.balance_operations, **span)
            comments = {row.sequence: row.comment for row in booked}
        return [ledger_view(row, login, money, comments.get(row.sequence, "")) for row in found]


_BOOKED = (PostingKind.DEPOSIT, PostingKind.WITHDRAWAL, PostingKind.CREDIT, PostingKind.CORRECTION, PostingKind.PAYOUT)
