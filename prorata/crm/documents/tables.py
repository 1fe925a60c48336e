"""The table of documents."""

from sqlalchemy import Index

from prorata.control.columns import number, of, sealed, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, outside_id, within

documents = crm_table(
    "documents",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    text("kind", 32),
    text("name", TEXT_LENGTH_MAX),
    text("media", 64),
    whole("size"),
    sealed("data_key"),
    text("status", 16),
    text("reason", TEXT_LENGTH_MAX),
    text("expires_on", 10),
    text("reviewed_by", 64),
    whole("reviewed_at"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("removed_at"),
    Index("ix_crm_documents_account", "account_id", "id"),
    Index("ix_crm_documents_status", "organization_id", "status", "id"),
)
"""`data_key`: what the content is sealed with; none once it is removed. `expires_on`: the last day that it is good, "" for
none. The content lies under the uuid."""

personal(documents, documents.c.account_id, Fate.KEPT, blank={"name": "", "reason": ""})
