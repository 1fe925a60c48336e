"""Corrections of candles by hand, and their way up into the longer periods.

What quotes made stays as it is; a correction stands in its place for everybody who reads charts, also when the candles are
made anew. A candle can be corrected once it has closed. Corrections are in no journal and are kept with the database of
quotes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing

import msgspec
from sqlalchemy import Connection, select

from prorata.projections.candles import Candle, Period, span_of
from prorata.projections.quotes import CORRECTIONS, QuoteStore
from prorata.storage.database import insert_into
from prorata.units.numbers import DAY_MS, Moment

MADE_OF: Mapping[Period, Period] = {
    Period.M5: Period.M1,
    Period.M15: Period.M5,
    Period.M30: Period.M15,
    Period.H1: Period.M30,
    Period.H4: Period.H1,
    Period.D1: Period.H4,
    Period.W1: Period.D1,
    Period.MN1: Period.D1,
}
"""which candles the candles of a period sum up, shorter periods first"""

_READ_AT_ONCE = 10_000


class ChartEditor:
    """Of one platform. The methods block."""

    def __init__(self, store: QuoteStore) -> None:
        self._store = store

    def add(self, candles: Sequence[Candle]) -> int:
        """Put candles where there are none, and return how many that were."""
        return self._put(candles, lambda there: not there)

    def update(self, candles: Sequence[Candle]) -> int:
        """Put candles in the place of those that there are, and return how many that were."""
        return self._put(candles, lambda there: there)

    def _put(self, candles: Sequence[Candle], wanted: Callable[[bool], bool]) -> int:
        there = self._there(candles)
        chosen = [_with_spread(candle, there.get(candle.opens)) for candle in candles if wanted(candle.opens in there)]
        self._save(chosen)
        return len(chosen)

    def remove(self, candles: Sequence[Candle]) -> int:
        """Take candles out, and return how many of them there were. Only when they open matters."""
        there = self._there(candles)
        chosen = [there[opens] for opens in dict.fromkeys(candle.opens for candle in candles) if opens in there]
        self._save((), removed=chosen)
        return len(chosen)

    def _there(self, candles: Sequence[Candle]) -> dict[Moment, Candle]:
        """Return the candles that there are in the span of those given, all of one symbol and period."""
        first, last = min(candle.opens for candle in candles), max(candle.opens for candle in candles)
        return {found.opens: found for found in self._read(candles[0].symbol, candles[0].period, first, last + 1)}

    def _read(self, symbol: str, period: Period, since: Moment, until: Moment) -> list[Candle]:
        found: list[Candle] = []
        while True:
            after = found[-1].opens if found else None
            part = self._store.candles(symbol, period, since=since, until=until, after=after, limit=_READ_AT_ONCE)
            found += part
            if len(part) < _READ_AT_ONCE:
                return found

    def _save(self, put: Iterable[Candle], *, removed: Iterable[Candle] = ()) -> None:
        rows = [{**self._row(candle), "removed": 0} for candle in put]
        rows += [{**self._row(candle), "removed": 1} for candle in removed]
        if not rows:
            return
        upsert = insert_into(self._store.engine.dialect, CORRECTIONS)
        keys = [column.name for column in CORRECTIONS.primary_key]
        values = {column.name: upsert.excluded[column.name] for column in CORRECTIONS.columns if column.name not in keys}
        with self._store.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(upsert.on_conflict_do_update(index_elements=keys, set_=values), rows)
        self._wait_for_the_disk()

    def _row(self, candle: Candle) -> dict[str, object]:
        return {"platform": self._store.platform, **msgspec.structs.asdict(candle)}

    def _wait_for_the_disk(self) -> None:
        """Quotes are made anew from the journal, so SQLite's commits of them wait for no disk. These are not."""
        if self._store.engine.dialect.name == "sqlite":
            with closing(self._store.engine.raw_connection()) as connection:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def repair(self, symbol: str, now: Moment) -> int:
        """Bring the longer candles in line with corrected shorter ones, and return how many were not.

        A candle is summed up anew if one of those that it is made of was corrected, it has closed, and none of them
        is older than what is kept.
        """
        repaired = 0
        with self._store.engine.connect() as connection:
            changed = {period: self._corrected(connection, symbol, period) for period in Period}
        for period, shorter in MADE_OF.items():
            spans = sorted({span_of(period, opens) for opens in changed[shorter]})
            kept_since = now - self._store.retention.days_of(shorter) * DAY_MS if self._store.retention.days_of(shorter) else 0
            for opens, closes in spans:
                if kept_since <= opens and closes <= now and self._repair(symbol, period, opens, closes):
                    changed[period].add(opens)
                    repaired += 1
        return repaired

    def _corrected(self, connection: Connection, symbol: str, period: Period) -> set[Moment]:
        table = CORRECTIONS.c
        mine = (table.platform == self._store.platform, table.symbol == symbol, table.period == period)
        return set(connection.execute(select(table.opens).where(*mine)).scalars())

    def _repair(self, symbol: str, period: Period, opens: Moment, closes: Moment) -> bool:
        """Sum up a candle anew, and say whether it was another one."""
        before = next(iter(self._read(symbol, period, opens, opens + 1)), None)
        after = summed_up(period, opens, self._read(symbol, MADE_OF[period], opens, closes))
        if before == after:
            return False
        if after is not None:
            self._save([after])
        elif before is not None:
            self._save((), removed=[before])
        return True


def summed_up(period: Period, opens: Moment, candles: Sequence[Candle]) -> Candle | None:
    """Return the candle that shorter ones, in order, make; None if there are none."""
    if not candles:
        return None
    return Candle(
        symbol=candles[0].symbol, period=period, opens=opens, open=candles[0].open,
        high=max(candle.high for candle in candles), low=min(candle.low for candle in candles), close=candles[-1].close,
        ticks=sum(candle.ticks for candle in candles), spread_max=max(candle.spread_max for candle in candles),
    )  # fmt: skip


def _with_spread(candle: Candle, before: Candle | None) -> Candle:
    """A correction says nothing of the spread: the one that was seen stays."""
    return candle if before is None else msgspec.structs.replace(candle, spread_max=before.spread_max)
