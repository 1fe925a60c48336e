"""Keeps added up what is asked for often: totals of investments, wallets, strategies and companies.

The database makes every sum from the rows that were just written, those of the events `first` to `last`: one statement for
each table, and no number leaves the database for it.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Table, and_, case, cast, func, select, true, update

from prorata.messages.copy_terms import InvestmentState, InvestmentType
from prorata.projections.copying.block_tables import copy_blocks, copy_deals, investment_days, investment_states
from prorata.projections.copying.codes import BlockKind, CopyDealType
from prorata.projections.copying.tables import (
    company_days,
    fill_requests,
    fills,
    investment_totals,
    investment_totals_marks,
    investments,
    strategies,
    strategy_symbols,
    wallet_totals,
    wallet_transfers,
    wallets,
)
from prorata.storage.database import insert_into
from prorata.units.numbers import Moment

WAITING_MAX = 500_000
"""Deals that may wait before they are added to the totals of their investments. Part of what is in the tables: to change it
is to rebuild them."""


class Span(msgspec.Struct, frozen=True):
    """Events of a platform, the first and the last included."""

    platform: str
    first: int
    last: int

    def rows(self, table: Table) -> Any:
        return and_(table.c.platform == self.platform, table.c.sequence.between(self.first, self.last))


def add_own_deals(connection: Connection, span: Span) -> None:
    """Add the deals of the traders' own investments to what their strategies have dealt in."""
    row, block, strategy = copy_deals.c, copy_blocks.c, strategies.c
    dealt = (
        select(
            block.platform, block.strategy, block.symbol, func.count().label("deals"),
            func.sum(func.abs(row.volume)).label("volume"), func.sum(row.turnover).label("turnover"),
        )
        .join(strategies, and_(strategy.platform == block.platform, strategy.strategy == block.strategy))
        .join(
            copy_deals,
            # The + 0 keeps SQLite from reading all deals of the span before it looks for a trader's.
            and_(row.platform == block.platform, row.sequence == block.sequence + 0, row.investment == strategy.own),
        )
        .where(span.rows(copy_blocks), block.kind == int(BlockKind.TRADE))
        .group_by(block.platform, block.strategy, block.symbol)
    )  # fmt: skip
    _add(connection, strategy_symbols, dealt)


def add_deals(connection: Connection, platform: str, blocks: Iterable[tuple[int, int]]) -> None:
    """Let deals wait, or add them with all that waited to the totals of their investments.

    `blocks`: (sequence, deals) of those just written. Where the totals end depends on the events alone, not on how many
    came together.
    """
    mark = investment_totals_marks
    here = mark.c.platform == platform
    found = connection.execute(select(mark.c.sequence, mark.c.waiting).where(here)).one_or_none()
    if found is None:
        connection.execute(mark.insert().values(platform=platform, sequence=0, waiting=0))
    begin, waiting = (0, 0) if found is None else found
    end = begin
    for sequence, deals in blocks:
        waiting += deals
        if waiting >= WAITING_MAX:
            end, waiting = sequence, 0
    if end > begin:
        row = copy_deals.c
        sums = [func.sum(part).label(name) for name, part in parts_of_totals(row).items()]
        span = Span(platform, begin + 1, end)
        _add(
            connection,
            investment_totals,
            select(row.platform, row.investment, *sums).where(span.rows(copy_deals)).group_by(row.platform, row.investment),
        )
    connection.execute(update(mark).where(here).values(sequence=end, waiting=waiting))


def parts_of_totals(row: Any) -> dict[str, ColumnElement[int]]:
    """Return what a row of `copy_deals` adds to each column of `investment_totals`."""
    traded = row.type.in_((int(CopyDealType.BUY), int(CopyDealType.SELL)))
    money = row.type == int(CopyDealType.BALANCE)

    def where(condition: Any, value: Any) -> ColumnElement[int]:
        return case((condition, value), else_=0)

    return {
        "deals": where(traded, 1),
        "volume": where(traded, func.abs(row.volume)),
        "profit": where(traded, row.profit),
        "swap": row.swap,
        "broker_commission": row.broker_commission,
        "liquidity_commission": row.liquidity_commission,
        "trader_commission": row.trader_commission,
        "partner_commission": row.partner_commission,
        "fees": where(row.type == int(CopyDealType.FEE), -row.profit),
        "funded": where(money & (row.profit > 0), row.profit),
        "withdrawn": where(money & (row.profit < 0), -row.profit),
        "corrections": where(row.type == int(CopyDealType.CORRECTION), row.profit),
        "rejected": where(row.type.in_((int(CopyDealType.REJECTED_BUY), int(CopyDealType.REJECTED_SELL))), 1),
    }


def add_transfers(connection: Connection, span: Span) -> None:
    row = wallet_transfers.c
    new = (
        select(row.platform, row.wallet, row.type, func.count().label("transfers"), func.sum(row.amount).label("amount"))
        .where(span.rows(wallet_transfers))
        .group_by(row.platform, row.wallet, row.type)
    )
    _add(connection, wallet_totals, new)


def _add(connection: Connection, table: Table, new: Select[Any]) -> None:
    """Enter sums into `table`, or add them to those that it has."""
    insert = _insert(connection, table, new)
    keys = [column.name for column in table.primary_key]
    values = {column.name: column + insert.excluded[column.name] for column in table.columns if column.name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values))


def _insert(connection: Connection, table: Table, new: Select[Any]) -> Any:
    return insert_into(connection.dialect, table).from_select([column.name for column in new.selected_columns], new)


def mark_test_investments(connection: Connection, span: Span) -> None:
    tests = select(wallets.c.wallet).where(wallets.c.platform == span.platform, wallets.c.test == 1)
    connection.execute(update(investments).where(span.rows(investments), investments.c.wallet.in_(tests)).values(test=1))


def change_states(connection: Connection, span: Span) -> None:
    """Let investments be in the state that they entered last."""
    entered = investment_states.c
    last = (
        select(entered.investment, func.max(entered.sequence).label("sequence"))
        .where(span.rows(investment_states))
        .group_by(entered.investment)
        .subquery()
    )
    state = (
        select(last.c.investment, copy_blocks.c.state, copy_blocks.c.at, entered.equity)
        .join(
            investment_states,
            and_(
                entered.platform == span.platform, entered.sequence == last.c.sequence,
                entered.investment == last.c.investment,
            ),
        )
        .join(copy_blocks, and_(copy_blocks.c.platform == span.platform, copy_blocks.c.sequence == last.c.sequence))
        .subquery()
    )  # fmt: skip
    closed = state.c.state == int(InvestmentState.CLOSED)
    statement = (
        update(investments)
        .where(investments.c.platform == span.platform, investments.c.investment == state.c.investment)
        .values(
            state=state.c.state, changed_at=state.c.at, closed_at=case((closed, state.c.at), else_=0),
            paid_out=case((closed, state.c.equity), else_=0),
        )
    )  # fmt: skip
    connection.execute(statement)


def sum_fills(connection: Connection, span: Span) -> None:
    """Let requests say what was filled of them."""
    filled = (
        select(func.sum(fills.c.filled))
        .where(fills.c.platform == fill_requests.c.platform, fills.c.request == fill_requests.c.ticket)
        .scalar_subquery()
    )
    touched = select(fills.c.request).where(span.rows(fills))
    here = and_(fill_requests.c.platform == span.platform, fill_requests.c.ticket.in_(touched))
    connection.execute(update(fill_requests).where(here).values(filled=filled))


def end_company_day(connection: Connection, platform: str, day: int, sequence: int, at: Moment) -> None:
    """Add up a day of all companies. `sequence`: the last event of the day; said again, it takes the place of the first."""
    before = (
        select(func.coalesce(func.max(company_days.c.sequence), 0))
        .where(company_days.c.platform == platform, company_days.c.day < day)
        .scalar_subquery()
    )
    since = and_(wallet_transfers.c.sequence > before, wallet_transfers.c.sequence <= sequence)
    wallet = wallets.c
    of_company = and_(wallet.platform == platform, wallet.test == 0)
    moved = (
        select(wallet.company, wallet.currency, func.sum(wallet_transfers.c.amount).label("amount"))
        .join(
            wallet_transfers,
            and_(wallet_transfers.c.platform == wallet.platform, wallet_transfers.c.wallet == wallet.wallet),
        )
        .where(of_company, since)
        .group_by(wallet.company, wallet.currency)
        .subquery()
    )
    held = _held_at(platform, day).subquery()
    companies = select(wallet.company, wallet.currency).where(of_company, wallet.sequence <= sequence).distinct().subquery()
    new = select(
        cast(platform, company_days.c.platform.type).label("platform"), companies.c.company, companies.c.currency,
        cast(day, BigInteger).label("day"), cast(sequence, BigInteger).label("sequence"), cast(at, BigInteger).label("at"),
        *(func.coalesce(held.c[name], 0).label(name) for name in ("investments", "equity", "balance")),
        func.coalesce(moved.c.amount, 0).label("wallets_moved"),
    ).select_from(
        companies.outerjoin(held, and_(held.c.company == companies.c.company, held.c.currency == companies.c.currency))
        .outerjoin(moved, and_(moved.c.company == companies.c.company, moved.c.currency == companies.c.currency))
    ).where(true())  # fmt: skip
    # Without a WHERE, SQLite would read ON CONFLICT as the ON of a join.
    insert = _insert(connection, company_days, new)
    keys = [column.name for column in company_days.primary_key]
    values = {column.name: insert.excluded[column.name] for column in company_days.columns if column.name not in keys}
    connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=values))


def _held_at(platform: str, day: int) -> Select[Any]:
    """Return the query of what each company's investments come to at the end of a day."""
    block, row, investment = copy_blocks.c, investment_days.c, investments.c
    return (
        select(
            investment.company, strategies.c.currency, func.count().label("investments"),
            func.sum(row.equity).label("equity"), func.sum(row.balance).label("balance"),
        )
        .select_from(copy_blocks)
        .join(investment_days, and_(row.platform == block.platform, row.sequence == block.sequence))
        .join(investments, and_(investment.platform == block.platform, investment.investment == row.investment))
        .join(strategies, and_(strategies.c.platform == block.platform, strategies.c.strategy == block.strategy))
        .where(block.platform == platform, block.day == day, block.day > 0)
        .where(investment.test == 0, investment.type != int(InvestmentType.MASTER))
        .group_by(investment.company, strategies.c.currency)
    )  # fmt: skip
