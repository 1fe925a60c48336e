"""An investment as a manager is shown it, in a list and alone."""

from decimal import Decimal
from typing import Any

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import InvestmentState, InvestmentType
from prorata.rest.ramm.client.cards import target_equity_of, target_of
from prorata.rest.ramm.copying import Stream
from prorata.rest.ramm.reference import TRADING_CORE, account_spec_id
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.decimals import format_short
from prorata.units.numbers import Minor
from prorata.views.copying.figures import InvestmentFigures
from prorata.views.copying.numbers import factor_of, iso_of, iso_or_none, money_of, share_of_percent, share_of_ppm

RATE_DIGITS = 6
"""decimal places at least of a commission as a share of the turnover"""


class AccountFields(msgspec.Struct, frozen=True, kw_only=True):
    """What list and card have in common.

    `LiquidityID` is the stream. `PartnerID` is the client who gets the partner's share. `CommandCloseID` is the command
    that is closing the investment. What has not come yet, and what is not set, is null. There is no bonus on investments.
    """

    ID: int
    StrategyID: int
    AccountingSystem: int
    ClientID: int
    WalletID: int
    TradingCoreID: int
    DTClosed: str | None
    AssetName: str
    AccountSpecAssetID: int
    LiquidityID: int
    StreamID: int
    PartnerID: int | None
    CommandCloseID: int | None
    TradingIntervalCurrentID: int
    Type: int
    ABook: Decimal
    Balance: Decimal
    Factor: Decimal
    Equity: Decimal
    ProfitBase: Decimal
    Bonus: Decimal
    Margin: Decimal
    Status: int
    MCReached: str | None
    Protection: Decimal
    ProtectionEquity: Decimal
    ProtectionReached: str | None
    Target: Decimal | None
    TargetEquity: Decimal | None
    TargetReached: str | None
    Precision: int
    IsSecurity: int
    State: int


class AccountRow(AccountFields, frozen=True, kw_only=True):
    DTCreated: str
    StreamName: str
    Test: int


class AccountCard(AccountFields, frozen=True, kw_only=True):
    """`SuccessFee`: what would be due now. `FeeTotal`: what was charged over its life."""

    CompanyID: int
    DT: str
    SuccessFee: Decimal
    FeeTotal: Decimal
    AccountMinBalance: Decimal
    AvailableToWithdraw: Decimal
    ProfitCurrentIntervalGross: Decimal
    ProfitCurrentIntervalNet: Decimal
    ProfitPositions: Decimal
    FeeRate: Decimal
    DrawdownIn: Decimal
    PositionsCount: int
    AvailableStreams: list[Stream]


def account_row(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> AccountRow:
    return AccountRow(
        **_fields(copy, strategy, figures),
        DTCreated=iso_of(figures.opened_at),
        StreamName=copy.state.streams[figures.stream].name,
        Test=figures.test,
    )


def account_card(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> AccountCard:
    currency = strategy.currency
    return AccountCard(
        **_fields(copy, strategy, figures),
        CompanyID=figures.company,
        DT=iso_of(figures.opened_at),
        SuccessFee=money_of(figures.fee_due, currency),
        FeeTotal=money_of(figures.fees, currency),
        AccountMinBalance=money_of(figures.least_balance, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
        ProfitCurrentIntervalGross=money_of(figures.interval_gross, currency),
        ProfitCurrentIntervalNet=money_of(figures.interval_net, currency),
        ProfitPositions=money_of(figures.floating + figures.swap, currency),
        FeeRate=share_of_ppm(figures.fee_ppm),
        DrawdownIn=money_of(figures.drawdown, currency),
        PositionsCount=figures.positions,
        AvailableStreams=streams_of(copy),
    )


def streams_of(copy: CopyDesk) -> list[Stream]:
    return [Stream(spec.id, spec.name) for spec in sorted(copy.state.streams.values(), key=lambda spec: spec.id)]


def commission_rate_of(per_million: Minor, currency: str) -> Decimal:
    """Return a turnover commission as a share of the turnover: 10 USD for a million is 0.000010."""
    return Decimal(format_short(per_million, CURRENCY_DIGITS[currency] + RATE_DIGITS, RATE_DIGITS))


def _fields(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> dict[str, Any]:
    currency = strategy.currency
    partner = copy.state.wallets.get(copy.state.offers[figures.offer].partner_wallet)
    return {
        "ID": figures.number,
        "StrategyID": figures.strategy,
        "AccountingSystem": strategy.accounting,
        "ClientID": figures.client,
        "WalletID": figures.wallet,
        "TradingCoreID": TRADING_CORE,
        "DTClosed": iso_or_none(figures.closed_at),
        "AssetName": currency,
        "AccountSpecAssetID": account_spec_id(figures.company, currency),
        "LiquidityID": figures.stream,
        "StreamID": figures.stream,
        "PartnerID": None if partner is None else partner.client,
        "CommandCloseID": figures.command or None if figures.state == InvestmentState.CLOSING else None,
        "TradingIntervalCurrentID": figures.interval,
        "Type": figures.type,
        "ABook": share_of_percent(figures.a_book_percent),
        "Balance": money_of(figures.balance, currency),
        "Factor": factor_of(figures.factor),
        "Equity": money_of(figures.equity, currency),
        "ProfitBase": money_of(figures.profit_base, currency),
        "Bonus": money_of(0, currency),
        "Margin": money_of(figures.margin, currency),
        "Status": figures.status,
        "MCReached": iso_or_none(figures.called_at),
        "Protection": share_of_ppm(figures.protection_ppm, 3),
        "ProtectionEquity": money_of(figures.protection_equity, currency),
        "ProtectionReached": iso_or_none(figures.protected_at),
        "Target": target_of(figures),
        "TargetEquity": target_equity_of(figures, currency),
        "TargetReached": iso_or_none(figures.target_at),
        "Precision": CURRENCY_DIGITS[currency],
        "IsSecurity": int(figures.type == InvestmentType.OWN),
        "State": figures.state,
    }
