"""What is sent and shown about webhooks of the CRM, where it is not as for a trade platform's."""

from typing import Annotated, cast

import msgspec
from msgspec import Meta

from prorata.control.webhooks.rows import Subscription
from prorata.crm.events import CrmEventType
from prorata.rest.own.webhook_views import Description, Url
from prorata.views.bodies import Body
from prorata.views.numbers import show_moment, show_moment_or_none

Types = Annotated[tuple[CrmEventType, ...], Meta(max_length=20, examples=[["account_created", "payment_changed"]])]


class NewCrmWebhook(Body, frozen=True, kw_only=True):
    """`types` empty: all. Events are told from now on."""

    url: Url
    types: Types = ()
    description: Description = ""


class CrmWebhookChange(Body, frozen=True, kw_only=True):
    """What is left out or null stays as it is. One that is enabled again is told what happened meanwhile."""

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    enabled: bool | None = None


class CrmWebhookView(msgspec.Struct, frozen=True, kw_only=True):
    """`types` empty: all. `disabled_reason`: "gone" if the receiver answered 410. `sequence`: the last event taken for it.

    `old_secret_until`: until then requests carry the signature of the secret before as well.
    """

    id: str
    url: str
    types: tuple[CrmEventType, ...]
    description: str
    enabled: bool
    disabled_reason: str | None
    sequence: int
    created_at: str
    old_secret_until: str | None


class CrmWebhookWithSecret(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is shown this once."""

    webhook: CrmWebhookView
    secret: str


class CrmWebhookRemoved(msgspec.Struct, frozen=True):
    id: str


def crm_webhook_view(subscription: Subscription) -> CrmWebhookView:
    return CrmWebhookView(
        id=subscription.id, url=subscription.url, types=cast("tuple[CrmEventType, ...]", subscription.types),
        description=subscription.description, enabled=subscription.enabled,
        disabled_reason=subscription.disabled_reason or None, sequence=subscription.position,
        created_at=show_moment(subscription.created_at), old_secret_until=show_moment_or_none(subscription.old_secret_until),
    )  # fmt: skip
