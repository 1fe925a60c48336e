"""Wallets and figures of clients, as the engine has them now and the tables have added them up."""

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from prorata.control.clients import Client
from prorata.control.companies import Company
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_commands import OpenWallet
from prorata.messages.copy_events import WalletKnown, WalletOpened
from prorata.messages.copy_terms import InvestmentState, InvestmentType, StrategyStatus
from prorata.messages.events import Refused
from prorata.projections.copying.filters import ClientFilter as TotalsFilter
from prorata.projections.copying.lists import CopyLists
from prorata.projections.copying.total_rows import ClientTotalsRow
from prorata.rest.own.session import Platform
from prorata.rest.ramm.account_rows import streams_of
from prorata.rest.ramm.call import asked_of
from prorata.rest.ramm.company_terms import put_terms
from prorata.rest.ramm.copying import ClientFigures, ClientStatistic, ClientWallet, OpenedWallet, Stream
from prorata.rest.ramm.errors import failure_of, not_ready
from prorata.rest.ramm.reference import ASSET_IDS
from prorata.views.copying.figures import InvestmentList
from prorata.views.copying.numbers import iso_of, lots_of, money_of
from prorata.views.copying.wallets import wallet_figures

MANY = 1_000
"""Clients from which on all investments of the company are added up, instead of looking for those of each."""
CLIENTS_IN_A_QUESTION = 500


class Origin:
    """Where a client's money came from: the numbers of the documented `Status`, the later one of several."""

    NOTHING, BONUS, PARTNER, TRADER, OWN = range(5)


class Summed(msgspec.Struct):
    """What a client's investments and strategies come to, in the company's currency."""

    active: int = 0
    closed: int = 0
    balance: int = 0
    equity: int = 0
    positions: int = 0
    strategies_active: int = 0
    strategies_closed: int = 0


class EngineCopying:
    """The `Copying` of companies that are on `platforms`."""

    def __init__(self, platforms: Mapping[str, Platform]) -> None:
        self._platforms = platforms

    async def open_wallet(self, company: Company, client: Client, caller: str) -> OpenedWallet:
        platform = self._platform(company)
        await put_terms(platform, company)
        command = OpenWallet(
            client=client.id,
            company=company.id,
            currency=company.currency,
            test=client.test,
            external=bool(client.execution_server and client.execution_account),
        )
        first = (await asked_of(platform, command, caller=f"{company.id} {caller}")).events[0]
        if isinstance(first, Refused):
            raise failure_of(first.code)
        opened = first.first if isinstance(first, WalletKnown) else first
        assert isinstance(opened, WalletOpened)
        return OpenedWallet(opened.wallet, ASSET_IDS[opened.currency], opened.currency)

    async def wallets(self, company: Company, client: Client) -> Sequence[ClientWallet]:
        copy = self._copy(company)
        number = copy.wallet_of.get((client.id, company.currency))
        if number is None:
            return ()
        figures = wallet_figures(copy, copy.state.wallets[number])
        currency = figures.currency
        return (
            ClientWallet(
                ID=figures.number,
                IDClient=figures.client,
                DT=iso_of(figures.opened_at),
                Asset=currency,
                Status=figures.status,
                Balance=money_of(figures.balance, currency),
                Invested=money_of(figures.invested, currency),
                Margin=money_of(figures.margin, currency),
                IntervalPnL=money_of(figures.interval_pnl, currency),
                ActiveStrategiesCount=figures.active_strategies,
            ),
        )

    async def figures(self, company: Company, clients: Sequence[Client]) -> Mapping[int, ClientFigures]:
        if not clients:
            return {}
        totals = await self._totals(company, clients)
        copy = self._copy(company)
        summed = sums_of_clients(copy, company, clients)
        return {client.id: _figures(copy, company, client, summed, totals.get(client.id)) for client in clients}

    async def statistic(self, company: Company, client: Client) -> ClientStatistic:
        totals = (await self._totals(company, [client])).get(client.id)
        copy = self._copy(company)
        if totals is None:
            return ClientStatistic()
        return _statistic(copy, company, client, totals)

    async def streams(self, company: Company) -> Sequence[Stream]:
        return streams_of(self._copy(company))

    def _platform(self, company: Company) -> Platform:
        platform = self._platforms.get(company.platform)
        if platform is None:
            raise not_ready()
        return platform

    def _copy(self, company: Company) -> CopyDesk:
        return self._platform(company).writer.engine.copy

    async def _totals(self, company: Company, clients: Sequence[Client]) -> dict[int, ClientTotalsRow]:
        """Return what the tables have added up for each client in the company's currency."""
        numbers = None if len(clients) > CLIENTS_IN_A_QUESTION else [client.id for client in clients]
        wanted = TotalsFilter(client=numbers, company=company.id, currency=company.currency)
        asked = CopyLists(self._platform(company).history).client_totals(wanted)
        return {row.client: row for row in await asyncio.to_thread(asked.all)}


def sums_of_clients(copy: CopyDesk, company: Company, clients: Sequence[Client]) -> dict[int, Summed]:
    """Return what the investments and strategies of clients come to; whoever has none is missing."""
    wallets = [copy.wallet_of.get((client.id, company.currency), 0) for client in clients]
    mine = [one for one in copy.state.strategies.values() if (one.company, one.currency) == (company.id, company.currency)]
    if len(clients) > MANY:
        every = InvestmentList(copy, mine)
    else:
        every = InvestmentList.of_numbers(copy, (one for wallet in wallets for one in copy.investments_of.get(wallet, ())))
    every = every.where(every["type"] != InvestmentType.MASTER)
    summed: dict[int, Summed] = {}
    _add_investments(summed, every)
    _add_strategies(summed, mine, {client.id for client in clients})
    return summed


def _add_investments(summed: dict[int, Summed], every: InvestmentList) -> None:
    closed = every["state"] == InvestmentState.CLOSED
    for client, count in every.where(closed).counts_by("client").items():
        summed.setdefault(client, Summed()).closed = count
    active = every.where(~closed)
    for client, count in active.counts_by("client").items():
        summed.setdefault(client, Summed()).active = count
    for client, (balance, equity, positions) in active.sums_by("client", ("balance", "equity", "positions")).items():
        one = summed[client]
        one.balance, one.equity, one.positions = balance, equity, positions


def _add_strategies(summed: dict[int, Summed], strategies: Sequence[Strategy], clients: set[int]) -> None:
    for strategy in strategies:
        if strategy.client in clients:
            one = summed.setdefault(strategy.client, Summed())
            if strategy.status == StrategyStatus.CLOSED:
                one.strategies_closed += 1
            else:
                one.strategies_active += 1


def _figures(
    copy: CopyDesk, company: Company, client: Client, summed: Mapping[int, Summed], totals: ClientTotalsRow | None
) -> ClientFigures:
    number = copy.wallet_of.get((client.id, company.currency))
    if number is None:
        return ClientFigures()
    wallet, one, currency = copy.state.wallets[number], summed.get(client.id, Summed()), company.currency
    return ClientFigures(
        Status=Origin.NOTHING if totals is None else _origin_of(totals),
        ActiveAccountsCount=one.active,
        ActiveAccountsTotalBalance=money_of(one.balance, currency),
        ActiveAccountsTotalEquity=money_of(one.equity, currency),
        ActiveAccountsTotalPositionsCount=one.positions,
        ClosedAccountsCount=one.closed,
        ActiveStrategiesCount=one.strategies_active,
        ClosedStrategiesCount=one.strategies_closed,
        WalletsTotalBalance=money_of(wallet.balance, currency),
        TotalFunds=money_of(wallet.balance + one.balance, currency),
    )


def _origin_of(totals: ClientTotalsRow) -> int:
    if totals.funds_in:
        return Origin.OWN
    if totals.fees_received or totals.commissions_received:
        return Origin.TRADER
    if totals.partner_received:
        return Origin.PARTNER
    return Origin.BONUS if totals.bonus_in else Origin.NOTHING


def _statistic(copy: CopyDesk, company: Company, client: Client, totals: ClientTotalsRow) -> ClientStatistic:
    """Return what a client has done. Investments have no bonus of their own, so net and gross are the same of them."""
    wallet = copy.wallet_of[client.id, company.currency]
    every = InvestmentList.of_numbers(copy, copy.investments_of.get(wallet, ()))
    one = sums_of_clients(copy, company, [client]).get(client.id, Summed())
    balance, equity, floating = (every.total(name) for name in ("balance", "equity", "floating"))
    amounts = {
        "GrossBalance": balance,
        "NetBalance": balance,
        "Equity": equity,
        "NetEquity": equity,
        "ClientFundsTotalIn": totals.funds_in,
        "ClientFundsTotalOut": totals.funds_out,
        "ClientFundsDelta": totals.funds_in - totals.funds_out,
        "ClientBonusDelta": totals.bonus_in - totals.bonus_out,
        "GrossProfit": totals.profit + totals.swap - totals.commission,
        "NetProfit": totals.profit,
        "GrossSwap": totals.swap,
        "CommissionBroker": totals.broker_commission,
        "CommissionTrader": totals.trader_commission,
        "FeeCharged": -totals.fees,
        "FeeReceived": totals.fees_received,
        "CommissionReceived": totals.commissions_received,
        "NetFloatingProfit": floating + every.total("swap"),
    }
    return ClientStatistic(
        ActiveAccounts=one.active,
        ClosedAccounts=one.closed,
        ActiveStrategies=one.strategies_active,
        ClosedStrategies=one.strategies_closed,
        Volume=lots_of(totals.volume),
        **{name: money_of(amount, company.currency) for name, amount in amounts.items()},
    )
