"""Brings all handlers in: a file that is not named here serves nothing."""

from prorata.rest.ramm import partner, trading
from prorata.rest.ramm.client import account_charts as client_account_charts
from prorata.rest.ramm.client import accounts as client_accounts
from prorata.rest.ramm.client import commands as client_commands
from prorata.rest.ramm.client import deals as client_deals
from prorata.rest.ramm.client import hedging as client_hedging
from prorata.rest.ramm.client import investing as client_investing
from prorata.rest.ramm.client import investors as client_investors
from prorata.rest.ramm.client import lists_v1 as client_lists_v1
from prorata.rest.ramm.client import my_strategies as client_my_strategies
from prorata.rest.ramm.client import positions as client_positions
from prorata.rest.ramm.client import ratings as client_ratings
from prorata.rest.ramm.client import sessions as client_sessions
from prorata.rest.ramm.client import specification as client_specification
from prorata.rest.ramm.client import statistic as client_statistic
from prorata.rest.ramm.client import strategies as client_strategies
from prorata.rest.ramm.client import strategy_search as client_strategy_search
from prorata.rest.ramm.client import wallets as client_wallets
from prorata.rest.ramm.manager import accounts as manager_accounts
from prorata.rest.ramm.manager import client_money as manager_client_money
from prorata.rest.ramm.manager import clients as manager_clients
from prorata.rest.ramm.manager import companies as manager_companies
from prorata.rest.ramm.manager import deals as manager_deals
from prorata.rest.ramm.manager import fills as manager_fills
from prorata.rest.ramm.manager import managers as manager_managers
from prorata.rest.ramm.manager import own as manager_own
from prorata.rest.ramm.manager import positions as manager_positions
from prorata.rest.ramm.manager import reference as manager_reference
from prorata.rest.ramm.manager import sessions as manager_sessions
from prorata.rest.ramm.manager import signals as manager_signals
from prorata.rest.ramm.manager import strategies as manager_strategies
from prorata.rest.ramm.manager import strategy_search as manager_strategy_search
from prorata.rest.ramm.manager import streams as manager_streams
from prorata.rest.ramm.manager import trading as manager_trading
from prorata.rest.ramm.manager import transfers as manager_transfers
from prorata.rest.ramm.manager import wallets as manager_wallets

__all__ = [
    "client_account_charts",
    "client_accounts",
    "client_commands",
    "client_deals",
    "client_hedging",
    "client_investing",
    "client_investors",
    "client_lists_v1",
    "client_my_strategies",
    "client_positions",
    "client_ratings",
    "client_sessions",
    "client_specification",
    "client_statistic",
    "client_strategies",
    "client_strategy_search",
    "client_wallets",
    "manager_accounts",
    "manager_client_money",
    "manager_clients",
    "manager_companies",
    "manager_deals",
    "manager_fills",
    "manager_managers",
    "manager_own",
    "manager_positions",
    "manager_reference",
    "manager_sessions",
    "manager_signals",
    "manager_strategies",
    "manager_strategy_search",
    "manager_streams",
    "manager_trading",
    "manager_transfers",
    "manager_wallets",
    "partner",
    "trading",
]
