"""What is sent to us and answered about webhooks."""

from typing import Annotated, Literal, TypeAlias, cast

from msgspec import Meta

from prorata.control.webhooks.notices import EventType
from prorata.control.webhooks.office import NewSecret
from prorata.control.webhooks.rows import Attempt, Delivery, DeliveryState, Subscription
from prorata.control.webhooks.targets import URL_LENGTH_MAX
from prorata.rest.own.views import View
from prorata.views.bodies import NO_CONTROLS, Body, MomentText
from prorata.views.numbers import show_moment, show_moment_or_none

StateName: TypeAlias = Literal["waiting", "failed", "delivered", "dead"]
STATES: dict[str, DeliveryState] = {state.name.lower(): state for state in DeliveryState}

SEQUENCE_MAX = 2**63 - 1
OVERLAP_HOURS_MAX = 168

Url = Annotated[str, Meta(min_length=1, max_length=URL_LENGTH_MAX, examples=["https://crm.example.com/hooks/ramm"])]
Types = Annotated[tuple[EventType, ...], Meta(max_length=10, examples=[["event_deal_create"]])]
Description = Annotated[str, Meta(max_length=128, pattern=NO_CONTROLS, examples=["CRM"])]


class NewWebhook(Body, frozen=True, kw_only=True):
    """`types` empty: all. Events are told from now on."""

    url: Url
    types: Types = ()
    description: Description = ""


class WebhookChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is. One that is enabled again is told what happened meanwhile."""

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    enabled: bool | None = None


class SecretRotation(Body, frozen=True, kw_only=True):
    """For `overlap_hours` more, requests carry the signature of the old secret as well."""

    overlap_hours: Annotated[int, Meta(ge=0, le=OVERLAP_HOURS_MAX, examples=[24])] = 24


class WebhookReplay(Body, frozen=True, kw_only=True):
    """From which event on, or since which time of the platform: one of the two."""

    sequence: Annotated[int, Meta(ge=1, le=SEQUENCE_MAX, examples=[317])] | None = None
    since: MomentText | None = None


class WebhookView(View, frozen=True):
    """`types` empty: all. `disabled_reason`: "gone" if the receiver answered 410. `sequence`: the last event taken for it.

    `old_secret_until`: until then requests carry the signature of the secret before as well.
    """

    id: str
    url: str
    types: tuple[EventType, ...]
    description: str
    enabled: bool
    disabled_reason: str | None
    sequence: int
    created_at: str
    old_secret_until: str | None


class WebhookWithSecret(View, frozen=True):
    """`secret` is shown this once."""

    webhook: WebhookView
    secret: str


class WebhookRemoved(View, frozen=True):
    id: str


class WebhookReplayed(View, frozen=True):
    """`queued`: deliveries of the log that are made again. Events that were not in the log come on top."""

    queued: int


class WebhookDeliveryView(View, frozen=True):
    """One envelope for one webhook. `sequence` 0: a test. `last_status` null: no answer, or not tried yet.

    Deliveries of one `order_key` are made one after the other: while one is waiting or failed, later ones wait.
    `next_at`: when it is tried again, unless it waits for another.
    """

    number: int
    uuid: str
    type: str
    sequence: int
    part: int
    order_key: str
    at: str
    created_at: str
    state: StateName
    attempts: int
    next_at: str | None
    last_status: int | None
    last_error: str | None
    delivered_at: str | None


class WebhookAttemptView(View, frozen=True):
    attempt: int
    at: str
    milliseconds: int
    status: int | None
    error: str | None


class WebhookDeliveryDetail(View, frozen=True):
    """`body` is what travels. `attempts`: the newest first."""

    delivery: WebhookDeliveryView
    body: str
    attempts: tuple[WebhookAttemptView, ...]


def webhook_view(subscription: Subscription) -> WebhookView:
    return WebhookView(
        subscription.id,
        subscription.url,
        cast("tuple[EventType, ...]", subscription.types),
        subscription.description,
        subscription.enabled,
        subscription.disabled_reason or None,
        subscription.position,
        show_moment(subscription.created_at),
        show_moment_or_none(subscription.old_secret_until),
    )


def secret_view(made: NewSecret) -> WebhookWithSecret:
    return WebhookWithSecret(webhook_view(made.subscription), made.secret)


def delivery_view(delivery: Delivery) -> WebhookDeliveryView:
    pending = delivery.state <= DeliveryState.FAILED
    return WebhookDeliveryView(
        delivery.number,
        delivery.uuid,
        delivery.type,
        delivery.sequence,
        delivery.part,
        delivery.order_key,
        show_moment(delivery.at),
        show_moment(delivery.created_at),
        cast("StateName", delivery.state.name.lower()),
        delivery.attempts,
        show_moment(delivery.next_at) if pending else None,
        delivery.last_status or None,
        delivery.last_error or None,
        show_moment_or_none(delivery.delivered_at),
    )


def attempt_view(attempt: Attempt) -> WebhookAttemptView:
    return WebhookAttemptView(
        attempt.attempt, show_moment(attempt.at), attempt.milliseconds, attempt.status or None, attempt.error or None
    )
