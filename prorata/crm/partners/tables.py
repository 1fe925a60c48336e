"""The tables of introducing brokers: who is below whom, on what terms, what it has brought, and what was paid of it."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from prorata.control.columns import NAME_LENGTH_MAX, WHOLE, code, flag, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

CODE_LENGTH_MAX = 32

_HOLDS = sql("until = 0")
_EARNED = sql("reverses IS NULL")

edges = crm_table(
    "partner_edges",
    number(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("accounts", "parent_id"),
    within("trading_accounts", "paid_on_id"),
    whole("since"),
    whole("until"),
    text("code", CODE_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    Index("ux_crm_partner_edges_holds", "account_id", unique=True, sqlite_where=_HOLDS, postgresql_where=_HOLDS),
    Index("ix_crm_partner_edges_account", "account_id", "since"),
    Index("ix_crm_partner_edges_parent", "parent_id", "until"),
)
"""Who introduced an account, from `since` to before `until` (0: still). `paid_on_id`: the trading account on which the parent
is paid for it. `code`: by which referral code it came."""

codes = crm_table(
    "partner_codes",
    number(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "paid_on_id"),
    text("code", CODE_LENGTH_MAX),
    flag("withdrawn"),
    whole("created_at"),
    UniqueConstraint("organization_id", "code"),
    Index("ix_crm_partner_codes_account", "account_id"),
)

plans = crm_table(
    "partner_plans",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("organization_id", "name"),
)

versions = crm_table(
    "partner_plan_versions",
    number(),
    within("partner_plans", "plan_id"),
    whole("since"),
    Column("terms", Text, nullable=False),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("plan_id", "since"),
)
"""`terms`: `plans.Terms` as JSON; they hold until the next version begins."""

houses = Table(
    "crm_partner_houses",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    text("period", 16),
    code("approvals"),
    Column("minimums", Text, nullable=False),
    text("link", TEXT_LENGTH_MAX),
    whole("gathered_until"),
    whole("updated_at"),
)
"""How an organization pays its IBs. `minimums`: JSON, minor units by currency. `gathered_until`: the end of the last period of
which payouts were made. `link`: the page on which people register."""

deals = crm_table(
    "partner_deals",
    number(),
    of("organizations", "organization_id"),
    text("platform_uuid", 36),
    whole("sequence"),
    within("trading_accounts", "trading_account_id"),
    within("accounts", "account_id"),
    Column("plan_id", WHOLE, ForeignKey("crm_partner_plans.id"), nullable=True),
    whole("login"),
    whole("position"),
    text("symbol", 64),
    code("side"),
    code("entry"),
    code("reason"),
    whole("volume"),
    whole("left"),
    whole("price"),
    whole("profit"),
    whole("commission"),
    whole("swap"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("at"),
    whole("changed_at"),
    text("state", 16),
    code("round"),
    text("note", TEXT_LENGTH_MAX),
    Column("bases", Text, nullable=False),
    UniqueConstraint("platform_uuid", "sequence", "at"),
    Index("ix_crm_partner_deals_state", "state", "id"),
    Index("ix_crm_partner_deals_position", "platform_uuid", "position", "id"),
)
"""Deals of accounts that somebody has introduced. `profit`, `commission`, `swap` as the client felt them, with corrections in
them, of which there were `round`, the last at `changed_at`. `bases`: `accruals.Bases` as JSON; "" until it is counted.
`note`: why it brings nothing."""

positions = Table(
    "crm_partner_positions",
    metadata,
    Column("platform_uuid", String(36), primary_key=True),
    Column("position", WHOLE, primary_key=True, autoincrement=False),
    whole("opened_at"),
    whole("commission"),
    whole("turnover"),
    whole("markup"),
)
"""What opening what is left of a position has brought. `opened_at`: when it last grew. `turnover`: minor units of USD;
`markup`: of the symbol's profit currency; `commission`: of the account's."""

accruals = crm_table(
    "partner_accruals",
    number(),
    of("organizations", "organization_id"),
    within("partner_deals", "deal_id"),
    within("partner_plan_versions", "version_id"),
    code("round"),
    code("level"),
    text("kind", 32),
    within("accounts", "account_id"),
    within("trading_accounts", "paid_on_id"),
    within("accounts", "client_id"),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("of_base"),
    text("base_currency", CURRENCY_LENGTH_MAX),
    text("rate", TEXT_LENGTH_MAX),
    whole("at"),
    Column("reverses", WHOLE, ForeignKey("crm_partner_accruals.id"), nullable=True, unique=True),
    Column("payout_id", WHOLE, ForeignKey("crm_partner_payouts.id"), nullable=True),
    whole("created_at"),
    Index(
        "ux_crm_partner_accruals_once",
        "deal_id",
        "round",
        "level",
        "kind",
        unique=True,
        sqlite_where=_EARNED,
        postgresql_where=_EARNED,
    ),
    Index("ix_crm_partner_accruals_paid_on", "paid_on_id", "payout_id"),
    Index("ix_crm_partner_accruals_account", "account_id", "at"),
    Index("ix_crm_partner_accruals_deal", "deal_id"),
    Index("ix_crm_partner_accruals_organization", "organization_id", "at"),
)
"""What a deal brings an IB: `amount` in minor units of `currency`, that of `paid_on_id`; below 0 where it `reverses` another.
`of_base` in `base_currency`: the same before conversion, which `rate` tells. `at`: of the deal, or of what reversed it."""

payouts = crm_table(
    "partner_payouts",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "paid_on_id"),
    whole("amount"),
    text("currency", CURRENCY_LENGTH_MAX),
    text("status", 32),
    whole("until"),
    code("approvals"),
    code("needed"),
    text("reason", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    whole("booked_at"),
    Index("ix_crm_partner_payouts_created", "organization_id", "created_at"),
    Index("ix_crm_partner_payouts_paid_on", "paid_on_id"),
)
"""`until`: accruals from before it are in the payout. `reason`: why it was refused."""

decisions = crm_table(
    "partner_payout_decisions",
    number(),
    within("partner_payouts", "payout_id"),
    text("decided_by", 64),
    flag("agreed"),
    text("reason", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("payout_id", "decided_by"),
)

bookings = crm_table(
    "partner_bookings",
    number(),
    within("partner_payouts", "payout_id"),
    text("platform_uuid", 36),
    whole("sequence"),
    whole("amount"),
    whole("at"),
    UniqueConstraint("platform_uuid", "sequence", "at"),
    Index("ix_crm_partner_bookings_payout", "payout_id"),
)
"""What the trade platforms have booked of payouts, as they tell it."""

_OURS = ("parent_id", "paid_on_id", "trading_account_id", "client_id", "deal_id", "version_id", "payout_id", "plan_id")
personal(edges, edges.c.account_id, Fate.KEPT, also=edges.c.parent_id, unseen=_OURS)
personal(codes, codes.c.account_id, Fate.DELETED, unseen=_OURS)
personal(deals, deals.c.account_id, Fate.KEPT, unseen=_OURS)
personal(accruals, accruals.c.account_id, Fate.KEPT, also=accruals.c.client_id, unseen=_OURS)
_UNDER_WAY = payouts.c.status.in_(("AWAITING_APPROVAL", "BOOKING"))
personal(payouts, payouts.c.account_id, Fate.KEPT, unseen=_OURS, blank={"reason": ""}, bound=_UNDER_WAY)
