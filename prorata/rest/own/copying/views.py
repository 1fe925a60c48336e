"""What we answer about wallets, strategies, offers and investments as they are at this moment.

Money in `currency`, volumes in lots, rates in percent; a yield of "1.50" is 1.5 %.
"""

from prorata.copying.desk import CopyDesk
from prorata.copying.state import UNIT_FIRST, Offer, Strategy
from prorata.messages.copy_terms import OfferType
from prorata.rest.own.views import View, digits_of
from prorata.units.decimals import format_decimal
from prorata.units.numbers import PPM
from prorata.units.rounding import div_half_even
from prorata.views.copying.strategies import OfferFigures, StrategyFigures
from prorata.views.copying.wallets import WalletFigures
from prorata.views.names import (
    NEED_SYNC,
    AccountingName,
    FeeBasisName,
    FeeFlowsName,
    FeeRestartName,
    ManageName,
    NeedSyncName,
    OfferStatusName,
    OfferTypeName,
    StrategyStatusName,
    name_of,
)
from prorata.views.numbers import (
    show_moment,
    show_moment_or_none,
    show_percent,
)
from prorata.views.texts import unit_price_text

_HUNDREDTH_PPM = 10_000


class WalletView(View, frozen=True):
    """`balance`: free money, the bonus included. `reserved`: on its way out, not in `balance`.

    `invested`: what its investments are worth; `interval_profit`: their results in the current fee periods, before fees;
    `total_profit`: that of all its investments, the closed ones, too.
    """

    wallet: int
    client: int
    company: int
    currency: str
    opened_at: str
    test: bool
    external: bool
    balance: str
    bonus: str
    reserved: str
    withdrawable: str
    invested: str
    margin: str
    interval_profit: str
    total_profit: str
    strategies: int


class OpenReservationView(View, frozen=True):
    reservation: int
    wallet: int
    amount: str
    currency: str
    external_id: str
    comment: str


class OfferView(View, frozen=True):
    """`fee_due`, `commission_due`: accrued for the trader and not paid yet; the partner's likewise."""

    offer: int
    strategy: int
    type: OfferTypeName
    status: OfferStatusName
    created_at: str
    currency: str
    fee_percent: str
    commission_per_million: str
    partner_wallet: int | None
    partner_percent: str
    broker_percent: str
    basis: FeeBasisName
    flows: FeeFlowsName
    restart: FeeRestartName
    link: str | None
    description: str
    investments: int
    open_investments: int
    fee_due: str
    fee_paid: str
    commission_due: str
    commission_paid: str
    partner_fee_due: str
    partner_fee_paid: str
    partner_commission_due: str
    partner_commission_paid: str


class StrategyView(View, frozen=True):
    """`own_equity`, `yield_percent` and `leverage` are of the trader's own investment, `investments` counts the open ones.

    `need_sync`: which synchronisation it wants. `command`: what is under way for the strategy as a whole.
    """

    strategy: int
    name: str
    status: StrategyStatusName
    client: int
    wallet: int
    company: int
    currency: str
    accounting: AccountingName
    manage: ManageName
    source_login: int | None
    external_server: str
    external_account: str
    tags: str
    created_at: str
    closed_at: str | None
    need_sync: NeedSyncName
    public_offer: int | None
    own_investment: int
    investments: int
    own_equity: str
    own_balance: str
    unit_price: str
    yield_percent: str
    leverage: str
    source_equity: str
    last_signal_at: str | None
    signals: int
    interval: int
    interval_began_at: str
    command: int | None


class PublicStrategyView(View, frozen=True):
    """A strategy as everybody sees it, with the terms of its public offer."""

    strategy: int
    name: str
    status: StrategyStatusName
    currency: str
    created_at: str
    investments: int
    unit_price: str
    yield_percent: str
    leverage: str
    offer: int
    fee_percent: str
    commission_per_million: str
    description: str


def yield_text(unit_price: int) -> str:
    """Return what a unit has gained, in percent: one at 103.5 has made "3.50"."""
    return show_percent(div_half_even((unit_price - UNIT_FIRST) * PPM, UNIT_FIRST))


def wallet_view(copy: CopyDesk, found: WalletFigures) -> WalletView:
    digits = digits_of(found.currency)
    return WalletView(
        wallet=found.number,
        client=found.client,
        company=found.company,
        currency=found.currency,
        opened_at=show_moment(found.opened_at),
        test=found.test,
        external=copy.state.wallets[found.number].external,
        balance=format_decimal(found.balance, digits),
        bonus=format_decimal(found.bonus, digits),
        reserved=format_decimal(found.reserved, digits),
        withdrawable=format_decimal(found.balance - found.bonus, digits),
        invested=format_decimal(found.invested, digits),
        margin=format_decimal(found.margin, digits),
        interval_profit=format_decimal(found.interval_pnl, digits),
        total_profit=format_decimal(found.total_profit, digits),
        strategies=found.active_strategies,
    )


_OFFER_MONEY = (
    "fee_due", "fee_paid", "commission_due", "commission_paid", "partner_fee_due", "partner_fee_paid",
    "partner_commission_due", "partner_commission_paid",
)  # fmt: skip


def offer_view(strategy: Strategy, offer: Offer, found: OfferFigures) -> OfferView:
    digits = digits_of(strategy.currency)
    return OfferView(
        offer=offer.number,
        strategy=offer.strategy,
        type=name_of(offer.type),
        status=name_of(offer.status),
        created_at=show_moment(offer.created_at),
        currency=strategy.currency,
        fee_percent=show_percent(offer.fee_ppm),
        commission_per_million=format_decimal(offer.commission_per_million, digits),
        partner_wallet=offer.partner_wallet or None,
        partner_percent=show_percent(offer.partner_ppm),
        broker_percent=show_percent(offer.broker_ppm),
        basis=name_of(offer.basis),
        flows=name_of(offer.flows),
        restart=name_of(offer.restart),
        link=offer.link or None,
        description=offer.description,
        investments=found.total_accounts,
        open_investments=found.active_accounts,
        **{name: format_decimal(getattr(found, name), digits) for name in _OFFER_MONEY},
    )


def strategy_view(strategy: Strategy, found: StrategyFigures) -> StrategyView:
    digits = digits_of(strategy.currency)
    return StrategyView(
        strategy=strategy.number,
        name=strategy.name,
        status=name_of(strategy.status),
        client=strategy.client,
        wallet=strategy.wallet,
        company=strategy.company,
        currency=strategy.currency,
        accounting=name_of(strategy.accounting),
        manage=name_of(strategy.manage),
        source_login=strategy.source_login or None,
        external_server=strategy.external_server,
        external_account=strategy.external_account,
        tags=strategy.tags,
        created_at=show_moment(strategy.created_at),
        closed_at=show_moment_or_none(strategy.closed_at),
        need_sync=NEED_SYNC[strategy.need_sync],
        public_offer=strategy.public_offer or None,
        own_investment=int(strategy.investments.number[0]),
        investments=found.accounts,
        own_equity=format_decimal(found.own_equity, digits),
        own_balance=format_decimal(found.own_balance, digits),
        unit_price=unit_price_text(found.unit_price),
        yield_percent=yield_text(found.unit_price),
        leverage=ratio_text(found.leverage_ppm),
        source_equity=format_decimal(strategy.source_equity, digits),
        last_signal_at=show_moment_or_none(strategy.last_signal_at),
        signals=strategy.signals,
        interval=strategy.interval,
        interval_began_at=show_moment(strategy.interval_began_at),
        command=strategy.command or None,
    )


def ratio_text(ppm: int) -> str:
    """Return a ratio in ppm with two decimals: 1,500,000 is "1.50"."""
    return format_decimal(div_half_even(ppm, _HUNDREDTH_PPM), 2)


def public_strategy_view(strategy: Strategy, offer: Offer, found: StrategyFigures) -> PublicStrategyView:
    assert offer.type == OfferType.PUBLIC
    return PublicStrategyView(
        strategy=strategy.number,
        name=strategy.name,
        status=name_of(strategy.status),
        currency=strategy.currency,
        created_at=show_moment(strategy.created_at),
        investments=found.accounts,
        unit_price=unit_price_text(found.unit_price),
        yield_percent=yield_text(found.unit_price),
        leverage=ratio_text(found.leverage_ppm),
        offer=offer.number,
        fee_percent=show_percent(offer.fee_ppm),
        commission_per_million=format_decimal(offer.commission_per_million, digits_of(strategy.currency)),
        description=offer.description,
    )
