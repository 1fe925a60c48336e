"""What the people of the broker do with webhooks: subscribe, change, look into the log, have it delivered again.

Everything here blocks; call it from a thread. Changes are durable when they return.
"""

import secrets
from base64 import b32encode
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from prorata.control.webhooks.calls import Call, once
from prorata.control.webhooks.notices import TEST_TYPE, Notice, body_of, envelope_id
from prorata.control.webhooks.rows import Attempt, Delivery, DeliveryState, Subscription
from prorata.control.webhooks.signing import show_secret
from prorata.control.webhooks.store import UnknownDelivery, WebhookStore, subscription_from
from prorata.control.webhooks.tables import attempts, deliveries, subscriptions
from prorata.control.webhooks.targets import Allowed, check_url
from prorata.projections.paging import Listing, part_of, read_page
from prorata.projections.rows import Page
from prorata.units.numbers import Moment

ATTEMPTS_SHOWN = 200
"""of one delivery, the newest"""
_NO_CALL = Call()
_AGAIN: dict[str, Any] = {"state": DeliveryState.WAITING, "tries": 0, "began_at": 0, "delivered_at": 0}


class NewSecret(msgspec.Struct, frozen=True):
    """A subscription with its newest secret, as it is shown once."""

    subscription: Subscription
    secret: str


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be another way; None stays as it is. `types` (): all."""

    url: str | None = None
    description: str | None = None
    types: tuple[str, ...] | None = None
    enabled: bool | None = None


class WebhookOffice:
    """The subscriptions and the delivery log of one platform.

    Methods that name a subscription raise `UnknownSubscription`, and `UnknownDelivery` where they name a delivery;
    those that take a `call` raise `KeyReused`; those that take a URL raise `BadTarget`.
    """

    def __init__(self, store: WebhookStore, allowed: Allowed) -> None:
        self._store = store
        self._allowed = allowed

    # Subscriptions.

    def subscribe(
        self, url: str, *, position: int, types: Collection[str] = (), description: str = "", call: Call = _NO_CALL
    ) -> NewSecret:
        """Make a subscription for the events after `position`. `types` (): all."""
        check_url(url, self._allowed)
        assert self._store.types.issuperset(types)
        row = {
            "platform": self._store.platform,
            "id": b32encode(secrets.token_bytes(5)).decode().lower(),
            "company": self._store.company,
            "url": url,
            "description": description,
            "types": " ".join(sorted(set(types))),
            "enabled": 1,
            "disabled_reason": "",
            "salt": secrets.token_hex(16),
            "secret_version": 1,
            "old_secret_until": 0,
            "position": position,
            "created_at": self._store.now(),
        }

        def work(connection: Connection) -> str:
            connection.execute(insert(subscriptions).values(row))
            return str(row["id"])

        return self._shown(once(self._store, call, work), 1)

    def subscriptions(self) -> list[Subscription]:
        """List all, oldest first."""
        with self._store.reading() as connection:
            return [subscription_from(row) for row in connection.execute(self._store.select_subscriptions()).mappings()]

    def subscription(self, subscription_id: str) -> Subscription:
        with self._store.reading() as connection:
            return self._store.find(connection, subscription_id)

    def change(self, subscription_id: str, changes: Changes, call: Call = _NO_CALL) -> Subscription:
        """Change a subscription. One that is enabled again gets what happened meanwhile."""
        values: dict[str, Any] = {}
        if changes.url is not None:
            check_url(changes.url, self._allowed)
            values["url"] = changes.url
        if changes.description is not None:
            values["description"] = changes.description
        if changes.types is not None:
            assert self._store.types.issuperset(changes.types)
            values["types"] = " ".join(sorted(set(changes.types)))
        if changes.enabled is not None:
            values |= {"enabled": int(changes.enabled), "disabled_reason": ""}

        def work(connection: Connection) -> str:
            self._store.find(connection, subscription_id)
            if values:
                connection.execute(update(subscriptions).where(self._same(subscription_id)).values(values))
            return ""

        once(self._store, call, work)
        return self.subscription(subscription_id)

    def remove(self, subscription_id: str, call: Call = _NO_CALL) -> None:
        """End a subscription, with its log. What waits is not delivered any more."""

        def work(connection: Connection) -> str:
            self._store.find(connection, subscription_id, lock=True)
            self._store.forget_deliveries(connection, deliveries.c.subscription == subscription_id)
            connection.execute(delete(subscriptions).where(self._same(subscription_id)))
            return ""

        once(self._store, call, work)

    def rotate_secret(self, subscription_id: str, *, overlap_ms: int, call: Call = _NO_CALL) -> NewSecret:
        """Make a new secret. For `overlap_ms` more, requests carry the signature of the old one as well."""

        def work(connection: Connection) -> str:
            now = self._store.now()
            found = self._store.find(connection, subscription_id, lock=True)
            values = {"secret_version": found.secret_version + 1, "old_secret_until": now + overlap_ms}
            connection.execute(update(subscriptions).where(self._same(subscription_id)).values(values))
            return str(found.secret_version + 1)

        return self._shown(subscription_id, int(once(self._store, call, work)))

    # Delivering by hand.

    def test(self, subscription_id: str, at: Moment, call: Call = _NO_CALL) -> Delivery:
        """Put a test delivery (type "ping") in line. `at`: the platform's time."""

        def work(connection: Connection) -> str:
            self._store.find(connection, subscription_id, lock=True)
            number = self._store.take_numbers(connection, 1)
            notice = Notice(sequence=0, part=number, at=at, order_key=TEST_TYPE, type=TEST_TYPE, data={})
            connection.execute(insert(deliveries).values(new_row(self._store, subscription_id, notice, number)))
            return str(number)

        return self.delivery(subscription_id, int(once(self._store, call, work)))

    def redeliver(self, subscription_id: str, number: int, call: Call = _NO_CALL) -> Delivery:
        """Put one delivery in line again, whatever became of it. If it is being sent just now, that is the answer."""

        def work(connection: Connection) -> str:
            self._store.find(connection, subscription_id)
            self._again(connection, self._log_of(subscription_id) & (deliveries.c.number == number))
            return ""

        once(self._store, call, work)
        return self.delivery(subscription_id, number)

    def replay(
        self, subscription_id: str, *, sequence: int | None = None, since: Moment | None = None, call: Call = _NO_CALL
    ) -> int:
        """Put in line again what happened from an event on, or since a time of the platform; return how many were logged.

        From an event on, those that never were in the log (it did not want them then, or was not there yet) are
        taken as well, as far back as the platform's outbox goes.
        """
        assert (sequence is None) != (since is None)

        def work(connection: Connection) -> str:
            found = self._store.find(connection, subscription_id, lock=True)
            wanted = deliveries.c.at >= since if sequence is None else deliveries.c.sequence >= sequence
            count = self._again(connection, self._log_of(subscription_id) & wanted & (deliveries.c.sequence > 0))
            if sequence is not None and sequence <= found.position:
                moved = update(subscriptions).where(self._same(subscription_id)).values(position=max(0, sequence - 1))
                connection.execute(moved)
            return str(count)

        return int(once(self._store, call, work))

    # The log.

    def deliveries(
        self, subscription_id: str, *, state: DeliveryState | None = None, event_type: str | None = None,
        order_key: str | None = None, since: Moment | None = None, until: Moment | None = None,
        cursor: str | None = None, limit: int = 100, newest_first: bool = True,
    ) -> Page[Delivery]:  # fmt: skip
        """List deliveries in the order in which they were put in line; `since` and `until` bound that time.

        Raises:
            BadCursor: the cursor is of another list or order.
        """
        where: list[ColumnElement[bool]] = [self._log_of(subscription_id)]
        for column, value in (("state", state), ("type", event_type), ("order_key", order_key)):
            if value is not None:
                where.append(deliveries.c[column] == value)
        if since is not None:
            where.append(deliveries.c.created_at >= since)
        if until is not None:
            where.append(deliveries.c.created_at < until)
        name = f"{deliveries.name}/{subscription_id}"
        listing = Listing(name=name, keys=("number",), cursor=cursor, limit=limit, newest_first=newest_first)
        with self._store.reading() as connection:
            self._store.find(connection, subscription_id)
            return read_page(connection, listing, part_of(listing, deliveries, Delivery, where), Delivery)

    def delivery(self, subscription_id: str, number: int) -> Delivery:
        with self._store.reading() as connection:
            self._store.find(connection, subscription_id)
            columns = (deliveries.c[name] for name in Delivery.__struct_fields__)
            query = select(*columns).where(self._log_of(subscription_id), deliveries.c.number == number)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise UnknownDelivery(number)
        return msgspec.convert(tuple(row), Delivery)

    def attempts(self, number: int) -> Sequence[Attempt]:
        """Return what became of each request of a delivery, newest first, `ATTEMPTS_SHOWN` at most."""
        columns = (attempts.c[name] for name in Attempt.__struct_fields__)
        query = select(*columns).where(attempts.c.platform == self._store.platform, attempts.c.number == number)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(attempts.c.attempt.desc()).limit(ATTEMPTS_SHOWN))
            return [Attempt(*row) for row in rows]

    # Parts of the above.

    def _shown(self, subscription_id: str, version: int) -> NewSecret:
        found = self.subscription(subscription_id)
        secret = self._store.key.secret_of(self._store.platform, found.id, found.salt, version)
        return NewSecret(found, show_secret(secret))

    def _same(self, subscription_id: str) -> ColumnElement[bool]:
        return self._store.of_company() & (subscriptions.c.id == subscription_id)

    def _log_of(self, subscription_id: str) -> ColumnElement[bool]:
        return (deliveries.c.platform == self._store.platform) & (deliveries.c.subscription == subscription_id)

    def _again(self, connection: Connection, which: ColumnElement[bool]) -> int:
        return connection.execute(update(deliveries).where(which).values(**_AGAIN, next_at=self._store.now())).rowcount


def new_row(store: WebhookStore, subscription_id: str, notice: Notice, number: int) -> dict[str, Any]:
    """Return a delivery of `notice` that has not been tried."""
    now = store.now()
    return {
        "platform": store.platform,
        "number": number,
        "subscription": subscription_id,
        "sequence": notice.sequence,
        "part": notice.part,
        "order_key": notice.order_key,
        "uuid": envelope_id(store.platform, notice),
        "type": notice.type,
        "body": body_of(store.platform, notice, store.publisher).decode(),
        "at": notice.at,
        "created_at": now,
        "state": DeliveryState.WAITING,
        "attempts": 0,
        "tries": 0,
        "began_at": 0,
        "next_at": now,
        "last_status": 0,
        "last_error": "",
        "delivered_at": 0,
    }
