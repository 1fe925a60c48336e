"""Strategies, offers and investments as a client is shown them: the parts that several methods have in common.

Yields and shares are fractions (0.05 is 5 %), a commission is in whole currency for a million of turnover, MarginLevel
and MCLevel are in percent. What is not there is null.
"""

from decimal import Decimal

import msgspec

from prorata.access.copying import is_partner
from prorata.copying.desk import CopyDesk
from prorata.copying.state import Offer, Strategy
from prorata.messages.copy_terms import InvestmentType, ManageType
from prorata.rest.ramm.reference import account_spec_id
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_short
from prorata.units.numbers import Minor
from prorata.views.copying.figures import NO_MARGIN_LEVEL, InvestmentFigures
from prorata.views.copying.numbers import factor_of, iso_of, iso_or_none, money_of, share_of_ppm
from prorata.views.copying.strategies import OfferFigures, StrategyTotals

PERCENT_DIGITS = 4
"""A percent of a whole is 10,000 parts in a million."""


class OfferTerms(msgspec.Struct, frozen=True):
    ID: int
    FeeRate: Decimal
    CommissionRate: Decimal


class LinkedOffer(msgspec.Struct, frozen=True):
    ID: int
    Link: str
    FeeRate: Decimal
    CommissionRate: Decimal


class OfferRow(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as its trader or its partner sees it. To a partner paid and due are his own part."""

    ID: int
    DTCreated: str
    FeeRate: Decimal
    CommissionRate: Decimal
    PartnerID: int | None
    PartnerShareRate: Decimal
    Link: str
    Type: int
    Status: int
    Description: str
    ActiveAccounts: int
    TotalAccounts: int
    FeePaid: Decimal
    FeeToPay: Decimal
    CommissionPaid: Decimal
    CommissionToPay: Decimal


class TraderInfo(msgspec.Struct, frozen=True):
    """`ManageType`: 0 Trading API, 1 Manager API; ours is 2: a trading account of this platform."""

    MasterAccount: str
    ManageType: int
    FeePaid: Decimal
    FeeToPay: Decimal
    CommissionPaid: Decimal
    CommissionToPay: Decimal


class PartnerInfo(msgspec.Struct, frozen=True):
    FeePaid: Decimal
    FeeToPay: Decimal
    CommissionPaid: Decimal
    CommissionToPay: Decimal


class AccountCard(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    DT: str
    DTClosed: str | None
    IsMyAccount: bool
    IsSecurity: bool
    Type: int
    State: int
    Balance: Decimal
    Equity: Decimal
    Asset: str
    LeverageMax: int
    MCLevel: Decimal
    Margin: Decimal
    Factor: Decimal
    Target: Decimal | None
    Protection: Decimal
    TargetEquity: Decimal | None
    ProtectionEquity: Decimal
    FreeMargin: Decimal
    MarginLevel: Decimal | None
    AccountMinBalance: Decimal
    AvailableToWithdraw: Decimal
    TotalProfit: Decimal
    FeeToPay: Decimal
    FeePaid: Decimal
    ProfitCurrentIntervalGross: Decimal
    TotalCommissionPaid: Decimal
    PositionsCount: int
    Offer: OfferTerms


class ListedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An investment beside its strategy in a list."""

    ID: int
    IsSecurity: bool
    Type: int
    AccountSpecAssetID: int
    Asset: str
    TradingIntervalCurrentID: int
    DTCreated: str
    Balance: Decimal
    Equity: Decimal
    Margin: Decimal
    MarginLevel: Decimal | None
    ProfitCurrentIntervalGross: Decimal
    TotalProfit: Decimal
    State: int
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
    Offer: OfferTerms


# Offers.


def rate_of(commission: Minor, currency: str) -> Decimal:
    """Return a turnover commission: 5 and 5.50 of the currency for a million."""
    return Decimal(format_short(commission, CURRENCY_DIGITS[currency], 0))


def terms_of(offer: Offer, currency: str) -> OfferTerms:
    return OfferTerms(offer.number, share_of_ppm(offer.fee_ppm), rate_of(offer.commission_per_million, currency))


def linked_terms_of(offer: Offer, currency: str) -> LinkedOffer:
    rate = rate_of(offer.commission_per_million, currency)
    return LinkedOffer(offer.number, offer.link, share_of_ppm(offer.fee_ppm), rate)


def public_terms_of(copy: CopyDesk, strategy: Strategy) -> OfferTerms | None:
    if not strategy.public_offer:
        return None
    return terms_of(copy.state.offers[strategy.public_offer], strategy.currency)


def offer_rows(copy: CopyDesk, strategy: Strategy, figures: dict[int, OfferFigures], client: int) -> list[OfferRow]:
    """Return the offers that a client sees in full, by type and number, the highest first.

    The trader sees all, a partner those that he has a share of.
    """
    mine = strategy.client == client
    offers = [copy.state.offers[number] for number in strategy.offers]
    shown = [offer for offer in offers if mine or is_partner(copy, client, offer)]
    shown.sort(key=lambda offer: (offer.type, offer.number), reverse=True)
    return [_offer_row(copy, strategy, offer, figures[offer.number], to_trader=mine) for offer in shown]


def _offer_row(copy: CopyDesk, strategy: Strategy, offer: Offer, figures: OfferFigures, *, to_trader: bool) -> OfferRow:
    currency = strategy.currency
    partner = copy.state.wallets.get(offer.partner_wallet)
    paid, due = (figures.fee_paid, figures.fee_due) if to_trader else (figures.partner_fee_paid, figures.partner_fee_due)
    commission_paid = figures.commission_paid if to_trader else figures.partner_commission_paid
    commission_due = figures.commission_due if to_trader else figures.partner_commission_due
    return OfferRow(
        ID=offer.number,
        DTCreated=iso_of(offer.created_at),
        FeeRate=share_of_ppm(offer.fee_ppm),
        CommissionRate=rate_of(offer.commission_per_million, currency),
        PartnerID=None if partner is None else partner.client,
        PartnerShareRate=share_of_ppm(offer.partner_ppm, 3),
        Link=offer.link,
        Type=int(offer.type),
        Status=int(offer.status),
        Description=offer.description if to_trader else "",
        ActiveAccounts=figures.active_accounts,
        TotalAccounts=figures.total_accounts,
        FeePaid=money_of(paid, currency),
        FeeToPay=money_of(due, currency),
        CommissionPaid=money_of(commission_paid, currency),
        CommissionToPay=money_of(commission_due, currency),
    )


def trader_info(strategy: Strategy, totals: StrategyTotals) -> TraderInfo:
    amounts = (totals.fee_paid, totals.fee_due, totals.commission_paid, totals.commission_due)
    own = str(strategy.source_login) if strategy.manage == ManageType.ACCOUNT else strategy.external_account
    return TraderInfo(own, int(strategy.manage), *(money_of(amount, strategy.currency) for amount in amounts))


def partner_info(copy: CopyDesk, strategy: Strategy, figures: dict[int, OfferFigures], client: int) -> PartnerInfo | None:
    """Return what a client gets as the partner of a strategy's offers; None if he is not."""
    mine = [figures[number] for number in strategy.offers if is_partner(copy, client, copy.state.offers[number])]
    if not mine:
        return None
    sums = (
        sum(one.partner_fee_paid for one in mine), sum(one.partner_fee_due for one in mine),
        sum(one.partner_commission_paid for one in mine), sum(one.partner_commission_due for one in mine),
    )  # fmt: skip
    return PartnerInfo(*(money_of(amount, strategy.currency) for amount in sums))


# Investments.


def percent_of(ppm: int) -> Decimal:
    """Return parts in a million as percent: 200,000 is 20."""
    return Decimal(format_short(ppm, PERCENT_DIGITS, 0))


def margin_level_of(figures: InvestmentFigures) -> Decimal | None:
    return None if figures.margin_level == NO_MARGIN_LEVEL else percent_of(figures.margin_level)


def target_of(figures: InvestmentFigures) -> Decimal | None:
    return share_of_ppm(figures.target_ppm, 3) if figures.target_ppm else None


def target_equity_of(figures: InvestmentFigures, currency: str) -> Decimal | None:
    return money_of(figures.target_equity, currency) if figures.target_ppm else None


def account_card(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures, client: int) -> AccountCard:
    currency, spec = strategy.currency, copy.spec_of(strategy)
    return AccountCard(
        ID=figures.number,
        DT=iso_of(figures.opened_at),
        DTClosed=iso_or_none(figures.closed_at),
        IsMyAccount=figures.client == client,
        IsSecurity=figures.type == InvestmentType.OWN,
        Type=figures.type,
        State=figures.state,
        Balance=money_of(figures.balance, currency),
        Equity=money_of(figures.equity, currency),
        Asset=currency,
        LeverageMax=spec.leverage_max,
        MCLevel=percent_of(spec.stop_out_ppm),
        Margin=money_of(figures.margin, currency),
        Factor=factor_of(figures.factor),
        Target=target_of(figures),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        TargetEquity=target_equity_of(figures, currency),
        ProtectionEquity=money_of(figures.protection_equity, currency),
        FreeMargin=money_of(figures.free_margin, currency),
        MarginLevel=margin_level_of(figures),
        AccountMinBalance=money_of(figures.least_balance, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
        TotalProfit=money_of(figures.total_profit, currency),
        FeeToPay=money_of(figures.fee_due, currency),
        FeePaid=money_of(figures.fees, currency),
        ProfitCurrentIntervalGross=money_of(figures.interval_gross, currency),
        TotalCommissionPaid=money_of(figures.total_commission, currency),
        PositionsCount=figures.positions,
        Offer=terms_of(copy.state.offers[figures.offer], currency),
    )


def listed_account(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> ListedAccount:
    currency = strategy.currency
    return ListedAccount(
        ID=figures.number,
        IsSecurity=figures.type == InvestmentType.OWN,
        Type=figures.type,
        AccountSpecAssetID=account_spec_id(strategy.company, currency),
        Asset=currency,
        TradingIntervalCurrentID=figures.interval,
        DTCreated=iso_of(figures.opened_at),
        Balance=money_of(figures.balance, currency),
        Equity=money_of(figures.equity, currency),
        Margin=money_of(figures.margin, currency),
        MarginLevel=margin_level_of(figures),
        ProfitCurrentIntervalGross=money_of(figures.interval_gross, currency),
        TotalProfit=money_of(figures.total_profit, currency),
        State=figures.state,
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
        Offer=terms_of(copy.state.offers[figures.offer], currency),
    )
