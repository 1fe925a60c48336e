"""The Partner API: what a page of the company, or of one of its partners, shows of strategies.

A partner's page shows the strategies with an offer that he has a share of, on the terms of that offer; the company's own
page shows those that are public. Nothing of a client is shown.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import msgspec

from prorata.access.copying import is_partner
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy
from prorata.messages.copy_terms import StrategyStatus
from prorata.reports.charts import LARGE_CHART, SMALL_CHART
from prorata.reports.exposure import symbol_shares
from prorata.reports.ratings import age_days
from prorata.rest.ramm import past
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import percent_of
from prorata.rest.ramm.client.ratings import RatingsAsked, ranked, rating_type_of
from prorata.rest.ramm.client.reach import copy_of
from prorata.rest.ramm.client.strategies import Chart, Portfolio, StrategyOfId, SymbolShare, SymbolStat
from prorata.rest.ramm.errors import Absent, access_denied
from prorata.rest.ramm.listed import (
    Listed,
    commission_of,
    curve_of_row,
    fee_of,
    is_named,
    listed,
    listing_of,
    public_offer_of,
    with_symbols,
)
from prorata.rest.ramm.registry import PARTNER
from prorata.rest.ramm.searching import Found, PaginationFound, Search, echo_of, page_of
from prorata.rest.ramm.values import Id, Text, Time
from prorata.rest.ramm.yields import YieldPoint, chart_of, monthly_yield, small_chart
from prorata.views.copying.numbers import iso_of, iso_or_none, money_of, share_of_ppm, yield_of_unit
from prorata.views.copying.portfolio import portfolio_of
from prorata.views.copying.strategies import strategy_totals

SIMPLE = "Simple"


class ShownStrategy(msgspec.Struct, frozen=True, kw_only=True):
    """Yields are fractions of the starting balance."""

    ID: int
    Name: str
    Fee: Decimal | None
    Commission: Decimal | None
    MonthlyYield: Decimal
    Yield: Decimal
    AgeByDays: int
    Symbols: str
    Accounts: int
    Equity: Decimal
    Status: int
    Chart: list[YieldPoint]


class StrategiesShown(msgspec.Struct, frozen=True):
    Filter: Input
    Pagination: PaginationFound
    Strategies: list[ShownStrategy]


class StrategyCard(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Name: str
    Yield: Decimal
    MonthlyYield: Decimal
    AgeByDays: int
    Symbols: str
    Fee: Decimal | None
    Commission: Decimal | None
    Accounts: int
    Equity: Decimal
    DTCreated: str
    DTClosed: str | None
    DTStat: str
    Status: int


class OneStrategy(msgspec.Struct, frozen=True):
    Strategy: StrategyCard


class State(StrEnum):
    """As the third version has it."""

    ACTIVE = "Active"
    HIDDEN = "Hidden"
    CLOSED = "Closed"


class Idea(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy as the third version has it. There are no videos here and no tags, and all are of one type."""

    ID: int
    Name: str
    Type: str
    DTVideo: str | None
    Youtube: str
    State: str
    DTClosed: str | None
    Tags: list[str]


class IdeaOfId(Input, frozen=True, kw_only=True):
    ID: Id


class IdeasFilter(Input, frozen=True, kw_only=True):
    Name: Text | None = None
    Type: Text | None = None
    DTVideoFrom: Time | None = None
    Tag: Text | None = None


class IdeasSearch(Search, frozen=True, kw_only=True):
    Filter: IdeasFilter = IdeasFilter()


class IdeasFound(Found, frozen=True, kw_only=True):
    Strategies: list[Idea]


# Which strategies.


def _offer_shown(call: Call, copy: CopyDesk, strategy: Strategy) -> Offer | None:
    """Return the offer on whose terms the page shows a strategy; None: it does not."""
    partner = call.partner.client_id
    if partner is None:
        return public_offer_of(copy, strategy)
    offers = (copy.state.offers[number] for number in strategy.offers)
    mine = [offer for offer in offers if is_partner(copy, partner, offer)]
    return mine[-1] if mine else None


def _shown(call: Call, copy: CopyDesk) -> Iterable[Strategy]:
    strategies = (one for one in copy.state.strategies.values() if one.company == call.company.id)
    return (one for one in strategies if _offer_shown(call, copy, one) is not None)


async def _one(call: Call, number: int, field: str = "StrategyID") -> Listed:
    """Return a strategy that the page shows. Raises `Absent`."""
    copy = copy_of(call)
    strategy = copy.state.strategies.get(number)
    if strategy is None or strategy.company != call.company.id or _offer_shown(call, copy, strategy) is None:
        raise Absent(field)
    return (await _rows(call, copy, [strategy]))[0]


async def _rows(call: Call, copy: CopyDesk, strategies: Iterable[Strategy]) -> list[Listed]:
    return await listed(call, copy, strategies, None, lambda copy, strategy: _offer_shown(call, copy, strategy))


# The first version.


@PARTNER.method("ratings.get", versions=(1,), reads=True)
async def partner_ratings_get(call: Call, given: RatingsAsked) -> StrategiesShown:
    """Strategies that are rated, all of them, or the most popular."""
    kind, copy = rating_type_of(given.Filter), copy_of(call)
    named = [one for one in _shown(call, copy) if is_named(one, given.Filter.StrategyName)]
    rows = ranked(call, await _rows(call, copy, named), kind)
    search = Search(Pagination=given.Pagination)
    part = search.part(())
    page = await with_symbols(call, rows[part.offset : part.offset + part.limit])
    days = await past.days_of(call, [row.number for row in page])
    pagination = echo_of(search, part, len(rows))["Pagination"]
    charts = [small_chart(curve_of_row(row, days), SMALL_CHART) for row in page]
    shown = [_strategy(copy, row, chart) for row, chart in zip(page, charts, strict=True)]
    return StrategiesShown(given.Filter, pagination, shown)


def _strategy(copy: CopyDesk, row: Listed, chart: list[YieldPoint]) -> ShownStrategy:
    strategy = row.strategy
    return ShownStrategy(
        ID=strategy.number,
        Name=strategy.name,
        Fee=fee_of(row),
        Commission=commission_of(row),
        MonthlyYield=monthly_yield(strategy, row.figures.unit_price, row.now),
        Yield=yield_of_unit(row.figures.unit_price),
        AgeByDays=age_days(listing_of(row), row.now),
        Symbols=row.symbols,
        Accounts=row.figures.accounts,
        Equity=money_of(strategy_totals(copy, strategy).equity, strategy.currency),
        Status=int(strategy.status),
        Chart=chart,
    )


@PARTNER.method("strategies.get", versions=(1,), reads=True)
async def partner_strategies_get(call: Call, given: StrategyOfId) -> OneStrategy:
    """One strategy."""
    row = (await with_symbols(call, [await _one(call, given.StrategyID)]))[0]
    strategy, copy = row.strategy, copy_of(call)
    return OneStrategy(
        StrategyCard(
            ID=strategy.number,
            Name=strategy.name,
            Yield=yield_of_unit(row.figures.unit_price),
            MonthlyYield=monthly_yield(strategy, row.figures.unit_price, row.now),
            AgeByDays=age_days(listing_of(row), row.now),
            Symbols=row.symbols,
            Fee=fee_of(row),
            Commission=commission_of(row),
            Accounts=row.figures.accounts,
            Equity=money_of(strategy_totals(copy, strategy).equity, strategy.currency),
            DTCreated=iso_of(strategy.created_at),
            DTClosed=iso_or_none(strategy.closed_at),
            DTStat=iso_of(strategy.created_at),
            Status=int(strategy.status),
        )
    )


@PARTNER.method("strategies.getChart", versions=(1,), reads=True)
async def partner_strategies_get_chart(call: Call, given: StrategyOfId) -> Chart:
    """Yield curve of a strategy."""
    row = await _one(call, given.StrategyID)
    days = await past.days_of(call, [row.number])
    return Chart(chart_of(curve_of_row(row, days), LARGE_CHART))


@PARTNER.method("strategies.getPortfolio", versions=(1,), reads=True)
async def partner_strategies_get_portfolio(call: Call, given: StrategyOfId) -> Portfolio:
    """What a strategy holds now, by symbol, if the company shows it."""
    row = await _one(call, given.StrategyID)
    if not call.company.shows_portfolio:
        raise access_denied("The company does not show portfolios")
    shares = portfolio_of(copy_of(call), row.strategy)
    return Portfolio([SymbolShare(share.symbol, share_of_ppm(share.ppm, 6)) for share in shares])


@PARTNER.method("strategies.getSymbolStat", versions=(1,), reads=True)
async def partner_strategies_get_symbol_stat(call: Call, given: StrategyOfId) -> SymbolStat:
    """What a strategy has dealt in over its life, by symbol."""
    row = await _one(call, given.StrategyID)
    turnovers = await past.turnovers_of(call, [row.number])
    shares = symbol_shares(turnovers.get(row.number, {}))
    return SymbolStat([SymbolShare(share.symbol, percent_of(share.ppm)) for share in shares])


# The third version.


@PARTNER.method("strategies.get", versions=(3,), reads=True)
async def partner_ideas_get(call: Call, given: IdeaOfId) -> Idea:
    """One strategy."""
    return _idea((await _one(call, given.ID, "ID")).strategy)


@PARTNER.method("strategies.search", versions=(3,), reads=True)
async def partner_ideas_search(call: Call, given: IdeasSearch) -> IdeasFound:
    """The strategies that the page shows."""
    wanted = given.Filter
    ideas = [_idea(one) for one in _shown(call, copy_of(call)) if is_named(one, wanted.Name)]
    other = wanted.Type is not None and wanted.Type.lower() != SIMPLE.lower()
    if other or wanted.Tag or wanted.DTVideoFrom is not None:
        ideas = []
    keys = {
        "ID": lambda idea: idea.ID,
        "Name": lambda idea: idea.Name.casefold(),
        "DTVideo": lambda idea: idea.DTVideo,
    }
    part = given.part(keys)
    page, total = page_of(ideas, part, keys, lambda idea: idea.ID)
    return IdeasFound(**echo_of(given, part, total), Strategies=page)


def _idea(strategy: Strategy) -> Idea:
    closed = strategy.status == StrategyStatus.CLOSED
    state = State.CLOSED if closed else State.ACTIVE if strategy.public_offer else State.HIDDEN
    return Idea(
        ID=strategy.number,
        Name=strategy.name,
        Type=SIMPLE,
        DTVideo=None,
        Youtube="",
        State=state.value,
        DTClosed=iso_or_none(strategy.closed_at),
        Tags=[],
    )
