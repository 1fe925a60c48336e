"""Deals, orders and positions."""

from datetime import datetime

import msgspec

from prorata.rest.webapi.schemas.flags import TradeActivationFlags, TradeModifyFlags
from prorata.rest.webapi.schemas.kinds import Double, Int32, Int64, Record
from prorata.rest.webapi.schemas.mt5_names import (
    ActivationModes,
    DealAction,
    DealReason,
    EntryFlag,
    OrderFilling,
    OrderReason,
    OrderState,
    OrderTime,
    OrderType,
    PositionActions,
    PositionReasons,
)


class MT5Deal(Record):
    """A deal."""

    deal: Int64 = 0
    external_id: str | None = msgspec.field(name="externalID", default=None)
    login: Int64 | None = None
    dealer: Int64 | None = None
    party_id: Int64 | None = msgspec.field(name="partyID", default=None)
    order: Int64 | None = None
    action: DealAction | None = None
    entry: EntryFlag | None = None
    digits: Int32 | None = None
    digits_currency: Int32 | None = None
    contract_size: Double | None = None
    time: datetime | None = None
    symbol: str | None = None
    price: Double | None = None
    price_sl: Double | None = msgspec.field(name="priceSL", default=None)
    price_tp: Double | None = msgspec.field(name="priceTP", default=None)
    volume: Int64 | None = None
    volume_ext: Int64 | None = None
    volume_closed: Int64 | None = None
    volume_closed_ext: Int64 | None = None
    profit: Double | None = None
    value: Double | None = None
    storage: Double | None = None
    commission: Double | None = None
    obsolete_value: Double | None = None
    fee: Double | None = None
    rate_profit: Double | None = None
    rate_margin: Double | None = None
    expert_id: Int64 | None = msgspec.field(name="expertID", default=None)
    position_id: Int64 | None = msgspec.field(name="positionID", default=None)
    comment: str | None = None
    profit_raw: Double | None = None
    price_position: Double | None = None
    tick_value: Double | None = None
    tick_size: Double | None = None
    flags: Int64 | None = None
    time_msc: datetime | None = None
    reason: DealReason | None = None
    gateway: str | None = None
    price_gateway: Double | None = None
    market_bid: Double | None = None
    market_ask: Double | None = None
    market_last: Double | None = None
    modification_flags: TradeModifyFlags | None = None


class MT5Order(Record):
    """An order."""

    order: Int64 | None = None
    external_id: str | None = msgspec.field(name="externalID", default=None)
    login: Int64 | None = None
    dealer: Int64 | None = None
    party_id: Int64 | None = msgspec.field(name="partyID", default=None)
    symbol: str | None = None
    digits: Int32 | None = None
    digits_currency: Int32 | None = None
    contract_size: Double | None = None
    state: OrderState | None = None
    reason: OrderReason | None = None
    time_setup: datetime | None = None
    time_expiration: datetime | None = None
    time_done: datetime | None = None
    type: OrderType | None = None
    type_fill: OrderFilling | None = None
    type_time: OrderTime | None = None
    price_order: Double | None = None
    price_trigger: Double | None = None
    price_current: Double | None = None
    price_sl: Double | None = msgspec.field(name="priceSL", default=None)
    price_tp: Double | None = msgspec.field(name="priceTP", default=None)
    volume_initial: Int64 | None = None
    volume_current: Int64 | None = None
    expert_id: Int64 | None = msgspec.field(name="expertID", default=None)
    position_id: Int64 | None = msgspec.field(name="positionID", default=None)
    comment: str | None = None
    activation_mode: Int32 | None = None
    activation_time: datetime | None = None
    activation_price: Double | None = None
    activation_flags: TradeActivationFlags | None = None
    time_setup_msc: datetime | None = None
    time_done_msc: datetime | None = None
    rate_margin: Double | None = None
    position_by_id: Int64 | None = msgspec.field(name="positionByID", default=None)
    modification_flags: Int32 | None = None
    volume_initial_ext: Int64 | None = None
    volume_current_ext: Int64 | None = None


class MT5Position(Record):
    """A position."""

    login: Int64 | None = None
    symbol: str | None = None
    action: PositionActions | None = None
    digits: Int32 | None = None
    digits_currency: Int32 | None = None
    contract_size: Double | None = None
    position: Int64 | None = None
    external_id: str | None = None
    time_create: datetime | None = None
    time_update: datetime | None = None
    time_create_msc: datetime | None = None
    time_update_msc: datetime | None = None
    price_open: Double | None = None
    price_current: Double | None = None
    price_sl: Double | None = msgspec.field(name="priceSL", default=None)
    price_tp: Double | None = msgspec.field(name="priceTP", default=None)
    volume: Int64 | None = None
    volume_ext: Int64 | None = None
    profit: Double | None = None
    storage: Double | None = None
    rate_profit: Double | None = None
    rate_margin: Double | None = None
    expert_id: Int64 | None = None
    expert_position_id: Int64 | None = None
    comment: str | None = None
    dealer: Int64 | None = None
    activation_mode: ActivationModes | None = None
    activation_time: datetime | None = None
    activation_price: Double | None = None
    activation_flags: TradeActivationFlags | None = None
    modification_flags: TradeModifyFlags | None = None
    reason: PositionReasons | None = None
