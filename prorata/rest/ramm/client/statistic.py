"""A client's totals: over his wallet, his investments and his strategies."""

from decimal import Decimal

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy, Wallet
from prorata.messages.copy_terms import InvestmentState, StrategyStatus
from prorata.projections.copying.filters import ClientFilter
from prorata.projections.copying.total_rows import ClientTotalsRow
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, find_my_wallet
from prorata.rest.ramm.past import lists_of
from prorata.rest.ramm.registry import CLIENT
from prorata.units.numbers import Minor
from prorata.views.copying.figures import InvestmentList
from prorata.views.copying.numbers import lots_of, money_of
from prorata.views.copying.strategies import strategy_totals


class ClientStatisticRow(msgspec.Struct, frozen=True, kw_only=True):
    """`Accounts...` are of investments, `Strategies...` of one's own strategies.

    A fee is paid when it is charged, so charged and paid are one figure; `StrategiesFeeDue` is what the traders' fees would
    be if the intervals ended now. `AccountsPastProfit`: of earlier intervals, after fees. `DealsVolume` is in lots.
    """

    IDClient: int
    IDCompany: int
    Test: int
    AccountsBalance: Decimal
    AccountsEquity: Decimal
    AccountsProfitCurrentIntervalGross: Decimal
    AccountsProfitPositionsGross: Decimal
    AccountsPastProfit: Decimal
    AccountsFeeCharged: Decimal
    AccountsFeePaid: Decimal
    AccountsCommissionPaid: Decimal
    AccountsActive: int
    AccountsClosed: int
    StrategiesActive: int
    StrategiesClosed: int
    StrategiesFeeReceived: Decimal
    StrategiesFeeDue: Decimal
    StrategiesCommissionReceived: Decimal
    StrategiesCommissionDue: Decimal
    WalletTransfersTotalIn: Decimal
    WalletTransfersTotalOut: Decimal
    WalletTransfersTotalDelta: Decimal
    Swap: Decimal
    DealsVolume: Decimal
    WalletsTotalBalance: Decimal
    PositionsCount: int
    Login: str


@CLIENT.method("statistic.get", reads=True)
async def statistic_get(call: Call) -> ClientStatisticRow:
    """Totals of the client."""
    me, currency = call.client, call.company.currency
    wanted = ClientFilter(client=me.person_id, currency=currency)
    totals = await call.sql(lists_of(call).client_totals(wanted).one)
    return statistic_row(
        copy_of(call), find_my_wallet(call), totals, client=me.person_id, company=call.company.id, currency=currency,
        test=me.test, login=me.login,
    )  # fmt: skip


def statistic_row(
    copy: CopyDesk, wallet: Wallet | None, totals: ClientTotalsRow | None, *, client: int, company: int, currency: str,
    test: bool, login: str,
) -> ClientStatisticRow:  # fmt: skip
    """Return a client's totals. `totals`: what the tables have added up; None for one who has done nothing."""
    strategies = [one for one in copy.state.strategies.values() if one.client == client and one.company == company]
    numbers = () if wallet is None else copy.investments_of.get(wallet.number, ())
    every = InvestmentList.of_numbers(copy, numbers)
    active = every.where(every["state"] != InvestmentState.CLOSED)
    earned = [strategy_totals(copy, strategy) for strategy in strategies]

    def money(amount: Minor) -> Decimal:
        return money_of(amount, currency)

    funds_in, funds_out = (0, 0) if totals is None else (totals.funds_in, totals.funds_out)
    fees, interval = every.total("fees"), active.total("interval_gross")
    return ClientStatisticRow(
        IDClient=client,
        IDCompany=company,
        Test=int(test),
        AccountsBalance=money(active.total("balance")),
        AccountsEquity=money(active.total("equity")),
        AccountsProfitCurrentIntervalGross=money(interval),
        AccountsProfitPositionsGross=money(active.total("floating") + active.total("swap")),
        AccountsPastProfit=money(every.total("total_profit") - interval),
        AccountsFeeCharged=money(fees),
        AccountsFeePaid=money(fees),
        AccountsCommissionPaid=money(every.total("total_commission")),
        AccountsActive=len(active),
        AccountsClosed=len(every) - len(active),
        StrategiesActive=_count(strategies, closed=False),
        StrategiesClosed=_count(strategies, closed=True),
        StrategiesFeeReceived=money(sum(one.fee_paid for one in earned)),
        StrategiesFeeDue=money(sum(one.fee_due for one in earned)),
        StrategiesCommissionReceived=money(sum(one.commission_paid for one in earned)),
        StrategiesCommissionDue=money(sum(one.commission_due for one in earned)),
        WalletTransfersTotalIn=money(funds_in),
        WalletTransfersTotalOut=money(funds_out),
        WalletTransfersTotalDelta=money(funds_in - funds_out),
        Swap=money(0 if totals is None else totals.swap),
        DealsVolume=lots_of(0 if totals is None else totals.volume),
        WalletsTotalBalance=money(0 if wallet is None else wallet.balance),
        PositionsCount=active.total("positions"),
        Login=login,
    )


def _count(strategies: list[Strategy], *, closed: bool) -> int:
    return sum((strategy.status == StrategyStatus.CLOSED) == closed for strategy in strategies)
