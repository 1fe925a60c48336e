"""Imported for their effect: each module registers its operations."""

from prorata.rest.broker_v2 import balance, market, trading, trading_accounts, trading_data, user_accounts

__all__ = ["balance", "market", "trading", "trading_accounts", "trading_data", "user_accounts"]
