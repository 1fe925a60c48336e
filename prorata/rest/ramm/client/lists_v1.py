"""Lists of the first version: the ratings, strategies, one's own strategies and investments. Terms stand on the strategy."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import InvestmentType, StrategyStatus
from prorata.reports.charts import SMALL_CHART
from prorata.rest.ramm import past
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.accounts import AccountCardV1, card_v1
from prorata.rest.ramm.client.cards import margin_level_of, target_equity_of, target_of
from prorata.rest.ramm.client.reach import copy_of, my_investments
from prorata.rest.ramm.client.wallets import WalletRow, wallet_rows
from prorata.rest.ramm.listed import (
    ACCOUNT_KEYS,
    STRATEGY_KEYS,
    Listed,
    commission_of,
    curve_of_row,
    fee_of,
    is_named,
    listed,
    of_account,
    page_of_listed,
    public_offer_of,
)
from prorata.rest.ramm.reference import account_spec_id
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.values import Text
from prorata.rest.ramm.yields import DayPrice, YieldPoint, monthly_yield, small_chart
from prorata.views.copying.figures import InvestmentFigures, investment_figures
from prorata.views.copying.numbers import factor_of, iso_of, iso_or_none, money_of, share_of_ppm, yield_of_unit
from prorata.views.copying.strategies import strategy_totals

ORDERS: dict[str, Key[Listed]] = {
    **{name: key for name, key in STRATEGY_KEYS.items() if name != "DT"},
    "DTCreated": STRATEGY_KEYS["DT"],
    "Fee": lambda row: None if row.offer is None else row.offer.fee_ppm,
    "Commission": lambda row: None if row.offer is None else row.offer.commission_per_million,
    **{name: key for name, key in ACCOUNT_KEYS.items() if name != "Account.State"},
    "Account.Status": of_account("status"),
}
MY_ORDERS = {name: key for name, key in ORDERS.items() if not name.startswith("Account.")}


class StrategiesFilterV1(Input, frozen=True, kw_only=True):
    """Each that is true narrows the list. Without any: all public strategies, one's own, and those one has invested in."""

    Name: Text | None = None
    MyActiveAccounts: bool = False
    MyStrategies: bool = False
    ActiveStrategies: bool = False


class StrategiesSearchV1(Search, frozen=True, kw_only=True):
    Filter: StrategiesFilterV1 = StrategiesFilterV1()


class MyStrategiesFilter(Input, frozen=True, kw_only=True):
    """`IsActive`: without it all, the closed ones too."""

    Value: Text | None = None
    IsActive: bool | None = None


class MyStrategiesSearch(Search, frozen=True, kw_only=True):
    Filter: MyStrategiesFilter = MyStrategiesFilter()


class AccountsFilter(Input, frozen=True, kw_only=True):
    """`Value`: a part of the strategy's name."""

    Value: Text | None = None
    MyActiveAccounts: bool | None = None


class AccountsSearch(Search, frozen=True, kw_only=True):
    Filter: AccountsFilter = AccountsFilter()


class ListedAccountV1(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    IsSecurity: bool
    Type: int
    AccountSpecAssetID: int
    Asset: str
    TradingIntervalCurrentID: int
    DTCreated: str
    Balance: Decimal
    Bonus: Decimal
    Equity: Decimal
    Margin: Decimal
    MarginLevel: Decimal | None
    IntervalPnL: Decimal
    Status: int
    Factor: Decimal
    MCReached: str | None
    Protection: Decimal
    ProtectionEquity: Decimal
    ProtectionReached: str | None
    Target: Decimal | None
    TargetEquity: Decimal | None
    TargetReached: str | None
    Positions: int
    AccountMinBalance: Decimal
    AvailableToWithdraw: Decimal
    FeePaid: Decimal
    FeeToPay: Decimal


class StrategyRowV1(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Name: str
    DTCreated: str
    DTStat: str
    DTClosed: str | None
    Fee: Decimal | None
    Commission: Decimal | None
    Status: int
    Yield: Decimal
    MonthlyYield: Decimal
    Accounts: int
    Symbols: str
    IsMyStrategy: bool


class StrategyWithAccountV1(StrategyRowV1, frozen=True, kw_only=True):
    Account: ListedAccountV1 | None
    Chart: list[YieldPoint]


class MyStrategyV1(StrategyRowV1, frozen=True, kw_only=True):
    FeePaid: Decimal
    FeeToPay: Decimal
    CommissionPaid: Decimal
    CommissionToPay: Decimal


class StrategiesFoundV1(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    Strategies: list[StrategyWithAccountV1]


class MyStrategiesFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    Strategies: list[MyStrategyV1]


class AccountsFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletRow]
    Accounts: list[AccountCardV1]


# Strategies.


@CLIENT.method("strategies.search", versions=(1,), reads=True)
async def strategies_search_v1(call: Call, given: StrategiesSearchV1) -> StrategiesFoundV1:
    """Public strategies, one's own, and those that one has invested in."""
    part, copy = given.part(ORDERS), copy_of(call)
    chosen = [one for one in _chosen(call, copy, given.Filter) if is_named(one, given.Filter.Name)]
    rows = await listed(call, copy, chosen, call.client.person_id, public_offer_of)
    page, total = await page_of_listed(call, rows, part, ORDERS)
    days = await past.days_of(call, [row.number for row in page])
    return StrategiesFoundV1(
        **echo_of(given, part, total),
        Wallets=wallet_rows(call),
        Strategies=[_with_account(row, days) for row in page],
    )


def _chosen(call: Call, copy: CopyDesk, wanted: StrategiesFilterV1) -> Iterable[Strategy]:
    client = call.client.person_id
    invested = {strategy.number for strategy, _ in my_investments(call, closed=False)}
    for strategy in copy.state.strategies.values():
        if strategy.company != call.company.id:
            continue
        mine, open_ = strategy.client == client, strategy.status != StrategyStatus.CLOSED
        seen = mine or strategy.number in invested or (strategy.public_offer and open_)
        if not seen or (wanted.MyStrategies and not mine):
            continue
        if wanted.MyActiveAccounts and strategy.number not in invested:
            continue
        if wanted.ActiveStrategies and strategy.status != StrategyStatus.ACTIVE:
            continue
        yield strategy


def _strategy_v1(row: Listed) -> StrategyRowV1:
    strategy, unit_price = row.strategy, row.figures.unit_price
    return StrategyRowV1(
        ID=strategy.number,
        Name=strategy.name,
        DTCreated=iso_of(strategy.created_at),
        DTStat=iso_of(strategy.created_at),
        DTClosed=iso_or_none(strategy.closed_at),
        Fee=fee_of(row),
        Commission=commission_of(row),
        Status=int(strategy.status),
        Yield=yield_of_unit(unit_price),
        MonthlyYield=monthly_yield(strategy, unit_price, row.now),
        Accounts=row.figures.accounts,
        Symbols=row.symbols,
        IsMyStrategy=row.mine,
    )


def _with_account(row: Listed, days: dict[int, list[DayPrice]]) -> StrategyWithAccountV1:
    return StrategyWithAccountV1(
        **_fields(_strategy_v1(row)), Account=_account_v1(row), Chart=small_chart(curve_of_row(row, days), SMALL_CHART)
    )  # fmt: skip


def _fields(row: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def _account_v1(row: Listed) -> ListedAccountV1 | None:
    figures, currency = row.account, row.strategy.currency
    if figures is None:
        return None
    return ListedAccountV1(
        ID=figures.number,
        IsSecurity=figures.type == InvestmentType.OWN,
        Type=figures.type,
        AccountSpecAssetID=account_spec_id(row.strategy.company, currency),
        Asset=currency,
        TradingIntervalCurrentID=figures.interval,
        DTCreated=iso_of(figures.opened_at),
        Balance=money_of(figures.balance, currency),
        Bonus=money_of(0, currency),
        Equity=money_of(figures.equity, currency),
        Margin=money_of(figures.margin, currency),
        MarginLevel=margin_level_of(figures),
        IntervalPnL=money_of(figures.interval_gross, currency),
        Status=figures.status,
        Factor=factor_of(figures.factor),
        MCReached=iso_or_none(figures.called_at),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        ProtectionEquity=money_of(figures.protection_equity, currency),
        ProtectionReached=iso_or_none(figures.protected_at),
        Target=target_of(figures),
        TargetEquity=target_equity_of(figures, currency),
        TargetReached=iso_or_none(figures.target_at),
        Positions=figures.positions,
        AccountMinBalance=money_of(figures.least_balance, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
        FeePaid=money_of(figures.fees, currency),
        FeeToPay=money_of(figures.fee_due, currency),
    )


@CLIENT.method("myStrategies.search", versions=(1,), reads=True)
async def my_strategies_search(call: Call, given: MyStrategiesSearch) -> MyStrategiesFound:
    """One's own strategies, with what they have brought."""
    part, copy, client = given.part(MY_ORDERS), copy_of(call), call.client.person_id
    wanted = given.Filter
    mine = (one for one in copy.state.strategies.values() if one.client == client and one.company == call.company.id)
    chosen = [one for one in mine if is_named(one, wanted.Value) and wanted.IsActive in (None, _is_active(one))]
    rows = await listed(call, copy, chosen, client, public_offer_of)
    page, total = await page_of_listed(call, rows, part, MY_ORDERS)
    return MyStrategiesFound(
        **echo_of(given, part, total), Wallets=wallet_rows(call), Strategies=[_my_strategy(copy, row) for row in page]
    )


def _is_active(strategy: Strategy) -> bool:
    return strategy.status != StrategyStatus.CLOSED


def _my_strategy(copy: CopyDesk, row: Listed) -> MyStrategyV1:
    totals, currency = strategy_totals(copy, row.strategy), row.strategy.currency
    return MyStrategyV1(
        **_fields(_strategy_v1(row)),
        FeePaid=money_of(totals.fee_paid, currency),
        FeeToPay=money_of(totals.fee_due, currency),
        CommissionPaid=money_of(totals.commission_paid, currency),
        CommissionToPay=money_of(totals.commission_due, currency),
    )


# Investments.

Investment = tuple[Strategy, InvestmentFigures]

ACCOUNTS_ORDERS: dict[str, Callable[[Investment], object]] = {
    "ID": lambda one: one[1].number,
    "DT": lambda one: one[1].opened_at,
    "DTClosed": lambda one: one[1].closed_at or None,
    "Strategy.Name": lambda one: one[0].name.casefold(),
    "Type": lambda one: one[1].type,
    "Status": lambda one: one[1].status,
    "Balance": lambda one: one[1].balance,
    "Equity": lambda one: one[1].equity,
    "Factor": lambda one: one[1].factor,
    "TotalProfit": lambda one: one[1].total_profit,
}


@CLIENT.method("accounts.search", versions=(1,), reads=True)
async def accounts_search(call: Call, given: AccountsSearch) -> AccountsFound:
    """The client's investments."""
    part, copy, wanted = given.part(ACCOUNTS_ORDERS), copy_of(call), given.Filter
    closed = None if wanted.MyActiveAccounts is None else not wanted.MyActiveAccounts
    mine = [one for one in my_investments(call, closed=closed) if is_named(one[0], wanted.Value)]
    rows = [(strategy, investment_figures(copy, strategy, place)) for strategy, place in mine]
    page, total = page_of(rows, part, ACCOUNTS_ORDERS, lambda one: one[1].number)
    return AccountsFound(
        **echo_of(given, part, total),
        Wallets=wallet_rows(call),
        Accounts=[card_v1(copy, strategy, figures) for strategy, figures in page],
    )
