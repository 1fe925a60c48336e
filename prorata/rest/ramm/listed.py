"""Strategies in lists: which are asked for, and the figures that they are put in order by."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from prorata.control.companies import Company
from prorata.control.paging import Slice
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy
from prorata.messages.copy_terms import InvestmentType, OfferType, StrategyStatus
from prorata.reports.exposure import symbol_shares, top_symbols
from prorata.reports.ratings import Listing, RatingRules
from prorata.reports.series import PricePoint
from prorata.rest.ramm import past
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import rate_of
from prorata.rest.ramm.searching import Key, page_of
from prorata.rest.ramm.yields import DayPrice, curve_of, monthly_yield, total_yield
from prorata.units.numbers import DAY_MS, PPM, Moment
from prorata.views.copying.figures import NO_MARGIN_LEVEL, InvestmentFigures, investment_figures
from prorata.views.copying.numbers import share_of_ppm
from prorata.views.copying.strategies import StrategyFigures, strategy_figures

SLICE = 8
"""Strategies that are looked at, 0.15 ms each, before the orders that wait are let on."""
WEEK_MS = 7 * DAY_MS


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A strategy with what its row says. `offer`: the terms that are shown; `account`: the client's own investment in it."""

    strategy: Strategy
    figures: StrategyFigures
    offer: Offer | None
    account: InvestmentFigures | None
    mine: bool
    now: Moment
    symbols: str = ""

    @property
    def number(self) -> int:
        return self.strategy.number


async def listed(
    call: Call,
    copy: CopyDesk,
    strategies: Iterable[Strategy],
    client: int | None,
    offer_of: Callable[[CopyDesk, Strategy], Offer | None],
) -> list[Listed]:
    """Return strategies with their figures. `client`: whose own investments stand beside them."""
    rows: list[Listed] = []
    now = call.platform.now()
    for place, strategy in enumerate(strategies):
        if place % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        investment = None if client is None else copy.investors.get((client, strategy.number))
        account = None if investment is None else investment_figures(copy, strategy, strategy.row_of(investment))
        rows.append(
            Listed(
                strategy=strategy,
                figures=strategy_figures(copy, strategy),
                offer=offer_of(copy, strategy),
                account=account,
                mine=strategy.client == client,
                now=now,
            )
        )
    return rows


def public_offer_of(copy: CopyDesk, strategy: Strategy) -> Offer | None:
    """Return the offer that everybody sees; of a closed strategy the last one that they saw. None: all are private."""
    offers = [copy.state.offers[number] for number in strategy.offers]
    public = [offer for offer in offers if offer.type == OfferType.PUBLIC]
    return public[-1] if public else None


def is_named(strategy: Strategy, part: str | None) -> bool:
    """Say whether a name has a text in it, whatever the case of its letters."""
    return part is None or part.casefold() in strategy.name.casefold()


def fee_of(row: Listed) -> Decimal | None:
    """Return the fee rate that is shown; None if all offers are private."""
    return None if row.offer is None else share_of_ppm(row.offer.fee_ppm)


def commission_of(row: Listed) -> Decimal | None:
    return None if row.offer is None else rate_of(row.offer.commission_per_million, row.strategy.currency)


def curve_of_row(row: Listed, days: Mapping[int, list[DayPrice]]) -> list[PricePoint]:
    """Return the yield curve of a row's strategy. `days`: of each strategy by number."""
    strategy = row.strategy
    last = (strategy.closed_at or row.now, row.figures.unit_price)
    return curve_of(strategy.created_at, days.get(row.number, ()), last)


async def page_of_listed(
    call: Call, rows: list[Listed], part: Slice, keys: Mapping[str, Key[Listed]], tie: Key[Listed] = lambda row: row.number
) -> tuple[list[Listed], int]:
    """Return a part of a list with its symbols, and how many rows the whole has.

    The tables are asked for the symbols of the page alone, unless the list is in the order of symbols.
    """
    if part.field == "Symbols":
        return page_of(await with_symbols(call, rows), part, keys, tie)
    page, total = page_of(rows, part, keys, tie)
    return await with_symbols(call, page), total


async def with_symbols(call: Call, rows: list[Listed]) -> list[Listed]:
    """Return rows with the symbols that each strategy has dealt in most."""
    turnovers = await past.turnovers_of(call, [row.number for row in rows])

    def symbols(row: Listed) -> str:
        return ", ".join(top_symbols(symbol_shares(turnovers.get(row.number, {}))))

    return [msgspec.structs.replace(row, symbols=symbols(row)) for row in rows]


# Ratings.


def rating_rules(
    call: Call, *, age_min: int | None = None, deals_min: int | None = None, yield_min: float | None = None
) -> RatingRules:
    """Return what a strategy must have to be rated: what the caller asks for, else what the company does."""
    rules = rules_of(call.company)
    return RatingRules(
        age_min_days=rules.age_min_days if age_min is None else age_min,
        deals_min=rules.deals_min if deals_min is None else deals_min,
        yield_min=rules.yield_min if yield_min is None else yield_min,
    )


def rules_of(company: Company) -> RatingRules:
    """Return what a company asks of a strategy that is to be rated."""
    return RatingRules(
        age_min_days=company.rating_age_min, deals_min=company.rating_deals_min,
        yield_min=company.rating_yield_min_ppm / PPM,
    )  # fmt: skip


def listing_of(row: Listed) -> Listing:
    """Return a strategy as the ratings know it. Its last signal tells that it is alive."""
    strategy = row.strategy
    has_dealt = strategy.deals > 0
    return Listing(
        strategy=strategy.number,
        name=strategy.name,
        opened_at=strategy.created_at,
        first_deal_at=strategy.created_at if has_dealt else None,
        last_deal_at=strategy.last_signal_at if has_dealt else None,
        deals=strategy.deals,
        total=total_yield(row.figures.unit_price),
        investments=row.figures.accounts,
        investments_week_ago=_investments_at(strategy, row.now - WEEK_MS),
        public=row.offer is not None,
        closed=strategy.status == StrategyStatus.CLOSED,
    )


def _investments_at(strategy: Strategy, at: Moment) -> int:
    columns, rows = strategy.investments, slice(0, strategy.rows)
    closed = columns.closed_at[rows]
    return int(np.count_nonzero((columns.opened_at[rows] <= at) & ((closed == 0) | (closed > at))))


# Order.


def of_account(name: str, none: int | None = None) -> Key[Listed]:
    """Order by a figure of the client's own investment; rows without one have no value, nor has `none`."""

    def key(row: Listed) -> Any:
        value = None if row.account is None else getattr(row.account, name)
        return None if value == none else value

    return key


def _is_security(row: Listed) -> bool | None:
    return None if row.account is None else row.account.type == InvestmentType.OWN


def _asset(row: Listed) -> str | None:
    return None if row.account is None else row.strategy.currency


STRATEGY_KEYS: dict[str, Key[Listed]] = {
    "ID": lambda row: row.number,
    "Name": lambda row: row.strategy.name.casefold(),
    "DT": lambda row: row.strategy.created_at,
    "DTStat": lambda row: row.strategy.created_at,
    "DTClosed": lambda row: row.strategy.closed_at or None,
    "Status": lambda row: int(row.strategy.status),
    "Yield": lambda row: row.figures.unit_price,
    "MonthlyYield": lambda row: monthly_yield(row.strategy, row.figures.unit_price, row.now),
    "Accounts": lambda row: row.figures.accounts,
    "Symbols": lambda row: row.symbols or None,
    "IsMyStrategy": lambda row: row.mine,
}

ACCOUNT_KEYS: dict[str, Key[Listed]] = {
    "Account.ID": of_account("number"),
    "Account.IsSecurity": _is_security,
    "Account.Type": of_account("type"),
    "Account.AccountSpecAssetID": _asset,
    "Account.Asset": _asset,
    "Account.TradingIntervalCurrentID": of_account("interval"),
    "Account.DTCreated": of_account("opened_at"),
    "Account.Balance": of_account("balance"),
    "Account.Equity": of_account("equity"),
    "Account.Margin": of_account("margin"),
    "Account.MarginLevel": of_account("margin_level", NO_MARGIN_LEVEL),
    "Account.IntervalPnL": of_account("interval_gross"),
    "Account.State": of_account("state"),
    "Account.Factor": of_account("factor"),
    "Account.MCReached": of_account("called_at", 0),
    "Account.Protection": of_account("protection_ppm"),
    "Account.ProtectionEquity": of_account("protection_equity"),
    "Account.ProtectionReached": of_account("protected_at", 0),
    "Account.Target": of_account("target_ppm", 0),
    "Account.TargetEquity": of_account("target_equity", 0),
    "Account.TargetReached": of_account("target_at", 0),
    "Account.Positions": of_account("positions"),
    "Account.AccountMinBalance": of_account("least_balance"),
    "Account.AvailableToWithdraw": of_account("available"),
    "Account.FeePaid": of_account("fees"),
    "Account.FeeToPay": of_account("fee_due"),
}

OFFER_KEYS: dict[str, Key[Listed]] = {
    "PublicOffer.FeeRate": lambda row: None if row.offer is None else row.offer.fee_ppm,
    "PublicOffer.CommissionRate": lambda row: None if row.offer is None else row.offer.commission_per_million,
}
