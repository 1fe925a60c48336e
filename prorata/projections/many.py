"""What is over on many accounts at once: one question for each thousand of them, and of each account its oldest rows.

The methods block. Accounts of which there is nothing are not in the answers. `since` is included, `until` is not.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import ColumnElement, false, func, or_, select, union_all

from prorata.messages.postings import PostingKind
from prorata.projections.lists import HistoryLists, Where
from prorata.projections.paging import rows_of, slices_of
from prorata.projections.rows import DayRow, LedgerEntryRow, OrderOutcome, OrderRow
from prorata.projections.tables import balance_operations, days, ledger_entries, orders
from prorata.units.numbers import Login, Moment, Ticket

LOGINS_AT_ONCE = 1_000
"""A question has four parameters for each."""
NAMES_WALKED = 4


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """At most `limit` rows of each account."""

    since: Moment | None = None
    until: Moment | None = None
    limit: int


class LedgerChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Postings of some kinds; of credit, those that give it, those that take it back, or both."""

    kinds: frozenset[PostingKind]
    credit_in: bool
    credit_out: bool

    @property
    def condition(self) -> ColumnElement[bool]:
        gives = ledger_entries.c.credit.startswith("credit/")
        credits = or_(gives if self.credit_in else false(), ~gives if self.credit_out else false())
        return or_(
            ledger_entries.c.kind.in_(sorted(self.kinds)), (ledger_entries.c.kind == PostingKind.CREDIT) & credits
        )  # fmt: skip


class OrderChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Orders that are done, by how; those that wait, as they were placed (`placed`) or changed since (`changed`).

    `tickets`: only these; None: all.
    """

    done: frozenset[OrderOutcome]
    placed: bool
    changed: bool
    tickets: frozenset[Ticket] | None = None

    @property
    def condition(self) -> ColumnElement[bool]:
        untouched = orders.c.last_sequence == orders.c.sequence
        waiting = or_(untouched if self.placed else false(), ~untouched if self.changed else false())
        chosen = or_(orders.c.state.in_(sorted(self.done)), (orders.c.state == OrderOutcome.WORKING) & waiting)
        return chosen if self.tickets is None else chosen & orders.c.ticket.in_(sorted(self.tickets))


class ManyAccounts:
    def __init__(self, lists: HistoryLists) -> None:
        self._lists = lists

    def ledger_entries(
        self, logins: Sequence[Login], chosen: LedgerChoice, wanted: Wanted
    ) -> dict[Login, list[LedgerEntryRow]]:  # fmt: skip
        """Return postings on the balance and the credit of accounts, oldest first."""
        found: defaultdict[Login, dict[tuple[int, int], LedgerEntryRow]] = defaultdict(dict)
        for some in slices_of(logins, LOGINS_AT_ONCE):
            owners = {f"{part}/{login}": login for login in some for part in ("account", "credit")}
            for name, row in self._entries(list(owners), chosen, wanted):
                found[owners[name]][row.sequence, row.part] = row
        return {login: [rows[key] for key in sorted(rows)[: wanted.limit]] for login, rows in found.items()}

    def _entries(
        self, names: list[str], chosen: LedgerChoice, wanted: Wanted
    ) -> Iterator[tuple[str, LedgerEntryRow]]:  # fmt: skip
        """Yield postings, each with the ledger account that it was found by: by both, if both are named."""
        entries, columns = ledger_entries, [ledger_entries.c[name] for name in LedgerEntryRow.__struct_fields__]
        where = [*self._span(entries.c.platform, entries.c.sequence, wanted), chosen.condition]
        by_side = [(side, select(side.label("name"), *columns).where(*where)) for side in (entries.c.debit, entries.c.credit)]
        if len(names) <= NAMES_WALKED:
            # Each is a walk along an index, cut off at the limit, however long the past is.
            ordered = (entries.c.sequence, entries.c.part)
            walks = [
                walk.where(side == name).order_by(*ordered).limit(wanted.limit) for side, walk in by_side for name in names
            ]
            merged = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
            query = select(merged)
        else:
            merged = union_all(*(walk.where(side.in_(names)) for side, walk in by_side)).subquery()
            place = func.row_number().over(partition_by=merged.c.name, order_by=(merged.c.sequence, merged.c.part))
            numbered = select(merged, place.label("place")).subquery()
            query = select(*(numbered.c[column.name] for column in merged.c)).where(numbered.c.place <= wanted.limit)
        with self._lists.reading() as connection:
            for name, *values in connection.execute(query):
                yield name, msgspec.convert(values, LedgerEntryRow)

    def comments(self, logins: Sequence[Login], wanted: Wanted) -> dict[int, str]:
        """Return what was said to deposits, withdrawals, credit and corrections, by the number of the event."""
        return self._booked(balance_operations.c.comment, balance_operations.c.comment != "", logins, wanted)

    def external_ids(self, logins: Sequence[Login], wanted: Wanted, beginning: str) -> dict[int, str]:
        """Return the external ids of such operations that begin so, by the number of the event."""
        column = balance_operations.c.external_id
        return self._booked(column, column.startswith(beginning, autoescape=True), logins, wanted)

    def _booked(
        self, column: ColumnElement[str], which: ColumnElement[bool], logins: Sequence[Login], wanted: Wanted
    ) -> dict[int, str]:  # fmt: skip
        table = balance_operations
        found: dict[int, str] = {}
        span = self._span(table.c.platform, table.c.sequence, wanted)
        with self._lists.reading() as connection:
            for some in slices_of(logins, LOGINS_AT_ONCE):
                query = select(table.c.sequence, column).where(*span, table.c.login.in_(some), which)
                found |= dict(iter(connection.execute(query)))
        return found

    def orders_changed(
        self, logins: Sequence[Login], chosen: OrderChoice, wanted: Wanted
    ) -> dict[Login, list[OrderRow]]:  # fmt: skip
        """Return orders by what happened to them last."""
        columns = [orders.c[name] for name in OrderRow.__struct_fields__]
        where = [*self._span(orders.c.platform, orders.c.last_sequence, wanted), chosen.condition]
        place = func.row_number().over(partition_by=orders.c.login, order_by=orders.c.last_sequence)
        found: defaultdict[Login, list[OrderRow]] = defaultdict(list)
        with self._lists.reading() as connection:
            for some in slices_of(logins, LOGINS_AT_ONCE):
                numbered = select(*columns, place.label("place")).where(*where, orders.c.login.in_(some)).subquery()
                kept = [numbered.c[column.name] for column in columns]
                query = select(*kept).where(numbered.c.place <= wanted.limit).order_by(numbered.c.last_sequence)
                for row in rows_of(connection, query, OrderRow):
                    found[row.login].append(row)
        return dict(found)

    def days(self, logins: Sequence[Login], wanted: Wanted) -> dict[Login, list[DayRow]]:
        """Return accounts at the end of trading days that ended within a span."""
        columns = [days.c[name] for name in DayRow.__struct_fields__]
        where: Where = [days.c.platform == self._lists.platform]
        if wanted.since is not None:
            where.append(days.c.at >= wanted.since)
        if wanted.until is not None:
            where.append(days.c.at < wanted.until)
        place = func.row_number().over(partition_by=days.c.login, order_by=days.c.day)
        found: defaultdict[Login, list[DayRow]] = defaultdict(list)
        with self._lists.reading() as connection:
            for some in slices_of(logins, LOGINS_AT_ONCE):
                numbered = select(*columns, place.label("place")).where(*where, days.c.login.in_(some)).subquery()
                kept = [numbered.c[column.name] for column in columns]
                query = select(*kept).where(numbered.c.place <= wanted.limit).order_by(numbered.c.day)
                for row in rows_of(connection, query, DayRow):
                    found[row.login].append(row)
        return dict(found)

    def _span(self, platform: ColumnElement[str], sequence: ColumnElement[int], wanted: Wanted) -> Where:
        where: Where = [platform == self._lists.platform]
        if wanted.since is not None:
            where.append(sequence >= self._lists.first_event_at(wanted.since))
        if wanted.until is not None:
            where.append(sequence < self._lists.first_event_at(wanted.until))
        return where
