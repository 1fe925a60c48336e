"""Registers the operations: importing a module of handlers is what makes them known."""

from prorata.rest.webapi.mt4 import (
    common,
    history,
    margins,
    prices,
    reports,
    trade_admin,
    trades,
    transactions,
)

__all__ = ["common", "history", "margins", "prices", "reports", "trade_admin", "trades", "transactions"]
