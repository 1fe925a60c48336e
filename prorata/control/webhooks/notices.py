"""What subscribers are told: a notice is one thing that happened; its envelope is the JSON that travels.

Types and envelope are those of the RAMM notifications (reference ramm.md, b.7), which their receivers parse already.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias, get_args

import msgspec

from prorata.units.numbers import Moment

EventType: TypeAlias = Literal[
    "event_deal_create",
    "event_investment_create",
    "event_investment_close",
    "event_investment_pause",
    "event_investment_start",
    "event_strategy_create",
    "event_strategy_close",
    "event_wallet_create",
    "event_wallet_in",
    "event_wallet_out",
]
EVENT_TYPES: frozenset[str] = frozenset(get_args(EventType))
TEST_TYPE = "ping"
"""A test delivery, asked for by hand. No event of a platform has this type."""
VERSION = "1"

_NAMESPACE = uuid.UUID("c3a1f3c8-5d0b-5c0e-9a53-0f6f3f0b7a11")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Notice(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened on a platform.

    `sequence`: number of the engine's event, 1, 2, 3, ...; notices of one event are told apart by `part`, 0, 1, 2, ...
    `at`: the platform's time. `order_key`: notices of one key ("strategy/12", "wallet/7") are delivered one after the
    other, in order. `data`: the payload as JSON will show it. `uuid`: of its envelope; "": made of platform and sequence.
    `company`: whose subscriptions are told; "": all of the platform's.
    """

    sequence: int
    at: Moment
    order_key: str
    type: str
    data: dict[str, Any]
    part: int = 0
    uuid: str = ""
    company: str = ""


class NoticeBatch(msgspec.Struct, frozen=True, gc=False):
    """All notices of the events `first` to `through`, in order. Most events give none."""

    first: int
    through: int
    notices: tuple[Notice, ...] = ()


class _Envelope(msgspec.Struct, frozen=True, gc=False):
    type: str
    sent_at: str
    uuid: str
    publisher: str
    version: str
    data: dict[str, Any]


_encoder = msgspec.json.Encoder()


def uuid_of(platform: str, sequence: int, part: int) -> str:
    """Return the id of an envelope. The same notice has the same id for ever, on every way and after every crash."""
    return str(uuid.uuid5(_NAMESPACE, f"{platform}/{sequence}/{part}"))


def envelope_id(platform: str, notice: Notice) -> str:
    return notice.uuid or uuid_of(platform, notice.sequence, notice.part)


def body_of(platform: str, notice: Notice, publisher: str) -> bytes:
    """Return the envelope of a notice as it travels. `sent_at` is when it happened, so that a repeat is the same text."""
    happened = (_EPOCH + timedelta(milliseconds=notice.at)).isoformat(timespec="milliseconds")
    return _encoder.encode(
        _Envelope(notice.type, happened.replace("+00:00", "Z"), envelope_id(platform, notice), publisher, VERSION, notice.data)
    )
