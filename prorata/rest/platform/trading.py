"""Positions and pending orders of a trading account. One price of an order has three names: `price` when it is placed,
`priceOrder` when it is edited, `activationPrice` when it is read.

Front ends send `orderSide`, `type` and `isMobile` with everything; of what is there already, they decide nothing.
"""

from decimal import Decimal

from prorata.control.organizations.declined import Declined
from prorata.crm.kyc.levels import Right
from prorata.crm.platform_logs import LogEvent
from prorata.rest.broker.dealing import Traded, refusal
from prorata.rest.broker.kinds import Given
from prorata.rest.broker.trade_values import PENDING, SIDES, OrderSide, PendingType
from prorata.rest.platform.call import AccountCall
from prorata.rest.platform.registry import on_account


class NewPosition(Given, frozen=True):
    instrument: str
    order_side: OrderSide
    volume: Decimal
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class PositionEdit(Given, frozen=True):
    id: str
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class PositionClose(Given, frozen=True):
    """Without `volume`, all of it."""

    position_id: str
    instrument: str | None = None
    volume: Decimal | None = None


class PartialClose(Given, frozen=True):
    position_id: str
    volume: Decimal
    instrument: str | None = None


class NewOrder(Given, frozen=True):
    instrument: str
    order_side: OrderSide
    volume: Decimal
    price: Decimal
    type: PendingType
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class OrderEdit(Given, frozen=True):
    id: str
    price_order: Decimal
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class OrderCancel(Given, frozen=True):
    id: str
    instrument: str | None = None


@on_account("POST", "position/open", logs=LogEvent.POSITION_OPEN)
async def open_position(call: AccountCall, given: NewPosition) -> Traded:
    """Open a position at the market."""
    return await _barred(call) or await call.dealing.open(
        given.instrument, SIDES[given.order_side], given.volume, given.sl_price, given.tp_price
    )  # fmt: skip


@on_account("POST", "position/edit", logs=LogEvent.POSITION_EDIT)
async def edit_position(call: AccountCall, given: PositionEdit) -> Traded:
    """Change stop loss and take profit: 0 removes one, and what is not told stays."""
    return await call.dealing.edit(given.id, given.sl_price, given.tp_price)


@on_account("POST", "position/close", logs=LogEvent.POSITION_CLOSE)
@on_account("POST", "positions/close", logs=LogEvent.POSITION_CLOSE)
async def close_position(call: AccountCall, given: PositionClose) -> Traded:
    """Close a position at the market."""
    return await call.dealing.close(given.position_id, given.instrument, given.volume)


@on_account("POST", "position/close-partially", logs=LogEvent.POSITION_CLOSE)
async def close_partially(call: AccountCall, given: PartialClose) -> Traded:
    """Close a part of a position."""
    return await call.dealing.close(given.position_id, given.instrument, given.volume)


@on_account("POST", "pending-order/create", logs=LogEvent.ORDER_CREATE)
async def create_order(call: AccountCall, given: NewOrder) -> Traded:
    """Place an order that waits for its price."""
    return await _barred(call) or await call.dealing.place(
        given.instrument, SIDES[given.order_side], PENDING[given.type], given.volume, ("price", given.price),
        given.sl_price, given.tp_price,
    )  # fmt: skip


@on_account("POST", "pending-order/edit", logs=LogEvent.ORDER_EDIT)
async def edit_order(call: AccountCall, given: OrderEdit) -> Traded:
    """Change price and stops of a pending order."""
    return await call.dealing.edit_order(given.id, given.price_order, given.sl_price, given.tp_price)


@on_account("POST", "pending-order/cancel", logs=LogEvent.ORDER_CANCEL)
async def cancel_order(call: AccountCall, given: OrderCancel) -> Traded:
    """Cancel a pending order."""
    return await call.dealing.cancel(given.id, given.instrument)


async def _barred(call: AccountCall) -> Traded | None:
    """Return the answer to somebody whose level does not allow to trade; what he has open he may always close."""
    if call.account.demo:
        return None
    try:
        await call.sql(call.house.crm.gate.check, call.signed_in.person_id, Right.TRADE)
    except Declined as declined:
        return refusal(declined.code, declined.detail)
    return None
