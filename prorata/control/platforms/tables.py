"""The table of trade platforms: ours, and those of others with what is needed to reach them."""

from sqlalchemy import Column, Index, String
from sqlalchemy import text as sql

from prorata.control.columns import NAME_LENGTH_MAX, control_table, number, of, sealed, text, whole
from prorata.control.tables import companies

_RUN_NOW = sql("engine <> '' AND archived_at = 0")

platforms = control_table(
    "platforms",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("kind", 16),
    text("engine", 64),
    text("host", 36),
    text("hosting"),
    text("problem"),
    text("address"),
    text("certificate", 64),
    text("manager_login", NAME_LENGTH_MAX),
    sealed("manager_password"),
    whole("manager_password_at"),
    text("database_address"),
    text("database_name", NAME_LENGTH_MAX),
    text("database_login", NAME_LENGTH_MAX),
    sealed("database_password"),
    whole("database_password_at"),
    whole("created_at"),
    whole("archived_at"),
    text("archive"),
    Index("ix_control_platforms_organization", "organization_id"),
    Index("ux_control_platforms_engine", "engine", unique=True, sqlite_where=_RUN_NOW, postgresql_where=_RUN_NOW),
)
"""`engine`: the name under which we host it, "" where somebody else does. `host`: which data directory it is run from.
`hosting`: how, as JSON; "": as the settings file says. `problem`: why it does not run. `archive`: where its journal was put."""

KEEPS_ACCOUNTS_OF_COMPANY = (platforms.c.engine == companies.c.platform) & (platforms.c.archived_at == 0)
"""joins a RAMM company with the platform that its accounts are on; none: that belongs to no organization"""
