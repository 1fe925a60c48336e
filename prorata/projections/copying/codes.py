"""Codes of the history of copy trading, besides those of its messages."""

from enum import IntEnum


class BlockKind(IntEnum):
    """What happened to many investments at once."""

    TRADE = 0
    MONEY = 1
    FEES = 2
    REJECTED = 3
    CORRECTION = 4
    TRIMMED = 5
    SWAPS = 6
    STATES = 7
    INTERVAL = 8
    DAYS = 9


class CopyDealType(IntEnum):
    """Those of the RAMM documents that occur."""

    BUY = 0
    SELL = 1
    BALANCE = 2
    CORRECTION = 5
    FEE = 7
    REJECTED_BUY = 10
    REJECTED_SELL = 11


class CopyEntry(IntEnum):
    IN = 0
    OUT = 1
    INOUT = 2
    """reversed: it closed what was held and opened the other side"""


class ReservationState(IntEnum):
    OPEN = 0
    PAID = 1
    VOIDED = 2
