"""Lists of who and what there is in copy trading: wallets, strategies, offers, investments, and how they changed."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from prorata.messages.copy_terms import InvestmentState
from prorata.projections.asked import Asked
from prorata.projections.copying.block_tables import investment_days, investment_states
from prorata.projections.copying.filters import (
    CommandFilter,
    InvestmentDayFilter,
    InvestmentFilter,
    OfferFilter,
    ReservationFilter,
    StateFilter,
    StrategyDayFilter,
    StrategyFilter,
    SymbolFilter,
    TransferFilter,
    WalletFilter,
)
from prorata.projections.copying.questions import CopyQuestions
from prorata.projections.copying.register_rows import (
    CopyCommandRow,
    InvestmentDayRow,
    InvestmentRow,
    OfferRow,
    ReservationRow,
    StateRow,
    StrategyDayRow,
    StrategyRow,
    SymbolShareRow,
    WalletRow,
    WalletTransferRow,
)
from prorata.projections.copying.tables import (
    copy_commands,
    investments,
    reservations,
    strategies,
    strategy_days,
    strategy_offers,
    strategy_symbols,
    wallet_transfers,
    wallets,
)


class CopyRegister(CopyQuestions):
    # Wallets.

    def wallets(self, given: WalletFilter) -> Asked[WalletRow]:
        return self._of_table(wallets, WalletRow, given, ("wallet",))

    def transfers(self, given: TransferFilter) -> Asked[WalletTransferRow]:
        row, wallet, strategy = wallet_transfers.c, wallets.c, strategies.c
        query = (
            select(
                *row, wallet.client, wallet.company, wallet.currency, wallet.test,
                func.coalesce(strategy.name, "").label("strategy_name"),
            )
            .join(wallets, and_(wallet.platform == row.platform, wallet.wallet == row.wallet))
            .outerjoin(strategies, and_(strategy.platform == row.platform, strategy.strategy == row.strategy))
            .where(row.platform == self._platform)
        )  # fmt: skip
        return self._asked(WalletTransferRow, query, given, ("transfer",))

    def reservations(self, given: ReservationFilter) -> Asked[ReservationRow]:
        return self._of_table(reservations, ReservationRow, given, ("reservation",))

    # Strategies.

    def strategies(self, given: StrategyFilter) -> Asked[StrategyRow]:
        return self._of_table(strategies, StrategyRow, given, ("strategy",))

    def strategy_days(self, given: StrategyDayFilter) -> Asked[StrategyDayRow]:
        return self._of_table(strategy_days, StrategyDayRow, given, ("strategy", "day"))

    def symbols(self, given: SymbolFilter) -> Asked[SymbolShareRow]:
        """List what traders have dealt in; a symbol's share is its turnover to that of all."""
        return self._of_table(strategy_symbols, SymbolShareRow, given, ("strategy", "symbol"))

    def offers(self, given: OfferFilter) -> Asked[OfferRow]:
        offer, investment = strategy_offers.c, investments.c

        def count(*where: ColumnElement[bool]) -> ColumnElement[int]:
            here = (investment.platform == offer.platform, investment.offer == offer.offer, *where)
            return select(func.count()).select_from(investments).where(*here).scalar_subquery()

        open_ones = count(investment.state < int(InvestmentState.CLOSED))
        columns = (*offer, open_ones.label("investments"), count().label("investments_ever"))
        return self._asked(OfferRow, select(*columns).where(offer.platform == self._platform), given, ("offer",))

    # Investments.

    def investments(self, given: InvestmentFilter) -> Asked[InvestmentRow]:
        return self._asked(InvestmentRow, self._investments(), given, ("investment",))

    def _investments(self) -> Select[Any]:
        row, strategy = investments.c, strategies.c
        return (
            select(*row, strategy.name.label("strategy_name"), strategy.currency, strategy.accounting)
            .join(strategies, and_(strategy.platform == row.platform, strategy.strategy == row.strategy))
            .where(row.platform == self._platform)
        )

    def states(self, given: StateFilter) -> Asked[StateRow]:
        """List the states that investments entered, and the quotes that made them do so."""
        source = self._joined(investment_states, given, "state", "command", "stop_out", "symbol", "bid", "ask")
        return self._read(StateRow, source, given)

    def investment_days(self, given: InvestmentDayFilter) -> Asked[InvestmentDayRow]:
        return self._read(InvestmentDayRow, self._joined(investment_days, given, "day"), given)

    def commands(self, given: CommandFilter) -> Asked[CopyCommandRow]:
        return self._of_table(copy_commands, CopyCommandRow, given, ("command",))
