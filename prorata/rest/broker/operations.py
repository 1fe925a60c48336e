"""The modules in which the operations are."""

from prorata.rest.broker import accounts, activity, service, settings, trading_accounts

__all__ = ["accounts", "activity", "service", "settings", "trading_accounts"]
