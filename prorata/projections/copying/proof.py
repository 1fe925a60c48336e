"""The proof of the investments: what their deals come to is what the ledger says, and what each deal says it left.

The ledger keeps all investments of a strategy as one account, "investments/12". So the deals of a strategy must come to the
balance of that account, and the deals of each investment, one after the other, to the balance that each of them tells.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal_column, select

from prorata.projections.copying.block_tables import copy_blocks, copy_deals
from prorata.projections.copying.tables import strategies
from prorata.units.numbers import Minor

DIFFERENCES_MAX = 1_000
"""More of them say no more."""

Finding = tuple[str, str, Minor, Minor]
"""(place, currency, what it should come to, what it comes to)"""


def investments_that_differ(
    connection: Connection, platform: str, last: int, posted: Mapping[tuple[str, str], Minor]
) -> Iterator[Finding]:  # fmt: skip
    """Yield what does not agree up to the event `last`. `posted`: the balance of each ledger account by its postings."""
    yield from _strategies_that_differ(connection, platform, last, posted)
    yield from _deals_that_differ(connection, platform, last)


def _strategies_that_differ(
    connection: Connection, platform: str, last: int, posted: Mapping[tuple[str, str], Minor]
) -> Iterator[Finding]:  # fmt: skip
    found = _sums_of_deals(connection, platform, last)
    kept = {place for place in posted if place[0].startswith("investments/")}
    for name, currency in sorted(found.keys() | kept):
        said, dealt = posted.get((name, currency), 0), found.get((name, currency), 0)
        if said != dealt:
            yield f"deals of {name}", currency, said, dealt


def _sums_of_deals(connection: Connection, platform: str, last: int) -> dict[tuple[str, str], Minor]:
    """Add up the deals of each strategy: upper and lower half by themselves, as a sum may pass int64."""
    moved = _moved(copy_deals.c)
    upper = func.sum(moved.bitwise_rshift(literal_column("32")))
    lower = func.sum(moved.bitwise_and(2**32 - 1))
    query = (
        _joined(select(copy_blocks.c.strategy, strategies.c.currency, upper, lower), platform, last)
        .group_by(copy_blocks.c.strategy, strategies.c.currency)
    )  # fmt: skip
    return {
        (f"investments/{strategy}", currency): (int(high) << 32) + int(low)
        for strategy, currency, high, low in connection.execute(query)
    }


def _deals_that_differ(connection: Connection, platform: str, last: int) -> Iterator[Finding]:
    """Yield of each investment the first deal that tells another balance than the deals up to it come to."""
    row = copy_deals.c
    running = func.sum(_moved(row)).over(partition_by=row.investment, order_by=row.sequence)
    columns = select(
        row.investment, row.sequence, row.deal, row.balance, running.label("running"), strategies.c.currency
    )  # fmt: skip
    told = _joined(columns, platform, last).subquery().c
    wrong = (
        select(told.investment, told.sequence, told.deal, told.currency, told.balance, told.running)
        .where(told.balance != told.running)
        .order_by(told.investment, told.sequence)
    )
    seen: dict[int, None] = {}
    for investment, sequence, deal, currency, balance, total in connection.execute(wrong):
        if investment not in seen:
            seen[investment] = None
            yield f"deal {deal}, event {sequence}, investment {investment}", currency, int(balance), int(total)
        if len(seen) == DIFFERENCES_MAX:
            return


def _moved(row: Any) -> Any:
    """Return what a deal did to the balance of its investment."""
    return (
        row.profit + row.swap - row.broker_commission - row.liquidity_commission - row.trader_commission
        - row.partner_commission
    )  # fmt: skip


def _joined(query: Select[Any], platform: str, last: int) -> Select[Any]:
    row, block, strategy = copy_deals.c, copy_blocks.c, strategies.c
    return (
        query.select_from(copy_blocks)
        .join(copy_deals, and_(row.platform == block.platform, row.sequence == block.sequence))
        .join(strategies, and_(strategy.platform == block.platform, strategy.strategy == block.strategy))
        .where(block.platform == platform, block.sequence <= last)
    )
