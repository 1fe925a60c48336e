"""Signals from outside: Expert Advisors for MetaTrader (`ea`) and a Python sender that behaves like them."""
