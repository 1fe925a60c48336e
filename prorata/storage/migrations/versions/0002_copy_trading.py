"""Copy trading: wallets, strategies, offers, investments, signals, fills, deals of many investments, and their sums.

The tables as they were at this revision. It never changes; what comes later is a revision of its own.
"""

from typing import Any

from alembic import op
from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, MetaData, SmallInteger, Table, Text, text

revision = "0002"
down_revision = "0001"

metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"})

_WHOLE = BigInteger().with_variant(Integer, "sqlite")
_CODE = SmallInteger().with_variant(Integer, "sqlite")


def _table(name: str, *parts: Any) -> Table:
    platform = Column("platform", Text, primary_key=True)
    return Table(name, metadata, platform, *parts, sqlite_strict=True, sqlite_with_rowid=False)


def _key(name: str) -> Column[int]:
    return Column(name, _WHOLE, primary_key=True, autoincrement=False)


def _whole(name: str) -> Column[int]:
    return Column(name, _WHOLE, nullable=False)


def _wholes(*names: str) -> list[Column[int]]:
    return [_whole(name) for name in names]


def _codes(*names: str) -> list[Column[int]]:
    return [Column(name, _CODE, nullable=False) for name in names]


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def _texts(*names: str) -> list[Column[str]]:
    return [_text(name) for name in names]


_table(
    "wallets",
    _key("wallet"),
    *_wholes("sequence", "opened_at", "client", "company"),
    _text("currency"),
    *_codes("test", "external"),
    CheckConstraint("test IN (0, 1) AND external IN (0, 1)", "marks"),
    Index("ix_wallets_client", "platform", "client"),
)

_table(
    "wallet_transfers",
    _key("transfer"),
    *_wholes("sequence", "at", "wallet"),
    *_codes("type"),
    _whole("amount"),
    Column("balance", _WHOLE),
    *_wholes("strategy", "investment", "deal"),
    *_texts("external_id", "comment", "internal_comment"),
    CheckConstraint("type BETWEEN 0 AND 8", "type"),
    CheckConstraint("amount <> 0", "amount"),
    CheckConstraint("type NOT IN (0, 2, 5, 6, 7, 8) OR amount > 0", "in"),
    CheckConstraint("type NOT IN (1, 3, 4) OR amount < 0", "out"),
    Index("ix_wallet_transfers_sequence", "platform", "sequence"),
    Index("ix_wallet_transfers_wallet", "platform", "wallet", "transfer"),
)

_table(
    "wallet_totals",
    _key("wallet"),
    _key("type"),
    *_wholes("transfers", "amount"),
)

_table(
    "reservations",
    _key("reservation"),
    *_wholes("sequence", "at", "wallet", "amount"),
    *_codes("state"),
    *_wholes("ended_at"),
    *_texts("external_id", "comment"),
    CheckConstraint("amount > 0", "amount"),
    CheckConstraint("state BETWEEN 0 AND 2", "state"),
    Index("ix_reservations_wallet", "platform", "wallet", "reservation"),
)

_table(
    "strategies",
    _key("strategy"),
    *_wholes("sequence", "opened_at", "client", "wallet", "company"),
    *_texts("name", "currency"),
    *_codes("accounting", "manage"),
    *_wholes("source_login"),
    *_texts("external_server", "external_account", "tags"),
    *_codes("status", "need_sync"),
    *_wholes("public_offer", "own", "closed_at"),
    CheckConstraint("accounting IN (0, 1)", "accounting"),
    CheckConstraint("manage BETWEEN 0 AND 2", "manage"),
    CheckConstraint("status BETWEEN 0 AND 4", "status"),
    CheckConstraint("need_sync BETWEEN 0 AND 2", "need_sync"),
    Index("ix_strategies_client", "platform", "client"),
    Index("ix_strategies_external", "platform", "external_server", "external_account"),
)

_HAS_LINK = text("link <> ''")
_HAS_PARTNER = text("partner_wallet > 0")

_table(
    "strategy_offers",
    _key("offer"),
    *_wholes("sequence", "created_at", "strategy"),
    *_codes("type", "status"),
    *_wholes("fee_ppm", "commission_per_million", "partner_wallet", "partner_ppm", "broker_ppm"),
    *_codes("basis", "flows", "restart"),
    *_texts("link", "description"),
    CheckConstraint("type BETWEEN 0 AND 2", "type"),
    CheckConstraint("status BETWEEN 0 AND 2", "status"),
    CheckConstraint("basis BETWEEN 0 AND 2 AND flows IN (0, 1) AND restart IN (0, 1)", "terms"),
    Index("ix_strategy_offers_strategy", "platform", "strategy", "offer"),
    Index("ix_strategy_offers_link", "platform", "link", sqlite_where=_HAS_LINK, postgresql_where=_HAS_LINK),
    Index("ix_strategy_offers_partner", "platform", "partner_wallet", sqlite_where=_HAS_PARTNER, postgresql_where=_HAS_PARTNER),
)

_table(
    "investments",
    _key("investment"),
    *_wholes("sequence", "opened_at", "strategy", "offer", "client", "wallet", "company"),
    *_codes("type", "test"),
    *_wholes("factor", "protection_ppm", "target_ppm", "base"),
    *_codes("a_book_percent"),
    *_wholes("stream", "first_interval"),
    *_codes("state"),
    *_wholes("changed_at", "closed_at", "paid_out"),
    CheckConstraint("type BETWEEN 0 AND 3", "type"),
    CheckConstraint("test IN (0, 1)", "test"),
    CheckConstraint("state BETWEEN 0 AND 15 AND state <> 1", "state"),
    CheckConstraint("(state = 15) = (closed_at > 0)", "closed"),
    CheckConstraint("a_book_percent BETWEEN 0 AND 100", "a_book_percent"),
    Index("ix_investments_sequence", "platform", "sequence", unique=True),
    Index("ix_investments_strategy", "platform", "strategy", "investment"),
    Index("ix_investments_client", "platform", "client", "investment"),
    Index("ix_investments_wallet", "platform", "wallet", "investment"),
    Index("ix_investments_offer", "platform", "offer", "investment"),
)

_table(
    "investment_totals",
    _key("investment"),
    *_wholes(
        "deals", "volume", "profit", "swap", "broker_commission", "liquidity_commission", "trader_commission",
        "partner_commission", "fees", "funded", "withdrawn", "corrections", "rejected",
    ),
)  # fmt: skip

_table(
    "investment_totals_marks",
    *_wholes("sequence", "waiting"),
    CheckConstraint("sequence >= 0 AND waiting >= 0", "from_zero"),
)

_table(
    "copy_commands",
    _key("command"),
    *_wholes("sequence", "at"),
    *_codes("kind"),
    *_wholes("strategy", "investment"),
    *_codes("status"),
    _whole("ended_at"),
    CheckConstraint("kind BETWEEN 0 AND 10", "kind"),
    CheckConstraint("status BETWEEN 0 AND 3", "status"),
    Index("ix_copy_commands_strategy", "platform", "strategy", "command"),
    Index("ix_copy_commands_investment", "platform", "investment", "command"),
)

_table(
    "signals",
    _key("signal"),
    *_wholes("sequence", "at", "strategy"),
    _text("symbol"),
    *_wholes("lot", "equity", "price"),
    _text("symbols"),
    *_codes("soft", "status"),
    *_texts("ticket", "comment"),
    _whole("processed_at"),
    CheckConstraint("soft IN (0, 1)", "soft"),
    CheckConstraint("status BETWEEN 0 AND 3", "status"),
    Index("ix_signals_sequence", "platform", "sequence", unique=True),
    Index("ix_signals_strategy", "platform", "strategy", "sequence", unique=True),
)

_table(
    "fill_requests",
    _key("ticket"),
    *_wholes("sequence", "at", "stream"),
    _text("symbol"),
    *_wholes("volume", "demand", "residual"),
    _text("strategies"),
    *_wholes("filled", "rejected", "last_fill_at", "ended_at", "again_at"),
    _text("reason"),
    CheckConstraint("filled >= 0 AND rejected >= 0", "filled"),
    Index("ix_fill_requests_sequence", "platform", "sequence", unique=True),
    Index("ix_fill_requests_stream", "platform", "stream", "sequence", unique=True),
    Index("ix_fill_requests_symbol", "platform", "symbol", "sequence", unique=True),
)

_table(
    "fills",
    _key("fill"),
    *_wholes("sequence", "at", "request", "stream"),
    _text("symbol"),
    *_wholes("price", "filled", "hedge"),
    _text("execution"),
    CheckConstraint("filled > 0", "filled"),
    Index("ix_fills_sequence", "platform", "sequence", unique=True),
    Index("ix_fills_request", "platform", "request", "sequence", unique=True),
    Index("ix_fills_symbol", "platform", "symbol", "sequence", unique=True),
    Index("ix_fills_execution", "platform", "execution"),
)

_table(
    "intervals",
    _key("strategy"),
    _key("interval"),
    *_wholes("sequence", "ended_at", "next_interval"),
)

_table(
    "strategy_days",
    _key("strategy"),
    _key("day"),
    *_wholes("sequence", "at", "unit_price", "own_equity", "own_balance", "investments", "equity"),
)

_table(
    "strategy_symbols",
    _key("strategy"),
    Column("symbol", Text, primary_key=True),
    *_wholes("deals", "volume", "turnover"),
)

_table(
    "company_days",
    _key("company"),
    Column("currency", Text, primary_key=True),
    _key("day"),
    *_wholes("sequence", "at", "investments", "equity", "balance", "wallets_moved"),
)

_LARGE = text("large = 1")
_SMALL = text("large = 0")
_SIGNAL = text("signal > 0")
_COMMAND = text("command > 0")
_STOP_OUT = text("stop_out > 0")
_REQUEST = text("request > 0")
_FIRST_DEAL = text("first_deal > 0")
_DAY = text("day > 0")
_QUOTE = text("bid > 0")


def _partial(name: str, *columns: str, only: Any, unique: bool = False) -> Index:
    return Index(name, "platform", *columns, unique=unique, sqlite_where=only, postgresql_where=only)


_table(
    "copy_blocks",
    _key("sequence"),
    _whole("at"),
    *_codes("kind"),
    _whole("strategy"),
    *_codes("large"),
    *_wholes("investments", "signal", "command", "stop_out", "request", "fill"),
    *_texts("symbol", "ticket"),
    *_wholes("price", "bid", "ask", "first_deal", "transfer", "interval", "next_interval", "day"),
    *_codes("nights", "state"),
    CheckConstraint("kind BETWEEN 0 AND 9", "kind"),
    CheckConstraint("large IN (0, 1)", "large"),
    CheckConstraint("investments > 0", "investments"),
    Index("ix_copy_blocks_strategy", "platform", "strategy", "sequence", unique=True),
    Index("ix_copy_blocks_symbol", "platform", "symbol", "sequence", unique=True),
    _partial("ix_copy_blocks_large", "strategy", "sequence", only=_LARGE, unique=True),
    _partial("ix_copy_blocks_signal", "signal", "sequence", only=_SIGNAL, unique=True),
    _partial("ix_copy_blocks_command", "command", "sequence", only=_COMMAND, unique=True),
    _partial("ix_copy_blocks_stop_out", "stop_out", "sequence", only=_STOP_OUT, unique=True),
    _partial("ix_copy_blocks_request", "request", "sequence", only=_REQUEST, unique=True),
    _partial("ix_copy_blocks_first_deal", "first_deal", only=_FIRST_DEAL),
    _partial("ix_copy_blocks_day", "day", "sequence", only=_DAY, unique=True),
    _partial("ix_copy_blocks_limits", "strategy", "sequence", only=_QUOTE, unique=True),
)


def _details(name: str, *parts: Any) -> None:
    _table(
        name, _key("sequence"), _key("investment"), *parts, *_codes("large"),
        _partial(f"ix_{name}_investment", "investment", "sequence", only=_SMALL, unique=True),
    )  # fmt: skip


_details(
    "copy_deals",
    _whole("deal"),
    *_codes("type", "entry"),
    *_wholes(
        "position", "volume", "a_volume", "held", "cost", "turnover", "profit", "swap", "broker_commission",
        "liquidity_commission", "trader_commission", "partner_commission",
    ),
    Column("balance", _WHOLE),
    CheckConstraint("type IN (0, 1, 2, 5, 7, 10, 11)", "type"),
    CheckConstraint("entry BETWEEN 0 AND 2", "entry"),
)  # fmt: skip

_details("trimmed_volumes", *_wholes("reasons", "asked", "given"))

_details(
    "investment_fees",
    *_wholes("deal", "fee", "trader_share", "partner_share", "partner_wallet", "broker_share", "drawdown"),
)

_details("interval_results", *_wholes("base", "drawdown"))

_details("investment_swaps", *_wholes("amount"))

_details("investment_states", *_wholes("equity"))

_details("investment_days", *_wholes("equity", "balance", "unit_price"))


def upgrade() -> None:
    _allow_ledger_codes(kind=12, source=7)
    metadata.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    metadata.drop_all(op.get_bind(), checkfirst=False)
    op.execute("DELETE FROM ledger_entries WHERE kind > 8 OR source > 4")
    _allow_ledger_codes(kind=8, source=4)


def _allow_ledger_codes(*, kind: int, source: int) -> None:
    """Let ledger entries have kinds and sources from 0 to these. SQLite has to copy the table for it."""
    if op.get_bind().dialect.name == "postgresql":
        for name, most in (("kind", kind), ("source", source)):
            op.execute(f"ALTER TABLE ledger_entries DROP CONSTRAINT ck_ledger_entries_{name}")
            op.execute(
                f"ALTER TABLE ledger_entries ADD CONSTRAINT ck_ledger_entries_{name} CHECK ({name} BETWEEN 0 AND {most})"
            )
        return
    for side in ("debit", "credit"):
        op.execute(f"DROP INDEX ix_ledger_entries_{side}")
    op.execute("ALTER TABLE ledger_entries RENAME TO ledger_entries_before")
    entries = _ledger_entries(kind, source)
    entries.create(op.get_bind())
    op.execute("INSERT INTO ledger_entries SELECT * FROM ledger_entries_before")
    op.execute("DROP TABLE ledger_entries_before")


def _ledger_entries(kind: int, source: int) -> Table:
    return Table(
        "ledger_entries",
        MetaData(naming_convention=metadata.naming_convention),
        Column("platform", Text, primary_key=True),
        _key("sequence"),
        _key("part"),
        _whole("at"),
        *_texts("debit", "credit"),
        _whole("amount"),
        _text("currency"),
        *_codes("kind"),
        Column("login", _WHOLE),
        *_codes("source"),
        _whole("reference"),
        CheckConstraint("amount > 0", "amount"),
        CheckConstraint("debit <> credit", "two_accounts"),
        CheckConstraint(f"kind BETWEEN 0 AND {kind}", "kind"),
        CheckConstraint(f"source BETWEEN 0 AND {source}", "source"),
        CheckConstraint("part >= 0", "part"),
        Index("ix_ledger_entries_debit", "platform", "debit", "sequence", "part"),
        Index("ix_ledger_entries_credit", "platform", "credit", "sequence", "part"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
