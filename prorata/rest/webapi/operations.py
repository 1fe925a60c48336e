"""Registers the operations: importing a module of handlers is what makes them known."""

from prorata.rest.webapi.mt4 import authentication, balances, common, users, users_group_op

__all__ = ["authentication", "balances", "common", "users", "users_group_op"]
