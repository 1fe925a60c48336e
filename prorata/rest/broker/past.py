"""What is over on accounts, from the tables of their trade platform's history. The methods block; lists are oldest first."""

from collections.abc import Collection, Sequence

from prorata.messages.postings import PostingKind
from prorata.projections.many import LedgerChoice, ManyAccounts, OrderChoice, Wanted
from prorata.projections.trade_history import TradeHistory
from prorata.rest.broker.trade_shapes import (
    LEDGER_KINDS,
    ORDER_OUTCOMES,
    ClosedPosition,
    HistoricalOrder,
    LedgerType,
    LedgerView,
    OrderStatus,
    SnapshotView,
    closed_position,
    historical_order,
    ledger_view,
    money_digits,
    snapshot_view,
)
from prorata.rest.own.session import Platform
from prorata.trading.state import Account
from prorata.units.numbers import Login, Moment, Ticket

_BOOKED = frozenset(
    {PostingKind.DEPOSIT, PostingKind.WITHDRAWAL, PostingKind.CREDIT, PostingKind.CORRECTION, PostingKind.PAYOUT}
)


class Past:
    def __init__(self, platform: Platform) -> None:
        self._trades = TradeHistory(platform.history)
        self._many = ManyAccounts(platform.history)
        self._desk = platform.desk

    def closed(
        self, accounts: Sequence[Account], wanted: Wanted, tickets: Collection[Ticket] | None = None
    ) -> dict[Login, list[ClosedPosition]]:  # fmt: skip
        """Return closed positions and closed parts; of some positions or all."""
        found: dict[Login, list[ClosedPosition]] = {}
        digits = {account.login: money_digits(self._desk, account) for account in accounts}
        for one in self._trades.closings_of_many(self._busy(digits, wanted.since), since=wanted.since, until=wanted.until):
            mine = found.setdefault(one.login, [])
            if len(mine) < wanted.limit and (tickets is None or one.position in tickets):
                mine.append(closed_position(one, self._desk.state.symbols[one.symbol].digits, digits[one.login]))
        return found

    def _busy(self, logins: Collection[Login], since: Moment | None) -> list[Login]:
        """Return those of the accounts of which something may have been over since then."""
        if len(logins) == 1 or since is None:
            return sorted(logins)
        return [login for login in self._trades.logins(since) if login in logins]

    def orders(
        self, accounts: Sequence[Account], wanted: Wanted, statuses: Collection[OrderStatus] = tuple(OrderStatus),
        tickets: frozenset[Ticket] | None = None,
    ) -> dict[Login, list[HistoricalOrder]]:  # fmt: skip
        """Return orders by what happened to them last: of some statuses, of some ids or all."""
        chosen = OrderChoice(
            done=frozenset(outcome for outcome, status in ORDER_OUTCOMES.items() if status in statuses),
            placed=OrderStatus.ADDED in statuses, changed=OrderStatus.ACTIVE_ORDER_PRICE_EDITED in statuses, tickets=tickets,
        )  # fmt: skip
        found = self._many.orders_changed([account.login for account in accounts], chosen, wanted)
        symbols = self._desk.state.symbols
        return {login: [historical_order(row, symbols[row.symbol].digits) for row in rows] for login, rows in found.items()}

    def ledgers(
        self, accounts: Sequence[Account], wanted: Wanted, types: Collection[LedgerType]
    ) -> dict[Login, list[LedgerView]]:  # fmt: skip
        """Return movements on balance and credit, with the comments of deposits and withdrawals."""
        logins = [account.login for account in accounts]
        chosen = LedgerChoice(
            kinds=frozenset(kind for kind, type in LEDGER_KINDS.items() if type in types),
            credit_in=LedgerType.CREDIT_IN in types, credit_out=LedgerType.CREDIT_OUT in types,
        )  # fmt: skip
        found = self._many.ledger_entries(logins, chosen, wanted)
        booked = any(row.kind in _BOOKED for rows in found.values() for row in rows)
        comments = self._many.comments(list(found), wanted) if booked else {}
        digits = {account.login: money_digits(self._desk, account) for account in accounts}
        return {
            login: [ledger_view(row, login, digits[login], comments.get(row.sequence, "")) for row in rows]
            for login, rows in found.items()
        }

    def days(self, accounts: Sequence[Account], wanted: Wanted) -> dict[Login, list[SnapshotView]]:
        """Return what accounts had at the end of trading days."""
        digits = {account.login: money_digits(self._desk, account) for account in accounts}
        found = self._many.days(list(digits), wanted)
        return {login: [snapshot_view(row, digits[login]) for row in rows] for login, rows in found.items()}
