"""The tables of a trade platform's settings and messages. `platform` is its uuid."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from prorata.control.columns import NAME_LENGTH_MAX, code, control_table, metadata, number, text, whole

KIND_LENGTH_MAX = 32

settings = Table(
    "control_server_settings",
    metadata,
    Column("platform", String(36), primary_key=True),
    Column("kind", String(KIND_LENGTH_MAX), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("document", LargeBinary, nullable=False),
    whole("changed_at"),
)

messages = control_table(
    "server_messages",
    number(),
    text("platform", 36),
    code("kind"),
    whole("at"),
    text("sender", NAME_LENGTH_MAX),
    whole("sender_login"),
    text("sender_name", NAME_LENGTH_MAX),
    text("topic"),
    text("category", NAME_LENGTH_MAX),
    code("priority"),
    text("body"),
    text("logins"),
    Index("ix_control_server_messages_kind", "platform", "kind", "id"),
)
"""`sender`: who sent it, as the audit knows him; `logins`: whom it is for, with blanks between, "" for everybody."""
