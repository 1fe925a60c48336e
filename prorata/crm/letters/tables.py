"""The tables of letters, of what they are written and sent by, of the inbox and of statements."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from prorata.control.columns import (
    LOGIN_LENGTH_MAX,
    NAME_LENGTH_MAX,
    WHOLE,
    code,
    flag,
    metadata,
    number,
    of,
    sealed,
    text,
    whole,
)
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

KEY_LENGTH_MAX = 96
"""of what a letter tells of"""

letter_settings = Table(
    "crm_letter_settings",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    text("language", 2),
    text("sender", TEXT_LENGTH_MAX),
    text("unsent"),
    flag("confirmations"),
    flag("daily_statements"),
    flag("monthly_statements"),
)
"""What an organization sends. `language`: of people of whom none is known here. `sender`: whom people answer to.
`unsent`: kinds of letters that it does not write, with blanks between."""

mailings = crm_table(
    "mailings",
    number(),
    within("branches", "branch_id", unique=True),
    text("host", 253),
    whole("port"),
    flag("tls"),
    flag("ssl"),
    text("login", LOGIN_LENGTH_MAX),
    sealed("password"),
    text("sender", TEXT_LENGTH_MAX),
    flag("confirmations"),
    whole("updated_at"),
)
"""By whose mail server a branch's letters go; `host` "": by the installation's. `tls`: STARTTLS; `ssl`: TLS from the start."""

letter_templates = crm_table(
    "letter_templates",
    number(),
    of("organizations", "organization_id"),
    text("kind", 32),
    text("language", 2),
    whole("version"),
    text("subject"),
    text("body"),
    text("html"),
    flag("withdrawn"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("organization_id", "kind", "language", "version"),
)
"""An organization's own texts. The highest version is in force; `withdrawn`: our own text is again."""

letters = crm_table(
    "letters",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    text("kind", 32),
    text("about", KEY_LENGTH_MAX),
    text("language", 2),
    whole("version"),
    text("recipient", LOGIN_LENGTH_MAX),
    text("subject"),
    text("status", 16),
    whole("tries"),
    text("problem"),
    Column("mail_id", WHOLE, nullable=True),
    whole("created_at"),
    whole("ended_at"),
    UniqueConstraint("account_id", "kind", "about"),
    Index("ix_crm_letters_organization", "organization_id", "id"),
    Index("ix_crm_letters_mail", "mail_id"),
)
"""Every letter that was to be written, and what became of it. `about`: what it tells of; of one thing one letter of a kind.
`version`: of the organization's text, 0 for ours."""

letter_refusals = Table(
    "crm_letter_refusals",
    metadata,
    within("accounts", "account_id", primary_key=True),
    Column("kind", String(32), primary_key=True),
    whole("created_at"),
)
"""Kinds of letters that a person does without."""

timeline_letters = crm_table(
    "timeline_letters",
    number(),
    whole("timeline_id"),
    whole("tries"),
    whole("next_at"),
)
"""What was added to timelines and is to be told by a letter, until it is written."""

messages = crm_table(
    "messages",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    text("title", TEXT_LENGTH_MAX),
    text("body"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("read_at"),
    Index("ix_crm_messages_account", "account_id", "id"),
)
"""The inbox. `read_at` 0: not yet."""

statement_runs = crm_table(
    "statement_runs",
    number(),
    of("organizations", "organization_id"),
    text("platform_uuid", 36),
    whole("day"),
    whole("sequence"),
    whole("at"),
    whole("done_at"),
    UniqueConstraint("platform_uuid", "day"),
)
"""Trading days that have ended, whose statements are to be made. `sequence`, `at`: of an event of its end."""

statements = crm_table(
    "statements",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "trading_account_id"),
    text("period", 8),
    text("name", 2 * NAME_LENGTH_MAX + 1),
    whole("first_day"),
    whole("last_day"),
    Column("figures", Text, nullable=False),
    code("differences"),
    text("problem"),
    whole("created_at"),
    UniqueConstraint("trading_account_id", "period", "last_day"),
    Index("ix_crm_statements_organization", "organization_id", "differences", "id"),
)
"""`name`: of the person. `figures`: JSON of `statements.figures.Statement`, which does not name him. `differences`: how many
sums in it do not agree; then `problem` says which, and it is not sent."""

confirmations = crm_table(
    "confirmations",
    number(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("trading_accounts", "trading_account_id"),
    whole("order"),
    text("currency", CURRENCY_LENGTH_MAX),
    Column("deals", Text, nullable=False),
    whole("count"),
    whole("first_sequence"),
    whole("last_at"),
    Index("ix_crm_confirmations_last", "last_at"),
    Index("ix_crm_confirmations_order", "trading_account_id", "order"),
)
"""Deals of an order, gathered until there have been none for a while; then they are told in one letter. `deals`: JSON, `count`
of them. `first_sequence`: the number of the first one's event."""

personal(letters, letters.c.account_id, Fate.KEPT, unseen=("mail_id",), blank={"recipient": "", "subject": "", "problem": ""})
personal(letter_refusals, letter_refusals.c.account_id, Fate.DELETED)
personal(messages, messages.c.account_id, Fate.DELETED)
personal(statements, statements.c.account_id, Fate.KEPT, blank={"name": ""})
personal(confirmations, confirmations.c.account_id, Fate.DELETED)
