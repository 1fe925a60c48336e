"""The tables of webhooks. Rows are found by `platform` first; times are milliseconds UTC of the machine's clock.

They are their own truth: unlike the history they cannot be made anew from the journal.
"""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, SmallInteger, Table, Text, text

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"})

_WHOLE = BigInteger().with_variant(Integer, "sqlite")
_CODE = SmallInteger().with_variant(Integer, "sqlite")


def _table(name: str, *parts: Any) -> Table:
    platform = Column("platform", Text, primary_key=True)
    return Table(name, metadata, platform, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def _text_key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _key(name: str) -> Column[int]:
    return Column(name, _WHOLE, primary_key=True, autoincrement=False)


def _whole(name: str) -> Column[int]:
    return Column(name, _WHOLE, nullable=False)


def _code(name: str) -> Column[int]:
    return Column(name, _CODE, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


PENDING = text("state < 2")
"""Written out and not bound, so that the databases see that the index of what is pending serves."""

marks = _table("webhook_marks", _whole("last_number"), _text("key_check"))
"""Of each platform: the last delivery's number, and by what its master key is recognised."""

subscriptions = _table(
    "webhook_subscriptions",
    _text_key("id"),
    _text("company"),
    _text("url"),
    _text("description"),
    _text("types"),
    _code("enabled"),
    _text("disabled_reason"),
    _text("salt"),
    _whole("secret_version"),
    _whole("old_secret_until"),
    _whole("position"),
    _whole("created_at"),
    CheckConstraint("enabled IN (0, 1)", "enabled"),
    CheckConstraint("secret_version > 0", "version"),
    CheckConstraint("position >= 0", "position"),
)
"""`types`: wanted event types with blanks between, "" is all. `position`: the last event that was taken for it."""

deliveries = _table(
    "webhook_deliveries",
    _key("number"),
    _text("subscription"),
    _whole("sequence"),
    _whole("part"),
    _text("order_key"),
    _text("uuid"),
    _text("type"),
    _text("body"),
    _whole("at"),
    _whole("created_at"),
    _code("state"),
    _whole("attempts"),
    _whole("tries"),
    _whole("began_at"),
    _whole("next_at"),
    _whole("last_status"),
    _text("last_error"),
    _whole("delivered_at"),
    CheckConstraint("state BETWEEN 0 AND 3", "state"),
    CheckConstraint("tries >= 0 AND attempts >= tries", "tries"),
    CheckConstraint("(state = 2) = (delivered_at > 0)", "delivered"),
    Index("ux_webhook_deliveries_notice", "platform", "subscription", "sequence", "part", unique=True),
    Index("ix_webhook_deliveries_log", "platform", "subscription", "number"),
    Index(
        "ix_webhook_deliveries_pending", "platform", "subscription", "order_key", "sequence", "part",
        sqlite_where=PENDING, postgresql_where=PENDING,
    ),
    Index("ix_webhook_deliveries_age", "platform", "created_at"),
)  # fmt: skip
"""One envelope for one subscription. `state` is a `DeliveryState`. `at`: the platform's time of the event. `tries`
counts the attempts since it was last asked for, of which the first was at `began_at`; `attempts` counts all.
A test delivery has sequence 0, and its own number as its part."""

attempts = _table(
    "webhook_attempts",
    _key("number"),
    _key("attempt"),
    _whole("at"),
    _whole("milliseconds"),
    _whole("status"),
    _text("error"),
    CheckConstraint("attempt > 0", "attempt"),
)
"""Every request: `number` is the delivery's. `status` 0: there was no answer. What the receiver wrote is not kept: a
receiver that could be made to answer from the house's own network would be read here."""

calls = _table(
    "webhook_calls",
    _text_key("caller"),
    _text_key("key"),
    _text("digest"),
    _text("answer"),
    _whole("at"),
    Index("ix_webhook_calls_at", "platform", "at"),
)
"""Changes that were made under an idempotency key, and what came of them."""
