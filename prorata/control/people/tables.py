"""The tables of people: who may sign in, by an e-mail address that is his alone, what by, and where he is signed in."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String

from prorata.control.columns import (
    LOGIN_LENGTH_MAX,
    NAME_LENGTH_MAX,
    WHOLE,
    control_table,
    digest,
    number,
    of,
    sealed,
    text,
    whole,
)

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
    sealed("totp"),
    sealed("new_totp"),
    whole("totp_step"),
    whole("created_at"),
    whole("verified_at"),
    whole("disabled_at"),
)
"""`uuid`: how others name the person (the subject of tokens). `email_key`: see `addresses`. `password` "": none.

`totp`, `new_totp`: seeds of one-time codes, sealed; the new one is not yet confirmed. `totp_step`: of the last code that
was used."""

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

tickets = control_table(
    "tickets",
    number(),
    digest(),
    text("purpose", 16),
    Column("person_id", WHOLE, ForeignKey("control_people.id"), nullable=True),
    text("content"),
    whole("created_at"),
    whole("expires_at"),
    whole("used_at"),
)
"""Good for one use: links in mails, steps of signing in. `content`: what the purpose needs to know, no secret."""

recovery_codes = control_table(
    "recovery_codes",
    number(),
    digest(),
    of("people", "person_id"),
    whole("used_at"),
    Index("ix_control_recovery_codes_person", "person_id"),
)

passkeys = control_table(
    "passkeys",
    number(),
    Column("uuid", String(36), nullable=False, unique=True),
    of("people", "person_id"),
    Column("credential", LargeBinary(1023), nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    whole("uses"),
    text("name", NAME_LENGTH_MAX),
    whole("created_at"),
    whole("used_at"),
    Index("ix_control_passkeys_person", "person_id"),
)
"""`credential`: its id. `uses`: the authenticator's own counter; it does not go back."""
