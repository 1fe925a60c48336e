"""The table of mails."""

from sqlalchemy import Index

from prorata.control.columns import LOGIN_LENGTH_MAX, control_table, number, sealed, text, whole

mails = control_table(
    "mails",
    number(),
    text("recipient", LOGIN_LENGTH_MAX),
    text("kind", 32),
    text("subject", 255),
    sealed("body"),
    sealed("html"),
    text("route", 64),
    text("attachment", 64),
    text("reply_to", 256),
    whole("created_at"),
    whole("sent_at"),
    whole("given_up_at"),
    whole("tries"),
    whole("next_at"),
    text("problem"),
    Index("ix_control_mails_due", "sent_at", "given_up_at", "next_at"),
)
"""`body`, `html`: sealed; gone once it is sent or given up. `route`: by whose mail server, "" for the installation's.
`attachment`: what is made when it is sent, "" for nothing. `reply_to`: "" for who sends it. `next_at`: when it is tried next,
or whoever tries it now is overdue."""
