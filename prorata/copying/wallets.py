"""Clients' free money: opened, booked, reserved for a withdrawal, moved into investments and back."""

from prorata.copying.desk import CopyDesk, Refusal, Refused, refuse
from prorata.copying.state import Reservation, Wallet
from prorata.messages.copy_commands import BookWallet, EndReservation, OpenWallet, ReserveWithdrawal
from prorata.messages.copy_events import (
    ReservationEnded,
    TransferRepeated,
    WalletKnown,
    WalletMoved,
    WalletOpened,
    WithdrawalReserved,
)
from prorata.messages.copy_terms import TransferType
from prorata.messages.postings import PostingKind
from prorata.trading.accounts import PAYMENT_FEES, fee_in
from prorata.units.currency import CURRENCY_DIGITS
from prorata.units.numbers import MONEY_MAX, Minor

_BOOKED_BY_HAND: dict[TransferType, tuple[str, PostingKind]] = {
    TransferType.FUND: ("bank", PostingKind.DEPOSIT),
    TransferType.WITHDRAW: ("bank", PostingKind.WITHDRAWAL),
    TransferType.BONUS_FUND: ("house/bonus", PostingKind.BONUS),
    TransferType.BONUS_WITHDRAW: ("house/bonus", PostingKind.BONUS),
}
_OUT = (TransferType.WITHDRAW, TransferType.BONUS_WITHDRAW)


def open_wallet(desk: CopyDesk, command: OpenWallet) -> Refused | None:
    """Open a client's wallet; if it has one in this currency, that is the answer."""
    if command.currency not in CURRENCY_DIGITS:
        return refuse(Refusal.CURRENCIES_DIFFER)
    known = desk.wallet_of.get((command.client, command.currency))
    if known is not None:
        desk.tell(WalletKnown(_opened(desk.state.wallets[known])))
        return None
    wallet = Wallet(
        desk.state.next_wallet, command.client, command.company, command.currency, desk.now, command.test, command.external
    )
    desk.state.next_wallet += 1
    desk.state.wallets[wallet.number] = wallet
    desk.wallet_of[wallet.client, wallet.currency] = wallet.number
    desk.tell(_opened(wallet))
    return None


def _opened(wallet: Wallet) -> WalletOpened:
    return WalletOpened(wallet.number, wallet.client, wallet.company, wallet.currency, wallet.test, wallet.external)


def book_wallet(desk: CopyDesk, command: BookWallet) -> Refused | None:
    """Book a deposit, a withdrawal or a bonus."""
    wallet = desk.state.wallets.get(command.wallet)
    if wallet is None:
        return refuse(Refusal.UNKNOWN_WALLET)
    if command.type not in _BOOKED_BY_HAND:
        return refuse(Refusal.OUT_OF_RANGE, "type: 0 to 3")
    amount = -command.amount if command.type in _OUT else command.amount
    once = f"{wallet.number}/{command.external_id}" if command.external_id else ""
    first = desk.state.booked.get(once) if once else None
    if first is not None:
        same = isinstance(first, WalletMoved) and (
            (first.type, first.amount, first.comment, fee_in(first.postings))
            == (command.type, amount, command.comment, command.fee)
        )  # fmt: skip
        return _repeat(desk, first, same=same)
    refusal = check_amount(wallet, amount) if command.amount > 0 else Refusal.AMOUNT_NOT_POSITIVE
    if refusal is None and command.type == TransferType.BONUS_WITHDRAW and command.amount > wallet.bonus:
        refusal = Refusal.NOT_ENOUGH_CREDIT
    if refusal is None and command.type == TransferType.WITHDRAW and command.amount > wallet.balance - wallet.bonus:
        refusal = Refusal.NOT_ENOUGH_MONEY
    if refusal is None and command.fee:
        refusal = _check_fee(command)
    if refusal is not None:
        return refuse(refusal)
    if command.type in (TransferType.BONUS_FUND, TransferType.BONUS_WITHDRAW):
        wallet.bonus += amount
    house, kind = _BOOKED_BY_HAND[command.type]
    own = f"wallet/{wallet.number}"
    postings = desk.post(house, own, amount + command.fee, wallet.currency, kind)
    postings += desk.post(own, PAYMENT_FEES, command.fee, wallet.currency, PostingKind.PAYMENT_FEE)
    wallet.balance += amount
    moved = WalletMoved(
        issue_transfer(desk), wallet.number, command.type, amount, wallet.balance, 0, 0, command.external_id,
        command.comment, command.internal_comment, postings,
    )  # fmt: skip
    if once:
        desk.state.booked[once] = moved
    desk.tell(moved)
    return None


def _check_fee(command: BookWallet) -> Refusal | None:
    if command.type not in (TransferType.FUND, TransferType.WITHDRAW):
        return Refusal.OUT_OF_RANGE
    return Refusal.AMOUNT_TOO_LARGE if abs(command.fee) > MONEY_MAX else None


def _repeat(desk: CopyDesk, first: WalletMoved | WithdrawalReserved, *, same: bool) -> Refused | None:
    if not same:
        return refuse(Refusal.EXTERNAL_ID_REUSED)
    desk.tell(TransferRepeated(first))
    return None


def check_amount(wallet: Wallet, amount: Minor) -> Refusal | None:
    """Say why a wallet cannot be moved by `amount` (signed). The free balance never falls below zero."""
    if abs(amount) > MONEY_MAX or wallet.balance + amount > MONEY_MAX:
        return Refusal.AMOUNT_TOO_LARGE
    return Refusal.NOT_ENOUGH_MONEY if wallet.balance + amount < 0 else None


def issue_transfer(desk: CopyDesk) -> int:
    transfer = desk.state.next_transfer
    desk.state.next_transfer += 1
    return transfer


def reserve_withdrawal(desk: CopyDesk, command: ReserveWithdrawal) -> Refused | None:
    """Take money out of the wallet's reach: no other caller can spend it while it is being paid."""
    wallet = desk.state.wallets.get(command.wallet)
    if wallet is None:
        return refuse(Refusal.UNKNOWN_WALLET)
    once = f"{wallet.number}/{command.external_id}" if command.external_id else ""
    first = desk.state.booked.get(once) if once else None
    if first is not None:
        same = isinstance(first, WithdrawalReserved) and (first.amount, first.comment) == (command.amount, command.comment)
        return _repeat(desk, first, same=same)
    if command.amount <= 0:
        return refuse(Refusal.AMOUNT_NOT_POSITIVE)
    if command.amount > wallet.balance - wallet.bonus:
        return refuse(Refusal.NOT_ENOUGH_MONEY)
    number = desk.state.next_reservation
    desk.state.next_reservation += 1
    desk.state.reservations[number] = Reservation(wallet.number, command.amount, command.external_id, command.comment)
    wallet.balance -= command.amount
    wallet.reserved += command.amount
    names = f"wallet/{wallet.number}", f"reserved/{wallet.number}"
    postings = desk.post(*names, command.amount, wallet.currency, PostingKind.WITHDRAWAL)
    reserved = WithdrawalReserved(
        number, wallet.number, command.amount, wallet.balance, command.external_id, command.comment, postings
    )
    if once:
        desk.state.booked[once] = reserved
    desk.tell(reserved)
    return None


def end_reservation(desk: CopyDesk, command: EndReservation) -> Refused | None:
    """Post a reserved withdrawal, or void it. Asked again the same way it is refused as ended: nothing happens twice."""
    reservation = desk.state.reservations.get(command.reservation)
    if reservation is None:
        known = command.reservation in desk.state.ended_reservations
        return refuse(Refusal.RESERVATION_ENDED if known else Refusal.UNKNOWN_RESERVATION)
    wallet = desk.state.wallets[reservation.wallet]
    del desk.state.reservations[command.reservation]
    desk.state.ended_reservations[command.reservation] = command.paid
    amount = reservation.amount
    wallet.reserved -= amount
    if not command.paid:
        wallet.balance += amount
    back = desk.post(
        f"reserved/{wallet.number}", f"wallet/{wallet.number}", 0 if command.paid else amount, wallet.currency,
        PostingKind.WITHDRAWAL,
    )  # fmt: skip
    desk.tell(ReservationEnded(command.reservation, wallet.number, command.paid, wallet.balance, back))
    if command.paid:
        paid = desk.post(f"reserved/{wallet.number}", "bank", amount, wallet.currency, PostingKind.WITHDRAWAL)
        desk.tell(
            WalletMoved(
                issue_transfer(desk), wallet.number, TransferType.WITHDRAW, -amount, wallet.balance, 0, 0,
                reservation.external_id, reservation.comment, "", paid,
            )
        )  # fmt: skip
    return None
