"""The tables of the control side. A token or password is never in them, only what it is recognised by."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

LOGIN_LENGTH_MAX = 128
NAME_LENGTH_MAX = 128

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)

_WHOLE = BigInteger().with_variant(Integer, "sqlite")


def _table(name: str, *parts: Any) -> Table:
    # Numbers of people and companies are known outside: one that is free again is never given to another.
    return Table(f"control_{name}", metadata, *parts, sqlite_autoincrement=True)


def _id() -> Column[int]:
    return Column("id", _WHOLE, primary_key=True)


def _whole(name: str) -> Column[int]:
    return Column(name, _WHOLE, nullable=False)


def _code(name: str) -> Column[int]:
    return Column(name, SmallInteger().with_variant(Integer, "sqlite"), nullable=False)


def _text(name: str, length: int | None = None) -> Column[str]:
    return Column(name, Text if length is None else String(length), nullable=False)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def _of(table: str, name: str, **options: Any) -> Column[int]:
    return Column(name, _WHOLE, ForeignKey(f"control_{table}.id"), nullable=False, **options)


def _digest() -> Column[bytes]:
    """SHA-256 of a token of 256 random bits."""
    return Column("digest", LargeBinary(32), nullable=False, unique=True)


revision = Table("control_revision", metadata, Column("id", Integer, primary_key=True), _whole("revision"))

companies = _table(
    "companies",
    _id(),
    Column("parent_id", _WHOLE, ForeignKey("control_companies.id"), nullable=True),
    _text("name", NAME_LENGTH_MAX),
    _text("url"),
    _flag("demo"),
    _code("status"),
    _text("brand_key"),
    _text("platform", 64),
    _text("currency", 8),
    _whole("account_min_balance"),
    _whole("security_min_balance"),
    _flag("shows_portfolio"),
    *(_whole(name) for name in ("rating_age_min", "rating_deals_min", "rating_yield_min_ppm")),
    _whole("created_at"),
)

managers = _table(
    "managers",
    _id(),
    _of("companies", "company_id"),
    _text("login", LOGIN_LENGTH_MAX),
    _text("login_key", LOGIN_LENGTH_MAX),
    _text("password"),
    _text("first_name"),
    _text("last_name"),
    _text("mobile"),
    _text("comment"),
    _whole("tag"),
    _code("status"),
    _whole("created_at"),
    UniqueConstraint("company_id", "login_key"),
    Index("ix_control_managers_login", "login_key"),
)

rights = Table(
    "control_rights",
    metadata,
    _of("managers", "manager_id", primary_key=True),
    _of("companies", "company_id", primary_key=True),
    _text("methods"),
    _whole("updated_at"),
    Index("ix_control_rights_company", "company_id"),
)
"""What a manager may do in a company: method names, separated by blanks. A row without any is a manager without rights."""

settings = Table(
    "control_settings",
    metadata,
    _of("managers", "manager_id", primary_key=True),
    Column("key", String(NAME_LENGTH_MAX), primary_key=True),
    _text("value"),
)

clients = _table(
    "clients",
    _id(),
    _of("companies", "company_id"),
    _text("login", LOGIN_LENGTH_MAX),
    _text("login_key", LOGIN_LENGTH_MAX),
    _text("password"),
    _text("email", LOGIN_LENGTH_MAX),
    _text("first_name"),
    _text("last_name"),
    _text("mobile"),
    _whole("tag"),
    _flag("test"),
    _flag("enabled"),
    _text("language", 3),
    _text("country"),
    _text("comment"),
    _text("partner_reference"),
    _text("execution_server"),
    _text("execution_account"),
    _code("precision_volume"),
    Column("default_stream", _WHOLE, nullable=True),
    _whole("default_hedge_ppm"),
    Column("wallet_id", _WHOLE, nullable=True),
    _whole("created_at"),
    UniqueConstraint("company_id", "login_key"),
    Index("ix_control_clients_login", "login_key"),
    Index("ix_control_clients_execution", "company_id", "execution_server", "execution_account"),
)

attempts = Table(
    "control_attempts",
    metadata,
    Column("realm", String(16), primary_key=True),
    Column("login_key", String(LOGIN_LENGTH_MAX), primary_key=True),
    _whole("failures"),
    _whole("blocked_until"),
    _whole("last_at"),
)

one_time = _table("one_time", _id(), _digest(), _of("clients", "client_id"), _whole("expires_at"), _whole("used_at"))

sessions = _table(
    "sessions",
    _id(),
    _digest(),
    _text("kind", 16),
    _of("companies", "company_id"),
    _whole("person_id"),
    _whole("created_at"),
    _whole("minutes"),
    _whole("active_at"),
    _whole("ended_at"),
    Index("ix_control_sessions_person", "kind", "person_id"),
)

strategy_tokens = Table(
    "control_strategy_tokens",
    metadata,
    _of("companies", "company_id", primary_key=True),
    Column("strategy_id", _WHOLE, primary_key=True),
    _digest(),
    Column("nonce", LargeBinary(32), nullable=False),
    _whole("created_at"),
)

app_tokens = _table(
    "app_tokens",
    _id(),
    _digest(),
    _text("name", NAME_LENGTH_MAX),
    _text("version", 32),
    _text("newest", 32),
    _code("importance"),
    _whole("created_at"),
    _whole("revoked_at"),
)

partner_tokens = _table(
    "partner_tokens",
    _id(),
    _digest(),
    _of("companies", "company_id"),
    Column("client_id", _WHOLE, ForeignKey("control_clients.id"), nullable=True),
    _text("label", NAME_LENGTH_MAX),
    _whole("created_at"),
    _whole("revoked_at"),
)

audit = Table(
    "control_audit",
    metadata,
    Column("number", _WHOLE, primary_key=True, autoincrement=False),
    _whole("at"),
    _whole("company_id"),
    _text("actor", LOGIN_LENGTH_MAX + 32),
    _text("method", 64),
    _text("address", 64),
    _text("request"),
    _text("outcome", 32),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ix_control_audit_company", "company_id", "number"),
)
"""`hash` covers the row and the hash of the row before it."""
