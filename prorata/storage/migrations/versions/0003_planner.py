"""SQLite is told how large the tables grow.

Without statistics it takes the rows of a platform for ten, and reads all of them rather than use an index of accounts or
investments. The figures are those of a busy platform: rows, then how many of them are alike in the first column of the
index, in the first two, and so on. They stay as they are here; PostgreSQL keeps statistics of its own.
"""

from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"

_STATISTICS = (
    ("history_marks", "history_marks", "1000000 1"),
    ("batches", "batches", "1000000 1000000 1"),
    ("batches", "ix_batches_at", "1000000 1000000 100 100"),
    ("orders", "orders", "1000000 1000000 1"),
    ("orders", "ix_orders_login", "1000000 1000000 100 1"),
    ("orders", "ix_orders_login_working", "10000 10000 100 1"),
    ("orders", "ix_orders_sequence", "1000000 1000000 1"),
    ("orders", "ix_orders_working", "10000 10000 1"),
    ("order_steps", "order_steps", "1000000 1000000 1"),
    ("order_steps", "ix_order_steps_ticket", "1000000 1000000 100 1"),
    ("deals", "deals", "1000000 1000000 1"),
    ("deals", "ix_deals_login", "1000000 1000000 100 1"),
    ("deals", "ix_deals_symbol", "1000000 1000000 100 1"),
    ("balance_operations", "balance_operations", "1000000 1000000 1"),
    ("balance_operations", "ix_balance_operations_login", "1000000 1000000 100 1"),
    ("ledger_entries", "ledger_entries", "1000000 1000000 2 1"),
    ("ledger_entries", "ix_ledger_entries_credit", "1000000 1000000 100 2 1"),
    ("ledger_entries", "ix_ledger_entries_debit", "1000000 1000000 100 2 1"),
    ("swaps", "swaps", "1000000 1000000 1"),
    ("swaps", "ix_swaps_login", "1000000 1000000 100 1"),
    ("days", "days", "1000000 1000000 100 1"),
    ("days", "ix_days_login", "1000000 1000000 100 1"),
    ("margin_events", "margin_events", "1000000 1000000 1"),
    ("margin_events", "ix_margin_events_login", "1000000 1000000 100 1"),
    ("copy_blocks", "copy_blocks", "1000000 1000000 1"),
    ("copy_blocks", "ix_copy_blocks_command", "1000000 1000000 100 1"),
    ("copy_blocks", "ix_copy_blocks_day", "10000 10000 100 1"),
    ("copy_blocks", "ix_copy_blocks_first_deal", "1000000 1000000 100"),
    ("copy_blocks", "ix_copy_blocks_large", "10000 10000 10 1"),
    ("copy_blocks", "ix_copy_blocks_limits", "10000 10000 10 1"),
    ("copy_blocks", "ix_copy_blocks_request", "1000000 1000000 100 1"),
    ("copy_blocks", "ix_copy_blocks_signal", "1000000 1000000 100 1"),
    ("copy_blocks", "ix_copy_blocks_stop_out", "10000 10000 100 1"),
    ("copy_blocks", "ix_copy_blocks_strategy", "1000000 1000000 100 1"),
    ("copy_blocks", "ix_copy_blocks_symbol", "1000000 1000000 100 1"),
    ("copy_deals", "copy_deals", "100000000 100000000 1000 1"),
    ("copy_deals", "ix_copy_deals_investment", "100000000 100000000 100 1"),
    ("trimmed_volumes", "trimmed_volumes", "100000000 100000000 1000 1"),
    ("trimmed_volumes", "ix_trimmed_volumes_investment", "100000000 100000000 100 1"),
    ("investment_fees", "investment_fees", "100000000 100000000 1000 1"),
    ("investment_fees", "ix_investment_fees_investment", "100000000 100000000 100 1"),
    ("interval_results", "interval_results", "100000000 100000000 1000 1"),
    ("interval_results", "ix_interval_results_investment", "100000000 100000000 100 1"),
    ("investment_swaps", "investment_swaps", "100000000 100000000 1000 1"),
    ("investment_swaps", "ix_investment_swaps_investment", "100000000 100000000 100 1"),
    ("investment_states", "investment_states", "100000000 100000000 1000 1"),
    ("investment_states", "ix_investment_states_investment", "100000000 100000000 100 1"),
    ("investment_days", "investment_days", "100000000 100000000 1000 1"),
    ("investment_days", "ix_investment_days_investment", "100000000 100000000 100 1"),
    ("wallets", "wallets", "1000000 1000000 1"),
    ("wallets", "ix_wallets_client", "1000000 1000000 100"),
    ("wallet_transfers", "wallet_transfers", "1000000 1000000 1"),
    ("wallet_transfers", "ix_wallet_transfers_sequence", "1000000 1000000 1"),
    ("wallet_transfers", "ix_wallet_transfers_wallet", "1000000 1000000 100 1"),
    ("wallet_totals", "wallet_totals", "1000000 1000000 100 1"),
    ("reservations", "reservations", "1000000 1000000 1"),
    ("reservations", "ix_reservations_wallet", "1000000 1000000 100 1"),
    ("strategies", "strategies", "1000000 1000000 1"),
    ("strategies", "ix_strategies_client", "1000000 1000000 100"),
    ("strategies", "ix_strategies_external", "1000000 1000000 100 100"),
    ("strategy_offers", "strategy_offers", "1000000 1000000 1"),
    ("strategy_offers", "ix_strategy_offers_link", "1000000 1000000 100"),
    ("strategy_offers", "ix_strategy_offers_partner", "1000000 1000000 100"),
    ("strategy_offers", "ix_strategy_offers_strategy", "1000000 1000000 100 1"),
    ("investments", "investments", "1000000 1000000 1"),
    ("investments", "ix_investments_client", "1000000 1000000 100 1"),
    ("investments", "ix_investments_offer", "1000000 1000000 100 1"),
    ("investments", "ix_investments_sequence", "1000000 1000000 1"),
    ("investments", "ix_investments_strategy", "1000000 1000000 100 1"),
    ("investments", "ix_investments_wallet", "1000000 1000000 100 1"),
    ("investment_totals", "investment_totals", "1000000 1000000 1"),
    ("investment_totals_marks", "investment_totals_marks", "1000000 1"),
    ("copy_commands", "copy_commands", "1000000 1000000 1"),
    ("copy_commands", "ix_copy_commands_investment", "1000000 1000000 100 1"),
    ("copy_commands", "ix_copy_commands_strategy", "1000000 1000000 100 1"),
    ("signals", "signals", "1000000 1000000 1"),
    ("signals", "ix_signals_sequence", "1000000 1000000 1"),
    ("signals", "ix_signals_strategy", "1000000 1000000 100 1"),
    ("fill_requests", "fill_requests", "1000000 1000000 1"),
    ("fill_requests", "ix_fill_requests_sequence", "1000000 1000000 1"),
    ("fill_requests", "ix_fill_requests_stream", "1000000 1000000 100 1"),
    ("fill_requests", "ix_fill_requests_symbol", "1000000 1000000 100 1"),
    ("fills", "fills", "1000000 1000000 1"),
    ("fills", "ix_fills_execution", "1000000 1000000 100"),
    ("fills", "ix_fills_request", "1000000 1000000 100 1"),
    ("fills", "ix_fills_sequence", "1000000 1000000 1"),
    ("fills", "ix_fills_symbol", "1000000 1000000 100 1"),
    ("intervals", "intervals", "1000000 1000000 100 1"),
    ("strategy_days", "strategy_days", "1000000 1000000 100 1"),
    ("strategy_symbols", "strategy_symbols", "1000000 1000000 100 1"),
    ("company_days", "company_days", "1000000 1000000 100 100 1"),
)


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute("ANALYZE")  # Makes the table of statistics.
    op.execute("DELETE FROM sqlite_stat1")
    row = text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:table, :index, :figures)")
    for table, index, figures in _STATISTICS:
        op.get_bind().execute(row, {"table": table, "index": index, "figures": figures})
    op.execute("ANALYZE sqlite_schema")  # Has them read.


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM sqlite_stat1")
        op.execute("ANALYZE sqlite_schema")
