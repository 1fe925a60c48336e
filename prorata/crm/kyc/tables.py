"""The tables of levels, checks and questionnaires."""

from sqlalchemy import Column, Index, LargeBinary, UniqueConstraint
from sqlalchemy import text as sql

from prorata.control.columns import NAME_LENGTH_MAX, code, flag, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, outside_id, within

_THERE = sql("removed_at = 0")
_OPEN = sql("state IN ('STARTED', 'SUBMITTED', 'IN_REVIEW')")

levels = crm_table(
    "kyc_levels",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    code("rank"),
    text("name", NAME_LENGTH_MAX),
    text("rights"),
    text("deposit_limits"),
    flag("verifies"),
    code("reviewers"),
    code("valid_days"),
    text("appropriateness", 16),
    text("documents"),
    text("provider", 32),
    whole("created_at"),
    whole("updated_at"),
    whole("removed_at"),
    Index(
        "ux_crm_kyc_levels_rank", "organization_id", "rank", unique=True, sqlite_where=_THERE, postgresql_where=_THERE
    ),
)  # fmt: skip
"""`rights`, `documents`: blanks between. `deposit_limits`: JSON, minor units by currency. `valid_days` 0: for good."""

checks = crm_table(
    "kyc_checks",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("kyc_levels", "level_id"),
    text("state", 16),
    text("reason", TEXT_LENGTH_MAX),
    text("reviewer", 64),
    text("submitted_by", 64),
    text("reference", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("updated_at"),
    whole("valid_until"),
    Index(
        "ux_crm_kyc_checks_open", "account_id", "level_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN
    ),
    Index("ix_crm_kyc_checks_account", "account_id"),
    Index("ix_crm_kyc_checks_state", "organization_id", "state", "id"),
    Index("ix_crm_kyc_checks_valid", "state", "valid_until"),
)  # fmt: skip
"""`reviewer`: who looks at it. `reference`: what its provider calls it. `valid_until`: when an approval ends, 0 for never."""

agreements = crm_table(
    "kyc_agreements",
    number(),
    within("kyc_checks", "check_id"),
    text("agreed_by", 64),
    whole("created_at"),
    UniqueConstraint("check_id", "agreed_by"),
)
"""Who has agreed to a check that is in review; nobody counts twice."""

history = crm_table(
    "kyc_history",
    number(),
    within("accounts", "account_id"),
    within("kyc_checks", "check_id", nullable=True),
    text("step", 16),
    text("before", 32),
    text("after", 32),
    text("reason", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_kyc_history_account", "account_id", "id"),
)
"""Every step of a check, and what people and programs set by hand (no `check_id`)."""

questionnaires = crm_table(
    "kyc_questionnaires",
    number(),
    of("organizations", "organization_id"),
    code("version"),
    Column("questions", LargeBinary, nullable=False),
    whole("suitable_from"),
    whole("warn_from"),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    UniqueConstraint("organization_id", "version"),
)
"""`questions`: JSON. A version never changes: answers are kept with it."""

answers = crm_table(
    "kyc_answers",
    number(),
    within("accounts", "account_id"),
    within("kyc_questionnaires", "questionnaire_id"),
    text("choices"),
    whole("score"),
    text("result", 16),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_kyc_answers_account", "account_id", "id"),
)
"""`choices`: JSON, the answer to each question by their ids."""

_OURS = ("level_id", "check_id", "questionnaire_id")
personal(checks, checks.c.account_id, Fate.DECIDED, unseen=_OURS)
personal(history, history.c.account_id, Fate.DECIDED, unseen=_OURS)
personal(answers, answers.c.account_id, Fate.DECIDED, unseen=(*_OURS, "score"))
