"""The tables of people: who may sign in, by an e-mail address that is his alone."""

from sqlalchemy import Column, LargeBinary, String

from prorata.control.columns import LOGIN_LENGTH_MAX, NAME_LENGTH_MAX, control_table, number, text, whole

people = control_table(
    "people",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("email", String(LOGIN_LENGTH_MAX), nullable=True),
    Column("email_key", String(LOGIN_LENGTH_MAX), nullable=True, unique=True),
    text("password"),
    text("first_name", NAME_LENGTH_MAX),
    text("last_name", NAME_LENGTH_MAX),
    text("language", 3),
    Column("totp", LargeBinary, nullable=True),
    whole("created_at"),
    whole("verified_at"),
    whole("disabled_at"),
)
"""`uuid`: how others name the person (the subject of tokens). `email_key`: the address in small letters. `totp`: sealed."""
