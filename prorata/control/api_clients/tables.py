"""The tables of API clients: programs that sign in with an id and a secret."""

from sqlalchemy import Column, Index, String, Text

from prorata.control.columns import NAME_LENGTH_MAX, control_table, digest, number, of, text, whole

api_clients = control_table(
    "api_clients",
    number(),
    Column("client_id", String(64), nullable=False, unique=True),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("permissions"),
    Column("platforms", Text, nullable=True),
    text("addresses"),
    whole("created_at"),
    whole("used_at"),
    whole("disabled_at"),
    whole("deleted_at"),
    Index("ix_control_api_clients_organization", "organization_id"),
)
"""`platforms`: uuids that it is narrowed to; none: all. `addresses`: networks it may call from; "": any. Blanks between.

A deleted one keeps its row, by which what it did can still be read.
"""

api_client_secrets = control_table(
    "api_client_secrets",
    number(),
    digest(),
    of("api_clients", "api_client_id"),
    whole("created_at"),
    whole("expires_at"),
)
"""While secrets rotate two are good: the older one until it expires (0: never)."""
