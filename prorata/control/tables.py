"""The tables of RAMM's companies, clients, tokens and sessions. A token or password is never in them, only what it is
recognised by. Managers are members of organizations."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from prorata.control.columns import (
    LOGIN_LENGTH_MAX,
    NAME_LENGTH_MAX,
    WHOLE,
    code,
    control_table,
    digest,
    flag,
    metadata,
    number,
    of,
    text,
    whole,
)

revision = Table("control_revision", metadata, Column("id", Integer, primary_key=True), whole("revision"))

companies = Table(
    "control_companies",
    metadata,
    Column("id", WHOLE, ForeignKey("control_organizations.id"), primary_key=True, autoincrement=False),
    Column("parent_id", WHOLE, ForeignKey("control_companies.id"), nullable=True),
    text("url"),
    flag("demo"),
    text("brand_key"),
    text("platform", 64),
    text("currency", 8),
    whole("account_min_balance"),
    whole("security_min_balance"),
    flag("shows_portfolio"),
    *(whole(name) for name in ("rating_age_min", "rating_deals_min", "rating_yield_min_ppm")),
)
"""A company is an organization: it has its number, its name, and is deleted when that is closed."""

settings = Table(
    "control_settings",
    metadata,
    of("people", "person_id", primary_key=True),
    Column("key", String(NAME_LENGTH_MAX), primary_key=True),
    text("value"),
)

clients = control_table(
    "clients",
    number(),
    of("companies", "company_id"),
    text("login", LOGIN_LENGTH_MAX),
    text("login_key", LOGIN_LENGTH_MAX),
    text("password"),
    text("email", LOGIN_LENGTH_MAX),
    text("first_name"),
    text("last_name"),
    text("mobile"),
    whole("tag"),
    flag("test"),
    flag("enabled"),
    text("language", 3),
    text("country"),
    text("comment"),
    text("partner_reference"),
    text("execution_server"),
    text("execution_account"),
    code("precision_volume"),
    Column("default_stream", WHOLE, nullable=True),
    whole("default_hedge_ppm"),
    Column("wallet_id", WHOLE, nullable=True),
    whole("created_at"),
    UniqueConstraint("company_id", "login_key"),
    Index("ix_control_clients_login", "login_key"),
    Index("ix_control_clients_execution", "company_id", "execution_server", "execution_account"),
    Index("ix_control_clients_company", "company_id"),
    *(
        Index(f"ix_control_clients_{name}", "company_id", name, "id")
        for name in ("first_name", "last_name", "mobile", "country")
    ),
)
"""Lists of a company's clients, and of an organization's accounts, walk along these indexes. `client_words` has one more."""

attempts = Table(
    "control_attempts",
    metadata,
    Column("realm", String(16), primary_key=True),
    Column("login_key", String(LOGIN_LENGTH_MAX), primary_key=True),
    whole("failures"),
    whole("blocked_until"),
    whole("last_at"),
)

one_time = control_table("one_time", number(), digest(), of("clients", "client_id"), whole("expires_at"), whole("used_at"))

sessions = control_table(
    "sessions",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    digest(),
    text("kind", 16),
    of("companies", "company_id"),
    whole("person_id"),
    whole("created_at"),
    whole("minutes"),
    whole("active_at"),
    whole("ended_at"),
    Index("ix_control_sessions_person", "kind", "person_id"),
)

strategy_tokens = Table(
    "control_strategy_tokens",
    metadata,
    of("companies", "company_id", primary_key=True),
    Column("strategy_id", WHOLE, primary_key=True),
    digest(),
    Column("nonce", LargeBinary(32), nullable=False),
    whole("created_at"),
)

app_tokens = control_table(
    "app_tokens",
    number(),
    digest(),
    text("name", NAME_LENGTH_MAX),
    text("version", 32),
    text("newest", 32),
    code("importance"),
    whole("created_at"),
    whole("revoked_at"),
)

partner_tokens = control_table(
    "partner_tokens",
    number(),
    digest(),
    of("companies", "company_id"),
    Column("client_id", WHOLE, ForeignKey("control_clients.id"), nullable=True),
    text("label", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("revoked_at"),
)

audit = Table(
    "control_audit",
    metadata,
    Column("number", WHOLE, primary_key=True, autoincrement=False),
    whole("at"),
    whole("organization_id"),
    text("actor", LOGIN_LENGTH_MAX + 32),
    text("method", 64),
    text("address", 64),
    text("request"),
    text("outcome", 32),
    text("before"),
    text("after"),
    whole("erased_by"),
    Column("digests", LargeBinary(96), nullable=True),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_control_audit_organization", "organization_id", "number"),
    Index("ix_control_audit_at", "at"),
)
"""`hash` covers the row and the hash of the row before it. `erased_by`: number of the row that tells who has erased what this
one told, 0 if it is there; `digests`: what stays of it."""
