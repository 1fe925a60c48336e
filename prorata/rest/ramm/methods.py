"""Brings all handlers in: a file that is not named here serves nothing."""

from prorata.rest.ramm import (
    client_sessions,
    client_specification,
    manager_clients,
    manager_companies,
    manager_managers,
    manager_reference,
    manager_self,
    manager_sessions,
)

__all__ = [
    "client_sessions",
    "client_specification",
    "manager_clients",
    "manager_companies",
    "manager_managers",
    "manager_reference",
    "manager_self",
    "manager_sessions",
]
