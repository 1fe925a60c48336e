"""What the tables of webhooks answer with."""

from enum import IntEnum

import msgspec

from prorata.projections.rows import Row
from prorata.units.numbers import Moment


class DeliveryState(IntEnum):
    """How far a delivery has got. Up to FAILED it is pending: it holds back later ones of its order key."""

    WAITING = 0
    """not tried yet, or asked for again"""
    FAILED = 1
    """the last attempt failed; another follows"""
    DELIVERED = 2
    DEAD = 3
    """given up; only a replay by hand sends it again"""


class Subscription(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants which events where. `types` (): all. `disabled_reason`: "" unless something else than a person did it.

    `position`: the last event that was taken for it. `old_secret_until`: until then requests carry the signature of the
    secret before, too; 0 if there is none. The secret itself is derived (`signing`) from `salt` and `secret_version`.
    """

    id: str
    company: str
    url: str
    description: str
    types: tuple[str, ...]
    enabled: bool
    disabled_reason: str
    salt: str
    secret_version: int
    old_secret_until: Moment
    position: int
    created_at: Moment

    def wants(self, event_type: str) -> bool:
        return not self.types or event_type in self.types


class Delivery(Row, frozen=True):
    """One envelope for one subscription, see `tables.deliveries`."""

    number: int
    subscription: str
    sequence: int
    part: int
    order_key: str
    uuid: str
    type: str
    body: str
    at: Moment
    created_at: Moment
    state: DeliveryState
    attempts: int
    tries: int
    began_at: Moment
    next_at: Moment
    last_status: int
    last_error: str
    delivered_at: Moment


class Attempt(Row, frozen=True):
    """One request. `status` 0: there was no answer, `error` says why."""

    number: int
    attempt: int
    at: Moment
    milliseconds: int
    status: int
    error: str


class Backlog(msgspec.Struct, frozen=True):
    """What is pending for subscriptions that are enabled. `oldest_at`: since when the oldest has been; 0 for none."""

    waiting: int = 0
    failed: int = 0
    oldest_at: Moment = 0
