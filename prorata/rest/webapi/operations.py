"""Registers the operations: importing a module of handlers is what makes them known."""

from prorata.rest.webapi.mt4 import common

__all__ = ["common"]
