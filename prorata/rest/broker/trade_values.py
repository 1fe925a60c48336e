"""Ids, numbers and names of orders and positions as they travel.

An order and the position that it opens have one id, "W" and thirteen digits: the engine's ticket.
"""

import re
from decimal import Decimal
from enum import StrEnum

from prorata.messages.commands import OrderType, Side
from prorata.messages.refusals import Refusal
from prorata.rest.webapi.errors import Failure
from prorata.rest.webapi.values import lots_of, whole_of
from prorata.units.numbers import PRICE_MAX, VOLUME_DIGITS, VOLUME_MAX, Points, Ticket, Volume
from prorata.views.answers import Rejected

__all__ = ["OrderSide", "PendingType", "lots_of", "order_id", "read_points", "read_price", "read_volume", "ticket_of"]

_ID = re.compile(r"W([0-9]{13})", re.ASCII)


class OrderSide(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


class PendingType(StrEnum):
    LIMIT = "LIMIT"
    STOP = "STOP"


SIDES = {OrderSide.BUY: Side.BUY, OrderSide.SELL: Side.SELL}
SIDE_NAMES = {side: name for name, side in SIDES.items()}
PENDING = {PendingType.LIMIT: OrderType.LIMIT, PendingType.STOP: OrderType.STOP}


def order_id(ticket: Ticket) -> str:
    return f"W{ticket:013d}"


def ticket_of(given: str, field: str) -> Ticket:
    """Raises `Rejected`."""
    found = _ID.fullmatch(given)
    if found is None:
        raise Rejected(Refusal.MALFORMED, f"{field}: is W and 13 digits, such as W0000000000042")
    return int(found[1])


def read_volume(given: Decimal, field: str = "volume") -> Volume:
    """Return a volume given in lots. Raises `Rejected`."""
    volume = _whole(given, VOLUME_DIGITS, field, VOLUME_MAX)
    if not volume:
        raise Rejected(Refusal.VOLUME_TOO_SMALL, f"{field}: must be above 0")
    return volume


def read_points(given: Decimal | None, digits: int, field: str) -> Points:
    """Return a price in points, 0 for none. Raises `Rejected`."""
    return 0 if given is None else _whole(given, digits, field, PRICE_MAX)


def read_price(given: Decimal | None, digits: int, field: str) -> Points:
    """Return a price that must be there. Raises `Rejected`."""
    points = read_points(given, digits, field)
    if not points:
        raise Rejected(Refusal.PRICE_MISSING, f"{field}: must be above 0")
    return points


def _whole(given: Decimal, digits: int, field: str, most: int) -> int:
    if not given.is_finite() or given < 0:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: must be a number from 0")
    if given > most:
        raise Rejected(Refusal.OUT_OF_RANGE, f"{field}: is too large")
    try:
        return whole_of(given, digits, field, most=most)
    except Failure as failure:
        raise Rejected(Refusal.OUT_OF_RANGE, failure.message) from None
