"""What the service that delivers does with the tables: take notices, find what is to be sent next, note what came of it.

Everything here blocks; call it from one thread.
"""

from collections.abc import Collection, Sequence

import msgspec
from sqlalchemy import Connection, case, func, insert, select, update

from prorata.control.webhooks.calls import forget_calls
from prorata.control.webhooks.notices import Notice, NoticeBatch
from prorata.control.webhooks.office import new_row
from prorata.control.webhooks.rows import Backlog, Delivery, DeliveryState, Subscription
from prorata.control.webhooks.store import WebhookStore, subscription_from
from prorata.control.webhooks.tables import PENDING, attempts, deliveries, subscriptions
from prorata.storage.database import insert_into
from prorata.units.numbers import Moment

PRUNED_AT_ONCE = 1_000
"""deliveries, so that nobody waits long for the tables"""
ERROR_LENGTH_MAX = 300
GONE = "gone"
"""why a subscription is disabled whose receiver answered 410"""


class Taken(msgspec.Struct, frozen=True):
    """What a batch of notices led to. `keys`: order keys with something new, for each subscription.

    `reached`: the event up to which every enabled subscription has been served; None if there is none.
    """

    keys: dict[str, set[str]]
    reached: int | None


class Outcome(msgspec.Struct, frozen=True):
    """What came of one request, and what follows. `next_at`: of the next attempt, 0 for none.

    `gone`: the receiver wants nothing more (410).
    """

    at: Moment
    milliseconds: int
    status: int
    error: str
    state: DeliveryState
    next_at: Moment = 0
    gone: bool = False


class DeliveryLine:
    """The pending deliveries of one platform's subscriptions."""

    def __init__(self, store: WebhookStore) -> None:
        self._store = store
        self._here = deliveries.c.platform == store.platform

    def enabled(self) -> list[Subscription]:
        query = self._store.select_subscriptions().where(subscriptions.c.enabled == 1)
        with self._store.reading() as connection:
            return [subscription_from(row) for row in connection.execute(query).mappings()]

    def take(self, batch: NoticeBatch) -> Taken:
        """Put the notices in line for each subscription that has been served up to this batch, all or nothing.

        One that is further behind is left as it is: what lies between must come first. What a subscription has
        had is passed over, so a batch may come twice.
        """
        keys: dict[str, set[str]] = {}
        with self._store.writing() as connection:
            served = self._enabled_at(connection, batch)
            rows = []
            for subscription in served:
                wanted = [notice for notice in batch.notices if _is_new(notice, subscription)]
                rows += [(subscription.id, notice) for notice in wanted]
                if wanted:
                    keys[subscription.id] = {notice.order_key for notice in wanted}
            self._put_in_line(connection, rows)
            ids = [subscription.id for subscription in served]
            moved = update(subscriptions).where(self._store.of_company(), subscriptions.c.id.in_(ids))
            connection.execute(moved.values(position=batch.through))
            positions = select(func.min(subscriptions.c.position))
            reached = connection.execute(
                positions.where(self._store.of_company(), subscriptions.c.enabled == 1)
            ).scalar_one_or_none()
        return Taken(keys, reached)

    def _enabled_at(self, connection: Connection, batch: NoticeBatch) -> list[Subscription]:
        query = self._store.select_subscriptions().where(
            subscriptions.c.enabled == 1,
            subscriptions.c.position >= batch.first - 1,
            subscriptions.c.position < batch.through,
        )
        return [subscription_from(row) for row in connection.execute(query.with_for_update()).mappings()]

    def _put_in_line(self, connection: Connection, rows: Sequence[tuple[str, Notice]]) -> None:
        if not rows:
            return
        statement = insert_into(connection.dialect, deliveries).on_conflict_do_nothing(
            index_elements=["platform", "subscription", "sequence", "part"]
        )
        first = self._store.take_numbers(connection, len(rows))
        connection.execute(
            statement, [new_row(self._store, to, notice, first + place) for place, (to, notice) in enumerate(rows)]
        )

    def cut_back(self, sequence: int) -> bool:
        """Forget what lies beyond the platform's last event: the journal was put back, or is another one."""
        beyond = self._store.of_company() & (subscriptions.c.position > sequence)
        with self._store.writing(durable=True) as connection:
            if not connection.execute(update(subscriptions).where(beyond).values(position=sequence)).rowcount:
                return False
            self._store.forget_deliveries(connection, deliveries.c.sequence > sequence)
        return True

    def pending_keys(self, subscription_id: str) -> list[str]:
        """Return the order keys with something pending."""
        query = select(deliveries.c.order_key).where(self._here, deliveries.c.subscription == subscription_id, PENDING)
        with self._store.reading() as connection:
            return list(connection.execute(query.distinct()).scalars())

    def heads(self, subscription_id: str, order_keys: Collection[str]) -> dict[str, Delivery]:
        """Return the earliest pending delivery of each key, for the keys that have one.

        What lies beyond the subscription's position is left out: after a replay, what comes before it is being taken.
        """
        of_subscription = self._store.of_company() & (subscriptions.c.id == subscription_id)
        with self._store.reading() as connection:
            position = connection.execute(select(subscriptions.c.position).where(of_subscription)).scalar_one_or_none()
            if position is None:
                return {}
            found = ((key, self._head(connection, subscription_id, key, position)) for key in order_keys)
            return {key: head for key, head in found if head is not None}

    def _head(self, connection: Connection, subscription_id: str, order_key: str, position: int) -> Delivery | None:
        columns = (deliveries.c[name] for name in Delivery.__struct_fields__)
        of_key = (deliveries.c.subscription == subscription_id) & (deliveries.c.order_key == order_key)
        query = select(*columns).where(self._here, of_key, deliveries.c.sequence <= position, PENDING)
        row = connection.execute(query.order_by(deliveries.c.sequence, deliveries.c.part).limit(1)).one_or_none()
        return None if row is None else msgspec.convert(tuple(row), Delivery)

    def note(self, sent: Delivery, outcome: Outcome) -> None:
        """Write down what came of a request. A delivery that was removed meanwhile stays so."""
        values = {
            "state": outcome.state,
            "attempts": sent.attempts + 1,
            "tries": sent.tries + 1,
            "began_at": sent.began_at or outcome.at,
            "next_at": outcome.next_at,
            "last_status": outcome.status,
            "last_error": outcome.error[:ERROR_LENGTH_MAX],
            "delivered_at": outcome.at if outcome.state == DeliveryState.DELIVERED else 0,
        }
        row = {"platform": self._store.platform, "number": sent.number, "attempt": sent.attempts + 1, "at": outcome.at}
        with self._store.writing() as connection:
            # The subscription before its deliveries, as everywhere, so that no two wait for each other.
            if outcome.gone:
                gone = self._store.of_company() & (subscriptions.c.id == sent.subscription)
                connection.execute(update(subscriptions).where(gone).values(enabled=0, disabled_reason=GONE))
            if not connection.execute(
                update(deliveries).where(self._here, deliveries.c.number == sent.number).values(values)
            ).rowcount:
                return
            connection.execute(
                insert(attempts).values(
                    **row, milliseconds=outcome.milliseconds, status=outcome.status, error=values["last_error"]
                )
            )

    def prune(self, before: Moment) -> int:
        """Forget deliveries that were done with before then, some at once; return how many."""
        old = select(deliveries.c.number).where(
            self._here, deliveries.c.created_at < before, deliveries.c.state >= DeliveryState.DELIVERED
        )
        with self._store.writing() as connection:
            numbers = list(connection.execute(old.limit(PRUNED_AT_ONCE)).scalars())
            self._store.forget_deliveries(connection, deliveries.c.number.in_(numbers))
            forget_calls(connection, self._store.platform, self._store.now())
        return len(numbers)

    def backlog(self) -> Backlog:
        of_enabled = select(subscriptions.c.id).where(self._store.of_company(), subscriptions.c.enabled == 1)
        failed = func.sum(case((deliveries.c.state == DeliveryState.FAILED, 1), else_=0))
        query = select(func.count(), func.coalesce(failed, 0), func.coalesce(func.min(deliveries.c.created_at), 0)).where(
            self._here, deliveries.c.subscription.in_(of_enabled), PENDING
        )
        with self._store.reading() as connection:
            pending, failures, oldest = connection.execute(query).one()
        return Backlog(pending - failures, failures, oldest)


def _is_new(notice: Notice, subscription: Subscription) -> bool:
    if notice.company and notice.company != subscription.company:
        return False
    return notice.sequence > subscription.position and subscription.wants(notice.type)
