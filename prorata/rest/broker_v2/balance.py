"""Balance operations: money and credit in and out of a trading account, without a gateway."""

from decimal import Decimal
from enum import StrEnum

from prorata.access.permissions import Permission
from prorata.crm.direct import NewBooking
from prorata.crm.trading import TradingAccount
from prorata.messages.commands import BalanceKind
from prorata.rest.broker.kinds import Double, Given, LoginGiven, ShortText, read_amount
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import operation

ROOT = "/v1/trading-accounts/{login}"


class AdditionalType(StrEnum):
    """What a program says that a booking is. It is kept and shown; nothing but `AGENT` depends on it."""

    NONE = "NONE"
    NEGATIVE_BALANCE_WITHDRAW = "NEGATIVE_BALANCE_WITHDRAW"
    CORRECTION = "CORRECTION"
    REVENUE_SHARE = "REVENUE_SHARE"
    INVOICE_PAYMENT = "INVOICE_PAYMENT"
    MINIMUM_MONTHLY = "MINIMUM_MONTHLY"
    AGENT_COMMISSION = "AGENT_COMMISSION"
    NEGATIVE_BALANCE_CORRECTION = "NEGATIVE_BALANCE_CORRECTION"
    SETTLEMENT = "SETTLEMENT"
    INACTIVITY_FEE = "INACTIVITY_FEE"
    BONUS_IN_OUT = "BONUS_IN_OUT"
    STORAGE_FEE = "STORAGE_FEE"
    M2P = "M2P"
    BANK = "BANK"
    CRYPTO = "CRYPTO"
    DEPOSIT_CORRECTION = "DEPOSIT_CORRECTION"
    WITHDRAW_CORRECTION = "WITHDRAW_CORRECTION"
    SWAP_CORRECTION = "SWAP_CORRECTION"
    COMMISSION_CORRECTION = "COMMISSION_CORRECTION"
    AGENT_FEE_CORRECTION = "AGENT_FEE_CORRECTION"
    MINIMUM_MONTHLY_FEE_CORRECTION = "MINIMUM_MONTHLY_FEE_CORRECTION"
    REVENUE_SHARE_CORRECTION = "REVENUE_SHARE_CORRECTION"
    CPA = "CPA"
    DEPOSIT_BONUS = "DEPOSIT_BONUS"
    CASHBACK = "CASHBACK"
    IB_COMMISSION = "IB_COMMISSION"
    INTERNAL_TRANSFER = "INTERNAL_TRANSFER"
    NORIA_PAYMENT = "NORIA_PAYMENT"
    UNKNOWN = "UNKNOWN"
    FUNDING_ALLOCATION = "FUNDING_ALLOCATION"
    ACCOUNT_FEE = "ACCOUNT_FEE"
    PERFORMANCE_FEE = "PERFORMANCE_FEE"
    MONTHLY_FEE = "MONTHLY_FEE"
    MARGIN_LIMIT = "MARGIN_LIMIT"


AGENT = frozenset({AdditionalType.AGENT_COMMISSION, AdditionalType.IB_COMMISSION})
"""A deposit of these is what an introducing broker has earned: it comes out of the house's commissions, and not from a bank."""


class BookingGiven(Given, frozen=True):
    amount: Double
    comment: ShortText = ""
    additional_type: AdditionalType = AdditionalType.NONE


@operation("POST", f"{ROOT}/deposit", needs=Permission.MONEY_MOVE)
async def deposit(call: CallV2, login: LoginGiven, given: BookingGiven) -> None:
    """Book money in; the first one makes a client of a lead."""
    kind = BalanceKind.AGENT_COMMISSION if given.additional_type in AGENT else BalanceKind.DEPOSIT
    await book(call, await call.known(login), kind, given)


@operation("POST", f"{ROOT}/withdraw", needs=Permission.MONEY_MOVE)
async def withdraw(call: CallV2, login: LoginGiven, given: BookingGiven) -> None:
    """Book money out, at most what is free."""
    await book(call, await call.known(login), BalanceKind.WITHDRAWAL, given)


@operation("POST", f"{ROOT}/credit-in", needs=Permission.MONEY_MOVE)
async def credit_in(call: CallV2, login: LoginGiven, given: BookingGiven) -> None:
    """Give credit."""
    await book(call, await call.known(login), BalanceKind.CREDIT_IN, given)


@operation("POST", f"{ROOT}/credit-out", needs=Permission.MONEY_MOVE)
async def credit_out(call: CallV2, login: LoginGiven, given: BookingGiven) -> None:
    """Take credit back."""
    await book(call, await call.known(login), BalanceKind.CREDIT_OUT, given)


async def book(call: CallV2, found: TradingAccount, kind: BalanceKind, given: BookingGiven) -> None:
    """Book, once and for sure. Raises `Rejected`, `Declined`."""
    platform, account = call.holds(found.login)
    key = f"{call.key}\n{kind.name}" if call.key else ""
    new = booking_of(given, kind, platform.desk.groups[account.group].currency, key)
    subject = await call.sql(call.crm.direct.book, found, new, by=call.client.client_id)
    await call.carry_now(subject)


def booking_of(given: BookingGiven, kind: BalanceKind, currency: str, key: str = "") -> NewBooking:
    """Raises `Rejected`."""
    return NewBooking(
        kind=kind, amount=read_amount(Decimal(given.amount), currency), additional_type=given.additional_type,
        comment=given.comment, key=key,
    )  # fmt: skip
