"""The tables of duplicates."""

from sqlalchemy import Column, Index, String, Table, UniqueConstraint

from prorata.control.columns import metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, outside_id, within

KEY_LENGTH_MAX = 600

keys = Table(
    "crm_duplicate_keys",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("key", String(KEY_LENGTH_MAX), primary_key=True),
    within("accounts", "account_id", primary_key=True),
    Index("ix_crm_duplicate_keys_account", "account_id"),
)
"""What each account may have in common with others."""

pairs = crm_table(
    "duplicate_pairs",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "first_id"),
    within("accounts", "second_id"),
    text("kinds", 64),
    text("status", 16),
    text("note", TEXT_LENGTH_MAX),
    text("decided_by", 64),
    whole("decided_at"),
    whole("created_at"),
    UniqueConstraint("first_id", "second_id"),
    Index("ix_crm_duplicate_pairs_second", "second_id"),
    Index("ix_crm_duplicate_pairs_status", "organization_id", "status", "id"),
)
"""`first_id` is the lower one. `kinds`: what they have in common, blanks between."""

personal(keys, keys.c.account_id, Fate.DELETED)
personal(pairs, pairs.c.first_id, Fate.DELETED, also=pairs.c.second_id, unseen=("first_id", "second_id", "note"))
