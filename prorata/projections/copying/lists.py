"""What may be asked of the history of copy trading. Each question is a list (`Asked`), narrowed by a filter of its own."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, func, literal_column, select

from prorata.projections.asked import Asked
from prorata.projections.copying import sources as copy_sources
from prorata.projections.copying.block_tables import (
    copy_blocks,
    copy_deals,
    interval_results,
    investment_fees,
    investment_swaps,
    trimmed_volumes,
)
from prorata.projections.copying.codes import BlockKind
from prorata.projections.copying.filters import (
    DealFilter,
    FeeFilter,
    FillFilter,
    Filter,
    IntervalFilter,
    RequestFilter,
    SignalFilter,
    SwapFilter,
    TrimmedFilter,
)
from prorata.projections.copying.narrowing import has_details_in
from prorata.projections.copying.register import CopyRegister
from prorata.projections.copying.rows import (
    ClosedPositionRow,
    CopyDealRow,
    CopyDealSums,
    FeeRow,
    FillRequestRow,
    FillRow,
    IntervalResultRow,
    IntervalRow,
    InvestmentSwapRow,
    SignalRow,
    TrimmedRow,
)
from prorata.projections.copying.tables import fill_requests, fills, intervals, signals, strategies
from prorata.projections.copying.totals import CopyTotals
from prorata.projections.paging import rows_of
from prorata.units.numbers import DealId

_FIELDS_OF_BLOCKS = {"strategy", "signal", "command", "stop_out", "request", "symbol", "since", "until"}


class CopyLists(CopyRegister, CopyTotals):
    # Signals and what came of them.

    def signals(self, given: SignalFilter) -> Asked[SignalRow]:
        row, strategy, block = signals.c, strategies.c, copy_blocks.c
        came = (
            select(func.coalesce(func.sum(block.investments), 0))
            .where(block.platform == row.platform, block.signal == row.signal)
            .where(literal_column("copy_blocks.signal > 0"), block.kind == int(BlockKind.TRADE))
            .scalar_subquery()
        )
        query = (
            select(*row, strategy.name.label("strategy_name"), strategy.company, cast(came, BigInteger).label("deals"))
            .join(strategies, and_(strategy.platform == row.platform, strategy.strategy == row.strategy))
            .where(row.platform == self._platform)
        )
        return self._asked(SignalRow, query, given)

    def trimmed(self, given: TrimmedFilter) -> Asked[TrimmedRow]:
        """List why investments were given another volume than the formula gave."""
        return self._read(TrimmedRow, self._joined(trimmed_volumes, given, "signal", "symbol", "ticket"), given)

    def fill_requests(self, given: RequestFilter) -> Asked[FillRequestRow]:
        return self._of_table(fill_requests, FillRequestRow, given, ("sequence",))

    def fills(self, given: FillFilter) -> Asked[FillRow]:
        return self._of_table(fills, FillRow, given, ("sequence",))

    # Deals.

    def deals(self, given: DealFilter) -> Asked[CopyDealRow]:
        """List deals by their number. Corrections have none, and stand where they happened."""
        source = copy_sources.deals(self._platform, given)
        where = [] if given.deal is None else [source.c.sequence == self._block_of(given.deal)]
        return self._read(CopyDealRow, source, given, where=where, counting=self._counting_blocks(given))

    def _counting_blocks(self, given: DealFilter) -> Select[Any] | None:
        """Return the query that counts deals by their blocks; None if a part of some block may be meant."""
        asked = {name for name in given.__struct_fields__ if getattr(given, name) is not None}
        if not asked <= _FIELDS_OF_BLOCKS:
            return None
        deals = select(func.coalesce(func.sum(copy_blocks.c.investments), 0)).where(
            copy_blocks.c.platform == self._platform, has_details_in(copy_deals)
        )
        return deals.where(*self._conditions(copy_blocks, given))

    def deal_sums(self, given: DealFilter) -> CopyDealSums:
        """Return what the deals come to that `deals` lists."""
        source = copy_sources.deals(self._platform, given)
        columns = [source.c[name] for name in ("profit", "swap", "commission", "total")]
        sums = [cast(func.coalesce(func.sum(column), 0), BigInteger) for column in columns]
        query = select(func.count()).add_columns(*sums).where(*self._conditions(source, given))
        with self._lists.reading() as connection:
            return rows_of(connection, query, CopyDealSums)[0]

    def _block_of(self, deal: DealId) -> ColumnElement[int]:
        """Return the event of a deal: the last that begins with it or an earlier one."""
        block = copy_blocks.c
        return (
            select(block.sequence)
            .where(block.platform == self._platform, block.first_deal <= deal, literal_column("first_deal > 0"))
            .order_by(block.first_deal.desc())
            .limit(1)
            .scalar_subquery()
        )

    def closed_positions(self, investment: int) -> Asked[ClosedPositionRow]:
        """List what the deals of an investment closed: one row for each deal that closed something."""
        given = DealFilter(investment=investment)
        return self._read(ClosedPositionRow, copy_sources.closed_positions(self._platform, given), Filter())

    # Money that falls due.

    def fees(self, given: FeeFilter) -> Asked[FeeRow]:
        return self._read(FeeRow, self._joined(investment_fees, given, "interval", "next_interval"), given)

    def swaps(self, given: SwapFilter) -> Asked[InvestmentSwapRow]:
        return self._read(InvestmentSwapRow, self._joined(investment_swaps, given, "symbol", "ticket", "nights"), given)

    def interval_results(self, given: FeeFilter) -> Asked[IntervalResultRow]:
        return self._read(IntervalResultRow, self._joined(interval_results, given, "interval", "next_interval"), given)

    def intervals(self, given: IntervalFilter) -> Asked[IntervalRow]:
        """List the fee periods that have ended, with their begin: the end of the one before, or the strategy's opening."""
        row, strategy = intervals.c, strategies.c
        before = func.lag(row.ended_at).over(partition_by=row.strategy, order_by=row.sequence)
        query = (
            select(*row, func.coalesce(before, strategy.opened_at).label("began_at"))
            .join(strategies, and_(strategy.platform == row.platform, strategy.strategy == row.strategy))
            .where(row.platform == self._platform)
        )
        return self._asked(IntervalRow, query, given)
