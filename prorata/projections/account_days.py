"""One account at the ends of trading days, and what lies between: what statements are made of.

Everything is told by the numbers of events. A day ends with the event of the account's end of day; for an account that had
nothing then, which has no such event, with the last event before the day's time. The methods block; lists are oldest first.
"""

from sqlalchemy import ColumnElement, Table, func, or_, select, union

from prorata.messages.commands import OrderType
from prorata.projections.lists import HistoryLists
from prorata.projections.paging import rows_of
from prorata.projections.rows import (
    BalanceOperationRow,
    DayRow,
    DealRow,
    LedgerEntryRow,
    MarginEventKind,
    MarginEventRow,
    OrderOutcome,
    OrderRow,
    OrderStepRow,
    RowType,
    Step,
    SwapRow,
)
from prorata.projections.tables import (
    balance_operations,
    batches,
    days,
    deals,
    ledger_entries,
    margin_events,
    orders,
    swaps,
)
from prorata.units.numbers import Login, Moment, Volume


class AccountDays:
    def __init__(self, lists: HistoryLists) -> None:
        self._lists = lists

    @property
    def _platform(self) -> str:
        return self._lists.platform

    def end(self, login: Login, day: int) -> DayRow | None:
        """Return an account at the end of a day; None: it had nothing then."""
        where = (days.c.platform == self._platform, days.c.login == login, days.c.day == day)
        return next(iter(self._rows(days, DayRow, *where)), None)

    def last_event(self, login: Login, day: int, ended_at: Moment) -> int:
        """Return the number of the last event of a day of an account. `ended_at`: the day's time."""
        row = self.end(login, day)
        if row is not None and row.sequence:
            return row.sequence
        query = select(self._lists.first_event_at(ended_at))
        with self._lists.reading() as connection:
            first: int = connection.execute(query).scalar_one()
        return first - 1

    def batch_of(self, sequence: int) -> int:
        """Return the number of the batch that an event is in; 0: it is not written yet."""
        query = select(func.max(batches.c.number)).where(batches.c.platform == self._platform, batches.c.first <= sequence)
        with self._lists.reading() as connection:
            return connection.execute(query).scalar() or 0

    def busy(self, day: int, since: Moment, until: Moment, logins_from: Login) -> set[Login]:
        """Return the accounts, from a number on, that held positions at the end of a day or had anything happen within a span.

        The span is of times, and a little wider than the day of some accounts: whoever asks looks closer.
        """
        lists = self._lists
        first, beyond = lists.first_event_at(since), lists.first_event_at(until + 1)
        parts = [
            select(table.c.login).where(
                table.c.platform == self._platform, table.c.sequence >= first, table.c.sequence < beyond,
                table.c.login >= logins_from,
            )
            for table in (deals, balance_operations, margin_events)
        ]  # fmt: skip
        holding = (days.c.margin > 0) | (days.c.floating != 0) | (days.c.swap != 0)
        parts.append(
            select(days.c.login).where(
                days.c.platform == self._platform, days.c.day == day, days.c.login >= logins_from, holding
            )
        )
        with lists.reading() as connection:
            return set(connection.execute(union(*parts)).scalars())

    def standing(self, day: int, logins_from: Login) -> set[Login]:
        """Return the accounts, from a number on, that had anything at the end of a day."""
        here = (days.c.platform == self._platform) & (days.c.day == day) & (days.c.login >= logins_from)
        with self._lists.reading() as connection:
            return set(connection.execute(select(days.c.login).where(here)).scalars())

    def deals(self, login: Login, upto: int) -> list[DealRow]:
        """Return all deals of an account up to an event."""
        return self._of_login(deals, DealRow, login, 0, upto)

    def operations(self, login: Login, after: int, upto: int) -> list[BalanceOperationRow]:
        return self._of_login(balance_operations, BalanceOperationRow, login, after, upto)

    def swaps(self, login: Login, after: int, upto: int) -> list[SwapRow]:
        return self._of_login(swaps, SwapRow, login, after, upto)

    def protections(self, login: Login, after: int, upto: int) -> list[MarginEventRow]:
        """Return what the house made good of balances below zero."""
        found = self._of_login(margin_events, MarginEventRow, login, after, upto)
        return [row for row in found if row.kind == MarginEventKind.NEGATIVE_BALANCE]

    def posted(self, login: Login, after: int, upto: int) -> tuple[int, int]:
        """Return what the postings between two events come to, on an account's balance and on its credit."""
        balance, credit = f"account/{login}", f"credit/{login}"
        entries, sums = ledger_entries.c, {balance: 0, credit: 0}
        for side, sign in ((entries.credit, 1), (entries.debit, -1)):
            for row in self._rows(
                ledger_entries, LedgerEntryRow, entries.platform == self._platform, side.in_((balance, credit)),
                entries.sequence > after, entries.sequence <= upto,
            ):  # fmt: skip
                sums[row.credit if sign > 0 else row.debit] += sign * row.amount
        return sums[balance], sums[credit]

    def working_orders(self, login: Login, upto: int) -> list[tuple[OrderRow, OrderStepRow, Volume]]:
        """Return the pending orders that waited after an event, each with what was wanted of it then, and how much."""
        table = orders.c
        waited = or_(table.state == OrderOutcome.WORKING, table.last_sequence > upto)
        found = self._rows(
            orders, OrderRow, table.platform == self._platform, table.login == login, table.sequence <= upto, waited,
            table.type != OrderType.MARKET,
        )  # fmt: skip
        shown = []
        for order in sorted(found, key=lambda row: row.sequence):
            steps = [step for step in self._lists.order_steps(order.ticket) if step.sequence <= upto]
            wished = [step for step in steps if step.step in (Step.PLACED, Step.MODIFIED)]
            filled = sum(step.volume for step in steps if step.step == Step.FILLED)
            if wished and filled < order.volume and not any(step.step >= Step.CANCELLED for step in steps):
                shown.append((order, wished[-1], order.volume - filled))
        return shown

    def _of_login(self, table: Table, row_type: type[RowType], login: Login, after: int, upto: int) -> list[RowType]:
        return self._rows(
            table, row_type, table.c.platform == self._platform, table.c.login == login, table.c.sequence > after,
            table.c.sequence <= upto,
        )  # fmt: skip

    def _rows(self, table: Table, row_type: type[RowType], *where: ColumnElement[bool]) -> list[RowType]:
        columns = [table.c[name] for name in row_type.__struct_fields__]
        with self._lists.reading() as connection:
            return list(rows_of(connection, select(*columns).where(*where).order_by(table.c.sequence), row_type))
