"""The ratings of the first version."""

from decimal import Decimal
from enum import IntEnum

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.messages.copy_terms import InvestmentType, ManageType
from prorata.reports.charts import SMALL_CHART
from prorata.reports.ratings import age_days, all_strategies, popular, rating
from prorata.rest.ramm import past
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import target_equity_of, target_of
from prorata.rest.ramm.client.reach import copy_of, my_investments
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.listed import (
    Listed,
    commission_of,
    curve_of_row,
    fee_of,
    is_named,
    listed,
    listing_of,
    public_offer_of,
    rating_rules,
    with_symbols,
)
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import PaginationAsked, PaginationFound, Search, echo_of
from prorata.rest.ramm.values import Code, Text
from prorata.rest.ramm.yields import DayPrice, YieldPoint, monthly_yield, small_chart
from prorata.views.copying.figures import investment_figures
from prorata.views.copying.numbers import factor_of, money_of, share_of_ppm, yield_of_unit


class RatingType(IntEnum):
    RATING = 0
    ALL = 1
    POPULAR = 2


class RatingsFilter(Input, frozen=True, kw_only=True):
    RatingType: Code = RatingType.RATING.value
    StrategyName: Text | None = None


class RatingsAsked(Input, frozen=True, kw_only=True):
    Filter: RatingsFilter = RatingsFilter()
    Pagination: PaginationAsked = PaginationAsked()


class MyFunds(msgspec.Struct, frozen=True):
    """Of open investments: what was put in less what was taken out, and what they are worth less the fee due now."""

    InvestedNet: Decimal
    EquityNet: Decimal


class RatedStrategy(msgspec.Struct, frozen=True, kw_only=True):
    """`SignalSourceType`: 0 by token, 1 by the Manager API. `Type` is 0: there is one kind of strategies."""

    ID: int
    Name: str
    Fee: Decimal | None
    Commission: Decimal | None
    MonthlyYield: Decimal
    Yield: Decimal
    AgeByDays: int
    Symbols: str
    SignalSourceType: int
    IsMyStrategy: bool
    Status: int
    Type: int
    Accounts: int


class RatedAccount(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Type: int
    Equity: Decimal
    ProfitCurrentIntervalNet: Decimal
    TotalProfitNet: Decimal
    TotalProfit: Decimal
    Factor: Decimal
    Target: Decimal | None
    Protection: Decimal
    ProtectionEquity: Decimal
    TargetEquity: Decimal | None
    State: int
    Status: int
    IsSecurity: bool
    Balance: Decimal
    AccountMinBalance: Decimal
    AvailableToWithdraw: Decimal


class Rated(msgspec.Struct, frozen=True):
    Strategy: RatedStrategy
    Account: RatedAccount | None
    Chart: list[YieldPoint]


class Ratings(msgspec.Struct, frozen=True):
    Filter: RatingsFilter
    Pagination: PaginationFound
    MyFunds: MyFunds
    Strategies: list[Rated]


@CLIENT.method("ratings.get", versions=(1,), reads=True)
async def ratings_get(call: Call, given: RatingsAsked) -> Ratings:
    """Strategies that are rated, all of them, or the most popular, with one's own investments in them."""
    kind = rating_type_of(given.Filter)
    copy, client = copy_of(call), call.client.person_id
    strategies = (one for one in copy.state.strategies.values() if one.company == call.company.id)
    public = (one for one in strategies if public_offer_of(copy, one) is not None)
    named = [one for one in public if is_named(one, given.Filter.StrategyName)]
    rows = ranked(call, await listed(call, copy, named, client, public_offer_of), kind)
    part = Search(Pagination=given.Pagination).part(())
    page = await with_symbols(call, rows[part.offset : part.offset + part.limit])
    days = await past.days_of(call, [row.number for row in page])
    pagination = echo_of(Search(Pagination=given.Pagination), part, len(rows))["Pagination"]
    return Ratings(
        given.Filter,
        pagination,
        _my_funds(call, copy),
        [Rated(_rated(row), _rated_account(row), _chart_of(row, days)) for row in page],
    )


def rating_type_of(wanted: RatingsFilter) -> RatingType:
    if wanted.RatingType not in set(RatingType):
        raise invalid_input("Filter.RatingType", "expected 0, 1 or 2")
    return RatingType(wanted.RatingType)


def ranked(call: Call, rows: list[Listed], kind: RatingType) -> list[Listed]:
    """Return rows as a rating has them."""
    listings = [listing_of(row) for row in rows]
    match kind:
        case RatingType.RATING:
            chosen = rating(listings, rating_rules(call), call.platform.now())
        case RatingType.ALL:
            chosen = all_strategies(listings)
        case RatingType.POPULAR:
            chosen = popular(listings)
    by_number = {row.number: row for row in rows}
    return [by_number[listing.strategy] for listing in chosen]


def _my_funds(call: Call, copy: CopyDesk) -> MyFunds:
    mine = [investment_figures(copy, strategy, place) for strategy, place in my_investments(call, closed=False)]
    invested = sum(one.deposited - one.withdrawn for one in mine)
    worth = sum(one.equity - one.fee_due for one in mine)
    return MyFunds(money_of(invested, call.company.currency), money_of(worth, call.company.currency))


def _rated(row: Listed) -> RatedStrategy:
    strategy = row.strategy
    return RatedStrategy(
        ID=strategy.number,
        Name=strategy.name,
        Fee=fee_of(row),
        Commission=commission_of(row),
        MonthlyYield=monthly_yield(strategy, row.figures.unit_price, row.now),
        Yield=yield_of_unit(row.figures.unit_price),
        AgeByDays=age_days(listing_of(row), row.now),
        Symbols=row.symbols,
        SignalSourceType=1 if strategy.manage == ManageType.MANAGER else 0,
        IsMyStrategy=row.mine,
        Status=int(strategy.status),
        Type=0,
        Accounts=row.figures.accounts,
    )


def _rated_account(row: Listed) -> RatedAccount | None:
    figures, currency = row.account, row.strategy.currency
    if figures is None:
        return None
    return RatedAccount(
        ID=figures.number,
        Type=figures.type,
        Equity=money_of(figures.equity, currency),
        ProfitCurrentIntervalNet=money_of(figures.interval_net, currency),
        TotalProfitNet=money_of(figures.total_profit_net, currency),
        TotalProfit=money_of(figures.total_profit, currency),
        Factor=factor_of(figures.factor),
        Target=target_of(figures),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        ProtectionEquity=money_of(figures.protection_equity, currency),
        TargetEquity=target_equity_of(figures, currency),
        State=figures.state,
        Status=figures.status,
        IsSecurity=figures.type == InvestmentType.OWN,
        Balance=money_of(figures.balance, currency),
        AccountMinBalance=money_of(figures.least_balance, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
    )


def _chart_of(row: Listed, days: dict[int, list[DayPrice]]) -> list[YieldPoint]:
    return small_chart(curve_of_row(row, days), SMALL_CHART)
