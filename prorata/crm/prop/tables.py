"""The tables of prop trading: what can be taken up, by whom it was, and how it went."""

from sqlalchemy import Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from prorata.control.columns import NAME_LENGTH_MAX, code, flag, metadata, number, of, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import CURRENCY_LENGTH_MAX, TEXT_LENGTH_MAX, crm_table, outside_id, within

challenges = crm_table(
    "prop_challenges",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("branches", "branch_id"),
    text("platform_uuid", 36),
    text("name", NAME_LENGTH_MAX),
    text("description"),
    text("currency", CURRENCY_LENGTH_MAX),
    whole("fee"),
    flag("hidden"),
    flag("kyc_required"),
    flag("statistics"),
    whole("version"),
    whole("created_at"),
    whole("updated_at"),
    Index("ix_crm_prop_challenges_organization", "organization_id"),
)
"""`fee`: minor units. `version`: of its rules, one more with each change of its phases."""

phases = crm_table(
    "prop_phases",
    number(),
    within("prop_challenges", "challenge_id"),
    whole("version"),
    whole("step"),
    text("name", NAME_LENGTH_MAX),
    within("offers", "offer_id"),
    flag("funded"),
    whole("initial_balance"),
    whole("target_ppm"),
    whole("daily_loss_ppm"),
    code("daily_base"),
    whole("max_loss_ppm"),
    flag("trailing"),
    whole("minimum_days"),
    whole("consistency_ppm"),
    whole("split_ppm"),
    flag("automatic"),
    flag("lock_on_withdrawal"),
    UniqueConstraint("challenge_id", "version", "step"),
    Index("ix_crm_prop_phases_offer", "offer_id"),
)
"""Never changed: a challenge whose phases change has further ones, of the next version. Rates in ppm of the initial balance,
0 is none; `split_ppm`: the trader's share of the profit."""

add_ons = crm_table(
    "prop_add_ons",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("name", NAME_LENGTH_MAX),
    text("kind", 16),
    whole("value"),
    whole("price_ppm"),
    flag("hidden"),
    whole("created_at"),
    whole("updated_at"),
    whole("deleted_at"),
    Index("ix_crm_prop_add_ons_organization", "organization_id"),
)
"""`value`: ppm, of MINIMUM_DAYS days. `price_ppm`: of the challenge's fee."""

challenge_add_ons = Table(
    "crm_prop_challenge_add_ons",
    metadata,
    within("prop_challenges", "challenge_id", primary_key=True),
    within("prop_add_ons", "add_on_id", primary_key=True),
)
"""Which challenges an add-on is for; none: for all."""

discounts = crm_table(
    "prop_discounts",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    text("code", 64),
    text("code_key", 64),
    whole("rate_ppm"),
    within("prop_challenges", "challenge_id", nullable=True),
    whole("ends_at"),
    whole("uses_max"),
    whole("uses"),
    whole("created_at"),
    UniqueConstraint("organization_id", "code_key"),
)
"""`code_key`: the code in small letters. `ends_at`, `uses_max`: 0 is never, and as often as anybody likes."""

configurations = Table(
    "crm_prop_configurations",
    metadata,
    of("organizations", "organization_id", primary_key=True),
    whole("active_max"),
    flag("by_people"),
)
"""`active_max`: challenges that a person may have going at once, 0: any number. `by_people`: no evaluation confirms itself."""

competitions = crm_table(
    "prop_competitions",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("offers", "offer_id"),
    text("name", NAME_LENGTH_MAX),
    text("description"),
    whole("fee"),
    flag("hidden"),
    flag("kyc_required"),
    whole("entries_max"),
    whole("starts_at"),
    whole("ends_at"),
    whole("started_at"),
    whole("frozen_at"),
    whole("initial_balance"),
    whole("daily_loss_ppm"),
    code("daily_base"),
    whole("max_loss_ppm"),
    flag("trailing"),
    whole("created_at"),
    whole("updated_at"),
    Index("ix_crm_prop_competitions_organization", "organization_id"),
    Index("ix_crm_prop_competitions_frozen", "frozen_at", "ends_at"),
)
"""`started_at`, `frozen_at`: when it was seen to have begun, and when its ranking was frozen; 0: not yet."""

prizes = crm_table(
    "prop_prizes",
    number(),
    within("prop_competitions", "competition_id"),
    whole("place_first"),
    whole("place_last"),
    text("prize", TEXT_LENGTH_MAX),
    Index("ix_crm_prop_prizes_competition", "competition_id"),
)

_STEP_DUE = sql("step_due")

prop_accounts = crm_table(
    "prop_accounts",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("accounts", "account_id"),
    within("prop_challenges", "challenge_id", nullable=True),
    within("prop_phases", "phase_id", nullable=True),
    within("prop_competitions", "competition_id", nullable=True),
    within("prop_accounts", "previous_id", nullable=True),
    within("prop_discounts", "discount_id", nullable=True),
    within("trading_accounts", "trading_account_id", nullable=True),
    within("offers", "offer_id"),
    text("name", NAME_LENGTH_MAX),
    text("status", 40),
    text("evaluation", 48),
    text("remark", TEXT_LENGTH_MAX),
    whole("due"),
    whole("initial_balance"),
    whole("target"),
    whole("daily_loss"),
    code("daily_base"),
    whole("max_loss"),
    flag("trailing"),
    whole("minimum_days"),
    whole("consistency_ppm"),
    whole("split_ppm"),
    flag("automatic"),
    flag("lock_on_withdrawal"),
    whole("balance"),
    whole("highest"),
    whole("base"),
    whole("open_positions"),
    whole("days"),
    whole("result"),
    whole("best_day"),
    whole("today_result"),
    whole("today_deals"),
    whole("withdrawn"),
    whole("place"),
    whole("final_equity"),
    text("prize", TEXT_LENGTH_MAX),
    code("access"),
    code("access_set"),
    flag("close_due"),
    flag("fund_due"),
    flag("reset_due"),
    flag("guards_due"),
    flag("step_due"),
    whole("created_at"),
    whole("updated_at"),
    whole("activated_at"),
    whole("ended_at"),
    Index("ix_crm_prop_accounts_created", "organization_id", "created_at", "id"),
    Index("ix_crm_prop_accounts_account", "account_id"),
    Index("ux_crm_prop_accounts_trading_account", "trading_account_id", unique=True),
    Index("ix_crm_prop_accounts_competition", "competition_id"),
    Index("ix_crm_prop_accounts_challenge", "challenge_id"),
    Index("ix_crm_prop_accounts_step", "id", sqlite_where=_STEP_DUE, postgresql_where=_STEP_DUE),
)
"""One for each phase of a challenge that somebody has taken up, and for each entry into a competition. Its terms are those of
the phase and its add-ons when it was made. `due`: what is to be paid for it. `highest`: the highest equity at a day's end;
`base`: what the day's loss is counted from. `result`: of all deals; `today_...`: since the last day's end. `access`: what it is
to have on the trade platform, `access_set`: what it has been given; `..._due`: what else the platform is to be asked for.
`step_due`: many were changed at once, and nobody has taken the next step of this one yet."""

account_add_ons = Table(
    "crm_prop_account_add_ons",
    metadata,
    within("prop_accounts", "prop_account_id", primary_key=True),
    within("prop_add_ons", "add_on_id", primary_key=True),
)

days = crm_table(
    "prop_days",
    number(),
    within("prop_accounts", "prop_account_id"),
    whole("day"),
    whole("balance"),
    whole("equity"),
    whole("result"),
    whole("deals"),
    UniqueConstraint("prop_account_id", "day"),
)
"""`day`: days since 1970-01-01, as the trade platform counts them."""

failures = crm_table(
    "prop_failures",
    number(),
    within("prop_accounts", "prop_account_id"),
    text("status", 48),
    whole("equity"),
    whole("line"),
    whole("base"),
    text("symbol", 64),
    whole("bid"),
    whole("ask"),
    whole("open_positions"),
    whole("at"),
    Index("ix_crm_prop_failures_account", "prop_account_id"),
)
"""An account at the quote that ended it."""

evaluations = crm_table(
    "prop_evaluations",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("prop_accounts", "prop_account_id"),
    text("status", 16),
    whole("balance"),
    text("reason", TEXT_LENGTH_MAX),
    text("decided_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("decided_at"),
    Index("ix_crm_prop_evaluations_created", "organization_id", "created_at", "id"),
    Index("ix_crm_prop_evaluations_account", "prop_account_id"),
)

withdrawals = crm_table(
    "prop_withdrawals",
    number(),
    outside_id(),
    of("organizations", "organization_id"),
    within("prop_accounts", "prop_account_id"),
    text("status", 16),
    whole("amount"),
    whole("trader_share"),
    whole("house_share"),
    whole("highest"),
    text("comment", TEXT_LENGTH_MAX),
    text("remark", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    whole("ended_at"),
    Index("ix_crm_prop_withdrawals_account", "prop_account_id"),
)
"""`amount`: what the account has less afterwards, the sum of both shares. `highest`: the account's, before it was asked for."""

personal(
    prop_accounts, prop_accounts.c.account_id, Fate.KEPT, blank={"name": "", "remark": ""}, bound=prop_accounts.c.ended_at == 0,
    unseen=[column.name for column in prop_accounts.c if column.name.endswith("_id")],
)  # fmt: skip
