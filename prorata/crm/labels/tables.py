"""The tables of tags, fields and pools."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint

from prorata.control.columns import NAME_LENGTH_MAX, WHOLE, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import crm_table, outside_id, pools, within

VALUE_LENGTH_MAX = 1_000

tags = crm_table(
    "tags",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("color", 7),
    whole("created_at"),
    UniqueConstraint("organization_id", "name"),
)

account_tags = Table(
    "crm_account_tags",
    metadata,
    within("tags", "tag_id", primary_key=True),
    within("accounts", "account_id", primary_key=True),
    Index("ix_crm_account_tags_account", "account_id"),
)

fields = crm_table(
    "fields",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("kind", 16),
    text("choices"),
    whole("created_at"),
    UniqueConstraint("organization_id", "name"),
)
"""`choices`: JSON, the texts of a choice."""

field_values = Table(
    "crm_field_values",
    metadata,
    within("fields", "field_id", primary_key=True),
    within("accounts", "account_id", primary_key=True),
    text("value", VALUE_LENGTH_MAX),
    Index("ix_crm_field_values_account", "account_id"),
)
"""`value`: as `fields.read_value` leaves it, so that equal values are equal texts."""

pool_members = Table(
    "crm_pool_members",
    metadata,
    Column("pool_id", WHOLE, ForeignKey(pools.c.id), primary_key=True),
    of("people", "person_id", primary_key=True),
)

personal(account_tags, account_tags.c.account_id, Fate.DELETED, unseen=("tag_id",))
personal(field_values, field_values.c.account_id, Fate.DELETED, unseen=("field_id", "value"))
