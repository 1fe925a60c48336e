"""The table of account cards."""

from sqlalchemy import Column, Index, String, UniqueConstraint

from prorata.control.columns import control_table, number, text, whole

TEXT_LENGTH_MAX = 256
COMMENT_LENGTH_MAX = 1_024
DECIMAL_LENGTH_MAX = 40

account_cards = control_table(
    "account_cards",
    number(),
    text("platform", 64),
    whole("login"),
    text("name", TEXT_LENGTH_MAX),
    text("first_name", TEXT_LENGTH_MAX),
    text("last_name", TEXT_LENGTH_MAX),
    text("middle_name", TEXT_LENGTH_MAX),
    text("company", TEXT_LENGTH_MAX),
    text("external_id", TEXT_LENGTH_MAX),
    text("external_account", TEXT_LENGTH_MAX),
    text("status", TEXT_LENGTH_MAX),
    text("country", TEXT_LENGTH_MAX),
    text("city", TEXT_LENGTH_MAX),
    text("state", TEXT_LENGTH_MAX),
    text("zip_code", TEXT_LENGTH_MAX),
    text("address", TEXT_LENGTH_MAX),
    text("phone", TEXT_LENGTH_MAX),
    text("email", TEXT_LENGTH_MAX),
    text("lead_source", TEXT_LENGTH_MAX),
    text("lead_campaign", TEXT_LENGTH_MAX),
    text("comment", COMMENT_LENGTH_MAX),
    whole("agent"),
    whole("client_number"),
    whole("language"),
    whole("color"),
    whole("mqid"),
    whole("send_reports"),
    whole("rights"),
    text("interest_rate", DECIMAL_LENGTH_MAX),
    text("taxes", DECIMAL_LENGTH_MAX),
    Column("password", String(256), nullable=True),
    Column("investor_password", String(256), nullable=True),
    whole("password_changed_at"),
    whole("deleted_at"),
    UniqueConstraint("platform", "login"),
    Index("ix_control_account_cards_email", "platform", "email"),
)
"""`platform`: the name of its engine. Passwords are Argon2id; none: nobody signs in with it."""
