"""An investment as its owner is shown it, and what the company demands of investments."""

from decimal import Decimal

import msgspec

from prorata.copying.desk import CopyDesk
from prorata.copying.state import Strategy
from prorata.messages.copy_terms import InvestmentType
from prorata.rest.ramm.bodies import Input
from prorata.rest.ramm.call import Call
from prorata.rest.ramm.client.cards import (
    AccountCard,
    OfferTerms,
    PartnerInfo,
    TraderInfo,
    account_card,
    margin_level_of,
    partner_info,
    percent_of,
    public_terms_of,
    rate_of,
    target_equity_of,
    target_of,
    trader_info,
)
from prorata.rest.ramm.client.reach import copy_of, my_investment
from prorata.rest.ramm.errors import invalid_input, invalid_status
from prorata.rest.ramm.reference import ASSET_IDS, account_spec_id
from prorata.rest.ramm.registry import CLIENT
from prorata.rest.ramm.values import Id
from prorata.rest.ramm.yields import monthly_yield
from prorata.units.currency import CURRENCY_DIGITS
from prorata.views.copying.figures import InvestmentFigures, investment_figures
from prorata.views.copying.numbers import factor_of, iso_of, iso_or_none, money_of, share_of_ppm, yield_of_unit
from prorata.views.copying.strategies import offer_figures, strategy_figures, strategy_totals


class AccountOfEitherId(Input, frozen=True, kw_only=True):
    """The documents call with `ID`, the vendor's client with `AccountID`."""

    AccountID: Id | None = None
    ID: Id | None = None

    def number(self) -> int:
        number = self.AccountID if self.AccountID is not None else self.ID
        if number is None:
            raise invalid_input("AccountID", "missing")
        return number


class StrategyOfAccount(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    Name: str
    Yield: Decimal
    MonthlyYield: Decimal
    Accounts: int
    DTCreated: str
    DTStat: str
    DTClosed: str | None
    Equity: Decimal
    IsMyStrategy: bool
    Status: int
    AccountingSystem: int
    PublicOffer: OfferTerms | None
    TraderInfo: TraderInfo | None
    PartnerInfo: PartnerInfo | None
    Account: AccountCard


class AccountWithStrategy(msgspec.Struct, frozen=True):
    Strategy: StrategyOfAccount


class StrategyNamed(msgspec.Struct, frozen=True):
    ID: int
    Name: str
    Status: int


class AccountCardV1(msgspec.Struct, frozen=True, kw_only=True):
    """`ProfitBase`: what the result of the current interval is counted from."""

    ID: int
    Strategy: StrategyNamed
    Fee: Decimal
    Commission: Decimal
    DT: str
    DTClosed: str | None
    Type: int
    IsSecurity: bool
    Status: int
    Balance: Decimal
    Bonus: Decimal
    Equity: Decimal
    AvailableToWithdraw: Decimal
    AccountMinBalance: Decimal
    Factor: Decimal
    Margin: Decimal
    MarginLevel: Decimal | None
    MCReached: str | None
    Protection: Decimal
    ProtectionEquity: Decimal
    ProtectionReached: str | None
    Target: Decimal | None
    TargetEquity: Decimal | None
    TargetReached: str | None
    ProfitBase: Decimal
    AssetName: str
    Precision: int
    PositionsCount: int
    TotalProfit: Decimal
    TotalProfitGross: Decimal
    FeePaid: Decimal
    FeeToPay: Decimal
    ProfitCurrentIntervalGross: Decimal


class StatementStrategy(msgspec.Struct, frozen=True):
    ID: int
    Name: str
    Commission: Decimal
    Fee: Decimal
    IsMyStrategy: bool
    Status: int


class StatementAccount(msgspec.Struct, frozen=True, kw_only=True):
    ID: int
    IsMyAccount: bool
    IsSecurity: bool
    IDCompany: int
    DT: str
    DTClosed: str | None
    ABook: Decimal
    Type: int
    AssetName: str
    LeverageMax: int
    MCLevel: Decimal
    Balance: Decimal
    Margin: Decimal
    State: int
    Factor: Decimal
    Target: Decimal | None
    Protection: Decimal
    TargetEquity: Decimal | None
    ProtectionEquity: Decimal
    Equity: Decimal
    FreeMargin: Decimal
    MarginLevel: Decimal | None
    Status: int
    AccountMinBalance: Decimal
    AvailableToWithdraw: Decimal


class StatementRow(msgspec.Struct, frozen=True):
    CurrentDate: str
    Strategy: StatementStrategy
    Account: StatementAccount


class Statement(msgspec.Struct, frozen=True):
    Statement: list[StatementRow]


class AccountSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A company has one specification for each currency; it has the number of the asset."""

    IDAccountSpecAsset: int
    IDSpec: int
    IDAsset: int
    IDStreamDefault: int
    IDStreamDefaultSecurity: int
    AccountMinBalance: Decimal
    SecurityMinBalance: Decimal
    Precision: int


class AccountSpecFound(msgspec.Struct, frozen=True):
    AccountSpecAsset: AccountSpec


@CLIENT.method("accounts.get", versions=(2, 3), reads=True)
async def accounts_get(call: Call, given: AccountOfEitherId) -> AccountWithStrategy:
    """One of the client's investments, with its strategy."""
    strategy, row = my_investment(call, given.number())
    copy, client = copy_of(call), call.client.person_id
    figures, totals = strategy_figures(copy, strategy), strategy_totals(copy, strategy)
    mine = strategy.client == client
    return AccountWithStrategy(
        StrategyOfAccount(
            ID=strategy.number,
            Name=strategy.name,
            Yield=yield_of_unit(figures.unit_price),
            MonthlyYield=monthly_yield(strategy, figures.unit_price, call.platform.now()),
            Accounts=figures.accounts,
            DTCreated=iso_of(strategy.created_at),
            DTStat=iso_of(strategy.created_at),
            DTClosed=iso_or_none(strategy.closed_at),
            Equity=money_of(totals.equity, strategy.currency),
            IsMyStrategy=mine,
            Status=int(strategy.status),
            AccountingSystem=int(strategy.accounting),
            PublicOffer=public_terms_of(copy, strategy),
            TraderInfo=trader_info(strategy, totals) if mine else None,
            PartnerInfo=partner_info(copy, strategy, offer_figures(copy, strategy), client),
            Account=account_card(copy, strategy, investment_figures(copy, strategy, row), client),
        )
    )


@CLIENT.method("accounts.get", versions=(1,), reads=True)
async def accounts_get_v1(call: Call, given: AccountOfEitherId) -> AccountCardV1:
    """One of the client's investments."""
    strategy, row = my_investment(call, given.number())
    copy = copy_of(call)
    return card_v1(copy, strategy, investment_figures(copy, strategy, row))


def card_v1(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> AccountCardV1:
    currency = strategy.currency
    offer = copy.state.offers[figures.offer]
    return AccountCardV1(
        ID=figures.number,
        Strategy=StrategyNamed(strategy.number, strategy.name, int(strategy.status)),
        Fee=share_of_ppm(offer.fee_ppm),
        Commission=rate_of(offer.commission_per_million, currency),
        DT=iso_of(figures.opened_at),
        DTClosed=iso_or_none(figures.closed_at),
        Type=figures.type,
        IsSecurity=figures.type == InvestmentType.OWN,
        Status=figures.status,
        Balance=money_of(figures.balance, currency),
        Bonus=money_of(0, currency),
        Equity=money_of(figures.equity, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
        AccountMinBalance=money_of(figures.least_balance, currency),
        Factor=factor_of(figures.factor),
        Margin=money_of(figures.margin, currency),
        MarginLevel=margin_level_of(figures),
        MCReached=iso_or_none(figures.called_at),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        ProtectionEquity=money_of(figures.protection_equity, currency),
        ProtectionReached=iso_or_none(figures.protected_at),
        Target=target_of(figures),
        TargetEquity=target_equity_of(figures, currency),
        TargetReached=iso_or_none(figures.target_at),
        ProfitBase=money_of(figures.profit_base, currency),
        AssetName=currency,
        Precision=CURRENCY_DIGITS[currency],
        PositionsCount=figures.positions,
        TotalProfit=money_of(figures.total_profit, currency),
        TotalProfitGross=money_of(figures.total_profit + figures.fees, currency),
        FeePaid=money_of(figures.fees, currency),
        FeeToPay=money_of(figures.fee_due, currency),
        ProfitCurrentIntervalGross=money_of(figures.interval_gross, currency),
    )


@CLIENT.method("accounts.getStatement", versions=(1,), reads=True)
async def accounts_get_statement(call: Call, given: AccountOfEitherId) -> Statement:
    """The head of a statement of one of the client's investments."""
    strategy, row = my_investment(call, given.number())
    copy = copy_of(call)
    figures = investment_figures(copy, strategy, row)
    offer = copy.state.offers[figures.offer]
    head = StatementStrategy(
        strategy.number, strategy.name, rate_of(offer.commission_per_million, strategy.currency),
        share_of_ppm(offer.fee_ppm), strategy.client == call.client.person_id, int(strategy.status),
    )  # fmt: skip
    return Statement([StatementRow(iso_of(call.platform.now()), head, _statement_account(copy, strategy, figures))])


def _statement_account(copy: CopyDesk, strategy: Strategy, figures: InvestmentFigures) -> StatementAccount:
    currency, spec = strategy.currency, copy.spec_of(strategy)
    return StatementAccount(
        ID=figures.number,
        IsMyAccount=True,
        IsSecurity=figures.type == InvestmentType.OWN,
        IDCompany=figures.company,
        DT=iso_of(figures.opened_at),
        DTClosed=iso_or_none(figures.closed_at),
        ABook=share_of_ppm(figures.a_book_percent * 10_000),
        Type=figures.type,
        AssetName=currency,
        LeverageMax=spec.leverage_max,
        MCLevel=percent_of(spec.stop_out_ppm),
        Balance=money_of(figures.balance, currency),
        Margin=money_of(figures.margin, currency),
        State=figures.state,
        Factor=factor_of(figures.factor),
        Target=target_of(figures),
        Protection=share_of_ppm(figures.protection_ppm, 3),
        TargetEquity=target_equity_of(figures, currency),
        ProtectionEquity=money_of(figures.protection_equity, currency),
        Equity=money_of(figures.equity, currency),
        FreeMargin=money_of(figures.free_margin, currency),
        MarginLevel=margin_level_of(figures),
        Status=figures.status,
        AccountMinBalance=money_of(figures.least_balance, currency),
        AvailableToWithdraw=money_of(figures.available, currency),
    )


@CLIENT.method("accounts.searchSpec", reads=True)
async def accounts_search_spec(call: Call) -> AccountSpecFound:
    """What the company demands of investments, and where they are executed."""
    currency = call.company.currency
    spec = copy_of(call).state.specs.get(f"{call.company.id}/{currency}")
    if spec is None:
        raise invalid_status("Your broker does not offer copy trading yet")
    return AccountSpecFound(
        AccountSpec(
            IDAccountSpecAsset=account_spec_id(call.company.id, currency),
            IDSpec=call.company.id,
            IDAsset=ASSET_IDS[currency],
            IDStreamDefault=spec.stream,
            IDStreamDefaultSecurity=spec.stream_trader,
            AccountMinBalance=money_of(spec.investor_min, currency),
            SecurityMinBalance=money_of(spec.trader_min, currency),
            Precision=CURRENCY_DIGITS[currency],
        )
    )
