"""Webhooks of the CRM: which programs are told of what happens in it, and what came of telling them."""

from typing import Annotated

from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, QueryParameter

from prorata.access.permissions import Permission
from prorata.control.webhooks.office import Changes, NewSecret, WebhookOffice
from prorata.crm.events import CrmEventType
from prorata.crm.webhooks import CrmWebhooks
from prorata.messages.refusals import Refusal
from prorata.rest.own.paging import Cursor, Limit, NewestFirst, Since, Until, read_bound
from prorata.rest.own.views import Page
from prorata.rest.own.webhook_views import (
    STATES,
    SecretRotation,
    WebhookDeliveryDetail,
    WebhookDeliveryView,
    WebhookReplay,
    WebhookReplayed,
    attempt_view,
    delivery_view,
)
from prorata.rest.own.webhooks import DeliveryNumber, StateQuery, WebhookId, done_by_office
from prorata.rest.workspace.call import AnyCall, Call, SignedIn
from prorata.rest.workspace.crm.webhook_shapes import (
    CrmWebhookChange,
    CrmWebhookRemoved,
    CrmWebhookView,
    CrmWebhookWithSecret,
    NewCrmWebhook,
    crm_webhook_view,
)
from prorata.rest.workspace.permitted import Granted, OrganizationUuid, needs
from prorata.units.numbers import MINUTE_MS
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS
from prorata.views.numbers import read_moment

MANAGES = needs(Permission.WEBHOOKS_MANAGE)
TypeQuery = Annotated[CrmEventType | None, QueryParameter(description="only of this type")]
KeyQuery = Annotated[
    str | None, QueryParameter(max_length=128, pattern=NO_CONTROLS, description='only of this account, as "account/{uuid}"')
]


def _hooks(call: Call) -> CrmWebhooks:
    """Raises `Rejected`."""
    if call.workspace.crm_webhooks is None:
        raise Rejected(Refusal.NOT_READY, retry_after=1)
    return call.workspace.crm_webhooks


def _office(call: Call, organization: str) -> WebhookOffice:
    return _hooks(call).office(organization.lower())


def _with_secret(made: NewSecret) -> CrmWebhookWithSecret:
    return CrmWebhookWithSecret(webhook=crm_webhook_view(made.subscription), secret=made.secret)


class CrmWebhookOperations(Controller):
    path = "/organizations/{organization:str}/crm-webhooks"
    tags = ("CRM",)
    guards = (MANAGES,)

    @get("/", summary="List webhooks of the CRM")
    async def all(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid
    ) -> list[CrmWebhookView]:  # fmt: skip
        return [crm_webhook_view(one) for one in await done_by_office(_office(call, organization).subscriptions)]

    @post("/", summary="Add a webhook of the CRM")
    async def add(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, data: JSONBody[NewCrmWebhook]
    ) -> CrmWebhookWithSecret:
        """The answer has the secret that its requests are signed with; it is not shown again."""
        position = await call.sql(_hooks(call).last)
        subscribe = _office(call, organization).subscribe
        made = await done_by_office(
            subscribe, data.url, types=data.types, description=data.description, position=position
        )  # fmt: skip
        call.tell(after=crm_webhook_view(made.subscription))
        return _with_secret(made)

    @get("/{webhook:str}", summary="Show a webhook of the CRM")
    async def one(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId
    ) -> CrmWebhookView:
        return crm_webhook_view(await done_by_office(_office(call, organization).subscription, webhook))

    @patch("/{webhook:str}", summary="Change, disable or enable a webhook of the CRM")
    async def change(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        data: JSONBody[CrmWebhookChange],
    ) -> CrmWebhookView:  # fmt: skip
        office = _office(call, organization)
        before = await done_by_office(office.subscription, webhook)
        changes = Changes(url=data.url, types=data.types, description=data.description, enabled=data.enabled)
        view = crm_webhook_view(await done_by_office(office.change, webhook, changes))
        call.tell(before=crm_webhook_view(before), after=view)
        return view

    @delete("/{webhook:str}", summary="Remove a webhook of the CRM and its log", status_code=200)
    async def remove(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId
    ) -> CrmWebhookRemoved:
        await done_by_office(_office(call, organization).remove, webhook)
        return CrmWebhookRemoved(webhook)

    @post("/{webhook:str}/rotate-secret", summary="Make a new secret", status_code=200)
    async def rotate_secret(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        data: JSONBody[SecretRotation],
    ) -> CrmWebhookWithSecret:  # fmt: skip
        rotate = _office(call, organization).rotate_secret
        return _with_secret(await done_by_office(rotate, webhook, overlap_ms=data.overlap_hours * 60 * MINUTE_MS))

    @post("/{webhook:str}/test", summary="Send a test delivery")
    async def test(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId
    ) -> WebhookDeliveryView:
        """It has the type "ping" and no data. What became of it is in the log."""
        return delivery_view(await done_by_office(_office(call, organization).test, webhook, call.control.database.now()))

    @post("/{webhook:str}/replay", summary="Deliver again from an event or a time on", status_code=200)
    async def replay(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        data: JSONBody[WebhookReplay],
    ) -> WebhookReplayed:  # fmt: skip
        """From an event on, events that are not in the log are told as well, as far back as the outbox goes."""
        if (data.sequence is None) == (data.since is None):
            raise Rejected(Refusal.MALFORMED, "sequence, since: give one of them")
        since = None if data.since is None else read_moment(data.since, "since")
        replay = _office(call, organization).replay
        return WebhookReplayed(await done_by_office(replay, webhook, sequence=data.sequence, since=since))

    @get("/{webhook:str}/deliveries", summary="List a webhook's deliveries")
    async def deliveries(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        in_state: StateQuery = None, type: TypeQuery = None, order_key: KeyQuery = None, since: Since = None,
        until: Until = None, newest_first: NewestFirst = True, cursor: Cursor = None, limit: Limit = 100,
    ) -> Page[WebhookDeliveryView]:  # fmt: skip
        """`since` and `until` bound the time at which they were put in line."""
        page = await done_by_office(
            _office(call, organization).deliveries, webhook, state=None if in_state is None else STATES[in_state],
            event_type=type, order_key=order_key, since=read_bound(since, "since"), until=read_bound(until, "until"),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip
        return Page(tuple(delivery_view(row) for row in page.rows), page.cursor)

    @get("/{webhook:str}/deliveries/{number:int}", summary="Show a delivery, its body and its attempts")
    async def delivery(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        number: DeliveryNumber,
    ) -> WebhookDeliveryDetail:  # fmt: skip
        office = _office(call, organization)
        found = await done_by_office(office.delivery, webhook, number)
        attempts = await done_by_office(office.attempts, number)
        return WebhookDeliveryDetail(delivery_view(found), found.body, tuple(attempt_view(row) for row in attempts))

    @post("/{webhook:str}/deliveries/{number:int}/redeliver", summary="Deliver one again", status_code=200)
    async def redeliver(
        self, call: AnyCall, caller: SignedIn, grant: Granted, organization: OrganizationUuid, webhook: WebhookId,
        number: DeliveryNumber,
    ) -> WebhookDeliveryView:  # fmt: skip
        return delivery_view(await done_by_office(_office(call, organization).redeliver, webhook, number))
