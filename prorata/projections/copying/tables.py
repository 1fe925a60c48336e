"""The tables of copy trading: wallets, strategies, offers, investments, and what happened to each of them.

They follow the rules of `prorata.projections.tables`, and are dropped and filled again with those. What happens to many
investments at once is in `copy_block_tables`.
"""

from sqlalchemy import CheckConstraint, Column, Index, Text, text

from prorata.projections.schema import codes, free_text, free_texts, key, table, whole, wholes

wallets = table(
    "wallets",
    key("wallet"),
    *wholes("sequence", "opened_at", "client", "company"),
    free_text("currency"),
    *codes("test", "external"),
    CheckConstraint("test IN (0, 1) AND external IN (0, 1)", "marks"),
    Index("ix_wallets_client", "platform", "client"),
)

wallet_transfers = table(
    "wallet_transfers",
    key("transfer"),
    *wholes("sequence", "at", "wallet"),
    *codes("type"),
    whole("amount"),
    Column("balance", wallets.c.wallet.type),
    *wholes("strategy", "investment", "deal"),
    *free_texts("external_id", "comment", "internal_comment"),
    CheckConstraint("type BETWEEN 0 AND 8", "type"),
    CheckConstraint("amount <> 0", "amount"),
    CheckConstraint("type NOT IN (0, 2, 5, 6, 7, 8) OR amount > 0", "in"),
    CheckConstraint("type NOT IN (1, 3, 4) OR amount < 0", "out"),
    Index("ix_wallet_transfers_sequence", "platform", "sequence"),
    Index("ix_wallet_transfers_wallet", "platform", "wallet", "transfer"),
)
"""Every movement on a wallet, as the wallet feels it. `balance`: after it; NULL where the event does not say. `deal`: the
deal of an investment on the other side, else 0."""

wallet_totals = table(
    "wallet_totals",
    key("wallet"),
    key("type"),
    *wholes("transfers", "amount"),
)
"""The transfers of a wallet, added up for each type."""

reservations = table(
    "reservations",
    key("reservation"),
    *wholes("sequence", "at", "wallet", "amount"),
    *codes("state"),
    *wholes("ended_at"),
    *free_texts("external_id", "comment"),
    CheckConstraint("amount > 0", "amount"),
    CheckConstraint("state BETWEEN 0 AND 2", "state"),
    Index("ix_reservations_wallet", "platform", "wallet", "reservation"),
)
"""Withdrawals under way and how they ended. `state` is a `ReservationState`."""

strategies = table(
    "strategies",
    key("strategy"),
    *wholes("sequence", "opened_at", "client", "wallet", "company"),
    *free_texts("name", "currency"),
    *codes("accounting", "manage"),
    *wholes("source_login"),
    *free_texts("external_server", "external_account", "tags"),
    *codes("status", "need_sync"),
    *wholes("public_offer", "own", "closed_at"),
    CheckConstraint("accounting IN (0, 1)", "accounting"),
    CheckConstraint("manage BETWEEN 0 AND 2", "manage"),
    CheckConstraint("status BETWEEN 0 AND 4", "status"),
    CheckConstraint("need_sync BETWEEN 0 AND 2", "need_sync"),
    Index("ix_strategies_client", "platform", "client"),
    Index("ix_strategies_external", "platform", "external_server", "external_account"),
)
"""Each strategy as it is now. `own`: the trader's own investment, the one whose results are the strategy's."""

_HAS_LINK = text("link <> ''")
_HAS_PARTNER = text("partner_wallet > 0")

strategy_offers = table(
    "strategy_offers",
    key("offer"),
    *wholes("sequence", "created_at", "strategy"),
    *codes("type", "status"),
    *wholes("fee_ppm", "commission_per_million", "partner_wallet", "partner_ppm", "broker_ppm"),
    *codes("basis", "flows", "restart"),
    *free_texts("link", "description"),
    CheckConstraint("type BETWEEN 0 AND 2", "type"),
    CheckConstraint("status BETWEEN 0 AND 2", "status"),
    CheckConstraint("basis BETWEEN 0 AND 2 AND flows IN (0, 1) AND restart IN (0, 1)", "terms"),
    Index("ix_strategy_offers_strategy", "platform", "strategy", "offer"),
    Index("ix_strategy_offers_link", "platform", "link", sqlite_where=_HAS_LINK, postgresql_where=_HAS_LINK),
    Index("ix_strategy_offers_partner", "platform", "partner_wallet", sqlite_where=_HAS_PARTNER, postgresql_where=_HAS_PARTNER),
)

investments = table(
    "investments",
    key("investment"),
    *wholes("sequence", "opened_at", "strategy", "offer", "client", "wallet", "company"),
    *codes("type", "test"),
    *wholes("factor", "protection_ppm", "target_ppm", "base"),
    *codes("a_book_percent"),
    *wholes("stream", "first_interval"),
    *codes("state"),
    *wholes("changed_at", "closed_at", "paid_out"),
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
"""Each investment as it is now. `test` is its wallet's. `state`: FLAT of all that copy, as no event tells whether they have
positions. `changed_at`: when it entered its state; `paid_out`: at closing."""

investment_totals = table(
    "investment_totals",
    key("investment"),
    *wholes(
        "deals", "volume", "profit", "swap", "broker_commission", "liquidity_commission", "trader_commission",
        "partner_commission", "fees", "funded", "withdrawn", "corrections", "rejected",
    ),
)  # fmt: skip
"""The rows of `copy_deals` up to an event, added up for each investment. `deals`, `volume` and `profit` are of deals in the
market; all amounts are 0 or more but `profit`, `swap` and `corrections`. `rejected`: how many wishes came to nothing."""

investment_totals_marks = table(
    "investment_totals_marks",
    *wholes("sequence", "waiting"),
    CheckConstraint("sequence >= 0 AND waiting >= 0", "from_zero"),
)
"""The last event that is in `investment_totals`, and how many deals came after it. To add 100,000 deals to their totals
takes longer than to write them, so it is done once for many signals; a question adds those that wait."""

copy_commands = table(
    "copy_commands",
    key("command"),
    *wholes("sequence", "at"),
    *codes("kind"),
    *wholes("strategy", "investment"),
    *codes("status"),
    whole("ended_at"),
    CheckConstraint("kind BETWEEN 0 AND 10", "kind"),
    CheckConstraint("status BETWEEN 0 AND 3", "status"),
    Index("ix_copy_commands_strategy", "platform", "strategy", "command"),
    Index("ix_copy_commands_investment", "platform", "investment", "command"),
)
"""What strategies and investments were asked to do, and what came of it. `ended_at`: 0 while it is under way."""

signals = table(
    "signals",
    key("signal"),
    *wholes("sequence", "at", "strategy"),
    free_text("symbol"),
    *wholes("lot", "equity", "price"),
    free_text("symbols"),
    *codes("soft", "status"),
    *free_texts("ticket", "comment"),
    whole("processed_at"),
    CheckConstraint("soft IN (0, 1)", "soft"),
    CheckConstraint("status BETWEEN 0 AND 3", "status"),
    Index("ix_signals_sequence", "platform", "sequence", unique=True),
    Index("ix_signals_strategy", "platform", "strategy", "sequence", unique=True),
)
"""`symbols`: all that a synchronisation names, with commas between. `processed_at`: the last of its deals, at first its
own time."""

fill_requests = table(
    "fill_requests",
    key("ticket"),
    *wholes("sequence", "at", "stream"),
    free_text("symbol"),
    *wholes("volume", "demand", "residual"),
    free_text("strategies"),
    *wholes("filled", "rejected", "last_fill_at", "ended_at", "again_at"),
    free_text("reason"),
    CheckConstraint("filled >= 0 AND rejected >= 0", "filled"),
    Index("ix_fill_requests_sequence", "platform", "sequence", unique=True),
    Index("ix_fill_requests_stream", "platform", "stream", "sequence", unique=True),
    Index("ix_fill_requests_symbol", "platform", "symbol", "sequence", unique=True),
)
"""Netted orders for a stream. `strategies`: numbers with commas between."""

fills = table(
    "fills",
    key("fill"),
    *wholes("sequence", "at", "request", "stream"),
    free_text("symbol"),
    *wholes("price", "filled", "hedge"),
    free_text("execution"),
    CheckConstraint("filled > 0", "filled"),
    Index("ix_fills_sequence", "platform", "sequence", unique=True),
    Index("ix_fills_request", "platform", "request", "sequence", unique=True),
    Index("ix_fills_symbol", "platform", "symbol", "sequence", unique=True),
    Index("ix_fills_execution", "platform", "execution"),
)

intervals = table(
    "intervals",
    key("strategy"),
    key("interval"),
    *wholes("sequence", "ended_at", "next_interval"),
)
"""Fee periods that have ended. One begins where the one before it ended; the first where the strategy was opened."""

strategy_days = table(
    "strategy_days",
    key("strategy"),
    key("day"),
    *wholes("sequence", "at", "unit_price", "own_equity", "own_balance", "investments", "equity"),
)
"""Each strategy at the end of each day (days since 1970-01-01)."""

strategy_symbols = table(
    "strategy_symbols",
    key("strategy"),
    Column("symbol", Text, primary_key=True),
    *wholes("deals", "volume", "turnover"),
)
"""What a strategy has dealt in: the deals of the trader's own investment, added up for each symbol."""

company_days = table(
    "company_days",
    key("company"),
    Column("currency", Text, primary_key=True),
    key("day"),
    *wholes("sequence", "at", "investments", "equity", "balance", "wallets_moved"),
)
"""What the clients of a company have, at the end of each day: investments, and what moved on their wallets since the day
before. Test wallets and virtual master investments are left out."""
