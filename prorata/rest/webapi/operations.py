"""Registers the operations: importing a module of handlers is what makes them known."""

from prorata.rest.webapi.mt4 import (
    authentication,
    balances,
    common,
    gateway,
    holidays,
    messages,
    plugins,
    server_admin,
    server_config,
    server_tables,
    symbol_settings,
    symbols,
    users,
    users_group_op,
)

MODULES = (
    authentication,
    balances,
    common,
    gateway,
    holidays,
    messages,
    plugins,
    server_admin,
    server_config,
    server_tables,
    symbol_settings,
    symbols,
    users,
    users_group_op,
)
