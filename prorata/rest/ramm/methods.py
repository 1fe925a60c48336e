"""Brings all handlers in: a file that is not named here serves nothing."""

from prorata.rest.ramm import client_sessions, manager_sessions

__all__ = ["client_sessions", "manager_sessions"]
