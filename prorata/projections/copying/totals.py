"""Totals of investments, clients, companies, and what is polled for accounts elsewhere: charges and rewards."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, literal_column, select, union_all

from prorata.messages.copy_terms import InvestmentState, InvestmentType, StrategyStatus, TransferType
from prorata.projections.asked import Asked
from prorata.projections.copying.block_tables import copy_blocks, copy_deals
from prorata.projections.copying.codes import CopyDealType
from prorata.projections.copying.filters import ClientFilter, CompanyDayFilter, Filter, InvestmentFilter
from prorata.projections.copying.narrowing import details_for
from prorata.projections.copying.questions import CopyQuestions
from prorata.projections.copying.sums import parts_of_totals
from prorata.projections.copying.tables import (
    company_days,
    investment_totals,
    investment_totals_marks,
    investments,
    strategies,
    wallet_totals,
    wallet_transfers,
    wallets,
)
from prorata.projections.copying.total_rows import ChargeRow, ClientTotalsRow, CompanyDayRow, InvestmentTotalsRow, RewardRow
from prorata.projections.paging import rows_of
from prorata.units.numbers import DealId

_SUMS = InvestmentTotalsRow.__struct_fields__[1:]


class CopyTotals(CopyQuestions):
    def investment_totals(self, given: InvestmentFilter) -> Asked[InvestmentTotalsRow]:
        """List what the deals of each investment come to; one without deals is left out."""
        which = and_(investments.c.platform == self._platform, *self._conditions(investments, given))
        return self._asked(InvestmentTotalsRow, self._totals(which), Filter(), ("investment",))

    def _totals(self, which: ColumnElement[bool] | None) -> Select[Any]:
        """Return the query of totals: those that are added up, and the deals that wait (`copy_sums.add_deals`)."""
        mark, kept = investment_totals_marks.c, investment_totals.c
        upto = func.coalesce(select(mark.sequence).where(mark.platform == self._platform).scalar_subquery(), 0)
        added = select(kept.investment, *(kept[name] for name in _SUMS)).where(kept.platform == self._platform)
        if which is None:
            row: Any = copy_deals
        else:
            added = added.where(kept.investment.in_(select(investments.c.investment).where(which)))
            row = details_for(copy_deals, self._platform, which, since=upto + 1)
        parts = [part.label(name) for name, part in parts_of_totals(row.c).items()]
        waiting = select(row.c.investment, *parts).where(row.c.platform == self._platform, row.c.sequence > upto)
        all_parts = union_all(added, waiting).subquery("parts").c
        sums = (_whole(func.sum(all_parts[name])).label(name) for name in _SUMS)
        return select(all_parts.investment, *sums).group_by(all_parts.investment)

    def client_totals(self, given: ClientFilter) -> Asked[ClientTotalsRow]:
        """List what each client has done, in each currency that it has a wallet of."""
        of_wallets = self._of_wallets(given).subquery("of_wallets")
        of_investments = self._of_investments(given).subquery("of_investments")
        of_strategies = self._of_strategies(given).subquery("of_strategies")
        query = select(*of_wallets.c, *_or_zero(of_investments), *_or_zero(of_strategies))
        for other in (of_investments, of_strategies):
            same = and_(other.c.client == of_wallets.c.client, other.c.currency == of_wallets.c.currency)
            query = query.outerjoin(other, same)
        counting = select(func.count()).select_from(of_wallets).where(*self._conditions(of_wallets, given))
        return self._read(ClientTotalsRow, query.subquery(), given, ("client", "currency"), counting=counting)

    def _of_wallets(self, given: ClientFilter) -> Select[Any]:
        wallet, total = wallets.c, wallet_totals.c

        def moved(*types: TransferType, sign: int = 1) -> ColumnElement[int]:
            return _whole(func.sum(case((total.type.in_([int(one) for one in types]), sign * total.amount), else_=0)))

        return (
            select(
                wallet.client, wallet.currency, func.min(wallet.company).label("company"), func.max(wallet.test).label("test"),
                moved(TransferType.FUND).label("funds_in"), moved(TransferType.WITHDRAW, sign=-1).label("funds_out"),
                moved(TransferType.BONUS_FUND).label("bonus_in"),
                moved(TransferType.BONUS_WITHDRAW, sign=-1).label("bonus_out"),
                moved(TransferType.FEE).label("fees_received"), moved(TransferType.COMMISSION).label("commissions_received"),
                moved(TransferType.PARTNER).label("partner_received"), moved(*TransferType).label("wallets_balance"),
            )
            .outerjoin(wallet_totals, and_(total.platform == wallet.platform, total.wallet == wallet.wallet))
            .where(wallet.platform == self._platform, *_of_clients(wallet.client, given))
            .group_by(wallet.client, wallet.currency)
        )  # fmt: skip

    def _of_investments(self, given: ClientFilter) -> Select[Any]:
        investment, strategy = investments.c, strategies.c
        clients = _of_clients(investment.client, given)
        which = and_(investment.platform == self._platform, *clients) if clients else None
        totals = self._totals(which).subquery("totals")
        closed = investment.state == int(InvestmentState.CLOSED)
        sums = (_whole(func.sum(func.coalesce(totals.c[name], 0))).label(name) for name in _SUMS)
        return (
            select(
                investment.client, strategy.currency, _count(~closed).label("investments_active"),
                _count(closed).label("investments_closed"), *sums,
            )
            .join(strategies, and_(strategy.platform == investment.platform, strategy.strategy == investment.strategy))
            .outerjoin(totals, totals.c.investment == investment.investment)
            .where(investment.platform == self._platform, investment.type != int(InvestmentType.MASTER), *clients)
            .group_by(investment.client, strategy.currency)
        )  # fmt: skip

    def _of_strategies(self, given: ClientFilter) -> Select[Any]:
        strategy = strategies.c
        closed = strategy.status == int(StrategyStatus.CLOSED)
        return (
            select(
                strategy.client, strategy.currency, _count(~closed).label("strategies_active"),
                _count(closed).label("strategies_closed"),
            )
            .where(strategy.platform == self._platform, *_of_clients(strategy.client, given))
            .group_by(strategy.client, strategy.currency)
        )  # fmt: skip

    def company_days(self, given: CompanyDayFilter) -> Asked[CompanyDayRow]:
        """List what the clients of companies had at the end of each day."""
        row = company_days.c
        moved = func.sum(row.wallets_moved).over(partition_by=(row.company, row.currency), order_by=row.day)
        query = select(*row, _whole(moved).label("wallets_balance")).where(row.platform == self._platform)
        return self._asked(CompanyDayRow, query, given, ("company", "currency", "day"))

    # What is polled for accounts elsewhere.

    def charges(
        self, after: DealId, *, company: int, wallets_of: Sequence[int] | None = None, limit: int = 1_000
    ) -> tuple[ChargeRow, ...]:  # fmt: skip
        """Return what deals after `after` took from external investments, by deal. `wallets_of`: only from these wallets'."""
        row, block, investment = copy_deals.c, copy_blocks.c, investments.c
        fee = case((row.type == int(CopyDealType.FEE), -row.profit), else_=0)
        commission = row.broker_commission + row.liquidity_commission + row.trader_commission + row.partner_commission
        begin = (
            select(block.sequence)
            .where(block.platform == self._platform, block.first_deal <= after + 1, literal_column("first_deal > 0"))
            .order_by(block.first_deal.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = (
            select(
                row.deal, block.at, row.investment, investment.wallet, investment.client, fee.label("fee"),
                commission.label("commission"),
            )
            .select_from(copy_blocks)
            .join(copy_deals, and_(row.platform == block.platform, row.sequence == block.sequence))
            .join(investments, and_(investment.platform == row.platform, investment.investment == row.investment))
            .where(block.platform == self._platform, block.sequence >= func.coalesce(begin, 0), row.deal > after)
            .where(investment.type == int(InvestmentType.EXTERNAL), investment.company == company, fee + commission > 0)
            .order_by(block.sequence, row.investment)
            .limit(limit)
        )  # fmt: skip
        if wallets_of is not None:
            query = query.where(investment.wallet.in_(wallets_of))
        with self._lists.reading() as connection:
            return rows_of(connection, query, ChargeRow)

    def rewards(
        self, after: int, *, company: int, wallets_of: Sequence[int] | None = None, limit: int = 1_000
    ) -> tuple[RewardRow, ...]:  # fmt: skip
        """Return what external wallets received in transfers after `after`: fees, commissions and partners' shares."""
        row, wallet = wallet_transfers.c, wallets.c
        received = [int(kind) for kind in (TransferType.FEE, TransferType.COMMISSION, TransferType.PARTNER)]
        query = (
            select(row.transfer, row.at, row.wallet, wallet.client, row.type, row.amount)
            .join(wallets, and_(wallet.platform == row.platform, wallet.wallet == row.wallet))
            .where(row.platform == self._platform, row.transfer > after, row.type.in_(received))
            .where(wallet.external == 1, wallet.company == company)
            .order_by(row.transfer)
            .limit(limit)
        )
        if wallets_of is not None:
            query = query.where(row.wallet.in_(wallets_of))
        with self._lists.reading() as connection:
            return rows_of(connection, query, RewardRow)


def _whole(sum_of: ColumnElement[Any]) -> ColumnElement[int]:
    """Return a sum as int64: PostgreSQL gives sums as decimals."""
    return cast(sum_of, BigInteger)


def _count(which: ColumnElement[bool]) -> ColumnElement[int]:
    return _whole(func.sum(case((which, 1), else_=0)))


def _or_zero(totals: Any) -> list[ColumnElement[int]]:
    return [func.coalesce(column, 0).label(column.name) for column in totals.c if column.name not in ("client", "currency")]


def _of_clients(column: ColumnElement[int], given: ClientFilter) -> list[ColumnElement[bool]]:
    if given.client is None:
        return []
    clients = [given.client] if isinstance(given.client, int) else given.client
    return [column.in_(clients)]
