"""What is sent to us. Unknown fields are refused, so that a misspelt stop loss is noticed and not left out."""

from functools import cache
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from prorata.messages.refusals import Refusal
from prorata.units.numbers import LOGIN_MAX, PRICE_MAX
from prorata.views.answers import Rejected
from prorata.views.names import AccessName, BalanceKindName, DailyBaseName, OrderTypeName, SideName
from prorata.views.numbers import DECIMAL_PATTERN, MOMENT_PATTERN

BODY_MAX = 65_536
TEXT_MAX = 128
LEVERAGE_MAX = 1_000_000

NO_CONTROLS = r"^[^\x00-\x1f\x7f]*\Z"

DecimalText = Annotated[str, Meta(pattern=DECIMAL_PATTERN, max_length=64)]
Price = Annotated[str, Meta(pattern=DECIMAL_PATTERN, max_length=64, examples=["1.10250"], description="a price")]
Lots = Annotated[str, Meta(pattern=DECIMAL_PATTERN, max_length=64, examples=["0.10"], description="a volume in lots")]
Amount = Annotated[
    str,
    Meta(
        pattern=DECIMAL_PATTERN,
        max_length=64,
        examples=["500.00"],
        description="an amount in the account's currency",
    ),
]
MomentText = Annotated[
    str,
    Meta(pattern=MOMENT_PATTERN, max_length=40, examples=["2030-01-31T09:30:00.000Z"], description="an RFC 3339 time"),
]
LoginNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[1001])]
TicketNumber = Annotated[int, Meta(ge=1, le=LOGIN_MAX, examples=[17])]
DistancePoints = Annotated[int, Meta(ge=0, le=PRICE_MAX, examples=[50], description="a distance in points")]
Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS)]
SymbolName = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["EURUSD"])]
GroupName = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_CONTROLS, examples=["standard"])]
Text = Annotated[str, Meta(max_length=TEXT_MAX, pattern=NO_CONTROLS, examples=["by phone"])]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Base of all bodies."""


class NewOrder(Body, frozen=True, kw_only=True):
    """A market or pending order. `price`: what the caller saw (market, with `deviation_points`), or the pending price.

    Without `deviation_points` a market order is done at any price. `limit_price` belongs to a stop-limit.
    """

    login: LoginNumber
    symbol: SymbolName
    side: SideName
    volume: Lots
    type: OrderTypeName = "market"
    price: Price | None = None
    limit_price: Price | None = None
    deviation_points: DistancePoints | None = None
    stop_loss: Price | None = None
    take_profit: Price | None = None
    trailing_points: DistancePoints | None = None
    expires_at: MomentText | None = None
    comment: Text = ""


class OrderChange(Body, frozen=True, kw_only=True):
    """The whole new state of a pending order. null removes; every field must be there, so that nothing is
    removed by forgetting it. `symbol` says in whose decimals the prices are, and must be the order's."""

    symbol: SymbolName
    price: Price
    limit_price: Price | None
    stop_loss: Price | None
    take_profit: Price | None
    trailing_points: DistancePoints | None
    expires_at: MomentText | None


class PositionChange(Body, frozen=True, kw_only=True):
    """All stops of a position. null removes; every field must be there, so that nothing is removed by forgetting it.
    `symbol` says in whose decimals the prices are, and must be the position's."""

    symbol: SymbolName
    stop_loss: Price | None
    take_profit: Price | None
    trailing_points: DistancePoints | None


class PositionClose(Body, frozen=True, kw_only=True):
    """`volume` null: all of it. `price`, the one that the caller saw, needs `symbol`, whose decimals it has."""

    volume: Lots | None = None
    symbol: SymbolName | None = None
    price: Price | None = None
    deviation_points: DistancePoints | None = None


class PositionCloseBy(Body, frozen=True, kw_only=True):
    by_ticket: TicketNumber


class AccountCloseAll(Body, frozen=True, kw_only=True):
    """Close every position, or those of one symbol."""

    symbol: SymbolName | None = None


class NewAccount(Body, frozen=True, kw_only=True):
    """`login` null: the next free number. `leverage` null: the group's."""

    group: GroupName
    login: LoginNumber | None = None
    leverage: Annotated[int, Meta(ge=1, le=LEVERAGE_MAX, examples=[100])] | None = None
    demo: bool = False


class AccountChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is."""

    group: GroupName | None = None
    leverage: Annotated[int, Meta(ge=1, le=LEVERAGE_MAX, examples=[50])] | None = None
    access: AccessName | None = None


class AccountGuards(Body, frozen=True, kw_only=True):
    """The whole new state; what is left out or null is not set. `base` null: the day's base stays, or is taken now."""

    floor: Amount | None = None
    daily_loss: Amount | None = None
    daily_base: DailyBaseName = "balance"
    target: Amount | None = None
    base: Amount | None = None


class NewBalanceOperation(Body, frozen=True, kw_only=True):
    """`amount` above 0; only a correction may be negative. The same `external_id` is booked once on an account."""

    kind: BalanceKindName
    amount: Amount
    external_id: Annotated[str, Meta(max_length=TEXT_MAX, pattern=NO_CONTROLS, examples=["bank-20300131-1"])] = ""
    comment: Text = ""


class BreakSettlement(Body, frozen=True, kw_only=True):
    """Take the venue's figure over at `price`."""

    price: Price
    comment: Text = ""


BodyType = TypeVar("BodyType")


@cache
def _decoder_of(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


_RANGE_ERRORS = ("Expected `int` >=", "Expected `int` <=", "Integer value out of range")


def decode_body(kind: type[BodyType], body: bytes) -> BodyType:
    """Read a body. Raises `Rejected`: MALFORMED, or OUT_OF_RANGE for a whole number beyond its bounds."""
    try:
        decoded: BodyType = _decoder_of(kind).decode(body)  # type: ignore[arg-type]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as problem:
        raise _rejected_by(problem) from None
    return decoded


def _rejected_by(problem: Exception) -> Rejected:
    text = str(problem) if isinstance(problem, msgspec.MsgspecError) else "the body is not JSON in UTF-8"
    return Rejected(Refusal.OUT_OF_RANGE if text.startswith(_RANGE_ERRORS) else Refusal.MALFORMED, text[:300])
