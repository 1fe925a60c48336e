"""The tables of the CRM. They are in the control database; an account is a client of the control side, of the same number."""

from typing import Any

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy import text as sql

from prorata.control.columns import NAME_LENGTH_MAX, WHOLE, flag, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal

TEXT_LENGTH_MAX = 256
CURRENCY_LENGTH_MAX = 8


def crm_table(name: str, *parts: Any) -> Table:
    return Table(f"crm_{name}", metadata, *parts, sqlite_autoincrement=True)


def outside_id() -> Column[str]:
    """By which the outside names a row."""
    return Column("uuid", String(36), nullable=False, unique=True)


def within(table: str, name: str, **options: Any) -> Column[int]:
    return Column(name, WHOLE, ForeignKey(f"crm_{table}.id"), nullable=options.pop("nullable", False), **options)


houses = Table(
    "crm_houses",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    whole("accounts"),
    whole("leads"),
)
"""How many accounts an organization has, and how many of them are leads: counting a million rows takes longer than a page of
them may."""

branches = crm_table(
    "branches",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    flag("two_factor"),
    whole("created_at"),
    whole("updated_at"),
    UniqueConstraint("organization_id", "name"),
)

roles = crm_table(
    "roles",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    UniqueConstraint("organization_id", "name"),
)

lead_statuses = crm_table(
    "lead_statuses",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    UniqueConstraint("organization_id", "name"),
)

pools = crm_table(
    "pools",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("organization_id", "name"),
)
"""Members who look after accounts together."""

offers = crm_table(
    "offers",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("branches", "branch_id"),
    text("platform_uuid", 36),
    text("group_name", NAME_LENGTH_MAX),
    text("name", NAME_LENGTH_MAX),
    text("description"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("leverage"),
    flag("demo"),
    flag("hidden"),
    whole("initial_deposit"),
    flag("verification_required"),
    flag("automatic"),
    text("money_manager", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    Index("ix_crm_offers_organization", "organization_id", "created_at"),
    Index("ix_crm_offers_branch", "branch_id"),
)
"""`initial_deposit`: minor units of `currency`. `automatic`: whoever registers in the branch gets an account under it."""

PROFILE = (
    "locale", "citizenship", "marital_status", "passport_number", "passport_country", "tax_number", "fax",
    "state", "city", "post_code", "address",
    "bank_address", "bank_swift", "bank_account", "bank_name", "bank_account_name",
    "lead_source", "lead_provider", "ib_parent", "referral",
)  # fmt: skip
"""Texts of an account that are kept as they come; "" for none. `ib_parent`: the trading account on which the IB above is paid;
`referral`: the code that brought the account; both as `partners.tree` has settled them."""

accounts = crm_table(
    "accounts",
    Column("id", WHOLE, ForeignKey("control_clients.id"), primary_key=True, autoincrement=False),
    outside_id(),
    of("organizations", "organization_id"),
    within("branches", "branch_id"),
    within("roles", "role_id"),
    within("lead_statuses", "lead_status_id", nullable=True),
    within("pools", "pool_id", nullable=True),
    Column("manager_id", WHOLE, ForeignKey("control_people.id"), nullable=True),
    text("verification", 32),
    whole("verified_until"),
    text("override_by", TEXT_LENGTH_MAX),
    text("client_type", 16),
    text("date_of_birth", 10),
    *(text(name, TEXT_LENGTH_MAX) for name in PROFILE),
    flag("type_contact"),
    whole("contact_at"),
    flag("contacted"),
    whole("active_at"),
    whole("created_at"),
    whole("updated_at"),
    whole("deleted_at"),
    whole("erased_at"),
    *(
        Index(f"ix_crm_accounts_{name}", "organization_id", "deleted_at", name, "id")
        for name in ("created_at", "updated_at", "state", "city", "post_code", "address")
    ),
    Index("ix_crm_accounts_manager", "organization_id", "manager_id"),
    Index("ix_crm_accounts_pool", "organization_id", "pool_id"),
    Index("ix_crm_accounts_lead_status", "organization_id", "lead_status_id"),
)
"""`active_at`: when the lead became a client, 0 for a lead. Names, e-mail, password, phone and country are the client's.
`verified_until`: when VERIFIED ends, 0 for never. `override_by`: who has set the verification by hand, "" if it follows from
the checks. `erased_at`: when the person was forgotten, 0: he is not."""

trading_accounts = crm_table(
    "trading_accounts",
    number(),
    outside_id(),
    within("accounts", "account_id"),
    of("organizations", "organization_id"),
    within("offers", "offer_id"),
    within("offers", "next_offer_id", nullable=True),
    text("platform_uuid", 36),
    whole("login"),
    text("commission_uuid", 36),
    text("status", 16),
    whole("created_at"),
    whole("updated_at"),
    whole("deleted_at"),
    UniqueConstraint("platform_uuid", "login"),
    Index("ix_crm_trading_accounts_account", "account_id"),
    Index("ix_crm_trading_accounts_created", "organization_id", "deleted_at", "created_at", "id"),
)

"""`next_offer_id`: the offer that it is being moved to, until the trade platform has answered."""

logins = Table("crm_logins", metadata, Column("platform_uuid", String(36), primary_key=True), whole("next"))
"""The next number that the CRM gives to a trading account of a platform."""

notes = crm_table(
    "notes",
    number(),
    outside_id(),
    within("accounts", "account_id"),
    text("type", 16),
    text("content"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_notes_account", "account_id"),
)

tasks = crm_table(
    "tasks",
    number(),
    outside_id(),
    within("accounts", "account_id"),
    text("type", 16),
    text("status", 16),
    Column("manager_id", WHOLE, ForeignKey("control_people.id"), nullable=True),
    text("comment"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("starts_at"),
    whole("created_at"),
    Index("ix_crm_tasks_account", "account_id"),
)

timeline = crm_table(
    "timeline",
    number(),
    within("accounts", "account_id"),
    text("event", 32),
    text("details"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_timeline_account", "account_id", "created_at"),
)

_WAITS = sql("answered_at = 0")

crossings = crm_table(
    "crossings",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("platform_uuid", 36),
    text("subject", 64),
    text("step", 32),
    Column("command", Text, nullable=False),
    whole("tries"),
    whole("created_at"),
    whole("answered_at"),
    text("outcome"),
    Index("ux_crm_crossings_waiting", "subject", unique=True, sqlite_where=_WAITS, postgresql_where=_WAITS),
    Index("ix_crm_crossings_subject", "subject"),
    Index("ix_crm_crossings_platform", "platform_uuid", "id", sqlite_where=_WAITS, postgresql_where=_WAITS),
)
"""Commands to trade platforms. `subject`: the row that it is about. `outcome`: "" while it waits, "done", or the number of the
refusal and its detail."""

personal(
    trading_accounts, trading_accounts.c.account_id, Fate.KEPT, unseen=("offer_id", "next_offer_id"),
    bound=trading_accounts.c.status == "PENDING",
)  # fmt: skip
personal(notes, notes.c.account_id, Fate.DELETED)
personal(tasks, tasks.c.account_id, Fate.DELETED, unseen=("manager_id",))
personal(timeline, timeline.c.account_id, Fate.KEPT, blank={"details": ""})
