"""The tables of payments: gateways, what goes through them, and who decided on it."""

from sqlalchemy import Index, Table, UniqueConstraint

from prorata.control.columns import NAME_LENGTH_MAX, code, flag, metadata, number, of, sealed, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

gateways = crm_table(
    "gateways",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("method", 32),
    text("provider", 32),
    text("currency", CURRENCY_LENGTH_MAX),
    flag("deposits"),
    flag("withdrawals"),
    whole("processing_fee"),
    whole("deposit_fee_ppm"),
    whole("withdrawal_fee_ppm"),
    whole("deposit_min"),
    whole("deposit_max"),
    whole("withdrawal_min"),
    whole("withdrawal_max"),
    whole("deposit_fee_min"),
    whole("deposit_fee_max"),
    whole("withdrawal_fee_min"),
    whole("withdrawal_fee_max"),
    whole("deposit_day_max"),
    whole("deposit_month_max"),
    whole("withdrawal_day_max"),
    whole("withdrawal_month_max"),
    code("deposit_hourly_max"),
    code("withdrawal_hourly_max"),
    code("deposit_approvals"),
    code("withdrawal_approvals"),
    flag("verification_required"),
    sealed("secret"),
    whole("created_at"),
    whole("updated_at"),
    Index("ix_crm_gateways_organization", "organization_id"),
)
"""`provider`: who moves the money, "" for people of the broker. Amounts in minor units of `currency`; a maximum of 0 is none.
`approvals`: how many people must agree. `secret`: what the provider's calls are signed with."""

branch_gateways = Table(
    "crm_branch_gateways",
    metadata,
    within("branches", "branch_id", primary_key=True),
    within("gateways", "gateway_id", primary_key=True),
)

payments = crm_table(
    "payments",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "trading_account_id"),
    within("gateways", "gateway_id", nullable=True),
    text("kind", 16),
    text("status", 32),
    text("ending", 32),
    whole("amount"),
    whole("net_amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    code("approvals"),
    code("needed"),
    text("comment", TEXT_LENGTH_MAX),
    text("remark", TEXT_LENGTH_MAX),
    text("reference", TEXT_LENGTH_MAX),
    text("wallet_address", TEXT_LENGTH_MAX),
    text("provider_id", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    whole("booked_at"),
    Index("ix_crm_payments_created", "organization_id", "kind", "created_at", "id"),
    Index("ix_crm_payments_trading_account", "trading_account_id"),
    Index("ix_crm_payments_status", "status"),
    Index("ix_crm_payments_amount", "organization_id", "amount"),
    Index("ix_crm_payments_net_amount", "organization_id", "net_amount"),
    Index("ix_crm_payments_account", "account_id", "gateway_id", "created_at"),
)
"""`ending`: how a payment ends whose money is on the way back. `approvals`: how many have agreed so far, of those `needed`.
`remark`: why it ended as it did. `provider_id`: what the provider calls it."""

decisions = crm_table(
    "payment_decisions",
    number(),
    within("payments", "payment_id"),
    text("decided_by", 64),
    flag("agreed"),
    text("reason", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("payment_id", "decided_by"),
)
"""`decided_by`: who; nobody decides twice on one payment."""

inquiries = Table(
    "crm_payment_inquiries",
    metadata,
    within("payments", "payment_id", primary_key=True),
    code("asked"),
    whole("next_at"),
    text("said", TEXT_LENGTH_MAX),
)
"""What providers were asked of payments that they have not told of. `asked`: how often; `next_at`: when again, 0 for never;
`said`: what came of it last. A payment without a row was not asked about yet."""

personal(
    payments, payments.c.account_id, Fate.KEPT, unseen=("trading_account_id", "gateway_id", "ending", "approvals", "needed"),
    blank={"comment": "", "remark": "", "wallet_address": ""},
)  # fmt: skip
