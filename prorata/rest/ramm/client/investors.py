"""Investments into a strategy as its trader sees them: who they are of is a number, what they deal in is not shown."""

from decimal import Decimal

import msgspec

from prorata.messages.copy_terms import InvestmentState
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.reach import copy_of, my_strategy
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import OrderByFound, PaginationFound, Search, echo_of
from prorata.rest.ramm.values import Id
from prorata.views.copying.figures import InvestmentFigures, InvestmentList
from prorata.views.copying.numbers import iso_of, iso_or_none, money_of

ACTIVE_ORDERS = {
    "ID": "number", "DT": "opened_at", "Equity": "equity", "ProfitCurrentIntervalGross": "interval_gross",
    "FeePaid": "fees", "TotalCommissionTrader": "trader_commission", "FeeToPay": "fee_due", "IsMyAccount": "type",
    "TotalProfitNet": "total_profit_net",
}  # fmt: skip
"""order-by fields -> figures; the trader's own investment has the lowest type"""
CLOSED_ORDERS = {
    "ID": "number", "DT": "opened_at", "DTClosed": "closed_at", "FeePaid": "fees",
    "TotalCommissionTrader": "trader_commission", "IsMyStrategy": "type", "IsMyAccount": "type",
    "TotalProfitNet": "total_profit_net",
}  # fmt: skip


class InvestorsSearch(Search, frozen=True, kw_only=True):
    StrategyID: Id


class ActiveInvestor(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    DT: str
    State: int
    Equity: Decimal
    ProfitCurrentIntervalGross: Decimal
    FeePaid: Decimal
    TotalCommissionTrader: Decimal
    FeeToPay: Decimal
    TotalProfitNet: Decimal
    IsMyAccount: bool
    ClientID: int


class ClosedInvestor(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    DT: str
    DTClosed: str | None
    FeePaid: Decimal
    TotalCommissionTrader: Decimal
    TotalProfitNet: Decimal
    IsMyAccount: bool
    ClientID: int


class ActiveInvestors(msgspec.Struct, frozen=True, kw_only=True):
    StrategyID: int
    Pagination: PaginationFound
    OrderBy: OrderByFound
    Accounts: list[ActiveInvestor]


class ClosedInvestors(msgspec.Struct, frozen=True, kw_only=True):
    StrategyID: int
    Pagination: PaginationFound
    OrderBy: OrderByFound
    Accounts: list[ClosedInvestor]


@CLIENT.method("myStrategies.getActiveAccounts", reads=True)
async def my_strategies_get_active_accounts(call: Call, given: InvestorsSearch) -> ActiveInvestors:
    """Open investments into one of the client's strategies."""
    strategy, part = my_strategy(call, given.StrategyID), given.part(ACTIVE_ORDERS)
    every = InvestmentList(copy_of(call), [strategy])
    found = every.where(every["state"] != InvestmentState.CLOSED)
    order = found.order(ACTIVE_ORDERS[part.field], descending=part.descending)
    page, sections = found.figures(order[part.offset : part.offset + part.limit]), echo_of(given, part, len(found))
    return ActiveInvestors(
        StrategyID=strategy.number,
        Pagination=sections["Pagination"],
        OrderBy=sections["OrderBy"],
        Accounts=[_active(one, strategy.currency, mine=one.client == strategy.client) for one in page],
    )


def _active(figures: InvestmentFigures, currency: str, *, mine: bool) -> ActiveInvestor:
    return ActiveInvestor(
        ID=figures.number,
        DT=iso_of(figures.opened_at),
        State=figures.state,
        Equity=money_of(figures.equity, currency),
        ProfitCurrentIntervalGross=money_of(figures.interval_gross, currency),
        FeePaid=money_of(figures.fees, currency),
        TotalCommissionTrader=money_of(figures.trader_commission, currency),
        FeeToPay=money_of(figures.fee_due, currency),
        TotalProfitNet=money_of(figures.total_profit_net, currency),
        IsMyAccount=mine,
        ClientID=figures.client,
    )


@CLIENT.method("myStrategies.getClosedAccounts", reads=True)
async def my_strategies_get_closed_accounts(call: Call, given: InvestorsSearch) -> ClosedInvestors:
    """Closed investments into one of the client's strategies."""
    strategy, part = my_strategy(call, given.StrategyID), given.part(CLOSED_ORDERS)
    every = InvestmentList(copy_of(call), [strategy])
    found = every.where(every["state"] == InvestmentState.CLOSED)
    order = found.order(CLOSED_ORDERS[part.field], descending=part.descending)
    page, sections = found.figures(order[part.offset : part.offset + part.limit]), echo_of(given, part, len(found))
    return ClosedInvestors(
        StrategyID=strategy.number,
        Pagination=sections["Pagination"],
        OrderBy=sections["OrderBy"],
        Accounts=[_closed(one, strategy.currency, mine=one.client == strategy.client) for one in page],
    )


def _closed(figures: InvestmentFigures, currency: str, *, mine: bool) -> ClosedInvestor:
    return ClosedInvestor(
        ID=figures.number,
        DT=iso_of(figures.opened_at),
        DTClosed=iso_or_none(figures.closed_at),
        FeePaid=money_of(figures.fees, currency),
        TotalCommissionTrader=money_of(figures.trader_commission, currency),
        TotalProfitNet=money_of(figures.total_profit_net, currency),
        IsMyAccount=mine,
        ClientID=figures.client,
    )
