"""Trading on behalf of an account, as in version 1 (`rest/broker/dealing.py` says what is REJECTED)."""

from decimal import Decimal

from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.rest.broker.dealing import Traded
from prorata.rest.broker.kinds import Given, LoginGiven, ShortText
from prorata.rest.broker.trade_values import PENDING, SIDES, OrderSide, PendingType
from prorata.rest.broker.trading import ROOT, AllClose
from prorata.rest.broker.trading import close_all as close_all_of
from prorata.rest.broker_v2.call import CallV2
from prorata.rest.broker_v2.registry import operation
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment


class NewPosition(Given, frozen=True):
    """`volume` in lots; of `sl_price` and `tp_price` 0 or null is none."""

    login: LoginGiven
    symbol: str
    order_side: OrderSide
    volume: Decimal
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None
    comment: ShortText = ""


class PositionEdit(Given, frozen=True):
    """Named by `id` or `position_id`. A stop that is 0 is removed, one that is not told stays."""

    login: LoginGiven
    id: str | None = None
    position_id: str | None = None
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class ClosedOne(Given, frozen=True):
    position_id: str


class PositionsClose(Given, frozen=True):
    login: LoginGiven
    close_positions: list[ClosedOne]


class PartialClose(Given, frozen=True):
    login: LoginGiven
    position_id: str
    volume: Decimal


class AllCloseGiven(Given, frozen=True):
    """Of one account or of several."""

    login: LoginGiven | None = None
    logins: list[LoginGiven] | None = None


class NewPendingOrder(Given, frozen=True):
    """`good_till_date`: an order that is not executed by then is removed."""

    login: LoginGiven
    symbol: str
    order_side: OrderSide
    volume: Decimal
    activation_price: Decimal
    type: PendingType
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None
    good_till_date: str | None = None
    comment: ShortText = ""


class PendingEdit(Given, frozen=True):
    """Named by `order_id` or `id`; stops as of a position."""

    login: LoginGiven
    activation_price: Decimal
    order_id: str | None = None
    id: str | None = None
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class Correction(Given, frozen=True):
    """With `closing_order_id` it closes that position, or `volume` of it, at `price`; without, it opens one there."""

    login: LoginGiven
    symbol: str
    volume: Decimal
    side: OrderSide
    price: Decimal
    closing_order_id: str | None = None
    comment: ShortText = ""


@operation("POST", f"{ROOT}/positions/open", needs=Permission.TRADES_DEAL)
async def open_position(call: CallV2, given: NewPosition) -> Traded:
    """Open a position at the market."""
    return await call.deals(given.login).open(
        given.symbol, SIDES[given.order_side], given.volume, given.sl_price, given.tp_price, given.comment
    )


@operation("POST", f"{ROOT}/positions/edit", needs=Permission.TRADES_DEAL)
async def edit_position(call: CallV2, given: PositionEdit) -> Traded:
    """Change stop loss and take profit of a position."""
    name = _named(given.id, given.position_id, "positionId")
    return await call.deals(given.login).edit(name, given.sl_price, given.tp_price)


@operation("POST", f"{ROOT}/positions/close", needs=Permission.TRADES_DEAL)
async def close_positions(call: CallV2, given: PositionsClose) -> Traded:
    """Close positions of an account at the market; `partialResponses` tells how it went with each."""
    return await call.deals(given.login).close_several([(one.position_id, None) for one in given.close_positions])


@operation("POST", f"{ROOT}/positions/close-partially", needs=Permission.TRADES_DEAL)
async def close_partially(call: CallV2, given: PartialClose) -> Traded:
    """Close a part of a position."""
    return await call.deals(given.login).close(given.position_id, None, given.volume)


@operation("POST", f"{ROOT}/positions/close-all", needs=Permission.TRADES_DEAL)
async def close_all(call: CallV2, given: AllCloseGiven) -> Traded:
    """Close all positions of accounts; nothing to close is OK, too."""
    logins = [*([given.login] if given.login is not None else []), *(given.logins or ())]
    return await close_all_of(call, AllClose(system_uuid=call.system_uuid, logins=logins))


@operation("POST", f"{ROOT}/pending-order/create", needs=Permission.TRADES_DEAL)
async def create_pending_order(call: CallV2, given: NewPendingOrder) -> Traded:
    """Place an order that waits for its price."""
    return await call.deals(given.login).place(
        given.symbol, SIDES[given.order_side], PENDING[given.type], given.volume,
        ("activationPrice", given.activation_price), given.sl_price, given.tp_price,
        expires_at=read_moment(given.good_till_date, "goodTillDate"), comment=given.comment,
    )  # fmt: skip


@operation("POST", f"{ROOT}/pending-order/edit", needs=Permission.TRADES_DEAL)
async def edit_pending_order(call: CallV2, given: PendingEdit) -> Traded:
    """Give a pending order a new price and new stops."""
    name = _named(given.order_id, given.id, "orderId")
    return await call.deals(given.login).edit_order(name, given.activation_price, given.sl_price, given.tp_price)


@operation("DELETE", f"{ROOT}/pending-order/cancel", needs=Permission.TRADES_DEAL)
async def cancel_pending_order(call: CallV2, login: LoginGiven, order_id: str) -> Traded:
    """Cancel a pending order, which the query names."""
    return await call.deals(login).cancel(order_id, None)


@operation("POST", f"{ROOT}/correction-order/create", needs=Permission.TRADES_CORRECT)
async def create_correction_order(call: CallV2, given: Correction) -> Traded:
    """Open a position, or close one, at a price of the house's own."""
    return await call.deals(given.login).correct(
        given.symbol, SIDES[given.side], given.volume, given.price, given.closing_order_id, given.comment
    )


def _named(one: str | None, other: str | None, field: str) -> str:
    name = one or other
    if name is None:
        raise Rejected(Refusal.MALFORMED, f"{field}: is missing")
    return name
