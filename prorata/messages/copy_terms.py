"""What a broker configures for copy trading, and the codes of its world.

The codes are those of the RAMM documents (docs/ramm-api.md), so that no surface translates them. All rates are in
parts in a million; a factor is in hundredths (1.00 is 100).
"""

from enum import IntEnum, IntFlag

import msgspec

from prorata.messages.groups import Commission
from prorata.units.numbers import Minor, Volume

FACTOR_ONE = 100
FACTOR_MAX = 1_000 * FACTOR_ONE
"""Either sign; a negative factor copies the other way round."""
EQUITY_MAX: Minor = 10**13
"""The most that an investment or a source may be worth, so that equity x factor fits int64."""


class Accounting(IntEnum):
    """How a strategy counts its positions: one for each ticket of the trader, or one for each symbol."""

    HEDGING = 0
    NETTING = 1


class ManageType(IntEnum):
    """Where a strategy's signals come from."""

    TOKEN = 0
    """the Trading API, by the strategy's token"""
    MANAGER = 1
    """the Manager API, for an account on another server"""
    ACCOUNT = 2
    """a trading account of this platform: every deal on it is a signal"""


class StrategyStatus(IntEnum):
    NEW = 0
    ACTIVE = 1
    PAUSED = 2
    DISABLED = 3
    CLOSED = 4


class OfferType(IntEnum):
    TRADER = 0
    """the trader's own: no fee, no commission"""
    PRIVATE = 1
    PUBLIC = 2


class OfferStatus(IntEnum):
    ACTIVE = 0
    ENDED = 1
    """no new investments"""
    CLOSED = 2
    """and all its investments were closed"""


class InvestmentType(IntEnum):
    OWN = 0
    """the trader's own money"""
    MASTER = 1
    INTERNAL = 2
    EXTERNAL = 3
    """its money is on an account elsewhere, mirrored here; charges are taken there"""


class InvestmentState(IntEnum):
    """Where an investment is in its life. Even codes from 4 on still have positions, the odd one after them has none."""

    NEW = 0
    FLAT = 2
    """active without positions"""
    OPEN = 3
    """active with positions"""
    STOPPING_OUT = 4
    STOPPED_OUT = 5
    PROTECTING = 6
    PROTECTED = 7
    TAKING_TARGET = 8
    TARGET_TAKEN = 9
    PAUSING = 10
    PAUSED = 11
    DISABLING = 12
    DISABLED = 13
    CLOSING = 14
    CLOSED = 15


class TransferType(IntEnum):
    """What a movement on a wallet was."""

    FUND = 0
    WITHDRAW = 1
    BONUS_FUND = 2
    BONUS_WITHDRAW = 3
    TO_INVESTMENT = 4
    FROM_INVESTMENT = 5
    FEE = 6
    COMMISSION = 7
    PARTNER = 8


class SignalStatus(IntEnum):
    NEW = 0
    OK = 1
    REJECTED = 2
    ERROR = 3


class CommandKind(IntEnum):
    """What a strategy or an investment was asked to do."""

    FUND = 0
    WITHDRAW = 1
    PAUSE = 2
    RESUME = 3
    CLOSE = 4
    PROFILE = 5
    ROUTE = 6
    PAUSE_STRATEGY = 7
    RESUME_STRATEGY = 8
    CLOSE_STRATEGY = 9
    INVEST = 10


class CommandStatus(IntEnum):
    NEW = 0
    """under way: positions are still being closed"""
    OK = 1
    REJECTED = 2
    ERROR = 3


class VolumeReason(IntFlag):
    """Why an investment did not get just the volume that the formula gave. Kept for each investor and signal."""

    NONE = 0
    RAISED_TO_MINIMUM = 1
    BELOW_MINIMUM = 2
    """skipped: less than the minimum lot"""
    LEVERAGE = 4
    """cut to what the margin carries"""
    MARKET_CLOSED = 8
    NO_QUOTE = 16
    REJECTED = 32
    """by the venue, or not filled within the life of a signal"""
    VOLUME_LIMIT = 64
    """cut to the largest volume that one investment may hold"""
    CLOSE_ONLY = 128
    """the symbol takes no new positions of this side"""
    ROUNDED_AWAY = 256
    """what remained of a position was less than the minimum lot, so it was closed"""


class BelowMinimum(IntEnum):
    """What is done with a volume below the minimum lot."""

    RAISE = 0
    """one minimum lot is opened, so that small investments take part"""
    SKIP = 1


class FeeBasis(IntEnum):
    """Which result the performance fee is taken from (docs/decisions/0013)."""

    EQUITY = 0
    """floating results count"""
    BALANCE = 1
    """realised results only"""
    WORSE = 2
    """realised results and floating losses"""


class FeeFlows(IntEnum):
    """What a partial withdrawal does to the fee that has accrued."""

    NEUTRAL = 0
    """nothing: money in and out changes neither the result nor the high-water mark"""
    SETTLE_FIRST = 1
    """the fee is settled before the money leaves"""


class FeeRestart(IntEnum):
    """What becomes of a loss that is not made up yet when a client closes and invests in the strategy again."""

    RESET = 0
    KEEP = 1


class CopySpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The account specification of a company: what investments of one currency may do."""

    company: int
    currency: str = "USD"
    investor_min: Minor = 250_00
    """least balance of an investment"""
    trader_min: Minor = 200_00
    """least balance of the trader's own investment"""
    volume_step: Volume = 10_000
    """0.0001 lot: what investors' volumes are rounded down to"""
    volume_min: Volume = 10_000
    below_minimum: BelowMinimum = BelowMinimum.RAISE
    leverage_max: int = 50
    stop_out_ppm: int = 200_000
    """equity to margin at which everything is closed"""
    stream: int = 1
    """default execution stream of investors"""
    stream_trader: int = 1
    a_book_percent: int = 100
    """default share that goes to the stream"""
    commission: Commission = Commission()
    """of the broker, on every deal"""
    settle_weekday: int = 6
    """performance fees are settled at the beginning of this weekday, Sunday 0"""
    settle_ms: int = 0
    """and this time of the day, UTC"""
    sync_balance_ppm: int = 30_000
    """a movement of money on a linked trading account of at least this share of the equity before it realigns its strategies"""


class StreamSpec(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An execution route: one hedge account at a venue."""

    id: int
    name: str
    lot_step: Volume = 1_000_000
    """0.01 lot: what the hedge account can trade; the rest is carried as residual"""
    life_ms: int = 60_000
    """how long a part that opens is worth executing; one that closes always is"""
    retry_ms: int = 1_000
    """pause before what the venue rejected is asked again"""
    liquidity_per_million: int = 0
    """minor units for each million of turnover that the venue takes on the A-book part"""
