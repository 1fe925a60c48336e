"""What a client may say. One JSON object for each wish, `op` names it; several may come in one array.

The bodies of orders are those of the REST API, with the numbers that stand in its paths as fields.
"""

from typing import Annotated, Any, get_args

import msgspec
from msgspec import Meta

from prorata.messages.refusals import Refusal
from prorata.views.answers import Rejected
from prorata.views.bodies import (
    AccountCloseAll,
    LoginNumber,
    NewOrder,
    OrderChange,
    PositionChange,
    PositionClose,
    PositionCloseBy,
    SymbolName,
    TicketNumber,
    decode_body,
)
from prorata.views.names import CopyTopic

Number = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Key = Annotated[str, Meta(max_length=128, pattern=r"^[\x21-\x7e]*\Z")]


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False, tag_field="op"):
    """`id` is the client's own number for it, and comes back with the answer."""

    id: Number


class Authenticate(Wish, frozen=True, kw_only=True, tag="auth"):
    id: Number = 0
    token: Annotated[str, Meta(max_length=1024)]


class Ping(Wish, frozen=True, kw_only=True, tag="ping"):
    pass


class SubscribeEvents(Wish, frozen=True, kw_only=True, tag="subscribe-events"):
    """`logins` null: every account within the key's reach. `since`: the last event that the client has; null: now."""

    logins: list[LoginNumber] | None = None
    since: Number | None = None


class SubscribeCopying(Wish, frozen=True, kw_only=True, tag="subscribe-copying"):
    """`topics` null: all. `strategies`, `investments`, `wallets`: what concerns one of them; all null: everything."""

    topics: list[CopyTopic] | None = None
    strategies: list[TicketNumber] | None = None
    investments: list[TicketNumber] | None = None
    wallets: list[TicketNumber] | None = None
    since: Number | None = None


class SubscribeQuotes(Wish, frozen=True, kw_only=True, tag="subscribe-quotes"):
    """`symbols` null: all. `group` or `login`: as that group, or that account's group, sees them."""

    symbols: list[SymbolName] | None = None
    group: str | None = None
    login: LoginNumber | None = None


class Unsubscribe(Wish, frozen=True, kw_only=True, tag="unsubscribe"):
    sub: Number


# Orders. `key` is the idempotency key.


class Place(NewOrder, frozen=True, kw_only=True, tag_field="op", tag="place-order"):
    id: Number
    key: Key = ""


class Modify(OrderChange, frozen=True, kw_only=True, tag_field="op", tag="modify-order"):
    id: Number
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


class Cancel(Wish, frozen=True, kw_only=True, tag="cancel-order"):
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


class SetStops(PositionChange, frozen=True, kw_only=True, tag_field="op", tag="modify-position"):
    id: Number
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


class Close(PositionClose, frozen=True, kw_only=True, tag_field="op", tag="close-position"):
    id: Number
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


class CloseBoth(PositionCloseBy, frozen=True, kw_only=True, tag_field="op", tag="close-by"):
    id: Number
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


class CloseEvery(AccountCloseAll, frozen=True, kw_only=True, tag_field="op", tag="close-all"):
    id: Number
    key: Key = ""
    login: LoginNumber


class Reverse(Wish, frozen=True, kw_only=True, tag="reverse-position"):
    key: Key = ""
    login: LoginNumber
    ticket: TicketNumber


Trade = Place | Modify | Cancel | SetStops | Close | CloseBoth | CloseEvery | Reverse
AnyWish = Trade | Authenticate | Ping | SubscribeEvents | SubscribeCopying | SubscribeQuotes | Unsubscribe
TRADES = frozenset(get_args(Trade))

_decoder: msgspec.json.Decoder[AnyWish | list[AnyWish]] = msgspec.json.Decoder(AnyWish | list[AnyWish])
_parts_decoder = msgspec.json.Decoder(list[msgspec.Raw])


class _Numbered(msgspec.Struct):
    id: Number | None = None


_numbered_decoder = msgspec.json.Decoder(_Numbered)

decode = _decoder.decode
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def decode_apart(data: bytes) -> list[AnyWish | tuple[int | None, Rejected]]:
    """Read a message with a bad part, each part by itself: a wish, or the number of one and what is wrong."""
    try:
        parts = [bytes(part) for part in _parts_decoder.decode(data)] if data.lstrip()[:1] == b"[" else [data]
    except UNREADABLE:
        return [(None, Rejected(Refusal.MALFORMED, "the message is not JSON in UTF-8"))]
    return [_decode_one(part) for part in parts]


def _decode_one(data: bytes) -> AnyWish | tuple[int | None, Rejected]:
    try:
        wish: AnyWish = decode_body(_ANY_WISH, data)
    except Rejected as rejected:
        return _number_of(data), rejected
    return wish


def _number_of(data: bytes) -> int | None:
    try:
        return _numbered_decoder.decode(data).id
    except UNREADABLE:
        return None


_ANY_WISH: Any = AnyWish
