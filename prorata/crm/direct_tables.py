"""What programs that work with groups and without offers say of trading accounts, and the money that they move."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, cast, exists, literal

from prorata.control.columns import WHOLE, flag, metadata, number, text, whole
from prorata.crm.personal import Fate, personal
from prorata.crm.tables import TEXT_LENGTH_MAX, crm_table, crossings, outside_id, within

direct_accounts = Table(
    "crm_direct_accounts",
    metadata,
    Column("id", WHOLE, ForeignKey("crm_trading_accounts.id"), primary_key=True, autoincrement=False),
    whole("changes"),
    flag("pro_view"),
    text("remarks", TEXT_LENGTH_MAX),
)
"""`changes`: how often such a program has changed the trading account."""

direct_openings = Table(
    "crm_direct_openings",
    metadata,
    Column("id", WHOLE, ForeignKey("crm_trading_accounts.id"), primary_key=True, autoincrement=False),
    whole("access"),
)
"""Trading accounts that the trade platform has been asked to open, and the access that each is to have then."""

direct_bookings = crm_table(
    "direct_bookings",
    number(),
    outside_id(),
    within("trading_accounts", "trading_account_id"),
    whole("kind"),
    whole("amount"),
    Column("additional_type", String(64), nullable=False),
    text("comment", TEXT_LENGTH_MAX),
    text("created_by", TEXT_LENGTH_MAX),
    whole("created_at"),
    Index("ix_crm_direct_bookings_account", "trading_account_id"),
)
"""Balance operations without a gateway. `kind`: as the trade platform's; `additional_type`: the program's own word for it."""

personal(direct_accounts, direct_accounts.c.id, Fate.KEPT, blank={"remarks": ""}, by_trading_account=True)
personal(direct_openings, direct_openings.c.id, Fate.KEPT, by_trading_account=True)
_SUBJECT = literal("direct_bookings ").concat(cast(direct_bookings.c.id, String))
personal(
    direct_bookings, direct_bookings.c.trading_account_id, Fate.KEPT, unseen=("trading_account_id",), blank={"comment": ""},
    bound=exists().where(crossings.c.subject == _SUBJECT, crossings.c.answered_at == 0), by_trading_account=True,
)  # fmt: skip
