"""The tables of transfers: what an organization takes for converting money, and what was moved between a person's accounts."""

from sqlalchemy import Index, Table

from prorata.control.columns import code, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

transfer_terms = Table(
    "crm_transfer_terms",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    code("markup_ppm"),
    whole("updated_at"),
)
"""`markup_ppm`: what the house keeps of converted money, in parts in a million."""

transfers = crm_table(
    "transfers",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "source_id", nullable=True),
    within("trading_accounts", "target_id", nullable=True),
    text("source_platform", 36),
    text("target_platform", 36),
    whole("wallet"),
    text("status", 16),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("arriving"),
    whole("fee"),
    text("arriving_currency", CURRENCY_LENGTH_MAX),
    text("rate", 64),
    code("markup_ppm"),
    text("remainder", 64),
    text("comment", TEXT_LENGTH_MAX),
    text("remark", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    whole("ended_at"),
    Index("ix_crm_transfers_created", "organization_id", "created_at", "id"),
    Index("ix_crm_transfers_account", "account_id"),
)
"""`source_id`, `target_id`: trading accounts, none for the person's wallet. `wallet`: its number, 0 until it is known. `amount`
leaves in `currency`; `arriving` enters in `arriving_currency`, and `fee` of it is the house's. `remainder`: what was rounded
off, in units of `arriving_currency`; the house keeps it."""

personal(
    transfers, transfers.c.account_id, Fate.KEPT, unseen=("source_id", "target_id", "remainder"),
    blank={"comment": "", "remark": ""}, bound=transfers.c.ended_at == 0,
)  # fmt: skip
