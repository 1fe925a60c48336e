"""Finds the details of some investments without an index of all details by investment (see `copy_block_tables`)."""

from sqlalchemy import ColumnElement, FromClause, Table, and_, literal_column, select, union_all

from prorata.projections.copying.block_tables import (
    copy_blocks,
    copy_deals,
    interval_results,
    investment_days,
    investment_fees,
    investment_states,
    investment_swaps,
    trimmed_volumes,
)
from prorata.projections.copying.codes import BlockKind
from prorata.projections.copying.tables import investments
from prorata.projections.walking import walk

_KINDS: dict[Table, tuple[BlockKind, ...]] = {
    copy_deals: (BlockKind.TRADE, BlockKind.MONEY, BlockKind.FEES, BlockKind.REJECTED, BlockKind.CORRECTION),
    trimmed_volumes: (BlockKind.TRIMMED,),
    investment_fees: (BlockKind.FEES,),
    interval_results: (BlockKind.INTERVAL,),
    investment_swaps: (BlockKind.SWAPS,),
    investment_states: (BlockKind.STATES,),
    investment_days: (BlockKind.DAYS,),
}

# In so many words, and not as parameters: only then are the indexes of small details and of large blocks used.
_NONE: ColumnElement[int] = literal_column("0")
_LARGE: ColumnElement[int] = literal_column("1")


def has_details_in(table: Table) -> ColumnElement[bool]:
    """Return the condition on blocks whose details a table has."""
    return copy_blocks.c.kind.in_([int(kind) for kind in _KINDS[table]])


def details_for(table: Table, platform: str, which: ColumnElement[bool], since: ColumnElement[int] | None = None) -> FromClause:
    """Return the rows of a table of details that belong to the investments that `which` names.

    Those of small blocks are found by their index; those of large ones by the key, one for each large block of the
    investment's strategy. `since`: the first event that matters.
    """
    own, block, row = investments.c, copy_blocks.c, table.c
    mine = and_(row.platform == platform, row.investment == own.investment)
    small = walk(investments, (table, and_(mine, row.large == _NONE)))
    of_strategy = and_(
        block.platform == platform, block.strategy == own.strategy, block.large == _LARGE, has_details_in(table)
    )  # fmt: skip
    large = walk(investments, (copy_blocks, of_strategy), (table, and_(mine, row.sequence == block.sequence)))
    from_small = select(table).select_from(small).where(own.platform == platform, which)
    from_large = select(table).select_from(large).where(own.platform == platform, which)
    if since is not None:
        from_small, from_large = from_small.where(row.sequence >= since), from_large.where(block.sequence >= since)
    return union_all(from_small, from_large).subquery(f"own_{table.name}")
