"""The database of one platform's webhooks. Everything here blocks; call it from a thread.

What people ask for is on the disk before it is answered. What the service that delivers writes may be lost in a power
failure: position and deliveries are lost together, so the events are taken, and sent, once more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, RowMapping, Select, delete, insert, select, update

from prorata.control.webhooks.notices import EVENT_TYPES
from prorata.control.webhooks.rows import Subscription
from prorata.control.webhooks.signing import BadKey, MasterKey
from prorata.control.webhooks.tables import attempts, deliveries, marks, metadata, subscriptions
from prorata.server.clock import SystemClock
from prorata.storage.database import open_database
from prorata.units.numbers import Moment


class UnknownSubscription(Exception):
    """There is none of this id, or it is another company's: on purpose the same."""


class UnknownDelivery(Exception):
    """The subscription has no delivery of this number."""


class WebhookStore:
    """The tables of one platform's webhooks, in the database at `url`; made when missing.

    Only what belongs to `company`, which the platform is run for, is seen; None: what belongs to all of them. `publisher`
    stands in the envelopes, `types` are those that may be subscribed to.
    `on_change` is called, on the thread that made it, after each change that the service that delivers must know of.

    Raises:
        BadKey: the secrets that subscribers have were made with another key.
    """

    def __init__(
        self,
        url: str,
        platform: str,
        key: MasterKey,
        *,
        company: str | None,
        publisher: str,
        types: frozenset[str] = EVENT_TYPES,
        now: Callable[[], Moment] | None = None,
    ) -> None:
        self.platform = platform
        self.company = company
        self.publisher = publisher
        self.types = types
        self.key = key
        self.now = now or SystemClock().now
        self.on_change: Callable[[], None] = _nobody
        self._database = open_database(url)
        self._durable = open_database(url, durable=True)
        try:
            metadata.create_all(self._durable)
            with self.writing(durable=True) as connection:
                self._claim(connection)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._database.dispose()
        self._durable.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._database.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """Open a transaction; with `durable` its commit waits for the disk."""
        engine = self._durable if durable else self._database
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def for_company(self, company: str) -> "WebhookStore":
        """Return the same tables, of which only what belongs to a company is seen."""
        seen = copy(self)
        seen.company = company
        seen.on_change = lambda: self.on_change()
        return seen

    def of_company(self) -> ColumnElement[bool]:
        """Return the condition for the subscriptions that are seen."""
        here = subscriptions.c.platform == self.platform
        return here if self.company is None else here & (subscriptions.c.company == self.company)

    def select_subscriptions(self) -> Select[Any]:
        columns = (subscriptions.c[name] for name in Subscription.__struct_fields__)
        return select(*columns).where(self.of_company()).order_by(subscriptions.c.created_at, subscriptions.c.id)

    def find(self, connection: Connection, subscription_id: str, *, lock: bool = False) -> Subscription:
        """Return a subscription. Raises `UnknownSubscription`."""
        query = self.select_subscriptions().where(subscriptions.c.id == subscription_id)
        row = connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()
        if row is None:
            raise UnknownSubscription(subscription_id)
        return subscription_from(row)

    def take_numbers(self, connection: Connection, count: int) -> int:
        """Return the first of `count` delivery numbers that nobody else gets."""
        mine = marks.c.platform == self.platform
        connection.execute(update(marks).where(mine).values(last_number=marks.c.last_number + count))
        last: int = connection.execute(select(marks.c.last_number).where(mine)).scalar_one()
        return last - count + 1

    def forget_deliveries(self, connection: Connection, which: ColumnElement[bool]) -> None:
        """Forget deliveries of this platform, with what came of each attempt."""
        here = deliveries.c.platform == self.platform
        numbers = select(deliveries.c.number).where(here, which)
        connection.execute(delete(attempts).where(attempts.c.platform == self.platform, attempts.c.number.in_(numbers)))
        connection.execute(delete(deliveries).where(here, which))

    def secrets_of(self, subscription: Subscription, now: Moment) -> tuple[bytes, ...]:
        """Return the secrets to sign with: the newest, and the one before it while that is good."""
        versions = [subscription.secret_version]
        if now < subscription.old_secret_until:
            versions.append(subscription.secret_version - 1)
        return tuple(self.key.secret_of(self.platform, subscription.id, subscription.salt, version) for version in versions)

    def _claim(self, connection: Connection) -> None:
        mine = marks.c.platform == self.platform
        check = connection.execute(select(marks.c.key_check).where(mine)).scalar_one_or_none()
        if check is None:
            connection.execute(insert(marks).values(platform=self.platform, last_number=0, key_check=self.key.check))
        elif check != self.key.check:
            raise BadKey(
                f"platform {self.platform}: the secrets of its webhooks were made with another key; "
                "put back the key file that belongs to the database"
            )


def subscription_from(row: RowMapping) -> Subscription:
    values = {name: row[name] for name in Subscription.__struct_fields__}
    return msgspec.convert(values | {"types": tuple(row["types"].split()), "enabled": bool(row["enabled"])}, Subscription)


def _nobody() -> None:
    pass
