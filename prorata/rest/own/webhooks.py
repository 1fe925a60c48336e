"""Webhooks: who is told of what at which address, what came of it, and telling it again."""

import asyncio
from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any, ParamSpec, TypeVar

import msgspec
from litestar import Controller, delete, get, patch, post
from litestar.params import JSONBody, PathParameter, QueryParameter

from prorata.access.permissions import Permission
from prorata.control.webhooks.calls import Call as KeyedCall
from prorata.control.webhooks.calls import KeyReused
from prorata.control.webhooks.notices import EventType
from prorata.control.webhooks.office import Changes, WebhookOffice
from prorata.control.webhooks.store import UnknownDelivery, UnknownSubscription
from prorata.control.webhooks.targets import BadTarget
from prorata.messages.refusals import Refusal
from prorata.projections.paging import BadCursor
from prorata.rest.own.paging import Cursor, Limit, NewestFirst, Since, Until, read_bound
from prorata.rest.own.session import Call, Session, needs
from prorata.rest.own.views import Page
from prorata.rest.own.webhook_views import (
    SEQUENCE_MAX,
    STATES,
    NewWebhook,
    SecretRotation,
    StateName,
    WebhookChange,
    WebhookDeliveryDetail,
    WebhookDeliveryView,
    WebhookRemoved,
    WebhookReplay,
    WebhookReplayed,
    WebhookView,
    WebhookWithSecret,
    attempt_view,
    delivery_view,
    secret_view,
    webhook_view,
)
from prorata.units.numbers import MINUTE_MS
from prorata.views.answers import Rejected
from prorata.views.bodies import NO_CONTROLS
from prorata.views.numbers import read_moment

P = ParamSpec("P")
T = TypeVar("T")

WebhookId = Annotated[str, PathParameter(min_length=1, max_length=32, pattern=NO_CONTROLS, description="id of the webhook")]
DeliveryNumber = Annotated[int, PathParameter(ge=1, le=SEQUENCE_MAX, description="number of the delivery")]
StateQuery = Annotated[StateName | None, QueryParameter(description="only in this state")]
TypeQuery = Annotated[EventType | None, QueryParameter(description="only of this type")]
KeyQuery = Annotated[
    str | None, QueryParameter(max_length=128, pattern=NO_CONTROLS, description='only of this order key, as "strategy/12"')
]


def _office(session: Session) -> WebhookOffice:
    if session.platform.webhooks is None:
        raise Rejected(Refusal.NOT_FOUND)
    return session.platform.webhooks


def _keyed(session: Session, operation: str, *content: Any) -> KeyedCall:
    """Return the change that is asked for, so that it is made once for its idempotency key."""
    digest = sha256(msgspec.json.encode((operation, *content))).hexdigest()
    return KeyedCall(session.caller.key_id, session.key, digest)


async def done_by_office(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Have the office do something, in a thread because the database blocks. Raises `Rejected`."""
    try:
        return await asyncio.to_thread(work, *args, **kwargs)
    except (UnknownSubscription, UnknownDelivery):
        raise Rejected(Refusal.NOT_FOUND) from None
    except KeyReused:
        raise Rejected(Refusal.KEY_REUSED) from None
    except BadTarget as problem:
        raise Rejected(Refusal.MALFORMED, f"url: {problem}") from None
    except (BadCursor, msgspec.MsgspecError):
        raise Rejected(Refusal.MALFORMED, "cursor: not one of this list") from None


class Webhooks(Controller):
    path = "/webhooks"
    tags = ("Webhooks",)
    guards = (needs(Permission.WEBHOOKS_MANAGE, house=True),)

    @get("/", summary="List webhooks")
    async def all(self, session: Call) -> list[WebhookView]:
        return [webhook_view(found) for found in await done_by_office(_office(session).subscriptions)]

    @post("/", summary="Add a webhook")
    async def add(self, session: Call, data: JSONBody[NewWebhook]) -> WebhookWithSecret:
        """The answer has the secret that its requests are signed with; it is not shown again."""
        made = await done_by_office(
            _office(session).subscribe, data.url, types=data.types, description=data.description,
            position=session.platform.writer.sequence, call=_keyed(session, "add", data),
        )  # fmt: skip
        return secret_view(made)

    @get("/{webhook:str}", summary="Show a webhook")
    async def one(self, session: Call, webhook: WebhookId) -> WebhookView:
        return webhook_view(await done_by_office(_office(session).subscription, webhook))

    @patch("/{webhook:str}", summary="Change, disable or enable a webhook")
    async def change(self, session: Call, webhook: WebhookId, data: JSONBody[WebhookChange]) -> WebhookView:
        changes = Changes(url=data.url, types=data.types, description=data.description, enabled=data.enabled)
        call = _keyed(session, "change", webhook, data)
        return webhook_view(await done_by_office(_office(session).change, webhook, changes, call))

    @delete("/{webhook:str}", summary="Remove a webhook and its log", status_code=200)
    async def remove(self, session: Call, webhook: WebhookId) -> WebhookRemoved:
        await done_by_office(_office(session).remove, webhook, _keyed(session, "remove", webhook))
        return WebhookRemoved(webhook)

    @post("/{webhook:str}/rotate-secret", summary="Make a new secret", status_code=200)
    async def rotate_secret(self, session: Call, webhook: WebhookId, data: JSONBody[SecretRotation]) -> WebhookWithSecret:
        overlap_ms = data.overlap_hours * 60 * MINUTE_MS
        call = _keyed(session, "rotate", webhook, data)
        return secret_view(await done_by_office(_office(session).rotate_secret, webhook, overlap_ms=overlap_ms, call=call))

    @post("/{webhook:str}/test", summary="Send a test delivery")
    async def test(self, session: Call, webhook: WebhookId) -> WebhookDeliveryView:
        """It has the type "ping" and no data. What became of it is in the log."""
        call = _keyed(session, "test", webhook)
        return delivery_view(await done_by_office(_office(session).test, webhook, session.platform.now(), call))

    @post("/{webhook:str}/replay", summary="Deliver again from an event or a time on", status_code=200)
    async def replay(self, session: Call, webhook: WebhookId, data: JSONBody[WebhookReplay]) -> WebhookReplayed:
        """From an event on, events that are not in the log are told as well, as far back as the outbox goes."""
        if (data.sequence is None) == (data.since is None):
            raise Rejected(Refusal.MALFORMED, "sequence, since: give one of them")
        since = None if data.since is None else read_moment(data.since, "since")
        call = _keyed(session, "replay", webhook, data)
        return WebhookReplayed(
            await done_by_office(_office(session).replay, webhook, sequence=data.sequence, since=since, call=call)
        )

    @get("/{webhook:str}/deliveries", summary="List a webhook's deliveries")
    async def deliveries(
        self,
        session: Call,
        webhook: WebhookId,
        in_state: StateQuery = None,
        type: TypeQuery = None,
        order_key: KeyQuery = None,
        since: Since = None,
        until: Until = None,
        newest_first: NewestFirst = True,
        cursor: Cursor = None,
        limit: Limit = 100,
    ) -> Page[WebhookDeliveryView]:
        """`since` and `until` bound the time at which they were put in line."""
        page = await done_by_office(
            _office(session).deliveries, webhook, state=None if in_state is None else STATES[in_state], event_type=type,
            order_key=order_key, since=read_bound(since, "since"), until=read_bound(until, "until"),
            newest_first=newest_first, cursor=cursor, limit=limit,
        )  # fmt: skip
        return Page(tuple(delivery_view(row) for row in page.rows), page.cursor)

    @get("/{webhook:str}/deliveries/{number:int}", summary="Show a delivery, its body and its attempts")
    async def delivery(self, session: Call, webhook: WebhookId, number: DeliveryNumber) -> WebhookDeliveryDetail:
        office = _office(session)
        found = await done_by_office(office.delivery, webhook, number)
        attempts = await done_by_office(office.attempts, number)
        return WebhookDeliveryDetail(delivery_view(found), found.body, tuple(attempt_view(row) for row in attempts))

    @post("/{webhook:str}/deliveries/{number:int}/redeliver", summary="Deliver one again", status_code=200)
    async def redeliver(self, session: Call, webhook: WebhookId, number: DeliveryNumber) -> WebhookDeliveryView:
        call = _keyed(session, "redeliver", webhook, number)
        return delivery_view(await done_by_office(_office(session).redeliver, webhook, number, call))
