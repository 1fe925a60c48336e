"""The tables of people: who may sign in, by an e-mail address that is his alone, and where he is signed in."""

from sqlalchemy import Column, Index, LargeBinary, String

from prorata.control.columns import LOGIN_LENGTH_MAX, NAME_LENGTH_MAX, control_table, digest, number, of, text, whole

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
"""`uuid`: how others name the person (the subject of tokens). `email_key`: see `addresses`. `totp`: sealed."""

sign_ins = control_table(
    "sign_ins",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    digest(),
    of("people", "person_id"),
    text("methods", 64),
    text("address", 64),
    text("agent", 256),
    whole("created_at"),
    whole("proved_at"),
    whole("active_at"),
    whole("expires_at"),
    whole("ended_at"),
    Index("ix_control_sign_ins_person", "person_id"),
)
"""`methods`: how he proved who he is (names of RFC 8176, blanks between). `proved_at`: when he did so last."""
