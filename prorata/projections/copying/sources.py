"""The queries that lists of what happened to investments are read from: a block joined with its details."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Table, and_, case, func, literal_column, select

from prorata.projections.copying.block_tables import copy_blocks, copy_deals
from prorata.projections.copying.codes import BlockKind, CopyDealType, CopyEntry
from prorata.projections.copying.filters import DealFilter, Owned
from prorata.projections.copying.narrowing import details_for, has_details_in
from prorata.projections.copying.tables import fill_requests, investments, strategies
from prorata.projections.walking import walk

_COMMISSIONS = ("broker_commission", "liquidity_commission", "trader_commission", "partner_commission")


def owner_in(given: Owned) -> ColumnElement[bool] | None:
    """Return the condition on investments that narrows a list best; None if nothing narrows it."""
    column = investments.c
    conditions: list[ColumnElement[bool]] = []
    for name, value in (("investment", given.investment), ("wallet", given.wallet), ("client", given.client)):
        if value is not None:
            conditions.append(column[name] == value)
    return and_(*conditions) if conditions else None


def joined(
    table: Table, platform: str, given: Owned, *columns: str, steps: Sequence[tuple[FromClause, ColumnElement[bool]]] = ()
) -> Select[Any]:  # fmt: skip
    """Return the query of details with their blocks and investments, and what `steps` join to these.

    It has the columns of the details, those named of the block, and of the investment client, wallet, company and test.
    """
    which = owner_in(given)
    block, own = copy_blocks.c, investments.c
    of_platform = block.platform == platform
    begin: tuple[FromClause, tuple[FromClause, ColumnElement[bool]]]
    sequence: ColumnElement[int]
    if which is None:
        details: FromClause = table
        begin = (copy_blocks, (table, and_(table.c.platform == platform, table.c.sequence == block.sequence)))
        sequence, where = block.sequence, and_(of_platform, has_details_in(table))
    else:
        details = details_for(table, platform, which)
        begin = (details, (copy_blocks, and_(of_platform, block.sequence == details.c.sequence)))
        sequence, where = details.c.sequence, of_platform
    owner = (investments, and_(own.platform == platform, own.investment == details.c.investment))
    facts = [column for column in details.c if column.name not in ("platform", "sequence", "large")]
    return (
        select(
            sequence, *facts, block.at, block.strategy, *(block[name] for name in columns), own.client, own.wallet,
            own.company, own.test,
        )
        .select_from(walk(*begin, owner, *steps))
        .where(where)
    )  # fmt: skip


def deals(platform: str, given: DealFilter) -> FromClause:
    block, own, strategy, request = copy_blocks.c, investments.c, strategies.c, fill_requests.c
    of_strategy = (strategies, and_(strategy.platform == platform, strategy.strategy == block.strategy))
    query = joined(
        copy_deals, platform, given, "symbol", "ticket", "signal", "command", "stop_out", "request", "fill", "price",
        "interval", steps=[of_strategy],
    )  # fmt: skip
    row = query.selected_columns
    commission = row.broker_commission + row.liquidity_commission + row.trader_commission + row.partner_commission
    query = query.add_columns(
        own.type.label("investment_type"), strategy.accounting, strategy.currency, strategy.tags,
        func.coalesce(request.stream, 0).label("stream"), commission.label("commission"),
        (row.profit + row.swap - commission).label("total"),
    ).outerjoin(fill_requests, and_(request.platform == platform, request.ticket == block.request))  # fmt: skip
    if given.type is not None:
        types = [given.type] if isinstance(given.type, CopyDealType) else given.type
        query = query.where(block.kind.in_(sorted({int(_KIND_OF[kind]) for kind in types})))
    return query.subquery("found_deals")


_KIND_OF = {
    CopyDealType.BUY: BlockKind.TRADE,
    CopyDealType.SELL: BlockKind.TRADE,
    CopyDealType.BALANCE: BlockKind.MONEY,
    CopyDealType.CORRECTION: BlockKind.CORRECTION,
    CopyDealType.FEE: BlockKind.FEES,
    CopyDealType.REJECTED_BUY: BlockKind.REJECTED,
    CopyDealType.REJECTED_SELL: BlockKind.REJECTED,
}
assert _KIND_OF.keys() == set(CopyDealType), "a deal without a block"


def closed_positions(platform: str, given: DealFilter) -> FromClause:
    """Return what deals closed, with the deal that opened the position and what it had cost.

    A position opens with the deal before which nothing was held, or that reversed what was held.
    """
    query = joined(copy_deals, platform, given, "symbol", "ticket", "price")
    dealt = query.where(copy_blocks.c.kind == int(BlockKind.TRADE)).subquery("dealt").c
    whose = (dealt.investment, dealt.position)
    before = dealt.held - dealt.volume
    opens = (before == 0) | (dealt.entry == int(CopyEntry.INOUT))

    def earlier(value: ColumnElement[int]) -> ColumnElement[int]:
        return func.max(case((opens, value))).over(partition_by=whose, order_by=dealt.sequence, rows=(None, -1))

    cost = func.lag(dealt.cost).over(partition_by=whose, order_by=dealt.sequence)
    steps = select(
        *dealt, before.label("before"), _size(cost).label("cost_before"), earlier(dealt.deal).label("deal_in"),
        earlier(dealt.at).label("opened_at"),
    ).subquery("steps").c  # fmt: skip
    held = _size(steps.before)
    commissions = steps.broker_commission + steps.liquidity_commission + steps.trader_commission + steps.partner_commission
    closed = select(
        steps.sequence, steps.investment, steps.strategy, steps.position, steps.symbol, steps.ticket, steps.deal_in,
        steps.deal.label("deal_out"), steps.opened_at, steps.at.label("closed_at"),
        case((steps.before > 0, int(CopyDealType.BUY)), else_=int(CopyDealType.SELL)).label("type"),
        case((_size(steps.volume) < held, _size(steps.volume)), else_=held).label("volume"),
        _half_even(steps.cost_before, held).label("open_price"), steps.price.label("close_price"), steps.profit,
        steps.swap, *(steps[name] for name in _COMMISSIONS), (steps.profit + steps.swap - commissions).label("total"),
    ).where(steps.entry != literal_column(str(int(CopyEntry.IN))))  # fmt: skip
    return closed.subquery("closed_positions")


def _size(number: ColumnElement[int]) -> ColumnElement[int]:
    return func.abs(number, type_=BigInteger)


def _half_even(dividend: ColumnElement[int], divisor: ColumnElement[int]) -> ColumnElement[int]:
    """Divide 0 or more by 1 or more, to the nearest, ties to the even neighbour."""
    quotient, rest = dividend // divisor, dividend % divisor
    up = (rest * 2 > divisor) | ((rest * 2 == divisor) & (quotient % 2 == 1))
    return quotient + case((up, 1), else_=0)
