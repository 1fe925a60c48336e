"""A movement of money: so much leaves one ledger account and enters another (decision D6)."""

from enum import IntEnum

import msgspec

from prorata.units.numbers import Minor


class PostingKind(IntEnum):
    DEPOSIT = 0
    WITHDRAWAL = 1
    CREDIT = 2
    CORRECTION = 3
    PROFIT = 4
    COMMISSION = 5
    SWAP = 6
    NEGATIVE_BALANCE = 7
    HEDGE = 8
    TRANSFER = 9
    """between a wallet and an investment"""
    FEE = 10
    """performance fee"""
    PAYOUT = 11
    """of commission: turnover commission that was due to a trader or partner, or what an introducing broker has earned"""
    BONUS = 12
    PAYMENT_FEE = 13
    """what the house keeps of a deposit, a withdrawal or a transfer"""


class Posting(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """`amount` (above 0) leaves the ledger account `debit` and enters `credit`.

    Ledger accounts are named "account/1001", "credit/1001", "house/profit", "house/commission", "house/swap",
    "house/protection", "house/credit", "house/correction", "house/hedge", "house/payment-fee", "venue", "bank"; of copy trading
    "wallet/7", "reserved/7" (leaving wallet 7), "investments/12" (all investments of strategy 12 together; each of them is a
    column of the events), "due/12" (turnover commission due to the trader of strategy 12), "due-partner/5" (the same, to wallet
    5), "house/fee" and "house/bonus". Each exists once for each currency. The sum over all of them is zero in every currency,
    always (decision D6).
    """

    debit: str
    credit: str
    amount: Minor
    currency: str
    kind: PostingKind
