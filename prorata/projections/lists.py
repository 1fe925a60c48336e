"""What may be asked of a history. Each question is one query, served by an index whatever the filter."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    SmallInteger,
    Table,
    Text,
    func,
    literal,
    literal_column,
    null,
    select,
    union,
    union_all,
)

from prorata.projections.copying.block_tables import copy_blocks
from prorata.projections.copying.tables import fill_requests, signals
from prorata.projections.marks import Mark
from prorata.projections.paging import Listing, part_of, read_page, rows_of
from prorata.projections.rows import (
    BalanceOperationRow,
    DayRow,
    DealRow,
    LedgerEntryRow,
    MarginEventRow,
    OrderRow,
    OrderStepRow,
    Page,
    RowType,
    Step,
    SwapRow,
)
from prorata.projections.tables import (
    balance_operations,
    batches,
    days,
    deals,
    history_marks,
    ledger_entries,
    margin_events,
    order_steps,
    orders,
    swaps,
)
from prorata.units.numbers import Login, Moment, Ticket

SEQUENCE_MAX = 2**63 - 1

Where = list[ColumnElement[bool]]


class HistoryLists:
    """The questions. `cursor` is the one of the page before; a `limit` is 1 to 1000. Raise `BadCursor`."""

    def __init__(self, database: Engine, platform: str) -> None:
        self._database = database
        self.platform = platform

    def orders(
        self, *, login: Login | None = None, symbol: str | None = None, working: bool | None = None,
        since: Moment | None = None, until: Moment | None = None, cursor: str | None = None, limit: int = 100,
        newest_first: bool = True,
    ) -> Page[OrderRow]:  # fmt: skip
        """List orders by the time they were placed. `working`: only those that wait, or only those that are done."""
        where = self._where(orders, login, since, until)
        if symbol is not None:
            where.append(orders.c.symbol == symbol)
        if working is not None:
            # In so many words, and not as a parameter: only then is the index of working orders used.
            where.append(literal_column("state = 0" if working else "state <> 0"))
        return self._page(orders, OrderRow, where, cursor, limit, newest_first)

    def order(self, ticket: Ticket) -> OrderRow | None:
        columns = [orders.c[name] for name in OrderRow.__struct_fields__]
        query = select(*columns).where(orders.c.platform == self.platform, orders.c.ticket == ticket)
        with self.reading() as connection:
            found = rows_of(connection, query, OrderRow)
        return found[0] if found else None

    def order_steps(self, ticket: Ticket) -> tuple[OrderStepRow, ...]:
        """Return all that happened to an order, oldest first: placed, modified, filled, removed."""
        none = literal(0, BigInteger)
        steps = select(*(order_steps.c[name] for name in OrderStepRow.__struct_fields__[:-2]), none, none).where(
            order_steps.c.platform == self.platform, order_steps.c.ticket == ticket
        )
        # The order tells its login and the span of its events, and so where its deals lie in the index of logins.
        fills = (
            select(
                deals.c.sequence, deals.c.ticket, deals.c.at, literal(int(Step.FILLED), SmallInteger), orders.c.type,
                deals.c.price, none, none, none, none, none, null().cast(SmallInteger), literal("", Text), deals.c.deal,
                deals.c.volume,
            )
            .join(orders, (orders.c.platform == deals.c.platform) & (orders.c.login == deals.c.login))
            .where(
                orders.c.platform == self.platform, orders.c.ticket == ticket, deals.c.ticket == ticket,
                deals.c.sequence.between(orders.c.sequence, orders.c.last_sequence),
            )
        )  # fmt: skip
        with self.reading() as connection:
            return rows_of(connection, union_all(steps, fills).order_by("sequence"), OrderStepRow)

    def deals(
        self, *, login: Login | None = None, symbol: str | None = None, since: Moment | None = None,
        until: Moment | None = None, cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[DealRow]:  # fmt: skip
        where = self._where(deals, login, since, until)
        if symbol is not None:
            where.append(deals.c.symbol == symbol)
        return self._page(deals, DealRow, where, cursor, limit, newest_first)

    def names_symbol(self, symbol: str) -> bool:
        """Say whether anything that ever happened names a symbol: an order, a deal, a signal, a copied position."""
        named = (deals, copy_blocks, fill_requests, orders, signals)  # those with an index of symbols first
        with self.reading() as connection:
            return any(
                connection.execute(
                    select(literal(1)).where(table.c.platform == self.platform, table.c.symbol == symbol).limit(1)
                ).first()
                for table in named
            )

    def balance_operations(
        self, *, login: Login | None = None, since: Moment | None = None, until: Moment | None = None,
        cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[BalanceOperationRow]:  # fmt: skip
        where = self._where(balance_operations, login, since, until)
        return self._page(balance_operations, BalanceOperationRow, where, cursor, limit, newest_first)

    def swaps(
        self, *, login: Login | None = None, since: Moment | None = None, until: Moment | None = None,
        cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[SwapRow]:  # fmt: skip
        return self._page(swaps, SwapRow, self._where(swaps, login, since, until), cursor, limit, newest_first)

    def margin_events(
        self, *, login: Login | None = None, since: Moment | None = None, until: Moment | None = None,
        cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[MarginEventRow]:  # fmt: skip
        where = self._where(margin_events, login, since, until)
        return self._page(margin_events, MarginEventRow, where, cursor, limit, newest_first)

    def days(
        self, *, login: Login | None = None, since_day: int | None = None, until_day: int | None = None,
        cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[DayRow]:  # fmt: skip
        """List accounts at the end of days, by day and then login. Days are counted from 1970-01-01."""
        where: Where = [days.c.platform == self.platform]
        if login is not None:
            where.append(days.c.login == login)
        if since_day is not None:
            where.append(days.c.day >= since_day)
        if until_day is not None:
            where.append(days.c.day < until_day)
        return self._page(days, DayRow, where, cursor, limit, newest_first, ("day", "login"))

    def deals_and_operations(
        self, after: int, limit: int, logins: Sequence[Login] | None = None, *, since: Moment | None = None,
        until: Moment | None = None,
    ) -> list[DealRow | BalanceOperationRow]:  # fmt: skip
        """Return deals and balance operations after an event, in the order in which they happened; of some accounts or all."""
        with self.reading() as connection:
            found: list[DealRow | BalanceOperationRow] = []
            for table, row_type in ((deals, DealRow), (balance_operations, BalanceOperationRow)):
                query = select(*(table.c[name] for name in row_type.__struct_fields__)).where(
                    *self._where(table, None, since, until), table.c.sequence > after
                )
                if logins is not None:
                    query = query.where(table.c.login.in_(logins))
                found += rows_of(connection, query.order_by(table.c.sequence).limit(limit), row_type)
        return sorted(found, key=lambda row: row.sequence)[:limit]

    def closings(self, logins: Sequence[Login], before_day: int) -> dict[Login, DayRow]:
        """Return accounts at the end of the last trading day before a day; those that there were."""
        mine = days.c.platform == self.platform
        last = select(func.max(days.c.day)).where(mine, days.c.day < before_day).scalar_subquery()
        query = select(*(days.c[name] for name in DayRow.__struct_fields__)).where(
            mine, days.c.day == last, days.c.login.in_(logins)
        )
        with self.reading() as connection:
            return {row.login: row for row in rows_of(connection, query, DayRow)}

    def ledger_entries(
        self, *, account: str | None = None, login: Login | None = None, currency: str | None = None,
        since: Moment | None = None, until: Moment | None = None, cursor: str | None = None, limit: int = 100,
        newest_first: bool = True,
    ) -> Page[LedgerEntryRow]:  # fmt: skip
        """List postings, of one ledger account ("house/swap") or of a login's balance and credit."""
        entries, keys = ledger_entries, ("sequence", "part")
        where = self._where(entries, None, since, until)
        if currency is not None:
            where.append(entries.c.currency == currency)
        if account is None and login is None:
            return self._page(entries, LedgerEntryRow, where, cursor, limit, newest_first, keys)
        names = [f"account/{login}", f"credit/{login}"] if account is None else [account]
        if account is not None and login is not None:
            where.append(entries.c.login == login)
        listing = Listing(name=str(entries.name), keys=keys, cursor=cursor, limit=limit, newest_first=newest_first)
        # Each side of each name is a walk along one index, cut off at the limit; then the walks are merged.
        walks = [
            select(part_of(listing, entries, LedgerEntryRow, [*where, side == name]).subquery())
            for name in names
            for side in (entries.c.debit, entries.c.credit)
        ]
        merged = union(*walks).subquery()
        ordered = [key.desc() if newest_first else key.asc() for key in listing.columns(merged)]
        with self.reading() as connection:
            return read_page(connection, listing, select(merged).order_by(*ordered).limit(limit + 1), LedgerEntryRow)

    def _where(self, table: Table, login: Login | None, since: Moment | None, until: Moment | None) -> Where:
        where: Where = [table.c.platform == self.platform]
        if login is not None:
            where.append(table.c.login == login)
        if since is not None:
            where.append(table.c.sequence >= self.first_event_at(since))
        if until is not None:
            where.append(table.c.sequence < self.first_event_at(until))
        return where

    def first_event_at(self, moment: Moment) -> ColumnElement[int]:
        """Return the number of the first event at or after `moment`. Times never go back from batch to batch."""
        first = (
            select(batches.c.first)
            .where(batches.c.platform == self.platform, batches.c.at >= moment)
            .order_by(batches.c.at, batches.c.first)
            .limit(1)
        )
        return func.coalesce(first.scalar_subquery(), SEQUENCE_MAX)

    def _page(
        self, table: Table, row_type: type[RowType], where: Sequence[ColumnElement[bool]], cursor: str | None, limit: int,
        newest_first: bool, keys: tuple[str, ...] = ("sequence",),
    ) -> Page[RowType]:  # fmt: skip
        listing = Listing(name=str(table.name), keys=keys, cursor=cursor, limit=limit, newest_first=newest_first)
        with self.reading() as connection:
            return read_page(connection, listing, part_of(listing, table, row_type, where), row_type)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for reading."""
        with self._database.connect() as connection:
            yield connection

    def mark(self, connection: Connection) -> Mark:
        """Return how far the tables go, as `connection` sees them."""
        columns = (history_marks.c.number, history_marks.c.sequence, history_marks.c.at)
        row = connection.execute(select(*columns).where(history_marks.c.platform == self.platform)).one_or_none()
        return Mark() if row is None else Mark(*row)
