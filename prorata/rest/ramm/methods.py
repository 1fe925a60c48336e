"""Brings all handlers in: a file that is not named here serves nothing."""

from prorata.rest.ramm import (
    client_accounts,
    client_investing,
    client_my_strategies,
    client_positions,
    client_sessions,
    client_specification,
    client_wallets,
    manager_clients,
    manager_companies,
    manager_managers,
    manager_reference,
    manager_self,
    manager_sessions,
    trading,
)

__all__ = [
    "client_accounts",
    "client_investing",
    "client_my_strategies",
    "client_positions",
    "client_sessions",
    "client_specification",
    "client_wallets",
    "manager_clients",
    "manager_companies",
    "manager_managers",
    "manager_reference",
    "manager_self",
    "manager_sessions",
    "trading",
]
