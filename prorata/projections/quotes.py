"""The tables of ticks and candles, with retention.

Both can be rebuilt from the journal as far back as it reaches. What is stored comes with the number of the
last journal batch in it, in one transaction, so that
after a restart the projection goes on behind it and counts no quote twice. Candles that a dealer has corrected are kept apart,
are read in place of the others, and are in no journal.
The methods block: call them from a thread of their own, writing from one at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    delete,
    func,
    insert,
    select,
    tuple_,
    union_all,
)

from prorata.projections.candles import Candle, Changes, Period, Tick
from prorata.storage.database import insert_into
from prorata.units.numbers import DAY_MS, Moment

metadata = MetaData()

# The keys are the order in which charts are read, so a page is one walk along the key.
# WITHOUT ROWID keeps the rows in that order on SQLite too, and in one tree.
TICKS = Table(
    "ticks",
    metadata,
    Column("platform", Text, nullable=False),
    Column("symbol", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bid", BigInteger, nullable=False),
    Column("ask", BigInteger, nullable=False),
    PrimaryKeyConstraint("platform", "symbol", "at", "number"),
    sqlite_with_rowid=False,
)


def _candle_columns() -> list[Column[Any]]:
    numbers = ("opens", "open", "high", "low", "close", "ticks", "spread_max")
    return [
        Column("platform", Text, nullable=False),
        Column("symbol", Text, nullable=False),
        Column("period", Integer, nullable=False),
        *(Column(name, BigInteger, nullable=False) for name in numbers),
    ]


CANDLES = Table(
    "candles",
    metadata,
    *_candle_columns(),
    PrimaryKeyConstraint("platform", "symbol", "period", "opens"),
    sqlite_with_rowid=False,
)
CORRECTIONS = Table(
    "candle_corrections",
    metadata,
    *_candle_columns(),
    Column("removed", Integer, nullable=False),
    PrimaryKeyConstraint("platform", "symbol", "period", "opens"),
    sqlite_with_rowid=False,
)
"""Candles as a dealer has put them, each in place of the one that quotes made; `removed`: there is none (`chart_editor`)."""
STORED = Table(
    "quote_history_stored",
    metadata,
    Column("platform", Text, primary_key=True),
    Column("batch", BigInteger, nullable=False),
)

_CANDLE_VALUES = ("open", "high", "low", "close", "ticks", "spread_max")
_PRUNE_ROWS = 20_000
"""so that a transaction that forgets stays short, and writers do not wait"""


class Retention(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For how many days history is kept; 0 is for ever."""

    ticks: int = 7
    m1: int = 90
    m5: int = 180
    m15: int = 365
    m30: int = 730
    h1: int = 1_825
    h4: int = 3_650
    d1: int = 0
    w1: int = 0
    mn1: int = 0

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if getattr(self, name) < 0:
                raise ValueError(f"retention of {name} is below 0 days")

    def days_of(self, period: Period) -> int:
        days: int = getattr(self, period.name.lower())
        return days


class QuoteStore:
    """Tick and candle history of one platform, on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine, platform: str, retention: Retention | None = None) -> None:
        self.engine = engine
        self.platform = platform
        self.retention = retention or Retention()

    def create_tables(self) -> None:
        """Create the tables that do not exist yet."""
        metadata.create_all(self.engine)

    def position(self) -> int:
        """Return the number of the last journal batch that is stored; 0 if none is."""
        query = select(STORED.c.batch).where(STORED.c.platform == self.platform)
        with self.engine.connect() as connection:
            return connection.execute(query).scalar() or 0

    def save(self, changes: Changes, batch: int) -> None:
        """Store what changed up to and with journal batch `batch`, all or nothing.

        Raises:
            ValueError: if `batch` is stored already: its quotes would count twice.
        """
        with self.engine.begin() as connection:
            self._save(connection, changes, batch)

    def replace(self, parts: Iterable[tuple[Changes, int]]) -> None:
        """Forget everything of the platform and store `parts` instead, each up to a journal batch: all or nothing."""
        with self.engine.begin() as connection:
            for table in (TICKS, CANDLES, STORED):
                connection.execute(delete(table).where(table.c.platform == self.platform))
            for changes, batch in parts:
                self._save(connection, changes, batch)

    def _save(self, connection: Connection, changes: Changes, batch: int) -> None:
        self._advance(connection, batch)
        if changes.ticks:
            connection.execute(insert(TICKS), [self._tick_row(tick) for tick in changes.ticks])
        if changes.candles:
            # A candle that closed and one that is open have different keys; the same key twice has its newest last.
            rows = {(row.symbol, row.period, row.opens): self._candle_row(row) for row in changes.candles}
            connection.execute(self._candle_upsert(), list(rows.values()))

    def _advance(self, connection: Connection, batch: int) -> None:
        query = select(STORED.c.batch).where(STORED.c.platform == self.platform)
        stored = connection.execute(query).scalar() or 0
        if batch <= stored:
            raise ValueError(f"quotes up to batch {stored} are stored; {batch} is not new")
        upsert = insert_into(self.engine.dialect, STORED).values(platform=self.platform, batch=batch)
        upsert = upsert.on_conflict_do_update(index_elements=["platform"], set_={"batch": upsert.excluded.batch})
        connection.execute(upsert)

    def _tick_row(self, tick: Tick) -> dict[str, object]:
        return {"platform": self.platform, **msgspec.structs.asdict(tick)}

    def _candle_row(self, candle: Candle) -> dict[str, object]:
        return {"platform": self.platform, **msgspec.structs.asdict(candle)}

    def _candle_upsert(self) -> Any:
        upsert = insert_into(self.engine.dialect, CANDLES)
        return upsert.on_conflict_do_update(
            index_elements=[column.name for column in CANDLES.primary_key],
            set_={name: upsert.excluded[name] for name in _CANDLE_VALUES},
        )

    def newest(self) -> tuple[list[Candle], list[Tick]]:
        """Return the newest candle of each symbol and period, and the newest tick of each: what a builder restores."""
        mine = CANDLES.c.platform == self.platform
        last = (
            select(CANDLES.c.symbol, CANDLES.c.period, func.max(CANDLES.c.opens))
            .where(mine)
            .group_by(CANDLES.c.symbol, CANDLES.c.period)
        )
        key = tuple_(CANDLES.c.symbol, CANDLES.c.period, CANDLES.c.opens)
        with self.engine.connect() as connection:
            newest = [candle_of(row) for row in connection.execute(select(CANDLES).where(mine, key.in_(last)))]
            symbols = {candle.symbol: None for candle in newest}
            last_ticks = (self._last_tick(connection, symbol) for symbol in symbols)
            return newest, [tick for tick in last_ticks if tick is not None]

    def _last_tick(self, connection: Connection, symbol: str) -> Tick | None:
        query = (
            select(TICKS)
            .where(TICKS.c.platform == self.platform, TICKS.c.symbol == symbol)
            .order_by(TICKS.c.at.desc(), TICKS.c.number.desc())
            .limit(1)
        )
        row = connection.execute(query).first()
        return None if row is None else _tick(row)

    def candles(
        self,
        symbol: str,
        period: Period,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        after: Moment | None = None,
        limit: int = 500,
        last: bool = False,
    ) -> list[Candle]:
        """Return candles that open from `since` up to, not including, `until`, oldest first, at most `limit`.

        Args:
            after: the `opens` of the last candle of the page before.
            last: the newest `limit` of them instead of the oldest, which is what a chart shows first.
        """
        key = (self.platform, symbol, period)
        with self.engine.connect() as connection:
            some = _are_corrected(connection, key)
            query = _corrected(key) if some else _within(CANDLES, key)
            opens = query.selected_columns.opens
            if since is not None:
                query = query.where(opens >= since)
            if until is not None:
                query = query.where(opens < until)
            if after is not None:
                query = query.where(opens > after)
            found = connection.execute(query.order_by(opens.desc() if last else opens).limit(limit))
            page = [candle_of(row) for row in found]
        return page[::-1] if last else page

    def ticks(
        self,
        symbol: str,
        *,
        since: Moment | None = None,
        until: Moment | None = None,
        after: tuple[Moment, int] | None = None,
        limit: int = 1_000,
        last: bool = False,
    ) -> list[Tick]:
        """Return ticks from `since` up to, not including, `until`, oldest first, at most `limit`.

        Args:
            after: the `at` and `number` of the last tick of the page before.
            last: the newest `limit` of them instead of the oldest.
        """
        at, number = TICKS.c.at, TICKS.c.number
        query = select(TICKS).where(TICKS.c.platform == self.platform, TICKS.c.symbol == symbol)
        if since is not None:
            query = query.where(at >= since)
        if until is not None:
            query = query.where(at < until)
        if after is not None:
            query = query.where(tuple_(at, number) > after)
        order = (at.desc(), number.desc()) if last else (at, number)
        with self.engine.connect() as connection:
            page = [_tick(row) for row in connection.execute(query.order_by(*order).limit(limit))]
        return page[::-1] if last else page

    def prune(self, now: Moment) -> int:
        """Forget what is older than its retention, and return how many rows that were.

        A candle goes when it opened before the line. Each transaction forgets some thousand rows of one symbol.
        """
        return sum(self._prune(table, where) for table, where in self._outdated(now))

    def _outdated(self, now: Moment) -> Iterator[tuple[Table, Sequence[Any]]]:
        with self.engine.connect() as connection:
            known = select(CANDLES.c.symbol).where(CANDLES.c.platform == self.platform, CANDLES.c.period == Period.MN1)
            symbols = list(connection.execute(known.distinct()).scalars())
        for symbol in symbols:
            if self.retention.ticks:
                line = now - self.retention.ticks * DAY_MS
                yield TICKS, (TICKS.c.platform == self.platform, TICKS.c.symbol == symbol, TICKS.c.at < line)
            for period in Period:
                days = self.retention.days_of(period)
                if days:
                    for table in (CANDLES, CORRECTIONS):
                        mine = (table.c.platform == self.platform, table.c.symbol == symbol)
                        yield table, (*mine, table.c.period == period, table.c.opens < now - days * DAY_MS)

    def _prune(self, table: Table, where: Sequence[Any]) -> int:
        columns = list(table.primary_key)
        some = select(*columns).where(*where).limit(_PRUNE_ROWS)
        pruned = 0
        while True:
            with self.engine.begin() as connection:
                rows = connection.execute(delete(table).where(tuple_(*columns).in_(some))).rowcount
            pruned += rows
            if rows < _PRUNE_ROWS:
                return pruned


def _within(table: Table, key: tuple[str, str, Period]) -> Select[Any]:
    platform, symbol, period = key
    columns = [table.c[column.name] for column in CANDLES.columns]
    return select(*columns).where(table.c.platform == platform, table.c.symbol == symbol, table.c.period == period)


def _are_corrected(connection: Connection, key: tuple[str, str, Period]) -> bool:
    return connection.execute(_within(CORRECTIONS, key).limit(1)).first() is not None


def _corrected(key: tuple[str, str, Period]) -> Select[Any]:
    """Return the query of candles as they are with their corrections."""
    same = [CORRECTIONS.c[name] == CANDLES.c[name] for name in ("platform", "symbol", "period", "opens")]
    untouched = _within(CANDLES, key).where(~select(CORRECTIONS.c.opens).where(*same).exists())
    put = _within(CORRECTIONS, key).where(CORRECTIONS.c.removed == 0)
    return select(union_all(untouched, put).subquery())


def candle_of(row: Any) -> Candle:
    return Candle(row.symbol, Period(row.period), *row[3:])


def _tick(row: Any) -> Tick:
    return Tick(row.symbol, row.at, row.number, row.bid, row.ask)
