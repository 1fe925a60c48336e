"""Strategies of the company: found, looked at, and what they have dealt in.

Yields are fractions (0.05 is 5 %), also where a filter names them; a commission is a share of the turnover.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from prorata.control.clients import Names
from prorata.copying.state import Offer, Strategy
from prorata.messages.copy_terms import OfferType, StrategyStatus
from prorata.reports.charts import LARGE_CHART, SMALL_CHART
from prorata.reports.exposure import symbol_shares
from prorata.rest.ramm import past
from prorata.rest.ramm.account_rows import commission_rate_of
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import percent_of
from prorata.rest.ramm.errors import invalid_input
from prorata.rest.ramm.listed import STRATEGY_KEYS, Listed, curve_of_row, is_named, listed, public_offer_of, with_symbols
from prorata.rest.ramm.manager.clients import client_of
from prorata.rest.ramm.manager.reach import company_strategies, copy_of, strategy_of
from prorata.rest.ramm.reference import TRADING_CORE
from prorata.rest.ramm.registry import MANAGER
from prorata.rest.ramm.searching import Found, Key, Search, echo_of, page_of
from prorata.rest.ramm.values import Code, Id, Real, Text, Time
from prorata.rest.ramm.yields import (
    ChartPoint,
    DayPrice,
    YieldPoint,
    YieldsView,
    chart_of,
    monthly_yield,
    small_chart,
    yields_view,
)
from prorata.units.rounding import div_half_even
from prorata.views.copying.numbers import iso_of, iso_or_none, money_of, share_of_ppm, unit_price, yield_of_unit
from prorata.views.copying.strategies import strategy_totals

_NOBODY = Names("", "")
_HUNDREDTH = 10_000
"""parts in a million"""


class StrategiesFilter(Input, frozen=True, kw_only=True):
    """Times: from, inclusive; to, exclusive. `Symbols`: all of them are among the three that it has dealt in most.

    `Value` is looked for in name, trader's login and external account, or is the number.
    """

    WalletID: Id | None = None
    ClientID: Id | None = None
    Name: Text | None = None
    DTClosedFrom: Time | None = None
    DTClosedTo: Time | None = None
    DTCreatedFrom: Time | None = None
    DTCreatedTo: Time | None = None
    YieldFrom: Real | None = None
    YieldTo: Real | None = None
    Status: Code | None = None
    Symbols: Text | None = None
    TraderLogin: Text | None = None
    Value: Text | None = None
    ExternalAccount: Text | None = None
    Closed: bool | None = None
    AccountingSystem: Code | None = None


class StrategiesSearch(Search, frozen=True, kw_only=True):
    Filter: StrategiesFilter = StrategiesFilter()


class StrategyOfId(Input, frozen=True, kw_only=True):
    ID: Id


class StrategyFields(msgspec.Struct, frozen=True, kw_only=True):
    """What list and card have in common. The terms are those of the public offer, else of the newest one for others.

    `Accounts`: investments that are not closed, the trader's own among them. `Leverage`: what is used of it.
    """

    ID: int
    AccountingSystem: int
    WalletID: int
    TradingCoreID: int
    Name: str
    DTCreated: str
    DTClosed: str | None
    DTStat: str
    DTStamp: str
    Commission: Decimal
    Fee: Decimal
    PartnerShare: Decimal
    Yield: Decimal
    Accounts: int
    Status: int
    Symbols: str
    UnitPrice: Decimal
    Leverage: Decimal
    MonthlyYield: Decimal
    TraderLogin: str
    ExternalServer: str
    ExternalAccount: str


class StrategyRow(StrategyFields, frozen=True, kw_only=True):
    ClientID: int
    Yields: YieldsView
    Chart: list[YieldPoint]


class StrategyCard(StrategyFields, frozen=True, kw_only=True):
    """`Equity`: of all its investments."""

    CompanyID: int
    TraderID: int
    Demo: bool
    Equity: Decimal
    TraderLastName: str
    TraderFirstName: str
    CompanyName: str
    Chart: list[ChartPoint]


class StrategiesFound(Found, frozen=True, kw_only=True):
    Strategies: list[StrategyRow]


class SymbolShareView(msgspec.Struct, frozen=True):
    """In percent of the turnover of the trader's own deals."""

    Symbol: str
    Share: Decimal


class SymbolStat(msgspec.Struct, frozen=True):
    StrategySymbolStat: list[SymbolShareView]


_KEYS: dict[str, Key[Listed]] = {
    "ID": STRATEGY_KEYS["ID"],
    "ClientID": lambda row: row.strategy.client,
    "WalletID": lambda row: row.strategy.wallet,
    "Name": STRATEGY_KEYS["Name"],
    "DTCreated": lambda row: row.strategy.created_at,
    "DTClosed": STRATEGY_KEYS["DTClosed"],
    "Yield": STRATEGY_KEYS["Yield"],
    "Accounts": STRATEGY_KEYS["Accounts"],
    "Status": STRATEGY_KEYS["Status"],
    "Symbols": STRATEGY_KEYS["Symbols"],
    "UnitPrice": lambda row: row.figures.unit_price,
    "Leverage": lambda row: row.figures.leverage_ppm,
    "MonthlyYield": STRATEGY_KEYS["MonthlyYield"],
}
ORDERS = (*_KEYS, "TraderLogin")


@MANAGER.method("strategies.search", reads=True)
async def strategies_search(call: Call, given: StrategiesSearch) -> StrategiesFound:
    """Find strategies of the company."""
    part, wanted = given.part(ORDERS), given.Filter
    if wanted.Status is not None and wanted.Status not in set(StrategyStatus):
        raise invalid_input("Filter.Status", "expected 0 to 4")
    copy = copy_of(call)
    found = [strategy for strategy in company_strategies(copy, call.company.id) if _is_meant(strategy, wanted)]
    traders = await _names(call, found)
    found = [strategy for strategy in found if _is_called(strategy, wanted, traders)]
    rows = [row for row in await listed(call, copy, found, None, shown_offer_of) if _has_yield(row, wanted)]
    by_symbols = part.field == "Symbols" or wanted.Symbols is not None
    if by_symbols:
        rows = [row for row in await with_symbols(call, rows) if _has_symbols(row, wanted.Symbols)]

    def trader_login(row: Listed) -> str:
        return traders.get(row.strategy.client, _NOBODY).login.casefold()

    page, total = page_of(rows, part, {**_KEYS, "TraderLogin": trader_login}, _KEYS["ID"])
    if not by_symbols:
        page = await with_symbols(call, page)
    days = await past.days_of(call, [row.number for row in page])
    shown = [_row(row, traders, days) for row in page]
    return StrategiesFound(**echo_of(given, part, total), Strategies=shown)


@MANAGER.method("strategies.get", reads=True)
async def strategies_get(call: Call, given: StrategyOfId) -> StrategyCard:
    """One strategy, with its yield curve."""
    strategy = strategy_of(call, given.ID)
    trader = await client_of(call, strategy.client, "ID")
    (row,) = await with_symbols(call, await listed(call, copy_of(call), [strategy], None, shown_offer_of))
    days = await past.days_of(call, [strategy.number])
    company = call.company
    return StrategyCard(
        **_fields(row, trader.login),
        CompanyID=strategy.company,
        TraderID=strategy.client,
        Demo=company.demo,
        Equity=money_of(strategy_totals(copy_of(call), strategy).equity, strategy.currency),
        TraderLastName=trader.last_name,
        TraderFirstName=trader.first_name,
        CompanyName=company.name,
        Chart=chart_of(curve_of_row(row, days), LARGE_CHART),
    )


@MANAGER.method("strategysymbolstat.get", also=("strategies.getSymbolStat",), reads=True)
async def strategy_symbol_stat_get(call: Call, given: StrategyOfId) -> SymbolStat:
    """What a strategy has dealt in, by symbol."""
    number = strategy_of(call, given.ID).number
    turnovers = await past.turnovers_of(call, [number])
    return SymbolStat([SymbolShareView(one.symbol, percent_of(one.ppm)) for one in symbol_shares(turnovers.get(number, {}))])


def shown_offer_of(copy: Any, strategy: Strategy) -> Offer | None:
    """Return the offer whose terms are shown: the public one, else the newest for others; None if there is none."""
    public = public_offer_of(copy, strategy)
    if public is not None:
        return public
    for_others = [copy.state.offers[number] for number in strategy.offers]
    return next((offer for offer in reversed(for_others) if offer.type != OfferType.TRADER), None)


# Which ones.


def _is_meant(strategy: Strategy, wanted: StrategiesFilter) -> bool:
    """Say whether a strategy has what it is itself asked to have."""
    equal = (
        (wanted.WalletID, strategy.wallet), (wanted.ClientID, strategy.client), (wanted.Status, strategy.status),
        (wanted.AccountingSystem, strategy.accounting), (wanted.ExternalAccount, strategy.external_account),
        (wanted.Closed, bool(strategy.closed_at)),
    )  # fmt: skip
    return (
        all(asked in (None, value) for asked, value in equal)
        and is_named(strategy, wanted.Name)
        and _is_within(strategy.created_at, wanted.DTCreatedFrom, wanted.DTCreatedTo)
        and _is_within(strategy.closed_at, wanted.DTClosedFrom, wanted.DTClosedTo)
    )


def _is_within(moment: int, since: Time | None, until: Time | None) -> bool:
    """Say whether a moment is in a time. What has not come yet, 0, is in none."""
    if since is None and until is None:
        return True
    return moment > 0 and (since is None or moment >= since) and (until is None or moment < until)


def _is_called(strategy: Strategy, wanted: StrategiesFilter, traders: Mapping[int, Names]) -> bool:
    """Say whether strategy or trader are called as asked for."""
    login = traders.get(strategy.client, _NOBODY).login.casefold()
    if wanted.TraderLogin is not None and wanted.TraderLogin.casefold() not in login:
        return False
    if wanted.Value is None:
        return True
    value = wanted.Value.casefold()
    texts = (strategy.name.casefold(), login, strategy.external_account.casefold())
    return value == str(strategy.number) or any(value in text for text in texts)


def _has_yield(row: Listed, wanted: StrategiesFilter) -> bool:
    total = yield_of_unit(row.figures.unit_price)
    return (wanted.YieldFrom is None or total >= wanted.YieldFrom) and (wanted.YieldTo is None or total <= wanted.YieldTo)


def _has_symbols(row: Listed, symbols: str | None) -> bool:
    wanted = [symbol.strip().upper() for symbol in (symbols or "").split(",") if symbol.strip()]
    dealt = {symbol.strip() for symbol in row.symbols.upper().split(",")}
    return dealt.issuperset(wanted)


# How they are shown.


async def _names(call: Call, strategies: list[Strategy]) -> dict[int, Names]:
    return await call.sql(call.control.clients.logins, call.company.id, sorted({strategy.client for strategy in strategies}))


def _row(row: Listed, traders: Mapping[int, Names], days: Mapping[int, list[DayPrice]]) -> StrategyRow:
    curve = curve_of_row(row, days)
    return StrategyRow(
        **_fields(row, traders.get(row.strategy.client, _NOBODY).login),
        ClientID=row.strategy.client,
        Yields=yields_view(curve, row.strategy.closed_at or row.now),
        Chart=small_chart(curve, SMALL_CHART),
    )


def _fields(row: Listed, login: str) -> dict[str, Any]:
    strategy, figures, offer = row.strategy, row.figures, row.offer
    return {
        "ID": strategy.number,
        "AccountingSystem": int(strategy.accounting),
        "WalletID": strategy.wallet,
        "TradingCoreID": TRADING_CORE,
        "Name": strategy.name,
        "DTCreated": iso_of(strategy.created_at),
        "DTClosed": iso_or_none(strategy.closed_at),
        "DTStat": iso_of(strategy.created_at),
        "DTStamp": iso_of(row.now),
        "Commission": commission_rate_of(0 if offer is None else offer.commission_per_million, strategy.currency),
        "Fee": share_of_ppm(0 if offer is None else offer.fee_ppm),
        "PartnerShare": share_of_ppm(0 if offer is None else offer.partner_ppm, 3),
        "Yield": yield_of_unit(figures.unit_price),
        "Accounts": figures.accounts,
        "Status": int(strategy.status),
        "Symbols": row.symbols,
        "UnitPrice": unit_price(figures.unit_price),
        "Leverage": share_of_ppm(div_half_even(figures.leverage_ppm, _HUNDREDTH) * _HUNDREDTH),
        "MonthlyYield": monthly_yield(strategy, figures.unit_price, row.now),
        "TraderLogin": login,
        "ExternalServer": strategy.external_server,
        "ExternalAccount": strategy.external_account,
    }
