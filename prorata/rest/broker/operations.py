"""The modules in which the operations are."""

from prorata.rest.broker import accounts, activity, payments, service, settings, trading_accounts

__all__ = ["accounts", "activity", "payments", "service", "settings", "trading_accounts"]
