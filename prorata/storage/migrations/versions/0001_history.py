"""History: marks, batches, orders, deals, balance operations, ledger, swaps, days and margin events.

The tables as they were at this revision. It never changes; what comes later is a revision of its own.
"""

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, SmallInteger, Table, Text, text

revision = "0001"
down_revision = None

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"})

_WHOLE = BigInteger().with_variant(Integer, "sqlite")
_CODE = SmallInteger().with_variant(Integer, "sqlite")


def _table(name: str, *parts: Any) -> Table:
    platform = Column("platform", Text, primary_key=True)
    return Table(name, metadata, platform, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def _key(name: str) -> Column[int]:
    return Column(name, _WHOLE, primary_key=True, autoincrement=False)


def _whole(name: str) -> Column[int]:
    return Column(name, _WHOLE, nullable=False)


def _code(name: str) -> Column[int]:
    return Column(name, _CODE, nullable=False)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


_table(
    "history_marks",
    _whole("number"),
    _whole("sequence"),
    _whole("at"),
    CheckConstraint("number >= 0 AND sequence >= 0", "from_zero"),
)

_table(
    "batches",
    _key("number"),
    _whole("at"),
    _whole("first"),
    _whole("events"),
    CheckConstraint("number > 0 AND first > 0 AND events > 0", "numbered"),
    Index("ix_batches_at", "platform", "at", "first"),
)

_WORKING = text("state = 0")

_table(
    "orders",
    _key("ticket"),
    _whole("sequence"),
    _whole("login"),
    _text("symbol"),
    _code("side"),
    _code("type"),
    _code("reason"),
    _code("state"),
    _whole("volume"),
    _whole("filled"),
    _whole("price"),
    _whole("limit_price"),
    _whole("stop_loss"),
    _whole("take_profit"),
    _whole("trailing"),
    _whole("expires_at"),
    _whole("position"),
    _whole("placed_at"),
    _whole("changed_at"),
    _whole("last_sequence"),
    Column("code", _CODE),
    _text("detail"),
    _text("comment"),
    _code("announced"),
    CheckConstraint("side IN (0, 1)", "side"),
    CheckConstraint("type BETWEEN 0 AND 3", "type"),
    CheckConstraint("state BETWEEN 0 AND 5", "state"),
    CheckConstraint("announced IN (0, 1)", "announced"),
    CheckConstraint("volume > 0 AND filled >= 0 AND filled <= volume", "filled"),
    CheckConstraint("(state = 1) = (filled = volume)", "filled_state"),
    CheckConstraint("last_sequence >= sequence", "sequences"),
    Index("ix_orders_sequence", "platform", "sequence", unique=True),
    Index("ix_orders_login", "platform", "login", "sequence"),
    Index("ix_orders_working", "platform", "sequence", sqlite_where=_WORKING, postgresql_where=_WORKING),
    Index("ix_orders_login_working", "platform", "login", "sequence", sqlite_where=_WORKING, postgresql_where=_WORKING),
)

_table(
    "order_steps",
    _key("sequence"),
    _whole("ticket"),
    _whole("at"),
    _code("step"),
    _code("type"),
    _whole("price"),
    _whole("limit_price"),
    _whole("stop_loss"),
    _whole("take_profit"),
    _whole("trailing"),
    _whole("expires_at"),
    Column("code", _CODE),
    _text("detail"),
    CheckConstraint("step IN (0, 1, 3, 4, 5, 6)", "step"),
    Index("ix_order_steps_ticket", "platform", "ticket", "sequence"),
)

_table(
    "deals",
    _key("sequence"),
    _whole("deal"),
    _whole("at"),
    _whole("login"),
    _whole("ticket"),
    _whole("position"),
    _text("symbol"),
    _code("side"),
    _code("entry"),
    _code("reason"),
    _whole("volume"),
    _whole("price"),
    _whole("open_price"),
    _whole("profit"),
    _whole("commission"),
    _whole("swap"),
    _whole("balance"),
    _whole("position_volume"),
    _text("comment"),
    CheckConstraint("side IN (0, 1)", "side"),
    CheckConstraint("entry IN (0, 1)", "entry"),
    CheckConstraint("volume > 0", "volume"),
    Index("ix_deals_login", "platform", "login", "sequence"),
    Index("ix_deals_symbol", "platform", "symbol", "sequence"),
)

_table(
    "balance_operations",
    _key("sequence"),
    _whole("operation"),
    _whole("at"),
    _whole("login"),
    _code("kind"),
    _whole("amount"),
    _whole("balance"),
    _whole("credit"),
    _text("external_id"),
    _text("comment"),
    CheckConstraint("kind BETWEEN 0 AND 4", "kind"),
    CheckConstraint("amount <> 0", "amount"),
    CheckConstraint("kind NOT IN (0, 2) OR amount > 0", "in"),
    CheckConstraint("kind NOT IN (1, 3) OR amount < 0", "out"),
    Index("ix_balance_operations_login", "platform", "login", "sequence"),
)

_table(
    "ledger_entries",
    _key("sequence"),
    _key("part"),
    _whole("at"),
    _text("debit"),
    _text("credit"),
    _whole("amount"),
    _text("currency"),
    _code("kind"),
    Column("login", _WHOLE),
    _code("source"),
    _whole("reference"),
    CheckConstraint("amount > 0", "amount"),
    CheckConstraint("debit <> credit", "two_accounts"),
    CheckConstraint("kind BETWEEN 0 AND 8", "kind"),
    CheckConstraint("source BETWEEN 0 AND 4", "source"),
    CheckConstraint("part >= 0", "part"),
    Index("ix_ledger_entries_debit", "platform", "debit", "sequence", "part"),
    Index("ix_ledger_entries_credit", "platform", "credit", "sequence", "part"),
)

_table(
    "swaps",
    _key("sequence"),
    _whole("at"),
    _whole("login"),
    _whole("position"),
    _text("symbol"),
    _whole("amount"),
    _whole("nights"),
    _whole("position_swap"),
    CheckConstraint("nights > 0", "nights"),
    Index("ix_swaps_login", "platform", "login", "sequence"),
)

_table(
    "days",
    _key("day"),
    _key("login"),
    _whole("at"),
    _whole("balance"),
    _whole("credit"),
    _whole("floating"),
    _whole("swap"),
    _whole("equity"),
    _whole("margin"),
    CheckConstraint("equity = balance + credit + floating + swap", "equity"),
    CheckConstraint("margin >= 0", "margin"),
    Index("ix_days_login", "platform", "login", "day"),
)

_table(
    "margin_events",
    _key("sequence"),
    _whole("at"),
    _whole("login"),
    _code("kind"),
    _whole("amount"),
    _whole("equity"),
    _whole("margin"),
    _whole("line"),
    _text("symbol"),
    _whole("bid"),
    _whole("ask"),
    _text("rule"),
    _text("closing"),
    CheckConstraint("kind BETWEEN 0 AND 2", "kind"),
    CheckConstraint("(kind = 2) = (amount > 0)", "amount"),
    Index("ix_margin_events_login", "platform", "login", "sequence"),
)


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
