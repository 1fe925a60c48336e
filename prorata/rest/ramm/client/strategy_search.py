"""Strategies in lists: the rating, the client's own, those that he has invested in, and his closed investments."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import StrategyStatus
from prorata.reports.charts import SMALL_CHART
from prorata.reports.ratings import is_rated
from prorata.rest.ramm import past
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import (
    ListedAccount,
    OfferTerms,
    PartnerInfo,
    TraderInfo,
    listed_account,
    partner_info,
    public_terms_of,
    terms_of,
    trader_info,
)
from prorata.rest.ramm.client.reach import copy_of, my_investments
from prorata.rest.ramm.client.wallets import (
    WalletBesideClosed,
    WalletBesideStrategies,
    wallets_beside_closed,
    wallets_beside_strategies,
)
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.listed import (
    ACCOUNT_KEYS,
    OFFER_KEYS,
    STRATEGY_KEYS,
    Listed,
    curve_of_row,
    is_named,
    listed,
    listing_of,
    of_account,
    page_of_listed,
    public_offer_of,
    rating_rules,
)
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.searching import Found, Key, OrderByAsked, Search, echo_of
from prorata.rest.ramm.values import Count, Real, Text
from prorata.rest.ramm.yields import DayPrice, YieldPoint, YieldsView, monthly_yield, small_chart, yields_view
from prorata.views.copying.figures import investment_figures
from prorata.views.copying.numbers import iso_of, iso_or_none, money_of, yield_of_unit
from prorata.views.copying.strategies import offer_figures, strategy_totals

ORDERS: dict[str, Key[Listed]] = {**STRATEGY_KEYS, **OFFER_KEYS, **ACCOUNT_KEYS}
CLOSED_ORDERS: dict[str, Key[Listed]] = {
    **{("DTCreated" if name == "DT" else name): key for name, key in STRATEGY_KEYS.items()},
    **OFFER_KEYS,
    "Account.ID": of_account("number"),
    "Account.Type": of_account("type"),
    "Account.Asset": ACCOUNT_KEYS["Account.Asset"],
    "Account.DTCreated": of_account("opened_at"),
    "Account.DTClosed": of_account("closed_at"),
    "Account.TotalProfit": of_account("total_profit"),
}

AccountingCode = Annotated[int, Meta(ge=0, le=1)]


class SearchMode(StrEnum):
    RATING = "Rating"
    MY_ACTIVE_STRATEGIES = "MyActiveStrategies"
    MY_CLOSED_STRATEGIES = "MyClosedStrategies"
    MY_ACTIVE_ACCOUNTS = "MyActiveAccounts"


class StrategiesFilter(Input, frozen=True, kw_only=True):
    """The last three are of the rating alone; without them the company's own thresholds hold."""

    SearchMode: Text | None = None
    Name: Text | None = None
    AgeMin: Count | None = None
    DealsMin: Count | None = None
    YieldMin: Real | None = None
    AccountingSystem: AccountingCode | None = None


class StrategiesSearch(Search, frozen=True, kw_only=True):
    Filter: StrategiesFilter = StrategiesFilter()


class NameFilter(Input, frozen=True, kw_only=True):
    Name: Text | None = None


class ClosedSearch(Search, frozen=True, kw_only=True):
    Filter: NameFilter = NameFilter()


class StrategyRow(msgspec.Struct, frozen=True, kw_only=True):
    """`Symbols`: the three that it has dealt in most."""

    ID: int
    Name: str
    AccountingSystem: int
    DTCreated: str
    DTStat: str
    DTClosed: str | None
    Status: int
    Yield: Decimal
    MonthlyYield: Decimal
    Yields: YieldsView
    Accounts: int
    Symbols: str
    IsMyStrategy: bool
    PublicOffer: OfferTerms | None
    TraderInfo: TraderInfo | None
    PartnerInfo: PartnerInfo | None
    Account: ListedAccount | None
    Chart: list[YieldPoint]


class StrategiesFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletBesideStrategies]
    Strategies: list[StrategyRow]


class ClosedAccount(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Type: int
    Asset: str
    DTCreated: str
    DTClosed: str | None
    TotalProfit: Decimal
    Offer: OfferTerms


class StrategyOfClosed(msgspec.Struct, frozen=True, kw_only=True):
    """`ActiveAccountID`: the client's open investment in the same strategy, if he has one."""

    ID: int
    Name: str
    DTCreated: str
    DTStat: str
    DTClosed: str | None
    Status: int
    Yield: Decimal
    MonthlyYield: Decimal
    Accounts: int
    Symbols: str
    IsMyStrategy: bool
    ActiveAccountID: int | None
    PublicOffer: OfferTerms | None
    Account: ClosedAccount


class ClosedFound(Found, frozen=True, kw_only=True):
    Wallets: list[WalletBesideClosed]
    Strategies: list[StrategyOfClosed]


@CLIENT.method("strategies.search", versions=(2,), reads=True)
async def strategies_search(call: Call, given: StrategiesSearch) -> StrategiesFound:
    """The rating, one's own strategies, or those that one has invested in."""
    wanted = given.Filter
    mode = _mode_of(wanted)
    if mode is SearchMode.RATING and not given.OrderBy.Field:
        given = msgspec.structs.replace(given, OrderBy=OrderByAsked(Field="Yield", Direction="Desc"))
    part = given.part(ORDERS)
    copy, client = copy_of(call), call.client.person_id
    chosen = [one for one in _chosen(call, copy, mode) if _fits(one, wanted)]
    rows = await listed(call, copy, chosen, client, public_offer_of)
    if mode is SearchMode.RATING:
        rows = _rated(call, wanted, rows)
    page, total = await page_of_listed(call, rows, part, ORDERS)
    days = await past.days_of(call, [row.number for row in page])
    return StrategiesFound(
        **echo_of(given, part, total),
        Wallets=wallets_beside_strategies(call),
        Strategies=[_row(copy, row, days, client) for row in page],
    )


def _mode_of(wanted: StrategiesFilter) -> SearchMode:
    if wanted.SearchMode is None:
        return SearchMode.RATING
    for mode in SearchMode:
        if mode.lower() == wanted.SearchMode.lower():
            return mode
    raise invalid_input("Filter.SearchMode", f"expected one of {', '.join(SearchMode)}")


def _chosen(call: Call, copy: CopyDesk, mode: SearchMode) -> Iterable[Strategy]:
    client, company = call.client.person_id, call.company.id
    if mode is SearchMode.MY_ACTIVE_ACCOUNTS:
        return [strategy for strategy, _ in my_investments(call, closed=False)]
    strategies = (one for one in copy.state.strategies.values() if one.company == company)
    match mode:
        case SearchMode.RATING:
            return (one for one in strategies if one.public_offer and one.status != StrategyStatus.CLOSED)
        case SearchMode.MY_ACTIVE_STRATEGIES:
            return (one for one in strategies if one.client == client and one.status != StrategyStatus.CLOSED)
        case SearchMode.MY_CLOSED_STRATEGIES:
            return (one for one in strategies if one.client == client and one.status == StrategyStatus.CLOSED)


def _fits(strategy: Strategy, wanted: StrategiesFilter) -> bool:
    if wanted.AccountingSystem is not None and strategy.accounting != wanted.AccountingSystem:
        return False
    return is_named(strategy, wanted.Name)


def _rated(call: Call, wanted: StrategiesFilter, rows: list[Listed]) -> list[Listed]:
    yield_min = None if wanted.YieldMin is None else float(wanted.YieldMin)
    rules = rating_rules(call, age_min=wanted.AgeMin, deals_min=wanted.DealsMin, yield_min=yield_min)
    return [row for row in rows if is_rated(listing_of(row), rules, row.now)]


def _row(copy: CopyDesk, row: Listed, days: dict[int, list[DayPrice]], client: int) -> StrategyRow:
    strategy, unit_price = row.strategy, row.figures.unit_price
    curve = curve_of_row(row, days)
    totals = strategy_totals(copy, strategy) if row.mine else None
    return StrategyRow(
        ID=strategy.number,
        Name=strategy.name,
        AccountingSystem=int(strategy.accounting),
        DTCreated=iso_of(strategy.created_at),
        DTStat=iso_of(strategy.created_at),
        DTClosed=iso_or_none(strategy.closed_at),
        Status=int(strategy.status),
        Yield=yield_of_unit(unit_price),
        MonthlyYield=monthly_yield(strategy, unit_price, row.now),
        Yields=yields_view(curve, row.now),
        Accounts=row.figures.accounts,
        Symbols=row.symbols,
        IsMyStrategy=row.mine,
        PublicOffer=public_terms_of(copy, strategy),
        TraderInfo=None if totals is None else trader_info(strategy, totals),
        PartnerInfo=_partner_info(copy, strategy, client),
        Account=None if row.account is None else listed_account(copy, strategy, row.account),
        Chart=small_chart(curve, SMALL_CHART),
    )


def _partner_info(copy: CopyDesk, strategy: Strategy, client: int) -> PartnerInfo | None:
    wallets = copy.state.wallets
    partners = {copy.state.offers[number].partner_wallet for number in strategy.offers} - {0}
    if not any(wallets[number].client == client for number in partners):
        return None
    return partner_info(copy, strategy, offer_figures(copy, strategy), client)


# Closed investments.


@CLIENT.method("accounts.searchClosed", reads=True)
async def accounts_search_closed(call: Call, given: ClosedSearch) -> ClosedFound:
    """Closed investments with their strategies."""
    copy = copy_of(call)
    part = given.part(CLOSED_ORDERS, default="Account.ID")
    rows: list[Listed] = []
    for strategy, place in my_investments(call, closed=True):
        if is_named(strategy, given.Filter.Name):
            row = (await listed(call, copy, [strategy], None, public_offer_of))[0]
            figures, mine = investment_figures(copy, strategy, place), strategy.client == call.client.person_id
            rows.append(msgspec.structs.replace(row, account=figures, mine=mine))
    page, total = await page_of_listed(call, rows, part, CLOSED_ORDERS, _investment_of)
    return ClosedFound(
        **echo_of(given, part, total),
        Wallets=wallets_beside_closed(call),
        Strategies=[_closed_row(copy, row, call.client.person_id) for row in page],
    )


def _investment_of(row: Listed) -> Any:
    assert row.account is not None
    return row.account.number


def _closed_row(copy: CopyDesk, row: Listed, client: int) -> StrategyOfClosed:
    strategy, figures = row.strategy, row.account
    assert figures is not None
    return StrategyOfClosed(
        ID=strategy.number,
        Name=strategy.name,
        DTCreated=iso_of(strategy.created_at),
        DTStat=iso_of(strategy.created_at),
        DTClosed=iso_or_none(strategy.closed_at),
        Status=int(strategy.status),
        Yield=yield_of_unit(row.figures.unit_price),
        MonthlyYield=monthly_yield(strategy, row.figures.unit_price, row.now),
        Accounts=row.figures.accounts,
        Symbols=row.symbols,
        IsMyStrategy=row.mine,
        ActiveAccountID=copy.investors.get((client, strategy.number)),
        PublicOffer=public_terms_of(copy, strategy),
        Account=ClosedAccount(
            ID=figures.number,
            Type=figures.type,
            Asset=strategy.currency,
            DTCreated=iso_of(figures.opened_at),
            DTClosed=iso_or_none(figures.closed_at),
            TotalProfit=money_of(figures.total_profit, strategy.currency),
            Offer=terms_of(copy.state.offers[figures.offer], strategy.currency),
        ),
    )
