"""The table of trade platforms: ours, and those of others with what is needed to reach them."""

from sqlalchemy import Column, Index, LargeBinary, String

from prorata.control.columns import NAME_LENGTH_MAX, control_table, number, of, text, whole

platforms = control_table(
    "platforms",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("kind", 16),
    text("engine", 64),
    text("address"),
    text("manager_login", NAME_LENGTH_MAX),
    Column("manager_password", LargeBinary, nullable=True),
    text("database_address"),
    text("database_login", NAME_LENGTH_MAX),
    Column("database_password", LargeBinary, nullable=True),
    whole("created_at"),
    whole("archived_at"),
    Index("ix_control_platforms_organization", "organization_id"),
)
"""`engine`: the name under which we host it, "" where somebody else does. Passwords are sealed."""
