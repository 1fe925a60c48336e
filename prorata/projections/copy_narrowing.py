"""Finds the details of some investments without an index of all details by investment (see `copy_block_tables`)."""

from sqlalchemy import ColumnElement, FromClause, Table, and_, literal_column, select, union_all

from prorata.projections.copy_block_tables import (
    copy_blocks,
    copy_deals,
    interval_results,
    investment_days,
    investment_fees,
    investment_states,
    investment_swaps,
    trimmed_volumes,
)
from prorata.projections.copy_codes import BlockKind
from prorata.projections.copy_tables import investments

_KINDS: dict[Table, tuple[BlockKind, ...]] = {
    copy_deals: (BlockKind.TRADE, BlockKind.MONEY, BlockKind.FEES, BlockKind.REJECTED, BlockKind.CORRECTION),
    trimmed_volumes: (BlockKind.TRIMMED,),
    investment_fees: (BlockKind.FEES,),
    interval_results: (BlockKind.INTERVAL,),
    investment_swaps: (BlockKind.SWAPS,),
    investment_states: (BlockKind.STATES,),
    investment_days: (BlockKind.DAYS,),
}
"""The blocks whose details a table has."""

_NONE: ColumnElement[int] = literal_column("0")
_LARGE: ColumnElement[int] = literal_column("1")
# In so many words, and not as parameters: only then are the indexes of small details and of large blocks used.


def details_for(table: Table, platform: str, which: ColumnElement[bool], since: object = None) -> FromClause:
    """Return the rows of a table of details that belong to the investments that `which` names.

    Those of small blocks are found by their index; those of large ones by the key, one for each large block of the
    investment's strategy. `since`: the first event that matters, as a number or a query of one.
    """
    mine = select(investments.c.investment).where(investments.c.platform == platform, which)
    small = select(table).where(
        table.c.platform == platform, table.c.large == _NONE, table.c.investment.in_(mine),
    )  # fmt: skip
    block = copy_blocks.c
    large = (
        select(table)
        .select_from(investments)
        .join(
            copy_blocks,
            and_(
                block.platform == investments.c.platform, block.strategy == investments.c.strategy, block.large == _LARGE,
                block.kind.in_([int(kind) for kind in _KINDS[table]]),
            ),
        )
        .join(
            table,
            and_(
                table.c.platform == block.platform, table.c.sequence == block.sequence,
                table.c.investment == investments.c.investment,
            ),
        )
        .where(investments.c.platform == platform, which)
    )  # fmt: skip
    if since is not None:
        small, large = small.where(table.c.sequence >= since), large.where(block.sequence >= since)
    return union_all(small, large).subquery(f"own_{table.name}")
