"""Registers the operations: importing a module of handlers is what makes them known."""

from prorata.rest.webapi.mt4 import (
    authentication,
    balances,
    common,
    gateway,
    groups,
    history,
    holidays,
    margins,
    messages,
    plugins,
    prices,
    reports,
    server_admin,
    server_config,
    server_tables,
    symbol_settings,
    symbols,
    trade_admin,
    trades,
    transactions,
    users,
    users_group_op,
)
from prorata.rest.webapi.mt5 import common as mt5_common
from prorata.rest.webapi.mt5 import groups as mt5_groups
from prorata.rest.webapi.mt5 import symbols as mt5_symbols
from prorata.rest.webapi.mt5 import trades as mt5_trades
from prorata.rest.webapi.mt5 import users as mt5_users

MODULES = (
    authentication,
    balances,
    common,
    gateway,
    groups,
    history,
    holidays,
    margins,
    messages,
    plugins,
    prices,
    reports,
    server_admin,
    server_config,
    server_tables,
    symbol_settings,
    symbols,
    trade_admin,
    trades,
    transactions,
    users,
    users_group_op,
    mt5_common,
    mt5_groups,
    mt5_symbols,
    mt5_trades,
    mt5_users,
)
