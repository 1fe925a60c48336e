"""Trading on behalf of an account: positions, pending orders, corrections (`dealing` says what is REJECTED)."""

from decimal import Decimal

from prorata.access.permissions import Permission
from prorata.messages.refusals import Refusal
from prorata.rest.broker.call import Call
from prorata.rest.broker.dealing import Traded, TradeStatus, together
from prorata.rest.broker.kinds import Given, LoginGiven, ShortText, Uuid, login_of
from prorata.rest.broker.registry import operation
from prorata.rest.broker.trade_values import PENDING, SIDES, OrderSide, PendingType
from prorata.views.answers import Rejected
from prorata.views.numbers import read_moment

ROOT = "/v1/trading-accounts"
LOGINS_MAX = 1_000


class NewPosition(Given, frozen=True):
    """`volume` in lots; of `sl_price` and `tp_price` 0 or null is none."""

    system_uuid: Uuid
    login: LoginGiven
    instrument: str
    order_side: OrderSide
    volume: Decimal
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None
    comment: ShortText = ""


class PositionEdit(Given, frozen=True):
    """A stop that is 0 is removed, one that is not told stays."""

    system_uuid: Uuid
    login: LoginGiven
    id: str
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None


class ClosedOne(Given, frozen=True):
    position_id: str
    instrument: str | None = None


class PositionsClose(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    close_positions: list[ClosedOne]


class PartialClose(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    position_id: str
    volume: Decimal
    instrument: str | None = None


class AllClose(Given, frozen=True):
    system_uuid: Uuid
    logins: list[LoginGiven]


class NewPendingOrder(Given, frozen=True):
    """`good_till_date`: an order that is not executed by then is removed."""

    system_uuid: Uuid
    login: LoginGiven
    instrument: str
    order_side: OrderSide
    volume: Decimal
    activation_price: Decimal
    type: PendingType
    sl_price: Decimal | None = None
    tp_price: Decimal | None = None
    good_till_date: str | None = None
    comment: ShortText = ""


class PendingCancel(Given, frozen=True):
    system_uuid: Uuid
    login: LoginGiven
    order_id: str
    instrument: str | None = None


class Correction(Given, frozen=True):
    """With `closing_order_id` it closes that position, or `volume` of it, at `price`; without, it opens one there."""

    system_uuid: Uuid
    login: LoginGiven
    instrument: str
    volume: Decimal
    side: OrderSide
    price: Decimal
    closing_order_id: str | None = None
    comment: ShortText = ""


@operation("POST", f"{ROOT}/positions/open", needs=Permission.TRADES_DEAL)
async def open_position(call: Call, given: NewPosition) -> Traded:
    """Open a position at the market."""
    return await call.dealing(given.system_uuid, given.login).open(
        given.instrument, SIDES[given.order_side], given.volume, given.sl_price, given.tp_price, given.comment
    )


@operation("POST", f"{ROOT}/positions/edit", needs=Permission.TRADES_DEAL)
async def edit_position(call: Call, given: PositionEdit) -> Traded:
    """Change stop loss and take profit of a position."""
    return await call.dealing(given.system_uuid, given.login).edit(given.id, given.sl_price, given.tp_price)


@operation("POST", f"{ROOT}/positions/close", needs=Permission.TRADES_DEAL)
async def close_positions(call: Call, given: PositionsClose) -> Traded:
    """Close positions of an account at the market; `partialResponses` tells how it went with each."""
    wanted = [(one.position_id, one.instrument) for one in given.close_positions]
    return await call.dealing(given.system_uuid, given.login).close_several(wanted)


@operation("POST", f"{ROOT}/positions/close-partially", needs=Permission.TRADES_DEAL)
async def close_partially(call: Call, given: PartialClose) -> Traded:
    """Close a part of a position."""
    dealing = call.dealing(given.system_uuid, given.login)
    return await dealing.close(given.position_id, given.instrument, given.volume)


@operation("POST", f"{ROOT}/positions/close-all", needs=Permission.TRADES_DEAL)
async def close_all(call: Call, given: AllClose) -> Traded:
    """Close all positions of accounts; nothing to close is OK, too."""
    if not 0 < len(given.logins) <= LOGINS_MAX:
        raise Rejected(Refusal.OUT_OF_RANGE, f"logins: names 1 to {LOGINS_MAX} accounts")
    dealings = [call.dealing(given.system_uuid, login) for login in dict.fromkeys(map(login_of, given.logins))]
    parts: list[tuple[str, Traded]] = []
    for dealing in dealings:
        answer = await dealing.close_all()
        if answer.partial_responses is not None:
            parts += [
                (one.position_id, Traded(status=one.status, native_code=answer.native_code, error_message=one.error_message))
                for one in answer.partial_responses
            ]
        elif answer.status != TradeStatus.OK and answer.native_code != Refusal.NOTHING_TO_CLOSE.name:
            parts.append((str(dealing.login), answer))
    return together(parts) if parts else Traded(status=TradeStatus.OK)


@operation("POST", f"{ROOT}/pending-order/create", needs=Permission.TRADES_DEAL)
async def create_pending_order(call: Call, given: NewPendingOrder) -> Traded:
    """Place an order that waits for its price."""
    return await call.dealing(given.system_uuid, given.login).place(
        given.instrument, SIDES[given.order_side], PENDING[given.type], given.volume,
        ("activationPrice", given.activation_price), given.sl_price, given.tp_price,
        expires_at=read_moment(given.good_till_date, "goodTillDate"), comment=given.comment,
    )  # fmt: skip


@operation("DELETE", f"{ROOT}/pending-order/cancel", needs=Permission.TRADES_DEAL)
async def cancel_pending_order(call: Call, given: PendingCancel) -> Traded:
    """Cancel a pending order, which the body names."""
    return await call.dealing(given.system_uuid, given.login).cancel(given.order_id, given.instrument)


@operation("POST", f"{ROOT}/correction-order/create", needs=Permission.TRADES_CORRECT)
async def create_correction_order(call: Call, given: Correction) -> Traded:
    """Open a position, or close one, at a price of the house's own."""
    return await call.dealing(given.system_uuid, given.login).correct(
        given.instrument, SIDES[given.side], given.volume, given.price, given.closing_order_id, given.comment
    )
