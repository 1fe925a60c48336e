"""Orders, positions and what became of them; margin levels and reports. One record for all of them: a trade."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from prorata.rest.webapi.schemas.kinds import NO_TIME, ZERO, Double, Int32, Int64, Record
from prorata.rest.webapi.schemas.mt4_names import (
    ActivationType,
    MarginControllingType,
    MarginLevelType,
    TradeCommand,
    TradeRecordReason,
    TradeRecordState,
)


class MT4Trade(Record, kw_only=False, gc=False):
    """An order, a position, a closed position or a balance operation: MetaTrader 4 has one record for all.

    By place it is made in a third of the time, and nothing is read as often.
    """

    order: Int32 = 0
    login: Int32 = 0
    symbol: str | None = None
    digits: Int32 = 0
    trade_command: TradeCommand = TradeCommand.Buy
    volume: Int32 = 0
    volume_lots: Double = ZERO
    trade_record_state: TradeRecordState = TradeRecordState.OpenNormal
    open_price: Double = ZERO
    sl: Double = ZERO
    tp: Double = ZERO
    open_time: datetime = NO_TIME
    close_time: datetime = NO_TIME
    close_price: Double = ZERO
    commission: Double = ZERO
    commission_agent: Double = ZERO
    storage: Double = ZERO
    profit: Double = ZERO
    taxes: Double = ZERO
    magic: Int32 = 0
    comment: str | None = None
    expiration: datetime = NO_TIME
    trade_record_reason: TradeRecordReason = TradeRecordReason.Client
    activation_type: ActivationType = ActivationType.NONE
    time_stamp: datetime = NO_TIME
    margin_rate: Double = ZERO


class MT4TradeTransaction(Record):
    """A trade operation, as it is asked for and as it is answered."""

    trade_transaction_type: str | None = None
    trade_command: str | None = None
    trade_request_flags: str | None = None
    expiration: datetime = NO_TIME
    order: Int32 = 0
    order_by: Int32 = 0
    symbol: str | None = None
    volume: Int32 = 0
    price: Double = ZERO
    sl: Double = ZERO
    tp: Double = ZERO
    ie_deviation: Int32 = 0
    comment: str | None = None
    crc: Int32 = 0


class MT4TradeUpdate(Record):
    """Changes of a trade by the back office; what is not given stays."""

    order: Int32 | UnsetType = UNSET
    sl: Double | UnsetType = UNSET
    tp: Double | UnsetType = UNSET
    magic: Int32 | UnsetType = UNSET
    comment: str | UnsetType | None = UNSET
    commission: Double | UnsetType = UNSET
    commission_agent: Double | UnsetType = UNSET
    storage: Double | UnsetType = UNSET
    profit: Double | UnsetType = UNSET
    taxes: Double | UnsetType = UNSET


class MT4TradeRestoreInput(Record):
    """A trade to be put back."""

    order: Int32 = 0
    login: Int32 = 0
    symbol: str | None = None
    trade_command: TradeCommand = TradeCommand.Buy
    volume: Int32 = 0
    open_price: Double = ZERO
    sl: Double = ZERO
    tp: Double = ZERO
    close_price: Double = ZERO
    profit: Double = ZERO
    storage: Double = ZERO
    commission: Double = ZERO
    open_time: datetime = NO_TIME
    close_time: datetime = NO_TIME
    expiration: datetime = NO_TIME
    magic: Int32 = 0
    comment: str | None = None


class MT4TradeRestoreResult(Record):
    """How putting back a trade came out."""

    order: Int64 = 0
    res: Int32 = 0


class MT4MarginLevel(Record):
    """An account's equity and margin as they are now."""

    login: Int32 = 0
    group: str | None = None
    leverage: Int32 = 0
    updated: Int32 = 0
    balance: Double = ZERO
    equity: Double = ZERO
    volume: Int32 = 0
    margin: Double = ZERO
    free: Double = ZERO
    level: Double = ZERO
    controlling_type: MarginControllingType = MarginControllingType.Percent
    level_type: MarginLevelType = MarginLevelType.Ok


class MT4DailyReport(Record):
    """An account at the end of a day."""

    login: Int32 = 0
    ctm: datetime = NO_TIME
    group: str | None = None
    bank: str | None = None
    balance_prev: Double = ZERO
    balance: Double = ZERO
    deposit: Double = ZERO
    credit: Double = ZERO
    profit_closed: Double = ZERO
    profit: Double = ZERO
    equity: Double = ZERO
    margin: Double = ZERO
    margin_free: Double = ZERO


class MT4Performance(Record):
    """How busy the server was at a time."""

    ctm: datetime = NO_TIME
    users: Int32 = 0
    cpu: Int32 = 0
    free_mem: Int32 = 0
    network: Int32 = 0
    sockets: Int32 = 0
