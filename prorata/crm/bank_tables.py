"""The tables of bank statements: what a bank has told of an account, and what each entry was."""

from sqlalchemy import Index, UniqueConstraint

from prorata.control.columns import NAME_LENGTH_MAX, flag, number, of, text, whole
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

OPEN_ENTRY = "OPEN"
"""the status of an entry that is nobody's payment yet"""

bank_statements = crm_table(
    "bank_statements",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("account", NAME_LENGTH_MAX),
    text("name", NAME_LENGTH_MAX),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("opening"),
    whole("closing"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("organization_id", "account", "name"),
)

bank_entries = crm_table(
    "bank_entries",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("bank_statements", "statement_id"),
    text("key", 64),
    text("booked_on", 10),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    text("reference", NAME_LENGTH_MAX),
    text("counterparty", NAME_LENGTH_MAX),
    text("text"),
    flag("is_reversal"),
    text("status", 16),
    within("payments", "payment_id", nullable=True),
    text("note", TEXT_LENGTH_MAX),
    text("settled_by", TEXT_LENGTH_MAX),
    whole("settled_at"),
    whole("created_at"),
    UniqueConstraint("organization_id", "key"),
    UniqueConstraint("payment_id"),
    Index("ix_crm_bank_entries_status", "organization_id", "status", "id"),
    Index("ix_crm_bank_entries_statement", "statement_id"),
)
"""`amount`: below 0 if it left. `key`: by which an entry is known again. `payment_id`: what it was matched with."""
