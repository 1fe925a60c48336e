"""A strategy as clients are shown it: its card, its offers, its curve, what it deals in."""

from decimal import Decimal
from typing import Annotated

import msgspec
from msgspec import Meta

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy
from prorata.reports.charts import LARGE_CHART
from prorata.reports.exposure import symbol_shares
from prorata.rest.ramm import past
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import (
    AccountCard,
    LinkedOffer,
    OfferRow,
    OfferTerms,
    PartnerInfo,
    TraderInfo,
    account_card,
    linked_terms_of,
    offer_rows,
    partner_info,
    percent_of,
    public_terms_of,
    trader_info,
)
from prorata.rest.ramm.client.reach import copy_of, linked_offer, seen_strategy
from prorata.rest.ramm.errors import Absent, access_denied, invalid_input
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id, Text
from prorata.rest.ramm.yields import ChartPoint, YieldsView, chart_of, curve_of, monthly_yield, yields_view
from prorata.units.numbers import Moment
from prorata.views.copying.figures import investment_figures
from prorata.views.copying.numbers import iso_of, iso_or_none, money_of, share_of_ppm, yield_of_unit
from prorata.views.copying.portfolio import portfolio_of
from prorata.views.copying.strategies import offer_figures, strategy_figures, strategy_totals

PointsMax = Annotated[int, Meta(ge=4, le=1_000)]
"""25 and 250 are documented"""


class StrategyAsked(Input, frozen=True, kw_only=True):
    """Just one of the two. The first version's clients say `StrategyID`."""

    ID: Id | None = None
    StrategyID: Id | None = None
    Link: Text | None = None


class StrategyOfId(Input, frozen=True, kw_only=True):
    StrategyID: Id


class ChartAsked(Input, frozen=True, kw_only=True):
    StrategyID: Id
    MaxPoints: PointsMax = LARGE_CHART


class StrategyCard(msgspec.Struct, frozen=True, kw_only=True):
    """`Account`: the client's own investment in it, while it is open. `Offers`: for the trader all, for partners theirs."""

    ID: int
    Name: str
    AccountingSystem: int
    Yield: Decimal
    MonthlyYield: Decimal
    Yields: YieldsView
    Accounts: int
    DTCreated: str
    DTStat: str
    DTClosed: str | None
    Equity: Decimal
    IsMyStrategy: bool
    Status: int
    PublicOffer: OfferTerms | None
    LinkOffer: LinkedOffer | None
    TraderInfo: TraderInfo | None
    PartnerInfo: PartnerInfo | None
    Account: AccountCard | None
    Offers: list[OfferRow]


class OffersOfStrategy(msgspec.Struct, frozen=True):
    Offers: list[OfferRow]


class Chart(msgspec.Struct, frozen=True):
    Chart: list[ChartPoint]


class SymbolShare(msgspec.Struct, frozen=True):
    Symbol: str
    Share: Decimal


class Portfolio(msgspec.Struct, frozen=True):
    """Shares are fractions."""

    StrategyPortfolio: list[SymbolShare]


class SymbolStat(msgspec.Struct, frozen=True):
    """Shares are in percent."""

    StrategySymbolStat: list[SymbolShare]


@CLIENT.method("strategies.get", versions=(1, 2), reads=True)
async def strategies_get(call: Call, given: StrategyAsked) -> StrategyCard:
    """One strategy, by its number or by the private link of an offer."""
    strategy, linked = _asked(call, given)
    days = await past.days_of(call, [strategy.number])
    return _card(call, copy_of(call), strategy, linked, days.get(strategy.number, []))


def _asked(call: Call, given: StrategyAsked) -> tuple[Strategy, Offer | None]:
    number = given.ID if given.ID is not None else given.StrategyID
    if (number is None) == (given.Link is None):
        raise invalid_input("ID", "expected either ID or Link")
    if given.Link is not None:
        offer = linked_offer(call, given.Link)
        return copy_of(call).state.strategies[offer.strategy], offer
    assert number is not None
    return seen_strategy(call, number, "ID"), None


def _card(call: Call, copy: CopyDesk, strategy: Strategy, linked: Offer | None, days: list[tuple[Moment, int]]) -> StrategyCard:
    client, currency, now = call.client.person_id, strategy.currency, call.platform.now()
    figures, totals = strategy_figures(copy, strategy), strategy_totals(copy, strategy)
    offers = offer_figures(copy, strategy)
    investment = copy.investors.get((client, strategy.number))
    account = None if investment is None else investment_figures(copy, strategy, strategy.row_of(investment))
    mine = strategy.client == client
    until = strategy.closed_at or now
    return StrategyCard(
        ID=strategy.number,
        Name=strategy.name,
        AccountingSystem=int(strategy.accounting),
        Yield=yield_of_unit(figures.unit_price),
        MonthlyYield=monthly_yield(strategy, figures.unit_price, now),
        Yields=yields_view(curve_of(strategy.created_at, days, (until, figures.unit_price)), now),
        Accounts=figures.accounts,
        DTCreated=iso_of(strategy.created_at),
        DTStat=iso_of(strategy.created_at),
        DTClosed=iso_or_none(strategy.closed_at),
        Equity=money_of(totals.equity, currency),
        IsMyStrategy=mine,
        Status=int(strategy.status),
        PublicOffer=public_terms_of(copy, strategy),
        LinkOffer=None if linked is None else linked_terms_of(linked, currency),
        TraderInfo=trader_info(strategy, totals) if mine else None,
        PartnerInfo=partner_info(copy, strategy, offers, client),
        Account=None if account is None else account_card(copy, strategy, account, client),
        Offers=offer_rows(copy, strategy, offers, client),
    )


@CLIENT.method("strategies.getOffers", versions=(2, 3), reads=True)
async def strategies_get_offers(call: Call, given: StrategyOfId) -> OffersOfStrategy:
    """Offers of a strategy: for its trader all, for a partner those that he has a share of."""
    copy, client = copy_of(call), call.client.person_id
    strategy = copy.state.strategies.get(given.StrategyID)
    if strategy is None or strategy.company != call.company.id:
        raise Absent("StrategyID")
    rows = offer_rows(copy, strategy, offer_figures(copy, strategy), client)
    if not rows:
        seen_strategy(call, given.StrategyID)
    return OffersOfStrategy(rows)


@CLIENT.method("charts.get", versions=(1, 2), reads=True)
async def charts_get(call: Call, given: ChartAsked) -> Chart:
    """Yield curve of a strategy."""
    strategy = seen_strategy(call, given.StrategyID)
    days = await past.days_of(call, [strategy.number])
    last = (strategy.closed_at or call.platform.now(), strategy_figures(copy_of(call), strategy).unit_price)
    return Chart(chart_of(curve_of(strategy.created_at, days.get(strategy.number, []), last), given.MaxPoints))


@CLIENT.method("strategyportfolio.get", versions=(1, 2), reads=True)
async def strategyportfolio_get(call: Call, given: StrategyOfId) -> Portfolio:
    """What a strategy holds now, by symbol, if the broker shows it."""
    strategy = seen_strategy(call, given.StrategyID)
    if not call.company.shows_portfolio and strategy.client != call.client.person_id:
        raise access_denied("Your broker does not show portfolios")
    shares = portfolio_of(copy_of(call), strategy)
    return Portfolio([SymbolShare(share.symbol, share_of_ppm(share.ppm, 6)) for share in shares])


@CLIENT.method("strategysymbolstat.get", versions=(1, 2), reads=True)
async def strategysymbolstat_get(call: Call, given: StrategyOfId) -> SymbolStat:
    """What a strategy has dealt in over its life, by symbol."""
    strategy = seen_strategy(call, given.StrategyID)
    turnovers = await past.turnovers_of(call, [strategy.number])
    shares = symbol_shares(turnovers.get(strategy.number, {}))
    return SymbolStat([SymbolShare(share.symbol, percent_of(share.ppm)) for share in shares])
