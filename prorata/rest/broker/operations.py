"""The modules in which the operations are."""

from prorata.rest.broker import (
    accounts,
    activity,
    inbox,
    market,
    payments,
    platform_logs,
    prop,
    prop_accounts,
    prop_competitions,
    reopening,
    service,
    settings,
    social,
    trading,
    trading_accounts,
    trading_data,
)

__all__ = [
    "accounts", "activity", "inbox", "market", "payments", "platform_logs", "prop", "prop_accounts", "prop_competitions",
    "reopening", "service", "settings", "social", "trading", "trading_accounts", "trading_data",
]  # fmt: skip
