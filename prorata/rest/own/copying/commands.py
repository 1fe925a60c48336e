"""From bodies of copy trading to commands. What is given is known to be there; all raise `Rejected`.

Whether a command fits the state is the engine's to say, so that a repeated call finds its first answer.
"""

from prorata.copying.state import Strategy, Wallet
from prorata.messages.copy_commands import (
    AddOffer,
    BookWallet,
    Held,
    Invest,
    OpenStrategy,
    ReserveWithdrawal,
    SendSignal,
    SendSync,
    SetProfile,
)
from prorata.messages.copy_terms import Accounting, FeeBasis, FeeFlows, FeeRestart, ManageType, TransferType
from prorata.rest.own.copying.bodies import (
    NewInvestment,
    NewOffer,
    NewReservation,
    NewSignal,
    NewStrategy,
    NewSync,
    NewTransfer,
    ProfileChange,
)
from prorata.rest.own.views import digits_of
from prorata.units.numbers import VOLUME_DIGITS, VOLUME_MAX, Volume
from prorata.views.names import code_of
from prorata.views.numbers import read_decimal, read_factor, read_moment, read_money, read_percent


def book_wallet(wallet: Wallet, data: NewTransfer) -> BookWallet:
    return BookWallet(
        wallet.number,
        code_of(TransferType, data.type),
        read_money(data.amount, digits_of(wallet.currency), "amount"),
        data.external_id,
        data.comment,
        data.internal_comment,
    )


def reserve_withdrawal(wallet: Wallet, data: NewReservation) -> ReserveWithdrawal:
    amount = read_money(data.amount, digits_of(wallet.currency), "amount")
    return ReserveWithdrawal(wallet.number, amount, data.external_id, data.comment)


def open_strategy(wallet: Wallet, data: NewStrategy) -> OpenStrategy:
    return OpenStrategy(
        wallet=wallet.number,
        name=data.name,
        money=read_money(data.money, digits_of(wallet.currency), "money"),
        accounting=code_of(Accounting, data.accounting),
        manage=code_of(ManageType, data.manage),
        protection_ppm=read_percent(data.protection_percent, "protection_percent"),
        target_ppm=read_percent(data.target_percent, "target_percent"),
        source_login=data.source_login or 0,
        external_server=data.external_server,
        external_account=data.external_account,
        tags=data.tags,
    )


def add_offer(strategy: Strategy, data: NewOffer) -> AddOffer:
    return AddOffer(
        strategy=strategy.number,
        fee_ppm=read_percent(data.fee_percent, "fee_percent"),
        commission_per_million=read_money(data.commission_per_million, digits_of(strategy.currency), "commission_per_million"),
        link=data.link,
        partner_wallet=data.partner_wallet or 0,
        partner_ppm=read_percent(data.partner_percent, "partner_percent"),
        broker_ppm=read_percent(data.broker_percent, "broker_percent"),
        basis=code_of(FeeBasis, data.basis),
        flows=code_of(FeeFlows, data.flows),
        restart=code_of(FeeRestart, data.restart),
        description=data.description,
    )


def invest(wallet: Wallet, data: NewInvestment) -> Invest:
    return Invest(
        wallet=wallet.number,
        offer=data.offer,
        money=read_money(data.money, digits_of(wallet.currency), "money"),
        factor=read_factor(data.factor, "factor"),
        protection_ppm=read_percent(data.protection_percent, "protection_percent"),
        target_ppm=read_percent(data.target_percent, "target_percent"),
    )


def set_profile(investment: int, data: ProfileChange) -> SetProfile:
    return SetProfile(
        investment,
        None if data.factor is None else read_factor(data.factor, "factor"),
        None if data.protection_percent is None else read_percent(data.protection_percent, "protection_percent"),
        None if data.target_percent is None else read_percent(data.target_percent, "target_percent"),
    )


def send_signal(strategy: Strategy, data: NewSignal) -> SendSignal:
    return SendSignal(
        strategy.number,
        data.symbol,
        _read_lot(data.lot, "lot"),
        read_money(data.equity, digits_of(strategy.currency), "equity"),
        data.ticket,
        data.comment,
        read_moment(data.sent_at, "sent_at"),
    )


def send_sync(strategy: Strategy, data: NewSync) -> SendSync:
    return SendSync(
        strategy.number,
        data.soft,
        read_money(data.equity, digits_of(strategy.currency), "equity"),
        tuple(Held(line.symbol, _read_lot(line.lot, "held.lot"), 0, line.ticket) for line in data.held),
        data.ticket,
        data.comment,
        read_moment(data.sent_at, "sent_at"),
    )


def _read_lot(text: str, field: str) -> Volume:
    return read_decimal(text, VOLUME_DIGITS, field, least=-VOLUME_MAX, most=VOLUME_MAX)
