"""The tables of consents and of what organizations keep."""

from sqlalchemy import Index, Table

from prorata.control.columns import flag, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, within

consents = crm_table(
    "consents",
    number(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    text("kind", 32),
    text("version", 32),
    flag("given"),
    text("address", 64),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_consents_account", "account_id", "id"),
)
"""Each time that one was given or withdrawn; the last one of a kind holds. `address`: from where."""

terms = Table("crm_privacy_terms", metadata, of("organizations", "organization_id", primary_key=True), whole("decisions_days"))
"""`decisions_days`: how long decisions on people who were forgotten are kept."""

personal(consents, consents.c.account_id, Fate.KEPT, blank={"address": ""})
