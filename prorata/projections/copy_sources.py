"""The queries that lists of what happened to investments are read from: a block joined with its details."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, Table, and_, case, func, literal_column, select

from prorata.projections.copy_block_tables import copy_blocks, copy_deals
from prorata.projections.copy_codes import CopyDealType, CopyEntry
from prorata.projections.copy_filters import Owned
from prorata.projections.copy_narrowing import details_for
from prorata.projections.copy_tables import fill_requests, investments, strategies

_COMMISSIONS = ("broker_commission", "liquidity_commission", "trader_commission", "partner_commission")


def owner_in(given: Owned) -> ColumnElement[bool] | None:
    """Return the condition on investments that narrows a list best; None if nothing narrows it."""
    column = investments.c
    conditions: list[ColumnElement[bool]] = []
    for name, value in (("investment", given.investment), ("wallet", given.wallet), ("client", given.client)):
        if value is not None:
            conditions.append(column[name] == value)
    return and_(*conditions) if conditions else None


def joined(table: Table, platform: str, given: Owned, *columns: str) -> tuple[Select[Any], FromClause]:
    """Return the query of details with their blocks and investments, and the details in it.

    It has the columns of the details, those named of the block, and of the investment client, wallet, company and test.
    """
    which = owner_in(given)
    details = table if which is None else details_for(table, platform, which)
    # The number of the event is taken from where the walk begins, so that its index gives the order.
    sequence = copy_blocks.c.sequence if which is None else details.c.sequence
    block, investment = copy_blocks.c, investments.c
    own = [column for column in details.c if column.name not in ("platform", "sequence", "large")]
    query = (
        select(
            sequence, *own, block.at, block.strategy, *(block[name] for name in columns), investment.client,
            investment.wallet, investment.company, investment.test,
        )
        .select_from(copy_blocks)
        .join(details, and_(details.c.platform == block.platform, details.c.sequence == block.sequence))
        .join(investments, and_(investment.platform == block.platform, investment.investment == details.c.investment))
        .where(block.platform == platform)
    )  # fmt: skip
    return query, details


def deals(platform: str, given: Owned) -> FromClause:
    query, row = joined(
        copy_deals, platform, given,
        "symbol", "ticket", "signal", "command", "stop_out", "request", "fill", "price", "interval", "first_deal",
    )  # fmt: skip
    block, strategy, request = copy_blocks.c, strategies.c, fill_requests.c
    commission = row.c.broker_commission + row.c.liquidity_commission + row.c.trader_commission + row.c.partner_commission
    return (
        query.add_columns(
            investments.c.type.label("investment_type"), strategy.accounting, strategy.currency, strategy.tags,
            func.coalesce(request.stream, 0).label("stream"), commission.label("commission"),
            (row.c.profit + row.c.swap - commission).label("total"),
        )
        .join(strategies, and_(strategy.platform == block.platform, strategy.strategy == block.strategy))
        .outerjoin(fill_requests, and_(request.platform == block.platform, request.ticket == block.request))
        .subquery("found_deals")
    )  # fmt: skip


def closed_positions(platform: str, given: Owned) -> FromClause:
    """Return what deals closed, with the deal that opened the position and what it had cost.

    A position opens with the deal before which nothing was held, or that reversed what was held.
    """
    query, row = joined(copy_deals, platform, given, "symbol", "ticket", "price")
    traded = row.c.type.in_((int(CopyDealType.BUY), int(CopyDealType.SELL)))
    dealt = query.where(traded).subquery("dealt").c
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
