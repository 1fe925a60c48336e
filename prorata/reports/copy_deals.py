"""What a copy statement is made from, and what it says: the strategy's deals, the investment's deals, and the parts between.

All money is in one currency, the investment's; whoever feeds a strategy in another currency converts it first.
"""

from enum import IntEnum

import msgspec

from prorata.units.numbers import PPM, DealId, Minor, Moment, Points, Volume


class Reason(IntEnum):
    """Why an investment dealt what it dealt. Numbers are public and never reused.

    From 20 on the investment was not there, or came at another time: such differences are the part `time`.
    """

    COPIED = 0
    ROUNDED = 1
    MINIMUM_LOT = 2
    BELOW_MINIMUM = 3
    MARGIN_CAP = 4
    VOLUME_CAP = 5
    PARTLY_FILLED = 6
    REJECTED = 7
    NOT_JOINED = 20
    CAUGHT_UP = 21
    RESIZED = 22
    PAUSED = 23
    PROTECTION = 24
    TARGET = 25
    STOP_OUT = 26
    LEFT = 27
    MARKET_CLOSED = 28
    NOT_RECORDED = 29
    CHARGED = 40


REASON_TEXTS: dict[Reason, str] = {
    Reason.COPIED: "copied in full",
    Reason.ROUNDED: "the volume was rounded to the volume step",
    Reason.MINIMUM_LOT: "the volume was raised to the smallest that can be dealt",
    Reason.BELOW_MINIMUM: "skipped: the volume is below the smallest that can be dealt",
    Reason.MARGIN_CAP: "cut to what the margin carries",
    Reason.VOLUME_CAP: "cut to the largest volume allowed",
    Reason.PARTLY_FILLED: "the market filled only a part",
    Reason.REJECTED: "the market did not fill it",
    Reason.NOT_JOINED: "the investment had not started yet",
    Reason.CAUGHT_UP: "brought in line with the strategy at the prices of that moment",
    Reason.RESIZED: "brought in line after a change of money or factor",
    Reason.PAUSED: "the investment was paused",
    Reason.PROTECTION: "the protection had closed the investment's positions",
    Reason.TARGET: "the target had closed the investment's positions",
    Reason.STOP_OUT: "a stop-out had closed the investment's positions",
    Reason.LEFT: "the investment had been closed",
    Reason.MARKET_CLOSED: "the market was closed for the investment",
    Reason.NOT_RECORDED: "there is no record of a copy",
    Reason.CHARGED: "a charge that belongs to no deal",
}
_FIRST_OF_TIME = Reason.NOT_JOINED


def is_timing(reason: Reason) -> bool:
    """Say whether the investment was elsewhere at that time, so that no volume was to be expected of it."""
    return reason >= _FIRST_OF_TIME


class SourceDeal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A deal of the strategy."""

    id: DealId
    at: Moment
    symbol: str
    position: int = 0
    """the trader's ticket where the account hedges; 0 where it nets"""
    volume: Volume
    """above zero bought, below zero sold"""
    price: Points
    profit: Minor
    """of what it closed, without swap and commission"""
    swap: Minor = 0
    """as booked: below zero if it was paid"""
    commission: Minor = 0
    """what it cost, 0 or more"""
    equity: Minor
    """the strategy's, just before the deal"""
    lot_point: int
    """what one point of one lot was worth then, in millionths of the smallest unit: 100_000_000 for EURUSD in USD"""


class CopyDeal(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A deal of the investment, or the record that there was none (`done` 0)."""

    at: Moment
    signal: DealId = 0
    """the strategy's deal that it copies; 0 if it comes of something else (a start, a pause, a protection, a closing)"""
    symbol: str
    position: int = 0
    asked: Volume = 0
    """the exact volume that was wanted, before step, minimum and caps; signed"""
    done: Volume = 0
    reason: Reason = Reason.COPIED
    price: Points = 0
    source_price: Points = 0
    """the source's price at the moment of this deal; 0 stands for the price of the deal that it copies"""
    profit: Minor = 0
    swap: Minor = 0
    turnover_commission: Minor = 0
    """what the strategy's offer charges on turnover, 0 or more"""
    commission: Minor = 0
    """what the broker and the venue charge, 0 or more"""
    lot_point: int = 0
    """as with the strategy's deal; needed where `signal` is 0"""


class ChargeKind(IntEnum):
    PERFORMANCE_FEE = 0
    TURNOVER_COMMISSION = 1
    OTHER = 2


class Charge(msgspec.Struct, frozen=True, gc=False):
    """Money taken from the investment outside deals; below zero if it was given back."""

    at: Moment
    kind: ChargeKind
    amount: Minor


class CopyTerms(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Since when, until when and with what the investment follows. They size deals for which it has no record."""

    joined_at: Moment
    left_at: Moment | None = None
    equity: Minor
    """what it started with"""
    factor_ppm: int = PPM


class Parts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """From the strategy's result to the investment's: `strategy + total == investor`, to the smallest unit."""

    sizing: Minor = 0
    """the strategy's whole result (with its swap and commission) at the investment's size instead of the strategy's"""
    time: Minor = 0
    """joined later, paused, left earlier, brought in line at the prices of another moment"""
    rounding: Minor = 0
    """volume that was not dealt as asked: step, minimum, caps, fills; the reason says which"""
    price: Minor = 0
    """slippage: the investment's own prices instead of the source's, at opening and closing; shown where it is realised"""
    swap: Minor = 0
    turnover_commission: Minor = 0
    performance_fee: Minor = 0
    other_fees: Minor = 0

    @property
    def total(self) -> Minor:
        return (
            self.sizing + self.time + self.rounding + self.price
            + self.swap + self.turnover_commission + self.performance_fee + self.other_fees
        )  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One deal of the strategy with what the investment made of it, one deal of the investment alone, or one charge."""

    at: Moment
    signal: DealId
    symbol: str
    reason: Reason
    source_volume: Volume
    asked: Volume
    done: Volume
    strategy: Minor
    investor: Minor
    parts: Parts


class CopyStatement(msgspec.Struct, frozen=True):
    lines: tuple[Line, ...]
    strategy: Minor
    investor: Minor
    parts: Parts
