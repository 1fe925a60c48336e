"""The tables of a trade platform's history. They follow from its events, and may be dropped and filled again.

Every row is found by `platform` first: one database may keep many. `sequence` is the number of the event that made
the row, counted over the whole platform, and lists are in its order. Amounts are whole numbers in minor units,
prices in points, volumes in steps of 10^-8 lot, times in milliseconds UTC (decision D4); codes are the enums of
`prorata.messages`.

The revisions in `prorata.storage.migrations` make the same tables; a test compares the two.
"""

from sqlalchemy import CheckConstraint, Column, Index, text

from prorata.projections.schema import CODE, WHOLE, code, free_text, key, table, whole
from prorata.projections.schema import metadata as metadata

history_marks = table(
    "history_marks",
    whole("number"),
    whole("sequence"),
    whole("at"),
    CheckConstraint("number >= 0 AND sequence >= 0", "from_zero"),
)
"""How far a platform's history goes: the last batch and the last event. Changed with the rows, in one transaction."""

batches = table(
    "batches",
    key("number"),
    whole("at"),
    whole("first"),
    whole("events"),
    CheckConstraint("number > 0 AND first > 0 AND events > 0", "numbered"),
    Index("ix_batches_at", "platform", "at", "first"),
)
"""Every batch that had events: leads from a time to the sequence number at which a list begins."""

_WORKING = text("state = 0")

orders = table(
    "orders",
    key("ticket"),
    whole("sequence"),
    whole("login"),
    free_text("symbol"),
    code("side"),
    code("type"),
    code("reason"),
    code("state"),
    whole("volume"),
    whole("filled"),
    whole("price"),
    whole("limit_price"),
    whole("stop_loss"),
    whole("take_profit"),
    whole("trailing"),
    whole("expires_at"),
    whole("position"),
    whole("placed_at"),
    whole("changed_at"),
    whole("last_sequence"),
    Column("code", CODE),
    free_text("detail"),
    free_text("comment"),
    code("announced"),
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
"""Each order as it is now. `state` is an `OrderOutcome`; `announced` is 0 for an order that dealt at once, so that its
first event was its deal. Its volume is then the sum of its deals."""

order_steps = table(
    "order_steps",
    key("sequence"),
    whole("ticket"),
    whole("at"),
    code("step"),
    code("type"),
    whole("price"),
    whole("limit_price"),
    whole("stop_loss"),
    whole("take_profit"),
    whole("trailing"),
    whole("expires_at"),
    Column("code", CODE),
    free_text("detail"),
    CheckConstraint("step IN (0, 1, 3, 4, 5, 6)", "step"),
    Index("ix_order_steps_ticket", "platform", "ticket", "sequence"),
)
"""What happened to orders besides deals: placed, modified, removed. Fills (step 2) are read from `deals`."""

deals = table(
    "deals",
    key("sequence"),
    whole("deal"),
    whole("at"),
    whole("login"),
    whole("ticket"),
    whole("position"),
    free_text("symbol"),
    code("side"),
    code("entry"),
    code("reason"),
    whole("volume"),
    whole("price"),
    whole("open_price"),
    whole("profit"),
    whole("commission"),
    whole("swap"),
    whole("balance"),
    whole("position_volume"),
    free_text("comment"),
    whole("stop_loss"),
    whole("take_profit"),
    CheckConstraint("side IN (0, 1)", "side"),
    CheckConstraint("entry IN (0, 1)", "entry"),
    CheckConstraint("volume > 0", "volume"),
    Index("ix_deals_login", "platform", "login", "sequence"),
    Index("ix_deals_symbol", "platform", "symbol", "sequence"),
)

balance_operations = table(
    "balance_operations",
    key("sequence"),
    whole("operation"),
    whole("at"),
    whole("login"),
    code("kind"),
    whole("amount"),
    whole("balance"),
    whole("credit"),
    free_text("external_id"),
    free_text("comment"),
    CheckConstraint("kind BETWEEN 0 AND 5", "kind"),
    CheckConstraint("amount <> 0", "amount"),
    CheckConstraint("kind NOT IN (0, 2) OR amount > 0", "in"),
    CheckConstraint("kind NOT IN (1, 3) OR amount < 0", "out"),
    Index("ix_balance_operations_login", "platform", "login", "sequence"),
)

ledger_entries = table(
    "ledger_entries",
    key("sequence"),
    key("part"),
    whole("at"),
    free_text("debit"),
    free_text("credit"),
    whole("amount"),
    free_text("currency"),
    code("kind"),
    Column("login", WHOLE),
    code("source"),
    whole("reference"),
    CheckConstraint("amount > 0", "amount"),
    CheckConstraint("debit <> credit", "two_accounts"),
    CheckConstraint("kind BETWEEN 0 AND 13", "kind"),
    CheckConstraint("source BETWEEN 0 AND 7", "source"),
    CheckConstraint("part >= 0", "part"),
    Index("ix_ledger_entries_debit", "platform", "debit", "sequence", "part"),
    Index("ix_ledger_entries_credit", "platform", "credit", "sequence", "part"),
)
"""Every posting: `amount` leaves `debit` and enters `credit`. `part` counts the postings of one event from 0. `source`
is an `EntrySource` and says what `reference` numbers. `login` is NULL where no client is touched."""

swaps = table(
    "swaps",
    key("sequence"),
    whole("at"),
    whole("login"),
    whole("position"),
    free_text("symbol"),
    whole("amount"),
    whole("nights"),
    whole("position_swap"),
    CheckConstraint("nights > 0", "nights"),
    Index("ix_swaps_login", "platform", "login", "sequence"),
)

days = table(
    "days",
    key("day"),
    key("login"),
    whole("sequence"),
    whole("at"),
    whole("balance"),
    whole("credit"),
    whole("floating"),
    whole("swap"),
    whole("equity"),
    whole("margin"),
    CheckConstraint("equity = balance + credit + floating + swap", "equity"),
    CheckConstraint("margin >= 0", "margin"),
    Index("ix_days_login", "platform", "login", "day"),
)
"""Each account at the end of each trading day (days since 1970-01-01). `sequence`: what came before it is of that day."""

margin_events = table(
    "margin_events",
    key("sequence"),
    whole("at"),
    whole("login"),
    code("kind"),
    whole("amount"),
    whole("equity"),
    whole("margin"),
    whole("line"),
    free_text("symbol"),
    whole("bid"),
    whole("ask"),
    free_text("rule"),
    free_text("closing"),
    CheckConstraint("kind BETWEEN 0 AND 2", "kind"),
    CheckConstraint("(kind = 2) = (amount > 0)", "amount"),
    Index("ix_margin_events_login", "platform", "login", "sequence"),
)
"""Margin calls, stop-outs and covered negative balances. `amount`: what the house made good, else 0. `closing`: tickets
of a stop-out in closing order, with blanks between."""
